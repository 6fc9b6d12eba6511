"""The driver of s3 stores."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from tintype.adapters.stores.object_keys import check_key
from tintype.adapters.stores.s3.addresses import SCHEMES, Address, key_of, name_of, not_ours
from tintype.adapters.stores.s3.bucket import Bucket
from tintype.adapters.stores.s3.faults import ABSENT, NO_BUCKET, code_of, reading, writing
from tintype.adapters.stores.s3.options import FOR_WRITING, OPTIONS, S3Settings
from tintype.adapters.stores.s3.parts import MAX_SIZE
from tintype.adapters.stores.s3.read_stream import S3Stream
from tintype.adapters.stores.s3.write_handle import S3WriteHandle, taken
from tintype.domain.errors import (
    BadConfiguration,
    CannotSeek,
    DataNotFound,
    StorageFull,
    StoreWriteDenied,
)
from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability

LOG = logging.getLogger(__name__)

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(?:\d+|\*)", re.ASCII)


class S3Driver:
    """Keeps each object under its key in a bucket.

    Source: stores §6.3.
    """

    TYPE = "s3"
    SCHEMES = SCHEMES
    OPTIONS = OPTIONS
    FOR_WRITING = FOR_WRITING

    type = TYPE
    schemes = SCHEMES
    capabilities = Capability.READ | Capability.RANGED_READ | Capability.WRITE | Capability.DELETE
    directories: Sequence[str] = ()

    def __init__(self, settings: S3Settings) -> None:
        self.store = settings.store
        self._settings = settings
        self._bucket = Bucket(settings)

    @classmethod
    def from_settings(
        cls, store: str, settings: Mapping[str, Any], *, named: bool = False
    ) -> "S3Driver":
        """Build the driver of one store from option values by name, without any I/O.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        if find_spec("boto3") is None:
            raise BadConfiguration(
                "[DEFAULT] enabled_backends", "type s3 needs boto3: pip install 'tintype[s3]'."
            )
        return cls(S3Settings.read(store, settings, named=named))

    @property
    def properties(self) -> Mapping[str, Any]:
        """Say which uploads are cut, and how, in MiB, and how many parts are sent at once."""
        return {
            "s3_store_large_object_size": self._settings.large_object_size >> 20,
            "s3_store_large_object_chunk_size": self._settings.part_size >> 20,
            "s3_store_thread_pools": self._settings.threads,
        }

    @property
    def url_prefixes(self) -> Sequence[str]:
        """The bucket under every scheme."""
        place = f"{self._settings.endpoint.host}/{self._settings.bucket}"
        return [f"{scheme}://{place}" for scheme in sorted(self.schemes)]

    # ------------------------------------------------------------------ start

    def start(self) -> None:
        """Ask for the bucket, and make it if it is missing and that is wanted.

        A service that does not answer is not waited for: it may later.

        Raises:
            BadConfiguration: there is no such bucket, or the service does not let us in.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._bucket.ask()
        except ClientError as error:
            self._amend(error)
        except (BotoCoreError, OSError) as error:
            LOG.warning("Store %s does not answer yet: %s", self.store, code_of(error))

    def _amend(self, error: Exception) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        code = code_of(error)
        if code.startswith("5") and code.isdigit():
            LOG.warning("Store %s does not work yet: %s", self.store, code)
            return
        bucket = self._settings.bucket
        if code not in NO_BUCKET:
            problem = f"the service does not let us use bucket {bucket} ({code})."
            raise BadConfiguration("s3_store_bucket", problem) from error
        if not self._settings.create_bucket:
            raise BadConfiguration("s3_store_bucket", f"{self._lacking}.") from error
        try:
            self._bucket.make()
        except (ClientError, BotoCoreError) as failure:
            problem = f"bucket {bucket} cannot be made ({code_of(failure)})."
            raise BadConfiguration("s3_store_bucket", problem) from failure

    # ------------------------------------------------------------------ write

    def create(self, key: str, size: int | None) -> S3WriteHandle:
        """Begin a new object of that key; makes the bucket if it went, and that is wanted.

        Raises:
            Invalid: it is no key.
            Duplicate: an object of that key exists.
            StorageFull: no object may have `size` bytes.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        check_key(key)
        if (size or 0) > MAX_SIZE:
            raise StorageFull(self.store)
        with writing(self.store):
            if self._is_taken(key):
                raise taken(key, self.store)
        return S3WriteHandle(self._settings, self._bucket, name_of(key), size, self._location(key))

    def _is_taken(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            return self._bucket.head(name_of(key)) is not None
        except ClientError as error:
            self._excuse_missing_bucket(error)
        LOG.warning("Store %s has lost its bucket, which is made anew.", self.store)
        self._bucket.make()
        return False

    def _excuse_missing_bucket(self, error: Exception) -> None:
        """Raise what was refused, unless it was for a bucket that may be made."""
        if code_of(error) not in NO_BUCKET:
            raise error
        if not self._settings.create_bucket:
            raise StoreWriteDenied(self.store, self._lacking) from error

    @property
    def _lacking(self) -> str:
        bucket = self._settings.bucket
        return f"there is no bucket {bucket}: make it, or set s3_store_create_bucket_on_put"

    def _location(self, key: str) -> Location:
        endpoint = self._settings.endpoint
        own = {"store": self.store} if self._settings.named else {}
        url = f"{endpoint.scheme}://{endpoint.host}/{self._settings.bucket}/{name_of(key)}"
        return Location(url, own)

    # ------------------------------------------------------------------ read

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> S3Stream:
        """Begin reading, from `offset`, `length` bytes or to the end.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            CannotSeek: the service gives nothing but the whole.
            StoreUnavailable: as the service says.
        """
        from botocore.exceptions import ClientError

        if length == 0:
            self.size(location)
            return S3Stream(self.store, None, 0)
        address = self._address(location)
        last = "" if length is None else offset + length - 1
        part = None if offset == 0 and length is None else f"bytes={offset}-{last}"
        with reading(self.store):
            try:
                answer = self._bucket.get(address.bucket, address.name, part)
            except ClientError as error:
                if code_of(error) == "InvalidRange":
                    return S3Stream(self.store, None, 0)
                if code_of(error) not in ABSENT:
                    raise
                raise DataNotFound(address.name, self.store) from None
        return self._stream(answer, offset if part else None)

    def _stream(self, answer: Any, offset: int | None) -> S3Stream:
        told = _CONTENT_RANGE.fullmatch(answer.get("ContentRange", ""))
        if offset is not None and (told is None or int(told[1]) != offset):
            answer["Body"].close()
            raise CannotSeek(self.store)
        return S3Stream(self.store, answer["Body"], answer["ContentLength"])

    def size(self, location: Location) -> int:
        """Return the size of the object in bytes.

        Raises:
            Invalid, DataNotFound, StoreUnavailable: as `open`.
        """
        address = self._address(location)
        with reading(self.store):
            found = self._bucket.head(address.name, address.bucket)
        if found is None:
            raise DataNotFound(address.name, self.store)
        return int(found["ContentLength"])

    def _address(self, location: Location) -> Address:
        address = Address.of(location.url, self.store)
        at_home = address.host.lower() == self._settings.endpoint.host.lower()
        # The service may have got another name since the location was recorded.
        if at_home or not self._settings.named or location.store == self.store:
            return address
        raise not_ours(self.store)

    # ------------------------------------------------------------------ remove

    def delete(self, location: Location) -> None:
        """Remove the object for good.

        The service does not say whether it was there, so it is asked for first: of several who
        delete it at the same moment more than one may be told that they did.

        Raises:
            Invalid: the location is none of this store's.
            DataNotFound: nothing is there.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        self.size(location)
        address = self._address(location)
        with writing(self.store):
            self._bucket.delete(address.name, address.bucket)

    def discard_unfinished(self, key: str) -> None:
        """Call off the uploads of that key, and give back a claim on it.

        Raises:
            Invalid: it is no key.
            StoreWriteDenied, StoreUnavailable: as the service says.
        """
        check_key(key)
        with writing(self.store):
            self._bucket.abort_all(name_of(key))
            self._bucket.release(name_of(key))

    # ------------------------------------------------------------------ look

    def probe(self) -> None:
        """Ask whether the bucket lets us in, and is there or will be made with the next object.

        Raises:
            StoreWriteDenied: it does not; StoreUnavailable: the service does not answer.
        """
        from botocore.exceptions import ClientError

        with writing(self.store):
            try:
                self._bucket.ask()
            except ClientError as error:
                self._excuse_missing_bucket(error)

    def locate(self, key: str) -> list[Location]:
        """Say where an object of that key would be."""
        check_key(key)
        return [self._location(key)]

    def keys(self) -> Iterator[str]:
        """Give the name of everything in the bucket, and of every unfinished upload.

        Raises:
            StoreUnavailable: as the service says.
        """
        with reading(self.store):
            yield from map(key_of, self._bucket.names())
            for name, upload in self._bucket.uploads():
                yield f".{key_of(name)}.{upload}.part"
