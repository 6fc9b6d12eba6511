"""Data is what was signed, or is not taken (operations §7)."""

from typing import Any

import pytest

from tests.builders import ADMIN
from tests.signers import HASHES, KEYS, signer
from tests.unit.application.service import OWNER_CALLER, Service
from tests.unit.application.test_image_import import DATA, URL, asked, copy, into, web
from tintype.domain.errors import BadSignature, Forbidden, IncompleteSignature
from tintype.domain.image import Image
from tintype.domain.image_import import FAILED_IMPORT
from tintype.domain.signature import NAMES
from tintype.domain.status import Status
from tintype.domain.task import TaskStatus


@pytest.fixture(autouse=True)
def certificates(service: Service) -> None:
    for kind in KEYS:
        service.certificates.known[kind] = signer(kind).pem
    service.certificates.known["c"] = signer().der
    service.certificates.known["nonsense"] = b"nonsense"


def signed(service: Service, data: bytes = DATA, **other: str) -> Image:
    return service.has_queued(properties={**signer().sign(data), **other})


@pytest.mark.parametrize("method", HASHES)
@pytest.mark.parametrize("kind", KEYS)
def test_data_that_was_signed_is_taken(service: Service, kind: str, method: str) -> None:
    image = service.has_queued(properties=signer(kind).sign(DATA, method, kind))
    service.upload(image.id, DATA)
    assert service.read(image.id) == DATA
    assert service.certificates.asked == [OWNER_CALLER]


@pytest.mark.parametrize("kind", KEYS)
def test_other_data_is_refused_and_leaves_nothing(service: Service, kind: str) -> None:
    image = service.has_queued(properties=signer(kind).sign(DATA, name=kind))
    with pytest.raises(BadSignature, match="not that of the data"):
        service.upload(image.id, DATA[:-1] + b"!")
    assert (service.status_of(image.id), service.stored, service.leases) == (Status.QUEUED, [], [])
    service.upload(image.id, DATA)


WRONG: list[dict[str, Any]] = [
    {"img_signature": "!"},
    {"img_signature": ""},
    {"img_signature": "aGFsZg=="},
    {"img_signature_hash_method": "MD5"},
    {"img_signature_key_type": "ROT13"},
    {"img_signature_key_type": "RSA-PSS"},
    {"img_signature_certificate_uuid": "unknown"},
    {"img_signature_certificate_uuid": "nonsense"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: "=".join(*wrong.items()))
def test_a_signature_that_could_be_of_no_data_is_refused(
    service: Service, wrong: dict[str, str]
) -> None:
    image = service.has_queued(properties={**signer().sign(DATA), **wrong})
    with pytest.raises(BadSignature):
        service.upload(image.id, DATA)
    assert (service.status_of(image.id), service.stored) == (Status.QUEUED, [])


@pytest.mark.parametrize("missing", NAMES)
def test_a_signature_that_lacks_a_part_is_refused(service: Service, missing: str) -> None:
    image = signed(service)
    with service.catalogue() as work:
        got = work.images.get_gone(image.id)
        assert got is not None
        del got.properties[missing]
        work.images.save(got)
        work.commit()
    with pytest.raises(IncompleteSignature, match=missing):
        service.upload(image.id, DATA)


# ---------------------------------------------------------------------- imports


@pytest.mark.parametrize("good", [True, False], ids=["signed", "other data"])
@pytest.mark.parametrize("staged", [True, False], ids=["staged", "fetched"])
def test_an_import_takes_only_what_was_signed(service: Service, good: bool, staged: bool) -> None:
    image = signed(service, DATA if good else b"other data")
    service.web.data[URL] = DATA
    if staged:
        service.stage(image.id, DATA)
    task = asked(service, image, into("fast", "cheap") if staged else web("fast", "cheap"))
    service.certificates.known.clear()  # the task has no token to ask with
    service.work_off()
    shown, ended = service.look_at(image.id), service.task(task.id)
    assert list(service.staged.keys()) == []
    if good:
        assert (ended.status, shown.status) == (TaskStatus.SUCCESS, Status.ACTIVE)
        return
    assert (ended.message, shown.status) == (
        "The signature is not that of the data.",
        Status.QUEUED,
    )
    assert shown.properties[FAILED_IMPORT] == "cheap,fast"
    assert (shown.size, shown.import_task, service.stored) == (None, None, [])


def test_an_import_says_which_certificate_there_is_not(service: Service) -> None:
    image = signed(service, img_signature_certificate_uuid="unknown")
    service.stage(image.id, DATA)
    task = asked(service, image, into("fast"))
    service.work_off()
    assert "'unknown'" in service.task(task.id).message
    assert service.status_of(image.id) is Status.QUEUED


def test_a_copy_is_not_checked_again(service: Service) -> None:
    image = signed(service)
    service.upload(image.id, DATA)
    service.certificates.known.clear()
    task = asked(service, image, copy("cheap"), ADMIN)
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS


# ---------------------------------------------------------------------- once it holds


@pytest.mark.parametrize("name", NAMES)
def test_the_signature_of_data_that_was_checked_stays(service: Service, name: str) -> None:
    image = signed(service)
    image.set_property(name, "another")
    service.upload(image.id, DATA)
    held = signed(service)
    service.upload(held.id, DATA)
    shown = service.look_at(held.id)
    with pytest.raises(Forbidden, match=name):
        shown.set_property(name, "another")
    with pytest.raises(Forbidden, match=name):
        shown.remove_property(name)
    shown.set_property(name, shown.properties[name])


def test_an_image_that_was_not_signed_can_be_signed_later(service: Service) -> None:
    image = service.has_active(DATA)
    for name, value in signer().sign(DATA).items():
        image.set_property(name, value)
