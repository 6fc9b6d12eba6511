"""Lists of every catalogue, page by page, against a model of them."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import THEN
from tests.contract.catalogue.model import Entry, listed
from tests.contract.catalogue.steps import ids
from tests.patience import examples
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.image_query import (
    SORT_KEYS,
    Comparison,
    Condition,
    ImageQuery,
    SortKey,
    sort_keys,
)
from tintype.domain.member import Member, MemberStatus
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status
from tintype.domain.visibility import Visibility

PROJECTS = ("p1", "p2", "p3")
NAMES = ("", "a", "A", "aa", "b", "é", "😀")
STATUSES = (Status.QUEUED, Status.SAVING, Status.ACTIVE, Status.DEACTIVATED)
MOMENTS = tuple(THEN + timedelta(microseconds=step) for step in (0, 1, 750_000, 86_400_000_000))
SIZES = (0, 1, 2, 1 << 40)
BEYOND = 1 << 70
"""A number that no column can hold."""

generations = count(1)
"""Numbers the examples, so that each has ids of its own in the one catalogue."""

image_facts = st.fixed_dictionaries(
    {
        "status": st.sampled_from(STATUSES),
        "visibility": st.sampled_from(Visibility),
        "owner": st.none() | st.sampled_from(PROJECTS),
        "name": st.none() | st.sampled_from(NAMES),
        "disk_format": st.sampled_from((None, "raw", "qcow2")),
        "container_format": st.sampled_from((None, "bare", "ova")),
        "size": st.none() | st.sampled_from(SIZES),
        "min_ram": st.sampled_from((0, 1, 512)),
        "protected": st.booleans(),
        "os_hidden": st.sampled_from((False, False, False, True)),
        "created_at": st.sampled_from(MOMENTS),
        "updated_at": st.sampled_from(MOMENTS),
        "tags": st.lists(st.sampled_from(("x", "X", "y")), unique=True),
        "properties": st.dictionaries(st.sampled_from(("k", "K")), st.sampled_from(("1", "2", ""))),
    }
)
memberships = st.dictionaries(st.sampled_from(PROJECTS), st.sampled_from(MemberStatus))


@st.composite
def catalogues(draw: st.DrawFn) -> list[Entry]:
    """Draw images with their members, in any order of ids."""
    drawn = draw(
        st.lists(st.tuples(image_facts, memberships, st.sampled_from((False,) * 7 + (True,))))
    )
    numbers = draw(st.permutations(range(len(drawn))))
    generation = next(generations)
    return [
        Entry(
            Image(id=f"{generation:08x}-0000-4000-8000-{number:012x}", **facts),
            members,
            is_deleted,
        )
        for number, (facts, members, is_deleted) in zip(numbers, drawn, strict=True)
    ]


def comparing(attribute: str, values: st.SearchStrategy[str | int]) -> st.SearchStrategy[Condition]:
    """Draw conditions on one attribute, every comparison but `IN`."""
    comparisons = st.sampled_from([it for it in Comparison if it is not Comparison.IN])
    return st.builds(Condition, st.just(attribute), comparisons, values)


def choosing(attribute: str, values: tuple[str, ...]) -> st.SearchStrategy[Condition]:
    """Draw conditions that name one value or several."""
    one = st.builds(Condition, st.just(attribute), st.just(Comparison.EQ), st.sampled_from(values))
    several = st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)
    return one | st.builds(Condition, st.just(attribute), st.just(Comparison.IN), several)


numbers = st.sampled_from((*SIZES, BEYOND, -1, -BEYOND))
conditions = st.one_of(
    comparing("size", numbers),
    comparing("min_ram", numbers),
    comparing("created_at", st.sampled_from(MOMENTS)),
    comparing("updated_at", st.sampled_from(MOMENTS)),
    choosing("name", (*NAMES, "a'b", 'a"b', "a%", "a\0")),
    choosing("status", (*STATUSES, "no-such-status")),
    choosing("disk_format", ("raw", "qcow2", "no-such-format")),
    choosing("container_format", ("bare", "ova")),
    choosing("owner", (*PROJECTS, "nobody")),
    choosing("id", ("no-such-image", f"{1:08x}-0000-4000-8000-{0:012x}")),
    st.builds(Condition, st.just("protected"), st.just(Comparison.EQ), st.booleans()),
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[SortKey, ...]:
    """Draw total orders as requests make them."""
    single = draw(st.sampled_from((None, True, False)))
    asked = draw(st.lists(st.sampled_from(SORT_KEYS), max_size=3, unique=True))
    descending = draw(st.lists(st.booleans(), min_size=len(asked), max_size=len(asked)))
    keys = tuple(
        SortKey(name, each if single is None else single)
        for name, each in zip(asked, descending, strict=True)
    )
    return sort_keys(keys, single)


@st.composite
def queries(draw: st.DrawFn) -> ImageQuery:
    """Draw queries, most of them not so narrow that they find nothing."""
    visibility = draw(st.none() | st.sampled_from(Visibility))
    return ImageQuery(
        limit=draw(st.integers(1, 4)),
        sort=draw(orders()),
        visibility=visibility,
        any_visibility=visibility is None and draw(st.booleans()),
        member_status=draw(st.none() | st.sampled_from(MemberStatus)),
        os_hidden=draw(st.sampled_from((False, False, True))),
        tags=draw(st.lists(st.sampled_from(("x", "y", "z")), max_size=2).map(tuple)),
        conditions=draw(st.lists(conditions, max_size=2).map(tuple)),
        properties=draw(
            st.dictionaries(st.sampled_from(("k", "K")), st.sampled_from(("1", "")), max_size=1)
        ),
    )


callers = st.builds(
    Caller, project_id=st.none() | st.sampled_from(PROJECTS), is_admin=st.booleans()
)


@settings(
    deadline=None,
    max_examples=examples(60),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(entries=catalogues(), asked=st.lists(st.tuples(callers, queries()), min_size=1, max_size=8))
def test_pages_follow_one_another_as_in_the_model(
    work: Work, entries: list[Entry], asked: list[tuple[Caller, ImageQuery]]
) -> None:
    fill(work, entries)
    try:
        for caller, query in asked:
            assert all_pages(work, query, caller) == listed(entries, query, caller)
    finally:
        clear(work, entries)


def all_pages(work: Work, query: ImageQuery, caller: Caller) -> list[str]:
    """Follow the pages to the end, as clients do."""
    found: list[str] = []
    while True:
        page = ids(work, query, caller)
        found += page
        assert len(page) <= query.limit
        if len(page) < query.limit:
            return found
        query = replace(query, marker=page[-1])


def fill(work: Work, entries: list[Entry]) -> None:
    """Record the images and members, and delete what is to be deleted."""
    with work() as unit:
        for entry in entries:
            unit.images.add(entry.image)
            for project, status in entry.members.items():
                member = Member(entry.image.id, project, created_at=THEN, updated_at=THEN)
                unit.members.add(member)
                member.status = status
                unit.members.save(member)
        unit.commit()
    clear(work, [entry for entry in entries if entry.is_deleted])


def clear(work: Work, entries: list[Entry]) -> None:
    """Delete the images."""
    with work() as unit:
        for entry in entries:
            image = unit.images.get_gone(entry.image.id)
            assert image is not None
            image.status = Status.DELETED
            unit.images.save(image)
        unit.commit()
