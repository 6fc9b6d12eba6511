"""Getting data from where a caller says it is."""

from typing import Protocol


class Fetched(Protocol):
    """Data on its way in from the web; `size` in bytes, None if the server does not say."""

    @property
    def size(self) -> int | None:
        """How many bytes it will give."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end.

        Raises:
            FetchFailed: the server broke off, fell silent or took too long.
        """

    def close(self) -> None:
        """Hang up; twice is as good as once."""


class WebFetcher(Protocol):
    """Fetches by URL, from allowed places only; safe between threads."""

    def open(self, url: str) -> Fetched:
        """Ask for the data at a URL, which may hold credentials.

        Raises:
            UriRefused: it, or where it leads, may not be called.
            FetchFailed: there is no data there.
        """
