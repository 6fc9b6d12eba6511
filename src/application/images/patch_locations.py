"""Changing the locations of an image by patch (images-api §9.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tintype.application.access import Access
from tintype.application.locations import by_weight
from tintype.domain.adoption import without_credentials
from tintype.domain.caller import Caller
from tintype.domain.errors import BadLocation, StaleWrite
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.location import Location, check_metadata, place_for
from tintype.domain.ports.stores import Stores
from tintype.domain.status import Status
from tintype.domain.validation import ValidationData


@dataclass(frozen=True, slots=True)
class Claim:
    """What a caller says: the data of an image is at this URL too."""

    url: str
    metadata: Mapping[str, Any]
    validation: ValidationData | None = None


class Survey:
    """Notes which URLs a patch needs the sizes of; until they are known each has a byte."""

    def __init__(self) -> None:
        self.asked: dict[str, None] = {}

    def __call__(self, image: Image, url: str) -> int:
        """Note the URL."""
        self.asked[url] = None
        return 1

    def sizes(self, stores: Stores) -> "Sizes":
        """Ask the stores.

        Raises:
            BadLocation, UriRefused: as `Stores.size_of`.
        """
        return Sizes({url: stores.size_of(url) for url in self.asked})


@dataclass(frozen=True)
class Sizes:
    """The sizes of the data at some URLs, in bytes."""

    known: Mapping[str, int]

    def __call__(self, image: Image, url: str) -> int:
        """Return the size; StaleWrite if the image was another one when it was asked for."""
        if url not in self.known:
            raise StaleWrite(image.id)
        return self.known[url]


SizeOf = Callable[[Image, str], int]


@dataclass
class LocationPatch:
    """Changes on their way into the locations of one image, on behalf of one caller.

    `removed` collects the places that are taken away, and whose data is to go.
    """

    image: Image
    caller: Caller
    access: Access
    stores: Stores
    limits: Limits
    hashing_algorithm: str
    size_of: SizeOf
    removed: list[Location] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        # URLs are compared, and places counted, as callers are shown them.
        self.image.locations = [without_credentials(each) for each in self.image.locations]
        by_weight(self.image, self.stores)

    def add(self, place: str, claim: Claim) -> None:
        """Put in one more location.

        Raises:
            ImageNotFound, Forbidden, Conflict, Invalid, QuotaExceeded: see `Image.add_location`.
        """
        self.access.require_change(self.caller, "set_image_location", self.image)
        location = self.stores.adopt(claim.url, claim.metadata)
        self.image.add_location(location, place_for(place), self.limits)
        self._settle([claim], [claim.url])

    def replace(self, claims: Sequence[Claim]) -> None:
        """Give the locations another order or other metadata, or the image its first ones.

        Raises:
            ImageNotFound, Forbidden, Conflict, Invalid, QuotaExceeded: see
                `Image.replace_locations`.
        """
        self.access.require_change(self.caller, "set_image_location", self.image)
        queued = self.image.status is Status.QUEUED
        before = {} if queued else {location.url: location for location in self.image.locations}
        locations = [self._replacement(claim, before.get(claim.url)) for claim in claims]
        self.image.replace_locations(locations, self.limits)
        self._settle(claims, [claim.url for claim in claims if claim.url not in before])

    def _replacement(self, claim: Claim, known: Location | None) -> Location:
        """Return the location of a claim; one that the image has stays in its store, which may
        be one whose URLs callers cannot bring along."""
        if known is None:
            return self.stores.adopt(claim.url, claim.metadata)
        check_metadata(claim.metadata)
        if not self.stores.multiple:
            return Location(claim.url, dict(claim.metadata))
        told = {name: value for name, value in claim.metadata.items() if name != "store"}
        return Location(claim.url, told | ({"store": known.store} if known.store else {}))

    def remove(self, place: str) -> None:
        """Take a location away.

        Raises:
            ImageNotFound, Forbidden, Conflict, Invalid: see `Image.remove_location`.
        """
        self.access.require_change(self.caller, "delete_image_location", self.image)
        self.removed.append(self.image.remove_location(place))

    def _settle(self, claims: Sequence[Claim], new: Sequence[str]) -> None:
        for claim in claims:
            if claim.validation is not None:
                self.image.validate(claim.validation, self.hashing_algorithm)
        sizes = {self.size_of(self.image, url) for url in new}
        if self.image.status is Status.QUEUED:
            if len(sizes) > 1:
                raise BadLocation("the data at these URLs is of different sizes.")
            self.image.appear(sizes.pop())
