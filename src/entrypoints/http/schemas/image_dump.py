"""Writing images out: a dumper compiled from the schema, since lists write thousands."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.location import Location
from tintype.domain.status import Status
from tintype.entrypoints.http.schemas.image import ImageSchema

COMPUTED = ("self", "file", "schema", "stores", "locations", "direct_url")
HIDDEN_PROPERTIES = ("os_glance_stage_host", "os_glance_hash_op_host", "os_glance_staged")
"""System properties that no caller is shown (images-api §3)."""

_NOT_CUSTOM = frozenset((*HIDDEN_PROPERTIES, *COMPUTED))
"""Glance let callers make properties with names of computed fields; they are no such field."""


class ImageDumper:
    """Turns images into what callers are shown: the schema's fields, then custom properties.

    Times stay datetimes; the JSON writer gives them their form.
    """

    def __init__(
        self,
        schema: ImageSchema,
        *,
        show_stores: bool,
        show_locations: bool,
        show_direct_url: bool,
    ) -> None:
        self._names = [name for name in schema.fields if name not in COMPUTED]
        self._values: Callable[[Image], tuple[Any, ...]] = attrgetter(*self._names)
        self._typed = schema.site.properties
        self._show_stores = show_stores
        self._show_locations = show_locations
        self._show_direct_url = show_direct_url
        self._plain = not (show_stores or show_locations or show_direct_url)

    def __call__(self, image: Image, caller: Caller) -> dict[str, Any]:
        """Return the JSON object of an image, as this caller is shown it."""
        shown: dict[str, Any] = dict(zip(self._names, self._values(image), strict=True))
        url = f"/v2/images/{image.id}"
        shown["self"] = url
        shown["file"] = f"{url}/file"
        shown["schema"] = "/v2/schemas/image"
        if not self._plain:
            withheld = image.status is Status.DEACTIVATED and not caller.is_admin
            self._add_locations(shown, [] if withheld else image.locations)
        for name, value in image.properties.items():
            if name not in shown and name not in _NOT_CUSTOM:
                shown[name] = value
        if self._typed:
            self._give_types(shown)
        return shown

    def _give_types(self, shown: dict[str, Any]) -> None:
        for name in self._typed.keys() & shown.keys():
            shown[name] = self._typed[name].from_text(shown[name])

    def _add_locations(self, shown: dict[str, Any], locations: list[Location]) -> None:
        if self._show_stores and (stores := _names_of_stores(locations)):
            shown["stores"] = ",".join(stores)
        if self._show_locations:
            shown["locations"] = [
                {"url": location.url, "metadata": dict(location.metadata)} for location in locations
            ]
        if self._show_direct_url and locations:
            shown["direct_url"] = locations[0].url


def _names_of_stores(locations: Iterable[Location]) -> Iterable[str]:
    return dict.fromkeys(location.store for location in locations if location.store)
