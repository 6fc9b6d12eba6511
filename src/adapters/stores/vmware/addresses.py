"""From URLs to files in datastores, and back."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from tintype.adapters.stores.object_keys import is_key
from tintype.domain.errors import Invalid

SCHEMES: Final = frozenset({"vsphere"})

_PARTS: Final = re.compile(
    r"vsphere://(?P<host>[^/?#@]+)/folder/(?P<path>[^?#]+)/(?P<name>[^/?#]+)\?(?P<query>[^?#]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A datastore, as the inventory has it."""

    datacenter: str
    datastore: str

    @property
    def query(self) -> str:
        """What says so in a URL."""
        return urlencode({"dcPath": self.datacenter, "dsName": self.datastore})


@dataclass(frozen=True, slots=True)
class Address:
    """A file of a datastore; `directory` without slashes around it."""

    host: str
    directory: str
    name: str
    place: Place

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart.

        Raises:
            Invalid: it is of another scheme, or malformed.
        Source: stores §6.7.
        """
        match = _PARTS.fullmatch(url.partition("#")[0])
        if match is None:
            raise not_ours(store)
        query = dict(parse_qsl(match["query"]))
        name = unquote(match["name"])
        if not query.get("dcPath") or not query.get("dsName") or not is_key(key_of(name)):
            raise not_ours(store)
        place = Place(query["dcPath"], query["dsName"])
        return cls(match["host"], unquote(match["path"]), name, place)

    @property
    def url(self) -> str:
        """The URL that locations have."""
        return f"vsphere://{self.host}{self.target}"

    @property
    def target(self) -> str:
        """What a request for the file names behind the host."""
        return f"/folder/{quote(f'{self.directory}/{self.name}')}?{self.place.query}"

    @property
    def file(self) -> str:
        """The file in the words of vSphere."""
        return f"[{self.place.datastore}] {self.directory}/{self.name}"


def name_of(key: str) -> str:
    """Return the name of the file of a key: the key itself, for all that looks like an image id."""
    return quote(key, safe="")


def key_of(name: str) -> str:
    """Return the key that a file's name was made of."""
    return unquote(name)


def not_ours(store: str) -> Invalid:
    """Return the error for a location of others."""
    return Invalid(f"The location is none of store {store}'s.")
