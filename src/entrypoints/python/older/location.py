"""URLs of stored data, taken apart and put together, and the stores that they belong to.

Source: stores §2, §6.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, quote, unquote, urlencode

from oslo_config import cfg

from tintype.entrypoints.python.exceptions import BadStoreUri, UnknownScheme

SCHEME_TO_CLS_MAP: Final[dict[str, dict[str, Any]]] = {}
"""Of stores without names: `store`, `location_class` and `store_entry` by scheme."""

SCHEME_TO_CLS_BACKEND_MAP: Final[dict[str, dict[str, dict[str, Any]]]] = {}
"""Of stores with names: the same, by scheme and store."""


class StoreLocation:
    """A URL of a kind of store, by its parts."""

    schemes: ClassVar[frozenset[str]] = frozenset()
    """Those that it may have; any if there are none here."""

    def __init__(
        self,
        store_specs: Mapping[str, Any],
        conf: cfg.ConfigOpts | None,
        backend_group: str | None = None,
    ) -> None:
        self.conf = conf
        self.specs = dict(store_specs)
        self.backend_group = backend_group
        self.scheme: str | None = None
        self.rest = ""
        if self.specs:
            self.process_specs()

    def process_specs(self) -> None:
        """Take the parts from the mapping that was given."""
        self.scheme = self.specs.get("scheme", self.scheme)
        self.rest = self.specs.get("rest", self.rest)

    def get_uri(self) -> str:
        """Return the URL."""
        return f"{self.scheme}://{self.rest}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart.

        Raises:
            BadStoreUri: it is malformed, or of another kind of store.
        """
        self.validate_schemas(uri, self.schemes)
        self.scheme, _, self.rest = uri.partition("://")
        if not self.rest or "://" in self.rest:
            raise BadStoreUri(uri=uri)

    @staticmethod
    def validate_schemas(uri: str, valid_schemas: Any) -> None:
        """Raise BadStoreUri unless the URL has one of the schemes, with `://` after them or not."""
        scheme = uri.partition("://")[0].lower()
        if valid_schemas and scheme not in {each.partition("://")[0] for each in valid_schemas}:
            raise BadStoreUri(uri=uri)


class FileLocation(StoreLocation):
    """A path; what looks like a host is a part of it, a query or fragment is cut off."""

    schemes = frozenset({"file", "filesystem"})

    def process_specs(self) -> None:
        """Take `scheme` and `path`."""
        self.scheme = self.specs.get("scheme", "file")
        self.path = self.specs.get("path", "")

    def get_uri(self) -> str:
        """Return the URL, of scheme `file` whatever it was before."""
        return f"file://{self.path}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; raise BadStoreUri if it has no path."""
        super().parse_uri(uri)
        self.path = re.split("[?#]", self.rest, maxsplit=1)[0]
        if not self.path:
            raise BadStoreUri(uri=uri)


_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"(?:(?P<credentials>[^@]*)@)?(?P<netloc>(?:\[[^\]]+\]|[^:\[\]]+)(?::\d+)?)"
)


class WebLocation(StoreLocation):
    """Host, path, query, and perhaps the name and password of a user."""

    schemes = frozenset({"http", "https"})

    def process_specs(self) -> None:
        """Take `scheme`, `netloc`, `path`, `query`, `user` and `password`."""
        self.scheme = self.specs.get("scheme", "http")
        self.netloc = self.specs["netloc"]
        self.path = self.specs.get("path", "")
        self.query = self.specs.get("query", "")
        self.user = self.specs.get("user")
        self.password = self.specs.get("password")

    def get_uri(self) -> str:
        """Return the URL, with the credentials."""
        credentials = f"{self.user}:{self.password}@" if self.user is not None else ""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{credentials}{self.netloc}{self.path}{query}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart.

        Raises:
            BadStoreUri: it has no host, or a port that is no number, or credentials that are not
                `user:password`.
        """
        self.validate_schemas(uri, self.schemes)
        self.scheme, _, self.rest = uri.partition("://")
        place, self.path, self.query = re.fullmatch(  # type: ignore[union-attr]
            r"([^/?#]*)([^?#]*)\??([^#]*).*", self.rest, re.DOTALL
        ).groups()
        match = _AUTHORITY.fullmatch(place)
        credentials = match["credentials"] if match else None
        if match is None or (credentials is not None and credentials.count(":") != 1):
            raise BadStoreUri(uri=uri)
        self.netloc = match["netloc"]
        user, _, password = (credentials or "").partition(":")
        self.user, self.password = (None, None) if credentials is None else (user, password)


class S3Location(StoreLocation):
    """Service, bucket and key; the credentials that old URLs have are left out."""

    schemes = frozenset({"s3", "s3+http", "s3+https"})

    def process_specs(self) -> None:
        """Take `scheme`, `s3serviceurl`, `bucket` and `key`."""
        self.scheme = self.specs.get("scheme", "s3")
        self.s3serviceurl = self.specs["s3serviceurl"]
        self.bucket = self.specs["bucket"]
        self.key = self.specs["key"]

    def get_uri(self) -> str:
        """Return the URL, without credentials."""
        return f"{self.scheme}://{self.s3serviceurl}/{self.bucket}/{self.key}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; raise BadStoreUri if it lacks a part."""
        super().parse_uri(uri)
        parts = self.rest.rpartition("@")[2].rsplit("/", 2)
        if len(parts) != 3 or not all(parts):
            raise BadStoreUri(uri=uri)
        self.s3serviceurl, self.bucket, self.key = parts


