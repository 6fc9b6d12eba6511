"""May they, and what is a caller told that may not?"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tintype.application.property_access import PropertyAccess
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, ImageNotFound, ReadOnlyCaller
from tintype.domain.image import Image
from tintype.domain.ports.authoriser import Authoriser


@dataclass(frozen=True, slots=True)
class Access:
    """Turns answers of the policy into refusals; the one place that knows 404 from 403.

    Source: spec access-control §4. An image that the caller does not see never gets here:
    looking it up has failed already.
    """

    authoriser: Authoriser
    properties: PropertyAccess = field(default_factory=PropertyAccess)

    def require(self, caller: Caller, rule: str, image: Image) -> None:
        """Raise unless the rule lets the caller do it with this image.

        Raises:
            ImageNotFound: it may not even know of the image.
            Forbidden: it may know, but not do this.
        """
        if not self.authoriser.allows(caller, rule, image):
            raise self._refusal(caller, rule, image)

    def require_change(
        self, caller: Caller, rule: str, image: Image, *, by_services: bool = False
    ) -> None:
        """Raise unless the rule allows it and the image is the caller's to change.

        Opening a policy to everybody does not open images to strangers. Other services own
        none, and are to change some in one way or another.
        """
        self.require(caller, rule, image)
        if not image.changeable_by(self.as_service(caller) if by_services else caller):
            raise self._refusal(caller, rule, image, "You do not own this image.")

    def _refusal(self, caller: Caller, rule: str, image: Image, *reason: str) -> Exception:
        if rule == "get_image" or not self.authoriser.allows(caller, "get_image", image):
            return ImageNotFound(image.id)
        return Forbidden(*reason)

    def as_service(self, caller: Caller) -> Caller:
        """Return who looks an image up where other services may look at any (§4, Better).

        For the lookup alone: what the caller may do is asked of the caller.
        """
        if self.authoriser.allows_target(caller, "service_api", {}):
            return replace(caller, is_admin=True)
        return caller

    def require_target(self, caller: Caller, rule: str, target: Mapping[str, Any]) -> None:
        """Raise Forbidden unless the rule lets the caller do it where no image is involved."""
        if not self.authoriser.allows_target(caller, rule, target):
            raise Forbidden()

    def finding_for_services(self, caller: Caller) -> Caller:
        """Return as whom to look an image up in the two calls on locations.

        Whoever satisfies `service_api` finds every image there, so that services need not be
        administrators. What it may do with the image is asked of the caller itself.

        Source: spec access-control §4.
        """
        if caller.is_admin or not self.authoriser.allows_target(caller, "service_api", {}):
            return caller
        return replace(caller, is_admin=True)

    @staticmethod
    def require_writer(caller: Caller) -> None:
        """Raise ReadOnlyCaller if the caller is anonymous."""
        if caller.read_only:
            raise ReadOnlyCaller()
