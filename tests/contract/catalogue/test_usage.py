"""What every catalogue promises about counting what projects have (database §7)."""

from typing import Any

import pytest

from tests.builders import OWNER, a_lease, a_location, an_image
from tests.contract.catalogue.steps import change, delete, keep
from tintype.domain.allowance import Moment, UnifiedAllowance
from tintype.domain.image import Image
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.quota import LARGEST, Reservation, Resource, Used
from tintype.domain.status import Status

SIZE, STAGE, COUNT, UPLOADING = (
    *(Resource.SIZE_TOTAL, Resource.STAGE_TOTAL),
    *(Resource.COUNT_TOTAL, Resource.COUNT_UPLOADING),
)
COPYING = {"os_glance_importing_to_stores": "archive"}
NOT_COPYING = {"os_glance_importing_to_stores": ""}


def present(work: Work, project: str = OWNER, **how: str) -> tuple[int, ...]:
    """Return what a project has: bytes kept, bytes staged, images, images on their way."""
    with work(read_only=True) as unit:
        used = unit.usage.of(project, *Resource, **how)
    return tuple(used[resource].present for resource in (SIZE, STAGE, COUNT, UPLOADING))


def two_locations(size: int) -> dict[str, Any]:
    return {"size": size, "locations": [a_location("file:///1"), a_location("file:///2")]}


def test_a_project_without_images_has_nothing(work: Work) -> None:
    assert present(work) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("status", "facts", "expected"),
    [
        (Status.QUEUED, {}, (0, 0, 1, 0)),
        (Status.SAVING, {}, (0, 0, 1, 1)),
        (Status.UPLOADING, {"size": 7}, (0, 7, 1, 1)),
        (Status.IMPORTING, {"size": 7}, (0, 7, 1, 1)),
        (Status.IMPORTING, {}, (0, 0, 1, 1)),
        (Status.ACTIVE, {}, (3, 0, 1, 0)),
        (Status.ACTIVE, two_locations(5), (10, 0, 1, 0)),
        (Status.ACTIVE, {"properties": COPYING}, (3, 3, 1, 1)),
        (Status.ACTIVE, {"properties": NOT_COPYING}, (3, 0, 1, 0)),
        (Status.IMPORTING, {"size": 7, "properties": COPYING}, (0, 7, 1, 1)),
        (Status.DEACTIVATED, {}, (3, 0, 1, 0)),
        (Status.KILLED, two_locations(5) | {"properties": COPYING}, (0, 0, 0, 0)),
        (Status.PENDING_DELETE, {}, (0, 0, 0, 0)),
    ],
)
def test_an_image_counts_by_its_status(
    work: Work, status: Status, facts: dict[str, Any], expected: tuple[int, ...]
) -> None:
    keep(work, an_image(status, **facts))

    assert present(work) == expected


def test_an_image_that_is_deleted_or_about_to_be_counts_no_more(work: Work) -> None:
    gone, going = an_image(Status.ACTIVE, properties=COPYING), an_image(Status.ACTIVE)
    keep(work, gone, going)

    delete(work, gone.id)
    change(work, going.id, Image.begin_deletion)

    assert present(work) == (0, 0, 0, 0)


def test_a_location_that_is_gone_counts_no_more(work: Work) -> None:
    image = an_image(Status.ACTIVE, **two_locations(5))
    keep(work, image)

    change(work, image.id, lambda it: it.locations.pop())

    assert present(work) == (5, 0, 1, 0)


def test_an_image_whose_copying_has_ended_counts_no_more_as_staged(work: Work) -> None:
    image = an_image(Status.ACTIVE, properties=COPYING)
    keep(work, image)

    change(work, image.id, lambda it: it.properties.clear())

    assert present(work) == (3, 0, 1, 0)


def test_all_images_of_a_project_count_and_no_others(work: Work) -> None:
    keep(work, an_image(Status.ACTIVE), an_image(Status.ACTIVE), an_image())
    keep(work, an_image(Status.ACTIVE, owner="another"), an_image(Status.ACTIVE, owner=None))

    assert present(work) == (6, 0, 3, 0)
    assert present(work, "another") == (3, 0, 1, 0)


def test_one_image_may_be_left_out(work: Work) -> None:
    image = an_image(Status.ACTIVE)
    keep(work, image, an_image(Status.ACTIVE))

    assert present(work, without_image=image.id) == (3, 0, 1, 0)


def test_sums_beyond_32_bits_are_exact(work: Work) -> None:
    keep(work, *(an_image(Status.ACTIVE, **two_locations((1 << 40) + 1)) for _ in range(3)))

    assert present(work)[0] == 6 * ((1 << 40) + 1)


@pytest.mark.parametrize("project", ["a\0b", "\ud800"], ids=["NUL", "half a pair"])
def test_a_project_that_no_image_can_have_has_nothing(work: Work, project: str) -> None:
    with work() as unit:
        unit.usage.lock(project)
        assert unit.usage.of(project, SIZE) == {SIZE: Used(0, 0)}


def test_what_is_set_aside_counts_apart_by_project_and_resource(work: Work) -> None:
    keep(
        work,
        a_lease(reservation=Reservation(OWNER, SIZE, 5)),
        a_lease(reservation=Reservation(OWNER, SIZE, 6)),
        a_lease(reservation=Reservation(OWNER, STAGE, 7)),
        a_lease(reservation=Reservation("another", SIZE, 8)),
        a_lease(),
        an_image(Status.ACTIVE),
    )

    with work(read_only=True) as unit:
        used = unit.usage.of(OWNER, SIZE, STAGE)

    assert used == {SIZE: Used(3, 11), STAGE: Used(0, 7)}


def test_sizes_beyond_all_numbers_can_be_set_aside_and_added_up(work: Work) -> None:
    without_limit = UnifiedAllowance(OWNER, {SIZE: -1})

    for _ in range(2):
        with work() as unit:
            grant = without_limit.check(Moment.UPLOAD, unit.usage, size=1 << 64)
            unit.leases.add(a_lease(reservation=grant.reservation))
            unit.commit()

    with work(read_only=True) as unit:
        assert unit.usage.of(OWNER, SIZE) == {SIZE: Used(0, 2 * LARGEST)}


def test_what_is_set_aside_ends_with_its_lease(work: Work) -> None:
    lease = a_lease(reservation=Reservation(OWNER, SIZE, 5))
    keep(work, lease)

    with work() as unit:
        unit.leases.release(lease.id)
        unit.commit()

    with work(read_only=True) as unit:
        assert unit.usage.of(OWNER, SIZE) == {SIZE: Used(0, 0)}


def test_a_unit_of_work_counts_what_it_has_just_saved(work: Work) -> None:
    image = an_image()
    keep(work, image)

    with work() as unit:
        unit.usage.lock(OWNER)
        found = unit.images.get_gone(image.id)
        assert found is not None
        found.begin_upload()
        unit.images.save(found)
        assert unit.usage.of(OWNER, UPLOADING)[UPLOADING] == Used(1)
