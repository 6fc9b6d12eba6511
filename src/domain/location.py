"""Where the data of an image is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tintype.domain.errors import BadLocation, LastLocation, QuotaExceeded

PRIVATE_SCHEMES = frozenset({"file", "filesystem", "swift+config"})
"""Schemes whose URLs reach what belongs to the service; callers may not name them."""


@dataclass(frozen=True, slots=True)
class Location:
    """A URL from which a store gives the data, and what is to be known of it.

    `metadata` leaves are strings, lists or mappings (stores §1.1); its key `store` names the
    store. `id` is the number that the catalogue gave it, None before it was saved.
    """

    url: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = field(default=None, compare=False)

    @property
    def store(self) -> str | None:
        """The store that holds the data, None when the location predates named stores."""
        store = self.metadata.get("store")
        return store if isinstance(store, str) else None

    @property
    def scheme(self) -> str:
        """The scheme of the URL in lower case, empty if it has none."""
        scheme, separator, _ = self.url.partition("://")
        return scheme.lower() if separator else ""

    @property
    def object(self) -> str:
        """The URL of the data itself: locations that differ by a fragment share it."""
        return self.url.partition("#")[0]


def check_registrable(location: Location) -> None:
    """Refuse what a caller may not say about where data is.

    Raises:
        BadLocation: the scheme is one of the service's own, or a leaf of the metadata is
            neither text nor a list nor a mapping.
    Source: images-api §9.1, stores §7.
    """
    if not location.scheme:
        raise BadLocation("it is no URL.")
    if location.scheme in PRIVATE_SCHEMES:
        raise BadLocation(f"URLs of scheme {location.scheme} are the service's own.")
    check_metadata(location.metadata)


def check_metadata(metadata: Mapping[str, Any]) -> None:
    """Raise BadLocation if a leaf is neither text nor a list nor a mapping."""
    for name, value in metadata.items():
        if not _is_plain(value):
            raise BadLocation(f"metadata '{name}' must be made of texts, lists and objects.")


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if isinstance(value, list) else isinstance(value, str)


# ---------------------------------------------------------------------- the list of an image


def with_location(
    locations: Sequence[Location], new: Location, place: int | None, quota: int
) -> list[Location]:
    """Return the list with a location put in at a place; without one, or beyond the end, last.

    Those behind it lose their numbers: they are recorded anew, so that the order stays.

    Raises:
        BadLocation: the URL is there already.
        QuotaExceeded: there are too many then.
    """
    place = len(locations) if place is None else place
    later = [replace(location, id=None) for location in locations[place:]]
    return _checked([*locations[:place], new, *later], quota)


def rearranged(
    locations: Sequence[Location], wanted: Sequence[Location], quota: int
) -> list[Location]:
    """Return the list in another order, or with other metadata; any list where there was none.

    Raises:
        LastLocation: nothing is wanted.
        BadLocation: a URL is missing, was not there before, or is there twice.
        QuotaExceeded: there are too many.
    """
    if not wanted:
        raise LastLocation()
    if not locations:
        return _checked(wanted, quota)
    checked = _checked(wanted, max(quota, len(locations)) if quota >= 0 else quota)
    if {location.url for location in locations} != {location.url for location in wanted}:
        raise BadLocation("a replacement must have the URLs that the image has, no more, no less.")
    return list(locations) if list(locations) == checked else checked


def put_back(wanted: Sequence[Location], there: Sequence[Location]) -> list[Location]:
    """Return the wanted locations, some of which are `there` no more.

    From the first such one on they lose their numbers: they are recorded anew, so that the order
    stays.
    """
    known = {location.id for location in there}
    missing = [place for place, location in enumerate(wanted) if location.id not in known]
    first = missing[0] if missing else len(wanted)
    return [*wanted[:first], *(replace(location, id=None) for location in wanted[first:])]


def _checked(locations: Sequence[Location], quota: int) -> list[Location]:
    if len({location.url for location in locations}) < len(locations):
        raise BadLocation("an image has each URL once.")
    if 0 <= quota < len(locations):
        raise QuotaExceeded("locations", len(locations), quota)
    return list(locations)


def place_of(text: str, locations: Sequence[Location]) -> int:
    """Return the place in the list of a location that is there; `-` is the last one.

    Raises:
        BadLocation: it is no such place.
    """
    place = len(locations) - 1 if text == "-" else _number(text)
    if place is None or not 0 <= place < len(locations):
        raise BadLocation(f"the image has none at '{text}'.")
    return place


def place_for(text: str) -> int | None:
    """Return the place in the list for a new location; None, written `-`, is the end.

    So is a number beyond all bounds.

    Raises:
        BadLocation: it is no place.
    """
    place = _number(text)
    if place is None and text != "-" and not (text.isascii() and text.isdigit()):
        raise BadLocation(f"'{text}' is no place for one: use a number, or '-' for the end.")
    return place


def _number(text: str) -> int | None:
    # The number of digits is bounded because int() refuses thousands of them.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
