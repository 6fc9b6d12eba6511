"""From URLs to accounts, containers and objects, and back."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote

from tintype.adapters.stores.object_keys import is_key
from tintype.adapters.stores.swift.references import Reference
from tintype.domain.errors import Invalid

BY_REFERENCE: Final = "swift+config"
SCHEMES: Final = frozenset({"swift", "swift+http", "swift+https", BY_REFERENCE})


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says.

    `place` is the name of a reference, or where to authenticate; it is where the account is
    itself if there is no user. `name` is that of the object.
    """

    scheme: str
    place: str
    user: str | None
    key: str = field(repr=False)
    container: str = ""
    name: str = ""

    @classmethod
    def of(cls, url: str, store: str) -> "Address":
        """Take a URL apart: the last two parts are container and object.

        They are not percent-decoded. Old URLs may have slashes in the key of the user.

        Raises:
            Invalid: it is of another scheme, or malformed.
        Source: stores §6.4.
        """
        scheme, _, rest = url.partition("#")[0].partition("://")
        parts = rest.rsplit("/", 2)
        if scheme.lower() not in SCHEMES or "://" in rest or len(parts) != 3:
            raise not_ours(store)
        front, container, name = parts
        credentials, at, place = front.rpartition("@")
        if place[:1] in ("", "/") or not container or not is_key(key_of(name)):
            raise not_ours(store)
        user, key = _user(credentials, store) if at else (None, "")
        return cls(scheme.lower(), place.rstrip("/"), user, key, container, name)


def _user(credentials: str, store: str) -> tuple[str, str]:
    """Read `project%3Auser:key`, or the older `project:user:key`."""
    parts = credentials.split(":")
    if len(parts) not in (2, 3):
        raise not_ours(store)
    return unquote(":".join(parts[:-1])), unquote(parts[-1])


def url_of(reference: Reference, default_name: str, container: str, name: str) -> str:
    """Return the URL of an object.

    Where an account has a name it stands for the credentials; the default one's also stands
    for an application credential, of which no URL can say more.
    """
    called = reference.name or (default_name if reference.credential_id else None)
    if called is not None:
        return f"{BY_REFERENCE}://{called}/{container}/{name}"
    who = f"{quote(reference.user, safe='')}:{quote(reference.key, safe='')}"
    return f"{scheme_of(reference)}://{who}@{reference.place}/{container}/{name}"


def scheme_of(reference: Reference) -> str:
    """Return the scheme of URLs that say where to authenticate."""
    return f"swift+{reference.address.partition('://')[0]}"


def name_of(key: str) -> str:
    """Return the name of the object of a key: the key itself, for all that looks like an image id.

    What else it has is percent-encoded, so that it can stand in a URL.
    """
    return quote(key, safe="")


def key_of(name: str) -> str:
    """Return the key that an object's name was made of."""
    return unquote(name)


def not_ours(store: str) -> Invalid:
    """Return the error for a location of others."""
    return Invalid(f"The location is none of store {store}'s.")
