"""An object in the making, sent in parts."""

import logging
import secrets
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tintype.adapters.stores.s3.bucket import MARK, Bucket
from tintype.adapters.stores.s3.faults import TAKEN, code_of, unavailable, writing
from tintype.adapters.stores.s3.options import S3Settings
from tintype.adapters.stores.s3.parts import (
    MIN_PART,
    Buffer,
    is_one_request,
    part_size,
    window,
)
from tintype.domain.errors import Duplicate, StoreUnavailable
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)

Part = dict[str, Any]


@dataclass
class S3WriteHandle:
    """Fills a part, and sends it while the next one fills; the upload is completed on `commit`.

    What is known to be small goes in one request then. An upload of parts is begun for it as well,
    because that can be called off from elsewhere: whoever discards what is unfinished aborts it,
    and nothing comes of it any more.
    """

    settings: S3Settings
    bucket: Bucket
    key: str
    size: int | None
    location: Location
    _mark: str = field(default_factory=lambda: secrets.token_hex(16))
    _upload: str = ""
    _part: Buffer | None = None
    _number: int = 1
    _on_their_way: deque[Future[Part]] = field(default_factory=deque)
    _sent: list[Part] = field(default_factory=list)
    _senders: ThreadPoolExecutor | None = None
    _broken: bool = False
    _unsure: bool = False
    _committed: bool = False

    def __enter__(self) -> "S3WriteHandle":
        """Begin the upload.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says.
        """
        with writing(self.settings.store):
            self._upload = self.bucket.begin(self.key, self._mark)
        return self

    def __exit__(self, *error: object) -> None:
        """Call the upload off if it was not committed, once none of its parts is on its way."""
        if self._senders is not None:
            self._senders.shutdown(cancel_futures=True)
        if self._part is not None:
            self._part.close()
        if not self._committed:
            self._take_back()

    def _take_back(self) -> None:
        with self._tidying("What was sent of"):
            self.bucket.abort(self.key, self._upload)
            if self._unsure and self._is_there():
                self.bucket.delete(self.key)

    # ------------------------------------------------------------------ parts

    def write(self, piece: memoryview) -> None:
        """Append the bytes; waits while too many are on their way.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says, of these bytes
                or of earlier ones, or there is no room to keep them; the handle is of no use any
                more.
        """
        view = memoryview(piece).cast("B")
        while view:
            part = self._filling()
            room = part.capacity - part.size
            with self._kept():
                part.write(view[:room])
            view = view[room:]

    def _filling(self) -> Buffer:
        """Return a part that has room; one that is full goes on its way."""
        if self._part is not None and self._part.is_full:
            self._send(self._part)
        if self._part is None:
            with self._kept():
                self._part = self._empty()
        return self._part

    @property
    def _is_whole(self) -> bool:
        """Whether nothing was sent yet, and all may go at once."""
        return self._number == 1 and is_one_request(self.size, self.settings.large_object_size)

    def _empty(self) -> Buffer:
        capacity = part_size(self._number, self.settings.part_size, self.size)
        if self._is_whole:
            # More may come than was announced, and then it becomes a part.
            capacity = max(self.size or 0, MIN_PART)
        return Buffer(capacity, self.settings.buffer_dir)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Tell of a directory that does not take the bytes."""
        try:
            yield
        except OSError as error:
            self._broken = True
            raise StoreUnavailable(
                f"Store {self.settings.store} cannot keep a part of {self.key} until it is sent: "
                f"{error.strerror}. See to s3_store_buffer_dir."
            ) from error

    def _send(self, part: Buffer) -> None:
        threads = window(part.capacity, self.settings.threads)
        if self._senders is None:
            self._senders = ThreadPoolExecutor(threads, f"s3-{self.settings.store}")
        while len(self._on_their_way) >= threads:
            self._await_one()
        self._on_their_way.append(self._senders.submit(self._put, self._number, part))
        self._number += 1
        self._part = None

    def _put(self, number: int, part: Buffer) -> Part:
        try:
            return self.bucket.put_part(self.key, self._upload, number, part.body)
        finally:
            part.close()

    def _await_one(self) -> None:
        try:
            with writing(self.settings.store):
                self._sent.append(self._on_their_way.popleft().result())
        except BaseException:
            self._broken = True
            raise

    # ------------------------------------------------------------------ commit

    def commit(self) -> Location:
        """Complete the upload, if no object of the key is there.

        Raises:
            Duplicate: one is, or is being completed.
            StorageFull, StoreWriteDenied, StoreUnavailable: as the service says.
        """
        if self._broken:
            raise StoreUnavailable(f"Store {self.settings.store} did not get all of {self.key}.")
        put = self._put_whole if self._is_whole else self._complete
        if not self._is_whole:
            self._send_the_rest()
        with writing(self.settings.store):
            if not self.bucket.claim(self.key):
                raise taken(self.key, self.settings.store)
            try:
                if self.bucket.head(self.key) is not None:
                    raise taken(self.key, self.settings.store)
                put()
            finally:
                self._release()
        self._committed = True
        return self.location

    def _send_the_rest(self) -> None:
        if self._part is not None or self._number == 1:
            self._send(self._part or self._empty())
        while self._on_their_way:
            self._await_one()

    def _put_whole(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        self._unsure = True
        try:
            self.bucket.put_new(self.key, self._mark, (self._part or self._empty()).body)
        except (ClientError, BotoCoreError) as error:
            # An answer was lost, perhaps, and what was sent again found the object in place.
            if not self._is_there():
                if code_of(error) in TAKEN:
                    raise taken(self.key, self.settings.store) from error
                raise
        if not self.bucket.is_open(self.key, self._upload):
            raise StoreUnavailable(
                f"Store {self.settings.store} was told to discard the upload of {self.key}."
            )
        self._end_upload()

    def _complete(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.bucket.complete(self.key, self._upload, self._sent)
        except (ClientError, BotoCoreError) as error:
            # It may be complete all the same: an answer was lost, and what was sent again found
            # the upload gone.
            self._unsure = True
            if not self._is_there():
                raise unavailable(self.settings.store, error) from error

    def _is_there(self) -> bool:
        found = self.bucket.head(self.key)
        return found is not None and found.get("Metadata", {}).get(MARK) == self._mark

    def _release(self) -> None:
        with self._tidying("The claim on"):
            self.bucket.release(self.key)

    def _end_upload(self) -> None:
        with self._tidying("An empty upload of"):
            self.bucket.abort(self.key, self._upload)

    @contextmanager
    def _tidying(self, what: str) -> Iterator[None]:
        """Go on, with a warning, if something cannot be removed that nobody needs any more."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError) as error:
            LOG.warning(
                "%s %s stays in store %s until it is discarded: %s",
                *(what, self.key, self.settings.store, code_of(error)),
            )


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")
