"""Lists of images (images-api §7)."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    OTHER,
    TWO_STORES,
    Service,
    each,
    identity,
)
from tintype.domain.errors import Invalid, TintypeError
from tintype.domain.image_query import SORT_KEYS
from tintype.entrypoints.http.schemas.query import (
    Paging,
    link,
    load_image_query,
    parse_query_string,
    parse_time,
    split_list,
)


def names(service: Service, query: str = "") -> list[str]:
    """Return the names of the images on one page, in order."""
    answer = service.get(f"/v2/images?{query}")
    assert answer.status == 200, answer.body
    return [image["name"] for image in answer.json["images"]]


@pytest.fixture
def six(service: Service) -> Service:
    """A service with images a to f, in the order of their creation."""
    facts: Sequence[dict[str, Any]] = (
        {"tags": ["red", "round"], "min_ram": 1, "color": "red"},
        {"tags": ["red"], "min_ram": 2, "disk_format": "qcow2", "color": "blue"},
        {"tags": ["round"], "min_ram": 3, "disk_format": "vmdk", "protected": True},
        {"min_ram": 3, "container_format": "ova", "min_disk": 5},
        {"min_ram": 4, "visibility": "private", "color": "RED"},
        {"min_ram": 5, "visibility": "community"},
    )
    for letter, each_one in zip("abcdef", facts, strict=True):
        service.an_image(name=letter, **each_one)
    return service


# ---------------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *(("", "fedcba"), ("name=a", "a"), ("name=A", ""), ("name=eq:a", "a"), ("name=", "")),
        *(("name=in:a,c", "ca"), ("name=in:c", "c"), ('name=in:"a",b', "ba"), ("name=in:", "")),
        *(("disk_format=qcow2", "b"), ("disk_format=in:qcow2,vmdk", "cb")),
        *(("container_format=ova", "d"), ("status=queued", "fedcba"), ("status=active", "")),
        *(("status=in:active,queued", "fedcba"), ("id=in:x,y", "")),
        *(("tag=red", "ba"), ("tag=red&tag=round", "a"), ("tag=green", "")),
        *(("&".join(["tag=red"] * 300), "ba"), ("&".join(["color=red"] * 300), "a")),
        *(("min_ram=3", "dc"), ("min_ram_min=4", "fe"), ("min_ram_max=1", "a")),
        *(("min_ram_min=2&min_ram_max=3", "dcb"), ("min_disk=5", "d"), ("size_min=0", "")),
        *(("min_ram=%2B3", "dc"), ("min_ram=-3", "")),
        *(("protected=true", "c"), ("protected=false", "fedba")),
        *(("color=red", "a"), ("color=in:red,blue", ""), ("color=red&color=blue", "b")),
        *(("absent=x", ""), ("self=x", ""), ("file=x", ""), ("schema=x", ""), ("is_public=1", "")),
        *(("deleted=true", "fedcba"), ("deleted=", "fedcba")),
        *(("owner=owner", "fedcba"), ("owner=other", ""), ("checksum=x", ""), ("size=3", "")),
        *(("os_hash_algo=md5", ""), ("os_hash_value=00", ""), ("virtual_size=1", "")),
        *(("visibility=private", "e"), ("visibility=all", "fedcba"), ("visibility=public", "")),
        *(("created_at=gt:2020-01-01T00:00:00Z", "fedcba"), ("created_at=lt:2020-01-01", "")),
        *(("updated_at=neq:2020-01-01T00:00:00Z", "fedcba"), ("updated_at=2020-01-01", "")),
        *(("created_at=gte:2020-01-01T00:00:00%2B05:00", "fedcba"), ("os_hidden=TRUE", "")),
        *(("created_at=gte:2020-01-01T00:00:00+05:00", "fedcba"), ("os_hidden=false", "fedcba")),
        *(("foo_min=3", ""), ("limit=2", "fe"), ("limit=0", ""), ("limit=99999", "fedcba")),
        *(("sort=name", "fedcba"), ("sort=name:asc", "abcdef"), ("sort=name:desc", "fedcba")),
        ("sort=created_at:asc", "abcdef"),
    ],
)
def test_a_list_shows_what_was_asked_for(six: Service, query: str, expected: str) -> None:
    assert "".join(names(six, query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        *("limit=-1", "limit=x", "limit=", "limit=1.5", "limit=%20", "limit=١"),
        *("marker=" + NO_SUCH_ID, "marker=", "marker=x"),
        *("sort_key=owner", "sort_key=", "sort_key=locations", "sort_dir=up", "sort_dir="),
        *("sort_key=name&sort_dir=asc&sort_dir=desc", "sort_key=name&sort_key=id&sort_key=size"
          "&sort_dir=asc&sort_dir=asc"),
        *("sort=", "sort=name,", "sort=,name", "sort=name:up", "sort=owner", "sort=name:asc:desc"),
        *("sort=name&sort_key=id", "sort=name&sort_dir=asc"),
        *("visibility=secret", "visibility=", "visibility=PUBLIC", "member_status=maybe"),
        *("member_status=", "os_hidden=1", "os_hidden=", "protected=True", "protected=1"),
        *("name=neq:a", "name=f:g", "status=gt:active", "disk_format=like:x", "id=neq:x"),
        *("name=F:g", "name=:g", "name=f g:x", "name=In:a", "name=f_2:x"),
        *('name=in:"a', 'name=in:a"b', 'name=in:"a"b', 'container_format=in:"'),
        *("created_at=yesterday", "created_at=", "updated_at=about:2020-01-01"),
        *("created_at=in:2020-01-01", "created_at=gt:", "created_at=0001-01-01T00:00:00%2B05:00"),
        *("size_min=x", "size_max=", "min_ram=x", "size=", "min_disk_min=1.5", "virtual_size=x"),
        *("changes-since=2020-01-01T00:00:00Z", "locations=x", "properties=x"),
        *("size_min=" + "9" * 40, "size=" + "9" * 5000),
        *("&".join(f"p{n}=x" for n in range(129)), "&".join(f"tag={n}" for n in range(129))),
    ],
    ids=lambda query: query[:60],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(service: Service, query: str) -> None:
    assert service.get(f"/v2/images?{query}").status == 400


def test_colons_in_a_value_are_asked_for_with_an_operator(service: Service) -> None:
    service.an_image(name="f:g")
    assert names(service, "name=eq:f:g") == names(service, "name=in:f:g") == ["f:g"]


@pytest.mark.parametrize("name", ["a,b", 'say "x"', "100%", "a+b", "ä 💿", "back\\slash", " "])
def test_any_name_can_be_asked_for_in_quotes(service: Service, name: str) -> None:
    service.an_image(name=name)
    quoted = '"' + name.replace('"', '\\"') + '"'
    assert names(service, "name=" + quote(f"in:{quoted},other")) == [name]


def test_a_custom_property_with_a_colon_is_asked_for_as_it_is(service: Service) -> None:
    service.an_image(None, name="x", **{"hw:cpu": "in:4"})
    assert names(service, "hw%3Acpu=in:4") == ["x"]


def test_the_time_that_is_shown_excludes_the_image_itself(service: Service) -> None:
    shown = service.show(service.an_image(name="x"))["created_at"]
    assert names(service, f"created_at=lt:{shown}") == []


@pytest.mark.parametrize(
    ("comparison", "shift_s", "found"),
    [
        *(("gt", 0, True), ("gt", 1, False), ("gte", 0, True), ("gte", 1, False)),
        *(("lt", 0, False), ("lt", 1, True), ("lte", -1, False), ("lte", 1, True)),
        *(("eq", 1, False), ("neq", 1, True), ("eq", -1, False), ("neq", -1, True)),
    ],
)
@pytest.mark.parametrize("offset", [0, 5.5, -12, 14])
def test_times_are_compared_wherever_on_earth_they_are_told(
    service: Service, comparison: str, shift_s: int, found: bool, offset: float
) -> None:
    made = service.show(service.an_image(name="x"))["created_at"]
    there = timezone(timedelta(hours=offset))
    told = datetime.fromisoformat(made).astimezone(there) + timedelta(seconds=shift_s)
    query = urlencode({"created_at": f"{comparison}:{told.isoformat()}"})
    assert bool(names(service, query)) is found


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00", "20200101T000000Z"),
        *("2020-01-01T00:00:00.123456Z", "2020-01-01T00:00:00.9+00:00", "2020-01-01T00:00"),
        *("2020-01-01T00:00:00-0500", "2020-01-01 00:00:00", "2020-W01-1"),
    ],
)
def test_times_are_read_in_every_form_of_the_standard(service: Service, text: str) -> None:
    service.an_image(name="x")
    assert names(service, urlencode({"created_at": f"gt:{text}"})) == ["x"]


def test_an_administrator_may_look_for_images_of_an_owner(service: Service) -> None:
    service.an_image(name="a")
    service.seen_by(OTHER).an_image(name="b")
    assert names(service.seen_by(ADMIN), "owner=other") == ["b"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *(("", ["accepted"]), ("member_status=accepted", ["accepted"])),
        *(("member_status=pending", ["pending"]), ("member_status=rejected", ["rejected"])),
        ("member_status=all", ["accepted", "pending", "rejected"]),
    ],
)
def test_images_shared_with_a_caller_are_listed_by_its_answer(
    service: Service, query: str, expected: list[str]
) -> None:
    for status in ("accepted", "rejected", "pending"):
        image_id = service.an_image(name=status)
        service.shared_with(image_id, "other", status)
    assert sorted(names(service.seen_by(OTHER), query)) == expected


def test_an_owner_named_in_the_query_widens_nothing(service: Service) -> None:
    service.an_image(name="mine")
    assert names(service.seen_by(OTHER), "owner=owner") == []


def test_a_caller_without_the_role_lists_nothing(service: Service) -> None:
    assert service.seen_by(identity(roles="member")).get("/v2/images").status == 403


def test_a_caller_without_project_lists_what_is_public(service: Service) -> None:
    operator = service.seen_by(ADMIN)
    operator.an_image(name="public", visibility="public", owner=None)
    operator.an_image(name="community", visibility="community", owner=None)
    assert names(service.seen_by(identity(None))) == ["public"]


# ---------------------------------------------------------------------- order


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort_key=name&sort_dir=asc", "abcdef"),
        ("sort_key=name", "fedcba"),
        ("sort_dir=asc", "abcdef"),
        ("sort_key=disk_format&sort_key=name&sort_dir=asc", "badefc"),
        ("sort_key=disk_format&sort_key=name&sort_dir=asc&sort_dir=desc", "bfedac"),
        ("sort=disk_format:asc,name", "bfedac"),
        ("sort=container_format,created_at:asc", "dabcef"),
        ("sort= name : asc ", "abcdef"),
        ("sort=size,name:asc", "abcdef"),
        ("sort=name:asc,name:desc", "abcdef"),
        ("&".join(["sort_key=name"] * 300) + "&sort_dir=asc", "abcdef"),
    ],
)
def test_a_list_is_sorted_as_asked_for(six: Service, query: str, expected: str) -> None:
    assert "".join(names(six, query)) == expected


@pytest.mark.parametrize("key", SORT_KEYS)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_put_together_are_the_list(six: Service, key: str, direction: str) -> None:
    query = f"sort_key={key}&sort_dir={direction}"
    assert pages(six, f"/v2/images?limit=2&{query}") == names(six, query)


def pages(service: Service, path: str | None) -> list[str]:
    """Follow the links from page to page and return the names of all images."""
    found: list[str] = []
    while path is not None:
        page = service.get(path).json
        found += [image["name"] for image in page["images"]]
        path = page.get("next")
    return found


# ---------------------------------------------------------------------- pages and links


def test_a_list_without_question_has_the_plain_first_link(service: Service) -> None:
    page = service.get("/v2/images").json
    assert page == {"images": [], "first": "/v2/images", "schema": "/v2/schemas/images"}


def test_a_page_that_is_not_full_has_no_next_one(six: Service) -> None:
    assert "next" not in six.get("/v2/images?limit=7").json


def test_a_full_page_has_a_next_one_even_if_nothing_follows(six: Service) -> None:
    page = six.get("/v2/images?limit=6").json
    assert six.get(page["next"]).json["images"] == []


def test_a_page_of_nothing_has_no_next_one(six: Service) -> None:
    assert "next" not in six.get("/v2/images?limit=0").json


def test_the_next_page_goes_on_after_the_last_image(six: Service) -> None:
    page = six.get("/v2/images?limit=2").json
    assert parse_qs(urlsplit(page["next"]).query)["marker"] == [page["images"][-1]["id"]]


def test_the_next_link_has_the_limit_as_it_was_given(six: Service) -> None:
    assert re.search(r"[?&]limit=2(&|$)", six.get("/v2/images?limit=2").json["next"])


@pytest.mark.parametrize("query", ["", "?limit=99"])
def test_pages_have_a_default_and_a_greatest_length(tmp_path: Path, query: str) -> None:
    options = ("limit_param_default = 2", "api_limit_max = 3")
    service = Service.configured(tmp_path, TWO_STORES, *options)
    for _ in range(4):
        service.an_image()
    assert len(service.get(f"/v2/images{query}").json["images"]) == (3 if query else 2)


def test_links_keep_parameters_that_are_repeated(six: Service) -> None:
    query = "tag=red&tag=round&sort_key=name&sort_key=id&sort_dir=asc&sort_dir=desc"
    page = six.get(f"/v2/images?limit=1&{query}").json
    kept = [pair for pair in parse_qsl(urlsplit(page["next"]).query) if pair[0] != "marker"]
    assert kept == parse_qsl(f"limit=1&{query}")


def test_the_first_link_has_no_marker(six: Service) -> None:
    marker = six.get("/v2/images?limit=1").json["images"][0]["id"]
    page = six.get(f"/v2/images?name=a&marker={marker}").json
    assert page["first"] == "/v2/images?name=a"


def test_links_are_encoded(six: Service) -> None:
    query = urlencode({"naïve key": "a&b=c 💿"})
    assert six.get(f"/v2/images?{query}").json["first"] == f"/v2/images?{query}"


def test_a_page_hidden_by_policy_is_followed_by_the_next(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text('"get_image": "not \'secret\':%(name)s"\n', encoding="utf-8")
    options = f"[oslo_policy]\npolicy_file = {policy}"
    service = Service.configured(tmp_path, TWO_STORES, options)
    for name in ("open", "secret", "secret"):
        service.an_image(name=name)
    assert pages(service, "/v2/images?limit=2") == ["open"]


@each(
    {
        "of an image deleted since": (lambda s: after(s, a_deleted_image(s)), 400),
        "of an image that is not seen": (
            lambda s: after(s.seen_by(OTHER), s.an_image(visibility="private")),
            400,
        ),
        "of an image that the question leaves out": (
            lambda s: after(s, s.an_image(os_hidden=True)),
            200,
        ),
    }
)
def test_markers(service: Service, ask: Any, status: int) -> None:
    assert ask(service).status == status


def after(service: Service, image_id: str) -> Any:
    """Ask for the page after an image."""
    return service.get(f"/v2/images?marker={image_id}")


def a_deleted_image(service: Service) -> str:
    """Create and delete an image, and return its id."""
    image_id = service.an_image()
    service.ask("DELETE", f"/v2/images/{image_id}")
    return image_id


# ---------------------------------------------------------------------- parsers

PARAMETERS = st.sampled_from(
    [
        *("limit", "marker", "sort", "sort_key", "sort_dir", "visibility", "member_status"),
        *("os_hidden", "protected", "tag", "name", "id", "status", "created_at", "updated_at"),
        *("size", "size_min", "size_max", "min_ram", "owner", "deleted", "color"),
    ]
)
VALUES = st.text() | st.sampled_from(
    [
        *("in:a,b", 'in:"a', "eq:x", "neq:x", "gt:2020-01-01", "true", "False", "asc", "desc"),
        *("name:asc,id", "all", "public", "accepted", "-1", "5", "2020-01-01T00:00:00Z"),
    ]
)


@given(st.text())
def test_any_text_is_a_query_string_or_refused(text: str) -> None:
    with suppress(TintypeError):
        parse_query_string(text)


@given(st.lists(st.tuples(PARAMETERS | st.text(), VALUES), max_size=6))
def test_any_parameters_are_a_question_or_refused(pairs: list[tuple[str, str]]) -> None:
    with suppress(TintypeError):
        load_image_query(pairs, Paging(25, 1000))


@given(st.lists(st.tuples(st.text(), st.text()), max_size=6))
def test_a_link_asks_the_same_question(pairs: list[tuple[str, str]]) -> None:
    kept = [pair for pair in pairs if pair[0] != "marker"]
    assert parse_query_string(urlsplit(link(pairs)).query) == kept


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\\")), min_size=1))
def test_a_list_in_quotes_is_read_as_it_was(values: list[str]) -> None:
    quoted = ('"' + value.replace('"', '\\"') + '"' for value in values)
    assert split_list(",".join(quoted)) == tuple(values)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters='",')), min_size=1))
def test_a_plain_list_is_read_as_it_was(values: list[str]) -> None:
    assert split_list(",".join(values)) == tuple(values)


@given(st.text(alphabet='a",\\ '))
def test_any_text_is_a_list_or_refused(text: str) -> None:
    with suppress(Invalid):
        split_list(text)


@given(
    st.text() | st.datetimes().map(str) | st.datetimes().map(lambda time: time.isoformat() + "Z")
)
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert parse_time("created_at", text).tzinfo is not None
