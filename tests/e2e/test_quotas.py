"""Quotas of a service with several processes, asked by many at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.databases import KINDS
from tests.e2e.api import MIB, Api, HalfUpload, in_pieces, member_of, noise
from tests.e2e.conftest import leave_nothing, served
from tests.keystone import Keystone, serving
from tests.service import Options, Service
from tintype.domain.quota import Resource

CLIENTS = 50
FITTING = 7
WORKERS = 3

DEFAULTS = {"auth_strategy": "trusted_headers", "workers": WORKERS}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database."""
    return str(request.param)


@pytest.fixture
def keystone() -> Iterator[Keystone]:
    """Run a Keystone in which nothing is limited."""
    with serving(Keystone(registered=dict.fromkeys(Resource, -1))) as keystone:
        yield keystone


def limited_by(keystone: Keystone, **other: object) -> Options:
    """Return the configuration of a service that asks it for limits."""
    return {
        "DEFAULT": {**DEFAULTS, "use_keystone_limits": True},
        "oslo_limit": keystone.options(**other),
    }


def upload_fifty(api: Api) -> tuple[list[str], Counter[int]]:
    """Upload a MiB to each of fifty images at once; return their ids and count the answers."""
    data = noise(MIB)
    images = [str(api.create()["id"]) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda it: api.upload(it, data).status, images))
    return images, Counter(answers)


def delete_all(api: Api, images: list[str]) -> None:
    """Delete the images."""
    for image_id in images:
        api.delete(image_id).expect(204)


def test_of_fifty_uploads_to_several_processes_as_many_are_stored_as_the_quota_holds(
    kind: str, tmp_path: Path
) -> None:
    options = {"DEFAULT": {**DEFAULTS, "user_storage_quota": f"{FITTING}MB"}}
    for service in served(tmp_path, kind, options):
        api = Api(service.url, member_of("a-project"))

        images, answers = upload_fifty(api)

        assert answers == {204: FITTING, 413: CLIENTS - FITTING}
        assert Counter(map(api.status, images)) == {
            "active": FITTING,
            "queued": CLIENTS - FITTING,
        }
        assert len(service.stored) == FITTING
        delete_all(api, images)
        leave_nothing(service)
        assert "Traceback" not in service.output


def test_of_fifty_uploads_to_several_processes_as_many_are_stored_as_the_limit_allows(
    kind: str, tmp_path: Path, keystone: Keystone
) -> None:
    for service in served(tmp_path, kind, limited_by(keystone)):
        api = Api(service.url, member_of("a-project"))
        keystone.limit({Resource.SIZE_TOTAL: FITTING})

        images, answers = upload_fifty(api)

        assert answers == {204: FITTING, 413: CLIENTS - FITTING}
        assert api.request("GET", "/v2/info/usage").expect(200).json["usage"] == {
            "image_size_total": {"usage": FITTING, "limit": FITTING},
            "image_stage_total": {"usage": 0, "limit": -1},
            "image_count_total": {"usage": CLIENTS, "limit": -1},
            "image_count_uploading": {"usage": 0, "limit": -1},
        }
        delete_all(api, images)
        leave_nothing(service)
        assert "Traceback" not in service.output


def test_what_a_killed_service_had_set_aside_is_free_again(kind: str, tmp_path: Path) -> None:
    options = {"DEFAULT": {**DEFAULTS, "user_storage_quota": "2MB"}}
    for service in served(tmp_path, kind, options):
        api = Api(service.url, member_of("a-project"))
        half, whole = (str(api.create()["id"]) for _ in range(2))
        data = noise(2 * MIB)
        upload = HalfUpload(api, half, data, sent=MIB)
        while api.status(half) != "saving":
            pass
        api.upload(whole, data).expect(413)

        service.kill()
        upload.abandon()
        service.start()

        api.upload(whole, data).expect(204)
        assert api.status(half) == "queued"
        delete_all(api, [half, whole])
        leave_nothing(service)


def test_a_stream_of_unknown_length_is_cut_at_the_quota(tmp_path: Path) -> None:
    options = {"DEFAULT": {**DEFAULTS, "user_storage_quota": "100KB"}}
    with Service(tmp_path, options) as service:
        api = Api(service.url, member_of("a-project"))
        image_id = api.create()["id"]

        answer = api.upload(image_id, in_pieces(noise(101 << 10))).expect(413)

        assert "storage quota" in answer.json["error"]["message"]
        assert (api.status(image_id), service.stored) == ("queued", set())
        api.upload(image_id, in_pieces(noise(100 << 10))).expect(204)


def test_limits_changed_in_keystone_hold_from_the_next_request_on(
    tmp_path: Path, keystone: Keystone
) -> None:
    with Service(tmp_path, limited_by(keystone)) as service:
        api = Api(service.url, member_of("a-project"))
        api.create()
        keystone.limit({Resource.COUNT_TOTAL: 1})
        for _ in range(2 * WORKERS):
            answer = api.request("POST", "/v2/images", b"{}").expect(413)
            assert answer.json["error"]["message"] == (
                "Resource image_count_total is over limit of 1 due to current usage 1 and delta 1"
            )

        keystone.limit({Resource.COUNT_TOTAL: 2}, "a-project")

        api.create()
        api.request("POST", "/v2/images", b"{}").expect(413)


def test_while_keystone_is_away_requests_that_need_limits_are_told_so(tmp_path: Path) -> None:
    with serving(Keystone(registered=dict.fromkeys(Resource, -1))) as keystone:
        port = int(keystone.url.rpartition(":")[2])
        service = Service(tmp_path, limited_by(keystone))
    with service:
        api = Api(service.url, member_of("a-project"))

        for method, path in (("POST", "/v2/images"), ("GET", "/v2/info/usage")):
            body = b"{}" if method == "POST" else None
            answer = api.request(method, path, body).expect(503)
            assert "Keystone" in answer.json["error"]["message"]
        assert api.images() == []

        with serving(keystone, port):
            image_id = api.create()["id"]
        api.upload(image_id, b"abc").expect(503)
        assert api.status(image_id) == "queued"
        assert "Traceback" not in service.output


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "not this one"},
        {"auth_type": "no-such-type"},
        {"endpoint_id": "no-such-endpoint"},
    ],
    ids=lambda wrong: "".join(wrong),
)
def test_limits_that_are_set_up_wrongly_are_a_sentence_and_a_line_in_the_log(
    tmp_path: Path, keystone: Keystone, wrong: dict[str, object]
) -> None:
    with Service(tmp_path, limited_by(keystone, **wrong)) as service:
        api = Api(service.url, member_of("a-project"))

        answer = api.request("POST", "/v2/images", b"{}").expect(500)

        assert "operator" in answer.json["error"]["message"]
        assert "limits of projects cannot be read" in service.output
        assert "Traceback" not in service.output


def test_without_any_oslo_limit_section_the_answer_is_500(tmp_path: Path) -> None:
    options = {"DEFAULT": {**DEFAULTS, "use_keystone_limits": True}}
    with Service(tmp_path, options) as service:
        api = Api(service.url, member_of("a-project"))

        api.request("POST", "/v2/images", b"{}").expect(500)

        assert "Traceback" not in service.output


def test_with_unified_limits_the_storage_quota_is_without_effect(
    tmp_path: Path, keystone: Keystone
) -> None:
    options = limited_by(keystone)
    default = {**options["DEFAULT"], "user_storage_quota": "1"}
    with Service(tmp_path, {**options, "DEFAULT": default}) as service:
        api = Api(service.url, member_of("a-project"))

        api.upload(api.create()["id"], b"abc").expect(204)
