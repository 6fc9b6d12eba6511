"""What tests do to a catalogue, one unit of work a step."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.builders import ADMIN
from tintype.domain.caller import Caller
from tintype.domain.errors import ImageNotFound, StaleWrite, TintypeError
from tintype.domain.image import Image
from tintype.domain.image_query import ImageQuery
from tintype.domain.lease import Lease
from tintype.domain.member import Member
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.task import Task

_Result = TypeVar("_Result")

PATIENCE_S = 60
"""How long a thread of a test may take before it counts as hung."""


def keep(work: Work, *things: Image | Member | Lease | Task) -> None:
    """Record new things, in order."""
    with work() as unit:
        for thing in things:
            if isinstance(thing, Image):
                unit.images.add(thing)
            elif isinstance(thing, Member):
                unit.members.add(thing)
            elif isinstance(thing, Task):
                unit.tasks.add(thing)
            else:
                unit.leases.add(thing)
        unit.commit()


def look(work: Work, image_id: str, seen_by: Caller = ADMIN) -> Image:
    """Return the image as the caller sees it."""
    with work(read_only=True) as unit:
        return unit.images.get(image_id, seen_by=seen_by)


def sees(work: Work, caller: Caller, image_id: str) -> bool:
    """Tell whether the caller finds the image by its id."""
    try:
        look(work, image_id, caller)
    except ImageNotFound:
        return False
    return True


def change(work: Work, image_id: str, how: Callable[[Image], object]) -> Image:
    """Change an image as one use case does: got, changed, saved, committed."""
    with work() as unit:
        image = unit.images.get(image_id, seen_by=ADMIN, for_update=True)
        how(image)
        unit.images.save(image)
        unit.commit()
        return image


def insist(attempt: Callable[[], _Result]) -> _Result:
    """Make the attempt again as long as somebody else was faster."""
    while True:
        try:
            return attempt()
        except StaleWrite:
            continue


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Start the tasks together, each in its thread; return what they return or refuse with.

    Any error that is not one of the service's own ends the test.
    """
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        start.wait(PATIENCE_S)
        try:
            return task()
        except TintypeError as refusal:
            return refusal

    with ThreadPoolExecutor(len(tasks)) as pool:
        running = [pool.submit(run, task) for task in tasks]
        return [future.result(PATIENCE_S) for future in running]


def delete(work: Work, image_id: str) -> None:
    """Delete an image for good, data or not."""
    change(work, image_id, lambda image: image.begin_deletion())
    with work() as unit:
        image = unit.images.get_gone(image_id)
        assert image is not None
        if image.locations:
            image.finish_deletion()
            unit.images.save(image)
        unit.commit()


def ids(work: Work, query: ImageQuery, caller: Caller = ADMIN) -> list[str]:
    """Return the ids on one page, in order."""
    with work(read_only=True) as unit:
        return [image.id for image in unit.images.list(query, seen_by=caller)]
