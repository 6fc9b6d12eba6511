"""A real Ceph for tests: a pool of one's own and a user that may use no other, gone afterwards.

The cluster is named by TINTYPE_TEST_CEPH_CONF, whose administrator's key must be in the keyring
that it names, else started by the script of `tests/services`. Test runs beside one another do not
meet, for each has pools of its own.
"""

import atexit
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import pytest

try:
    import rados
    import rbd
except ImportError:
    rados = rbd = None

from tintype.adapters.stores.rbd import RbdDriver

__all__ = ["Pool", "ceph_conf", "ceph_pool", "rbd", "rbd_store", "shared_pool"]

_SCRIPT = Path(__file__).parent / "services" / "rbd.sh"
_CONF = "TINTYPE_TEST_CEPH_CONF"
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool, and the user who may do in it what RBD needs."""

    name: str
    user: str
    conf: str
    """The configuration file of that user's clients."""
    cluster: Any
    """The administrator's connection."""

    @property
    def options(self) -> dict[str, Any]:
        """The options of a store in the pool."""
        return {
            "rbd_store_pool": self.name,
            "rbd_store_user": self.user,
            "rbd_store_ceph_conf": self.conf,
        }

    def conf_with(self, **values: object) -> str:
        """Return a configuration file that says something more."""
        text = Path(self.conf).read_text(encoding="utf-8")
        for name, value in values.items():
            text = _with_option(text, name.replace("_", " "), value)
        file = Path(self.conf).with_name(f"ceph-{next(_numbers)}.conf")
        file.write_text(text, encoding="utf-8")
        return str(file)

    @contextmanager
    def open(self) -> Iterator[Any]:
        """Give the pool as the administrator sees it."""
        with self.cluster.open_ioctx(self.name) as pool:
            yield pool

    def clone(self, image: str, disk: str, form: int) -> None:
        """Make a disk on an image, as Nova and Cinder do; `form` is that of RBD's clones."""
        conf = self.conf_with(rbd_default_clone_format=form)
        with (
            rados.Rados(conffile=conf, rados_id=self.user) as client,
            client.open_ioctx(self.name) as context,
        ):
            rbd.RBD().clone(context, image, "snap", context, disk, features=1)

    def empty(self) -> None:
        """Remove whatever a test that failed has left, clones first."""
        with self.open() as context:
            for name in sorted(rbd.RBD().list(context), reverse=True):
                with rbd.Image(context, name) as image:
                    for each in list(image.list_snaps()):
                        if image.is_protected_snap(each["name"]):
                            image.unprotect_snap(each["name"])
                        image.remove_snap(each["name"])
                rbd.RBD().remove(context, name)

    def ask(self, **command: object) -> bytes:
        """Give the monitors an order."""
        return ask(self.cluster, **command)


def rbd_store(**other: object) -> RbdDriver:
    """Return a started driver on a pool that all users of it must leave empty."""
    driver = RbdDriver.from_settings("shelf", {**shared_pool().options, **other}, named=True)
    driver.start()
    return driver


@cache
def shared_pool() -> "Pool":
    """Make a pool for the whole run."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(ceph_pool())


@contextmanager
def ceph_pool(conf: str | None = None) -> Iterator[Pool]:
    """Make a pool for block devices and a user, in the cluster of a configuration file."""
    conf = conf or ceph_conf()
    name = f"tintype-{os.getpid()}-{next(_numbers)}"
    with (
        rados.Rados(conffile=conf, name="client.admin") as cluster,
        TemporaryDirectory(prefix="tintype-ceph-") as folder,
    ):
        ask(cluster, prefix="osd pool create", pool=name, pg_num=8)
        ask(cluster, prefix="osd pool application enable", pool=name, app="rbd")
        pool = Pool(name, name, _user(cluster, name, Path(folder), conf), cluster)
        try:
            with pool.open() as context:
                rbd.RBD().pool_init(context, True)
            yield pool
        finally:
            cluster.delete_pool(name)
            ask(cluster, prefix="auth rm", entity=f"client.{name}")


def _user(cluster: Any, pool: str, folder: Path, conf: str) -> str:
    caps = ["mon", "profile rbd", "osd", f"profile rbd pool={pool}"]
    order: dict[str, Any] = {"prefix": "auth get-or-create", "entity": f"client.{pool}"}
    (folder / "keyring").write_bytes(ask(cluster, **order, caps=caps))
    text = Path(conf).read_text(encoding="utf-8")
    text = _with_option(text, "keyring", folder / "keyring")
    (folder / "ceph.conf").write_text(text, encoding="utf-8")
    return str(folder / "ceph.conf")


def _with_option(text: str, name: str, value: object) -> str:
    lines = [line for line in text.splitlines() if not line.startswith(f"{name} = ")]
    lines.insert(lines.index("[global]") + 1, f"{name} = {value}")
    return "\n".join([*lines, ""])


def ask(cluster: Any, **command: object) -> bytes:
    """Give the monitors an order.

    Raises:
        AssertionError: they refuse.
    """
    code, answer, problem = cluster.mon_command(json.dumps(command), b"", timeout=30)
    assert not code, f"{command}: {problem}"
    return bytes(answer)


@cache
def ceph_conf(name: str = "rbd") -> str:
    """Return the configuration file of a cluster; any but `rbd` is one for doing harm to."""
    if name == "rbd" and _CONF in os.environ:
        return os.environ[_CONF]
    if rbd is None:
        _give_up("the bindings of Ceph cannot be imported")
    started = subprocess.run(
        [str(_SCRIPT), "start"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TINTYPE_RBD_NAME": name},
    )
    settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
    if _CONF in settings:
        return settings[_CONF]
    _give_up(started.stderr)


def _give_up(problem: str) -> NoReturn:
    problem = (
        "Ceph cannot be used; try: apt-get install ceph-mon ceph-osd ceph-common "
        f"python3-rados python3-rbd, and make again\n{problem}"
    )
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(problem)
