"""What happened, told to whoever listens once it is true for good."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about one image."""

    image_id: str


class ImageCreated(Event):
    """An image was recorded."""


class ImageUpdated(Event):
    """Attributes, properties or tags of an image changed."""


class ImageActivated(Event):
    """The data of an image is there for good."""


class UploadFailed(Event):
    """Data was refused or broke off; the image waits for another try."""


class ImageDeactivated(Event):
    """The data of an image is withheld."""


class ImageReactivated(Event):
    """The data of an image is handed out again."""


class ImageDeleted(Event):
    """An image is gone."""


@dataclass(frozen=True, slots=True)
class MemberEvent(Event):
    """A fact about the sharing of one image with one project."""

    member_id: str


class MemberAdded(MemberEvent):
    """An image was offered to a project."""


class MemberUpdated(MemberEvent):
    """A project answered an offer."""


class MemberRemoved(MemberEvent):
    """An image is no longer shared with a project."""
