"""Lists of images compared with what a few lines of Python make of the same images."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.records.making import ADMIN, NOBODY, OTHER, OWNER, THEN, an_image, ids, live
from tests.patience import examples
from tintype.entrypoints.python import database as db

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **{"gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "neq": ne}
}
NAMES = ("a", "A", "a ", "b,c", "ä", "", None)
SIZES = (None, 0, 3, 1 << 40)
STATUSES = ("active", "queued", "killed")
VISIBILITIES = ("public", "community", "shared", "private")
CONTEXTS = (ADMIN, OWNER, OTHER, NOBODY)

Images = list[dict[str, Any]]


def a_catalogue() -> Images:
    """Record images of many kinds, and return them with their tags and members."""
    made = []
    for number in range(28):
        image = an_image(
            id=f"image-{number:02}",
            name=NAMES[number % 7],
            size=SIZES[number % 4],
            status=STATUSES[number % 3],
            visibility=VISIBILITIES[number % 4],
            owner=("owner", "other", None)[number % 3],
            created_at=THEN + timedelta(microseconds=number // 3),
            updated_at=THEN + timedelta(seconds=number % 5),
            deleted=number % 6 == 5,
            deleted_at=THEN if number % 6 == 5 else None,
            properties={"p": str(number % 2), "q": "x"} if number % 5 else {},
        )
        tags = ["t", "u"][: number % 3]
        db.image_tag_set_all(ADMIN, image["id"], tags)
        members = {}
        if number % 8 == 2:
            status = ("pending", "accepted")[number % 16 // 8]
            values = {"image_id": image["id"], "member": "other", "status": status}
            members = {"other": db.image_member_create(ADMIN, values)["status"]}
        made.append(image | {"tags": tags, "members": members})
    return made


def is_seen(image: dict[str, Any], context: db.Context, visibility: str | None) -> bool:
    """Tell whether an image is in the lists of a caller."""
    own = context.owner is not None and image["owner"] == context.owner
    kind = image["visibility"]
    shared = kind == "shared" and image["members"].get(context.owner) == "accepted"
    if not (context.is_admin or own or shared or kind in ("public", "community")):
        return False
    if visibility is None:
        return kind != "community" or own
    return visibility in ("all", kind)


def matches(image: dict[str, Any], filters: dict[str, Any]) -> bool:
    """Tell whether an image matches all filters."""
    properties = live(image)
    checks: dict[str, Callable[[Any], bool]] = {
        "deleted": lambda it: image["deleted"] is it and (it or image["status"] != "killed"),
        "name": lambda it: image["name"] == it,
        "status": lambda it: image["status"] in it.removeprefix("in:").split(","),
        "size_min": lambda it: image["size"] is not None and image["size"] >= it,
        "size_max": lambda it: image["size"] is not None and image["size"] <= it,
        "p": lambda it: properties.get("p") == it,
        "properties": lambda it: it.items() <= properties.items(),
        "tags": lambda it: set(it) <= set(image["tags"]),
        "updated_at": lambda it: compare(image["updated_at"], *it.split(":", 1)),
        "changes-since": lambda it: image["updated_at"] > it,
        "visibility": lambda it: True,
    }
    return all(checks[name](value) for name, value in filters.items())


def compare(time: Any, operator: str, text: str) -> bool:
    """Compare a time with one that is written out."""
    return OPERATORS[operator](time.isoformat(), text)


def in_order(images: Images, keys: Sequence[str], directions: Sequence[str]) -> Images:
    """Sort images, with their ids at the end."""
    single = directions[0] if len(directions) == 1 else "desc"
    ways = [*directions] if len(directions) == len(keys) else [single] * len(keys)
    ways += [single, single]
    for key, way in reversed([*zip([*keys, "created_at", "id"], ways, strict=True)]):
        least = 0 if key == "size" else ""
        images = sorted(
            images,
            key=lambda it: least if it[key] is None else it[key],
            reverse=way == "desc",
        )
    return images


times = st.integers(-1, 5).map(lambda second: THEN + timedelta(seconds=second))
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "deleted": st.booleans(),
        "name": st.sampled_from([name for name in NAMES if name is not None]),
        "status": st.sampled_from([*STATUSES, "in:active,killed", "in:queued", "in:x"]),
        "size_min": st.sampled_from([0, 1, 3, 1 << 41]),
        "size_max": st.sampled_from([0, 2, 1 << 40]),
        "p": st.sampled_from("012"),
        "properties": st.sampled_from([{"p": "1"}, {"p": "0", "q": "x"}, {"r": "x"}]),
        "tags": st.sampled_from([["t"], ["u"], ["t", "u"], ["v"]]),
        "updated_at": st.builds(
            lambda operator, time: f"{operator}:{time.isoformat()}",
            st.sampled_from([*OPERATORS]),
            times,
        ),
        "changes-since": times,
        "visibility": st.sampled_from([*VISIBILITIES, "all"]),
    },
)
KEYS = st.lists(st.sampled_from(["size", "status", "updated_at"]), max_size=2, unique=True)


def test_lists_are_what_was_asked_for() -> None:
    made = a_catalogue()
    deleted = {image["id"] for image in made if image["deleted"]}

    @settings(
        max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(FILTERS, st.sampled_from(CONTEXTS), KEYS, st.data())
    def check(
        filters: dict[str, Any], context: db.Context, keys: list[str], data: st.DataObject
    ) -> None:
        count = st.sampled_from([1, len(keys)] if keys else [1])
        size = data.draw(count)
        directions = data.draw(
            st.lists(st.sampled_from(["asc", "desc"]), min_size=size, max_size=size)
        )
        visibility = filters.get("visibility")
        seen = [image for image in made if is_seen(image, context, visibility)]
        expected = ids(in_order([it for it in seen if matches(it, filters)], keys, directions))
        markers = [it for it in expected if context.can_see_deleted or it not in deleted]
        marker = data.draw(st.none() | st.sampled_from(markers)) if markers else None
        limit = data.draw(st.integers(1, 30))

        page = db.image_get_all(
            context,
            filters=filters,
            marker=marker,
            limit=limit,
            sort_key=keys or None,
            sort_dir=directions,
        )

        start = 0 if marker is None else expected.index(marker) + 1
        assert ids(page) == expected[start : start + limit]

    check()
