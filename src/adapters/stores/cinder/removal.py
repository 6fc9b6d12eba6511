"""Deleting volumes, and seeing that they are gone."""

from typing import Final

from tintype.adapters.stores.cinder.faults import writing
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.service import DISCARDED, FADING, Volume, Volumes
from tintype.adapters.stores.cinder.waiting import pauses
from tintype.domain.errors import DataNotFound, InUse, StoreUnavailable

IDLE: Final = frozenset({"available", "error", "error_deleting", "error_extending"})
"""States in which Cinder begins to delete a volume, or from which that may go on."""


def delete(settings: CinderSettings, volumes: Volumes, volume_id: str) -> None:
    """Delete a volume that nobody uses; of several who do so at the same moment, one does.

    Raises:
        DataNotFound: it is not there, or somebody else deletes it.
        InUse: somebody uses it.
        StoreWriteDenied, StoreUnavailable: as Cinder says.
    """
    store = settings.store
    with writing(store):
        for _ in pauses(settings.transition_timeout_s):
            volume = volumes.get(volume_id)
            if volume is None or volume.is_fading:
                raise DataNotFound(volume_id, store)
            if volumes.delete(volume_id):
                _await_end(settings, volumes, volume)
                return
            if volume.status not in IDLE:
                raise InUse(volume_id, store, f"the volume is {volume.status}")
    raise StoreUnavailable(f"Store {store} does not delete volume {volume_id}.")


def _await_end(settings: CinderSettings, volumes: Volumes, before: Volume) -> None:
    """Wait until a volume is gone; where something depends on it, Cinder takes its word back."""
    left = volumes.wait(before.id, FADING)
    if left is None:
        return
    if left.status == "available":
        raise InUse(before.id, settings.store, "something depends on the volume")
    raise StoreUnavailable(
        f"Store {settings.store} does not delete volume {before.id}: it is {left.status}."
    )


def remove(settings: CinderSettings, volumes: Volumes, volume_id: str) -> None:
    """Delete a volume of which nothing is to stay, whoever has it attached.

    Raises:
        StoreWriteDenied, StoreUnavailable: as Cinder says, or somebody does not let go of it.
    """
    with writing(settings.store):
        _detach_all(volumes, volume_id)
    _delete_unused(settings, volumes, volume_id)


def discard(settings: CinderSettings, volumes: Volumes, volume_id: str) -> None:
    """Delete a volume unless it is whole, and let it not become so.

    Whoever writes it looks for the flag once the volume is attached, and after taking off the
    mark looks whether it still is. So either the end of the attachment stops the writer, or the
    mark was off before.

    Raises:
        StoreWriteDenied, StoreUnavailable: as `remove`.
    """
    with writing(settings.store):
        volumes.note(volume_id, {DISCARDED: "yes"})
        _detach_all(volumes, volume_id)
        volume = volumes.get(volume_id)
        if volume is None or volume.mark is None:
            return
    _delete_unused(settings, volumes, volume_id)


def _detach_all(volumes: Volumes, volume_id: str) -> None:
    volumes.wait(volume_id, frozenset({"creating", "extending"}))
    for attachment in volumes.attachments(volume_id):
        volumes.detach(attachment)
    volumes.wait(volume_id, frozenset({"detaching"}))


def _delete_unused(settings: CinderSettings, volumes: Volumes, volume_id: str) -> None:
    try:
        delete(settings, volumes, volume_id)
    except DataNotFound:
        return
    except InUse as error:
        raise StoreUnavailable(str(error)) from error
