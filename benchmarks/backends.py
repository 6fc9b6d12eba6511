"""The drivers, each with a real server behind it, and the tool that its backend comes with.

The servers are those of the tests. A tool moves the same file to the same place, by the settings
that it has when nobody sets any, but for the size of segments, which is the driver's.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import ceph_cluster, s3_server, swift_server
from tests.real_cinder import cinder_store
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.domain.ports.storage_driver import StorageDriver

Move = Callable[[Path], None]
"""Moves an object of the tool's own from a file, or to nowhere; the path is that of the file."""

KEY = "by-the-tool"


@dataclass(frozen=True)
class Tool:
    """What moves data when no driver does."""

    name: str
    put: Move
    get: Move
    remove: Callable[[], None]


@dataclass(frozen=True)
class Backend:
    """A started driver, and its tool, if there is one."""

    driver: StorageDriver
    tool: Tool | None = None


def _run(*command: object, env: Mapping[str, str] | None = None) -> None:
    subprocess.run(
        [*map(str, command)],
        check=True,
        env=None if env is None else {**os.environ, **env},
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def file(folder: Path) -> Iterator[Backend]:
    """Files; `cp`, and `sync` of what it wrote, since a driver's data survives a power failure."""
    settings = {"filesystem_store_datadir": str(folder / "images")}
    driver = FilesystemDriver.from_settings("bench", settings, named=True)
    driver.start()
    # In a directory of its own, too: file systems choose places on the disk by directory.
    copy = folder / "copies" / KEY
    copy.parent.mkdir()

    def put(source: Path) -> None:
        _run("cp", source, copy)
        _run("sync", copy)

    def get(_: Path) -> None:
        # cp knows that nobody reads what goes to /dev/null, and need not read it either.
        with subprocess.Popen(["cat", str(copy)], stdout=subprocess.PIPE) as cat:
            _drain(cat)

    yield Backend(driver, Tool("cp, sync / cat", put, get, copy.unlink))


def _drain(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    buffer = bytearray(1 << 20)
    while process.stdout.readinto(buffer):  # type: ignore[attr-defined]
        pass
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, process.args)


@contextmanager
def s3(folder: Path) -> Iterator[Backend]:
    """Objects of radosgw; boto3's managed transfer."""
    with s3_server.s3_store() as driver:
        settings = s3_server.s3_options()
        client = s3_server.client(settings)
        bucket = settings["s3_store_bucket"]
        client.create_bucket(Bucket=bucket)
        nowhere = open(os.devnull, "wb")  # noqa: SIM115

        tool = Tool(
            "boto3 transfer",
            lambda source: client.upload_file(str(source), bucket, KEY),
            lambda _: client.download_fileobj(bucket, KEY, nowhere),
            lambda: client.delete_object(Bucket=bucket, Key=KEY),
        )
        try:
            yield Backend(driver, tool)
        finally:
            nowhere.close()
            client.delete_bucket(Bucket=bucket)


@contextmanager
def swift(folder: Path) -> Iterator[Backend]:
    """Objects of Swift; `swift`, with segments as the driver's."""
    options = swift_server.swift_options(
        swift_store_large_object_size=200, swift_store_large_object_chunk_size=200
    )
    with swift_server.swift_store(options) as driver:
        container = f"{options['swift_store_container']}-tool"
        env = {
            "ST_AUTH": options["swift_store_auth_address"],
            "ST_USER": options["swift_store_user"],
            "ST_KEY": options["swift_store_key"],
        }
        swift = Path(sys.executable).with_name("swift")
        named = ("--object-name", KEY)

        def put(source: Path) -> None:
            segments = ("--segment-size", 200 << 20, "--use-slo")
            _run(swift, "upload", *segments, *named, container, source, env=env)

        def get(_: Path) -> None:
            _run(swift, "download", "-o", os.devnull, container, KEY, env=env)

        tool = Tool("swift", put, get, lambda: _run(swift, "delete", container, KEY, env=env))
        try:
            yield Backend(driver, tool)
        finally:
            swift_server.remove_container({**options, "swift_store_container": container})


@contextmanager
def rbd(folder: Path) -> Iterator[Backend]:
    """Devices of Ceph; `rbd import` and `rbd export`."""
    driver = ceph_cluster.rbd_store()
    pool = ceph_cluster.shared_pool()
    who = ("--conf", pool.conf, "--id", pool.user, "--no-progress")
    device = f"{pool.name}/{KEY}"

    def get(_: Path) -> None:
        command = ["rbd", *who, "export", device, "-"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as export:
            _drain(export)

    tool = Tool(
        "rbd import / export",
        lambda source: _run("rbd", *who, "import", source, device),
        get,
        lambda: _run("rbd", *who, "rm", device),
    )
    yield Backend(driver, tool)


@contextmanager
def cinder(folder: Path) -> Iterator[Backend]:
    """Volumes of Cinder in a pool of Ceph; no command moves data into one."""
    with cinder_store() as driver:
        yield Backend(driver)


BACKENDS: Mapping[str, Callable[[Path], AbstractContextManager[Backend]]] = {
    "file": file,
    "s3": s3,
    "swift": swift,
    "rbd": rbd,
    "cinder": cinder,
}
