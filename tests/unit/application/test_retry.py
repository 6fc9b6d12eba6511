"""Steps that are done again."""

from collections.abc import Callable
from typing import Any

import pytest

from tintype.application.retry import retried, retried_patiently
from tintype.domain.errors import StaleWrite


@pytest.mark.parametrize(("decorate", "tries"), [(retried, 10), (retried_patiently, 50)])
def test_a_step_that_is_stale_each_time_is_given_up(
    decorate: Callable[[Any], Any], tries: int
) -> None:
    calls: list[None] = []
    waits: list[float] = []

    def step() -> None:
        calls.append(None)
        raise StaleWrite("an image")

    repeated = decorate(step)
    repeated.retry.sleep = waits.append

    with pytest.raises(StaleWrite):
        repeated()
    assert len(calls) == tries
    assert max(waits) <= 0.5
