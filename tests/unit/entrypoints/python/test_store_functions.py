"""The functions that programs called before there was ImageStores."""

import hashlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from oslo_config import cfg

from tintype.domain.caller import Caller
from tintype.domain.location import Location
from tintype.domain.ports.stores import Stores
from tintype.entrypoints.container import list_options
from tintype.entrypoints.python import exceptions, store_functions
from tintype.entrypoints.python.older import made
from tintype.entrypoints.python.plain_settings import conf_of
from tintype.entrypoints.python.stores import ImageStores

IMAGE = "8b2e2a5c-3b1a-4d57-9a0c-0d9b0f0f6a11"
MD5 = hashlib.md5(b"data").hexdigest()
SHA256 = hashlib.sha256(b"data").hexdigest()

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def conf(**settings: Any) -> cfg.ConfigOpts:
    return conf_of(settings, list_options())


@pytest.fixture
def unnamed(tmp_path: Path) -> int:
    section = {
        "stores": ["file", "memory", "http"],
        "default_store": "file",
        "filesystem_store_datadir": str(tmp_path / "images"),
    }
    return store_functions.create_stores(conf(glance_store=section))


@pytest.fixture
def named(tmp_path: Path) -> int:
    return store_functions.create_multi_stores(
        conf(
            enabled_backends={"disk": "file", "fast": "memory"},
            glance_store={"default_backend": "disk"},
            disk={"filesystem_store_datadir": str(tmp_path / "disk"), "weight": 3},
        ),
        reserved_stores={},
    )


def data() -> io.BytesIO:
    return io.BytesIO(b"data")


def test_stores_without_names_are_counted(unnamed: int) -> None:
    assert unnamed == 3
    store_functions.verify_default_store()
    assert {"file", "memory", "http"} <= set(store_functions.get_known_schemes())


def test_stores_with_names_are_counted_not_their_schemes(named: int) -> None:
    assert named == 2
    store_functions.verify_store()
    assert {"file", "memory"} <= set(store_functions.get_known_schemes_for_multi_store())
    assert store_functions.get_store_weight("disk") == 3


def test_a_store_in_hand_tells_its_weight_and_how_its_urls_begin(
    named: int, tmp_path: Path
) -> None:
    disk = store_functions.get_store_from_store_identifier("disk")
    url = store_functions.add(None, IMAGE, data(), 4, "disk")[0]

    assert (disk.weight, disk.url_prefix) == (3, f"file://{tmp_path}/disk")
    assert url == f"{disk.url_prefix}/{IMAGE}"


@pytest.mark.parametrize("scheme", [None, "file", "memory"])
def test_data_goes_by_scheme_and_comes_back(unnamed: int, scheme: str | None) -> None:
    url, size, checksum, metadata = store_functions.add_to_backend(None, IMAGE, data(), 4, scheme)

    assert (size, checksum, metadata) == (4, MD5, {})
    assert url.startswith(scheme or "file")
    assert store_functions.get_size_from_backend(url) == 4
    pieces, size = store_functions.get_from_backend(url, offset=1, chunk_size=2)
    assert (b"".join(pieces), size) == (b"at", 2)
    store_functions.set_acls(url, public=True)
    assert store_functions.delete_from_backend(url) is None
    with pytest.raises(exceptions.NotFound):
        store_functions.get_from_backend(url)


def test_a_multihash_comes_fourth(unnamed: int) -> None:
    stored = store_functions.add_to_backend_with_multihash(None, IMAGE, data(), 4, "sha256")

    assert stored[1:] == (4, MD5, SHA256, {})


@pytest.mark.parametrize(("backend", "store"), [(None, "disk"), ("", "disk"), ("fast", "fast")])
def test_data_goes_by_store_and_comes_back(named: int, backend: str | None, store: str) -> None:
    url, size, checksum, metadata = store_functions.add(None, IMAGE, data(), 4, backend)

    assert (size, checksum, metadata) == (4, MD5, {"store": store})
    assert store_functions.get_size_from_uri_and_backend(url, store) == 4
    pieces, size = store_functions.get(url, backend)
    assert (b"".join(pieces), size) == (b"data", 4)
    store_functions.set_acls_for_multi_store(url, backend)
    assert store_functions.delete(url, backend) is None
    with pytest.raises(exceptions.NotFound):
        store_functions.get(url, backend)


def test_a_store_gives_a_multihash_too(named: int) -> None:
    stored = store_functions.add_with_multihash(None, IMAGE, data(), 4, "fast", "sha256", "ignored")

    assert stored[1:] == (4, MD5, SHA256, {"store": "fast"})


