"""What is left after an import, row by row (import-and-tasks §4 and §14)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stores.odd_server import OddServer, a_redirect, an_answer, odd_server
from tests.service import wait_until
from tests.unit.http.service import ADMIN, OCTETS, Service

DATA = b"0123456789"
CONFIGURATION = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = good:memory, bad:memory, worse:memory, spare:memory
    {defaults}
    [glance_store]
    default_backend = good
    [bad]
    memory_store_capacity = 2
    [worse]
    memory_store_capacity = 1
    [import_filtering_opts]
    allowed_hosts = [127.0.0.1]
    allowed_ports = []
    [image_import_opts]
    max_parallel_stores = {parallel}
"""


@dataclass(frozen=True)
class Row:
    """A case, and what it leaves.

    `source` is `direct`, `copy`, or the answer of a web server. `retried` is how the same
    request, sent again at once, is answered.
    """

    source: Any
    stores: tuple[str, ...]
    task: str
    image: str
    failed: str
    staged: bool = False
    tolerant: bool = False
    disk_format: str = "raw"
    failed_in_parallel: str | None = None
    in_stores: str | None = None
    retried: int = 202


GOOD = an_answer(200, "Content-Length: 10", body=DATA)
ROWS: Mapping[str, Row] = {
    "web, 404": Row(
        an_answer(404, "Content-Length: 0"), ("good", "bad"), "failure", "queued", "bad,good"
    ),
    "web, short": Row(
        an_answer(200, "Content-Length: 20", body=DATA), ("good",), "failure", "queued", "good"
    ),
    "web, forbidden redirect": Row(
        a_redirect(302, "http://127.0.0.2/"), ("good",), "failure", "queued", "good"
    ),
    "web, another format": Row(GOOD, ("good",), "failure", "queued", "good", disk_format="qcow2"),
    "web, a store broken": Row(GOOD, ("good", "bad"), "failure", "queued", "bad,good"),
    "web, tolerant": Row(
        GOOD,
        ("good", "bad"),
        "success",
        "active",
        "bad",
        tolerant=True,
        in_stores="good",
        retried=409,
    ),
    "web, tolerant, all broken": Row(
        GOOD, ("worse", "bad"), "failure", "queued", "bad,worse", tolerant=True
    ),
    "direct": Row("direct", ("good",), "success", "active", "", in_stores="good", retried=409),
    "direct, a store broken": Row(
        "direct",
        ("good", "bad"),
        "failure",
        "importing",
        "bad",
        staged=True,
        failed_in_parallel="bad,good",
    ),
    "direct, another format": Row(
        "direct", ("good",), "failure", "importing", "good", staged=True, disk_format="qcow2"
    ),
    "direct, tolerant": Row(
        "direct",
        ("bad", "good"),
        "success",
        "active",
        "bad",
        tolerant=True,
        in_stores="good",
        retried=409,
    ),
    "direct, tolerant, all broken": Row(
        "direct", ("worse", "bad"), "failure", "importing", "bad,worse", staged=True, tolerant=True
    ),
    "copy, a store broken": Row("copy", ("bad",), "failure", "active", "bad", in_stores="good"),
    "copy, another store broken": Row(
        "copy", ("spare", "bad"), "failure", "active", "bad", in_stores="good"
    ),
    "copy, tolerant": Row(
        "copy", ("worse", "bad"), "failure", "active", "bad,worse", tolerant=True, in_stores="good"
    ),
}


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture(params=[1, 4], ids=["one after the other", "in parallel"])
def parallel(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def service(tmp_path: Path, parallel: int) -> Service:
    service = Service.configured(tmp_path, CONFIGURATION.replace("{parallel}", str(parallel)))
    service.container.stores().start()
    return service.seen_by(ADMIN)


def a_request(service: Service, odd: OddServer, row: Row) -> tuple[str, Any]:
    """Return an image for a row, and the body of its import."""
    data = DATA if row.source == "copy" else None
    image_id = service.an_image(data, disk_format=row.disk_format)
    method: dict[str, Any] = {"name": "glance-direct"}
    if row.source == "direct":
        typed = {"Content-Type": OCTETS}
        assert service.ask("PUT", f"/v2/images/{image_id}/stage", DATA, typed).status == 204
    elif row.source == "copy":
        method = {"name": "copy-image"}
    else:
        odd.answers["GET /disk"] = row.source
        method = {"name": "web-download", "uri": odd.url("/disk")}
    more = {"stores": list(row.stores), "all_stores_must_succeed": not row.tolerant}
    return image_id, {"method": method, **more}


@pytest.mark.parametrize("case", ROWS)
def test_what_is_left(
    service: Service, odd: OddServer, tmp_path: Path, parallel: int, case: str
) -> None:
    row = ROWS[case]
    image_id, body = a_request(service, odd, row)
    path = f"/v2/images/{image_id}"
    assert service.send("POST", f"{path}/import", body).status == 202
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the end")
    image, (task,) = service.show(image_id), service.get(f"{path}/tasks").json["tasks"]

    assert (task["status"], image["status"]) == (row.task, row.image)
    assert task["message"].startswith("Copied 0 MiB" if row.task == "success" else "")
    assert task["message"]
    failed = row.failed if parallel == 1 else row.failed_in_parallel or row.failed
    assert image["os_glance_importing_to_stores"] == ""
    assert image["os_glance_failed_import"] == failed
    assert image.get("stores") == row.in_stores
    assert (image["checksum"] is None) == (row.in_stores is None)
    assert (image["size"] is None) == (row.in_stores is None)
    wait_until(lambda: (tmp_path / "staging" / image_id).exists() is row.staged, "staging")
    for store in ("good", "bad", "worse", "spare"):
        assert service.stored(store) == ([image_id] if row.in_stores == store else [])

    again = service.send("POST", f"{path}/import", body)
    assert again.status == row.retried
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the end")
    assert service.ask("DELETE", path).status == 204
    assert list((tmp_path / "staging").iterdir()) == []
    assert service.stored("good") == []


def test_a_protected_image_keeps_its_staged_data_when_it_is_not_deleted(
    service: Service, tmp_path: Path
) -> None:
    image_id = service.an_image(protected=True)
    path = f"/v2/images/{image_id}"
    typed = {"Content-Type": OCTETS}
    assert service.ask("PUT", f"{path}/stage", DATA, typed).status == 204
    assert service.ask("DELETE", path).status == 403
    assert (tmp_path / "staging" / image_id).read_bytes() == DATA
