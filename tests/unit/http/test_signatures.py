"""Signed images as clients see them (operations §7)."""

from pathlib import Path

import pytest

from tests.signers import signer
from tests.unit.http.service import TWO_STORES, Service
from tintype.domain.signature import NAMES

DATA = b"data that was signed"
CERTIFICATE = "9f1c7d9e-0000-4000-8000-000000000000"
SIGNED = signer().sign(DATA, name=CERTIFICATE)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application, with a directory of one certificate."""
    (tmp_path / f"{CERTIFICATE}.pem").write_bytes(signer().pem)
    text = f"{TWO_STORES}\n    [signatures]\n    certificate_directory = {tmp_path}\n"
    return Service.configured(tmp_path, text)


def test_data_that_was_signed_is_taken_and_its_signature_stays(service: Service) -> None:
    image_id = service.an_image(DATA, **SIGNED)
    change = [{"op": "replace", "path": f"/{NAMES[0]}", "value": "another"}]
    assert service.patch(image_id, change).status == 403
    assert service.show(image_id)[NAMES[0]] == SIGNED[NAMES[0]]


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        ({**SIGNED, NAMES[1]: "SHA-512"}, "not that of the data"),
        ({**SIGNED, NAMES[3]: "../tintype"}, "no certificate"),
        ({NAMES[0]: "half"}, NAMES[3]),
    ],
    ids=["other digest", "unknown certificate", "a part only"],
)
def test_other_data_is_refused_and_the_image_waits_for_it(
    service: Service, properties: dict[str, str], told: str
) -> None:
    image_id = service.an_image(None, **properties)
    refused = service.upload(image_id, DATA)
    assert (refused.status, told in refused.message) == (400, True)
    assert service.show(image_id)["status"] == "queued"
    assert service.stored() == []
