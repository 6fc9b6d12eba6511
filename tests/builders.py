"""Makers of domain objects, in which a test states only what matters to it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tintype.domain.caller import Caller
from tintype.domain.image import Image, StoredData
from tintype.domain.lease import Lease, Purpose
from tintype.domain.location import Location
from tintype.domain.member import Member
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskType

THEN = datetime(2024, 5, 17, 12, 30, 15, 250_000, tzinfo=UTC)
"""The moment at which the things made here came to be."""

OWNER = "6d2f1c0e5a7b4e0f9d3c8b1a2e4f6071"
"""The project that owns the images made here, and that callers belong to."""

ADMIN = Caller(
    user_id="admin",
    project_id="0ad0ad0ad0ad40ad80ad0ad0ad0ad0ad",
    roles=frozenset({"admin", "member", "reader"}),
    is_admin=True,
)
"""An administrator, of a project that owns nothing."""

_WITH_DATA = (Status.ACTIVE, Status.DEACTIVATED, Status.PENDING_DELETE)


def a_caller(project_id: str | None = OWNER, **facts: Any) -> Caller:
    """Return a member of a project, unless said otherwise of that which owns the images."""
    default: dict[str, Any] = {
        "user_id": "somebody",
        "project_id": project_id,
        "roles": frozenset({"member", "reader"}),
    }
    return Caller(**default | facts)


def a_location(url: str = "file:///images/1", *, store: str | None = "files") -> Location:
    """Return a location, not saved yet."""
    return Location(url, {} if store is None else {"store": store})


def stored_data(size: int = 3, **facts: Any) -> StoredData:
    """Return what is known of `size` bytes that a store has taken."""
    default: dict[str, Any] = {
        "size": size,
        "checksum": "900150983cd24fb0d6963f7d28e17f72",
        "os_hash_algo": "sha512",
        "os_hash_value": "ab" * 64,
        "virtual_size": None,
        "location": a_location(),
    }
    return StoredData(**default | facts)


def an_image(status: Status = Status.QUEUED, **facts: Any) -> Image:
    """Return an image with both formats set, and with data if its status promises some."""
    default: dict[str, Any] = {
        "id": str(uuid4()),
        "created_at": THEN,
        "updated_at": THEN,
        "owner": OWNER,
        "disk_format": "raw",
        "container_format": "bare",
    }
    if status in _WITH_DATA:
        data = stored_data()
        default |= {
            "size": data.size,
            "checksum": data.checksum,
            "os_hash_algo": data.os_hash_algo,
            "os_hash_value": data.os_hash_value,
            "locations": [data.location],
        }
    return Image(status=status, **default | facts)


def a_member(image_id: str, member_id: str = "a-friend", **facts: Any) -> Member:
    """Return a membership that was not answered yet."""
    default: dict[str, Any] = {
        "image_id": image_id,
        "member_id": member_id,
        "created_at": THEN,
        "updated_at": THEN,
    }
    return Member(**default | facts)


def a_lease(**facts: Any) -> Lease:
    """Return the lease of an upload into a store."""
    default: dict[str, Any] = {
        "id": str(uuid4()),
        "image_id": str(uuid4()),
        "purpose": Purpose.UPLOAD,
        "holder": "host/1/boot/10/100",
        "expires_at": THEN,
        "store": "files",
    }
    return Lease(**default | facts)


def a_task(**facts: Any) -> Task:
    """Return a task that nobody has begun with, of the project that owns the images."""
    default: dict[str, Any] = {
        "id": str(uuid4()),
        "type": TaskType.LOCATION_IMPORT.value,
        "owner": OWNER,
        "created_at": THEN,
        "updated_at": THEN,
    }
    return Task(**default | facts)
