"""A real S3 service for tests: a bucket of one's own, gone afterwards.

Taken from TINTYPE_TEST_S3_ENDPOINT and its fellows, else started by the script of
`tests/services`. Each user has a bucket of its own, so that test runs beside one another do
not meet.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tintype.adapters.stores.s3 import S3Driver

_SCRIPT = Path(__file__).parent / "services" / "s3.sh"
_ENDPOINT = "TINTYPE_TEST_S3_ENDPOINT"
_numbers = count(1)


def s3_options(**other: object) -> dict[str, Any]:
    """Return the options of a store in a bucket that is not there yet."""
    settings = s3_settings()
    return {
        "s3_store_host": settings[_ENDPOINT],
        "s3_store_access_key": settings["TINTYPE_TEST_S3_ACCESS_KEY"],
        "s3_store_secret_key": settings["TINTYPE_TEST_S3_SECRET_KEY"],
        "s3_store_bucket": f"tintype-{os.getpid()}-{next(_numbers)}",
        "s3_store_create_bucket_on_put": True,
        **other,
    }


def small_account() -> dict[str, Any]:
    """Return the options for an account that may have 4 MiB in all."""
    return {"s3_store_access_key": s3_settings()["TINTYPE_TEST_S3_SMALL_ACCESS_KEY"]}


@contextmanager
def s3_store(**other: object) -> Iterator[S3Driver]:
    """Give a started driver on an empty bucket."""
    options = s3_options(**other)
    driver = S3Driver.from_settings("shelf", options, named=True)
    driver.start()
    try:
        yield driver
    finally:
        remove_bucket(options)


def client(options: Mapping[str, Any]) -> Any:
    """Return a client of the service."""
    from boto3.session import Session

    return Session().client(
        "s3",
        endpoint_url=options["s3_store_host"],
        region_name="us-east-1",
        aws_access_key_id=options["s3_store_access_key"],
        aws_secret_access_key=options["s3_store_secret_key"],
    )


def remove_bucket(options: Mapping[str, Any]) -> None:
    """Remove the bucket and whatever a test left in it."""
    bucket = options["s3_store_bucket"]
    service = client(options)
    for entry in service.list_objects_v2(Bucket=bucket).get("Contents", ()):
        service.delete_object(Bucket=bucket, Key=entry["Key"])
    service.delete_bucket(Bucket=bucket)


@cache
def s3_settings() -> Mapping[str, str]:
    """Return what the script prints of the server, or what is set of another one."""
    if _ENDPOINT in os.environ:
        return os.environ
    started = subprocess.run([str(_SCRIPT), "start"], capture_output=True, text=True, check=False)
    settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if _ENDPOINT in settings:
        return settings
    problem = (
        "radosgw cannot be started; try: apt-get install ceph-mon ceph-osd ceph-common radosgw "
        f"python3-rados python3-rbd\n{started.stderr}"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)
