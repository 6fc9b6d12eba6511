"""A Keystone that goes away and comes back."""

from tests.e2e.api import Api
from tests.e2e.keystone.cloud import People
from tests.real_keystone import RealKeystone
from tests.service import Service


def test_while_keystone_is_away_tokens_are_not_called_wrong_and_later_are_served(
    service: Service, keystone: RealKeystone, people: People, image_id: str, member: Api
) -> None:
    unknown = people.member.api(service.url)
    known = member.show(image_id)

    keystone.stop()
    try:
        away = unknown.request("GET", f"/v2/images/{image_id}")
        without_token = Api(service.url).request("GET", "/v2/images")
        remembered = member.request("GET", f"/v2/images/{image_id}")
    finally:
        keystone.start()
    back = unknown.show(image_id)

    assert away.status == 503
    assert away.headers["content-type"] == "application/json"
    assert away.json["error"]["title"] == "Service Unavailable"
    assert without_token.status == 401
    assert remembered.status == 200
    assert back == known
