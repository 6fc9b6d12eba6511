"""Two hosts with one catalogue: what one of them has staged, the other is asked to import.

Their stores are the same directories. Staging is one of each host, unless said otherwise.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.api import MIB, OCTETS, Answer, Api, noise
from tests.e2e.conftest import leave_nothing
from tests.held_source import held_source
from tests.hosts import Host, HostedService, hosts
from tests.service import free_port, wait_until

DATA = noise(2 * MIB + 17, "hosts")
SHA512 = hashlib.sha512(DATA).hexdigest()


@pytest.fixture(scope="module")
def places() -> Iterator[Sequence[Host]]:
    """Make two hosts."""
    with hosts(2) as made:
        yield made


def service_on(
    host: Host, folder: Path, *, shared: bool, allowed: str = "192.0.2.1"
) -> HostedService:
    """Return a service on a host, all but staging in one place for all of them."""
    port = free_port()
    staging = folder / ("staging" if shared else f"staging-of-{host.name}")
    options: dict[str, dict[str, object]] = {
        "DEFAULT": {
            "noauth_anywhere": "true",
            "bind_port": port,
            "workers": 1,
            "enabled_backends": "local:file,web:http",
            "worker_self_reference_url": f"http://{host.address}:{port}",
            "lease_time": 5,
            "sweep_interval": 1,
        },
        "database": {"connection": f"sqlite:///{folder}/catalogue.db"},
        "glance_store": {"default_backend": "local"},
        "local": {"filesystem_store_datadir": folder / "images"},
        "os_glance_staging_store": {"filesystem_store_datadir": staging, "shared": shared},
        "import_filtering_opts": {"allowed_hosts": f"[{allowed}]", "allowed_ports": "[]"},
    }
    service = HostedService(folder / host.name, host, options)
    service.port = port
    service.store_dir = folder / "images"
    return service


@contextmanager
def running(
    places: Sequence[Host], folder: Path, *, shared: bool
) -> Iterator[tuple[HostedService, HostedService]]:
    """Run a service on each host for the time of a block."""
    allowed = places[0].address.rpartition(".")[0] + ".1"
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(service_on(host, folder, shared=shared, allowed=allowed))
            for host in places
        )
        yield one, other
        leave_nothing(one)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where both keep everything."""
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def pair(places: Sequence[Host], folder: Path) -> Iterator[tuple[HostedService, HostedService]]:
    """Run services with staging of their own."""
    with running(places, folder, shared=False) as pair:
        yield pair


def staged(api: Api) -> str:
    """Create an image and stage its data."""
    image_id = str(api.create()["id"])
    api.request("PUT", f"/v2/images/{image_id}/stage", DATA, OCTETS).expect(204)
    return image_id


def ask(api: Api, image_id: str) -> Answer:
    """Ask for what is staged to be imported."""
    body = json.dumps({"method": {"name": "glance-direct"}}).encode()
    return api.request("POST", f"/v2/images/{image_id}/import", body)


def assert_imported(api: Api, image_id: str) -> None:
    """Wait for the end of an import, and fail unless the image is whole."""
    wait_until(lambda: "os_glance_import_task" not in api.show(image_id), "the import has ended")
    shown = api.show(image_id)
    assert (shown["status"], shown["os_hash_value"]) == ("active", SHA512)
    assert api.download(image_id).body == DATA
    api.delete(image_id).expect(204)


def test_what_one_host_staged_is_imported_and_deleted_by_way_of_the_other(
    pair: tuple[HostedService, HostedService], folder: Path
) -> None:
    one, other = (Api(service.url) for service in pair)
    image_id = staged(one)
    answer = ask(other, image_id).expect(202)
    assert answer.body == b""
    assert "openstack-image-import-task-id" in answer.headers
    assert_imported(other, image_id)
    unwanted = staged(one)
    other.delete(unwanted).expect(204)
    assert list(folder.glob("staging-of-*/*")) == []


def test_a_host_that_is_gone_is_told_of_and_in_nobodys_way(
    pair: tuple[HostedService, HostedService], folder: Path
) -> None:
    one, other = (Api(service.url) for service in pair)
    kept, unwanted = staged(one), staged(one)
    pair[0].kill()
    answer = ask(other, kept).expect(504)
    assert "Stage host is unavailable" in answer.json["error"]["message"]
    other.delete(unwanted).expect(204)
    pair[0].start()
    left = [path.name for path in folder.glob("staging-of-*/*")]
    assert left == [kept]
    ask(other, kept).expect(202)
    assert_imported(other, kept)


def test_shared_staging_lets_any_host_import(places: Sequence[Host], tmp_path: Path) -> None:
    with running(places, tmp_path, shared=True) as pair:
        one, other = (Api(service.url) for service in pair)
        first, second = staged(one), staged(one)
        ask(other, first).expect(202)
        assert_imported(one, first)
        pair[0].kill()
        ask(other, second).expect(202)
        assert_imported(other, second)
        assert list((tmp_path / "staging").iterdir()) == []
        pair[0].start()


def test_a_hash_that_one_host_computes_is_called_off_by_way_of_the_other(
    pair: tuple[HostedService, HostedService], places: Sequence[Host]
) -> None:
    one, other = (Api(service.url) for service in pair)
    here = places[0].address.rpartition(".")[0] + ".1"
    with held_source(DATA, here) as web:
        web.hold(MIB)
        image_id = one.create()["id"]
        body = json.dumps({"url": web.url}).encode()
        one.request("POST", f"/v2/images/{image_id}/locations", body).expect(202)
        wait_until(lambda: one.status(image_id) == "active", "its hash is being computed")
        other.delete(image_id).expect(204)
        web.let_go()
    assert one.status(image_id) == "gone"
