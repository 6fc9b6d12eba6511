"""What every catalogue promises about the import lock of an image."""

from functools import partial

import pytest

from tests.builders import an_image
from tests.contract.catalogue.steps import at_once, change, delete, insist, keep, look
from tintype.domain.image import Image
from tintype.domain.import_lock import PROPERTY
from tintype.domain.ports.unit_of_work import Work


@pytest.fixture
def image(work: Work) -> Image:
    """An image that the catalogue holds."""
    image = an_image(properties={"colour": "red"})
    keep(work, image)
    return image


def take(work: Work, image_id: str, task_id: str = "the-task") -> bool:
    """Take the lock in a unit of its own."""
    with work() as unit:
        taken = unit.images.take_lock(image_id, task_id)
        unit.commit()
        return taken


def release(work: Work, image_id: str, task_id: str = "the-task") -> bool:
    """Release the lock in a unit of its own."""
    with work() as unit:
        released = unit.images.release_lock(image_id, task_id)
        unit.commit()
        return released


def holder(work: Work, image_id: str) -> str | None:
    """Return the task that has the lock."""
    return look(work, image_id).import_task


def test_nobody_has_the_lock_of_a_new_image(work: Work, image: Image) -> None:
    assert holder(work, image.id) is None


def test_the_lock_shows_as_a_property_beside_the_others(work: Work, image: Image) -> None:
    assert take(work, image.id)

    assert look(work, image.id).properties == {"colour": "red", PROPERTY: "the-task"}


def test_a_lock_that_somebody_has_is_not_given_again(work: Work, image: Image) -> None:
    take(work, image.id, "first")

    assert not take(work, image.id, "second")
    assert not take(work, image.id, "first")

    assert holder(work, image.id) == "first"


def test_of_those_who_take_the_lock_at_once_one_succeeds(work: Work, image: Image) -> None:
    takers = [f"taker-{number}" for number in range(4)]

    outcomes = at_once(*(partial(insist, partial(take, work, image.id, taker)) for taker in takers))

    assert sorted(outcomes, key=bool) == [False, False, False, True]
    assert holder(work, image.id) == takers[outcomes.index(True)]


def test_a_released_lock_leaves_no_property_and_can_be_taken_again(
    work: Work, image: Image
) -> None:
    take(work, image.id, "first")

    assert release(work, image.id, "first")

    assert look(work, image.id).properties == {"colour": "red"}
    assert take(work, image.id, "second")
    assert holder(work, image.id) == "second"


def test_only_the_task_that_has_the_lock_releases_it(work: Work, image: Image) -> None:
    take(work, image.id, "mine")

    assert not release(work, image.id, "yours")

    assert holder(work, image.id) == "mine"


def test_a_lock_that_nobody_has_cannot_be_released(work: Work, image: Image) -> None:
    assert not release(work, image.id)


def test_a_lock_that_was_not_committed_was_never_taken(work: Work, image: Image) -> None:
    with work() as unit:
        unit.images.take_lock(image.id, "the-task")

    assert holder(work, image.id) is None


@pytest.mark.parametrize(
    "properties",
    [{}, {"colour": "blue"}, {PROPERTY: "forged"}],
    ids=["dropped", "other ones", "overwritten"],
)
def test_saving_an_image_never_changes_its_lock(
    work: Work, image: Image, properties: dict[str, str]
) -> None:
    take(work, image.id)

    change(work, image.id, lambda image: setattr(image, "properties", dict(properties)))

    assert look(work, image.id).properties == {**properties, PROPERTY: "the-task"}


def test_saving_an_image_never_takes_its_lock(work: Work, image: Image) -> None:
    change(work, image.id, lambda image: image.properties.update({PROPERTY: "forged"}))

    assert holder(work, image.id) is None


def test_saving_an_image_never_brings_a_released_lock_back(work: Work, image: Image) -> None:
    take(work, image.id)
    with work() as unit:
        got = unit.images.get_gone(image.id)
        assert got is not None
        unit.images.release_lock(image.id, "the-task")
        got.name = "changed"
        unit.images.save(got)
        unit.commit()

    assert (holder(work, image.id), look(work, image.id).name) == (None, "changed")


def test_the_lock_goes_with_a_deleted_image(work: Work, image: Image) -> None:
    take(work, image.id)

    delete(work, image.id)

    with work() as unit:
        gone = unit.images.get_gone(image.id)
    assert gone is not None
    assert gone.import_task is None
    assert not release(work, image.id)
