"""What owners have."""

from typing import Any

from tests.contract.records.making import ADMIN, OWNER, an_image
from tintype.entrypoints.python import database as db

IMPORTING = "os_glance_importing_to_stores"


def places(*statuses: str) -> list[dict[str, Any]]:
    """Return locations of these statuses."""
    return [
        {"url": f"file:///{number}", "metadata": {}, "status": status}
        for number, status in enumerate(statuses)
    ]


def test_bytes_count_once_for_each_location_that_is_there() -> None:
    an_image(size=10, locations=places("active", "pending_delete", "deleted"))
    twice = an_image(size=100, locations=places("active", "active"))["id"]
    an_image(size=1000)
    an_image(size=None, locations=places("active"))
    an_image(size=10_000, owner="other", locations=places("active"))
    for status in ("killed", "deleted", "pending_delete"):
        an_image(size=100_000, status=status, locations=places("active"))
    gone = an_image(size=1_000_000, locations=places("active"))["id"]
    db.image_destroy(OWNER, gone)

    assert db.user_get_storage_usage(ADMIN, "owner") == 220
    assert db.user_get_storage_usage(ADMIN, "owner", image_id=twice) == 20
    assert db.user_get_storage_usage(ADMIN, "other") == 10_000
    assert db.user_get_storage_usage(ADMIN, "unknown") == 0


def test_bytes_on_their_way_count_as_staged() -> None:
    an_image(size=1, status="uploading")
    an_image(size=10, status="importing")
    an_image(size=100, properties={IMPORTING: "fast"})
    an_image(size=1000, properties={IMPORTING: ""})
    an_image(size=1000)
    an_image(size=1000, status="saving")
    an_image(size=1000, status="killed", properties={IMPORTING: "fast"})
    done = an_image(size=1000, properties={IMPORTING: "fast"})["id"]
    db.image_property_delete(OWNER, IMPORTING, done)

    assert db.user_get_staging_usage(ADMIN, "owner") == 111
    assert isinstance(db.user_get_staging_usage(ADMIN, "unknown"), int)


def test_images_are_counted() -> None:
    for status in ("queued", "saving", "uploading", "importing", "active", "deactivated"):
        an_image(status=status)
    for status in ("killed", "deleted", "pending_delete"):
        an_image(status=status)
    an_image(properties={IMPORTING: "fast"})
    an_image(owner="other")

    assert db.user_get_image_count(ADMIN, "owner") == 7
    assert db.user_get_uploading_count(ADMIN, "owner") == 4
    assert db.user_get_image_count(ADMIN, "other") == 1
