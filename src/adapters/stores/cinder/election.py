"""Who of several that write an object of the same key may commit it.

Cinder cannot write on a condition. So everybody says in the metadata of the own volume that it
is ready, and looks at those of the others then. Of two who both are ready at least one sees the
other, whoever looks last; and only who sees nobody else goes on.
"""

from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.removal import discard
from tintype.adapters.stores.cinder.service import MARK, Volumes
from tintype.adapters.stores.cinder.waiting import pauses
from tintype.domain.errors import Duplicate

READY = "ready:"


def elect(settings: CinderSettings, volumes: Volumes, key: str, volume_id: str, mark: str) -> None:
    """Return if this volume may become the object of the key.

    Of those who are ready at the same time, the one whose volume has the lowest id waits for the
    others to give way.

    Raises:
        Duplicate: another one is, or comes before this one.
        StoreUnavailable: as the waiting takes too long.
    """
    volumes.note(volume_id, {MARK: READY + mark})
    for _ in pauses(settings.transition_timeout_s):
        others = [each for each in volumes.of_key(key) if each.id != volume_id]
        for each in others:
            if each.mark == mark:
                # An answer of Cinder was lost, and the order to make the volume sent again.
                discard(settings, volumes, each.id)
        rivals = [each for each in others if each.mark is None or each.mark.startswith(READY)]
        if not rivals:
            return
        if any(each.mark is None or each.id < volume_id for each in rivals):
            break
    raise taken(key, settings.store)


def taken(key: str, store: str) -> Duplicate:
    """Return the error for a key that is in use."""
    return Duplicate(f"Store {store} holds data for {key} already.")
