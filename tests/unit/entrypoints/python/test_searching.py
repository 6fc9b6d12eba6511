"""What is told of several stores that do not have an image."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from tintype.domain.errors import DataNotFound, Invalid, StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.stores import ImageStores

ABSENT = DataNotFound("x", "one")
SILENT = StoreUnavailable("Store one does not answer.")
FOREIGN = Invalid("The location is none of store one's.")


class Sized:
    def __init__(self, answer: int | Exception) -> None:
        self.store = "one"
        self._answer = answer

    def size(self, location: Location) -> int:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class Registry:
    def __init__(self, drivers: Sequence[Any]) -> None:
        self._drivers = drivers

    def holding(self, location: Location) -> Sequence[Any]:
        return self._drivers


def searched(*answers: int | Exception) -> ImageStores:
    return ImageStores(cast(Stores, Registry([Sized(each) for each in answers])))


@pytest.mark.parametrize("first", [ABSENT, SILENT, FOREIGN])
def test_the_search_goes_on_to_the_store_that_has_it(first: Exception) -> None:
    assert searched(first, 7).get_size("file:///x") == 7


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((ABSENT, ABSENT), exceptions.NotFound),
        ((FOREIGN, ABSENT), exceptions.NotFound),
        ((ABSENT, SILENT), exceptions.RemoteServiceUnavailable),
        ((SILENT, ABSENT), exceptions.RemoteServiceUnavailable),
        ((FOREIGN, FOREIGN), exceptions.BadStoreUri),
    ],
)
def test_a_store_that_is_silent_may_have_it(
    answers: tuple[Exception, ...], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        searched(*answers).get_size("file:///x")
