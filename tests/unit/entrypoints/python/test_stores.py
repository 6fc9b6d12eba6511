"""The storage library over files and memory."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tintype.domain.location import Location
from tintype.domain.ports.storage_driver import Capability
from tintype.domain.ports.stores import Stores
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.stores import ImageStores

DATA = bytes(range(256)) * 20_000  # several pieces of 1 MiB
IMAGE = "8b2e2a5c-3b1a-4d57-9a0c-0d9b0f0f6a11"


def settings(tmp_path: Path) -> dict[str, Any]:
    return {
        "enabled_backends": {"fast": "memory", "disk": "file", "small": "memory", "web": "http"},
        "glance_store": {"default_backend": "fast"},
        "disk": {"filesystem_store_datadir": str(tmp_path / "disk"), "weight": 7},
        "small": {"memory_store_capacity": 10, "store_description": "little"},
    }


@pytest.fixture
def stores(tmp_path: Path) -> ImageStores:
    return ImageStores.from_config(settings(tmp_path))


class Seen:
    def __init__(self) -> None:
        self.data = b""

    def update(self, chunk: bytes) -> None:
        self.data += chunk


def pieces() -> Iterator[bytes]:
    for start in range(0, len(DATA), 70_001):
        yield DATA[start : start + 70_001]


@pytest.mark.parametrize("store", ["fast", "disk"])
@pytest.mark.parametrize("source", [lambda: io.BytesIO(DATA), pieces])
@pytest.mark.parametrize("size", [None, 0, len(DATA)])
def test_what_is_added_comes_back(stores: ImageStores, store: str, source: Any, size: Any) -> None:
    seen = Seen()

    stored = stores.add(IMAGE, source(), size=size, store=store, verifier=seen)

    assert stored.size == len(DATA)
    assert stored.checksum == hashlib.md5(DATA).hexdigest()
    assert stored.multihash == hashlib.sha512(DATA).hexdigest()
    assert stored.metadata == {"store": store}
    assert seen.data == DATA
    with stores.get(stored.url) as stream:
        assert stream.size == len(DATA)
        assert b"".join(stream) == DATA


def test_a_stream_is_an_iterator(stores: ImageStores) -> None:
    stream = stores.get(stores.add(IMAGE, [b"some ", b"bytes"]).url)

    assert (next(stream), list(stream), next(stream, b"")) == (b"some bytes", [], b"")


def test_the_default_store_takes_what_names_none(stores: ImageStores) -> None:
    assert stores.add(IMAGE, [b"x"]).metadata == {"store": "fast"}
    assert stores.default_store == "fast"


def test_an_image_without_bytes_is_stored(stores: ImageStores) -> None:
    stored = stores.add(IMAGE, [b"", b""])

    assert stored.size == 0
    assert stores.exists(stored.url)


@pytest.mark.parametrize("store", ["fast", "disk"])
def test_a_part_is_read(stores: ImageStores, store: str) -> None:
    stored = stores.add(IMAGE, [b"0123456789"], store=store)

    stream = stores.get(stored.url, offset=2, length=3)

    assert (stream.size, stream.read()) == (3, b"234")
    stream.close()


@pytest.mark.parametrize("store", ["fast", "disk"])
@pytest.mark.parametrize("part", [{"offset": -1}, {"length": -1}])
def test_a_part_before_the_beginning_is_no_fault_of_the_store(
    stores: ImageStores, store: str, part: dict[str, Any]
) -> None:
    stored = stores.add(IMAGE, [b"x"], store=store)

    for _ in range(10):
        with pytest.raises(exceptions.Invalid):
            stores.get(stored.url, **part)
    assert stores.get(stored.url).read() == b"x"


@pytest.mark.parametrize("store", ["fast", "disk"])
def test_what_is_deleted_is_gone(stores: ImageStores, store: str) -> None:
    stored = stores.add(IMAGE, [b"x"], store=store)
    assert stores.exists(stored.url)
    assert stores.get_size({"url": stored.url, "metadata": stored.metadata}) == 1

    stores.delete(stored.url)

    assert not stores.exists(stored.url)
    for ask in (stores.get, stores.get_size, stores.delete):
        with pytest.raises(exceptions.NotFound) as caught:
            ask(stored.url)
        assert caught.value.store == store


ADDS: list[tuple[dict[str, Any], type[exceptions.GlanceStoreException]]] = [
    ({"store": "nowhere"}, exceptions.UnknownScheme),
    ({"store": "os_glance_tasks_store"}, exceptions.UnknownScheme),
    ({"store": "web"}, exceptions.StoreAddDisabled),
    ({"store": "small"}, exceptions.StorageFull),
    ({"hashing_algo": "md1"}, exceptions.UnknownHashingAlgo),
    ({"hashing_algo": "shake_128"}, exceptions.UnknownHashingAlgo),
    ({"size": 10}, exceptions.Invalid),
    ({"size": 12}, exceptions.Invalid),
    ({"image_id": "../up"}, exceptions.Invalid),
]


@pytest.mark.parametrize(("how", "kind"), ADDS)
def test_what_cannot_be_added_leaves_nothing(
    stores: ImageStores, tmp_path: Path, how: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        stores.add(**{"image_id": IMAGE, "data": [b"01234567890"], "store": "disk", **how})

    assert list((tmp_path / "disk").iterdir()) == []


class Numbering:
    """Stores, and the only one of them, that give metadata which may not be recorded."""

    store = "one"
    capabilities = Capability.WRITE

    def __init__(self) -> None:
        self.deleted: list[Location] = []

    def target(self, store: str | None) -> "Numbering":
        return self

    @contextmanager
    def create(self, key: str, size: int | None) -> Iterator["Numbering"]:
        yield self

    def write(self, piece: memoryview) -> None:
        """Forget it."""

    def commit(self) -> Location:
        return Location("tape://one/x", {"reel": 7})

    def delete(self, location: Location) -> None:
        self.deleted.append(location)


def test_data_whose_metadata_cannot_be_recorded_is_taken_back() -> None:
    store = Numbering()

    with pytest.raises(exceptions.BackendException, match="reel"):
        ImageStores(cast(Stores, store)).add(IMAGE, [b"x"])

    assert [location.url for location in store.deleted] == ["tape://one/x"]


def test_data_of_an_image_is_never_overwritten(stores: ImageStores) -> None:
    stored = stores.add(IMAGE, [b"first"])

    with pytest.raises(exceptions.Duplicate):
        stores.add(IMAGE, [b"second"])

    assert stores.get(stored.url).read() == b"first"


def test_a_source_that_breaks_leaves_nothing(stores: ImageStores, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        stores.add(IMAGE, broken(), store="disk")

    assert list((tmp_path / "disk").iterdir()) == []


def test_the_named_store_is_the_only_one_that_is_asked(stores: ImageStores) -> None:
    stored = stores.add(IMAGE, [b"x"])

    with pytest.raises(exceptions.BadStoreUri):
        stores.get(stored.url, store="disk")
    with pytest.raises(exceptions.UnknownScheme):
        stores.get(stored.url, store="nowhere")


def test_a_url_under_no_store_is_looked_for_in_all_of_its_scheme(stores: ImageStores) -> None:
    with pytest.raises(exceptions.BadStoreUri):
        stores.get("memory://elsewhere/x")
    with pytest.raises(exceptions.UnknownScheme):
        stores.get("tape://elsewhere/x")


def test_a_web_server_is_not_deleted_from(stores: ImageStores) -> None:
    with pytest.raises(exceptions.StoreDeleteNotSupported):
        stores.delete("http://images.example/x")


def test_access_lists_are_silently_left_where_there_are_none(stores: ImageStores) -> None:
    stores.set_acls(stores.add(IMAGE, [b"x"]).url, public=True)


def test_stores_are_described(stores: ImageStores) -> None:
    told = {each.id: each for each in stores.stores()}

    assert list(told) == ["fast", "disk", "small", "web"]
    assert {name: each.capabilities for name, each in told.items()} == {
        **dict.fromkeys(("fast", "disk", "small"), 79),
        "web": 71,
    }
    assert told["small"].description == "little"
    assert told["web"].read_only and not told["disk"].read_only
    assert [each.default for each in told.values()] == [True, False, False, False]
    assert (stores.weight("disk"), stores.weight("fast")) == (7, 0)
    assert {"file", "memory", "http"} <= set(stores.schemes())
    assert stores.has("disk") and not stores.has("nowhere")
    with pytest.raises(exceptions.UnknownScheme):
        stores.weight("nowhere")


def test_the_store_of_a_url_is_told(stores: ImageStores, tmp_path: Path) -> None:
    told = {each.id: each.url_prefixes for each in stores.stores()}
    assert f"file://{tmp_path}/disk" in told["disk"]
    assert stores.store_for(f"file://{tmp_path}/disk/{IMAGE}") == "disk"
    assert stores.store_for(f"file://{tmp_path}/diskette/{IMAGE}") is None


def test_reserved_stores_are_hidden_and_refuse_data(tmp_path: Path) -> None:
    own = "os_glance_tasks_store"
    place = {own: {"filesystem_store_datadir": str(tmp_path / "tasks")}}
    stores = ImageStores.from_config({**settings(tmp_path), **place}, reserved={own: "file"})

    assert own not in [each.id for each in stores.stores()]
    assert (own, "file") in [(it.id, it.type) for it in stores.stores(include_reserved=True)]
    assert not stores.has(own)
    with pytest.raises(exceptions.UnknownScheme):
        stores.add(IMAGE, [b"x"], store=own)


def test_staging_has_a_place_and_a_type_by_plain_settings(tmp_path: Path) -> None:
    own = "os_glance_staging_store"
    for place, kind in (
        ({"filesystem_store_datadir": str(tmp_path / "staging")}, "file"),
        ({"store_type": "memory"}, "memory"),
    ):
        stores = ImageStores.from_config({**settings(tmp_path), own: place}, reserved={own: "file"})

        info = stores.stores(include_reserved=True)[-1]
        assert (info.id, info.type) == (own, kind)
    assert (tmp_path / "staging").is_dir()


def test_a_section_of_defaults_adds_to_what_stands_outside_of_sections(tmp_path: Path) -> None:
    more = {"DEFAULT": {"node_staging_uri": "file:///nowhere"}}

    assert ImageStores.from_config({**settings(tmp_path), **more}).has("disk")


def test_a_store_that_is_out_of_service_cannot_be_added_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    broken = {"disk": {"filesystem_store_datadir": str(tmp_path / "file" / "x")}}
    stores = ImageStores.from_config({**settings(tmp_path), **broken})

    told = next(each for each in stores.stores() if each.id == "disk")
    assert (told.health, told.read_only, told.capabilities) == ("out-of-service", True, 71)
    with pytest.raises(exceptions.StoreAddDisabled):
        stores.add(IMAGE, [b"x"], store="disk")


def test_a_store_with_a_wrong_option_for_new_data_is_read_and_deleted_from(tmp_path: Path) -> None:
    place = settings(tmp_path)["disk"]
    kept = ImageStores.from_config(settings(tmp_path)).add(IMAGE, [b"x"], store="disk")
    wrong = {"disk": {**place, "filesystem_store_file_perm": 888}}
    stores = ImageStores.from_config({**settings(tmp_path), **wrong})

    told = next(each for each in stores.stores() if each.id == "disk")
    assert (told.health, told.read_only, told.capabilities) == ("out-of-service", True, 71)
    with pytest.raises(exceptions.StoreAddDisabled, match="filesystem_store_file_perm"):
        stores.add("b", [b"x"], store="disk")
    with stores.get(kept.url) as stream:
        assert b"".join(stream) == b"x"
    stores.delete(kept.url)
    assert not stores.exists(kept.url)


@pytest.mark.parametrize("name", ["glance.store.filesystem.Store", "file"])
def test_a_type_of_store_has_an_older_name_too(tmp_path: Path, name: str) -> None:
    place = {"filesystem_store_datadir": str(tmp_path / "images")}
    several = {
        "enabled_backends": {"disk": name},
        "glance_store": {"default_backend": "disk"},
        "disk": place,
    }
    for stores in (
        ImageStores.from_config(several),
        ImageStores.from_config({"glance_store": {"stores": [name], **place}}),
    ):
        assert [each.type for each in stores.stores()] == ["file"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"glance_store": {"default_backend": "nowhere"}},
        {"enabled_backends": {"fast": "tape"}},
        {"enabled_backends": {"os_glance_mine": "memory"}},
        {"small": {"memory_store_capacity": "much"}},
        {"small": {"memory_store_colour": "red"}},
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(exceptions.BadStoreConfiguration):
        ImageStores.from_config({**settings(tmp_path), **wrong})


def test_programs_reserve_stores_of_their_own(tmp_path: Path) -> None:
    stores = ImageStores.from_config(settings(tmp_path), reserved={"mine": "memory"})

    assert not stores.has("mine")
    assert "mine" not in [each.id for each in stores.stores()]
    own = stores.stores(include_reserved=True)[-1]
    assert (own.id, own.type, own.default) == ("mine", "memory", False)
    assert stores.store_for("memory://mine/x") is None
    with pytest.raises(exceptions.UnknownScheme):
        stores.add(IMAGE, [b"x"], store="mine")


@pytest.mark.parametrize("reserved", [{"mine": "tape"}, {"disk": "file"}])
def test_reserved_stores_that_cannot_be_are_refused(
    tmp_path: Path, reserved: dict[str, str]
) -> None:
    with pytest.raises(exceptions.BadStoreConfiguration):
        ImageStores.from_config(settings(tmp_path), reserved=reserved)


def test_a_store_without_a_name_gives_no_store_in_the_metadata(tmp_path: Path) -> None:
    stores = ImageStores.from_config(
        {
            "glance_store": {
                "stores": ["memory"],
                "default_store": "memory",
            }
        }
    )

    stored = stores.add(IMAGE, [b"x"])

    assert stored.metadata == {}
    assert stores.get(stored.url).read() == b"x"


def test_threads_share_it(stores: ImageStores) -> None:
    def live(number: int) -> bytes:
        url = stores.add(f"image-{number}", [b"%d" % number], store="disk").url
        with stores.get(url) as stream:
            data = stream.read()
        stores.delete(url)
        return data

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(live, range(40))) == [b"%d" % number for number in range(40)]
