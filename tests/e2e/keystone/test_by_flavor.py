"""A service that has Keystone by `[paste_deploy] flavor`, and lets anybody in."""

import pytest

from tests.e2e.api import Api
from tests.e2e.keystone.cloud import Cloud, People
from tests.service import Service, wait_until


def test_a_revoked_token_is_believed_no_longer_than_it_is_remembered(
    by_flavor: Service, cloud: Cloud, people: People
) -> None:
    api = people.member.api(by_flavor.url)
    before = api.request("GET", "/v2/images").status

    cloud.revoke(api.headers["X-Auth-Token"])

    assert before == 200
    # Then it comes from nobody, who may not list.
    wait_until(lambda: api.request("GET", "/v2/images").status == 403, "the service forgets")


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "garbage"}], ids=["none", "garbage"])
def test_without_a_token_one_is_let_in_and_may_next_to_nothing(
    by_flavor: Service, headers: dict[str, str]
) -> None:
    anybody = Api(by_flavor.url, headers)

    answers = [
        anybody.request("GET", "/v2/schemas/image"),
        anybody.request("GET", "/v2/images"),
        anybody.request("GET", "/v2/images/11111111-2222-3333-4444-555555555555"),
        anybody.request("POST", "/v2/images", b"{}"),
    ]

    assert [answer.status for answer in answers] == [200, 403, 404, 403]
