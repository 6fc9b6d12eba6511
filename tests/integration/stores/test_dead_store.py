"""What callers of the service meet when the server behind one of several stores is gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stores.machine import a_small_disk
from tests.s3_server import remove_bucket, s3_options
from tests.tcp_proxy import TcpProxy, tcp_proxy
from tests.unit.adapters.stores.guard.fickle import until
from tests.unit.http.service import ADMIN, Service

CONFIGURATION = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = here:memory, far:s3
    [glance_store]
    default_backend = here
    [far]
    store_max_failures = 2
    store_retry_interval = 1
    store_max_operations = 2
    s3_store_connect_timeout = 1
    s3_store_read_timeout = 1
    {defaults}
"""
FAR = {"X-Image-Meta-Store": "far"}


@pytest.fixture
def wire() -> Iterator[TcpProxy]:
    options = s3_options()
    with tcp_proxy(options["s3_store_host"]) as proxy:
        proxy.options = {**options, "s3_store_host": proxy.url}  # type: ignore[attr-defined]
        yield proxy
    remove_bucket(options)


@pytest.fixture
def service(tmp_path: Path, wire: TcpProxy) -> Service:
    options = wire.options.items()  # type: ignore[attr-defined]
    lines = [f"{name} = {value}" for name, value in options]
    service = Service.configured(tmp_path, CONFIGURATION, *lines).seen_by(ADMIN)
    service.container.stores().start()
    return service


def download(service: Service, image: str) -> int:
    return service.get(f"/v2/images/{image}/file").status


def far_health(service: Service) -> str:
    stores = service.get("/v2/info/stores/detail").json["stores"]
    return next(str(each["health"]["condition"]) for each in stores if each["id"] == "far")


def test_a_dead_store_is_told_with_the_time_to_come_again_and_comes_back(
    service: Service, wire: TcpProxy
) -> None:
    image = service.an_image()
    assert service.upload(image, b"data", FAR).status == 204
    wire.silent = True
    assert [download(service, image) for _ in range(2)] == [503, 503]

    refused = service.get(f"/v2/images/{image}/file")

    assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
    assert far_health(service) == "unreachable"
    assert download(service, service.an_image(b"data")) == 200
    wire.silent = False
    until(lambda: download(service, image) == 200)
    assert far_health(service) == "ok"
    assert service.ask("DELETE", f"/v2/images/{image}").status == 204


def test_a_full_disk_takes_no_data_until_there_is_room_again(tmp_path: Path) -> None:
    with a_small_disk(tmp_path / "small") as disk:
        text = f"""
            [DEFAULT]
            auth_strategy = trusted_headers
            enabled_backends = disk:file
            {{defaults}}
            [glance_store]
            default_backend = disk
            [disk]
            filesystem_store_datadir = {disk}
            store_capabilities_update_min_interval = 1
        """
        service = Service.configured(tmp_path, text).seen_by(ADMIN)
        service.container.stores().start()
        image = service.an_image(b"data")
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(1 << 16))

        until(lambda: "write" not in able(service))
        assert service.upload(service.an_image(), b"more").status == 413
        assert service.ask("DELETE", f"/v2/images/{image}").status == 204
        ballast.unlink()
        until(lambda: "write" in able(service))
        assert service.an_image(b"more")


def able(service: Service) -> list[str]:
    return list(service.get("/v2/info/stores/detail").json["stores"][0]["capabilities"])
