"""How the library says that something of it will go."""

import functools
import warnings
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

REMOVAL: Final = "2.0"
"""The release of Tintype that has the deprecated functions no more."""

P = ParamSpec("P")
R = TypeVar("R")


def deprecated(replacement: str | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function warn at the line that calls it, which Python shows once per line."""

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        advice = f"use {replacement}" if replacement else "nothing replaces it"
        text = f"{function.__name__} is deprecated and goes in release {REMOVAL}: {advice}."

        @functools.wraps(function)
        def warned(*args: P.args, **kwargs: P.kwargs) -> R:
            warnings.warn(text, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        return warned

    return mark
