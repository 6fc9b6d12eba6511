"""Saying by patch where the data of images is (images-api §9.1)."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.http.located import (
    MD5,
    SHA512,
    a_digest,
    a_place,
    add,
    in_two_stores,
    remove,
    replace,
    there,
    urls,
    with_locations,
    with_one_store,
)
from tests.unit.http.service import (
    ADMIN,
    NO_SUCH_ID,
    NOBODY,
    OTHER,
    READER,
    V20,
    Answer,
    Ask,
    Service,
    each,
)
from tintype.domain.status import Status

FILES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = files:file, web:http
    show_multiple_locations = true
    [glance_store]
    default_backend = files
    [files]
    filesystem_store_datadir = {defaults}
    [web]
"""


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return with_locations(tmp_path)


def in_status(service: Service, status: Status) -> str:
    image_id = in_two_stores(service)
    service.put_into(image_id, status)
    return image_id


def added(service: Service, place: Any, at: str = "-", image_id: str | None = None) -> Answer:
    """Add a location to a new image with data, unless one is named."""
    return add(service, image_id or service.an_image(b"data"), place, at)


def a_new_place(service: Service) -> dict[str, Any]:
    return a_place(there(service, "new"))


# ---------------------------------------------------------------------- every code and trigger

ADDING = {
    "at the end": (lambda s: added(s, a_new_place(s)), 200),
    "at the beginning": (lambda s: added(s, a_new_place(s), "0"), 200),
    "far beyond the end": (lambda s: added(s, a_new_place(s), "999"), 200),
    "by an administrator": (
        lambda s: add(s.seen_by(ADMIN), s.an_image(b"data"), a_new_place(s)),
        200,
    ),
    "to a queued image": (lambda s: added(s, a_new_place(s), image_id=s.an_image()), 200),
    "nested metadata": (
        lambda s: added(s, a_place(there(s, "new"), a="b", c=["d", {"e": "f"}])),
        200,
    ),
    "no object": (lambda s: added(s, "memory://more/new"), 400),
    "a list": (lambda s: added(s, [a_new_place(s)]), 400),
    "no url": (lambda s: added(s, {"metadata": {}}), 400),
    "no metadata": (lambda s: added(s, {"url": there(s, "new")}), 400),
    "metadata that is no object": (
        lambda s: added(s, {"url": there(s, "new"), "metadata": []}),
        400,
    ),
    "something unknown": (lambda s: added(s, {**a_new_place(s), "status": "active"}), 400),
    "a url that is none": (lambda s: added(s, a_place("nonsense")), 400),
    "a url that is no text": (lambda s: added(s, {"url": 1, "metadata": {}}), 400),
    "a file": (lambda s: added(s, a_place("file:///etc/passwd")), 400),
    "a file by its older name": (lambda s: added(s, a_place("filesystem:///etc/passwd")), 400),
    "a container of the service": (lambda s: added(s, a_place("swift+config://a/b/c")), 400),
    "an unknown scheme": (lambda s: added(s, a_place("gopher://host/a")), 400),
    "this very host": (lambda s: added(s, a_place("http://127.0.0.1/a")), 400),
    "this very host by a number": (lambda s: added(s, a_place("http://2130706433/a")), 400),
    "a neighbour on the link": (lambda s: added(s, a_place("http://169.254.169.254/a")), 400),
    "a forbidden port": (lambda s: added(s, a_place("http://192.0.2.1:22/a")), 400),
    "an unknown host": (lambda s: added(s, a_place("http://nowhere.invalid/a")), 400),
    "credentials that are none": (lambda s: added(s, a_place("http://user@192.0.2.1/")), 400),
    "data that is not there": (lambda s: added(s, a_place("memory://more/none")), 400),
    "data without a byte": (lambda s: added(s, a_place(there(s, "new", b""))), 400),
    "a number in the metadata": (lambda s: added(s, a_place(there(s, "new"), a=1)), 400),
    "null deep in the metadata": (
        lambda s: added(s, a_place(there(s, "new"), a=[{"b": None}])),
        400,
    ),
    "a URL that is there already": (
        lambda s: added(s, a_place(urls(s, i := s.an_image(b"data"))[0]), image_id=i),
        400,
    ),
    "no place": (lambda s: added(s, a_new_place(s), "first"), 400),
    "a negative place": (lambda s: added(s, a_new_place(s), "-1"), 400),
    "a place of other digits": (lambda s: added(s, a_new_place(s), "١"), 400),
    "a place beyond all bounds": (lambda s: added(s, a_new_place(s), "9" * 40), 200),
    "a place too deep": (lambda s: added(s, a_new_place(s), "0/url"), 400),
    "without formats": (
        lambda s: added(s, a_new_place(s), image_id=s.an_image(disk_format=None)),
        400,
    ),
    "a fifth of four": (lambda s: full(s), 413),
    "by a reader": (lambda s: add(s.seen_by(READER), s.an_image(b"data"), a_new_place(s)), 403),
    "by a stranger who sees it": (
        lambda s: add(
            s.seen_by(OTHER), s.an_image(b"data", visibility="community"), a_new_place(s)
        ),
        403,
    ),
    "by a stranger": (lambda s: add(s.seen_by(OTHER), s.an_image(b"data"), a_new_place(s)), 404),
    "by nobody": (lambda s: add(s.seen_by(NOBODY), s.an_image(b"data"), a_new_place(s)), 401),
    "to no image": (lambda s: add(s, NO_SUCH_ID, a_new_place(s)), 404),
    "to a deactivated image": (
        lambda s: add(s.seen_by(ADMIN), s.a_deactivated_image(), a_new_place(s)),
        409,
    ),
    "during an upload": (
        lambda s: added(s, a_new_place(s), image_id=in_status(s, Status.SAVING)),
        409,
    ),
    "during an import": (
        lambda s: added(s, a_new_place(s), image_id=in_status(s, Status.IMPORTING)),
        409,
    ),
    "of staged data": (
        lambda s: added(s, a_new_place(s), image_id=in_status(s, Status.UPLOADING)),
        409,
    ),
    "other digests than the image has": (
        lambda s: added(s, a_place(there(s, "new"), a_digest())),
        409,
    ),
    "a digest by another algorithm": (
        lambda s: queued(s, a_digest(os_hash_algo="sha256", os_hash_value="ab" * 32)),
        409,
    ),
    "a digest that is too short": (lambda s: queued(s, a_digest(os_hash_value="ab")), 409),
    "a digest that is no number": (lambda s: queued(s, a_digest(os_hash_value="xy" * 64)), 409),
    "a checksum that is too short": (lambda s: queued(s, a_digest(checksum="ab")), 409),
    "a digest without its algorithm": (lambda s: queued(s, a_digest(os_hash_algo=None)), 400),
    "an algorithm without its digest": (lambda s: queued(s, a_digest(os_hash_value=None)), 400),
    "a digest that is no text": (lambda s: queued(s, a_digest(os_hash_value=1)), 400),
    "something unknown of the data": (lambda s: queued(s, a_digest(size="4")), 400),
    "digests that are no object": (lambda s: queued(s, "ab"), 400),
}


