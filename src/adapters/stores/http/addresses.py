"""The parts of a URL that a request is made of."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from tintype.domain.errors import Invalid

SCHEMES = frozenset({"http", "https"})

_URL = re.compile(r"(https?)://(?:([^/?#]*)@)?([^/?#@]+)([^#]*)(?:#.*)?", re.I | re.DOTALL)
_KEPT = "/?:@!$&'()*+,;=%~[]|"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL without credentials and fragment, and the credentials in the form of a header."""

    url: str
    target: str
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart.

        Raises:
            Invalid: it is none of the web, has no host, or credentials other than
                `user:password`.
        """
        match = _URL.fullmatch(url)
        if match is None:
            raise Invalid(f"The location is none of store {store}'s.")
        scheme, credentials, place, rest = match.groups()
        if credentials is not None and credentials.count(":") != 1:
            raise Invalid(f"Credentials in a location of store {store} must be user:password.")
        rest = rest if rest.startswith("/") else f"/{rest}"
        return cls(
            f"{scheme.lower()}://{place}{rest}", quote(rest, safe=_KEPT), _basic(credentials)
        )


def _basic(credentials: str | None) -> str | None:
    if credentials is None:
        return None
    return f"Basic {b64encode(unquote_to_bytes(credentials)).decode()}"
