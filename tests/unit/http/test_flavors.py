"""Who is asked for an identity, by the flavors of older files too (access-control §7)."""

from pathlib import Path

import pytest

from tests.unit.http.service import TWO_STORES, Service
from tintype.domain.errors import BadConfiguration
from tintype.entrypoints.config import auth_strategy_of, new_config


def strategy(folder: Path, flavor: str, auth_strategy: str = "") -> str:
    """Return how callers are identified by a configuration with these options."""
    chosen = f"auth_strategy = {auth_strategy}" if auth_strategy else ""
    file = folder / "tintype.conf"
    file.write_text(f"[DEFAULT]\n{chosen}\n[paste_deploy]\nflavor = {flavor}\n")
    return auth_strategy_of(new_config([str(file)]))


@pytest.mark.parametrize(
    ("flavor", "expected"),
    [
        ("", "noauth"),
        ("caching", "noauth"),
        ("cachemanagement", "noauth"),
        ("keystone", "keystone"),
        ("keystone+caching", "keystone"),
        ("keystone+cachemanagement", "keystone"),
    ],
)
def test_a_flavor_says_who_identifies_callers(tmp_path: Path, flavor: str, expected: str) -> None:
    assert strategy(tmp_path, flavor) == expected


@pytest.mark.parametrize("flavor", ["keystone", "cachemanagement", "keystoen"])
def test_the_option_of_its_own_comes_first(tmp_path: Path, flavor: str) -> None:
    assert strategy(tmp_path, flavor, "trusted_headers") == "trusted_headers"


@pytest.mark.parametrize("flavor", ["keystoen", "cache-management", "Keystone"])
def test_a_misspelt_flavor_does_not_open_the_service(tmp_path: Path, flavor: str) -> None:
    with pytest.raises(BadConfiguration, match="auth_strategy"):
        strategy(tmp_path, flavor)


@pytest.fixture(params=["true", "false"], ids=["by new defaults", "by older ones"])
def open_service(tmp_path: Path, request: pytest.FixtureRequest) -> Service:
    """The application without authentication, asked without an identity."""
    text = TWO_STORES.replace("trusted_headers", "noauth")
    text += f"\n    [oslo_policy]\n    enforce_new_defaults = {request.param}\n"
    return Service.configured(tmp_path, text).seen_by({})


def test_without_authentication_everybody_does_everything(open_service: Service) -> None:
    image_id = open_service.an_image(b"data", visibility="public")
    renamed = open_service.patch(image_id, [{"op": "add", "path": "/name", "value": "x"}])

    assert (renamed.status, renamed.json["owner"], renamed.json["name"]) == (200, None, "x")
    assert len(open_service.get("/v2/images").json["images"]) == 1
    assert open_service.get(f"/v2/images/{image_id}/file").body == b"data"
    assert open_service.ask("DELETE", f"/v2/images/{image_id}").status == 204


def test_without_authentication_an_image_may_be_given_an_owner(open_service: Service) -> None:
    assert open_service.send("POST", "/v2/images", {"owner": "p"}).json["owner"] == "p"
