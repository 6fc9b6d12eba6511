"""What is put right about a location that another program wrote."""

from typing import Any

import pytest

from tintype.domain.adoption import with_present_key, without_credentials
from tintype.domain.location import Location


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"backend": "fast"}, {"store": "fast"}),
        ({"backend": "fast", "x": {"y": []}}, {"store": "fast", "x": {"y": []}}),
        ({"backend": "fast", "store": "slow"}, {"store": "slow"}),
    ],
)
def test_the_store_is_named_by_the_key_of_today(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert with_present_key(Location("file:///i", before)).metadata == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s3://key:secret@host/bucket/id", "s3://host/bucket/id"),
        ("s3+https://key:sec/ret@host:8080/bucket/id", "s3+https://host:8080/bucket/id"),
        ("s3+http://key:sec@ret@host/bucket/id", "s3+http://host/bucket/id"),
        ("S3://key:/s//e/@host/bucket/id", "S3://host/bucket/id"),
    ],
)
def test_credentials_leave_the_urls_of_s3(before: str, after: str) -> None:
    assert without_credentials(Location(before)).url == after


@pytest.mark.parametrize(
    "url",
    [
        "s3://host/bucket/id",
        "s3://host/bucket/i@d",
        "s3://id",
        "swift+https://user:key@host/container/id",
        "no url",
    ],
)
def test_a_location_without_them_is_the_very_same(url: str) -> None:
    location = Location(url, {"store": "s"})

    assert with_present_key(without_credentials(location)) is location
