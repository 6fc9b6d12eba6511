"""A swift store with accounts of Keystone: one for all, or one of each project (stores §6.4)."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from swiftclient.client import Connection
from swiftclient.exceptions import ClientException

from tests.e2e.keystone.cloud import Account, Cloud
from tests.integration.stores.test_swift import forget_tokens, load, store
from tests.real_keystone import RealKeystone
from tests.swift_keystone import swift_for
from tests.unit.adapters.stores.configurations import a_configuration
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.adapters.stores.swift import SwiftDriver
from tintype.adapters.stores.swift.driver import TenantDriver
from tintype.adapters.stores.swift.settings import SwiftSettings
from tintype.adapters.stores.swift.tenants import TenantPlaces
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadConfiguration,
    DataNotFound,
    Duplicate,
    Invalid,
    StoreUnavailable,
)
from tintype.domain.location import Location

KB = 1000


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with RealKeystone(tmp_path_factory.mktemp("identity") / "keystone") as keystone:
        yield Cloud(keystone)


@pytest.fixture(scope="module")
def service(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The service's own user, with a Swift that lets it into all accounts."""
    account = cloud.user("tintype", "service", "service", "member")
    with swift_for(cloud, account, tmp_path_factory.mktemp("swift")):
        yield account


@pytest.fixture(scope="module")
def mary(cloud: Cloud, service: Account) -> Account:
    return cloud.user("mary", "owners", "member")


@pytest.fixture(scope="module")
def fred(cloud: Cloud, service: Account) -> Account:
    return cloud.user("fred", "friends", "member")


def options(account: Account, **other: object) -> dict[str, Any]:
    return {
        "swift_store_auth_address": account.keystone,
        "swift_store_user": f"{account.project}:{account.user}",
        "swift_store_key": account.password,
        "swift_store_create_container_on_put": True,
        **other,
    }


def by_project(service: Account, **other: object) -> TenantDriver:
    """Return a driver for many tenants that cuts what has 1000 bytes or more into segments."""
    settings = SwiftSettings.read(
        "shelf", options(service, swift_store_multi_tenant=True, **other), named=True
    )
    settings = replace(settings, large_object_size=1000, segment_size=100 * KB)
    return TenantDriver(settings, TenantPlaces(settings))


def caller(account: Account, token: str | None = None) -> Caller:
    return Caller(project_id=account.project_id, auth_token=token or account.token())


def own_client(account: Account) -> Any:
    """Return a client of Swift with the account's password."""
    return Connection(
        account.keystone,
        account.user,
        account.password,
        auth_version="3",
        os_options={"project_name": account.project, "project_domain_id": "default"},
        retries=0,
    )


def containers(account: Account) -> list[str]:
    return [entry["name"] for entry in own_client(account).get_account()[1]]


# ---------------------------------------------------------------------- one account


def test_the_account_of_a_user_of_keystone_holds_images(service: Account) -> None:
    driver = SwiftDriver.from_settings("shelf", options(service), named=True)
    driver.start()
    location = store(driver, "a", b"data")
    where = service.keystone.partition("://")[2]
    assert location.url == f"swift+http://service%3Atintype:of-tintype@{where}/glance/a"
    assert load(driver, location) == b"data"
    driver.delete(location)
    assert list(driver.keys()) == []


def test_an_application_credential_does_instead_of_a_password(
    cloud: Cloud, service: Account
) -> None:
    made = cloud.ask(
        "POST",
        f"/v3/users/{cloud._find('user', service.user)}/application_credentials",
        {"application_credential": {"name": "for images", "secret": "of-images"}},
        {"X-Auth-Token": service.token()},
    ).expect(201)
    credential = {
        "swift_store_application_credential_id": made.json["application_credential"]["id"],
        "swift_store_application_credential_secret": "of-images",
        "swift_store_user": None,
        "swift_store_key": None,
    }
    driver = SwiftDriver.from_settings("shelf", options(service, **credential), named=True)
    driver.start()
    location = store(driver, "a", b"data")
    assert location.url == "swift+config://ref1/glance/a"
    assert (driver.size(location), load(driver, location)) == (4, b"data")
    driver.delete(location)


