"""Errors: every one says a sentence."""

import inspect
import re

import pytest

from tintype.domain import errors
from tintype.domain.errors import TintypeError

SAMPLES = {
    "str": "something",
    "int": 7,
    "float": 1.5,
    "collections.abc.Mapping[str, str]": {"a-store": "It is full."},
    "collections.abc.Iterable[str]": ["one_part", "another"],
}


def kinds(root: type[TintypeError] = TintypeError) -> list[type[TintypeError]]:
    """Return an error class and all below it that the module defines."""
    below = [kind for child in root.__subclasses__() for kind in kinds(child)]
    return [kind for kind in (root, *below) if kind.__module__ == errors.__name__]


def rendered(kind: type[TintypeError]) -> str:
    """Return what an error of that kind says, the fields that it needs filled with samples."""
    if "__init__" not in kind.__dict__:
        return str(kind("Something is wrong."))
    parameters = inspect.signature(kind).parameters.values()
    needed = [it for it in parameters if it.default is inspect.Parameter.empty]
    return str(kind(*(SAMPLES[_type_name(it)] for it in needed)))


def _type_name(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


@pytest.mark.parametrize("kind", kinds())
def test_every_error_says_a_sentence(kind: type[TintypeError]) -> None:
    sentence = rendered(kind)

    assert re.match(r"[A-Z'a-z]", sentence)
    assert len(sentence.split()) >= 3
    assert "\n" not in sentence


@pytest.mark.parametrize("kind", kinds())
def test_every_error_is_drawn_in_the_tree(kind: type[TintypeError]) -> None:
    assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or "")


def test_every_name_drawn_in_the_tree_is_an_error() -> None:
    drawing = (errors.__doc__ or "").split("\n\n")[1]
    drawn = set(re.findall(r"[A-Z]\w+", drawing))

    assert drawn - {kind.__name__ for kind in kinds()} == set()


def test_an_error_is_not_known_by_two_names() -> None:
    names = [kind.__name__ for kind in kinds()]

    assert len(names) == len(set(names))
