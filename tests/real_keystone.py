"""A real Keystone on the loopback interface, for tests that need real tokens.

It is installed from PyPI in an environment of its own, and an empty database kept there.
"""

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from tests.own_environment import environment, run
from tests.service import connects, free_port, wait_until

PASSWORD = "of-the-administrator"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60

_PARTS = Path(__file__).parent / "services" / "keystone"
_REQUIREMENTS = _PARTS / "requirements.txt"
_CONFIGURATION = """\
[database]
connection = sqlite:///{folder}/keystone.sqlite
[fernet_tokens]
key_repository = {folder}/fernet-keys
[credential]
key_repository = {folder}/credential-keys
[identity]
password_hash_rounds = 4
"""


class RealKeystone:
    """A Keystone with its administrator `admin` and the roles that it makes by itself.

    It handles one request at a time, and knows no endpoint until it is told some. It can be
    stopped and started again at the same address, and forgets nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._home = environment("keystone", _REQUIREMENTS, _prepare)
        shutil.copytree(self._home / "seed", folder)
        _configure(folder)
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where version 3 of its API begins."""
        return f"http://127.0.0.1:{self.port}/v3"

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self._folder / "output.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> Self:
        """Start it and wait for its first answer.

        Raises:
            AssertionError: it ended, or did not answer in time; says what it printed.
        """
        with (self._folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._home / "bin" / "python"), str(_PARTS / "serve.py"), str(self.port)],
                env=_environment(self._folder),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(self._answers, f"{self.url} answers", START_TIMEOUT_S)
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{self.output}") from None
        return self

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None

    def _answers(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "Keystone ended"
        if not connects(self.port):
            return False
        connection = HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT_S)
        try:
            connection.request("GET", "/v3")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *error: object) -> None:
        """End it."""
        self.stop()


def _configure(folder: Path) -> None:
    text = _CONFIGURATION.format(folder=folder)
    (folder / "keystone.conf").write_text(text, encoding="utf-8")


def _environment(folder: Path) -> Mapping[str, str]:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("OS_")}
    return {**ours, "OS_KEYSTONE_CONFIG_DIR": str(folder), "PYTHONWARNINGS": "ignore"}


def _prepare(home: Path) -> None:
    """Keep an empty database and keys, for each Keystone to start from."""
    seed = home / "seed"
    for keys in ("fernet-keys", "credential-keys"):
        (seed / keys).mkdir(mode=0o700, parents=True)
    _configure(seed)
    user = pwd.getpwuid(os.getuid()).pw_name
    group = grp.getgrgid(os.getgid()).gr_name
    owner = ("--keystone-user", user, "--keystone-group", group)
    for command in (
        ("db_sync",),
        ("fernet_setup", *owner),
        ("credential_setup", *owner),
        ("bootstrap", "--bootstrap-password", PASSWORD),
    ):
        configured = (home / "bin" / "keystone-manage", "--config-dir", seed)
        run(*configured, *command, variables=_environment(seed))
