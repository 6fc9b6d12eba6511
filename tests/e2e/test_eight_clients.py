"""Eight clients at once against one SQLite file: nothing fails and nothing acknowledged is lost."""

import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.e2e.api import Answer, Api, noise
from tests.service import Service

CLIENTS = 8
DURATION_S = float(os.environ.get("TINTYPE_E2E_SECONDS", "10"))
LARGEST = 3 << 20


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run a service on SQLite."""
    with Service(tmp_path_factory.mktemp("eight")) as service:
        yield service


@dataclass
class Expected:
    """What one image must be, after all that was acknowledged."""

    facts: dict[str, str]
    tags: set[str] = field(default_factory=set)
    data: bytes | None = None


class ApiClient:
    """Does one thing after another, at random, and remembers what was acknowledged.

    It has images of its own, and shares one with all other clients, in which it alone writes
    the property and the tags that have its name.
    """

    def __init__(self, name: str, api: Api, shared: str) -> None:
        self.name = name
        self.own: dict[str, Expected] = {}
        self.deleted: set[str] = set()
        self.shared_count = 0
        self.shared_tags: set[str] = set()
        self.requests = 0
        self._api = api
        self._shared = shared
        self._random = random.Random(name)

    def work(self, end: float) -> "ApiClient":
        """Go on until that time of the monotonic clock."""
        acts = (
            *(self.create, self.patch, self.patch, self.tag, self.untag, self.upload),
            *(self.download, self.delete, self.patch_shared, self.tag_shared, self.list),
        )
        while time.monotonic() < end:
            self.requests += 1
            self._random.choice(acts)()
        return self

    def pick(self) -> str | None:
        """Choose one of its images."""
        return self._random.choice(sorted(self.own)) if self.own else None

    def create(self) -> None:
        """Create an image, unless it has plenty."""
        if len(self.own) < 6:
            name = f"{self.name}-{self._random.random()}"
            image = self._api.create(name=name, count="0")
            self.own[image["id"]] = Expected({"name": name, "count": "0"})

    def patch(self) -> None:
        """Change an image of its own."""
        if image_id := self.pick():
            facts = {"count": str(self._random.random()), "name": f"{self._random.random()}"}
            self._api.set(image_id, **facts).expect(200)
            self.own[image_id].facts.update(facts)

    def tag(self) -> None:
        """Put a tag on an image of its own."""
        if image_id := self.pick():
            tag = f"t{self._random.randrange(10)}"
            self._api.request("PUT", f"/v2/images/{image_id}/tags/{tag}").expect(204)
            self.own[image_id].tags.add(tag)

    def untag(self) -> None:
        """Take a tag off an image of its own."""
        if (image_id := self.pick()) and self.own[image_id].tags:
            tag = self._random.choice(sorted(self.own[image_id].tags))
            self._api.request("DELETE", f"/v2/images/{image_id}/tags/{tag}").expect(204)
            self.own[image_id].tags.discard(tag)

    def upload(self) -> None:
        """Give an image of its own data; one that has some refuses."""
        if image_id := self.pick():
            expected = self.own[image_id]
            data = noise(self._random.randrange(LARGEST), self._random.random())
            self._api.upload(image_id, data).expect(204 if expected.data is None else 409)
            expected.data = data if expected.data is None else expected.data

    def download(self) -> None:
        """Fetch the data of an image of its own."""
        if image_id := self.pick():
            check_data(self._api.download(image_id), self.own[image_id])

    def delete(self) -> None:
        """Delete an image of its own."""
        if image_id := self.pick():
            self._api.delete(image_id).expect(204)
            del self.own[image_id]
            self.deleted.add(image_id)

    def patch_shared(self) -> None:
        """Count on in the image of all."""
        self._api.set(self._shared, **{self.name: str(self.shared_count + 1)}).expect(200)
        self.shared_count += 1

    def tag_shared(self) -> None:
        """Put a tag on the image of all, or take it off again."""
        tag = f"{self.name}-{self._random.randrange(4)}"
        method = "DELETE" if tag in self.shared_tags else "PUT"
        self._api.request(method, f"/v2/images/{self._shared}/tags/{tag}").expect(204)
        self.shared_tags ^= {tag}

    def list(self) -> None:
        """List what there is; its own images are all there."""
        listed = {image["id"] for image in self._api.images()}
        assert self.own.keys() <= listed
        assert not self.deleted & listed


def check_data(answer: Answer, expected: Expected) -> None:
    """Fail unless the answer brings exactly the bytes that were acknowledged."""
    answer.expect(204 if expected.data is None else 200)
    assert answer.body == (expected.data or b"")


def check_image(shown: dict[str, Any], expected: Expected) -> None:
    """Fail unless an image shows everything that was acknowledged."""
    assert {name: shown[name] for name in expected.facts} == expected.facts
    assert set(shown["tags"]) == expected.tags
    data = expected.data
    assert shown["status"] == ("queued" if data is None else "active")
    assert shown["size"] == (None if data is None else len(data))
    assert shown["os_hash_value"] == (None if data is None else hashlib.sha512(data).hexdigest())


def test_nothing_fails_and_nothing_that_was_acknowledged_is_lost(service: Service) -> None:
    api = Api(service.url)
    shared = api.create(name="shared")["id"]
    clients = [ApiClient(f"client{number}", api, shared) for number in range(CLIENTS)]

    end = time.monotonic() + DURATION_S
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda client: client.work(end), clients))

    print(f"{sum(client.requests for client in clients)} requests in {DURATION_S:g} s")
    of_all = api.show(shared)
    for client in clients:
        for image_id, expected in client.own.items():
            check_image(api.show(image_id), expected)
            check_data(api.download(image_id), expected)
        assert all(api.status(image_id) == "gone" for image_id in client.deleted)
        assert of_all.get(client.name, "0") == str(client.shared_count)
    assert set(of_all["tags"]) == set().union(*(client.shared_tags for client in clients))
    with_data = (item for client in clients for item in client.own.items())
    assert service.stored == {key for key, expected in with_data if expected.data is not None}


def test_of_eight_uploads_to_one_image_exactly_one_wins(service: Service) -> None:
    api = Api(service.url)
    image_id = api.create()["id"]
    bodies = [noise(LARGEST, number) for number in range(CLIENTS)]
    together = threading.Barrier(CLIENTS)

    def upload(body: bytes) -> int:
        together.wait()
        return api.upload(image_id, body).status

    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = list(pool.map(upload, bodies))

    assert sorted(statuses) == [204] + [409] * (CLIENTS - 1)
    assert api.download(image_id).body == bodies[statuses.index(204)]
    assert service.stored == {image_id}
