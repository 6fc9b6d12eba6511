"""What is refused before a store is touched."""

from typing import Any

import pytest

from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.capabilities import BitMasks, StoreCapability, check


class Store(StoreCapability):
    """One whose every method says that it was reached."""

    @check
    def get(self, location: str, offset: int = 0, chunk_size: int | None = None) -> str:
        return "reached"

    @check
    def add(self, image_id: str) -> str:
        return "reached"

    @check
    def delete(self, location: str) -> str:
        return "reached"

    @check
    def rename(self, location: str) -> str:
        return "reached"


NEEDS: list[tuple[BitMasks, tuple[Any, ...], dict[str, Any]]] = [
    (BitMasks.READ_ACCESS, (), {}),
    (BitMasks.READ_ACCESS, (0,), {"chunk_size": None}),
    (BitMasks.READ_OFFSET, (3,), {}),
    (BitMasks.READ_OFFSET, (), {"offset": 3}),
    (BitMasks.READ_CHUNK, (0, 3), {}),
    (BitMasks.READ_CHUNK, (), {"chunk_size": 3}),
    (BitMasks.READ_RANDOM, (3, 3), {}),
    (BitMasks.READ_RANDOM, (3,), {"chunk_size": 3}),
]


@pytest.mark.parametrize(("needed", "args", "kwargs"), NEEDS)
def test_parts_are_given_by_those_that_can(
    needed: BitMasks, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    assert Store(needed).get("x", *args, **kwargs) == "reached"


@pytest.mark.parametrize(("needed", "args", "kwargs"), NEEDS[2:])
def test_parts_are_refused_however_they_are_asked_for(
    needed: BitMasks, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    lacking = Store(BitMasks.ALL)
    lacking.unset_capabilities(needed)

    with pytest.raises(exceptions.StoreRandomGetNotSupported, match="3"):
        lacking.get("x", *args, **kwargs)


def test_what_cannot_be_read_written_or_deleted_from_says_so() -> None:
    store = Store(BitMasks.NONE)

    with pytest.raises(exceptions.StoreGetNotSupported) as caught:
        store.get("x")
    assert type(caught.value) is exceptions.StoreGetNotSupported
    with pytest.raises(exceptions.StoreAddDisabled):
        store.add("x")
    with pytest.raises(exceptions.StoreDeleteNotSupported):
        store.delete("x")


def test_a_store_that_is_only_full_may_be_deleted_from() -> None:
    store = Store(BitMasks.READ_RANDOM, full=True)

    assert store.delete("x") == "reached"
    with pytest.raises(exceptions.StoreAddDisabled):
        store.add("x")


def test_arguments_that_do_not_fit_are_found_first() -> None:
    with pytest.raises(TypeError):
        Store(BitMasks.NONE).add()  # type: ignore[call-arg]


def test_other_methods_are_let_through_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert Store(BitMasks.NONE).rename("x") == "reached"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


class Declared(StoreCapability):
    """One whose class says what it can do, and whose arguments have no names."""

    _CAPABILITIES = BitMasks.READ_ACCESS

    @check
    def get(self, *args: Any, **kwargs: Any) -> str:
        return "reached"


def test_a_class_declares_what_it_can() -> None:
    assert Declared().capabilities == BitMasks.READ_ACCESS
    assert StoreCapability().capabilities == BitMasks.NONE
    assert Declared().get("x", offset=0) == "reached"


@pytest.mark.parametrize("part", [{"offset": 3}, {"chunk_size": 3}])
def test_arguments_count_where_an_operation_takes_any(part: dict[str, int]) -> None:
    with pytest.raises(exceptions.StoreRandomGetNotSupported):
        Declared().get("x", **part)
