"""A Keystone, who there is in it, and services behind it.

The first service is configured as the manual says, the second by an option of Glance's.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.api import Api
from tests.e2e.conftest import leave_nothing
from tests.e2e.keystone.cloud import Cloud, People
from tests.e2e.keystone.manual import as_the_manual_says
from tests.real_keystone import RealKeystone
from tests.service import Service


@pytest.fixture(scope="session")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKeystone]:
    """Run a Keystone."""
    with RealKeystone(tmp_path_factory.mktemp("identity") / "keystone") as keystone:
        yield keystone


@pytest.fixture(scope="session")
def cloud(keystone: RealKeystone) -> Cloud:
    """Return what makes things in Keystone."""
    return Cloud(keystone)


@pytest.fixture(scope="session")
def people(cloud: Cloud) -> People:
    """Make the accounts; that of the service as the manual says."""
    return People(
        member=cloud.user("mary", "owners", "member"),
        reader=cloud.user("rita", "owners", "reader"),
        friend=cloud.user("fred", "friends", "member"),
        stranger=cloud.user("sam", "strangers", "member"),
        service=cloud.user("tintype", "service", "service"),
        nova=cloud.user("nova", "service", "service"),
    )


@pytest.fixture(scope="session")
def by_the_manual(
    cloud: Cloud, people: People, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """Run the service that the catalogue names, configured as the manual says."""
    options = as_the_manual_says(people.service)
    options["DEFAULT"]["workers"] = "1"  # tokens are remembered by process
    with Service(tmp_path_factory.mktemp("manual"), options) as service:
        cloud.offer("image", service.url)
        yield service


@pytest.fixture(scope="session")
def by_flavor(people: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service as Glance's files configure it, open to callers without a token.

    It believes in a token that it has checked for a second only.
    """
    options = as_the_manual_says(people.service)
    options["DEFAULT"] = {"allow_anonymous_access": "true"}
    options["paste_deploy"] = {"flavor": "keystone"}
    options["keystone_authtoken"]["token_cache_time"] = "1"
    del options["keystone_authtoken"]["www_authenticate_uri"]
    with Service(tmp_path_factory.mktemp("flavor"), options) as service:
        yield service


@pytest.fixture
def service(by_the_manual: Service, cloud: Cloud) -> Iterator[Service]:
    """Lend the service of the manual to one test."""
    yield by_the_manual
    leave_nothing(by_the_manual, cloud.admin.api(by_the_manual.url).headers)


@pytest.fixture
def member(service: Service, people: People) -> Api:
    """Return the client of a member of the project that owns what a test makes."""
    return people.member.api(service.url)


@pytest.fixture
def image_id(member: Api) -> Iterator[str]:
    """Make an image with data, for the time of a test."""
    made = str(member.create(name="kept")["id"])
    member.upload(made, b"a few bytes").expect(204)
    yield made
    member.delete(made).expect(204)
