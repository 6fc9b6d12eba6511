"""Reading from web servers, decent ones and others (stores §6.2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.held_source import held_source
from tests.integration.stores.odd_server import OddServer, a_redirect, an_answer, odd_server
from tests.service import free_port
from tests.web_server import WebServer, web_server
from tintype.adapters.stores.http import HttpDriver
from tintype.domain.errors import (
    BadConfiguration,
    CannotSeek,
    DataNotFound,
    Invalid,
    StoreUnavailable,
    UriRefused,
)
from tintype.domain.location import Location
from tintype.domain.uri_filter import UriFilter, UriRules
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.stores import ImageStores

DATA = b"0123456789"
WHOLE = an_answer(200, "Content-Length: 10", body=DATA)


class Names:
    """A resolver that gives a name its next addresses each time it is asked."""

    def __init__(self, **known: Sequence[Sequence[str]]) -> None:
        self._known = {f"{name}.example.": list(answers) for name, answers in known.items()}

    def resolve(self, name: str) -> Sequence[str]:
        answers = self._known.get(name, [()])
        return answers.pop(0) if len(answers) > 1 else answers[0]


def a_driver(
    settings: Mapping[str, Any] | None = None, names: Names | None = None, **rules: Any
) -> HttpDriver:
    default = {"allowed_hosts": ("127.0.0.1", "localhost", "here.example"), "allowed_ports": ()}
    here = UriFilter(UriRules(**default | rules), names or Names(here=[["127.0.0.1"]]))
    driver = HttpDriver.from_settings("web", settings or {}, named=True, uri_filter=here)
    driver.start()
    return driver


def load(driver: HttpDriver, url: str, offset: int = 0, length: int | None = None) -> bytes:
    stream = driver.open(Location(url), offset, length)
    try:
        return b"".join(stream)
    finally:
        stream.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


# ---------------------------------------------------------------------- a decent server


def test_a_fragment_makes_no_difference_to_the_data(web: WebServer) -> None:
    assert load(a_driver(), web.put("a", DATA) + "#new") == DATA


def test_characters_that_urls_lack_are_encoded(web: WebServer) -> None:
    web.put("ä b", DATA)
    assert load(a_driver(), web.url("").replace("%", "%25") + "ä b") == DATA


def test_data_comes_over_tls_from_a_server_of_known_certificates(web: WebServer) -> None:
    web.put("a", DATA)
    driver = a_driver({"https_ca_certificates_file": web.ca_file, "https_insecure": True})
    assert load(driver, web.url("a", tls=True)) == DATA


def test_a_certificate_is_that_of_the_host_and_not_of_the_address(web: WebServer) -> None:
    web.put("a", DATA)
    driver = a_driver({"https_ca_certificates_file": web.ca_file})
    url = web.url("a", tls=True).replace("127.0.0.1", "here.example")
    with pytest.raises(StoreUnavailable, match="SSLError"):
        driver.open(Location(url))


def test_an_unknown_certificate_is_not_believed_by_default(web: WebServer) -> None:
    web.put("a", DATA)
    with pytest.raises(StoreUnavailable, match="SSLError"):
        a_driver().size(Location(web.url("a", tls=True)))


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_any_certificate_is_believed_where_the_operator_says_so(web: WebServer) -> None:
    web.put("a", DATA)
    assert load(a_driver({"https_insecure": True}), web.url("a", tls=True)) == DATA


def test_credentials_of_the_url_are_shown_to_the_server(web: WebServer) -> None:
    web.put("a", DATA)
    url = web.url("a", manner="/locked").replace("://", "://user:pass%20word@")
    assert load(a_driver(), url) == DATA


def test_what_is_locked_is_unavailable(web: WebServer) -> None:
    web.put("a", DATA)
    with pytest.raises(StoreUnavailable, match="answers 401"):
        a_driver().open(Location(web.url("a", manner="/locked")))


def test_a_server_without_ranges_gives_the_whole_only(web: WebServer) -> None:
    web.put("a", DATA)
    url = web.url("a", manner="/no-range")
    assert load(a_driver(), url) == DATA
    with pytest.raises(CannotSeek, match="web"):
        a_driver().open(Location(url), 2, 3)


def test_past_the_end_is_nothing_without_ranges_too(web: WebServer) -> None:
    web.put("a", DATA)
    assert load(a_driver(), web.url("a", manner="/no-range"), 10) == b""


def test_a_server_that_refuses_head_is_asked_for_one_byte(web: WebServer) -> None:
    web.put("a", DATA)
    assert a_driver().size(Location(web.url("a", manner="/no-head"))) == 10


def test_packed_data_is_not_taken_for_the_data(web: WebServer) -> None:
    web.put("a", DATA)
    with pytest.raises(StoreUnavailable, match="packed"):
        a_driver().open(Location(web.url("a", manner="/packed")))


def test_data_of_unknown_length_is_given_out_to_its_end(web: WebServer) -> None:
    data = DATA * 300_000
    web.put("a", data)
    url = web.url("a", manner="/unmeasured")
    assert load(a_driver(), url) == data
    stream = a_driver().open(Location(url))
    assert (stream.size, stream.read(4), stream.read(), stream.read(1)) == (
        *(None, data[:4], data[4:], b""),
    )
    stream.close()


def test_a_length_that_is_not_told_counts_as_none(web: WebServer) -> None:
    web.put("a", DATA)
    assert a_driver().size(Location(web.url("a", manner="/unmeasured"))) == 0


def test_a_part_of_what_has_no_length_cannot_be_had(web: WebServer) -> None:
    web.put("a", DATA)
    with pytest.raises(CannotSeek, match="web"):
        a_driver().open(Location(web.url("a", manner="/unmeasured")), 2, 3)


def test_what_has_come_can_be_read_before_the_rest_is_there() -> None:
    data = DATA * 4
    with held_source(data) as source:
        source.hold(10)
        stream = a_driver().open(Location(source.url))
        first = stream.read(len(data))
        assert 0 < len(first) < len(data)
        assert first + stream.read() == data
        stream.close()


# ---------------------------------------------------------------------- odd servers


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("verb", ["open", "size"])
def test_what_is_gone_is_not_there(odd: OddServer, status: int, verb: str) -> None:
    gone = an_answer(status, "Content-Length: 0")
    odd.answers |= {"GET /a": gone, "HEAD /a": gone}
    with pytest.raises(DataNotFound, match="web"):
        getattr(a_driver(), verb)(Location(odd.url("/a")))


@pytest.mark.parametrize("status", [204, 300, 304, 400, 403, 500, 503])
def test_any_other_answer_is_none(odd: OddServer, status: int) -> None:
    odd.answers["GET /a"] = an_answer(status, "Content-Length: 0")
    with pytest.raises(StoreUnavailable, match=f"answers {status}"):
        a_driver().open(Location(odd.url("/a")))


def test_data_that_breaks_off_is_no_data(odd: OddServer) -> None:
    odd.answers["GET /a"] = an_answer(200, "Content-Length: 11", body=DATA)
    with pytest.raises(StoreUnavailable, match="cannot be fetched"):
        load(a_driver(), odd.url("/a"))


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("body", [DATA, b"", DATA * 30_000])
def test_data_in_chunks_ends_with_the_last_one(odd: OddServer, body: bytes) -> None:
    chunk = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    odd.answers["GET /a"] = an_answer(200, CHUNKED, body=chunk + b"0\r\n\r\n")
    assert load(a_driver(), odd.url("/a")) == body


@pytest.mark.parametrize("body", [b"", b"a\r\n0123", b"a\r\n0123456789", b"a\r\n0123456789\r\n"])
def test_chunks_that_break_off_are_no_data(odd: OddServer, body: bytes) -> None:
    odd.answers["GET /a"] = an_answer(200, CHUNKED, body=body)
    with pytest.raises(StoreUnavailable, match="cannot be fetched"):
        load(a_driver(), odd.url("/a"))


@pytest.mark.parametrize(
    "told", ["bytes 0-9/10", "bytes 3-4/10", "bytes */10", "items 2-4/10", None]
)
def test_a_part_that_was_not_asked_for_is_not_given_out(odd: OddServer, told: str | None) -> None:
    headers = ["Content-Length: 10", *([f"Content-Range: {told}"] if told else [])]
    odd.answers["GET /a"] = an_answer(206, *headers, body=DATA)
    with pytest.raises(CannotSeek):
        a_driver().open(Location(odd.url("/a")), 2, 3)


def test_a_server_that_does_not_answer_is_not_waited_for_in_eternity(odd: OddServer) -> None:
    odd.answers["GET /a"] = b""
    with pytest.raises(StoreUnavailable, match="Timeout"):
        a_driver({"http_read_timeout": 1}).open(Location(odd.url("/a")))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="web"):
        a_driver().open(Location(f"http://127.0.0.1:{free_port()}/a"))


def test_what_is_no_web_server_is_unavailable(odd: OddServer) -> None:
    odd.answers["GET /a"] = b"220 mail.example ESMTP\r\n"
    with pytest.raises(StoreUnavailable):
        a_driver().open(Location(odd.url("/a")))


@pytest.mark.parametrize("url", ["http://user@{}/a", "http://a:b:c@{}/a", "http:///a", "http://"])
def test_a_malformed_url_is_refused(odd: OddServer, url: str) -> None:
    with pytest.raises(Invalid):
        a_driver().open(Location(url.format(f"127.0.0.1:{odd.port}")))
    assert odd.heard == []


# ---------------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(odd: OddServer, status: int) -> None:
    odd.answers |= {"GET /a": a_redirect(status, odd.url("/b")), "GET /b": WHOLE}
    assert load(a_driver(), odd.url("/a")) == DATA


@pytest.mark.parametrize("to", ["../b", "/b", "//127.0.0.1:{port}/b", "/b#part"])
def test_a_relative_redirect_is_followed(odd: OddServer, to: str) -> None:
    target = to.format(port=odd.port)
    odd.answers |= {"GET /x/a": a_redirect(302, target), "GET /b": WHOLE}
    assert load(a_driver(), odd.url("/x/a")) == DATA


def test_five_redirects_are_followed_and_no_more(odd: OddServer) -> None:
    odd.answers |= {f"GET /{hop}": a_redirect(302, f"/{hop + 1}") for hop in range(6)}
    odd.answers["GET /6"] = WHOLE
    assert load(a_driver(), odd.url("/1")) == DATA
    with pytest.raises(StoreUnavailable, match="more than 5 times"):
        a_driver().open(Location(odd.url("/0")))


def test_a_redirect_to_nowhere_leads_nowhere(odd: OddServer) -> None:
    odd.answers["GET /a"] = an_answer(302, "Content-Length: 0")
    with pytest.raises(StoreUnavailable, match="nowhere"):
        a_driver().open(Location(odd.url("/a")))


@pytest.mark.parametrize("to", ["http://[::", "//[", "http://[bad]/"])
def test_a_redirect_to_what_is_no_url_leads_nowhere(odd: OddServer, to: str) -> None:
    odd.answers["GET /a"] = a_redirect(302, to)
    with pytest.raises((StoreUnavailable, Invalid)):
        a_driver().open(Location(odd.url("/a")))


@pytest.mark.parametrize(
    "to", ["http://127.0.0.2/b", "http://169.254.169.254/", "ftp://127.0.0.1/b", "file:///etc/x"]
)
def test_a_redirect_does_not_lead_where_no_url_may(odd: OddServer, to: str) -> None:
    odd.answers["GET /a"] = a_redirect(302, to)
    with pytest.raises(Invalid):
        a_driver().open(Location(odd.url("/a")))


def test_credentials_are_not_shown_to_whom_one_is_sent(odd: OddServer) -> None:
    with odd_server() as other:
        odd.answers |= {"GET /a": a_redirect(302, "/b"), "GET /b": a_redirect(302, other.url("/c"))}
        other.answers["GET /c"] = WHOLE
        assert load(a_driver(), odd.url("/a", credentials="user:secret@")) == DATA
        assert ["Authorization" in request for request in odd.heard] == [True, True]
        assert ["Authorization" in request for request in other.heard] == [False]


# ---------------------------------------------------------------------- where it goes


def test_no_url_is_called_that_the_rules_refuse(odd: OddServer) -> None:
    driver = a_driver(allowed_hosts=())
    for verb in (driver.open, driver.size):
        with pytest.raises(UriRefused, match="does not pass filtering"):
            verb(Location(odd.url("/a")))
    assert odd.heard == []


def test_a_name_that_changes_its_address_leads_to_none_but_the_judged_ones() -> None:
    names = Names(moving=[["198.51.100.7"], ["127.0.0.1"]])
    with odd_server() as inner:
        driver = a_driver({"http_connect_timeout": 1}, names, allowed_hosts=())
        with pytest.raises((UriRefused, StoreUnavailable)):
            driver.open(Location(inner.url("/a", host="moving.example")))
        assert inner.heard == []


def test_the_server_is_told_the_name_that_was_asked_for(odd: OddServer) -> None:
    odd.answers["GET /a?x=y"] = WHOLE
    assert load(a_driver(), odd.url("/a?x=y", host="Here.example")) == DATA
    assert f"\r\nHost: here.example:{odd.port}\r\n" in odd.heard[0]


def test_addresses_are_tried_in_turn(odd: OddServer) -> None:
    names = Names(here=[["127.0.0.9", "127.0.0.1"]])
    odd.answers["GET /a"] = WHOLE
    assert load(a_driver(names=names), odd.url("/a", host="here.example")) == DATA


def test_a_proxy_is_used_where_the_operator_says_so(odd: OddServer) -> None:
    url = "http://here.example/a"
    odd.answers[f"GET {url}"] = WHOLE
    proxies = {"http_proxy_information": {"http": f"127.0.0.1:{odd.port}"}}
    assert load(a_driver(proxies), f"{url}#part") == DATA


def test_a_proxy_of_the_environment_is_not_used(
    odd: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    odd.answers["GET /a"] = WHOLE
    assert load(a_driver(), odd.url("/a")) == DATA


def test_a_proxy_is_for_a_scheme_of_the_web() -> None:
    with pytest.raises(BadConfiguration, match="http_proxy_information"):
        a_driver({"http_proxy_information": {"ftp": "127.0.0.1:1"}})


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_stop_the_start(tmp_path: Any, content: Any) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(BadConfiguration, match="https_ca_certificates_file"):
        a_driver({"https_ca_certificates_file": str(file)})


# ---------------------------------------------------------------------- in the words of the library


@pytest.fixture
def library() -> ImageStores:
    return ImageStores.from_config(
        {
            "enabled_backends": {"web": "http"},
            "glance_store": {"default_backend": "web"},
            "import_filtering_opts": {"allowed_hosts": ["127.0.0.1"], "allowed_ports": []},
        }
    )


def test_programs_get_data_of_unknown_length_with_a_size_of_nothing(
    web: WebServer, library: ImageStores
) -> None:
    web.put("a", DATA)
    with library.get(web.url("a", manner="/unmeasured")) as stream:
        assert (stream.size, stream.read()) == (0, DATA)
    assert library.get_size(web.url("a", manner="/unmeasured")) == 0


@pytest.mark.parametrize("ask", [ImageStores.get, ImageStores.get_size])
@pytest.mark.parametrize("status", [204, 300, 304, 400, 403, 503])
def test_programs_may_blame_the_url_or_the_server_for_an_odd_answer(
    odd: OddServer, library: ImageStores, ask: Any, status: int
) -> None:
    odd.answers |= dict.fromkeys(("GET /a", "HEAD /a"), an_answer(status, "Content-Length: 0"))
    for kind in (exceptions.BadStoreUri, exceptions.RemoteServiceUnavailable):
        with pytest.raises(kind):
            ask(library, odd.url("/a"))


@pytest.mark.parametrize("ask", [ImageStores.get, ImageStores.get_size])
def test_programs_may_blame_the_url_or_the_server_for_silence(
    library: ImageStores, ask: Any
) -> None:
    for kind in (exceptions.BadStoreUri, exceptions.RemoteServiceUnavailable):
        with pytest.raises(kind):
            ask(library, f"http://127.0.0.1:{free_port()}/a")


@pytest.mark.parametrize("ask", [ImageStores.get, ImageStores.get_size])
def test_a_sixth_redirect_is_called_one_too_many(
    odd: OddServer, library: ImageStores, ask: Any
) -> None:
    for verb in ("GET", "HEAD"):
        odd.answers |= {f"{verb} /{hop}": a_redirect(302, f"/{hop + 1}") for hop in range(7)}
    with pytest.raises(exceptions.MaxRedirectsExceeded):
        ask(library, odd.url("/0"))
