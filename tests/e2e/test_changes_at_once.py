"""Two clients change one image at once: with a condition or without, no change is lost."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.api import PATCH_TYPE, Answer, Api
from tests.service import Service

ROUNDS = int(os.environ.get("TINTYPE_E2E_ROUNDS", "50"))
CLIENTS = ("left", "right")


@pytest.fixture
def api(on_open_service: Service) -> Api:
    """Talk to the service."""
    return Api(on_open_service.url)


def counted_on(api: Api, image_id: str) -> Answer:
    """Add one to what an image counts, unless somebody else does so meanwhile."""
    shown = api.request("GET", f"/v2/images/{image_id}").expect(200)
    change = {"op": "replace", "path": "/count", "value": str(int(shown.json["count"]) + 1)}
    headers = {**PATCH_TYPE, "If-Match": shown.headers["etag"]}
    body = json.dumps([change]).encode()
    return api.request("PATCH", f"/v2/images/{image_id}", body, headers).expect(200, 412)


def test_counting_on_what_they_saw_two_clients_lose_nothing(api: Api) -> None:
    image_id = api.create(count="0")["id"]

    def count(_client: str) -> int:
        refused = 0
        for _ in range(ROUNDS):
            while counted_on(api, image_id).status == 412:
                refused += 1
        return refused

    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        refused = sum(pool.map(count, CLIENTS))

    print(f"{len(CLIENTS) * ROUNDS} changes, {refused} refused and made again")
    count_at_end = api.show(image_id)["count"]
    api.delete(image_id).expect(204)
    assert count_at_end == str(len(CLIENTS) * ROUNDS)


def test_adding_different_properties_two_clients_lose_nothing(api: Api) -> None:
    image_id = api.create()["id"]
    together = threading.Barrier(len(CLIENTS))
    lost: list[str] = []

    def add(client: str) -> None:
        for number in range(ROUNDS):
            together.wait(60)
            api.set(image_id, **{client: str(number)}).expect(200)
            together.wait(60)
            shown = api.show(image_id)
            lost.extend(each for each in CLIENTS if shown.get(each) != str(number))

    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        list(pool.map(add, CLIENTS))

    api.delete(image_id).expect(204)
    assert lost == []
