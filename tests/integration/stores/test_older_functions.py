"""The functions of old on an s3 store, whose driver once lacked half of them (stores §2)."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from oslo_config import cfg

from tests.s3_server import remove_bucket, s3_options
from tintype.entrypoints.python import store_functions as functions

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

DATA = bytes(range(256)) * 1000
MD5 = hashlib.md5(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()


@dataclass(frozen=True)
class Form:
    """The functions of stores with names, or of those without, in the same words."""

    metadata: dict[str, str]
    add: Callable[[], Any]
    add_with_multihash: Callable[[], Any]
    get: Callable[..., Any]
    size: Callable[[str], int]
    delete: Callable[[str], None]
    set_acls: Callable[[str], None]


def data() -> io.BytesIO:
    return io.BytesIO(DATA)


def without_names(conf: cfg.ConfigOpts, options: dict[str, Any]) -> Form:
    functions.register_opts(conf)
    for name, value in {**options, "stores": ["s3"], "default_store": "s3"}.items():
        conf.set_override(name, value, group="glance_store")
    assert functions.create_stores(conf) == 1
    functions.verify_default_store()
    size = len(DATA)
    return Form(
        {},
        lambda: functions.add_to_backend(conf, "image", data(), size, "s3"),
        lambda: functions.add_to_backend_with_multihash(conf, "image", data(), size, "sha256"),
        functions.get_from_backend,
        functions.get_size_from_backend,
        functions.delete_from_backend,
        lambda url: functions.set_acls(url, public=True),
    )


def with_names(conf: cfg.ConfigOpts, options: dict[str, Any]) -> Form:
    conf.register_opt(cfg.DictOpt("enabled_backends"))
    conf.set_override("enabled_backends", {"far": "s3"})
    functions.register_store_opts(conf)
    for name, value in options.items():
        conf.set_override(name, value, group="far")
    conf.set_override("default_backend", "far", group="glance_store")
    assert functions.create_multi_stores(conf) == 1
    functions.verify_store()
    size = len(DATA)
    return Form(
        {"store": "far"},
        lambda: functions.add(conf, "image", data(), size, "far"),
        lambda: functions.add_with_multihash(conf, "image", data(), size, None, "sha256"),
        lambda url, **part: functions.get(url, "far", **part),
        lambda url: functions.get_size_from_uri_and_backend(url, "far"),
        lambda url: functions.delete(url, None),
        lambda url: functions.set_acls_for_multi_store(url, "far", public=True),
    )


@pytest.fixture(params=[without_names, with_names])
def form(request: pytest.FixtureRequest) -> Iterator[Form]:
    options = s3_options()
    yield request.param(cfg.ConfigOpts(), options)
    functions.forget_stores()
    remove_bucket(options)


def test_data_comes_and_goes(form: Form) -> None:
    url, *rest = form.add()
    assert rest == [len(DATA), MD5, form.metadata]
    with pytest.raises(functions.Duplicate):
        form.add()
    form.set_acls(url)
    assert form.size(url) == len(DATA)
    form.delete(url)
    for gone in (form.get, form.size, form.delete):
        with pytest.raises(functions.NotFound):
            gone(url)

    url, *rest = form.add_with_multihash()
    assert rest == [len(DATA), MD5, SHA256, form.metadata]
    pieces, size = form.get(url)
    assert (b"".join(pieces), size, len(pieces)) == (DATA, size, len(DATA))
    part, size = form.get(url, offset=1000, chunk_size=500)
    assert (part[100:200], size) == (DATA[1100:1200], 500)
    part.close()
    form.delete(url)
