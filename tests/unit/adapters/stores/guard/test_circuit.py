"""When a store that does not answer is asked, and when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.stores.guard.fickle import Clock
from tintype.adapters.stores.guard.circuit import Circuit
from tintype.domain.errors import StoreSuspended


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> Circuit:
    return Circuit("shelf", 3, 30, clock)


def broken(circuit: Circuit) -> Circuit:
    for _ in range(3):
        circuit.fail("It is silent.")
    return circuit


def is_asked(circuit: Circuit) -> bool:
    try:
        circuit.admit()
    except StoreSuspended:
        return False
    return True


def test_a_few_failures_are_borne(circuit: Circuit) -> None:
    for _ in range(2):
        assert not circuit.fail("It is silent.")
    assert is_asked(circuit)
    assert circuit.reason is None


def test_after_too_many_in_a_row_it_is_not_asked(circuit: Circuit, clock: Clock) -> None:
    assert [circuit.fail("It is silent.") for _ in range(4)] == [False, False, True, False]
    clock.time = 10.5
    with pytest.raises(StoreSuspended, match=r"shelf.*It is silent\.") as caught:
        circuit.admit()
    assert caught.value.retry_after_s == 20
    assert circuit.reason == "It is silent."


def test_a_success_between_failures_counts_from_anew(circuit: Circuit) -> None:
    for _ in range(9):
        circuit.fail("It is silent.")
        circuit.succeed()
    assert is_asked(circuit)


def test_after_a_while_one_tries_and_the_others_wait(circuit: Circuit, clock: Clock) -> None:
    broken(circuit)
    clock.time = 31
    assert [is_asked(circuit) for _ in range(3)] == [True, False, False]


def test_when_the_one_succeeds_all_go_on(circuit: Circuit, clock: Clock) -> None:
    broken(circuit)
    clock.time = 31
    circuit.admit()
    circuit.succeed()
    assert is_asked(circuit)
    assert not circuit.fail("It is silent.")


def test_when_the_one_fails_all_wait_again(circuit: Circuit, clock: Clock) -> None:
    broken(circuit)
    clock.time = 31
    circuit.admit()
    circuit.fail("It is silent still.")
    clock.time = 60
    assert not is_asked(circuit)
    clock.time = 62
    assert is_asked(circuit)


def test_when_the_one_never_returns_another_tries(circuit: Circuit, clock: Clock) -> None:
    broken(circuit)
    clock.time = 31
    assert is_asked(circuit)
    clock.time = 62
    assert is_asked(circuit)


def test_it_can_be_switched_off() -> None:
    circuit = Circuit("shelf", 0, 30)
    for _ in range(99):
        circuit.fail("It is silent.")
    assert is_asked(circuit)


@given(st.lists(st.sampled_from(["succeed", "fail", "wait"]), max_size=40))
def test_whatever_happens_it_is_asked_again_after_the_rest(steps: list[str]) -> None:
    clock = Clock()
    circuit = Circuit("shelf", 3, 30, clock)
    for step in steps:
        clock.time += 7
        if step == "succeed":
            circuit.succeed()
        elif step == "fail" and is_asked(circuit):
            circuit.fail("It is silent.")
    clock.time += 31
    assert is_asked(circuit)
