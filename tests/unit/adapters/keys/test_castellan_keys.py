"""Keys are deleted by castellan, with whatever key manager the cloud has."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_caller
from tests.unit.adapters.keys.managers import Keeper
from tintype.adapters.keys.castellan_keys import CastellanKeys
from tintype.domain.errors import KeyKept
from tintype.entrypoints.config import new_config

CALLER = replace(a_caller("owner"), auth_token="secret-token")
MANAGERS = "tests.unit.adapters.keys.managers"


def keys_of(folder: Path, backend: str, *more: str) -> CastellanKeys:
    """Return what deletes keys, configured with a key manager."""
    file = folder / "tintype.conf"
    lines = ["[key_manager]", f"backend = {MANAGERS}.{backend}", *more]
    file.write_text("\n".join(lines), encoding="utf-8")
    return CastellanKeys(new_config([str(file)]))


@pytest.fixture(autouse=True)
def kept() -> set[str]:
    """What the key managers have."""
    Keeper.keys.clear()
    Keeper.tokens.clear()
    Keeper.keys.update({"a-key", "another"})
    return Keeper.keys


def test_a_key_is_deleted_with_the_token_of_the_caller(tmp_path: Path, kept: set[str]) -> None:
    keys_of(tmp_path, "Keeper").delete("a-key", CALLER)

    assert kept == {"another"}
    assert Keeper.tokens == ["secret-token"]


def test_where_nobody_calls_the_service_has_a_token_of_its_own(
    tmp_path: Path, kept: set[str]
) -> None:
    own = ("auth_type = token", "token = own-token")

    keys_of(tmp_path, "Keeper", *own).delete("a-key", None)

    assert kept == {"another"}
    assert Keeper.tokens == ["own-token"]


def test_a_key_that_is_gone_already_is_no_obstacle(tmp_path: Path) -> None:
    keys_of(tmp_path, "Keeper").delete("no-such-key", CALLER)


def test_a_key_manager_is_asked_again(tmp_path: Path, kept: set[str]) -> None:
    keys_of(tmp_path, "Hesitant").delete("a-key", CALLER)
    assert kept == {"another"}


@pytest.mark.parametrize("caller", [CALLER, None])
def test_why_a_key_stays_is_said_without_the_token(tmp_path: Path, caller: None) -> None:
    with pytest.raises(KeyKept, match="a-key was not deleted") as caught:
        keys_of(tmp_path, "Stubborn").delete("a-key", caller)
    assert "secret" not in str(caught.value)


def test_a_key_manager_that_does_not_exist_deletes_nothing(tmp_path: Path, kept: set[str]) -> None:
    with pytest.raises(KeyKept):
        keys_of(tmp_path, "NoSuch").delete("a-key", CALLER)
    assert "a-key" in kept
