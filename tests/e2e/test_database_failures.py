"""The database fails under the running service: it says so, loses nothing, and heals by itself."""

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.databases import blank_url
from tests.e2e.api import Answer, Api
from tests.integration.stores.machine import a_small_disk, give_up
from tests.service import Options, Service, wait_until
from tests.wire import Wire

WRITERS = 4
CUTS = int(os.environ.get("TINTYPE_DATABASE_CUTS", "5"))
ONE_WORKER: Options = {"DEFAULT": {"workers": 1}}
POSTGRES = Path(__file__).parents[1] / "services" / "postgres.sh"


def calls(api: Api, image_id: str) -> list[Callable[[], Answer]]:
    """Return a reading and a writing call."""
    read = f"/v2/images/{image_id}"
    return [lambda: api.request("GET", read), lambda: api.set(image_id, k="v")]


def says_so(answer: Answer) -> bool:
    """Tell whether an answer says that the database cannot be reached now."""
    return answer.status == 503 and b"database cannot be reached" in answer.body


@pytest.fixture(params=["postgresql", "mariadb"])
def cuttable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Service, Wire]]:
    """Run a service that reaches its database by way of a proxy."""
    with blank_url(request.param) as given:
        url = make_url(given)
        assert url.host and url.port
        with Wire(url.host, url.port) as proxy:
            there = url.set(host="127.0.0.1", port=proxy.port)
            connection = {"connection": there.render_as_string(hide_password=False)}
            with Service(tmp_path, {**ONE_WORKER, "database": connection}) as service:
                yield service, proxy


def test_a_database_that_is_away_is_said_to_be_and_found_again(
    cuttable: tuple[Service, Wire],
) -> None:
    service, proxy = cuttable
    api = Api(service.url)
    image_id = api.create()["id"]

    proxy.close()
    while_away = [call() for _ in range(2) for call in calls(api, image_id)]
    proxy.open()
    after = [call() for call in calls(api, image_id)]

    assert all(map(says_so, while_away)), while_away
    assert [answer.status for answer in after] == [200, 200]


def test_connections_that_are_cut_cost_no_image_that_was_acknowledged(
    cuttable: tuple[Service, Wire],
) -> None:
    service, proxy = cuttable
    api = Api(service.url)
    created: set[str] = set()
    refused: list[Answer] = []
    moments = random.Random(1)
    cutting = True

    def create() -> None:
        while cutting:
            answer = api.request("POST", "/v2/images", b'{"name": "n"}')
            if answer.status == 201:
                created.add(answer.json["id"])
            else:
                refused.append(answer)

    def reached(goal: int) -> bool:
        return len(created) >= goal

    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(create) for _ in range(WRITERS)]
        for _ in range(CUTS):
            goal = len(created) + moments.randrange(1, 2 * WRITERS)
            wait_until(partial(reached, goal), "images are made between two cuts")
            proxy.cut()
        cutting = False
        for writer in writers:
            writer.result()

    assert all(map(says_so, refused)), refused
    assert created <= {image["id"] for image in api.images()}


# ------------------------------------------------------------------ a restart


class Postgres:
    """A PostgreSQL of its own, which can be stopped."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="tintype-postgres-"))
        self._home.chmod(0o755)  # the server runs as another user
        self._variables = {**os.environ, "TINTYPE_SERVICES": str(self._home)}
        started = subprocess.run(
            [str(POSTGRES), "start"],
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
        )
        settings = dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)
        if "TINTYPE_TEST_POSTGRES_URL" not in settings:
            give_up(f"PostgreSQL cannot be started: {started.stderr}")
        self.url = settings["TINTYPE_TEST_POSTGRES_URL"]
        self._state = self._home / "postgres"
        # The script makes servers that forget what they had not written yet.
        with (self._state / "data" / "postgresql.conf").open("a", encoding="ascii") as file:
            file.write("synchronous_commit = on\n")
        self.control("reload")

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` as the server's user."""
        (program,) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1:]
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        place = ["-D", str(self._state / "data"), "-l", str(self._state / "server.log")]
        subprocess.run(
            [*(user if os.getuid() == 0 else []), str(program), *place, "-w", *arguments],
            stdout=subprocess.DEVNULL,
            check=True,
            cwd="/",
        )

    def remove(self) -> None:
        """End it and leave nothing behind."""
        subprocess.run([str(POSTGRES), "stop"], env=self._variables, check=False)
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL of its own."""
    server = Postgres()
    yield server
    server.remove()


def test_a_database_that_crashes_and_comes_back_has_what_was_acknowledged(
    postgres: Postgres, tmp_path: Path
) -> None:
    options: Options = {**ONE_WORKER, "database": {"connection": postgres.url}}
    with Service(tmp_path, options) as service:
        api = Api(service.url)
        image_id = api.create(name="kept")["id"]
        api.upload(image_id, b"data").expect(204)

        postgres.control("stop", "--mode=immediate")
        while_away = [call() for call in calls(api, image_id)]
        postgres.control("start")

        assert all(map(says_so, while_away)), while_away
        assert api.download(image_id).body == b"data"
        api.set(image_id, k="v").expect(200)


# ------------------------------------------------------------------ a full disk


def test_a_full_disk_of_the_database_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with a_small_disk(tmp_path / "disk", "8m") as disk:
        connection = {"connection": f"sqlite:///{disk}/tintype.sqlite"}
        with Service(tmp_path / "service", {**ONE_WORKER, "database": connection}) as service:
            api = Api(service.url)
            kept = [api.create()["id"]]
            fill = (disk / "ballast").open("wb", buffering=0)
            with fill, pytest.raises(OSError):
                while True:
                    fill.write(bytes(4096))

            attempts = [api.request("POST", "/v2/images", big_image()) for _ in range(100)]
            kept += [answer.json["id"] for answer in attempts if answer.status == 201]
            refused = [answer for answer in attempts if answer.status != 201]
            assert refused
            assert all(map(says_so, refused)), refused[0]

            service.kill()
            service.start()
            assert {image["id"] for image in api.images()} == set(kept)
            (disk / "ballast").unlink()
            kept.append(api.create()["id"])
            assert {image["id"] for image in api.images()} == set(kept)


def big_image() -> bytes:
    """Return the body of a request for an image that takes some room."""
    return b'{"description": "%s"}' % (b"x" * 20_000)
