"""A bucket, asked in the few ways that the driver needs."""

import os
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import IO, Any, Final

from tintype.adapters.stores.s3.faults import ABSENT, NO_UPLOAD, TAKEN, UNCONDITIONAL, code_of
from tintype.adapters.stores.s3.options import S3Settings

Data = bytearray | IO[bytes]
ROUNDS: Final = 5
STALE: Final = timedelta(minutes=30)
MARK: Final = "tintype-upload"
"""Name of the metadata by which an upload recognises its own object."""


class Bucket:
    """The configured bucket, or what an address says; safe between threads.

    Methods raise what botocore does. Connections are made when first needed, and anew in a
    forked process, which must not share them with its parent.
    """

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._client: tuple[int, Any] = (0, None)

    @property
    def name(self) -> str:
        """What it is called."""
        return self._settings.bucket

    @property
    def client(self) -> Any:
        """The client of this process."""
        owner, client = self._client
        if owner == os.getpid():
            return client
        with self._lock:
            if self._client[0] != os.getpid():
                self._client = os.getpid(), self._connect()
            return self._client[1]

    def _connect(self) -> Any:
        from boto3.session import Session
        from botocore.config import Config

        own = self._settings
        manner = Config(
            connect_timeout=own.connect_timeout_s,
            read_timeout=own.read_timeout_s,
            max_pool_connections=64,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": own.addressing},
            signature_version="s3v4",
            request_checksum_calculation=own.request_checksums,
            response_checksum_validation=own.response_checksums,
        )
        return Session().client(
            "s3",
            endpoint_url=own.endpoint.url,
            region_name=own.region or "us-east-1",
            aws_access_key_id=own.access_key,
            aws_secret_access_key=own.secret_key,
            verify=own.ca_file or True,
            config=manner,
        )

    # ------------------------------------------------------------------ the bucket

    def ask(self) -> None:
        """Do nothing if it is there, and the service lets us in."""
        self.client.head_bucket(Bucket=self.name)

    def make(self) -> None:
        """Make it, in the configured region, unless another one of us has done so meanwhile."""
        from botocore.exceptions import ClientError

        region = self._settings.region
        where = {"LocationConstraint": region} if region not in (None, "us-east-1") else None
        more = {"CreateBucketConfiguration": where} if where else {}
        try:
            self.client.create_bucket(Bucket=self.name, **more)
        except ClientError as error:
            if code_of(error) != "BucketAlreadyOwnedByYou":
                raise

    def names(self) -> Iterator[str]:
        """Give the name of every object."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            for entry in page.get("Contents", ()):
                yield entry["Key"]

    # ------------------------------------------------------------------ objects

    def head(self, key: str, bucket: str | None = None) -> Any | None:
        """Return what is known of an object, None if it is not there but the bucket is."""
        from botocore.exceptions import ClientError

        try:
            return self.client.head_object(Bucket=bucket or self.name, Key=key)
        except ClientError as error:
            if code_of(error) not in ABSENT:
                raise
        # The answer has no body that could tell a missing object from a missing bucket, whose
        # images are not to be taken for deleted.
        self.client.head_bucket(Bucket=bucket or self.name)
        return None

    def get(self, bucket: str, key: str, part: str | None) -> Any:
        """Return an object, or the part of it that a `Range` header says."""
        more = {"Range": part} if part else {}
        return self.client.get_object(Bucket=bucket, Key=key, **more)

    def delete(self, key: str, bucket: str | None = None) -> None:
        """Remove an object, there or not."""
        self.client.delete_object(Bucket=bucket or self.name, Key=key)

    def put_new(self, key: str, mark: str, data: Data) -> None:
        """Make an object that bears a mark, in one request.

        It is refused if one is there, where the service can write on a condition.
        """
        from botocore.exceptions import ClientError

        wanted = {"Bucket": self.name, "Key": key, "Body": data, **_kind(mark)}
        try:
            self.client.put_object(**wanted, IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) not in UNCONDITIONAL:
                raise
            self.client.put_object(**wanted)

    # ------------------------------------------------------------------ uploads

    def begin(self, key: str, mark: str) -> str:
        """Begin an upload whose object will bear a mark, and return its id."""
        answer = self.client.create_multipart_upload(Bucket=self.name, Key=key, **_kind(mark))
        return str(answer["UploadId"])

    def is_open(self, key: str, upload: str) -> bool:
        """Say whether an upload was neither completed nor called off."""
        from botocore.exceptions import ClientError

        try:
            self.client.list_parts(Bucket=self.name, Key=key, UploadId=upload, MaxParts=1)
        except ClientError as error:
            if code_of(error) not in NO_UPLOAD:
                raise
            return False
        return True

    def uploads(self, key: str = "") -> Iterator[tuple[str, str]]:
        """Give key and id of the unfinished uploads of a key; of all without one."""
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self.name, Prefix=key
        )
        for page in pages:
            for entry in page.get("Uploads", ()):
                if key in ("", entry["Key"]):
                    yield entry["Key"], entry["UploadId"]

    def put_part(self, key: str, upload: str, number: int, data: Data) -> dict[str, Any]:
        """Send a part, and return what completing the upload needs to know of it."""
        answer = self.client.upload_part(
            Bucket=self.name, Key=key, UploadId=upload, PartNumber=number, Body=data
        )
        sums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
        sums.pop("ChecksumType", None)
        return {"PartNumber": number, "ETag": answer["ETag"], **sums}

    def complete(self, key: str, upload: str, parts: list[dict[str, Any]]) -> None:
        """Make the object of an upload, at once and for good."""
        self.client.complete_multipart_upload(
            Bucket=self.name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
        )

    def abort(self, key: str, upload: str) -> None:
        """Call an upload off; one that is over is left alone."""
        from botocore.exceptions import ClientError

        try:
            self.client.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload)
        except ClientError as error:
            if code_of(error) not in NO_UPLOAD:
                raise

    def abort_all(self, key: str) -> None:
        """Call the uploads of a key off; again, as long as parts keep coming in."""
        for _ in range(ROUNDS):
            uploads = list(self.uploads(key))
            if not uploads:
                return
            for name, upload in uploads:
                self.abort(name, upload)

    # ------------------------------------------------------------------ claims

    def claim(self, key: str) -> bool:
        """Take the right to make an object of that key; False if another one has it.

        Where the service cannot write on a condition, everybody gets it. Nobody has it for
        long: one that is old was left by a process that died, and is taken over.
        """
        return self._take_claim(key) or (self._is_stale(key) and self._take_over(key))

    def _take_over(self, key: str) -> bool:
        self.release(key)
        return self._take_claim(key)

    def _is_stale(self, key: str) -> bool:
        found = self.head(claim_of(key))
        if found is None:
            return False
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        return bool(now - found["LastModified"] > STALE)

    def _take_claim(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.client.put_object(Bucket=self.name, Key=claim_of(key), Body=b"", IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) in TAKEN:
                return False
            if code_of(error) not in UNCONDITIONAL:
                raise
        return True

    def release(self, key: str) -> None:
        """Give a claim back, whosever it is."""
        self.delete(claim_of(key))


def _kind(mark: str) -> dict[str, Any]:
    return {"ContentType": "application/octet-stream", "Metadata": {MARK: mark}}


def claim_of(key: str) -> str:
    """Return the name of the object that is there while one of that key is completed."""
    return f".{key}.claim"