def test_a_program_puts_data_into_a_store_that_it_has_reserved(tmp_path: Path) -> None:
    settings = conf(
        enabled_backends={"fast": "memory"},
        glance_store={"default_backend": "fast"},
        os_glance_staging_store={"filesystem_store_datadir": str(tmp_path / "staging")},
    )
    reserved = {"os_glance_staging_store": "file", "mine": "memory"}
    store_functions.create_multi_stores(settings, reserved_stores=reserved)

    for store in reserved:
        url, *_, metadata = store_functions.add(settings, IMAGE, data(), 4, store)
        assert metadata == {"store": store}
        assert b"".join(store_functions.get(url, store)[0]) == b"data"
        store_functions.delete(url, store)
    staging = store_functions.get_store_from_store_identifier("os_glance_staging_store")
    assert staging.add(IMAGE, data(), 4)[0] == f"file://{tmp_path}/staging/{IMAGE}"


def test_stores_are_found(unnamed: int, named: int) -> None:
    assert store_functions.get_store_from_scheme("file").id == "file"
    assert store_functions.get_store_from_uri("memory://x/y").id == "memory"
    assert store_functions.get_store_from_location("file:///x") == "file"
    assert store_functions.get_store_from_store_identifier("fast").id == "fast"


# ---------------------------------------------------------------------- configuration


def test_a_program_s_own_declaration_of_the_stores_counts(tmp_path: Path) -> None:
    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.DictOpt("enabled_backends"))
    conf.set_override("enabled_backends", {"disk": "file", "web": "http"})
    store_functions.register_store_opts(conf, reserved_stores={"os_glance_tasks_store": "file"})
    for store in ("disk", "os_glance_tasks_store"):
        conf.set_override("filesystem_store_datadir", str(tmp_path / store), group=store)
    conf.set_override("default_backend", "disk", group="glance_store")

    assert store_functions.create_multi_stores(conf) == 3
    assert store_functions.add(conf, IMAGE, data(), 4, None)[3] == {"store": "disk"}


@pytest.mark.parametrize("default", [None, "nowhere"])
def test_a_default_that_is_no_store_is_found_by_asking(tmp_path: Path, default: str | None) -> None:
    stores = conf(enabled_backends={"fast": "memory"}, glance_store={"default_backend": default})

    assert store_functions.create_multi_stores(stores) == 1
    with pytest.raises(RuntimeError, match="default_backend"):
        store_functions.verify_store()
    with pytest.raises(exceptions.UnknownScheme):
        store_functions.add(stores, IMAGE, data(), 4, None)


def test_a_default_scheme_that_no_store_has_is_found_by_asking() -> None:
    section = {"stores": ["memory", "tape"], "default_store": "tape"}

    assert store_functions.create_stores(conf(glance_store=section)) == 1
    with pytest.raises(RuntimeError, match="default_store"):
        store_functions.verify_default_store()


def test_the_default_is_that_of_the_configuration_that_is_handed_over(named: int) -> None:
    other = conf(glance_store={"default_backend": "fast"})

    assert store_functions.add(other, IMAGE, data(), 4, None)[3] == {"store": "fast"}


def test_both_forms_are_read_from_one_configuration(tmp_path: Path) -> None:
    both = conf(
        enabled_backends={"fast": "memory"},
        glance_store={"stores": ["memory"], "default_store": "memory", "default_backend": "fast"},
    )
    store_functions.create_stores(both)
    store_functions.create_multi_stores(both)

    assert store_functions.add_to_backend(both, IMAGE, data(), 4)[3] == {}
    assert store_functions.add(both, IMAGE, data(), 4, None)[3] == {"store": "fast"}


def test_without_any_stores_nothing_is_known() -> None:
    assert list(store_functions.get_known_schemes()) == []
    assert list(store_functions.get_known_schemes_for_multi_store()) == []
    for verify in (store_functions.verify_default_store, store_functions.verify_store):
        with pytest.raises(RuntimeError):
            verify()


# ---------------------------------------------------------------------- what is unknown


