"""No way through an image's methods leads where the status machine does not go."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.builders import THEN, a_location, an_image, stored_data
from tests.patience import examples
from tintype.domain.errors import (
    FormatsMissing,
    ImageGone,
    ProtectedImage,
    TintypeError,
    WrongStatus,
    WrongStatusForAction,
)
from tintype.domain.events import (
    ImageActivated,
    ImageCreated,
    ImageDeactivated,
    ImageDeleted,
    ImageReactivated,
    ImageUpdated,
    UploadFailed,
)
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.status import Status

LIMITS = Limits(image_tag_quota=2, image_property_quota=2, image_location_quota=2)

ALLOWED = {
    "queued": "saving uploading importing active deleted",
    "saving": "active queued deleted",
    "uploading": "importing queued deleted",
    "importing": "active queued deleted",
    "active": "deactivated pending_delete deleted",
    "deactivated": "active deleted",
    "pending_delete": "deleted active",
    "killed": "deleted",
    "deleted": "",
}
"""The table of images-api §5, retyped."""

ALLOWED_BEYOND = {("importing", "uploading")} | {
    (before, after)
    for status in ALLOWED
    if status not in ("pending_delete", "deleted")
    for before, after in ((status, "pending_delete"), ("pending_delete", status))
}
"""Moves that are ours: whatever has data loses it by the same road, and comes back by it; and
what is staged waits for the next import when one has failed."""


def is_allowed(before: str, after: str) -> bool:
    """Tell whether an image may move so."""
    return after in ALLOWED[before].split() or (before, after) in ALLOWED_BEYOND


def facts(image: Image) -> dict[str, Any]:
    """Return a copy of everything about the image."""
    values = {field.name: getattr(image, field.name) for field in fields(image)}
    return {
        name: value.copy() if isinstance(value, (list, dict)) else value
        for name, value in values.items()
    }


NAMES = st.sampled_from(["os", "bits", "note", "", "x" * 256, "deleted", "os_glance_x"])
TAGS = st.sampled_from(["a", "b", "c", "x" * 256])
FORMATS = st.sampled_from([("disk_format", it) for it in (None, "raw", "qcow2", "no-such")])
ATTRIBUTES = st.sampled_from(
    [
        ("name", "mine"),
        ("name", "x" * 256),
        ("protected", True),
        ("protected", False),
        ("min_disk", 1),
        ("min_disk", -1),
        ("container_format", "bare"),
        ("container_format", None),
        ("status", "active"),
        ("size", 7),
        ("tags", ["a", "a"]),
        ("visibility", "public"),
    ]
)


class ImageLife(RuleBasedStateMachine):
    """Calls the methods of one image in any order and looks at each step it makes."""

    image: Image

    @initialize(
        status=st.sampled_from(sorted(set(Status) - {Status.PENDING_DELETE})),
        protected=st.booleans(),
        disk_format=st.sampled_from([None, "raw"]),
    )
    def begin(self, status: Status, protected: bool, disk_format: str | None) -> None:
        has_data = status in (Status.ACTIVE, Status.DEACTIVATED)
        self.image = an_image(
            status, protected=protected, disk_format="raw" if has_data else disk_format
        )
        self.before_deletion = status

    def step(self, act: Callable[[], object]) -> bool:
        """Act; whatever is refused must leave no trace, and no move may be forbidden."""
        before = facts(self.image)
        try:
            act()
        except TintypeError:
            assert facts(self.image) == before
            return False
        self.check_move(before)
        return True

    def check_move(self, before: dict[str, Any]) -> None:
        was, now = before["status"], self.image.status
        if was is now:
            return
        assert is_allowed(was.value, now.value), f"moved from {was} to {now}"
        if was in (Status.QUEUED, Status.UPLOADING) and now in (
            *(Status.SAVING, Status.IMPORTING, Status.ACTIVE),
        ):
            assert self.image.disk_format, "moved on without a disk format"
            assert self.image.container_format, "moved on without a container format"
        if before["protected"] and was is not Status.PENDING_DELETE:
            assert now not in (Status.PENDING_DELETE, Status.DELETED), "was protected"

    @rule()
    def begin_upload(self) -> None:
        self.step(self.image.begin_upload)

    @rule(size=st.integers(0, 9))
    def finish_upload(self, size: int) -> None:
        self.step(lambda: self.image.finish_upload(stored_data(size)))

    @rule()
    def abandon_upload(self) -> None:
        self.step(self.image.abandon_upload)

    @rule()
    def deactivate(self) -> None:
        self.step(self.image.deactivate)

    @rule()
    def reactivate(self) -> None:
        self.step(self.image.reactivate)

    @rule()
    def begin_deletion(self) -> None:
        before = self.image.status
        if self.step(self.image.begin_deletion):
            self.before_deletion = before

    @rule()
    def finish_deletion(self) -> None:
        self.step(self.image.finish_deletion)

    @rule()
    def restore(self) -> None:
        self.step(lambda: self.image.restore(self.before_deletion))

    @rule(attribute=FORMATS | ATTRIBUTES)
    def set_attribute(self, attribute: tuple[str, Any]) -> None:
        name, value = attribute
        accepted = self.step(lambda: self.image.set_attribute(name, value, LIMITS))
        if accepted and name.endswith("_format"):
            assert self.image.status in (Status.QUEUED, Status.IMPORTING)

    @rule(name=NAMES)
    def set_property(self, name: str) -> None:
        self.step(lambda: self.image.set_property(name, "value"))

    @rule(name=NAMES)
    def remove_property(self, name: str) -> None:
        self.step(lambda: self.image.remove_property(name))

    @rule(tag=TAGS)
    def add_tag(self, tag: str) -> None:
        self.step(lambda: self.image.add_tag(tag, LIMITS))

    @rule(tag=TAGS)
    def remove_tag(self, tag: str) -> None:
        self.step(lambda: self.image.remove_tag(tag))

    @invariant()
    def data_is_described_where_there_is_some(self) -> None:
        if self.image.status in (Status.ACTIVE, Status.DEACTIVATED):
            assert self.image.size is not None
            assert self.image.checksum
            assert self.image.os_hash_algo
            assert self.image.os_hash_value
            assert len(self.image.locations) == 1

    @invariant()
    def nothing_is_said_of_data_that_is_not_there(self) -> None:
        if self.image.status in (Status.QUEUED, Status.SAVING):
            assert self.image.size is None
            assert self.image.virtual_size is None
            assert self.image.checksum is None
            assert self.image.os_hash_algo is None
            assert self.image.os_hash_value is None
        if self.image.status in (Status.QUEUED, Status.SAVING, Status.DELETED):
            assert self.image.locations == []

    @invariant()
    def tags_stay_distinct_and_within_the_quota(self) -> None:
        assert len(set(self.image.tags)) == len(self.image.tags) <= 2

    @invariant()
    def an_update_is_told_once(self) -> None:
        told = [event for event in self.image.events if isinstance(event, ImageUpdated)]
        assert len(told) <= 1
        self.image.take_events()


TestImageLife = ImageLife.TestCase
TestImageLife.settings = settings(max_examples=examples(200), stateful_step_count=30, deadline=None)


# ---------------------------------------------------------------------- each act by itself


def created(**attributes: Any) -> Image:
    """Return an image as a request creates it."""
    return Image.create(
        "an-id", THEN, LIMITS, owner="me", attributes=attributes, properties={}, tags=()
    )


def kinds(image: Image) -> list[type]:
    """Return the kinds of the events that the image has to tell."""
    return [type(event) for event in image.take_events()]


def test_a_new_image_is_queued_shared_and_without_data() -> None:
    image = created()

    assert (image.status.value, image.visibility.value) == ("queued", "shared")
    assert (image.size, image.checksum, image.locations) == (None, None, [])
    assert image.created_at == image.updated_at == THEN


def test_creation_is_told_once_whatever_was_set() -> None:
    assert kinds(created(name="mine", min_disk=3)) == [ImageCreated]


def test_events_are_taken_once() -> None:
    image = created()

    assert image.take_events() != []
    assert image.take_events() == []


def test_events_name_their_image() -> None:
    image = an_image()
    image.set_property("os", "linux")

    assert [event.image_id for event in image.take_events()] == [image.id]


def test_a_finished_upload_is_told_as_update_and_activation() -> None:
    image = an_image(Status.SAVING)

    image.finish_upload(stored_data())

    assert kinds(image) == [ImageUpdated, ImageActivated]


def test_a_finished_upload_describes_the_data() -> None:
    image = an_image(Status.SAVING)
    data = stored_data(size=5, virtual_size=7)

    image.finish_upload(data)

    assert (image.size, image.virtual_size, image.checksum) == (5, 7, data.checksum)
    assert (image.os_hash_algo, image.os_hash_value) == (data.os_hash_algo, data.os_hash_value)
    assert image.locations == [data.location]


def test_an_image_of_no_bytes_is_active_too() -> None:
    image = an_image(Status.SAVING)

    image.finish_upload(stored_data(size=0))

    assert (image.status, image.size) == (Status.ACTIVE, 0)


def test_an_abandoned_upload_may_be_tried_again() -> None:
    image = an_image()
    image.begin_upload()
    image.abandon_upload()

    image.begin_upload()

    assert image.status is Status.SAVING


def test_an_abandoned_upload_is_told() -> None:
    image = an_image(Status.SAVING)

    image.abandon_upload()

    assert kinds(image) == [UploadFailed]


@pytest.mark.parametrize("missing", ["disk_format", "container_format"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_no_upload_begins_without_both_formats(missing: str, nothing: str | None) -> None:
    image = an_image()
    setattr(image, missing, nothing)

    with pytest.raises(FormatsMissing):
        image.begin_upload()


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.QUEUED}))
def test_an_upload_begins_on_a_queued_image_only(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(status).begin_upload()


@pytest.mark.parametrize("status", [Status.DELETED, Status.PENDING_DELETE])
def test_an_upload_into_a_deleted_image_finds_it_gone(status: Status) -> None:
    with pytest.raises(ImageGone):
        an_image(status).finish_upload(stored_data())


@pytest.mark.parametrize(
    "status", sorted(set(Status) - {Status.SAVING, Status.DELETED, Status.PENDING_DELETE})
)
def test_an_upload_that_lost_its_claim_cannot_finish(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(status).finish_upload(stored_data())


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SAVING, Status.UPLOADING}))
def test_only_an_upload_under_way_is_abandoned(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(status).abandon_upload()


def test_deactivation_and_reactivation_are_told() -> None:
    image = an_image(Status.ACTIVE)

    image.deactivate()
    image.reactivate()

    assert kinds(image) == [ImageDeactivated, ImageReactivated]


def test_deactivating_twice_is_as_good_as_once() -> None:
    image = an_image(Status.DEACTIVATED)

    image.deactivate()

    assert (image.status, kinds(image)) == (Status.DEACTIVATED, [])


def test_reactivating_an_active_image_changes_nothing() -> None:
    image = an_image(Status.ACTIVE)

    image.reactivate()

    assert (image.status, kinds(image)) == (Status.ACTIVE, [])


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.ACTIVE, Status.DEACTIVATED}))
@pytest.mark.parametrize("act", [Image.deactivate, Image.reactivate])
def test_images_without_data_are_neither_deactivated_nor_reactivated(
    status: Status, act: Callable[[Image], None]
) -> None:
    with pytest.raises(WrongStatusForAction):
        act(an_image(status))


def test_an_image_without_data_is_deleted_at_once() -> None:
    image = an_image(Status.QUEUED)

    assert image.begin_deletion() is Status.QUEUED

    assert (image.status, kinds(image)) == (Status.DELETED, [ImageDeleted])


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.DEACTIVATED])
def test_an_image_with_data_is_deleted_in_two_steps(status: Status) -> None:
    image = an_image(status)

    assert image.begin_deletion() is status
    assert (image.status, kinds(image)) == (Status.PENDING_DELETE, [])
    image.finish_deletion()

    assert (image.status, image.locations) == (Status.DELETED, [])
    assert kinds(image) == [ImageDeleted]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SAVING, Status.ACTIVE, Status.KILLED])
def test_a_protected_image_is_not_deleted(status: Status) -> None:
    image = an_image(status, protected=True)

    with pytest.raises(ProtectedImage):
        image.begin_deletion()

    assert image.status is status


def test_an_image_is_deleted_once() -> None:
    image = an_image()
    image.begin_deletion()

    with pytest.raises(WrongStatus):
        image.begin_deletion()


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.DEACTIVATED])
def test_a_deletion_that_a_store_refused_is_taken_back(status: Status) -> None:
    image = an_image(status)
    locations = list(image.locations)

    image.restore(image.begin_deletion())

    assert (image.status, image.locations, kinds(image)) == (status, locations, [])


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING_DELETE}))
def test_only_an_image_pending_deletion_is_restored(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(status).restore(Status.ACTIVE)


@pytest.mark.parametrize("status", [Status.DELETED, Status.PENDING_DELETE])
def test_an_image_is_not_restored_to_being_gone(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(Status.PENDING_DELETE).restore(status)


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING_DELETE, Status.DELETED}))
def test_only_a_deletion_under_way_is_finished(status: Status) -> None:
    with pytest.raises(WrongStatus):
        an_image(status, protected=True).finish_deletion()


def test_a_killed_image_with_data_can_be_deleted() -> None:
    image = an_image(Status.KILLED, locations=[a_location()])

    image.begin_deletion()

    assert image.status in (Status.PENDING_DELETE, Status.DELETED)