def test_a_wrong_password_is_noticed_at_the_start(service: Account) -> None:
    wrong = options(service, swift_store_key="quite-wrong")
    with pytest.raises(BadConfiguration) as caught:
        SwiftDriver.from_settings("shelf", wrong, named=True).start()
    assert "quite-wrong" not in str(caught.value)


def test_a_region_without_swift_is_unavailable_and_says_so(service: Account) -> None:
    driver = SwiftDriver.from_settings(
        "shelf", options(service, swift_store_region="Nowhere"), named=True
    )
    driver.start()
    with pytest.raises(StoreUnavailable, match="Nowhere"):
        driver.create("a", None)


# ---------------------------------------------------------------------- one of each project


@pytest.mark.parametrize("size", [0, 4, 250 * KB])
def test_an_image_is_in_a_container_of_its_own_in_the_account_of_its_project(
    service: Account, mary: Account, size: int
) -> None:
    driver = by_project(service).acting_for(caller(mary))
    data = os.urandom(size)
    location = store(driver, "a", data)
    assert location.url.endswith(f"/v1/AUTH_{mary.project_id}/glance_a/a")
    assert containers(mary) == ["glance_a"]
    assert (load(driver, location), list(driver.keys())) == (data, ["a"])
    driver.delete(location)
    assert containers(mary) == []


def test_the_service_reads_and_removes_what_projects_have(service: Account, mary: Account) -> None:
    driver = by_project(service)
    driver.start()
    location = store(driver.acting_for(caller(mary)), "a", b"data")
    assert (load(driver, location), driver.size(location)) == (b"data", 4)
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.open(location)
    assert containers(mary) == []


def test_the_service_keeps_data_for_a_project_without_its_token(
    service: Account, mary: Account
) -> None:
    driver = by_project(service).acting_for(Caller(project_id=mary.project_id))
    location = store(driver, "a", b"data")
    assert location in by_project(service).acting_for(caller(mary)).locate("a")
    with pytest.raises(Duplicate):
        driver.create("a", None)
    driver.delete(location)


def test_what_projects_have_is_known_for_the_stores_by_its_url_alone(
    service: Account, mary: Account, tmp_path: Path
) -> None:
    stores = ConfiguredStores.from_conf(
        a_configuration(
            tmp_path,
            f"""
            [DEFAULT]
            enabled_backends = shelf:swift, box:swift
            [glance_store]
            default_backend = shelf
            [backend_defaults]
            swift_store_auth_address = {service.keystone}
            swift_store_user = {service.project}:{service.user}
            swift_store_key = {service.password}
            swift_store_create_container_on_put = true
            [box]
            swift_store_multi_tenant = true
            """,
        )
    )
    stores.start()
    (location,) = stores.acting_for(caller(mary)).target("box").locate("a")
    assert stores.identify(Location(location.url)).store == "box"
    beside = Location(location.url.replace("/v1/", "/v1.1/"))
    assert stores.identify(beside) is beside


def test_without_a_project_there_is_nowhere_to_keep_data(service: Account) -> None:
    with pytest.raises(StoreUnavailable, match="project"):
        by_project(service).create("a", None)


def test_an_abandoned_upload_leaves_no_container(service: Account, mary: Account) -> None:
    driver = by_project(service).acting_for(caller(mary))
    with driver.create("a", None) as handle:
        handle.write(memoryview(bytes(250 * KB)))
    assert containers(mary) == []


@pytest.mark.parametrize(
    "url",
    [
        "swift+http://evil.example/v1/AUTH_x/glance_a/a",
        "swift+http://owners%3Amary:key@auth/v3/glance_a/a",
        "swift+config://ref1/glance_a/a",
    ],
)
def test_tokens_are_sent_to_no_other_host(service: Account, mary: Account, url: str) -> None:
    with pytest.raises(Invalid):
        by_project(service).acting_for(caller(mary)).open(Location(url))


