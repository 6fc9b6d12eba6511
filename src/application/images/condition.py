"""Changing an image only while it is what the caller saw."""

from collections.abc import Callable
from dataclasses import replace

from tintype.application.access import Access
from tintype.application.locations import by_weight, name_stores
from tintype.domain.caller import Caller
from tintype.domain.errors import PreconditionFailed
from tintype.domain.image import Image
from tintype.domain.ports.stores import Stores

Unchanged = Callable[[Image], bool]
"""Tells whether an image is still what the caller saw; it gets the image as it would show it."""


def require_unchanged(
    caller: Caller, image: Image, unchanged: Unchanged, access: Access, stores: Stores
) -> None:
    """Check within the transaction that is to change the image, which holds it.

    Raises:
        PreconditionFailed: somebody else was faster.
    """
    # A copy: the image itself is about to be changed and saved, not shown.
    seen = replace(image, locations=list(image.locations))
    name_stores(seen, stores)
    if not unchanged(access.properties.shown(caller, by_weight(seen, stores))):
        raise PreconditionFailed(image.id)
