"""A Glance and a Tintype on one database and the same directories of images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.databases import blank_url
from tests.e2e.api import Api, member_of
from tests.real_glance import RealGlance
from tests.service import Options, Service, run
from tintype.adapters.database.engine import make_engine


@dataclass
class Cloud:
    """Both services, and what they share."""

    glance: RealGlance
    tintype: Service
    engine: Engine
    stores: dict[str, Path]

    @property
    def by_name(self) -> dict[str, Api]:
        """The clients of a member of a project, one of each service."""
        return {"glance": self.api("glance"), "tintype": self.api("tintype")}

    def api(self, name: str, project: str = "p") -> Api:
        """Return a client of one of them, for a member of a project."""
        url = self.glance.url if name == "glance" else self.tintype.url
        return Api(url, member_of(project))

    def db(self, *arguments: str) -> tuple[int, str]:
        """Run `tintype db`, and return its exit code and what it printed."""
        ended = run("db", *arguments, "--config-file", str(self.tintype.config_file))
        return ended.returncode, ended.stdout + ended.stderr

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement on the database behind their backs."""
        with self.engine.connect() as connection:
            done = connection.execute(text(statement), values)
            return list(done) if done.returns_rows else []

    @property
    def stored(self) -> set[str]:
        """The names of the files in all stores."""
        return {file.name for folder in self.stores.values() for file in folder.iterdir()}


def settings(database: str, stores: dict[str, Path]) -> Options:
    """Return the options of Tintype for the database and the stores of that Glance."""
    return {
        "DEFAULT": {
            "auth_strategy": "trusted_headers",
            "enabled_backends": ", ".join(f"{name}:file" for name in stores),
            "show_multiple_locations": "true",
        },
        "database": {"connection": database},
        "glance_store": {"default_backend": next(iter(stores))},
        **{name: {"filesystem_store_datadir": folder} for name, folder in stores.items()},
    }


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Run a Glance over PostgreSQL; the Tintype beside it is for the tests to start."""
    folder = tmp_path_factory.mktemp("cloud")
    stores = {"fast": folder / "fast", "slow": folder / "slow"}
    with blank_url("postgresql") as database:
        glance = RealGlance(folder / "glance", database, stores)
        made = glance.manage("db_sync")
        assert made.returncode == 0, made.stdout
        tintype = Service(folder / "tintype", settings(database, stores))
        engine = make_engine(database)
        try:
            with glance:
                yield Cloud(glance, tintype, engine, stores)
        finally:
            tintype.stop()
            engine.dispose()
