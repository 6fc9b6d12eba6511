"""`tintype db`, as an operator and scripts run it (database §13, operations §3)."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from tests.builders import a_caller, an_image
from tests.contract.catalogue.steps import keep
from tests.integration.database.field import REVISION, make_field_database
from tests.service import run
from tintype.adapters.database import schema
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.domain.errors import Duplicate
from tintype.entrypoints.cli import main
from tintype.entrypoints.cli.configuration import load
from tintype.entrypoints.container import Container


class Installation:
    """A state directory of its own, whose database is an SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.engine: Engine = make_engine(f"sqlite:///{folder}/tintype.sqlite")

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(main, [*arguments, "--state-dir", str(self.folder)])

    def sql(self, statement: str) -> None:
        """Run a statement."""
        with self.engine.connect() as connection:
            connection.execute(text(statement))


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation without a database."""
    return Installation(tmp_path / "state")


def test_the_exit_code_of_check_tells_the_next_step(installation: Installation) -> None:
    make_field_database(installation.engine)
    for code, step in ((3, "expand"), (4, "migrate")):
        checked = installation.run("db", "check")
        assert (checked.exit_code, step in checked.stdout) == (code, True)
        assert installation.run("db", step).exit_code == 0

    checked = installation.run("db", "check")

    assert (checked.exit_code, checked.stdout) == (0, "The database is up to date.\n")
    assert "nothing to contract" in installation.run("db", "contract").stdout
    assert "nothing to migrate" in installation.run("db", "migrate").stdout


@pytest.mark.parametrize("step", ["migrate", "contract", "commit-adoption"])
def test_a_step_before_its_turn_is_refused(installation: Installation, step: str) -> None:
    make_field_database(installation.engine)
    options = ("--yes",) if step == "commit-adoption" else ()

    refused = installation.run("db", step, *options)

    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Error: It is too early for tintype db {step}: run")


@pytest.mark.parametrize("words", [("db", "sync"), ("db_sync",), ("db_sync", "2024_1")])
@pytest.mark.parametrize("of_glance", [True, False])
def test_sync_does_all_that_check_would_ask_for(
    installation: Installation, words: tuple[str, ...], of_glance: bool
) -> None:
    if of_glance:
        make_field_database(installation.engine)

    assert installation.run(*words).exit_code == 0

    assert installation.run("db_check").exit_code == 0
    assert installation.run("db_version").stdout == f"{schema.HEAD}\n"


@pytest.mark.parametrize(
    "words", [("db", "upgrade"), ("db", "upgrade", "--version", "heads"), ("db_upgrade", "heads")]
)
def test_upgrade_takes_the_newest_version_only(
    installation: Installation, words: tuple[str, ...]
) -> None:
    done = installation.run(*words)
    refused = installation.run("db", "upgrade", "--version", "train_expand01")

    assert (done.exit_code, done.stdout) == (0, f"The database is at {schema.HEAD}.\n")
    assert refused.exit_code == 1
    assert "There is no upgrade to train_expand01" in refused.stderr


def test_a_version_is_told_of_a_database_that_has_none(installation: Installation) -> None:
    assert "not under our control yet" in installation.run("db", "version").stdout


def test_a_database_that_lost_its_mark_is_put_under_control(installation: Installation) -> None:
    make_field_database(installation.engine)
    installation.sql("DROP TABLE alembic_version")

    wrong = installation.run("db", "version_control", "--version", "liberty")
    marked = installation.run("db_version_control")

    assert wrong.exit_code == 1
    assert f"can be marked as {REVISION} only" in wrong.stderr
    assert (marked.exit_code, marked.stdout) == (0, f"The database is marked as {REVISION}.\n")
    assert installation.run("db", "adopt").exit_code == 0


@pytest.mark.parametrize("words", [("db", "version_control"), ("db", "adopt"), ("db", "sync")])
def test_tables_that_are_not_glances_are_not_taken_over(
    installation: Installation, words: tuple[str, ...]
) -> None:
    make_field_database(installation.engine, "train_contract01")

    refused = installation.run(*words)

    assert refused.exit_code == 1
    assert "finish the upgrade with the old release first" in refused.stderr


def test_adopting_looks_first_and_does_it_when_told_to(installation: Installation) -> None:
    make_field_database(installation.engine)

    looked = installation.run("db", "adopt", "--json")
    done = installation.run("db", "adopt", "--apply")
    both = installation.run("db", "adopt", "--apply", "--dry-run")

    assert looked.stdout.startswith('{"applied": false, "locations": 0,')
    assert done.exit_code == 0
    assert "The database is adopted." in done.stdout
    assert both.exit_code == 2
    assert installation.run("db", "commit-adoption", "--yes").stdout.startswith("Committed.")


def test_committing_asks_first(installation: Installation) -> None:
    assert installation.run("db", "sync").exit_code == 0

    assert installation.run("db", "commit-adoption").exit_code == 1


# ------------------------------------------------------------------ purging


def long_ago(installation: Installation, count: int) -> list[str]:
    """Record images that were deleted a year ago, with a tag each."""
    assert installation.run("db", "sync").exit_code == 0
    work = SqlWork(installation.engine)
    images = [an_image(tags=["t"]) for _ in range(count)]
    keep(work, *images)
    then = (datetime.now(UTC) - timedelta(days=365)).replace(tzinfo=None)
    for table in ("images", "image_tags"):
        installation.sql(f"UPDATE {table} SET deleted = 1, deleted_at = '{then}'")
    installation.sql("UPDATE images SET status = 'deleted'")
    return [image.id for image in images]


def test_purging_takes_the_oldest_of_each_table_and_images_by_a_command_of_their_own(
    installation: Installation,
) -> None:
    long_ago(installation, 3)

    assert "0 rows of images" in installation.run("db", "purge_images_table").stdout
    assert "2 rows of image_tags" in installation.run("db", "purge", "--max_rows", "2").stdout
    assert "1 rows of images" not in installation.run("db", "purge", "--max_rows", "-1").stdout
    assert "3 rows of images" in installation.run("db", "purge_images_table").stdout


def test_purging_in_the_words_of_long_ago(installation: Installation) -> None:
    long_ago(installation, 2)

    assert "0 rows of image_tags" in installation.run("db_purge", "366").stdout
    assert "1 rows of image_tags" in installation.run("db_purge", "30", "1").stdout
    assert "1 rows of image_tags" in installation.run("db_purge", "--max_rows", "1").stdout
    assert "2 rows of images" in installation.run("db_purge_images_table").stdout


@pytest.mark.parametrize(
    ("old", "verbs"),
    [(False, ("db", "purge")), (False, ("db", "purge_images_table")), (True, ("db_purge", "30"))],
)
def test_a_dry_run_tells_what_would_go_and_deletes_nothing(
    installation: Installation, old: bool, verbs: tuple[str, ...]
) -> None:
    long_ago(installation, 3)
    if "purge_images_table" in verbs:
        installation.sql("DELETE FROM image_tags")

    command = (*verbs, "--max_rows", "2") if not old else (*verbs, "2")
    told = [installation.run(*command, "--dry-run") for _ in range(2)]
    done = installation.run(*command)

    nothing = "Nothing was deleted: that is what would go.\n"
    assert [each.stdout for each in told] == [done.stdout + nothing] * 2
    assert "        2 rows of" in done.stdout


def test_a_dry_run_leaves_the_schema_of_another_service_alone(installation: Installation) -> None:
    make_field_database(installation.engine)

    refused = installation.run("db", "purge", "--dry-run")

    assert (refused.exit_code, "run tintype db expand" in refused.stderr) == (1, True)
    assert installation.run("db", "check").exit_code == 3


def test_programs_are_told_what_went_as_json(installation: Installation) -> None:
    long_ago(installation, 3)
    tables = ("image_properties", "image_tags", "image_locations", "image_members", "tasks")

    def told(verb: str, *options: str) -> Any:
        return json.loads(installation.run("db", verb, "--json", *options).stdout)

    rows = dict.fromkeys(tables, 0) | {"image_tags": 3}
    assert told("purge", "--dry-run") == {"applied": False, "rows": rows}
    assert told("purge") == {"applied": True, "rows": rows}
    assert told("purge_images_table") == {"applied": True, "rows": {"images": 3}}


def test_programs_are_told_the_state_of_the_schema_as_json(installation: Installation) -> None:
    def told(verb: str) -> tuple[int, Any]:
        done = installation.run("db", verb, "--json")
        return done.exit_code, json.loads(done.stdout)

    make_field_database(installation.engine)
    assert told("check") == (3, {"due": "expand"})
    head = told("version")[1]["newest"]
    assert installation.run("db", "sync").exit_code == 0
    assert told("check") == (0, {"due": None})
    assert told("version") == (0, {"current": head, "newest": head})


def test_warnings_are_kept_apart_from_what_a_command_says(tmp_path: Path) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text("[DEFAULT]\nowner_is_tenant = true\n")

    done = run("db", "version", "--json", "--config-file", str(file), "--state-dir", str(tmp_path))

    assert json.loads(done.stdout)["current"] is None
    assert "owner_is_tenant" in done.stderr


def test_an_image_that_was_purged_leaves_its_id_to_nobody(installation: Installation) -> None:
    image_id, *_ = long_ago(installation, 1)
    for verb in ("purge", "purge_images_table"):
        assert installation.run("db", verb).exit_code == 0

    container = Container(conf=load((), (), str(installation.folder)))
    create = partial(container.create_image(), a_caller(), {}, {})
    with pytest.raises(Duplicate, match=f"{image_id} already exists"):
        create(image_id=image_id)
    assert create(image_id=(other := str(uuid4()))).id == other


@pytest.mark.parametrize("verb", ["purge", "purge_images_table"])
@pytest.mark.parametrize(
    ("option", "value", "code", "said"),
    [
        ("--age_in_days", "-1", 1, "age_in_days must be"),
        ("--age_in_days", "99999", 1, "age_in_days must be"),
        ("--max_rows", "-2", 1, "max_rows must be"),
        ("--max_rows", "2147483648", 1, "max_rows must be"),
        ("--max_rows", "many", 2, "not a valid integer"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(
    installation: Installation, verb: str, option: str, value: str, code: int, said: str
) -> None:
    refused = installation.run("db", verb, option, value)

    assert refused.exit_code == code
    assert said in refused.stderr


@pytest.mark.parametrize(
    ("numbers", "said"), [(("-1",), "age_in_days must be"), (("30", "-2"), "max_rows must be")]
)
def test_numbers_that_make_no_sense_are_refused_in_the_words_of_long_ago_too(
    installation: Installation, numbers: tuple[str, ...], said: str
) -> None:
    refused = installation.run("db_purge", *numbers)

    assert refused.exit_code == 1
    assert said in refused.stderr


@pytest.mark.parametrize("words", [("db",), ("db", "no-such-verb"), ("db_sync", "a", "b")])
def test_words_that_mean_nothing_exit_with_2(
    installation: Installation, words: tuple[str, ...]
) -> None:
    assert CliRunner().invoke(main, words).exit_code == 2


def test_configuration_may_be_named_before_the_command_and_after_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        there = f"[database]\nconnection = sqlite:///{tmp_path}/{name}.sqlite\n"
        (tmp_path / f"{name}.conf").write_text(there, encoding="utf-8")
    before, after = (("--config-file", str(tmp_path / f"{it}.conf")) for it in ("one", "two"))

    assert CliRunner().invoke(main, [*before, "db", "sync"]).exit_code == 0
    assert (tmp_path / "one.sqlite").exists()
    assert not (tmp_path / "two.sqlite").exists()

    # The later one counts, as everywhere.
    assert CliRunner().invoke(main, [*before, "db_sync", *after]).exit_code == 0
    assert (tmp_path / "two.sqlite").exists()


def test_what_stands_in_a_directory_overrides_the_files(tmp_path: Path) -> None:
    directory = tmp_path / "tintype.conf.d"
    directory.mkdir()
    for name, place in (("one", tmp_path), ("two", directory)):
        there = f"[database]\nconnection = sqlite:///{tmp_path}/{name}.sqlite\n"
        (place / f"{name}.conf").write_text(there, encoding="utf-8")
    file = ("--config-file", str(tmp_path / "one.conf"))

    assert (
        CliRunner().invoke(main, ["db", "sync", "--config-dir", str(directory), *file]).exit_code
        == 0
    )
    assert (
        CliRunner().invoke(main, [*file, "--config-dir", str(directory), "db_check"]).exit_code == 0
    )

    assert (tmp_path / "two.sqlite").exists()
    assert not (tmp_path / "one.sqlite").exists()
