"""Tokens that are none, that have ended, that are limited, and that others lend."""

import json

import pytest

from tests.e2e.api import MIB, Api, HalfUpload, noise, sha256
from tests.e2e.keystone.cloud import Account, Cloud, People, new_token
from tests.real_keystone import RealKeystone
from tests.service import Service, wait_until

BODY = b'{"disk_format": "raw", "container_format": "bare"}'


@pytest.fixture
def expired(cloud: Cloud, people: People) -> str:
    """Return a token that was valid a moment ago."""
    token = people.member.token(lifetime_s=1)
    wait_until(lambda: not cloud.knows(token), "the token expires")
    return token


@pytest.fixture
def revoked(cloud: Cloud, people: People) -> str:
    """Return a token that its owner has given back."""
    token = people.member.token()
    cloud.revoke(token)
    return token


@pytest.mark.parametrize("token", [None, "garbage", "\xe9 garbage", "x" * 4000, "\xa0"])
def test_what_is_no_token_lets_nobody_in(
    service: Service, keystone: RealKeystone, token: str | None
) -> None:
    check_refusal(service, keystone, token)


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_a_token_that_has_ended_lets_nobody_in(
    service: Service, keystone: RealKeystone, end: str, request: pytest.FixtureRequest
) -> None:
    check_refusal(service, keystone, request.getfixturevalue(end))


def check_refusal(service: Service, keystone: RealKeystone, token: str | None) -> None:
    """Fail unless the service asks for a better token, in the form that clients know."""
    headers = {} if token is None else {"X-Auth-Token": token}
    answer = Api(service.url, headers).request("GET", "/v2/images").expect(401)
    assert answer.headers["www-authenticate"] == f'Keystone uri="{keystone.url}"'
    assert answer.headers["content-type"] == "application/json"
    error = answer.json["error"]
    assert (error["code"], error["title"]) == (401, "Unauthorized")


def test_a_service_speaks_for_a_user_whose_token_has_expired(
    service: Service, people: People, expired: str, image_id: str
) -> None:
    def shown(**headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        path = f"/v2/images/{image_id}"
        return Api(service.url, {"X-Auth-Token": expired, **given}).request("GET", path).status

    assert shown() == 401
    assert shown(X_Service_Token=people.friend.token()) == 401
    assert shown(X_Service_Token="garbage") == 401
    assert shown(X_Service_Token=people.nova.token()) == 200


def test_a_service_goes_beyond_the_access_rules_of_a_user(
    service: Service, cloud: Cloud, people: People
) -> None:
    limited = {"X-Auth-Token": restricted_token(people.member)}
    for_user = {**limited, "X-Service-Token": people.nova.token()}

    listed = Api(service.url, limited).request("GET", "/v2/images").status
    created = Api(service.url, limited).request("POST", "/v2/images", BODY).status
    made = Api(service.url, for_user).request("POST", "/v2/images", BODY).expect(201).json
    people.member.api(service.url).delete(made["id"])

    assert (listed, created) == (200, 401)
    assert made["owner"] == people.member.project_id


def restricted_token(account: Account) -> str:
    """Return a token with which one may list images and do nothing else."""
    mine = Api(account.keystone, {"X-Auth-Token": account.token()})
    headers = {"Content-Type": "application/json"}
    shown = {"X-Subject-Token": mine.headers["X-Auth-Token"]}
    user_id = mine.request("GET", "/v3/auth/tokens", headers=shown).json["token"]["user"]["id"]
    rule = {"service": "image", "method": "GET", "path": "/v2/images"}
    wanted = {"application_credential": {"name": "lister", "access_rules": [rule]}}
    path = f"/v3/users/{user_id}/application_credentials"
    answer = mine.request("POST", path, json.dumps(wanted).encode(), headers).expect(201)
    made = answer.json["application_credential"]
    identity = {
        "methods": ["application_credential"],
        "application_credential": {"id": made["id"], "secret": made["secret"]},
    }
    return new_token(account.keystone, identity)


def test_an_upload_outlives_its_token(
    service: Service, cloud: Cloud, people: People, member: Api
) -> None:
    data = noise(2 * MIB)
    made = member.create()["id"]
    token = people.member.token(lifetime_s=8)

    upload = HalfUpload(Api(service.url, {"X-Auth-Token": token}), made, data, MIB)
    wait_until(lambda: member.status(made) == "saving", "the upload begins")
    wait_until(lambda: not cloud.knows(token), "the token expires")
    finished = upload.finish()
    saved = member.download(made).body
    member.delete(made)

    assert finished.status == 204
    assert sha256(saved) == sha256(data)
