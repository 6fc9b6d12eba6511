"""A service whose callers may say where data is, and what they say."""

from pathlib import Path
from typing import Any

from tests.unit.http.service import ADMIN, ONE_STORE, V21, Answer, Service

STORES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, more:memory, web:http
    {defaults}
    show_image_direct_url = true
    image_location_quota = 4
    [glance_store]
    default_backend = ram
    [ram]
    weight = 1
    [more]
    [web]
"""
SHA512 = "ab" * 64
MD5 = "cd" * 16
JSON = dict[str, Any]


def with_locations(folder: Path, *defaults: str) -> Service:
    """Return a service with two stores in memory and one of web servers."""
    return Service.configured(folder, STORES, *(defaults or ("show_multiple_locations = true",)))


def with_one_store(folder: Path, *defaults: str) -> Service:
    """Return a service in the older form, whose store has no name."""
    return Service.configured(folder, ONE_STORE, "show_multiple_locations = true", *defaults)


def there(service: Service, key: str, data: bytes = b"data", store: str = "more") -> str:
    """Put data into a store behind the service's back, and return its URL."""
    driver = service.container.stores().named(store)
    assert driver is not None
    with driver.create(key, None) as handle:
        handle.write(memoryview(data))
        return handle.commit().url


def a_place(url: str, validation: Any = None, **metadata: Any) -> JSON:
    """Return what a patch says of a location."""
    place: JSON = {"url": url, "metadata": metadata}
    return place if validation is None else {**place, "validation_data": validation}


def a_digest(**other: Any) -> JSON:
    """Return what is said of data."""
    digest: JSON = {"os_hash_algo": "sha512", "os_hash_value": SHA512}
    return {name: value for name, value in (digest | other).items() if value is not None}


def add(service: Service, image_id: str, place: Any, at: str = "-", dialect: str = V21) -> Answer:
    """Say that the data is at a place too."""
    path = f"/locations/{at}"
    op = {"op": "add", "path": path} if dialect == V21 else {"add": path}
    return service.patch(image_id, [{**op, "value": place}], dialect)


def replace(service: Service, image_id: str, places: Any) -> Answer:
    """Say where the data is."""
    return service.patch(image_id, [{"op": "replace", "path": "/locations", "value": places}])


def remove(service: Service, image_id: str, at: str) -> Answer:
    """Remove a location, as an administrator."""
    operator = service.seen_by(ADMIN)
    return operator.patch(image_id, [{"op": "remove", "path": f"/locations/{at}"}])


def urls(service: Service, image_id: str) -> list[str]:
    """Return where an image is shown to be."""
    return [location["url"] for location in service.show(image_id)["locations"]]


def in_two_stores(service: Service, data: bytes = b"data") -> str:
    """Create an image whose data is in `ram`, which is preferred, and in `more`."""
    image_id = service.an_image(data)
    assert add(service, image_id, a_place(there(service, image_id, data))).status == 200
    return image_id
