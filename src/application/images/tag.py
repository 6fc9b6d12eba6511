"""Labelling images."""

from collections.abc import Callable
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class TagImage:
    """Put a tag on an image, or take one off (images-api §11)."""

    work: Work
    access: Access
    notifier: Notifier
    limits: Limits

    def add(self, caller: Caller, image_id: str, tag: str) -> None:
        """Add the tag; one that is there already is no error.

        Raises:
            ImageNotFound, Forbidden, Invalid, QuotaExceeded.
        """
        self._change(caller, image_id, lambda image: image.add_tag(tag, self.limits))

    def remove(self, caller: Caller, image_id: str, tag: str) -> None:
        """Remove the tag.

        Raises:
            ImageNotFound, Forbidden, TagNotFound.
        """
        self._change(caller, image_id, lambda image: image.remove_tag(tag))

    def _change(self, caller: Caller, image_id: str, change: Callable[[Image], None]) -> None:
        self.access.require_writer(caller)
        image = self._apply(caller, image_id, change)
        self.notifier.tell(image.take_events())

    @retried
    def _apply(self, caller: Caller, image_id: str, change: Callable[[Image], None]) -> Image:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, "modify_image", image)
            change(image)
            work.images.save(image)
            work.commit()
        return image
