"""Makers of rows, in which a test states only what matters to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tintype.entrypoints.python import database as db

ADMIN = db.Context(is_admin=True)
OWNER = db.Context(project_id="owner", user_id="somebody", roles=("Member",))
OTHER = db.Context(project_id="other")
NOBODY = db.Context()
THEN = datetime(2024, 5, 17, 12, 30, 15, 250_000)


def an_image(**values: Any) -> dict[str, Any]:
    """Record an active image of OWNER's."""
    return db.image_create(OWNER, {"status": "active", "owner": "owner", **values})


def images(count: int, **values: Any) -> list[str]:
    """Record images a second apart, and return their ids, oldest first."""
    return [
        an_image(id=str(uuid4()), created_at=THEN + timedelta(seconds=number), **values)["id"]
        for number in range(count)
    ]


def ids(found: Sequence[dict[str, Any]]) -> list[str]:
    """Return the ids of rows, in order."""
    return [row["id"] for row in found]


def live(image: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of an image that are not deleted."""
    return {it.name: it.value for it in image["properties"] if not it.deleted}
