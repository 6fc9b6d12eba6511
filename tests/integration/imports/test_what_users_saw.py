"""What users of imports saw elsewhere and must not see here (import-and-tasks §19).

Each test is named after what was seen, with its number in that list.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import OCTETS as TYPE
from tests.e2e.api import Api, noise
from tests.integration.stores.odd_server import Dripping, OddServer, an_answer, odd_server
from tests.packed import zeros_in_gzip, zipped
from tests.service import Service as Installation
from tests.service import wait_until
from tests.unit.adapters.inspection.disks import Workshop
from tests.unit.http.service import ADMIN, Answer, Service

STORES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, more:memory
    image_size_cap = 16777216
    {defaults}
    [glance_store]
    default_backend = ram
"""
FROM_HERE = """
    [import_filtering_opts]
    allowed_hosts = [127.0.0.1]
    allowed_ports = []
"""
UNPACKING = """
    [image_import_opts]
    image_import_plugins = [image_decompression]
"""
DIRECT = {"method": {"name": "glance-direct"}}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Service]:
    """Return a maker of services with two stores, configured further as a test wants."""

    def configured(*more: str, defaults: str = "") -> Service:
        service = Service.configured(tmp_path, "".join((STORES, *more)), defaults)
        service.container.stores().start()
        return service

    return configured


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


def stage(service: Service, data: bytes, **facts: Any) -> str:
    """Create an image and stage its data."""
    image_id = service.an_image(**facts)
    assert service.ask("PUT", f"/v2/images/{image_id}/stage", data, TYPE).status == 204
    return image_id


def ask(service: Service, image_id: str, body: Any) -> Answer:
    return service.send("POST", f"/v2/images/{image_id}/import", body)


def imported(service: Service, image_id: str, body: Any) -> tuple[Any, Any]:
    """Import, and return the image and its last task at the end."""
    assert ask(service, image_id, body).status == 202
    wait_until(lambda: "os_glance_import_task" not in service.show(image_id), "the import ends")
    return service.show(image_id), service.get(f"/v2/images/{image_id}/tasks").json["tasks"][-1]


def web(url: str) -> Any:
    return {"method": {"name": "web-download", "uri": url}}


def test_01_a_failed_import_could_not_be_sent_again(
    make: Callable[..., Service], workshop: Workshop
) -> None:
    service = make()
    image_id = stage(service, workshop.disk("qcow2"), disk_format="vmdk")
    image, task = imported(service, image_id, DIRECT)
    assert (task["status"], image["status"]) == ("failure", "importing")
    change = [{"op": "replace", "path": "/disk_format", "value": "qcow2"}]
    assert service.patch(image_id, change).status == 200
    image, task = imported(service, image_id, DIRECT)
    assert (task["status"], image["status"]) == ("success", "active")


def test_02_a_refused_upload_poisoned_the_image(
    make: Callable[..., Service], workshop: Workshop
) -> None:
    service = make()
    image_id = service.an_image(disk_format="vmdk")
    assert service.upload(image_id, workshop.disk("qcow2")).status == 415
    image = service.show(image_id)
    facts = [image[name] for name in ("status", "checksum", "os_hash_value", "size")]
    assert (facts, service.stored()) == (["queued", None, None, None], [])
    assert service.get(f"/v2/images/{image_id}/file").status == 204
    assert service.upload(image_id, workshop.disk("vmdk")).status == 204


@pytest.mark.parametrize("store", ["os_glance_staging_store", "os_glance_tasks_store"])
def test_03_reserved_stores_were_offered_and_took_images(
    make: Callable[..., Service], store: str
) -> None:
    service = make()
    created = service.send("POST", "/v2/images", {})
    assert created.headers["OpenStack-image-store-ids"] == "ram,more"
    image_id = stage(service, b"data")
    assert ask(service, image_id, {**DIRECT, "stores": [store]}).status == 409
    path = f"/v2/images/{image_id}/import"
    assert service.send("POST", path, DIRECT, {"X-Image-Meta-Store": store}).status == 409
    queued = service.an_image()
    assert service.upload(queued, b"data", {"X-Image-Meta-Store": store}).status == 400
    active = service.an_image(b"data")
    prefer = service.seen_by(ADMIN).get(f"/v2/images/{active}/file?prefer={store}")
    assert prefer.status == 400
    assert service.seen_by(ADMIN).ask("DELETE", f"/v2/stores/{store}/{active}").status == 409


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "0", "[::ffff:0.0.0.0]", "[::127.0.0.1]"])
def test_04_loopback_was_reached_by_other_names(
    make: Callable[..., Service], odd: OddServer, host: str
) -> None:
    service = make("\n    [import_filtering_opts]\n    allowed_ports = []\n")
    answer = ask(service, service.an_image(), web(f"http://{host}:{odd.port}/disk"))
    assert answer.status == 400
    assert "does not pass filtering" in answer.message
    assert odd.heard == []


