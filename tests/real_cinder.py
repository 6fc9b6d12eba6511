"""A real Cinder on the loopback interface, whose volumes are in a pool of a real Ceph.

It is installed from PyPI at the first time; see `tests.own_environment`. A run of the tests has one
of its own, which asks for no authentication and ends with it. Each store has a type of volumes
and a project of its own.
"""

import atexit
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from tests.ceph_cluster import Pool, ceph_pool
from tests.own_environment import absent, environment, run
from tests.service import free_port, wait_until
from tintype.adapters.stores.cinder import CinderDriver

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60

_PARTS = Path(__file__).parent / "services" / "cinder"
_REQUIREMENTS = _PARTS / "requirements.txt"
_KEYRINGS = Path("/etc/ceph")
"""Where os-brick looks for the keys of those who use volumes."""

_numbers = count(1)

_DATABASE = """\
[database]
connection = sqlite:///{folder}/cinder.sqlite
"""

_CONFIGURATION = (
    _DATABASE
    + """\
[DEFAULT]
transport_url = fake:/
auth_strategy = noauth
host = here
state_path = {folder}
enabled_backends = ceph
default_volume_type = __DEFAULT__
scheduler_default_filters = AvailabilityZoneFilter
api_paste_config = {home}/etc/cinder/api-paste.ini
rootwrap_config = {home}/etc/cinder/rootwrap.conf
resource_query_filters_file = {home}/etc/cinder/resource_filters.json
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 1
periodic_fuzzy_delay = 0
default_log_levels = cinder=WARNING,eventlet.wsgi.server=WARNING,oslo.service.wsgi=WARNING
[coordination]
backend_url = file://{folder}/coordination
[oslo_concurrency]
lock_path = {folder}/locks
[ceph]
volume_driver = cinder.volume.drivers.rbd.RBDDriver
rbd_pool = {pool}
rbd_user = {pool}
rbd_ceph_conf = {conf}
rados_connection_retries = 1
rados_connection_interval = 1
"""
)


class RealCinder:
    """A Cinder that runs, and its administrator."""

    def __init__(self, folder: Path, pool: Pool) -> None:
        self._home = environment("cinder", _REQUIREMENTS, _prepare)
        self._log = folder / "output.log"
        self.pool = pool
        self.port = free_port()
        self._configuration = folder / "cinder.conf"
        self._configuration.write_text(
            _CONFIGURATION.format(
                folder=folder, home=self._home, port=self.port, pool=pool.name, conf=pool.conf
            ),
            encoding="utf-8",
        )
        shutil.copy(self._home / "seed" / "cinder.sqlite", folder)

    @property
    def url(self) -> str:
        """Where its API begins."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator["RealCinder"]:
        """Run it for the time of a block."""
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [self._home / "bin" / "python", _PARTS / "serve.py", self._configuration],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: self._is_ready(process), f"{self.url} is ready", START_TIMEOUT_S)
            yield self
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._log.read_text(errors='replace')}") from None
        finally:
            process.kill()
            process.wait(STOP_TIMEOUT_S)

    def _is_ready(self, process: "subprocess.Popen[bytes]") -> bool:
        from keystoneauth1.exceptions import ConnectFailure

        assert process.poll() is None, "Cinder ended"
        with suppress(ConnectFailure):
            return bool(self.client().pools.list())
        return False

    def client(self, project: str = "a" * 32) -> Any:
        """Return a client of the administrator in a project, which is a number of 32 digits."""
        from cinderclient.client import Client
        from cinderclient.contrib.noauth import CinderNoAuthPlugin
        from keystoneauth1.session import Session

        auth = CinderNoAuthPlugin("admin", project, endpoint=f"{self.url}/v3")
        return Client("3.54", session=Session(auth))


# -------------------------------------------------------------------------- stores


def cinder_options(**other: object) -> dict[str, Any]:
    """Return the options of a store in a project where there is nothing yet."""
    return {
        "cinder_endpoint_template": f"{the_cinder().url}/v3/%(tenant)s",
        "cinder_store_user_name": "admin",
        "cinder_store_project_name": f"{os.getpid():016x}{next(_numbers):016x}",
        "cinder_volume_type": "shared",
        **other,
    }


@contextmanager
def cinder_store(**other: object) -> Iterator[CinderDriver]:
    """Give a started driver of a store that is empty."""
    options = cinder_options(**other)
    driver = CinderDriver.from_settings("shelf", options, named=True)
    driver.start()
    try:
        yield driver
    finally:
        remove_volumes(options)


def client(options: dict[str, Any]) -> Any:
    """Return a client for the project of a store."""
    return the_cinder().client(options["cinder_store_project_name"])


def remove_volumes(options: dict[str, Any]) -> None:
    """Remove whatever a test left in the project of a store."""
    service = client(options)
    for volume in service.volumes.list():
        for attachment in service.attachments.list(search_opts={"volume_id": volume.id}):
            service.attachments.delete(attachment.id)
        service.volumes.delete(volume.id)


@cache
def the_cinder() -> RealCinder:
    """Return the Cinder of this run, which has the volume types `shared` and `lone`."""
    if find_spec("rbd") is None:
        absent("Python knows no rbd; try: apt-get install python3-rados python3-rbd, then make")
    until_the_end = ExitStack()
    atexit.register(until_the_end.close)
    folder = until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="tintype-cinder-"))
    pool = until_the_end.enter_context(ceph_pool())
    until_the_end.enter_context(_keyring(pool))
    cinder = until_the_end.enter_context(RealCinder(Path(folder), pool).running())
    # The dead are forgotten sooner than by the thirty seconds that are usual.
    pool.ask(prefix="config set", who="osd", name="osd_client_watch_timeout", value="3")
    # What a class of quotas begins with is in the database; options would only count without it.
    cinder.client().quota_classes.update("default", volumes=-1, gigabytes=-1)
    kinds = cinder.client().volume_types
    kinds.create("shared").set_keys({"multiattach": "<is> True"})
    kinds.create("lone")
    return cinder


@contextmanager
def _keyring(pool: Pool) -> Iterator[None]:
    """Put the key of the pool's user where os-brick finds it."""
    conf = Path(pool.conf).read_text(encoding="utf-8")
    source = next(line for line in conf.splitlines() if line.startswith("keyring"))
    text = Path(source.partition("=")[2].strip()).read_text(encoding="utf-8")
    keyring = _KEYRINGS / f"ceph.client.{pool.user}.keyring"
    try:
        _KEYRINGS.mkdir(exist_ok=True)
        keyring.write_text(f"{text}\trados_osd_op_timeout = 5\n", encoding="utf-8")
    except OSError as error:
        absent(f"The key for volumes in Ceph cannot be put down: {error}")
    try:
        yield
    finally:
        keyring.unlink()


# -------------------------------------------------------------------------- installing


def _prepare(home: Path) -> None:
    """Give it the bindings of Ceph, and keep an empty database for each Cinder to start from."""
    seed = home / "seed"
    for name in ("rados", "rbd"):
        file = f"{name}.{sysconfig.get_config_var('SOABI')}.so"
        site = home / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
        (site / file).symlink_to(Path("/usr/lib/python3/dist-packages") / file)
    seed.mkdir()
    (seed / "cinder.conf").write_text(_DATABASE.format(folder=seed), encoding="utf-8")
    manage = home / "bin" / "cinder-manage"
    run(manage, "--config-file", seed / "cinder.conf", "db", "sync")
