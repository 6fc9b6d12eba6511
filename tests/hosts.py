"""Hosts of their own on one machine: network namespaces with addresses and names.

Only root can make them. Without, tests are skipped; under CI they fail.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.service import Service

_NET = f"10.213.{os.getpid() % 250}"


@dataclass(frozen=True)
class Host:
    """A place with an address; commands run there see no other network."""

    name: str
    address: str

    @property
    def prefix(self) -> Sequence[str]:
        """What stands before a command that is to run there."""
        named = f'hostname {self.name} && exec "$@"'
        return ("ip", "netns", "exec", self.name, "unshare", "--uts", "sh", "-c", named, "sh")


class HostedService(Service):
    """A service on a host; several may have one configuration."""

    def __init__(self, folder: Path, host: Host, options: dict[str, dict[str, object]]) -> None:
        self.host = host
        bound = {"bind_host": host.address, **options["DEFAULT"]}
        super().__init__(folder, {**options, "DEFAULT": bound})

    @property
    def address(self) -> str:
        """The address at which it serves."""
        return self.host.address

    @property
    def command(self) -> Sequence[str]:
        """The command line that starts it."""
        return (*self.host.prefix, *super().command)


@contextmanager
def hosts(count: int) -> Iterator[Sequence[Host]]:
    """Make hosts that reach one another and are reached from here, for the time of a block."""
    if os.geteuid() != 0:
        _refuse("network namespaces are for root")
    mine = f"tt{os.getpid()}"
    made = [Host(f"{mine}-{number}", f"{_NET}.{number + 2}") for number in range(count)]
    try:
        try:
            _ip("link", "add", mine, "type", "bridge")
            _ip("addr", "add", f"{_NET}.1/24", "dev", mine)
            _ip("link", "set", mine, "up")
            for number, host in enumerate(made):
                _connect(host, mine, f"{mine}v{number}")
        except (OSError, subprocess.CalledProcessError) as error:
            _refuse(f"no network namespaces here: {error}; apt-get install iproute2")
        yield made
    finally:
        for host in made:
            subprocess.run(["ip", "netns", "del", host.name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", mine], check=False, capture_output=True)


def _connect(host: Host, bridge: str, wire: str) -> None:
    _ip("netns", "add", host.name)
    _ip("link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", host.name)
    _ip("link", "set", wire, "master", bridge, "up")
    inside = ("-n", host.name)
    _ip(*inside, "addr", "add", f"{host.address}/24", "dev", "eth0")
    _ip(*inside, "link", "set", "eth0", "up")
    _ip(*inside, "link", "set", "lo", "up")


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _refuse(problem: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(problem)
    pytest.skip(f"HOSTS ARE NOT TESTED: {problem}")