def test_05_a_member_of_an_archive_replaced_the_data_of_another_image(
    make: Callable[..., Service],
) -> None:
    service = make(UNPACKING)
    victim = stage(service, b"precious")
    attack = stage(service, zipped((victim, b"evil")))
    assert imported(service, attack, DIRECT)[1]["status"] == "success"
    assert imported(service, victim, DIRECT)[1]["status"] == "success"
    assert service.get(f"/v2/images/{victim}/file").body == b"precious"


def test_05_a_small_archive_filled_the_disk(make: Callable[..., Service], tmp_path: Path) -> None:
    service = make(UNPACKING)
    bomb = stage(service, zeros_in_gzip(17))
    image, task = imported(service, bomb, DIRECT)
    assert (task["status"], image["status"]) == ("failure", "queued")
    assert list((tmp_path / "staging").iterdir()) == []


def test_06_a_silent_server_held_an_import_for_ever(
    make: Callable[..., Service], odd: OddServer
) -> None:
    service = make(FROM_HERE, "    [web_download]\n    total_timeout = 1\n")
    odd.answers["GET /silent"] = b""
    odd.answers["GET /slow"] = Dripping(an_answer(200, "Content-Length: 999", body=b"x" * 999))
    for path in ("/silent", "/slow"):
        image, task = imported(service, service.an_image(), web(odd.url(path)))
        assert (task["status"], image["status"]) == ("failure", "queued")


