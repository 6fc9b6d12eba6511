"""Who may do what, by the roles that Keystone says they have and what their token is for."""

from collections.abc import Callable, Mapping

from tests.e2e.api import Answer, Api
from tests.e2e.keystone.cloud import Cloud, People
from tests.service import Service

SYSTEM = {"system": {"all": True}}

BODY = b'{"disk_format": "raw", "container_format": "bare"}'
REQUESTS: Mapping[str, Callable[[Api, str], Answer]] = {
    "list": lambda api, image_id: api.request("GET", "/v2/images"),
    "show": lambda api, image_id: api.request("GET", f"/v2/images/{image_id}"),
    "create": lambda api, image_id: api.request("POST", "/v2/images", BODY),
    "change": lambda api, image_id: api.set(image_id, colour="red"),
    "upload": lambda api, image_id: api.upload(image_id, b"others"),
    "download": lambda api, image_id: api.download(image_id),
    "delete": lambda api, image_id: api.delete(image_id),
}


def statuses(api: Api, image_id: str) -> dict[str, int]:
    """Send each kind of request about an image and return the answers' statuses."""
    return {name: send(api, image_id).status for name, send in REQUESTS.items()}


def test_a_reader_looks_and_changes_nothing(
    service: Service, people: People, image_id: str
) -> None:
    asked = statuses(people.reader.api(service.url), image_id)

    assert (asked.pop("list"), asked.pop("show")) == (200, 200)
    assert asked == dict.fromkeys(asked, 403)


def test_a_member_of_another_project_finds_nothing(
    service: Service, people: People, image_id: str
) -> None:
    stranger = people.stranger.api(service.url)
    asked = {
        name: send(stranger, image_id).status
        for name, send in REQUESTS.items()
        if name not in ("list", "create")
    }

    assert stranger.images() == []
    assert asked == dict.fromkeys(asked, 404)


def test_an_administrator_finds_and_changes_the_images_of_everybody(
    service: Service, cloud: Cloud, people: People, image_id: str
) -> None:
    admin = cloud.admin.api(service.url)

    found = [(image["id"], image["owner"]) for image in admin.images()]
    admin.patch(image_id, {"op": "replace", "path": "/visibility", "value": "public"}).expect(200)
    seen_by_stranger = [image["id"] for image in people.stranger.api(service.url).images()]

    assert found == [(image_id, people.member.project_id)]
    assert seen_by_stranger == [image_id]


def test_a_token_for_the_system_may_do_nothing(
    service: Service, cloud: Cloud, image_id: str
) -> None:
    operator = Api(service.url, {"X-Auth-Token": cloud.admin.token(scope=SYSTEM)})
    asked = statuses(operator, image_id)

    assert (asked.pop("list"), asked.pop("create")) == (403, 403)
    assert asked == dict.fromkeys(asked, 404)
