"""Taking over a catalogue that the field's programs made. Source: spec database §13."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from tintype.domain.location import Location

S3_SCHEMES = frozenset({"s3", "s3+http", "s3+https"})
"""Schemes in whose URLs older programs wrote the store's credentials."""

_FORMER_STORE_KEY = "backend"


class Due(Enum):
    """The next thing that a catalogue needs before it is as this release wants it."""

    NOTHING = "nothing"
    EXPAND = "expand"
    MIGRATE = "migrate"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Doubles:
    """Live rows that say again what another one says: members of an image, and tags."""

    members: int = 0
    tags: int = 0


@dataclass(slots=True)
class Findings:
    """What is put right in a catalogue that is taken over, counted.

    `locations` were looked at; of them `former_keys` name their store by a key of old,
    `unnamed` name none that is enabled though their URL tells it, `credentials` hold some in
    their URL, and `encrypted` are not kept as plain text.
    """

    locations: int = 0
    former_keys: int = 0
    unnamed: int = 0
    credentials: int = 0
    encrypted: int = 0
    double_members: int = 0
    double_tags: int = 0

    @property
    def anything(self) -> bool:
        """Whether something has to be put right."""
        return bool(
            self.former_keys
            or self.unnamed
            or self.credentials
            or self.double_members
            or self.double_tags
        )


def with_present_key(location: Location) -> Location:
    """Return the location with its store under the key of today; the same if it is so already.

    Where both keys stand, that of today counts.
    """
    if _FORMER_STORE_KEY not in location.metadata:
        return location
    metadata: Mapping[str, Any] = {
        "store": location.metadata[_FORMER_STORE_KEY],
        **{key: value for key, value in location.metadata.items() if key != _FORMER_STORE_KEY},
    }
    return replace(location, metadata=metadata)


def without_credentials(location: Location) -> Location:
    """Return the location of an S3 object without credentials; the same if it has none.

    Secrets may contain slashes, and stand as they are before the last `@` in front of the
    host, the bucket and the key.
    """
    if "@" not in location.url:
        return location
    scheme, separator, rest = location.url.partition("://")
    if not separator or scheme.lower() not in S3_SCHEMES:
        return location
    head, *place = rest.rsplit("/", 2)
    _, has_some, host = head.rpartition("@")
    if not has_some or len(place) < 2:
        return location
    return replace(location, url=f"{scheme}://{'/'.join([host, *place])}")
