"""What is done with block devices of a pool: making, opening, removing.

All of it raises what the libraries do.
"""

from contextlib import suppress
from typing import Any, Final

from tintype.adapters.stores.rbd.addresses import UNFINISHED
from tintype.adapters.stores.rbd.cluster import Pool

FEATURES: Final = {
    "layering": "LAYERING",
    "striping": "STRIPINGV2",
    "exclusive-lock": "EXCLUSIVE_LOCK",
    "object-map": "OBJECT_MAP",
    "fast-diff": "FAST_DIFF",
    "deep-flatten": "DEEP_FLATTEN",
    "journaling": "JOURNALING",
    "data-pool": "DATA_POOL",
}

_TRASH: Final = "rbd_trash"
CLAIM_S: Final = 300
_CLAIM: Final = "tintype_claim."
"""What the objects that stand for such rights are called, before the key."""


def features_of(text: str) -> int:
    """Return the features that `rbd_default_features` names or adds up; without any, layering.

    Source: stores §6.5.
    """
    import rbd

    if text.strip().isdecimal():
        return int(text) or rbd.RBD_FEATURE_LAYERING
    names = [name.strip() for name in text.split(",") if name.strip()]
    numbers = (getattr(rbd, f"RBD_FEATURE_{FEATURES.get(name, name)}", 0) for name in names)
    return sum(set(numbers)) or rbd.RBD_FEATURE_LAYERING


def make(pool: Pool, name: str, size: int, order: int, features: str) -> Any:
    """Make a device, and open it."""
    import rbd

    _make_trash(pool)
    rbd.RBD().create(
        pool.context, name, size, order=order, old_format=False, features=features_of(features)
    )
    return rbd.Image(pool.context, name)


def _make_trash(pool: Pool) -> None:
    """Make what RBD keeps its trash in, which it does itself when something is first removed.

    Removing needs it, and a pool that is full by then does not let it be made.
    """
    import rados

    try:
        pool.context.stat(_TRASH)
    except rados.ObjectNotFound:
        pool.context.write(_TRASH, b"")


def id_of(pool: Pool, name: str) -> str | None:
    """Return the id of the device of that name, None if there is none."""
    import rbd

    try:
        with rbd.Image(pool.context, name) as image:
            return str(image.id())
    except rbd.ImageNotFound:
        return None


def names(pool: Pool) -> list[str]:
    """Return what all devices are called."""
    import rbd

    return list(rbd.RBD().list(pool.context))


def rename(pool: Pool, old: str, new: str) -> None:
    """Give a device another name, unless one has that already."""
    import rbd

    rbd.RBD().rename(pool.context, old, new)


# ---------------------------------------------------------------------- claims


def claim(pool: Pool, key: str, holder: str) -> bool:
    """Take the right to give a device that name; False if another one has it.

    Renaming looks whether the name is free, and takes it a moment later. Nobody has the right for
    long: that of a process that died lapses.
    """
    import rados

    try:
        pool.context.lock_exclusive(_CLAIM + key, "name", holder, duration=CLAIM_S)
    except rados.ObjectBusy:
        return False
    return True


def release(pool: Pool, key: str) -> None:
    """Give the right back, there or not."""
    import rados

    with suppress(rados.ObjectNotFound):
        pool.context.remove_object(_CLAIM + key)


# ---------------------------------------------------------------------- unfinished ones


def scrap(pool: Pool, device: str, name: str) -> None:
    """Remove an unfinished device with its snapshot; one that is gone already is left alone."""
    import rbd

    with suppress(rbd.ImageNotFound):
        with rbd.Image(pool.context, image_id=device) as image:
            for snapshot in [each["name"] for each in image.list_snaps()]:
                drop_snapshot(image, snapshot)
        try:
            rbd.RBD().remove(pool.context, name)
        except rbd.ImageNotFound:
            rbd.RBD().trash_remove(pool.context, device, force=True)


def take_name(pool: Pool, name: str) -> None:
    """Put an unfinished device into the trash, so that nobody can finish it any more."""
    import rbd

    with suppress(rbd.ImageNotFound):
        rbd.RBD().trash_move(pool.context, name, 0)


def empty_trash(pool: Pool) -> None:
    """Remove the unfinished devices in the trash, but for those that somebody has open."""
    import rbd

    for device, name in unfinished_in_trash(pool).items():
        with suppress(rbd.ImageBusy):
            scrap(pool, device, name)


def unfinished_in_trash(pool: Pool) -> dict[str, str]:
    """Return the names of the unfinished devices in the trash, by their ids."""
    import rbd

    trash = {each["id"]: each["name"] for each in rbd.RBD().trash_list(pool.context)}
    return {device: name for device, name in trash.items() if UNFINISHED.fullmatch(name)}


# ---------------------------------------------------------------------- finished ones


def protect(image: Any, snapshot: str) -> None:
    """Make a snapshot that others can clone, if it is not there."""
    import rbd

    with suppress(rbd.ImageExists):
        image.create_snap(snapshot)
    if not image.is_protected_snap(snapshot):
        image.protect_snap(snapshot)


def unprotect(image: Any, snapshot: str) -> bool:
    """Let a snapshot be removed, and say whether that was forbidden until now.

    Raises:
        ImageBusy: a clone needs it.
    """
    import rbd

    try:
        if not image.is_protected_snap(snapshot):
            return False
        image.unprotect_snap(snapshot)
    except rbd.ImageNotFound:
        return False
    return True


def drop_snapshot(image: Any, snapshot: str) -> None:
    """Remove a snapshot; one that is not there is left alone.

    Raises:
        ImageBusy: a clone needs it; nothing was changed.
    """
    import rbd

    unprotect(image, snapshot)
    with suppress(rbd.ImageNotFound):
        image.remove_snap(snapshot)
