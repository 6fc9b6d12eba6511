"""Starting the stores of a configuration on a real disk."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.unit.adapters.stores.configurations import (
    a_configuration,
    single_store,
    three_stores,
)
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.domain.errors import BadConfiguration, StoreUnavailable
from tintype.domain.location import Location
from tintype.domain.store import STAGING_STORE, TASKS_STORE


def stores_of(tmp_path: Path, text: str) -> ConfiguredStores:
    conf = a_configuration(tmp_path, text)
    return ConfiguredStores.from_conf(conf, state_dir=str(tmp_path / "state"))


def test_starting_makes_the_directories_of_all_stores(tmp_path: Path) -> None:
    stores_of(tmp_path, three_stores(tmp_path)).start()
    made = ["fast", "slow", "state/staging", "state/tasks"]
    assert [(tmp_path / name).is_dir() for name in made] == [True] * 4


def test_starting_makes_the_directory_of_a_single_store(tmp_path: Path) -> None:
    stores_of(tmp_path, single_store(tmp_path)).start()
    assert (tmp_path / "images").is_dir()


def test_a_broken_default_store_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "slow").write_text("in the way")
    with pytest.raises(BadConfiguration, match=r"\[slow\] filesystem_store_datadir: .*/slow"):
        stores_of(tmp_path, three_stores(tmp_path)).start()


def test_a_broken_single_store_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("in the way")
    with pytest.raises(BadConfiguration, match=r"\[glance_store\] filesystem_store_datadir: "):
        stores_of(tmp_path, single_store(tmp_path)).start()


def test_the_places_of_the_service_itself_are_made_for_nobody_else(tmp_path: Path) -> None:
    stores_of(tmp_path, three_stores(tmp_path)).start()
    made = ["state/staging", "state/tasks"]
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in made] == [0o700] * 2


@pytest.mark.parametrize(("store", "place"), [(STAGING_STORE, "staging"), (TASKS_STORE, "tasks")])
def test_a_place_of_the_service_that_cannot_be_made_stops_who_requires_it(
    tmp_path: Path, store: str, place: str
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / place).write_text("in the way")
    stores_of(tmp_path, three_stores(tmp_path)).start()
    with pytest.raises(BadConfiguration, match=rf"\[{store}\] .*/{place}"):
        stores_of(tmp_path, three_stores(tmp_path)).start(required={store})


def test_staging_of_a_single_store_is_private_and_may_stop_the_start_too(tmp_path: Path) -> None:
    staging = tmp_path / "waiting"
    text = f"[DEFAULT]\nnode_staging_uri = file://{staging}\n{single_store(tmp_path)}"
    stores_of(tmp_path, text).start(required={STAGING_STORE})
    assert staging.stat().st_mode & 0o777 == 0o700
    staging.rmdir()
    staging.write_text("in the way")
    with pytest.raises(BadConfiguration, match=r"\[DEFAULT\] .*/waiting"):
        stores_of(tmp_path, text).start(required={STAGING_STORE})


@pytest.fixture
def one_broken(tmp_path: Path) -> ConfiguredStores:
    (tmp_path / "fast").write_text("in the way")
    stores = stores_of(tmp_path, three_stores(tmp_path))
    stores.start()
    return stores


def test_another_store_that_is_broken_takes_no_data_and_says_why(
    one_broken: ConfiguredStores,
) -> None:
    with pytest.raises(StoreUnavailable, match=r"Store fast .* \[fast\] filesystem_store_datadir"):
        one_broken.target("fast")


def test_another_store_that_is_broken_is_listed(one_broken: ConfiguredStores) -> None:
    assert [store.id for store in one_broken.list()] == ["slow", "fast", "ram"]


def test_the_other_stores_start_beside_a_broken_one(
    one_broken: ConfiguredStores, tmp_path: Path
) -> None:
    with one_broken.target("slow").create("a", None) as handle:
        handle.commit()
    assert os.listdir(tmp_path / "slow") == ["a"]


def test_a_store_that_may_not_be_written_to_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "fast").mkdir()
    (tmp_path / "fast" / "a").write_bytes(b"data")
    (tmp_path / "metadata.json").write_text("not json")
    broken = f"\n[fast]\nfilesystem_store_metadata_file = {tmp_path}/metadata.json\n"
    stores = stores_of(tmp_path, three_stores(tmp_path) + broken)
    stores.start()
    location = Location(f"file://{tmp_path}/fast/a", {"store": "fast"})
    (driver,) = stores.holding(location)
    stream = driver.open(location)
    assert stream.read() == b"data"
    stream.close()


@pytest.fixture
def wrong_for_writing(tmp_path: Path) -> ConfiguredStores:
    """Stores of which `fast` has data of before and an option that is wrong since."""
    (tmp_path / "fast").mkdir()
    (tmp_path / "fast" / "a").write_bytes(b"data")
    wrong = "\n[fast]\nfilesystem_store_file_perm = 888\n"
    stores = stores_of(tmp_path, three_stores(tmp_path) + wrong)
    stores.start()
    return stores


def test_a_store_with_a_wrong_option_for_new_data_is_read_and_deleted_from(
    wrong_for_writing: ConfiguredStores, tmp_path: Path
) -> None:
    location = Location(f"file://{tmp_path}/fast/a", {"store": "fast"})
    (driver,) = wrong_for_writing.holding(location)
    stream = driver.open(location)
    assert stream.read() == b"data"
    stream.close()
    driver.delete(location)
    assert os.listdir(tmp_path / "fast") == []


@pytest.mark.parametrize("kind", ["wrong_for_writing", "one_broken"])
def test_a_store_that_takes_no_data_takes_none_by_any_way(
    request: pytest.FixtureRequest, kind: str
) -> None:
    driver = request.getfixturevalue(kind).named("fast")
    with pytest.raises(StoreUnavailable, match=r"Store fast is out of service\. .*\[fast\] "):
        driver.create("b", None)


@pytest.mark.parametrize("target", ["slow", "slow/inner"])
def test_stores_cannot_share_a_directory_by_way_of_links(tmp_path: Path, target: str) -> None:
    (tmp_path / target).mkdir(parents=True)
    (tmp_path / "fast").symlink_to(tmp_path / target)
    with pytest.raises(BadConfiguration, match=r"\[fast\] filesystem_store_datadir: .*slow"):
        stores_of(tmp_path, three_stores(tmp_path)).start()


# ---------------------------------------------------------------------- drivers of others


def with_a_package(tmp_path: Path, module: str, conf: str) -> list[str]:
    """Say what stands in the list, and what a target says, where a driver is installed."""
    site = tmp_path / "site"
    (site / "shelves-1.0.dist-info").mkdir(parents=True)
    (site / "shelves-1.0.dist-info" / "METADATA").write_text("Name: shelves\nVersion: 1.0\n")
    (site / "shelves-1.0.dist-info" / "entry_points.txt").write_text(
        "[tintype.stores]\nshelf = shelves:Shelf\n"
    )
    (site / "shelves.py").write_text(dedent(module))
    (tmp_path / "tintype.conf").write_text(dedent(conf))
    program = """
        import json, sys
        from oslo_config import cfg
        from tintype.adapters.stores.registry import ConfiguredStores
        from tintype.domain.errors import TintypeError

        conf = cfg.ConfigOpts()
        conf(["--config-file", sys.argv[1]], project="tintype")
        try:
            stores = ConfiguredStores.from_conf(conf)
            said = [store.type for store in stores.list()]
            stores.target("theirs")
        except TintypeError as error:
            said = [str(error)]
        print(json.dumps(said))
    """
    run = subprocess.run(
        [sys.executable, "-c", dedent(program), str(tmp_path / "tintype.conf")],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    said: list[str] = json.loads(run.stdout)
    return said


BESIDE = """
    [DEFAULT]
    enabled_backends = ours:memory, theirs:shelf
    [glance_store]
    default_backend = ours
"""


def test_a_driver_of_another_package_is_found(tmp_path: Path) -> None:
    module = """
        from tintype.adapters.stores.memory import MemoryDriver

        class Shelf(MemoryDriver):
            TYPE = "shelf"
    """
    assert with_a_package(tmp_path, module, BESIDE) == ["memory", "shelf"]


def test_a_driver_without_its_library_is_out_of_service(tmp_path: Path) -> None:
    (said,) = with_a_package(tmp_path, "import a_library_that_is_not_there", BESIDE)
    assert "Store theirs is out of service" in said
    assert "a_library_that_is_not_there" in said


def test_a_default_driver_without_its_library_stops_the_start(tmp_path: Path) -> None:
    conf = BESIDE.replace("default_backend = ours", "default_backend = theirs")
    (said,) = with_a_package(tmp_path, "import a_library_that_is_not_there", conf)
    assert said.startswith("Configuration option [DEFAULT] enabled_backends: type shelf lacks")
