"""A catalogue of many images, written into the tables directly: through the API it takes long."""

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from benchmarks.client import PROJECT
from tintype.adapters.database import label_times, tables
from tintype.adapters.database.engine import make_engine

BATCH = 1000
PROJECTS = 1000
FIRST = datetime(2024, 1, 1)
VISIBILITIES = (*("private",) * 6, *("shared",) * 2, "public", "community")

_ANALYZE = {
    "postgresql": "ANALYZE",
    "mysql": "ANALYZE TABLE images, image_properties, image_tags, image_locations",
}
"""What such a server would find out by itself in a while."""

Rows = list[dict[str, Any]]


def seed(database: str, images: int) -> None:
    """Add images, a quarter of them the load's own, each with five properties and two tags."""
    engine = make_engine(database)
    try:
        with engine.connect() as connection:
            for first in range(0, images, BATCH):
                connection.exec_driver_sql("BEGIN")
                for table, rows in _batch(range(first, min(first + BATCH, images))):
                    connection.execute(insert(table), rows)
                connection.exec_driver_sql("COMMIT")
            if statement := _ANALYZE.get(engine.dialect.name):
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _batch(numbers: range) -> Iterator[tuple[Any, Rows]]:
    images = [_image(number) for number in numbers]
    yield tables.images, images
    yield label_times.properties, [row for image in images for row in _properties(image)]
    yield label_times.tags, [row for image in images for row in _tags(image)]
    yield tables.image_locations, [_location(image) for image in images]


def _image(number: int) -> dict[str, Any]:
    chance = random.Random(number)
    at = FIRST + timedelta(seconds=37 * number)
    project = uuid.UUID(int=number % PROJECTS, version=4)
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": f"seed-{number:07d}",
        "status": "active",
        "visibility": VISIBILITIES[number % len(VISIBILITIES)],
        "owner": PROJECT if number % 4 == 0 else str(project),
        "disk_format": "qcow2",
        "container_format": "bare",
        "size": chance.randrange(1 << 34),
        "checksum": f"{number:032x}",
        "os_hash_algo": "sha512",
        "os_hash_value": f"{number:0128x}",
        "min_disk": 0,
        "min_ram": 0,
        "created_at": at,
        "updated_at": at,
        "deleted": False,
    }


def _part(image: dict[str, Any]) -> dict[str, Any]:
    at = image["created_at"]
    return {"image_id": image["id"], "created_at": at, "updated_at": at, "deleted": False}


def _label(image: dict[str, Any]) -> dict[str, Any]:
    return {**_part(image), label_times.TIME: image["created_at"]}


def _properties(image: dict[str, Any]) -> Rows:
    number = int(image["checksum"], 16)
    return [
        {**_label(image), "name": f"property_{k}", "value": f"value {(number + k) % 10}"}
        for k in range(5)
    ]


def _tags(image: dict[str, Any]) -> Rows:
    number = int(image["checksum"], 16)
    return [{**_label(image), "value": f"tag-{(number + k) % 20}"} for k in range(2)]


def _location(image: dict[str, Any]) -> dict[str, Any]:
    return {
        **_part(image),
        "value": f"file:///nowhere/{image['id']}",
        "meta_data": '{"store": "local"}',
        "status": "active",
    }