def test_07_nobody_was_told_why_an_import_failed(
    make: Callable[..., Service], odd: OddServer, workshop: Workshop
) -> None:
    service = make(FROM_HERE)
    odd.answers["GET /short"] = an_answer(200, "Content-Length: 9", body=b"x")
    causes = [
        imported(service, service.an_image(), web(odd.url("/gone")))[1]["message"],
        imported(service, service.an_image(), web(odd.url("/short")))[1]["message"],
        imported(service, stage(service, workshop.disk("vdi"), disk_format="qcow2"), DIRECT)[1][
            "message"
        ],
    ]
    for cause, words in zip(causes, ("404", "broke off", "'qcow2'"), strict=True):
        assert words in cause
        assert "nternal" not in cause


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run a service of its own processes, which may be killed."""
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {"enabled_backends": "local:file,web:http", "sweep_interval": 1},
        "glance_store": {"default_backend": "local"},
        "local": {
            "filesystem_store_datadir": tmp_path_factory.mktemp("stored"),
        },
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
    }
    with Installation(tmp_path_factory.mktemp("installation"), options) as service:
        yield service


def killed(installation: Installation) -> None:
    """Let it die at once, and start it again."""
    installation.kill()
    installation.start()


def test_08_tasks_and_locks_were_lost_with_their_process(
    installation: Installation, odd: OddServer
) -> None:
    api = Api(installation.url)
    data = noise(5000, "eight")
    odd.answers["GET /disk"] = Dripping(an_answer(200, "Content-Length: 5000", body=data))
    image_id = api.create()["id"]
    body = json.dumps(web(odd.url("/disk"))).encode()
    api.request("POST", f"/v2/images/{image_id}/import", body).expect(202)
    wait_until(lambda: odd.heard, "the import is under way")
    odd.answers["GET /disk"] = an_answer(200, "Content-Length: 5000", body=data)
    killed(installation)
    wait_until(lambda: "os_glance_import_task" not in api.show(image_id), "it ends", 60)
    (task,) = api.request("GET", f"/v2/images/{image_id}/tasks").expect(200).json["tasks"]
    assert (task["status"], api.status(image_id)) == ("success", "active")
    assert api.download(image_id).body == data
    api.delete(image_id).expect(204)


@pytest.mark.parametrize(
    "body",
    [
        {"method": "glance-direct"},
        [],
        [DIRECT],
        "glance-direct",
        7,
        {**DIRECT, "stores": 7},
        {**DIRECT, "stores": "ram"},
        {**DIRECT, "stores": []},
        {**DIRECT, "stores": ["ram", "ram"]},
        {**DIRECT, "stores": [None]},
        {"method": {"name": "web-download", "uri": 7}},
        {"method": {"name": "web-download", "uri": None}},
        {"method": {"name": None}},
        {"method": None},
        {**DIRECT, "all_stores": None},
    ],
    ids=repr,
)
def test_09_odd_requests_were_answered_with_internal_errors(
    make: Callable[..., Service], body: Any
) -> None:
    service = make()
    image_id = stage(service, b"data")
    assert ask(service, image_id, body).status == 400
    assert imported(service, image_id, DIRECT)[0]["status"] == "active"


def test_10_an_image_could_not_be_deleted_when_who_hashed_it_had_died(
    installation: Installation, odd: OddServer
) -> None:
    api = Api(installation.url)
    odd.answers["HEAD /disk"] = an_answer(200, "Content-Length: 5000")
    odd.answers["GET /disk"] = Dripping(an_answer(200, "Content-Length: 5000", body=b"x" * 5000))
    image_id = api.create()["id"]
    body = json.dumps({"url": odd.url("/disk"), "validation_data": {}}).encode()
    api.request("POST", f"/v2/images/{image_id}/locations", body).expect(202)
    wait_until(lambda: any("GET" in asked for asked in odd.heard), "the data is read")
    killed(installation)
    api.delete(image_id).expect(204)
    assert api.status(image_id) == "gone"


def read_so_far() -> int:
    """Return how many bytes this process has read from files and sockets."""
    text = Path("/proc/self/io").read_text(encoding="ascii")
    return int(text.split("rchar: ")[1].split()[0])


def test_11_staged_data_was_read_once_for_each_store(make: Callable[..., Service]) -> None:
    service = make()
    data = noise(12 << 20, "eleven")
    image_id = stage(service, data)
    before = read_so_far()
    image, _ = imported(service, image_id, {**DIRECT, "all_stores": True})
    assert image["stores"] == "ram,more"
    assert read_so_far() - before < 1.5 * len(data)


def test_12_tasks_expired_only_when_their_project_listed_them(make: Callable[..., Service]) -> None:
    service = make("    [task]\n    task_time_to_live = 0\n")
    image_id = stage(service, b"data")
    assert ask(service, image_id, DIRECT).status == 202
    wait_until(lambda: service.show(image_id)["status"] == "active", "the import")
    wait_until(service.container.remove_expired_tasks(), "somebody removes the task")
    assert service.seen_by(ADMIN).get("/v2/tasks").json["tasks"] == []


@pytest.mark.parametrize("case", ["mislabelled", "a backing file", "good"])
def test_13_with_parallel_stores_nothing_was_inspected(
    make: Callable[..., Service], workshop: Workshop, case: str
) -> None:
    service = make("    [image_import_opts]\n    max_parallel_stores = 4\n")
    disks = {
        "mislabelled": workshop.disk("raw"),
        "a backing file": workshop.backed_by_another(),
        "good": workshop.disk("qcow2"),
    }
    image_id = stage(service, disks[case], disk_format="qcow2")
    image, task = imported(service, image_id, {**DIRECT, "all_stores": True})
    if case == "good":
        assert (task["status"], image["virtual_size"]) == ("success", len(Workshop.content()))
        return
    assert (task["status"], image["status"]) == ("failure", "importing")
    assert task["message"]
    progress = [image[f"os_glance_{name}"] for name in ("importing_to_stores", "failed_import")]
    assert (progress, service.stored(), service.stored("more")) == (["", "more,ram"], [], [])
