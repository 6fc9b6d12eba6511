"""Images of other services like this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tintype.domain.ports.web_fetcher import Fetched


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """What another service says of an image that is active; `size` in bytes."""

    disk_format: str
    container_format: str
    size: int
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemotePlace:
    """An image at another service, and the token that opens it there and nowhere else."""

    endpoint: str
    image_id: str
    token: str | None = field(default=None, repr=False)


class RemoteImages(Protocol):
    """Asks other services; safe between threads."""

    def show(self, place: RemotePlace) -> RemoteImage:
        """Look an image up.

        Raises:
            UriRefused: the service, or where it leads, may not be called.
            FetchFailed: there is no such image, it has no data, or nobody answers.
        """

    def open(self, place: RemotePlace) -> Fetched:
        """Ask for the data of an image.

        Raises:
            UriRefused, FetchFailed: as `show`.
        """
