"""Removing what is staged in vain (import-and-tasks §7)."""

import logging
import re
from dataclasses import dataclass
from datetime import timedelta

from tintype.application.retry import retried
from tintype.application.staging import Staging
from tintype.domain.caller import Caller
from tintype.domain.errors import StoreUnavailable
from tintype.domain.image import Image
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.ports.workbench import Workbenches
from tintype.domain.status import DEAD, WITH_DATA, Status

LOG = logging.getLogger(__name__)

_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(rf"({_UUID})(?:\..*)?", re.ASCII | re.I)
_OF_BENCH = re.compile(rf"{_UUID}\.{_UUID}\..*", re.ASCII | re.I)

_SERVICE = Caller(is_admin=True)

SETTLED_AFTER = timedelta(minutes=1)
"""How long an import that failed is shown as such before its image waits for the next try."""

KEPT_FOR = timedelta(hours=1)
"""How long staged data of an image that has its data is kept for another try of what failed."""


@dataclass(frozen=True)
class CleanStaging:
    """Look through what is staged: what no image needs goes, what failed can be tried again.

    Names that begin with no image's id are not ours and stay, and so does what has the id of a
    living image that was never imported.
    """

    work: Work
    staging: Staging
    benches: Workbenches
    clock: Clock

    def __call__(self) -> None:
        """Go through everything that is there once, and through imports that failed."""
        self._clear_benches()
        self._settle_failed()
        try:
            names = list(self.staging.driver.keys())
        except StoreUnavailable as error:
            LOG.warning("Staging cannot be cleaned: %s", error)
            return
        for name in names:
            match = _ID.fullmatch(name)
            if match is not None and not _OF_BENCH.fullmatch(name):
                self._look_at(name, match[1])

    def _clear_benches(self) -> None:
        """Remove what plugins of processes left that have died."""
        # Files first: who is at work by now had a lease before it had files.
        runs = self.benches.runs()
        if runs:
            with self.work(read_only=True) as work:
                at_work = {lease.id for lease in work.leases.list()}
            self.benches.remove(runs - at_work)

    def _settle_failed(self) -> None:
        with self.work(read_only=True) as work:
            left = work.images.importing(self.clock.now() - SETTLED_AFTER)
        for image_id in left:
            self._settle(image_id)

    def _look_at(self, name: str, image_id: str) -> None:
        with self.work(read_only=True) as work:
            image = work.images.get_gone(image_id)
            imported = bool(work.tasks.of_image(image_id, seen_by=_SERVICE))
        unneeded = name != image_id and image is not None and image.import_task is None
        if (
            image is None
            or image.status in DEAD
            or (imported and (unneeded or self._is_left_over(image)))
        ):
            LOG.info("Removing %s from staging: no import needs it.", name)
            self.staging.remove(name)
        elif image.status is Status.QUEUED and self._is_older(image, SETTLED_AFTER):
            self._remove_leftover(name, image_id)

    def _is_left_over(self, image: Image) -> bool:
        settled = image.status in WITH_DATA and image.import_task is None
        return settled and (not image.may_be_staged or self._is_older(image, KEPT_FOR))

    def _is_older(self, image: Image, period: timedelta) -> bool:
        return self.clock.now() - image.updated_at >= period

    @retried
    def _remove_leftover(self, name: str, image_id: str) -> None:
        # Another host has undone what was staged here, and cannot reach it. As long as the image
        # is held nobody begins anew.
        with self.work() as work:
            image = work.images.get_gone(image_id)
            if image is not None and image.status is Status.QUEUED:
                LOG.info("Removing %s from staging: its image waits for other data.", name)
                self.staging.remove(name)

    @retried
    def _settle(self, image_id: str) -> None:
        with self.work() as work:
            image = work.images.get_gone(image_id)
            if image is None or not image.import_failed or self.staging.elsewhere(image):
                return
            try:
                self.staging.end_failed_import(image)
            except StoreUnavailable as error:
                LOG.warning("Nobody knows what of image %s is staged: %s", image_id, error)
                return
            work.images.save(image)
            work.commit()
