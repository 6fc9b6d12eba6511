"""Withholding data and handing it out again."""

from collections.abc import Callable
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class SwitchData:
    """Withhold the data of an image, or hand it out again (images-api §5, actions)."""

    work: Work
    access: Access
    notifier: Notifier
    rule: str
    switch: Callable[[Image], None]

    def __call__(self, caller: Caller, image_id: str) -> None:
        """Switch the image.

        Raises:
            ImageNotFound, Forbidden: the caller may not.
            WrongStatusForAction: the image has no data to withhold.
        """
        self.access.require_writer(caller)
        image = self._apply(caller, image_id)
        self.notifier.tell(image.take_events())

    @retried
    def _apply(self, caller: Caller, image_id: str) -> Image:
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            self.access.require_change(caller, self.rule, image)
            before = image.status
            self.switch(image)
            if image.status is not before:
                work.images.save(image)
                work.commit()
        return image


def deactivate_image(work: Work, access: Access, notifier: Notifier) -> SwitchData:
    """Make the use case that stops an image from being downloaded."""
    return SwitchData(work, access, notifier, "deactivate", Image.deactivate)


def reactivate_image(work: Work, access: Access, notifier: Notifier) -> SwitchData:
    """Make the use case that lets an image be downloaded again."""
    return SwitchData(work, access, notifier, "reactivate", Image.reactivate)
