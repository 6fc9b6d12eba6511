"""Custom properties that are not everybody's business (access-control §5)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tintype.domain.caller import Caller
from tintype.domain.errors import ReservedName
from tintype.domain.image import Image
from tintype.domain.ports.property_protection import Operation, PropertyProtection


@dataclass(frozen=True, slots=True)
class PropertyAccess:
    """Refuses what a caller may not do with a property, and hides what it may not read.

    What is hidden is left out of a copy of the image, made for its caller; the image that is
    changed and saved has all its properties. Without a protection everything is allowed.
    """

    protection: PropertyProtection | None = None

    def shown(self, caller: Caller, image: Image) -> Image:
        """Return the image as far as the caller may read it."""
        [shown] = self.all_shown(caller, [image])
        return shown

    def all_shown(self, caller: Caller, images: Sequence[Image]) -> Sequence[Image]:
        """Return images as far as the caller may read them."""
        if self.protection is None:
            return images
        readable = self.protection.judge(caller, Operation.READ)
        return [_without_unreadable(image, readable) for image in images]

    def are_readable(self, caller: Caller, names: Iterable[str]) -> bool:
        """Tell whether the caller may read all properties so named."""
        if self.protection is None:
            return True
        return all(map(self.protection.judge(caller, Operation.READ), names))

    def require_creatable(self, caller: Caller, names: Iterable[str]) -> None:
        """Raise ReservedName unless the caller may give a new image properties so named."""
        if self.protection is not None:
            for name in names:
                self._require(caller, Operation.CREATE, name)

    def require_settable(self, caller: Caller, image: Image, name: str) -> None:
        """Raise ReservedName unless the caller may give the image such a property.

        One that is there but that it cannot read is not its to overwrite.
        """
        if self.protection is None:
            return
        if name in image.properties:
            self._require(caller, Operation.READ, name)
            self._require(caller, Operation.UPDATE, name)
        else:
            self._require(caller, Operation.CREATE, name)

    def require_removable(self, caller: Caller, image: Image, name: str) -> None:
        """Raise ReservedName unless the caller may take the property away.

        Raises:
            PropertyConflict: there is none that it can read.
        """
        self.require_present(caller, image, name)
        if self.protection is not None:
            self._require(caller, Operation.DELETE, name)

    def require_present(self, caller: Caller, image: Image, name: str) -> None:
        """Raise PropertyConflict unless the image has the property and the caller can read it."""
        self.shown(caller, image).require_property(name)

    def _require(self, caller: Caller, operation: Operation, name: str) -> None:
        assert self.protection is not None
        if not self.protection.judge(caller, operation)(name):
            raise ReservedName(name)


def _without_unreadable(image: Image, readable: Callable[[str], bool]) -> Image:
    kept = {name: value for name, value in image.properties.items() if readable(name)}
    return image if len(kept) == len(image.properties) else replace(image, properties=kept)