def test_an_upload_outlives_the_token_that_it_began_with(
    cloud: Cloud, service: Account, mary: Account
) -> None:
    token = mary.token()
    driver = by_project(service).acting_for(caller(mary, token))
    data = os.urandom(250 * KB)
    with driver.create("a", None) as handle:
        handle.write(memoryview(data[: 150 * KB]))
        cloud.revoke(token)
        forget_tokens()
        handle.write(memoryview(data[150 * KB :]))
        location = handle.commit()
    assert load(by_project(service), location) == data
    by_project(service).delete(location)


def test_no_trust_is_left_after_a_transfer(service: Account, fred: Account, cloud: Cloud) -> None:
    driver = by_project(service).acting_for(caller(fred))
    location = store(driver, "a", b"data")
    load(driver, location)
    with pytest.raises(Duplicate):
        driver.create("a", None)
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.open(location)
    trustor = {"X-Auth-Token": fred.token()}
    path = f"/v3/OS-TRUST/trusts?trustor_user_id={cloud._find('user', fred.user)}"
    assert cloud.ask("GET", path, headers=trustor).expect(200).json["trusts"] == []


def test_without_a_trust_the_token_of_the_caller_has_to_do(service: Account, mary: Account) -> None:
    driver = by_project(service, swift_store_use_trusts=False).acting_for(caller(mary))
    location = store(driver, "a", b"data")
    assert load(driver, location) == b"data"
    driver.delete(location)


def test_projects_that_are_named_read_for_themselves_and_no_others(
    service: Account, mary: Account, fred: Account
) -> None:
    driver = by_project(service)
    location = store(driver.acting_for(caller(mary)), "a", b"data")
    assert not may_read(fred, location)
    driver.set_access(location, public=False, readers=[fred.project_id], writers=[])
    assert may_read(fred, location)
    driver.set_access(location, public=False, readers=[], writers=[])
    assert not may_read(fred, location)
    driver.set_access(location, public=True, readers=[], writers=[])
    assert may_read(fred, location)
    driver.delete(location)
    with pytest.raises(DataNotFound):
        driver.set_access(location, public=True, readers=[], writers=[])


def test_whoever_is_named_reads_and_administrators_write_besides(
    service: Account, mary: Account
) -> None:
    driver = by_project(service, swift_store_admin_tenants=["admins"])
    location = store(driver.acting_for(caller(mary)), "a", b"data")
    driver.set_access(location, public=False, readers=["r1", "r2"], writers=["w"])
    assert access_lists(mary, "glance_a") == ("r1:*,r2:*", "w:*,admins:*")
    driver.set_access(location, public=True, readers=["r1"], writers=[])
    assert access_lists(mary, "glance_a") == ("*:*", "admins:*")
    driver.delete(location)


def access_lists(account: Account, container: str) -> tuple[str | None, str | None]:
    headers = own_client(account).head_container(container)
    return headers.get("x-container-read"), headers.get("x-container-write")


def may_read(account: Account, location: Location) -> bool:
    """Say whether somebody gets an object from Swift with a token of its own."""
    url, container, name = location.url.removeprefix("swift+").rsplit("/", 2)
    client = Connection(preauthurl=url, preauthtoken=account.token(), retries=0)
    try:
        client.get_object(container, name)
    except ClientException as error:
        assert error.http_status == 403
        return False
    return True


def test_projects_of_administrators_may_read_everything(
    service: Account, mary: Account, fred: Account, tmp_path: Path
) -> None:
    driver = by_project(service, swift_store_admin_tenants=[fred.project_id])
    location = store(driver.acting_for(caller(mary)), "a", b"data")
    assert may_read(fred, location)
    driver.delete(location)