class RbdLocation(StoreLocation):
    """An image, or a snapshot of one in a pool of a cluster."""

    schemes = frozenset({"rbd"})

    def process_specs(self) -> None:
        """Take `fsid`, `pool`, `image` and `snapshot`; the image may be all there is."""
        self.scheme = "rbd"
        self.fsid = self.specs.get("fsid")
        self.pool = self.specs.get("pool")
        self.image = self.specs["image"]
        self.snapshot = self.specs.get("snapshot")

    def get_uri(self) -> str:
        """Return the URL, with its parts percent-encoded."""
        parts = (self.fsid, self.pool, self.image, self.snapshot)
        return "rbd://" + "/".join(quote(part, safe="") for part in parts if part)

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; raise BadStoreUri unless it has one part or four."""
        super().parse_uri(uri)
        parts = [unquote(part) for part in self.rest.split("/")]
        if len(parts) not in (1, 4) or not all(parts):
            raise BadStoreUri(uri=uri)
        alone = len(parts) == 1
        self.fsid, self.pool, self.image, self.snapshot = (
            (None, None, parts[0], None) if alone else parts
        )


class CinderLocation(StoreLocation):
    """A volume, after the name of its store or not."""

    schemes = frozenset({"cinder"})

    def process_specs(self) -> None:
        """Take `volume_id`."""
        self.scheme = "cinder"
        self.volume_id = self.specs["volume_id"]
        self.rest = "/".join(part for part in (self.backend_group, self.volume_id) if part)

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; raise BadStoreUri unless its last part is a UUID."""
        super().parse_uri(uri)
        store, _, self.volume_id = self.rest.rpartition("/")
        if "/" in store or not _UUID.fullmatch(self.volume_id):
            raise BadStoreUri(uri=uri)