UNKNOWN: list[Callable[[], object]] = [
    lambda: store_functions.get_store_from_scheme("tape"),
    lambda: store_functions.get_store_from_uri("tape://x"),
    lambda: store_functions.get_store_from_location("tape://x"),
    lambda: store_functions.get_store_from_store_identifier("tape"),
    lambda: store_functions.get_store_weight("tape"),
    lambda: store_functions.add_to_backend(None, IMAGE, data(), 4, "tape"),
    lambda: store_functions.add(None, IMAGE, data(), 4, "tape"),
    lambda: store_functions.get("memory://x/y", "tape"),
    lambda: store_functions.get("tape://x/y", "fast"),
    lambda: store_functions.get("memory://x/y", "disk"),
    lambda: store_functions.get_from_backend("tape://x/y"),
    lambda: store_functions.get_size_from_backend("tape"),
    lambda: store_functions.delete_from_backend("tape://x/y"),
    lambda: store_functions.set_acls("tape://x/y"),
    lambda: store_functions.set_acls_for_multi_store("memory://x/y", "tape"),
    lambda: store_functions.get_size_from_uri_and_backend("memory://x/y", "tape"),
    lambda: store_functions.get_size_from_uri_and_backend("memory://x/y", None),
    lambda: store_functions.delete("memory://x/y", "tape"),
]


@pytest.mark.parametrize("call", UNKNOWN)
def test_what_is_unknown_is_called_so(unnamed: int, named: int, call: Callable[[], object]) -> None:
    with pytest.raises(exceptions.UnknownScheme):
        call()


@pytest.mark.parametrize("uri", ["tape://x/y", "memory://fast/y", "memory://elsewhere/y"])
@pytest.mark.parametrize("call", [store_functions.get, store_functions.delete])
def test_what_no_store_has_is_found_nowhere(
    named: int, uri: str, call: Callable[[str, str | None], object]
) -> None:
    with pytest.raises(exceptions.NotFound, match="Image not found in any configured backend"):
        call(uri, None)


class Asked:
    """Stores that have nothing, and keep for whom they were asked."""

    def __init__(self) -> None:
        self.callers: list[Caller] = []

    def acting_for(self, caller: Caller) -> "Asked":
        self.callers.append(caller)
        return self

    def holding(self, location: Location) -> list[Any]:
        return []


@pytest.mark.parametrize(
    "call",
    [
        store_functions.get,
        store_functions.delete,
        store_functions.set_acls_for_multi_store,
    ],
)
def test_a_search_is_made_for_the_user_of_the_context(call: Callable[..., object]) -> None:
    asked = Asked()
    made._PROCESS.named = made.Made(ImageStores(cast(Stores, asked)), cfg.ConfigOpts())

    with pytest.raises(exceptions.NotFound):
        call("swift+https://here/v1/AUTH_p/c/o", None, context=SimpleNamespace(project_id="p"))

    assert [caller.project_id for caller in asked.callers] == ["p"]


def test_a_malformed_url_is_called_so(unnamed: int, named: int) -> None:
    for call in (
        lambda: store_functions.get_from_backend("file://"),
        lambda: store_functions.get("file://", None),
        lambda: store_functions.get("file://", "disk"),
        lambda: store_functions.get_store_from_location("http://user@host/x"),
    ):
        with pytest.raises(exceptions.BadStoreUri):
            call()