def full(service: Service) -> Answer:
    image_id = service.an_image(b"data")
    for number in range(3):
        assert add(service, image_id, a_place(there(service, f"{number}"))).status == 200
    return add(service, image_id, a_new_place(service))


def queued(service: Service, validation: Any) -> Answer:
    """Say where the data of a queued image is, and what it is."""
    return add(service, service.an_image(), a_place(there(service, "new"), validation))


@each(ADDING)
def test_adding_a_location(service: Service, ask: Ask, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


REPLACING = {
    "the same": (lambda s: replaced(s, lambda shown: shown), 200),
    "another order": (lambda s: replaced(s, lambda shown: shown[::-1]), 200),
    "other metadata": (
        lambda s: replaced(s, lambda shown: [a_place(it["url"], new="x") for it in shown]),
        200,
    ),
    "of a queued image": (lambda s: replace(s, s.an_image(), [a_new_place(s)]), 200),
    "of a queued image, twice the same": (
        lambda s: replace(s, s.an_image(), [a_new_place(s), a_place("memory://more/new#x")]),
        200,
    ),
    "nothing": (lambda s: replaced(s, lambda shown: []), 403),
    "of a queued image by nothing": (lambda s: replace(s, s.an_image(), []), 403),
    "one missing": (lambda s: replaced(s, lambda shown: shown[:1]), 400),
    "one more": (lambda s: replaced(s, lambda shown: [*shown, a_new_place(s)]), 400),
    "one other": (lambda s: replaced(s, lambda shown: [shown[0], a_new_place(s)]), 400),
    "one twice": (lambda s: replaced(s, lambda shown: [*shown, shown[0]]), 400),
    "no list": (lambda s: replaced(s, lambda shown: shown[0]), 400),
    "no objects": (lambda s: replaced(s, lambda shown: ["x"]), 400),
    "sizes that differ": (
        lambda s: replace(s, s.an_image(), [a_new_place(s), a_place(there(s, "other", b"12"))]),
        400,
    ),
    "more than there may be": (
        lambda s: replace(s, s.an_image(), [a_place(f"memory://more/{n}") for n in range(5)]),
        413,
    ),
    "of a deactivated image": (
        lambda s: replaced(s, lambda shown: shown, in_status(s, Status.DEACTIVATED)),
        409,
    ),
    "by a reader": (lambda s: replace(s.seen_by(READER), s.an_image(), [a_new_place(s)]), 403),
    "one of them": (
        lambda s: s.patch(
            in_two_stores(s),
            [{"op": "replace", "path": "/locations/0", "value": a_new_place(s)}],
        ),
        400,
    ),
}


def replaced(service: Service, change: Any, image_id: str | None = None) -> Answer:
    """Replace the locations of an image by what `change` makes of those that are shown."""
    image_id = image_id or in_two_stores(service)
    return replace(service, image_id, change(service.seen_by(ADMIN).show(image_id)["locations"]))


@each(REPLACING)
def test_replacing_locations(service: Service, ask: Ask, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


REMOVING = {
    "the first": (lambda s: remove(s, in_two_stores(s), "0"), 200),
    "the second": (lambda s: remove(s, in_two_stores(s), "1"), 200),
    "the last": (lambda s: remove(s, in_two_stores(s), "-"), 200),
    "the only one": (lambda s: remove(s, s.an_image(b"data"), "0"), 403),
    "none of a queued image": (lambda s: remove(s, s.an_image(), "0"), 409),
    "one that is not there": (lambda s: remove(s, in_two_stores(s), "2"), 400),
    "no place": (lambda s: remove(s, in_two_stores(s), "first"), 400),
    "a negative place": (lambda s: remove(s, in_two_stores(s), "-1"), 400),
    "all": (
        lambda s: s.patch(in_two_stores(s), [{"op": "remove", "path": "/locations"}]),
        400,
    ),
    "of a deactivated image": (lambda s: remove(s, in_status(s, Status.DEACTIVATED), "0"), 409),
    "of an image being saved": (lambda s: remove(s, in_status(s, Status.SAVING), "0"), 409),
    "by its owner": (
        lambda s: s.patch(in_two_stores(s), [{"op": "remove", "path": "/locations/0"}]),
        403,
    ),
    "by a stranger": (
        lambda s: s.seen_by(OTHER).patch(
            in_two_stores(s), [{"op": "remove", "path": "/locations/0"}]
        ),
        404,
    ),
    "of no image": (lambda s: remove(s, NO_SUCH_ID, "0"), 404),
}


@each(REMOVING)
def test_removing_a_location(service: Service, ask: Ask, status: int) -> None:
    answer = ask(service)
    assert answer.status == status, answer.body


# ---------------------------------------------------------------------- what becomes of it


def test_a_location_of_a_queued_image_makes_it_active(service: Service) -> None:
    image_id = service.an_image()
    answer = add(service, image_id, a_place(there(service, "new"), note="n"))

    shown = service.show(image_id)
    assert (answer.json, shown["status"], shown["size"]) == (shown, "active", 4)
    assert (shown["checksum"], shown["os_hash_algo"], shown["os_hash_value"]) == (None, None, None)
    assert shown["locations"] == [
        {"url": "memory://more/new", "metadata": {"note": "n", "store": "more"}}
    ]
    assert (shown["stores"], shown["direct_url"]) == ("more", "memory://more/new")
    assert service.get(f"/v2/images/{image_id}/file").body == b"data"


def test_what_is_said_of_the_data_of_a_queued_image_is_believed(service: Service) -> None:
    image_id = service.an_image()
    digest = a_digest(os_hash_value=SHA512.upper(), checksum=MD5.upper())
    assert add(service, image_id, a_place(there(service, "new"), digest)).status == 200

    shown = service.show(image_id)
    assert (shown["checksum"], shown["os_hash_algo"], shown["os_hash_value"]) == (
        *(MD5, "sha512", SHA512),
    )
    assert "validation_data" not in shown["locations"][0]


def test_the_digests_of_an_image_may_be_said_again(service: Service) -> None:
    image_id = service.an_image(b"data")
    shown = service.show(image_id)
    same = {name: shown[name] for name in ("os_hash_algo", "os_hash_value", "checksum")}

    assert add(service, image_id, a_place(there(service, "new"), same)).status == 200


def test_the_older_dialect_adds_locations_too(service: Service) -> None:
    image_id = service.an_image(b"data")
    assert add(service, image_id, a_new_place(service), dialect=V20).status == 200
    assert len(urls(service, image_id)) == 2


def test_locations_are_shown_in_the_order_of_their_stores(service: Service) -> None:
    image_id = service.an_image()
    add(service, image_id, a_place(there(service, "light")))
    add(service, image_id, a_place(there(service, "heavy", store="ram")))

    assert urls(service, image_id) == ["memory://ram/heavy", "memory://more/light"]
    assert service.show(image_id)["stores"] == "ram,more"
    assert service.show(image_id)["direct_url"] == "memory://ram/heavy"


@pytest.mark.parametrize(
    ("at", "expected"), [("0", "nab"), ("1", "anb"), ("2", "abn"), ("7", "abn"), ("-", "abn")]
)
def test_a_location_is_put_in_at_its_place(service: Service, at: str, expected: str) -> None:
    image_id = service.an_image()
    for key in "ab":
        add(service, image_id, a_place(there(service, key)))

    answer = add(service, image_id, a_place(there(service, "n")), at)
    assert urls(service, image_id) == [f"memory://more/{key}" for key in expected]
    assert [it["url"] for it in answer.json["locations"]] == urls(service, image_id)


def test_places_are_counted_in_the_order_that_is_shown(service: Service) -> None:
    image_id = service.an_image()
    add(service, image_id, a_place(there(service, "light")))
    add(service, image_id, a_place(there(service, "heavy", store="ram")))

    assert remove(service, image_id, "0").status == 200
    assert urls(service, image_id) == ["memory://more/light"]
    assert (service.stored("ram"), service.stored("more")) == ([], ["light"])


def test_metadata_of_data_in_a_file_of_the_service_can_be_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    service = Service.configured(tmp_path, FILES, str(folder))
    image_id = service.an_image(b"data")
    (url,) = urls(service, image_id)
    place = a_place(url, note="checked", store="web")

    assert replace(service, image_id, [place]).status == 200
    metadata = {"note": "checked", "store": "files"}
    assert service.show(image_id)["locations"] == [{"url": url, "metadata": metadata}]
    assert replace(service, image_id, [a_place(url, size=1)]).status == 400
    assert replace(service, image_id, [place, a_place("file:///etc/passwd")]).status == 400


def test_a_replacement_says_the_order_and_the_metadata(service: Service) -> None:
    image_id = service.an_image()
    for key in "ab":
        add(service, image_id, a_place(there(service, key)))

    wanted = [a_place("memory://more/b", x="y"), a_place("memory://more/a")]
    assert replace(service, image_id, wanted).status == 200
    assert service.show(image_id)["locations"] == [
        {"url": "memory://more/b", "metadata": {"x": "y", "store": "more"}},
        {"url": "memory://more/a", "metadata": {"store": "more"}},
    ]


def test_a_url_with_another_fragment_is_another_location(service: Service) -> None:
    image_id = in_two_stores(service)
    url = urls(service, image_id)[1]
    assert add(service, image_id, a_place(f"{url}#new")).status == 200
    assert urls(service, image_id)[-1] == f"{url}#new"


def test_data_stays_as_long_as_another_location_is_that_of_it(service: Service) -> None:
    image_id = in_two_stores(service)
    add(service, image_id, a_place(f"{urls(service, image_id)[1]}#new"))

    assert remove(service, image_id, "1").status == 200
    assert service.stored("more") == [image_id]
    assert remove(service, image_id, "1").status == 200
    assert service.stored("more") == []


def test_a_removed_location_takes_its_data_along(service: Service) -> None:
    image_id = in_two_stores(service)
    assert remove(service, image_id, "0").status == 200
    assert (service.stored("ram"), service.stored("more")) == ([], [image_id])
    assert service.get(f"/v2/images/{image_id}/file").body == b"data"


def test_a_location_without_data_can_be_removed(service: Service) -> None:
    image_id = in_two_stores(service)
    service.lose(image_id)
    assert remove(service, image_id, "0").status == 200


def test_a_patch_that_fails_at_its_end_removes_no_data(service: Service) -> None:
    image_id = in_two_stores(service)
    changes = [
        {"op": "remove", "path": "/locations/0"},
        {"op": "remove", "path": "/absent"},
    ]
    assert service.seen_by(ADMIN).patch(image_id, changes).status == 409
    assert (service.stored("ram"), len(urls(service, image_id))) == ([image_id], 2)


def test_a_location_can_be_moved_within_one_patch(service: Service) -> None:
    image_id = in_two_stores(service)
    url = urls(service, image_id)[0]
    changes = [
        {"op": "remove", "path": "/locations/0"},
        {"op": "add", "path": "/locations/-", "value": a_place(url)},
    ]
    assert service.seen_by(ADMIN).patch(image_id, changes).status == 200
    assert service.stored("ram") == [image_id]


def test_what_a_failed_validation_left_goes_with_the_next_location(service: Service) -> None:
    image_id = in_status(service, Status.QUEUED)
    assert service.get(f"/v2/images/{image_id}/file").status == 204

    assert add(service, image_id, a_new_place(service)).status == 200
    assert urls(service, image_id) == ["memory://more/new"]


def test_the_metadata_cannot_claim_another_store(service: Service) -> None:
    image_id = service.an_image()
    place = a_place(there(service, "new"), store="os_glance_staging_store")
    assert add(service, image_id, place).status == 200
    assert service.show(image_id)["stores"] == "more"


def test_the_refusal_of_a_url_names_it_without_credentials(service: Service) -> None:
    answer = added(service, a_place("http://user:secret@127.0.0.1/a?b=c"))
    assert "does not pass filtering: http://127.0.0.1/a?b=c" in answer.message
    assert "secret" not in answer.message


def test_nobody_makes_us_call_a_url_who_could_not_give_it_to_the_image(service: Service) -> None:
    image_id = service.an_image(b"data")
    for caller, status in ((OTHER, 404), (READER, 403)):
        # The filter would answer 400.
        answer = add(service.seen_by(caller), image_id, a_place("http://127.0.0.1/a"))
        assert answer.status == status


def test_locations_of_a_deactivated_image_are_for_administrators(service: Service) -> None:
    image_id = in_status(service, Status.DEACTIVATED)
    shown = service.show(image_id)
    assert shown["locations"] == []
    assert not {"stores", "direct_url"} & set(shown)
    assert len(urls(service.seen_by(ADMIN), image_id)) == 2


def test_a_queued_image_has_an_empty_list_of_locations(service: Service) -> None:
    shown = service.show(service.an_image())
    assert shown["locations"] == []
    assert not {"stores", "direct_url"} & set(shown)


# ---------------------------------------------------------------------- other configurations


def test_metadata_stays_as_given_where_the_store_has_no_name(tmp_path: Path) -> None:
    service = with_one_store(tmp_path)
    image_id = service.an_image()
    place = a_place(there(service, "new", store="memory"), store="mine", x=["y"])
    assert add(service, image_id, place).status == 200
    assert service.show(image_id)["locations"] == [place]


def test_any_number_of_locations_where_the_quota_is_negative(tmp_path: Path) -> None:
    service = with_one_store(tmp_path, "image_location_quota = -1")
    image_id = service.an_image(b"data")
    for number in range(12):
        place = a_place(there(service, f"{number}", store="memory"))
        assert add(service, image_id, place).status == 200


@pytest.mark.parametrize("ask", [add, replace, remove])
def test_locations_are_not_to_be_changed_where_nobody_sees_them(tmp_path: Path, ask: Any) -> None:
    service = with_locations(tmp_path, "show_multiple_locations = false")
    image_id = service.an_image(b"data")
    place = a_place(there(service, "new"))
    value: Any = {add: place, replace: [place], remove: "0"}[ask]
    assert ask(service, image_id, value).status == 403
    assert "locations" not in service.show(image_id)


# ---------------------------------------------------------------------- the quota of the project


@pytest.mark.parametrize(("quota", "status"), [(8, 200), (7, 413)])
def test_one_more_copy_counts_against_the_storage_quota(
    tmp_path: Path, quota: int, status: int
) -> None:
    service = with_locations(
        tmp_path, "show_multiple_locations = true", f"user_storage_quota = {quota}"
    )
    image_id = service.an_image(b"data")

    assert added(service, a_new_place(service), image_id=image_id).status == status
    assert len(urls(service, image_id)) == (2 if status == 200 else 1)


def test_data_elsewhere_counts_against_the_storage_quota_of_its_image(tmp_path: Path) -> None:
    service = with_locations(tmp_path, "show_multiple_locations = true", "user_storage_quota = 3")
    image_id = service.an_image()

    assert added(service, a_new_place(service), image_id=image_id).status == 413
    assert service.show(image_id)["status"] == "queued"


def test_order_and_metadata_of_copies_cost_no_quota(tmp_path: Path) -> None:
    service = with_locations(tmp_path, "show_multiple_locations = true", "user_storage_quota = 4")
    image_id = service.an_image(b"data")
    (url,) = urls(service, image_id)

    assert replace(service, image_id, [a_place(url, note="checked")]).status == 200
