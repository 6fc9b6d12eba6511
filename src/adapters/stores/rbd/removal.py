"""Removing finished devices: into the trash, where nobody finds them, and then for good."""

import logging
from contextlib import suppress
from errno import EDQUOT
from typing import Final

from tintype.adapters.stores.rbd.cluster import Pool
from tintype.adapters.stores.rbd.devices import drop_snapshot, id_of, protect, unprotect
from tintype.adapters.stores.rbd.faults import Failed, name_of

LOG: Final = logging.getLogger(__name__)


def remove(pool: Pool, name: str, snapshot: str | None) -> None:
    """Remove a device with its snapshot; where others need it, it stays in the trash.

    Raises:
        ImageNotFound: it is not there.
        ImageBusy: a clone of the first form needs it, or somebody has it open.

    Whatever is raised, the device is as it was.
    """
    import rbd

    device, unprotected = _prepare(pool, name, snapshot)
    try:
        _put_away(pool, name)
    except (rbd.Error, Failed):
        if unprotected:
            _protect_again(pool, name, snapshot)
        raise
    _empty(pool, device, name, snapshot)


def _prepare(pool: Pool, name: str, snapshot: str | None) -> tuple[str, bool]:
    """Return the id of a device that can be removed, and whether its snapshot was protected."""
    import rbd

    try:
        image = rbd.Image(pool.context, name)
    except rbd.ImageNotFound:
        # Perhaps the name alone is there, left of a renaming that was broken off.
        rbd.RBD().remove(pool.context, name)
        raise
    with image:
        if len(list(image.watchers_list())) > 1:
            raise rbd.ImageBusy("somebody has it open")
        return str(image.id()), snapshot is not None and unprotect(image, snapshot)


def _put_away(pool: Pool, name: str) -> None:
    import rbd

    try:
        rbd.RBD().trash_move(pool.context, name, 0)
    except rbd.ImageNotFound:
        # It is also said of a device that is there, if there is no room for a trash.
        if id_of(pool, name) is not None:
            raise Failed(EDQUOT) from None
        raise


def _protect_again(pool: Pool, name: str, snapshot: str | None) -> None:
    import rbd

    with suppress(rbd.Error), rbd.Image(pool.context, name) as image:
        protect(image, str(snapshot))


def _empty(pool: Pool, device: str, name: str, snapshot: str | None) -> None:
    """Remove a device from the trash, unless others need it; put it back if somebody uses it."""
    import rbd

    try:
        if snapshot is not None:
            with rbd.Image(pool.context, image_id=device) as image:
                drop_snapshot(image, snapshot)
        rbd.RBD().trash_remove(pool.context, device, force=True)
    except (rbd.ImageHasSnapshots, rbd.ImageNotFound):
        return
    except rbd.ImageBusy:
        rbd.RBD().trash_restore(pool.context, device, name)
        _protect_again(pool, name, snapshot)
        raise
    except rbd.Error as error:
        LOG.warning(
            "Device %s is deleted, but stays in the trash of pool %s until that is purged: %s",
            *(name, pool.name, name_of(error)),
        )
