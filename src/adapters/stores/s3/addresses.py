"""From URLs to buckets and keys, and back."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from tintype.adapters.stores.object_keys import is_key
from tintype.domain.errors import BadConfiguration, Invalid

SCHEMES: Final = frozenset({"s3", "s3+http", "s3+https"})

_HOST: Final = re.compile(r"(https?)://([^/?#@\s]+)/*", re.I)
_PARTS: Final = re.compile(r"(?P<host>.+)/(?P<bucket>[^/]+)/(?P<key>[^/]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The service that a store asks; `host` with its port, if one is configured."""

    protocol: str
    host: str

    @classmethod
    def of(cls, text: str) -> "Endpoint":
        """Read the option; a bare host is asked by https.

        Raises:
            BadConfiguration: it is no host.
        """
        match = _HOST.fullmatch(text if "://" in text else f"https://{text}")
        if match is None:
            # What stands there may be a URL with credentials, so it is not repeated.
            raise BadConfiguration(
                "s3_store_host", "it must be http:// or https:// and a host, with a port or not."
            )
        return cls(match[1].lower(), match[2])

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"{self.protocol}://{self.host}"

    @property
    def scheme(self) -> str:
        """The scheme of locations."""
        return "s3+https" if self.protocol == "https" else "s3"


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says; credentials, which old ones have, are left out.

    `name` is that of the object.
    """

    host: str
    bucket: str
    name: str

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart: bucket and key are the last two parts, nothing is percent-decoded.

        Secrets in old URLs may contain slashes, and stand as they are before the last `@`.

        Raises:
            Invalid: it is of another scheme, or malformed.
        Source: stores §6.3.
        """
        scheme, _, rest = url.partition("#")[0].partition("://")
        match = _PARTS.fullmatch(rest)
        if scheme.lower() not in SCHEMES or "://" in rest or match is None:
            raise not_ours(store)
        host = match["host"].rpartition("@")[2]
        if not host or "/" in host or not is_key(key_of(match["key"])):
            raise not_ours(store)
        return cls(host, match["bucket"], match["key"])


def name_of(key: str) -> str:
    """Return the name of the object of a key: the key itself, for all that looks like an image id.

    What else it has is percent-encoded: services choke on some characters in names.
    """
    return quote(key, safe="")


def key_of(name: str) -> str:
    """Return the key that an object's name was made of."""
    return unquote(name)


def not_ours(store: str) -> Invalid:
    """Return the error for a location of others."""
    return Invalid(f"The location is none of store {store}'s.")
