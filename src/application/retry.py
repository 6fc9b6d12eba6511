"""Doing a short transaction again when another one got in its way."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import tenacity

from tintype.domain.errors import StaleWrite

P = ParamSpec("P")
R = TypeVar("R")


def retried(step: Callable[P, R]) -> Callable[P, R]:
    """Repeat a step that is one unit of work when a faster writer made it stale.

    The step must have no effect besides its unit of work. After ten tries StaleWrite passes.
    """
    return _retried(step, tries=10)


def retried_patiently(step: Callable[P, R]) -> Callable[P, R]:
    """Repeat a step as `retried`, fifty times: for callers who do not try again themselves."""
    return _retried(step, tries=50)


def _retried(step: Callable[P, R], tries: int) -> Callable[P, R]:
    return tenacity.retry(
        retry=tenacity.retry_if_exception_type(StaleWrite),
        stop=tenacity.stop_after_attempt(tries),
        wait=tenacity.wait_random_exponential(multiplier=0.005, max=0.5),
        reraise=True,
    )(step)
