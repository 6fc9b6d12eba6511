"""Images of other services that speak the Images API, fetched with the caller's own token.

It stands beside the fetcher, whose client decides where the service may be sent.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tintype.adapters.stores.http.fetcher import HttpAnswer, HttpFetcher
from tintype.domain.errors import FetchFailed
from tintype.domain.ports.remote_images import RemoteImage, RemotePlace

LONGEST: Final = 1 << 20
"""Bytes of the longest description of an image that is read."""

_BASE: Final = frozenset(
    {"id", "name", "status", "visibility", "size", "virtual_size", "checksum", "owner", "tags"}
    | {"os_hash_algo", "os_hash_value", "os_hidden", "protected", "disk_format", "self", "file"}
    | {"container_format", "min_disk", "min_ram", "created_at", "updated_at", "schema", "stores"}
    | {"locations", "direct_url"}
)
_HEX: Final = re.compile(r"[0-9a-fA-F]+", re.ASCII)


class HttpRemoteImages:
    """Asks by the Images API v2; safe between threads."""

    def __init__(self, fetcher: HttpFetcher) -> None:
        self._fetcher = fetcher

    def show(self, place: RemotePlace) -> RemoteImage:
        """Look an image up.

        Raises:
            UriRefused: the service, or where it leads, may not be called.
            FetchFailed: there is no such image, it has no data, or nobody answers.
        """
        answer = self._ask(place, "")
        try:
            return _image(_facts(answer))
        finally:
            answer.close()

    def open(self, place: RemotePlace) -> HttpAnswer:
        """Ask for the data of an image.

        Raises:
            UriRefused, FetchFailed: as `show`.
        """
        return self._ask(place, "/file")

    def _ask(self, place: RemotePlace, rest: str) -> HttpAnswer:
        base = place.endpoint.rstrip("/").removesuffix("/v2")
        secrets = {"X-Auth-Token": place.token} if place.token else {}
        return self._fetcher.open(f"{base}/v2/images/{place.image_id}{rest}", secrets)


def _facts(answer: HttpAnswer) -> Mapping[str, Any]:
    text = b""
    while piece := answer.read(LONGEST):
        text += piece
        if len(text) > LONGEST:
            raise FetchFailed("The remote image has too long a description.")
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FetchFailed("What the remote service says of the image is no JSON.") from error
    if not isinstance(facts, dict):
        raise FetchFailed("What the remote service says of the image is no description.")
    return facts


def _image(facts: Mapping[str, Any]) -> RemoteImage:
    if facts.get("status") != "active":
        raise FetchFailed(f"The remote image is {facts.get('status')}: it must be active.")
    size = facts.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise FetchFailed("The remote service does not say how large the image is.")
    formats = [facts.get(name) for name in ("disk_format", "container_format")]
    if not all(isinstance(each, str) and each for each in formats):
        raise FetchFailed("The remote service does not say which formats the image has.")
    digest = [facts.get(name) for name in ("os_hash_algo", "os_hash_value")]
    if not all(isinstance(each, str) for each in digest) or not _HEX.fullmatch(str(digest[1])):
        digest = [None, None]
    properties = {
        name: value for name, value in facts.items() if name not in _BASE and isinstance(value, str)
    }
    return RemoteImage(str(formats[0]), str(formats[1]), size, digest[0], digest[1], properties)
