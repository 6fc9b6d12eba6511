"""Which stores an import puts the data into (import-and-tasks §3, checks 10 to 14)."""

import re
from collections.abc import Iterable, Sequence

from tintype.domain.errors import Conflict, Invalid, StoreNotEnabled
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.ports.stores import Stores

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def targets(stores: Stores, request: ImportRequest, image: Image) -> Sequence[str]:
    """Return the ids of the stores in the order asked for; none where stores have no names.

    For a copy it takes as long as stores do that alone can tell whether they have the image.

    Raises:
        Invalid: the request contradicts itself, or the image is in a store already.
        StoreNotEnabled: there is no such store.
        NothingToDo: the image is in every store already.
    """
    if not stores.multiple:
        if not request.must_succeed:
            raise Invalid("all_stores_must_succeed cannot be false where there is one store only.")
        return ()
    named = _named(stores, request)
    _require_enabled(stores, named)
    if request.method is not Method.COPY:
        return named
    there = {stores.identify_by_asking(location).store for location in image.locations}
    if request.all_stores:
        return _without(named, there)
    for store in named:
        if store in there:
            raise Invalid(f"Image is already present at store '{store}'.")
    return named


def _named(stores: Stores, request: ImportRequest) -> Sequence[str]:
    header, explicit = request.header_store, request.stores
    if request.all_stores:
        if explicit is not None or header is not None:
            raise Invalid("all_stores goes neither with stores nor with X-Image-Meta-Store.")
        return [store.id for store in stores.list() if not store.read_only]
    if explicit is not None:
        if header is not None and explicit != (header,):
            raise Invalid("stores and X-Image-Meta-Store name different stores: send one of them.")
        return explicit
    return [header] if header is not None else [stores.target(None).store]


def _require_enabled(stores: Stores, named: Iterable[str]) -> None:
    known = {store.id for store in stores.list()}
    for store in named:
        if store not in known:
            raise StoreNotEnabled(store)


def _without(named: Sequence[str], there: set[str | None]) -> Sequence[str]:
    left = [store for store in named if store not in there]
    if not left:
        raise NothingToDo
    return left


class NothingToDo(Exception):
    """The image is wherever it is to be put."""


def require_ready(request: ImportRequest, image: Image) -> None:
    """Refuse what does not fit the state of the image (checks 4 to 7).

    Raises:
        Conflict: it does not.
        Invalid: it does not say which image of which other service is meant.
    """
    copy, active = request.method is Method.COPY, image.status == "active"
    if copy is not active:
        wanted = "active" if copy else "queued or uploading"
        raise Conflict(
            f"Images in status '{image.status}' cannot be imported by {request.method}: "
            f"it must be {wanted}."
        )
    if not copy:
        _require_waiting(request.method, image)
    for name in ("container_format", "disk_format"):
        if not getattr(image, name):
            raise Conflict(f"'{name}' needs to be set before import")
    if request.method is Method.REMOTE:
        _require_remote(request)


def _require_waiting(method: Method, image: Image) -> None:
    wanted = "uploading" if method is Method.DIRECT else "queued"
    if image.status != wanted or image.awaits_stream:
        raise Conflict(
            f"Import by {method} needs an image in status '{wanted}' with nothing under way, "
            f"this one is '{image.status}'."
        )


def _require_remote(request: ImportRequest) -> None:
    if not request.region or not request.remote_id:
        raise Invalid("glance-download needs glance_region and glance_image_id in the method.")
    if _UUID.fullmatch(request.remote_id) is None:
        raise Invalid(f"The image id does not look like a UUID: {request.remote_id}")