class SwiftLocation(StoreLocation):
    """An object in a container, of the account of a user, a reference, or at a URL itself."""

    schemes = frozenset({"swift", "swift+http", "swift+https", "swift+config"})

    def process_specs(self) -> None:
        """Take `scheme`, `auth_or_store_url`, `container`, `obj`, and perhaps `user` and `key`.

        What is called a URL there has no scheme, and is the name of a reference with
        `swift+config`.
        """
        self.scheme = self.specs.get("scheme", "swift+https")
        self.auth_or_store_url = self.specs["auth_or_store_url"]
        self.container = self.specs["container"]
        self.obj = self.specs["obj"]
        self.user = self.specs.get("user")
        self.key = self.specs.get("key")

    def get_uri(self) -> str:
        """Return the URL, with the credentials."""
        who = ""
        if self.user is not None:
            who = f"{quote(self.user, safe='')}:{quote(self.key or '', safe='')}@"
        return f"{self.scheme}://{who}{self.auth_or_store_url}/{self.container}/{self.obj}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; old ones may have slashes in the key of the user.

        Raises:
            BadStoreUri: it lacks a part, or its user is not `project:user`.
        """
        super().parse_uri(uri)
        parts = self.rest.partition("#")[0].rsplit("/", 2)
        if len(parts) != 3 or not all(parts):
            raise BadStoreUri(uri=uri)
        front, self.container, self.obj = parts
        who, at, place = front.rpartition("@")
        by_reference = scheme_of(uri) == "swift+config"
        if place[:1] in ("", "/") or (at and by_reference):
            raise BadStoreUri(uri=uri)
        self.auth_or_store_url = place.rstrip("/")
        self.user, self.key = _user_and_key(who, uri) if at else (None, None)


def _user_and_key(text: str, uri: str) -> tuple[str, str]:
    """Read `project%3Auser:key`, or the older `project:user:key`."""
    encoded, _, key = text.rpartition(":")
    user = unquote(encoded)
    if text.count(":") not in (1, 2) or not key or not all(user.partition(":")):
        raise BadStoreUri(uri=uri)
    return user, unquote(key)


class VsphereLocation(StoreLocation):
    """A file in a datastore."""

    schemes = frozenset({"vsphere"})

    _parts = re.compile(r"([^/?#@]+)(/folder/[^?#]+/[^/?#]+)\?([^?#]*)(?:#.*)?", re.DOTALL)

    def process_specs(self) -> None:
        """Take `server_host`, `image_dir`, `image_id`, `datacenter_path` and `datastore_name`."""
        self.scheme = "vsphere"
        self.server_host = self.specs["server_host"]
        directory = str(self.specs["image_dir"]).strip("/")
        self.path = f"/folder/{quote(directory)}/{quote(self.specs['image_id'], safe='')}"
        self.query = urlencode(
            {"dcPath": self.specs["datacenter_path"], "dsName": self.specs["datastore_name"]}
        )

    def get_uri(self) -> str:
        """Return the URL."""
        return f"{self.scheme}://{self.server_host}{self.path}?{self.query}"

    def parse_uri(self, uri: str) -> None:
        """Take a URL apart; raise BadStoreUri unless it names host, file, and datastore."""
        super().parse_uri(uri)
        match = self._parts.fullmatch(self.rest)
        if match is None or not {"dcPath", "dsName"} <= parse_qs(match[3]).keys():
            raise BadStoreUri(uri=uri)
        self.server_host, self.path, self.query = match.groups()


CLASSES: Final[dict[str, type[StoreLocation]]] = {
    "cinder": CinderLocation,
    "file": FileLocation,
    "http": WebLocation,
    "rbd": RbdLocation,
    "s3": S3Location,
    "swift": SwiftLocation,
    "vmware": VsphereLocation,
}
"""By type of store; others have plain ones."""


class Location:
    """Where the data of an image is, in a store of some kind."""

    def __init__(
        self,
        store_name: str,
        store_location_class: type[StoreLocation],
        conf: cfg.ConfigOpts | None,
        uri: str | None = None,
        image_id: str | None = None,
        store_specs: Mapping[str, Any] | None = None,
        backend: str | None = None,
    ) -> None:
        """Make it of a URL, or of the parts that the kind of store knows.

        Raises:
            BadStoreUri: the URL is malformed.
        """
        self.store_name = store_name
        self.image_id = image_id
        self.store_specs = store_specs or {}
        self.conf = conf
        self.backend_group = backend
        self.store_location = store_location_class(self.store_specs, conf, backend_group=backend)
        if uri:
            self.store_location.parse_uri(uri)

    def get_store_uri(self) -> str:
        """Return the URL in the form in which the store gives it."""
        return self.store_location.get_uri()


def scheme_of(uri: str) -> str:
    """Return the scheme of a URL in lower case, empty if it has none."""
    scheme, separator, _ = uri.partition("://")
    return scheme.lower() if separator else ""


def get_location_from_uri(uri: str, conf: cfg.ConfigOpts | None = None) -> Location:
    """Return the location at a URL of a store without a name.

    Raises:
        UnknownScheme: no store has that scheme; BadStoreUri: the URL is malformed.
    """
    scheme = scheme_of(uri)
    if scheme not in SCHEME_TO_CLS_MAP:
        raise UnknownScheme(scheme=scheme)
    return Location(scheme, SCHEME_TO_CLS_MAP[scheme]["location_class"], conf, uri=uri)


def get_location_from_uri_and_backend(
    uri: str, backend: str | None, conf: cfg.ConfigOpts | None = None
) -> Location:
    """Return the location at a URL of a store with a name.

    Raises:
        UnknownScheme: there is no such store, or it has not that scheme.
        BadStoreUri: the URL is malformed.
    """
    scheme = scheme_of(uri)
    known = SCHEME_TO_CLS_BACKEND_MAP.get(scheme)
    if known is None:
        raise UnknownScheme(scheme=scheme)
    if backend not in known:
        raise UnknownScheme(scheme=backend)
    kind = known[backend]["location_class"]
    return Location(scheme, kind, conf, uri=uri, backend=backend)


def register_scheme_map(scheme_map: Mapping[str, dict[str, Any]]) -> None:
    """Add to the stores without names; those of the same schemes are replaced."""
    SCHEME_TO_CLS_MAP.update(scheme_map)


def register_scheme_backend_map(scheme_map: Mapping[str, dict[str, dict[str, Any]]]) -> None:
    """Add to the stores with names; those of the same schemes and names are replaced."""
    for scheme, stores in scheme_map.items():
        SCHEME_TO_CLS_BACKEND_MAP.setdefault(scheme, {}).update(stores)
