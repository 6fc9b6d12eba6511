"""Unified limits, registered in Keystone and asked for as the manual says."""

from collections.abc import Iterator

import pytest

from tests.e2e.api import MIB, Answer, Api, HalfUpload, noise
from tests.e2e.conftest import leave_nothing
from tests.e2e.keystone.cloud import Cloud, People
from tests.e2e.keystone.manual import with_limits_as_the_manual_says
from tests.service import Service, wait_until

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def limited(
    cloud: Cloud, people: People, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Run a service whose limits are registered; strangers may have fewer images."""
    service_id, endpoint_id = cloud.offer("image-with-limits", NOWHERE)
    cloud.limit(
        service_id,
        image_size_total=2,
        image_stage_total=-1,
        image_count_total=3,
        image_count_uploading=1,
    )
    cloud.limit_project(people.stranger.project_id, service_id, image_count_total=1)
    cloud.let_read_limits(people.service)
    options = with_limits_as_the_manual_says(people.service, endpoint_id)
    with Service(tmp_path_factory.mktemp("limited"), options) as service:
        yield service


@pytest.fixture
def service(limited: Service, cloud: Cloud) -> Iterator[Service]:
    """Lend the service to one test, which may leave images behind."""
    yield limited
    admin = cloud.admin.api(limited.url)
    for image in admin.images():
        admin.delete(image["id"]).expect(204)
    leave_nothing(limited, admin.headers)


@pytest.fixture
def member(service: Service, people: People) -> Api:
    """Return the client of a member of a project without limits of its own."""
    return people.member.api(service.url)


def refusal(answer: Answer) -> str:
    """Return the sentence by which too much is refused."""
    return str(answer.expect(413).json["error"]["message"])


def test_a_project_has_as_many_images_as_are_registered(member: Api) -> None:
    for _ in range(3):
        member.create()

    assert refusal(member.request("POST", "/v2/images", b"{}")) == (
        "Resource image_count_total is over limit of 3 due to current usage 3 and delta 1"
    )


def test_a_project_may_have_a_limit_of_its_own(service: Service, people: People) -> None:
    stranger = people.stranger.api(service.url)
    stranger.create()

    assert "over limit of 1" in refusal(stranger.request("POST", "/v2/images", b"{}"))


def test_data_is_stored_up_to_the_limit(member: Api) -> None:
    first, second = (member.create()["id"] for _ in range(2))
    member.upload(first, noise(MIB)).expect(204)

    assert refusal(member.upload(second, noise(2 * MIB))) == (
        "Resource image_size_total is over limit of 2 due to current usage 1 and delta 2"
    )
    assert member.status(second) == "queued"
    member.upload(second, noise(MIB)).expect(204)


def test_no_more_uploads_go_on_at_once_than_are_registered(member: Api) -> None:
    first, second = (member.create()["id"] for _ in range(2))
    upload = HalfUpload(member, first, noise(1000), 500)
    wait_until(lambda: member.status(first) == "saving", "the upload begins")

    assert "image_count_uploading" in refusal(member.upload(second, b"a few bytes"))
    upload.finish().expect(204)
    member.upload(second, b"a few bytes").expect(204)


def test_usage_is_shown_beside_the_limits(member: Api) -> None:
    member.upload(member.create()["id"], noise(MIB)).expect(204)

    assert member.request("GET", "/v2/info/usage").expect(200).json["usage"] == {
        "image_size_total": {"usage": 1, "limit": 2},
        "image_stage_total": {"usage": 0, "limit": -1},
        "image_count_total": {"usage": 1, "limit": 3},
        "image_count_uploading": {"usage": 0, "limit": 1},
    }
