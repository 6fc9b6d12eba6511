"""Data that glance_store wrote is read, measured and deleted by us, and ours by it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from tests.real_glance_store import RealGlanceStore, real_glance_store
from tests.s3_server import remove_bucket, s3_options
from tests.web_server import WebServer, web_server
from tintype.entrypoints.container import list_options
from tintype.entrypoints.python.exceptions import NotFound
from tintype.entrypoints.python.stores import ImageStores

DATA = bytes(range(256)) * 5000

NAMED = """
[DEFAULT]
enabled_backends = file:file, s3:s3, http:http
[glance_store]
default_backend = file
[import_filtering_opts]
allowed_hosts = 127.0.0.1
allowed_ports =
[file]
filesystem_store_datadir = {here}/images
[s3]
{s3}
"""
UNNAMED = """
[glance_store]
stores = file, s3, http
default_store = file
filesystem_store_datadir = {here}/images
{s3}
[import_filtering_opts]
allowed_hosts = 127.0.0.1
allowed_ports =
"""


@dataclass(frozen=True)
class Both:
    """The two libraries, on one configuration."""

    ours: ImageStores
    theirs: RealGlanceStore
    s3: dict[str, Any]


@pytest.fixture(scope="module", params=[NAMED, UNNAMED], ids=["named", "unnamed"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Both]:
    here = tmp_path_factory.mktemp("both")
    with ExitStack() as stack:
        options = s3_options()
        stack.callback(remove_bucket, options)
        lines = "\n".join(f"{name} = {value}" for name, value in options.items())
        text = request.param.format(here=here, s3=lines)
        ours = ImageStores.from_config(configured(here, text))
        theirs = stack.enter_context(real_glance_store(text, here))
        yield Both(ours, theirs, options)


def configured(here: Path, text: str) -> cfg.ConfigOpts:
    file = here / "tintype.conf"
    file.write_text(text, encoding="utf-8")
    conf = cfg.ConfigOpts()
    for group, options in list_options():
        conf.register_opts(options, group=group)
    conf(["--config-file", str(file)], project="tintype")
    return conf


def read(stores: ImageStores, location: Any) -> bytes:
    with stores.get(location) as stream:
        return b"".join(stream)


# ---------------------------------------------------------------------- theirs by us


@pytest.mark.parametrize("store", ["file", "s3"])
@pytest.mark.parametrize("with_metadata", [True, False])
def test_what_it_wrote_is_read_measured_and_deleted(
    both: Both, store: str, with_metadata: bool
) -> None:
    recorded = both.theirs.add("image", DATA, store)
    location = recorded if with_metadata else recorded["url"]

    assert both.ours.get_size(location) == len(DATA)
    assert read(both.ours, location) == DATA
    both.ours.delete(location)
    assert not both.ours.exists(location)
    assert both.theirs.ask("size", recorded["url"], store) == {"raised": "NotFound"}


@pytest.mark.parametrize("scheme", ["s3", "s3+http"])
def test_the_urls_of_its_older_releases_are_understood(both: Both, scheme: str) -> None:
    url = both.theirs.add("image", DATA, "s3")["url"]
    keys = f"{both.s3['s3_store_access_key']}:{both.s3['s3_store_secret_key']}"
    old = f"{scheme}://{keys}@{url.removeprefix('s3://')}"

    assert both.ours.get_size(old) == len(DATA)
    assert read(both.ours, {"url": old, "metadata": {}}) == DATA
    both.ours.delete(old)
    with pytest.raises(NotFound):
        both.ours.get(url)


def test_the_older_name_of_files_is_understood(both: Both) -> None:
    url = both.theirs.add("image", DATA, "file")["url"]
    old = url.replace("file://", "filesystem://")

    assert both.ours.get_size(old) == len(DATA)
    both.ours.delete(old)


# ---------------------------------------------------------------------- ours by it


@pytest.mark.parametrize("store", ["file", "s3"])
@pytest.mark.parametrize("size", [len(DATA), None])
def test_what_we_wrote_is_read_measured_and_deleted_by_it(
    both: Both, store: str, size: int | None
) -> None:
    stored = both.ours.add("image", [DATA], size=size, store=store)

    assert both.theirs.ask("size", stored.url, store) == len(DATA)
    assert both.theirs.get(stored.url, store) == DATA
    assert both.theirs.ask("delete", stored.url, store) is None
    assert not both.ours.exists(stored.url)


@pytest.mark.parametrize("store", ["file", "s3"])
def test_both_say_the_same_of_what_they_wrote(both: Both, store: str) -> None:
    theirs = both.theirs.add("image", DATA, store)
    both.ours.delete(theirs["url"])
    ours = both.ours.add("image", [DATA], store=store)
    both.ours.delete(ours.url)

    assert (ours.url, ours.metadata) == (theirs["url"], theirs["metadata"])


def test_neither_writes_over_what_the_other_has(both: Both) -> None:
    for store in ("file", "s3"):
        url = both.ours.add("image", [DATA], store=store).url
        assert both.theirs.ask("add", "image", "", store) == {"raised": "Duplicate"}
        both.ours.delete(url)


# ---------------------------------------------------------------------- on the web


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def test_what_is_on_the_web_is_the_same_to_both(both: Both, web: WebServer) -> None:
    url = web.put("image", DATA)

    assert both.ours.get_size(url) == both.theirs.ask("size", url, "http") == len(DATA)
    assert read(both.ours, url) == both.theirs.get(url, "http") == DATA
    web.remove("image")
    assert both.theirs.ask("get", url, "http") == {"raised": "NotFound"}
    with pytest.raises(NotFound):
        both.ours.get(url)
