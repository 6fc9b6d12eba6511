"""Recording new images."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tintype.application.access import Access
from tintype.application.retry import retried
from tintype.domain.allowance import UNLIMITED, Moment
from tintype.domain.caller import Caller
from tintype.domain.errors import Duplicate, Forbidden
from tintype.domain.image import Image, check_property_name
from tintype.domain.limits import Limits
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.tag import distinct_tags
from tintype.domain.visibility import Visibility

VISIBILITY_RULES: Mapping[str, str] = {
    Visibility.PUBLIC: "publicize_image",
    Visibility.COMMUNITY: "communitize_image",
}
"""Policy rules that guard some visibilities (access-control §3)."""


@dataclass(frozen=True)
class CreateImage:
    """Record a new image; its data comes later (images-api §4.1)."""

    work: Work
    access: Access
    notifier: Notifier
    clock: Clock
    ids: IdSource
    limits: Limits
    quotas: QuotaKeeper

    def __call__(
        self,
        caller: Caller,
        attributes: Mapping[str, Any],
        properties: Mapping[str, str],
        tags: Iterable[str] = (),
        image_id: str | None = None,
    ) -> Image:
        """Create and return the image.

        Raises:
            Forbidden: the caller may not, or not so; Invalid, QuotaExceeded: see `Image.create`.
            OverLimit: its project has enough images; Duplicate: the id was used before.
        """
        self.access.require_writer(caller)
        for name in properties:
            check_property_name(name)
        owner = attributes.get("owner", caller.project_id)
        self._require_allowed(caller, owner, attributes.get("visibility"))

        def make() -> Image:
            self.access.properties.require_creatable(caller, properties)
            # Too many tags are told before what is wrong with other attributes (images-api §4.1).
            return Image.create(
                image_id or self.ids.new(),
                self.clock.now(),
                self.limits,
                owner=owner,
                attributes=attributes,
                properties=properties,
                tags=distinct_tags(tags, self.limits.image_tag_quota),
            )

        image = self._record(self.quotas.allowance(caller.project_id), make, image_id)
        self.notifier.tell(image.take_events())
        return self.access.properties.shown(caller, image)

    def _record(
        self, allowance: Allowance, make: Callable[[], Image], image_id: str | None
    ) -> Image:
        # Only those who lock a project can get in one another's way.
        add = self._add if allowance is UNLIMITED else retried(self._add)
        return add(allowance, make, image_id)

    def _add(self, allowance: Allowance, make: Callable[[], Image], image_id: str | None) -> Image:
        with self.work() as work:
            # Too many images are told before what is wrong with this one (images-api §4.1).
            allowance.check(Moment.CREATION, work.usage)
            image = make()
            if image_id is not None and work.images.was_purged(image_id):
                raise Duplicate(f"Image ID {image_id} already exists!")
            work.images.add(image)
            work.commit()
        return image

    def _require_allowed(self, caller: Caller, owner: str | None, visibility: str | None) -> None:
        if not (caller.is_admin or caller.owns(owner)):
            raise Forbidden(f"You are not permitted to create images owned by '{owner}'")
        require_creation(self.access, caller, owner, visibility)


def require_creation(
    access: Access, caller: Caller, owner: str | None, visibility: str | None
) -> None:
    """Raise Forbidden unless policies let the caller create an image like that."""
    target = {
        "project_id": owner,
        "owner": owner,
        "visibility": visibility or Visibility.PRIVATE.value,
    }
    access.require_target(caller, "add_image", target)
    if visibility is not None and (rule := VISIBILITY_RULES.get(visibility)):
        access.require_target(caller, rule, target)
