"""Where callers may send the service, and where not (import-and-tasks §10)."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tintype.domain.errors import UriRefused
from tintype.domain.network import INTERNAL
from tintype.domain.uri_filter import UriFilter, UriRules, without_credentials

PUBLIC = "93.184.216.34"
DNS = {
    "example.com.": [PUBLIC],
    "two.example.com.": ["127.0.0.1", PUBLIC, "2606:2800:220:1::1"],
    "inward.example.com.": ["127.0.0.1", "::1"],
    "office.example.com.": ["10.1.2.3"],
    "xn--bcher-kva.example.": [PUBLIC],
    "localhost": ["127.0.0.1"],
    "mirror": ["127.0.0.1"],
    "broken.example.com.": ["no address"],
}


class Names:
    """A resolver that knows a few names."""

    def __init__(self, known: Mapping[str, Sequence[str]] = DNS) -> None:
        self._known = known

    def resolve(self, name: str) -> Sequence[str]:
        return self._known.get(name, ())


def a_filter(**rules: Any) -> UriFilter:
    return UriFilter(UriRules(**rules), Names())


def refused(url: str, **rules: Any) -> bool:
    try:
        a_filter(**rules).check(url)
    except UriRefused:
        return True
    return False


PASS = [
    "http://example.com/image",
    "https://example.com",
    "HTTP://EXAMPLE.com/image",
    "http://example.com./image",
    "http://example.com:80/",
    "https://example.com:443/",
    "http://example.com:/",
    "https://user:password@example.com/image?x=y#z",
    "http://bücher.example/",
    f"http://{PUBLIC}/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://192.0.2.1/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://[2606:2800:220:1::1]/",
    "http://[fd12:3456::1]/",
    f"http://[::ffff:{PUBLIC}]/",
    "http://office.example.com/",
    "http://two.example.com/",
    "http://example.com/a b",
]

REFUSE = {
    "another scheme": ["ftp://example.com/", "file:///etc/passwd", "gopher://example.com/"],
    "no host": ["http://", "http:///a", "http://:80/", "http://user@/", "http:example.com", ""],
    "an unknown name": ["http://nowhere.example.com/", "http://broken.example.com/"],
    "a name of the hosts file": ["http://localhost/", "http://mirror/"],
    "a name that leads inward": ["http://inward.example.com/"],
    "a port": [f"http://example.com:{port}/" for port in (22, 0, 99999, 8080, "80a", "-1")],
    "loopback": ["http://127.0.0.1/", "http://127.255.0.9/", "http://[::1]/"],
    "this host": ["http://0.0.0.0/", "http://0.1.2.3/", "http://[::]/"],
    "link-local": ["http://169.254.1.1/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/"],
    "metadata": [
        *("http://169.254.169.254/", "http://100.100.100.200/", "http://168.63.129.16/"),
        *("http://[fd00:ec2::254]/", "http://192.0.0.192/"),
    ],
    "multicast": ["http://224.0.0.1/", "http://239.255.255.250/", "http://[ff02::1]/"],
    "reserved": ["http://240.0.0.1/", "http://255.255.255.255/"],
    "a number": ["http://2130706433/", "http://0x7f000001/", "http://017700000001/"],
    "numbers": [
        *("http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://127.1/", "http://127.0.1/"),
        *("http://127.0.0.1./", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/"),
        *("http://134744072/", "http://example.0x/", "http://8.8/"),
    ],
    "digits of other scripts": [
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://⑧.8.8.8/",
    ],
    "IPv4 in IPv6": [
        *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/"),
        *("http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::7f00:1]/"),
        *("http://[::ffff:0:127.0.0.1]/", "http://[2002:a9fe:a9fe::]/"),
        *("http://[64:ff9b::169.254.169.254]/", "http://[fd00::5efe:7f00:1]/"),
        "http://[2001:0:7f00:1::]/",
    ],
    "an odd form": [
        *("http://[127.0.0.1]/", "http://::1/", "http://[::1/", "http://example.com\\@127.0.0.1/"),
        *("http://exa mple.com/", "http://example.com\t/", "http://%31%32%37.0.0.1/"),
        *("http://example.com:80:80/", "http://-a.example.com/", "http://a..example.com/"),
        *("\nhttp://example.com/", "http://example.com/\r\nHost: x", "http://exa\u212ample.com/"),
    ],
}


@pytest.mark.parametrize("url", PASS)
def test_this_passes(url: str) -> None:
    assert not refused(url)


@pytest.mark.parametrize("url", [url for urls in REFUSE.values() for url in urls])
def test_this_is_refused(url: str) -> None:
    assert refused(url)


def test_what_passes_is_pinned_to_its_addresses() -> None:
    pinned = a_filter().check("https://Two.Example.com/image")

    assert (pinned.scheme, pinned.host, pinned.port) == ("https", "two.example.com", 443)
    assert pinned.addresses == (PUBLIC, "2606:2800:220:1::1")


def test_a_written_port_is_the_one_to_call() -> None:
    assert a_filter(allowed_ports=(8080,)).check("http://example.com:8080/").port == 8080


@pytest.mark.parametrize(
    ("rules", "url", "expected"),
    [
        ({"allowed_schemes": ("https",)}, "http://example.com/", True),
        ({"allowed_schemes": (), "disallowed_schemes": ("http",)}, "http://example.com/", True),
        ({"allowed_schemes": (), "disallowed_schemes": ("http",)}, "https://example.com/", False),
        ({"allowed_schemes": ("http",), "disallowed_schemes": ("http",)}, "http://10.1.1.1", False),
        ({"allowed_schemes": ()}, "ftp://example.com/", True),
        ({"allowed_hosts": ("example.com",)}, "http://EXAMPLE.COM/", False),
        ({"allowed_hosts": ("example.com",)}, "http://two.example.com/", True),
        ({"allowed_hosts": ("Example.com.",)}, "http://example.com/", False),
        ({"allowed_hosts": ("127.0.0.1",)}, "http://127.0.0.1/", False),
        ({"allowed_hosts": ("127.0.0.1",)}, "http://127.0.0.2/", True),
        ({"allowed_hosts": ("127.0.0.1",)}, "http://inward.example.com/", True),
        ({"allowed_hosts": ("127.0.0.1",)}, "http://2130706433/", True),
        ({"allowed_hosts": ("::1",)}, "http://[0:0::1]/", False),
        ({"allowed_hosts": ("[::1]",)}, "http://[::1]/", False),
        ({"allowed_hosts": ("localhost",)}, "http://localhost/", False),
        ({"allowed_hosts": ("inward.example.com",)}, "http://inward.example.com/", False),
        ({"allowed_hosts": ("10.0.0.0/8",)}, "http://10.9.9.9/", False),
        ({"allowed_hosts": ("10.0.0.0/8",)}, "http://office.example.com/", False),
        ({"allowed_hosts": ("10.0.0.0/8",)}, "http://example.com/", True),
        ({"allowed_hosts": ("127.0.0.0/8",)}, "http://inward.example.com/", False),
        ({"disallowed_hosts": ("example.com",)}, "http://example.com./", True),
        ({"disallowed_hosts": ("example.com",)}, "http://office.example.com/", False),
        ({"disallowed_hosts": ("10.0.0.0/8",)}, "http://office.example.com/", True),
        ({"disallowed_hosts": (PUBLIC,)}, "http://example.com/", True),
        ({"disallowed_hosts": (PUBLIC,)}, f"http://[::ffff:{PUBLIC}]/", True),
        (
            {"allowed_hosts": ("example.com",), "disallowed_hosts": ("example.com",)},
            "http://example.com/",
            False,
        ),
        ({"allowed_ports": ()}, "http://example.com:12345/", False),
        ({"allowed_ports": ()}, "http://example.com:0/", True),
        ({"allowed_ports": ()}, "http://example.com:65536/", True),
        ({"allowed_ports": (), "disallowed_ports": (22,)}, "http://example.com:22/", True),
        ({"allowed_ports": (22,), "disallowed_ports": (22,)}, "http://example.com:22/", False),
        ({"allowed_ports": (9292,)}, "http://example.com/", False),
        ({"deny_private": True}, "http://10.0.0.1/", True),
        ({"deny_private": True}, "http://office.example.com/", True),
        ({"deny_private": True}, "http://[fd12:3456::1]/", True),
        ({"deny_private": True}, "http://192.0.2.1/", False),
        ({"deny_private": True, "allowed_hosts": ("10.0.0.1",)}, "http://10.0.0.1/", False),
    ],
)
def test_the_operator_decides(rules: Any, url: str, expected: bool) -> None:
    assert refused(url, **rules) is expected


def test_the_refusal_names_the_url_without_credentials() -> None:
    with pytest.raises(UriRefused) as caught:
        a_filter().check("ftp://user:secret@example.com/image?a=b")
    assert "does not pass filtering: ftp://example.com/image?a=b" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a:b@c/d@e", "http://c/d@e"),
        ("http://a@b@c?d@e", "http://c?d@e"),
        ("http://c/d", "http://c/d"),
        ("nonsense", "nonsense"),
    ],
)
def test_credentials_stand_before_the_host(url: str, expected: str) -> None:
    assert without_credentials(url) == expected


def test_credentials_are_not_in_what_is_logged() -> None:
    assert "secret" not in repr(a_filter().check("http://user:secret@example.com/"))


# ---------------------------------------------------------------------- properties

INTERNAL_V4 = st.sampled_from([net for net in INTERNAL if net.version == 4]).flatmap(
    lambda net: st.integers(int(net[0]), int(net[-1]))
)


@settings(deadline=None)
@given(number=INTERNAL_V4)
def test_no_spelling_of_an_internal_address_passes(number: int) -> None:
    a, b, c, d = number.to_bytes(4)
    spellings = [
        *(f"{a}.{b}.{c}.{d}", f"{number}", f"{number:#x}", f"0{number:o}"),
        *(f"{a:#x}.{b}.{c}.{d}", f"0{a:o}.{b}.{c}.{d}", f"{a}.{number & 0xFFFFFF}"),
        *(f"{a}.{b}.{number & 0xFFFF}", f"{a}.{b}.{c}.{d}."),
        *(f"[::ffff:{a}.{b}.{c}.{d}]", f"[::{number >> 16:x}:{number & 0xFFFF:x}]"),
        *(f"[64:ff9b::{a}.{b}.{c}.{d}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"),
    ]
    assert [host for host in spellings if not refused(f"http://{host}/")] == []


@settings(deadline=None)
@given(number=INTERNAL_V4)
def test_no_name_leads_to_an_internal_address(number: int) -> None:
    found = [str(IPv4Address(number)), f"::ffff:{IPv4Address(number)}"]
    with pytest.raises(UriRefused):
        UriFilter(UriRules(), Names({"rebound.example.com.": found})).check(
            "http://rebound.example.com/"
        )


@settings(deadline=None)
@given(number=st.integers(0, (1 << 128) - 1))
def test_a_pinned_address_is_the_one_in_the_url(number: int) -> None:
    url = f"http://[{IPv6Address(number)}]/"
    assume(not refused(url))
    assert a_filter().check(url).addresses == (str(IPv6Address(number)),)


@settings(deadline=None)
@given(url=st.text() | st.text().map("http://".__add__))
def test_any_text_is_judged(url: str) -> None:
    refused(url)
