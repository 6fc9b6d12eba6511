"""A real Glance on the loopback interface, for tests of living beside it and after it.

It is run as it was published, and only spoken to by its commands, its API and its database.
"""

import os
import subprocess
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from tests.own_environment import environment
from tests.service import connects, free_port, wait_until

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60

_REQUIREMENTS = Path(__file__).parent / "services" / "glance" / "requirements.txt"
_CONFIGURATION = """\
[DEFAULT]
enabled_backends = {backends}
worker_self_reference_url = http://127.0.0.1:{port}
use_stderr = true
show_multiple_locations = true
{options}
[database]
connection = {database}
[glance_store]
default_backend = {default}
{stores}
[os_glance_staging_store]
filesystem_store_datadir = {folder}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {folder}/tasks
[oslo_concurrency]
lock_path = {folder}/lock
[paste_deploy]
config_file = {folder}/glance-api-paste.ini
flavor = trusted
"""
_PIPELINE = """\
[composite:glance-api-trusted]
paste.composite_factory = glance.api:root_app_factory
/: api
[composite:api]
paste.composite_factory = glance.api:pipeline_factory
trusted = versionnegotiation context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app
[app:apiversions]
paste.app_factory = glance.api.versions:create_resource
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
"""
_DRIVERS = {"postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql", "sqlite": "sqlite"}


class RealGlance:
    """A Glance that believes identity headers, over a database and directories of images.

    `stores` are the directories by the names of their stores; the first is the default.
    """

    def __init__(
        self,
        folder: Path,
        database: str,
        stores: Mapping[str, Path],
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._home = environment("glance", _REQUIREMENTS)
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("staging", "tasks", "lock"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for directory in stores.values():
            directory.mkdir(parents=True, exist_ok=True)
        scheme, _, rest = database.partition(":")
        text = _CONFIGURATION.format(
            folder=folder,
            port=self.port,
            database=f"{_DRIVERS[scheme]}:{rest}",
            backends=",".join(f"{name}:file" for name in stores),
            default=next(iter(stores)),
            options="\n".join(f"{name} = {value}" for name, value in (options or {}).items()),
            stores="\n".join(
                f"[{name}]\nfilesystem_store_datadir = {directory}"
                for name, directory in stores.items()
            ),
        )
        (folder / "glance-api.conf").write_text(text, encoding="utf-8")
        (folder / "glance-api-paste.ini").write_text(_PIPELINE, encoding="utf-8")

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What it printed so far."""
        return (self._folder / "output.log").read_text(encoding="utf-8", errors="replace")

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `glance-manage` to its end."""
        program = self._home / "bin" / "glance-manage"
        return subprocess.run(
            [str(program), "--config-file", f"{self._folder}/glance-api.conf", *arguments],
            env=self._variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=START_TIMEOUT_S,
        )

    @property
    def _variables(self) -> Mapping[str, str]:
        ours = {key: value for key, value in os.environ.items() if not key.startswith("OS_")}
        return {**ours, "OS_GLANCE_CONFIG_DIR": str(self._folder), "PYTHONWARNINGS": "ignore"}

    def start(self) -> Self:
        """Start it and wait for its first answer.

        Raises:
            AssertionError: it ended, or did not answer in time; says what it printed.
        """
        server = str(self._home / "bin" / "gunicorn")
        threads = ("--worker-class", "gthread", "--threads", "4")
        with (self._folder / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [server, *threads, "--bind", f"127.0.0.1:{self.port}", "glance.wsgi.api"],
                env=self._variables,
                cwd=self._folder,
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
        assert self._process is not None and self._process.poll() is None, "Glance ended"
        if not connects(self.port):
            return False
        connection = HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT_S)
        try:
            connection.request("GET", "/versions")
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
