"""What every catalogue promises of metadata that is given to one location beside all else."""

from dataclasses import replace

import pytest

from tests.builders import THEN, a_location, an_image
from tests.contract.catalogue.steps import change, delete, keep, look
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status

NAMED = {"store": "files", "x": ["y"]}


def relabelled(work: Work, image_id: str, before: Location, after: Location) -> bool:
    with work() as unit:
        done = unit.images.relabel(image_id, before, after)
        unit.commit()
    return done


def an_old_image(work: Work) -> Image:
    """Keep an image with two locations that name no store."""
    image = an_image(
        Status.ACTIVE,
        locations=[Location("file:///1", {"x": ["y"]}), Location("file:///2", {})],
    )
    keep(work, image)
    return look(work, image.id)


def test_a_location_gets_other_metadata(work: Work) -> None:
    image = an_old_image(work)
    first, second = image.locations
    named = replace(first, metadata=NAMED)

    assert relabelled(work, image.id, first, named)
    found = look(work, image.id).locations
    assert found == [named, second]
    assert [it.id for it in found] == [first.id, second.id]


def test_a_location_gets_another_url(work: Work) -> None:
    image = an_old_image(work)
    first, second = image.locations
    moved = replace(first, url="file:///3")

    assert relabelled(work, image.id, first, moved)
    assert look(work, image.id).locations == [moved, second]


def test_the_image_counts_as_unchanged(work: Work) -> None:
    image = an_old_image(work)
    relabelled(work, image.id, image.locations[0], replace(image.locations[0], metadata=NAMED))

    assert look(work, image.id).updated_at == image.updated_at == THEN


def test_metadata_that_somebody_changed_meanwhile_stays(work: Work) -> None:
    image = an_old_image(work)
    first = image.locations[0]
    theirs = replace(first, metadata={"store": "theirs"})
    assert relabelled(work, image.id, first, theirs)

    assert not relabelled(work, image.id, first, replace(first, metadata=NAMED))
    assert look(work, image.id).locations[0] == theirs


def test_it_is_done_once(work: Work) -> None:
    image = an_old_image(work)
    first = image.locations[0]
    named = replace(first, metadata=NAMED)

    assert [relabelled(work, image.id, first, named) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    "other", [{"url": "file:///elsewhere"}, {"id": 987_654_321}, {"metadata": {"x": ["z"]}}]
)
def test_another_location_is_not_touched(work: Work, other: dict[str, object]) -> None:
    image = an_old_image(work)
    before = replace(image.locations[0], **other)  # type: ignore[arg-type]

    assert not relabelled(work, image.id, before, replace(before, metadata=NAMED))
    assert look(work, image.id).locations == image.locations


def test_a_location_of_another_image_is_not_touched(work: Work) -> None:
    image, other = an_old_image(work), an_old_image(work)
    first = image.locations[0]

    assert not relabelled(work, other.id, first, replace(first, metadata=NAMED))


def test_a_location_that_is_gone_does_not_come_back(work: Work) -> None:
    image = an_old_image(work)
    first = image.locations[0]
    change(work, image.id, lambda it: it.locations.pop(0))

    assert not relabelled(work, image.id, first, replace(first, metadata=NAMED))
    assert [it.url for it in look(work, image.id).locations] == ["file:///2"]


def test_a_deleted_image_has_no_location_to_name(work: Work) -> None:
    image = an_old_image(work)
    delete(work, image.id)
    first = image.locations[0]

    assert not relabelled(work, image.id, first, replace(first, metadata=NAMED))
    assert not relabelled(work, "no-such-image", first, a_location())


def test_locations_of_all_images_are_gone_through_in_steps(work: Work) -> None:
    images = [an_old_image(work), an_old_image(work)]
    gone = an_old_image(work)
    delete(work, gone.id)

    found: list[tuple[str, Location]] = []
    while True:
        with work(read_only=True) as unit:
            page = unit.images.locations(after=found[-1][1].id or 0 if found else 0, limit=3)
        assert len(page) <= 3
        found += page
        if not page:
            break

    assert sorted(found, key=lambda each: each[1].id or 0) == found
    ours = {image.id for image in [*images, gone]}
    wanted = [(image.id, location) for image in images for location in image.locations]
    assert [each for each in found if each[0] in ours] == wanted
    assert all(location.id for _, location in found)