class Recorder:
    """A store of somebody else's that keeps what it was called with."""

    def __init__(self, *answer: Any) -> None:
        self.answer = answer
        self.calls: list[tuple[Any, Any]] = []

    def add(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append((args, kwargs))
        return self.answer


def test_a_store_is_called_with_the_algorithm_fourth_or_not_at_all() -> None:
    plain, hashing = Recorder("u", 1, "c", None), Recorder("u", 1, "c", "m", {"a": ["b"]})

    assert store_functions.store_add_to_backend("i", [], 1, plain) == ("u", 1, "c", None)
    assert store_functions.store_add_to_backend_with_multihash("i", [], 1, "md5", hashing) == (
        *("u", 1, "c", "m"),
        {"a": ["b"]},
    )

    more = {"context": None, "verifier": None}
    assert plain.calls == [(("i", [], 1), more)]
    assert hashing.calls == [(("i", [], 1, "md5"), more)]


def test_an_unknown_algorithm_is_refused_before_the_store_is_asked() -> None:
    store = Recorder()

    with pytest.raises(exceptions.UnknownHashingAlgo):
        store_functions.store_add_to_backend_with_multihash("i", [], 1, "md1", store)

    assert store.calls == []


@pytest.mark.parametrize("metadata", ["text", [], {"a": 1}, {"a": True}, {"a": {"b": [None]}}])
def test_metadata_of_other_types_is_refused(metadata: Any) -> None:
    with pytest.raises(exceptions.BackendException):
        store_functions.store_add_to_backend("i", [], 1, Recorder("u", 1, "c", metadata))


def test_a_store_in_hand_adds_reads_and_removes(named: int) -> None:
    store = store_functions.get_store_from_store_identifier("fast")
    url, *rest = store.add(IMAGE, data(), 4, "sha256")
    location = store_functions.get_location_from_uri_and_backend(url, "fast")

    assert rest == [4, MD5, SHA256, {"store": "fast"}]
    assert store.get_size(location) == 4
    pieces, size = store.get(location, offset=1)
    assert (pieces[0:2], len(pieces), list(pieces), size) == (b"at", 3, [b"a"], 3)
    store.set_acls(location)
    store.delete(location)
    with pytest.raises(exceptions.NotFound):
        store.get_size(location)


def test_a_store_in_hand_refuses_what_it_cannot_before_it_tries(unnamed: int) -> None:
    store = store_functions.get_store_from_scheme("http")
    location = store_functions.get_location_from_uri("http://nowhere.example/x")

    with pytest.raises(exceptions.StoreAddDisabled):
        store.add(IMAGE, data(), 4)
    with pytest.raises(exceptions.StoreDeleteNotSupported):
        store.delete(location)
    with pytest.raises(exceptions.StoreAddDisabled):
        store_functions.store_add_to_backend(IMAGE, data(), 4, store)


def test_a_store_in_hand_that_is_out_of_service_lets_data_go(named: int, tmp_path: Path) -> None:
    url, *_ = store_functions.add(None, IMAGE, data(), 4, "disk")
    location = store_functions.get_location_from_uri_and_backend(url, "disk")
    store_functions.create_multi_stores(
        conf(
            enabled_backends={"disk": "file"},
            disk={
                "filesystem_store_datadir": str(tmp_path / "disk"),
                "filesystem_store_metadata_file": str(tmp_path / "missing"),
            },
        ),
        reserved_stores={},
    )
    store = store_functions.get_store_from_store_identifier("disk")

    with pytest.raises(exceptions.StoreAddDisabled):
        store.add(IMAGE, data(), 4)
    store.delete(location)
    with pytest.raises(exceptions.NotFound):
        store.get(location)


def test_a_warning_names_the_caller_s_line_once(named: int) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            store_functions.get_store_weight("disk")
            line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]

    assert [(each.filename, each.lineno) for each in caught] == [(__file__, line)]
    assert "ImageStores.weight" in str(caught[0].message)
    assert "release 2.0" in str(caught[0].message)


SIGNATURES = {
    "register_opts": "conf",
    "create_stores": "conf=",
    "verify_default_store": "",
    "get_known_schemes": "",
    "get_store_from_scheme": "scheme",
    "get_store_from_uri": "uri",
    "get_store_from_location": "uri",
    "add_to_backend": "conf image_id data size scheme= context= verifier=",
    "add_to_backend_with_multihash": (
        "conf image_id data size hashing_algo scheme= context= verifier="
    ),
    "store_add_to_backend": "image_id data size store context= verifier=",
    "store_add_to_backend_with_multihash": (
        "image_id data size hashing_algo store context= verifier="
    ),
    "get_from_backend": "uri offset= chunk_size= context=",
    "get_size_from_backend": "uri context=",
    "delete_from_backend": "uri context=",
    "set_acls": "location_uri public= read_tenants= write_tenants= context=",
    "register_store_opts": "conf reserved_stores=",
    "create_multi_stores": "conf= reserved_stores=",
    "verify_store": "",
    "get_store_from_store_identifier": "store_identifier",
    "get_store_weight": "store_identifier",
    "get_known_schemes_for_multi_store": "",
    "add": "conf image_id data size backend context= verifier=",
    "add_with_multihash": (
        "conf image_id data size backend hashing_algo scheme= context= verifier="
    ),
    "get": "uri backend offset= chunk_size= context=",
    "get_size_from_uri_and_backend": "uri backend context=",
    "delete": "uri backend context=",
    "set_acls_for_multi_store": (
        "location_uri backend public= read_tenants= write_tenants= context="
    ),
}


@pytest.mark.parametrize("name", [*SIGNATURES, "check_location_metadata"])
def test_arguments_have_the_names_and_the_order_that_programs_know(name: str) -> None:
    parameters = inspect.signature(getattr(store_functions, name)).parameters.values()
    known = [each.name + "=" * (each.default is not inspect.Parameter.empty) for each in parameters]

    assert known == SIGNATURES.get(name, "val key=").split()


@pytest.mark.parametrize("name", SIGNATURES)
def test_every_function_warns_before_it_does_anything(name: str) -> None:
    function = getattr(store_functions, name)
    required = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.default is inspect.Parameter.empty
    ]

    with warnings.catch_warnings(), pytest.raises(DeprecationWarning, match=f"^{name} is"):
        warnings.simplefilter("error")
        function(*[None] * len(required))


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    store_functions.forget_stores()
