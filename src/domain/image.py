"""A disk image: the aggregate that owns its status, properties, tags and locations."""

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from tintype.domain.caller import Caller
from tintype.domain.errors import (
    Forbidden,
    FormatsMissing,
    ImageGone,
    Invalid,
    LastLocation,
    LocationsSettled,
    NotInStore,
    NotPendingDeletion,
    PropertyConflict,
    ProtectedImage,
    QuotaExceeded,
    ReadOnlyAttribute,
    ReservedName,
    SizeMismatch,
    TagNotFound,
    WrongDigest,
    WrongStatus,
    WrongStatusForAction,
)
from tintype.domain.events import (
    Event,
    ImageActivated,
    ImageCreated,
    ImageDeactivated,
    ImageDeleted,
    ImageReactivated,
    ImageUpdated,
    UploadFailed,
)
from tintype.domain.image_import import FAILED_IMPORT, HASH_HOST, IMPORTING_TO, STAGE_HOST
from tintype.domain.import_lock import PROPERTY as IMPORT_LOCK
from tintype.domain.limits import Limits
from tintype.domain.location import Location, place_of, put_back, rearranged, with_location
from tintype.domain.signature import NAMES as SIGNATURE_PARTS
from tintype.domain.staged import PROPERTY as STAGED
from tintype.domain.staged import Verdict
from tintype.domain.status import GONE, MOVES, NEEDS_FORMATS, WITH_DATA, Status
from tintype.domain.tag import distinct_tags
from tintype.domain.validation import ValidationData
from tintype.domain.visibility import Sight, Visibility, may_change, sight_of

MAX_NAME = 255
KEY_ID = "cinder_encryption_key_id"
KEY_POLICY = "cinder_encryption_key_deletion_policy"
KEY_GOES_TOO = "on_image_deletion"
MAX_INTEGER = (1 << 31) - 1
SYSTEM_PROPERTY_PREFIX = "os_glance"

READ_ONLY = frozenset(
    {"id", "status", "size", "virtual_size", "checksum", "os_hash_algo", "os_hash_value"}
    | {"created_at", "updated_at", "direct_url", "self", "file", "schema", "stores"}
)
"""Attributes that the service alone sets (images-api §3); `id` may be chosen on creation."""

RESERVED = frozenset({"location", "deleted", "deleted_at"})
"""Names that no custom property may have, beside those of the system."""

WRITABLE = frozenset(
    {"name", "visibility", "os_hidden", "protected", "owner", "tags"}
    | {"disk_format", "container_format", "min_disk", "min_ram"}
)
"""Base attributes that callers set."""

FREE_TO_SIGN = frozenset({Status.QUEUED, Status.UPLOADING})
"""In these there is no data yet that was held to a signature."""

BASE = READ_ONLY | WRITABLE | {"locations"}


def is_reserved(name: str) -> bool:
    """Whether a name is the service's own: no custom property may have it."""
    return name in RESERVED or name.startswith(SYSTEM_PROPERTY_PREFIX)


def check_property_name(name: str) -> None:
    """Refuse names that a custom property may not have.

    Raises:
        ReservedName: the name is the service's own.
        Invalid: the name is empty or has more than 255 characters.
    """
    if is_reserved(name):
        raise ReservedName(name)
    if not name:
        raise Invalid("A custom property must have a name.")
    if len(name) > MAX_NAME:
        raise Invalid(f"The name of a custom property has at most {MAX_NAME} characters.")


@dataclass(frozen=True, slots=True)
class StoredData:
    """What became of bytes that a store now has for good. Sizes in bytes."""

    size: int
    checksum: str
    os_hash_algo: str
    os_hash_value: str
    virtual_size: int | None
    location: Location


@dataclass(frozen=True, slots=True)
class Hashes:
    """The digests of data, in hex; None where nobody computed them."""

    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What the bytes of an image turned out to be. Sizes in bytes."""

    size: int
    checksum: str
    os_hash_algo: str
    os_hash_value: str
    virtual_size: int | None


@dataclass(slots=True, eq=False)
class Image:
    """A disk image and the facts about it; root of its locations, tags and properties.

    Fields have the names and meanings of images-api §3. `locations` come in the order of
    their stores' weight. Change an image only through its methods.
    """

    id: str
    created_at: datetime
    updated_at: datetime
    status: Status = Status.QUEUED
    visibility: Visibility = Visibility.SHARED
    owner: str | None = None
    name: str | None = None
    disk_format: str | None = None
    container_format: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    protected: bool = False
    os_hidden: bool = False
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    locations: list[Location] = field(default_factory=list)
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def create(
        cls,
        image_id: str,
        at: datetime,
        limits: Limits,
        *,
        owner: str | None,
        attributes: Mapping[str, Any],
        properties: Mapping[str, str],
        tags: Iterable[str] = (),
    ) -> "Image":
        """Make a queued image.

        Raises:
            ReadOnlyAttribute, ReservedName, Invalid: an attribute or property may not be set
                so.
            QuotaExceeded: too many properties or tags.
        """
        image = cls(image_id, created_at=at, updated_at=at, owner=owner)
        # Of several mistakes the first in the order of images-api §4.1 is told.
        for name in attributes:
            cls.require_writable(name)
        for name in ("min_disk", "min_ram"):
            if attributes.get(name, 0) < 0:
                _check_integer(name, attributes[name])
        for name, value in properties.items():
            image.set_property(name, value)
        image.check_property_quota(limits)
        for name, value in attributes.items():
            image.set_attribute(name, value, limits)
        _check_length("owner", image.owner)
        image.set_tags(tags, limits)
        image.events = [ImageCreated(image_id)]
        return image

    def as_it_is(self) -> "Image":
        """Return an equal image that does not change with this one, and without events."""
        return replace(
            self,
            properties=dict(self.properties),
            tags=list(self.tags),
            locations=list(self.locations),
            events=[],
        )

    # ------------------------------------------------------------------ who sees and changes

    def sight(self, caller: Caller) -> Sight:
        """Say whether the caller sees the image (access-control §4)."""
        return sight_of(self.visibility, self.owner, caller)

    def changeable_by(self, caller: Caller) -> bool:
        """Say whether the image is the caller's to change (access-control §4)."""
        return may_change(self.owner, caller)

    def member_for(self, caller: Caller) -> str | None:
        """Name the caller's project where it sees the image as a member of it.

        Meaningful for an image that the caller was let see.
        """
        if self.visibility is Visibility.SHARED and not caller.owns(self.owner):
            return caller.project_id
        return None

    # ------------------------------------------------------------------ attributes

    @staticmethod
    def require_writable(name: str) -> None:
        """Raise ReadOnlyAttribute if the service alone sets the base attribute."""
        if name not in WRITABLE:
            raise ReadOnlyAttribute(name)

    def set_attribute(self, name: str, value: Any, limits: Limits) -> None:
        """Give a base attribute a value of the type that images-api §3 states.

        Raises:
            ReadOnlyAttribute: the service alone sets it.
            Forbidden: a format of an image that is past `queued` and `importing`.
            Invalid: the value is out of range or not among those allowed.
        """
        self.require_writable(name)
        if name == "tags":
            self.set_tags(value, limits)
            return
        if name in ("disk_format", "container_format"):
            self._check_format(name, value, limits)
        elif name in ("min_disk", "min_ram"):
            _check_integer(name, value)
        elif name in ("name", "owner"):
            _check_length(name, value)
        setattr(self, name, _visibility(value) if name == "visibility" else value)
        self._changed()

    def _check_format(self, name: str, value: str | None, limits: Limits) -> None:
        if self.status not in (Status.QUEUED, Status.IMPORTING):
            raise Forbidden(
                f"Attribute {name} can be only replaced for a queued image, "
                f"this one is {self.status}."
            )
        allowed = limits.disk_formats if name == "disk_format" else limits.container_formats
        if value is not None and value not in allowed:
            raise Invalid(f"Invalid {name} '{value}': use one of {', '.join(allowed)}.")

    # ------------------------------------------------------------------ custom properties

    def set_property(self, name: str, value: str) -> None:
        """Give a custom property a value, whether or not it was there.

        Raises:
            ReservedName, Invalid: the name may not be used.
            Forbidden: it is part of a signature that holds.
        """
        check_property_name(name)
        if value != self.properties.get(name):
            self._require_unsigned(name)
        self.properties[name] = value
        self._changed()

    def remove_property(self, name: str) -> None:
        """Take a custom property away.

        Raises:
            ReservedName, Invalid: the name may not be used.
            PropertyConflict: it is not there.
        """
        check_property_name(name)
        self.require_property(name)
        self._require_unsigned(name)
        del self.properties[name]
        self._changed()

    def _require_unsigned(self, name: str) -> None:
        """Raise Forbidden if the property is part of a signature that data was held to."""
        whole = all(part in self.properties for part in SIGNATURE_PARTS)
        if whole and name in SIGNATURE_PARTS and self.status not in FREE_TO_SIGN:
            raise Forbidden(
                f"Property {name} belongs to the signature that the data of the image was "
                "checked by, and stays as it is."
            )

    def require_property(self, name: str) -> None:
        """Raise PropertyConflict unless the image has the custom property."""
        if name not in self.properties:
            raise PropertyConflict(f"Property {name} does not exist.")

    def check_property_quota(self, limits: Limits) -> None:
        """Raise QuotaExceeded if the image has more custom properties than it may.

        Those of the system do not count (images-api §14).
        """
        quota = limits.image_property_quota
        count = sum(not name.startswith(SYSTEM_PROPERTY_PREFIX) for name in self.properties)
        if 0 <= quota < count:
            raise QuotaExceeded("properties", count, quota)

    def check_location_quota(self, limits: Limits) -> None:
        """Raise QuotaExceeded if the image has more locations than it may."""
        quota = limits.image_location_quota
        if 0 <= quota < len(self.locations):
            raise QuotaExceeded("locations", len(self.locations), quota)

    # ------------------------------------------------------------------ tags

    def set_tags(self, tags: Iterable[str], limits: Limits) -> None:
        """Replace all tags.

        Raises:
            Invalid, QuotaExceeded: a tag is too long, or they are too many.
        """
        self.tags = distinct_tags(tags, limits.image_tag_quota)
        self._changed()

    def add_tag(self, tag: str, limits: Limits) -> None:
        """Add a tag; one that is there already is no error."""
        if tag not in self.tags:
            self.set_tags([*self.tags, tag], limits)

    def remove_tag(self, tag: str) -> None:
        """Take a tag away.

        Raises:
            TagNotFound: the image does not carry it.
        """
        if tag not in self.tags:
            raise TagNotFound(tag, self.id)
        self.tags.remove(tag)
        self._changed()

    # ------------------------------------------------------------------ the status machine

    def _move_to(self, status: Status) -> None:
        if status not in MOVES[self.status]:
            raise WrongStatus(self.id, self.status, status)
        before_data = self.status in (Status.QUEUED, Status.UPLOADING)
        if before_data and status in NEEDS_FORMATS:
            self.require_formats()
        self.status = status
        if status not in (Status.UPLOADING, Status.IMPORTING):
            self.properties.pop(STAGED, None)

    def require_formats(self) -> None:
        """Raise FormatsMissing unless both formats are set."""
        if not self.disk_format or not self.container_format:
            raise FormatsMissing(self.id)

    def begin_upload(self) -> None:
        """Claim the image for one stream of data.

        Raises:
            WrongStatus: it is not queued.
            FormatsMissing: a format is not set.
        """
        if self.status is not Status.QUEUED:
            raise WrongStatus(self.id, self.status, Status.SAVING)
        self._move_to(Status.SAVING)
        self.size = None
        self.virtual_size = None

    def finish_upload(self, data: StoredData) -> None:
        """Record that a store has the data for good.

        Raises:
            ImageGone: the image was deleted in the meantime.
            WrongStatus: the image is not (any more) being saved.
        """
        if self.status in GONE:
            raise ImageGone(self.id)
        if self.status is not Status.SAVING:
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        self._move_to(Status.ACTIVE)
        self.size = data.size
        self.virtual_size = data.virtual_size
        self.checksum = data.checksum
        self.os_hash_algo = data.os_hash_algo
        self.os_hash_value = data.os_hash_value
        self.locations = [data.location]
        self._record(ImageUpdated, ImageActivated)

    def abandon_upload(self) -> None:
        """Go back to waiting for data, as if none had come.

        Raises:
            WrongStatus: the image is neither being saved nor being staged.
        """
        if not self.awaits_stream:
            raise WrongStatus(self.id, self.status, Status.QUEUED)
        self._move_to(Status.QUEUED)
        self.size = None
        self.virtual_size = None
        self.checksum = None
        self.os_hash_algo = None
        self.os_hash_value = None
        self.locations = []
        self._record(UploadFailed)

    # ------------------------------------------------------------------ data by way of staging

    @property
    def awaits_stream(self) -> bool:
        """Whether one stream of data has claimed the image and not come to its end."""
        staging = self.status is Status.UPLOADING and self.size is None
        return staging or self.status is Status.SAVING

    @property
    def import_failed(self) -> bool:
        """Whether it is left as an import that failed leaves it: nobody is at work on it."""
        return self.status is Status.IMPORTING and self.import_task is None

    def end_failed_import(self, staged: int | None) -> None:
        """Go back to where the import that failed began; `staged` bytes are still there.

        Raises:
            WrongStatus: no import of the image failed.
        Source: spec import-and-tasks §4, (1).
        """
        if not self.import_failed:
            raise WrongStatus(self.id, self.status, Status.UPLOADING)
        self._move_to(Status.QUEUED if staged is None else Status.UPLOADING)
        self.size = staged
        if staged is None:
            self._stage_at(None)

    def begin_staging(self) -> None:
        """Claim the image for one stream of data that is to be imported later.

        Raises:
            WrongStatus: it is not queued.
        """
        if self.status is not Status.QUEUED:
            raise WrongStatus(self.id, self.status, Status.UPLOADING)
        self._move_to(Status.UPLOADING)
        self.size = None
        self._stage_at(None)

    def finish_staging(self, verdict: Verdict, host: str | None = None) -> None:
        """Record that data is staged for good, and what was found out about it.

        `host` is the URL of the worker that alone has it.

        Raises:
            ImageGone: the image was deleted in the meantime.
            WrongStatus: the image is not (any more) being staged.
        """
        if self.status in GONE:
            raise ImageGone(self.id)
        if self.status is not Status.UPLOADING or not self.awaits_stream:
            raise WrongStatus(self.id, self.status, Status.UPLOADING)
        self.size = verdict.size
        self.properties[STAGED] = verdict.to_text()
        self._stage_at(host)
        self._changed()

    @property
    def stage_host(self) -> str | None:
        """The URL of the worker that alone reaches the staged data; None if all do."""
        return self.properties.get(STAGE_HOST) or None

    @property
    def hash_host(self) -> str | None:
        """The URL of the worker that computes a hash of the data; None if that has none."""
        return self.properties.get(HASH_HOST) or None

    def hash_at(self, host: str | None) -> None:
        """Name the worker, by its URL, that computes a hash of the data; None if none does.

        Source: spec import-and-tasks §6.
        """
        self.properties.pop(HASH_HOST, None)
        if host is not None:
            self.properties[HASH_HOST] = host

    def _stage_at(self, host: str | None) -> None:
        self.properties.pop(STAGE_HOST, None)
        if host is not None:
            self.properties[STAGE_HOST] = host

    @property
    def verdict(self) -> Verdict | None:
        """What was found out about the data that is staged, if anything was."""
        found = Verdict.of(self.properties)
        return found if found is not None and found.size == self.size else None

    # ------------------------------------------------------------------ encryption

    @property
    def key_to_delete(self) -> str | None:
        """The id of the key that is to go with the image, if one is (operations §7)."""
        if self.properties.get(KEY_POLICY) != KEY_GOES_TOO:
            return None
        return self.properties.get(KEY_ID) or None

    # ------------------------------------------------------------------ imports

    @property
    def importing_to(self) -> list[str]:
        """The stores that a task is putting the data into."""
        return self.properties.get(IMPORTING_TO, "").split(",") if self.is_importing else []

    @property
    def is_importing(self) -> bool:
        """Whether a task is putting the data into stores that have names."""
        return bool(self.properties.get(IMPORTING_TO))

    @property
    def may_be_staged(self) -> bool:
        """Whether there may be data of it that waits for an import, or for another try."""
        tried = self.properties.get(FAILED_IMPORT) or self.is_importing
        return bool(tried) or self.status not in WITH_DATA | {Status.SAVING}

    def begin_import(self, stores: Iterable[str], *, copy: bool) -> None:
        """Show that a task puts the data into stores; one that does so again may say so again.

        The status of an image that is copied stays as it is.

        Raises:
            WrongStatus: it has data already; for a copy, it has none.
            FormatsMissing: a format is not set.
        """
        if copy and self.status not in WITH_DATA:
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        if not copy and self.status is not Status.IMPORTING:
            self._move_to(Status.IMPORTING)
        self._stage_at(None)
        stores = frozenset(stores)
        if stores:
            self.properties[IMPORTING_TO] = _joined(stores)
            self.properties[FAILED_IMPORT] = _joined(self._failed_before - stores)
        self._changed()

    def reshape(
        self, disk_format: str, container_format: str, properties: Mapping[str, str]
    ) -> None:
        """Be of the formats and get the properties that the site's plugins say.

        Properties of the service's own, and base attributes, are left as they are.
        """
        self.disk_format, self.container_format = disk_format, container_format
        for name, value in properties.items():
            own = name in RESERVED | BASE or name.startswith(SYSTEM_PROPERTY_PREFIX)
            if name and not own and len(name) <= MAX_NAME:
                self.properties[name] = value

    def require_content(self, content: Content, *, changed: bool = False) -> None:
        """Hold data to what is known of it already; the size not, if it was `changed` on purpose.

        Raises:
            SizeMismatch, WrongDigest: it is other data.
        """
        if self.size not in (None, content.size) and not changed:
            raise SizeMismatch(self.size or 0, content.size)
        if self.checksum is not None and self.checksum != content.checksum:
            raise WrongDigest("the data has another checksum than the image")
        known = (self.os_hash_algo, self.os_hash_value)
        found = (content.os_hash_algo, content.os_hash_value)
        if self.os_hash_value is not None and known != found:
            raise WrongDigest("the data has another os_hash_value than the image")

    def finish_import(
        self, content: Content, locations: Iterable[Location], failed: Iterable[str]
    ) -> None:
        """Become active with data that stores have for good; some may have `failed`.

        Raises:
            WrongStatus: no import of the image is under way.
        """
        if self.status is not Status.IMPORTING:
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        self._move_to(Status.ACTIVE)
        self.size = content.size
        self.virtual_size = content.virtual_size
        self._set_hashes(Hashes(content.checksum, content.os_hash_algo, content.os_hash_value))
        self.locations = list(locations)
        self._end_import(failed)
        self._record(ImageUpdated, ImageActivated)

    def finish_copy(self, locations: Iterable[Location], failed: Iterable[str]) -> None:
        """Have data in more stores than before.

        Raises:
            WrongStatus: the image has no data.
        """
        if self.status not in WITH_DATA:
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        self.locations = [*self.locations, *locations]
        self._end_import(failed)
        self._changed()

    def fail_import(self, failed: Iterable[str], *, shown: bool, host: str | None = None) -> None:
        """Have none of the data; with `shown` stay as it is until the next try, or a clean-up.

        What is still staged has the worker at `host` alone, if that is given. A copy leaves the
        image as it was. An image that has data by now keeps it.
        """
        self._end_import(failed)
        self._stage_at(host)
        if self.status in WITH_DATA:
            self._changed()
            return
        if not shown and self.status in (Status.IMPORTING, Status.UPLOADING):
            self._move_to(Status.QUEUED)
        if self.status in (Status.QUEUED, Status.IMPORTING):
            self.size = None
            self.virtual_size = None
            self.locations = []
        self._record(UploadFailed)

    @property
    def _failed_before(self) -> frozenset[str]:
        return frozenset(self.properties.get(FAILED_IMPORT, "").split(",")) - {""}

    def forget_import(self, stores: Iterable[str]) -> None:
        """Show nothing any more of a task, into these stores, that has lost the import lock."""
        self.hash_at(None)
        stale = frozenset((*stores, *self.importing_to))
        if IMPORTING_TO in self.properties:
            self.properties[IMPORTING_TO] = ""
        if FAILED_IMPORT in self.properties:
            self.properties[FAILED_IMPORT] = _joined(self._failed_before - stale)

    def _end_import(self, failed: Iterable[str]) -> None:
        failed = frozenset(failed)
        if failed or IMPORTING_TO in self.properties:
            self.properties[IMPORTING_TO] = ""
            self.properties[FAILED_IMPORT] = _joined(self._failed_before | failed)

    # ------------------------------------------------------------------ locations

    def add_location(self, location: Location, place: int | None, limits: Limits) -> None:
        """Say of one more place that the data is there too; see `with_location`.

        A queued image has none: what a validation that failed left there goes.

        Raises:
            LocationsSettled: the image is neither active nor queued.
            BadLocation, QuotaExceeded: it does not go with the others.
        """
        self._require_settable()
        there = [] if self.status is Status.QUEUED else self.locations
        self.locations = with_location(there, location, place, limits.image_location_quota)
        self._changed()

    def replace_locations(self, locations: list[Location], limits: Limits) -> None:
        """Put the places in another order, or say other things of them; see `rearranged`.

        Raises:
            LocationsSettled: the image is neither active nor queued.
            LastLocation, BadLocation, QuotaExceeded: the data would not be where it is.
        """
        self._require_settable()
        there = [] if self.status is Status.QUEUED else self.locations
        self.locations = rearranged(there, locations, limits.image_location_quota)
        self._changed()

    def remove_location(self, place: str) -> Location:
        """Forget a place, `-` being the last one, and return it: its data is to be removed.

        Raises:
            LocationsSettled: the image is not active.
            LastLocation: it is the only one; BadLocation: there is none.
        """
        self._require_spare_location()
        return self._take_location(place_of(place, self.locations))

    def remove_from_store(self, store: str) -> Location:
        """Forget the first place in a store and return it: its data is to be removed.

        Raises:
            LocationsSettled, LastLocation: as `remove_location`.
            NotInStore: no data is in that store.
        """
        self._require_spare_location()
        for place, location in enumerate(self.locations):
            if location.store == store:
                return self._take_location(place)
        raise NotInStore(self.id, store)

    def put_back(self, places: Iterable[Location]) -> None:
        """Have locations again that were taken away, before those that came after them."""
        urls = {location.url for location in self.locations}
        missing = [place for place in places if place.url not in urls]
        wanted = sorted((*self.locations, *missing), key=lambda location: location.id or 0)
        self.locations = put_back(wanted, self.locations)

    def revert(self, before: "Image", gone: Set[str]) -> None:
        """Be as `before` a change that was not to be, but without the objects that are `gone`."""
        for name in REVERTIBLE:
            setattr(self, name, getattr(before, name))
        wanted = [location for location in before.locations if location.object not in gone]
        self.locations = put_back(wanted, self.locations)

    def _require_spare_location(self) -> None:
        if self.status is not Status.ACTIVE:
            raise LocationsSettled(self.status, Status.ACTIVE)
        if len(self.locations) <= 1:
            raise LastLocation()

    def _take_location(self, place: int) -> Location:
        self._changed()
        return self.locations.pop(place)

    def _require_settable(self) -> None:
        if self.status not in (Status.ACTIVE, Status.QUEUED):
            raise LocationsSettled(self.status, Status.ACTIVE, Status.QUEUED)

    def validate(self, data: ValidationData, algorithm: str) -> None:
        """Compare what a caller says of the data; a queued image takes its word for it.

        Raises:
            WrongDigest: it cannot be so, or the image has other data.
        """
        if self.status is Status.QUEUED:
            data.check_form(algorithm)
            self.os_hash_algo = data.os_hash_algo
            self.os_hash_value = data.os_hash_value.lower()
            self.checksum = data.checksum.lower() if data.checksum else None
        elif not self._is_of(data):
            raise WrongDigest("the image has other digests")

    def _is_of(self, data: ValidationData) -> bool:
        return (
            data.os_hash_algo == self.os_hash_algo
            and data.os_hash_value.lower() == self.os_hash_value
            and (data.checksum is None or data.checksum.lower() == self.checksum)
        )

    def appear(self, size: int) -> None:
        """Become active with data of that many bytes, which lies at the locations.

        Raises:
            FormatsMissing: a format is not set.
        """
        self._move_to(Status.ACTIVE)
        self.size = size
        self.virtual_size = None
        self._record(ImageActivated)

    # ------------------------------------------------------------------ data that is elsewhere

    @property
    def import_task(self) -> str | None:
        """The task that has the import lock of the image."""
        return self.properties.get(IMPORT_LOCK)

    def await_check(self, location: Location, size: int) -> None:
        """Name the place of data that is to be checked before it counts.

        Raises:
            WrongStatus: the image is not queued.
            FormatsMissing: a format is not set.
        """
        if self.status is not Status.QUEUED:
            raise WrongStatus(self.id, self.status, Status.IMPORTING)
        self._move_to(Status.IMPORTING)
        self.size = size
        self._put_at(location)

    def take_location(self, location: Location, size: int, hashes: Hashes) -> None:
        """Become active with data that is somewhere already.

        Raises:
            WrongStatus: the image waits neither for data nor for a check of some.
            FormatsMissing: a format is not set.
        """
        if self.status not in (Status.QUEUED, Status.IMPORTING):
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        self._move_to(Status.ACTIVE)
        self.size = size
        self.virtual_size = None
        self._put_at(location)
        self._set_hashes(hashes)
        self.hash_at(None)
        self._record(ImageUpdated, ImageActivated)

    def complete_hashes(self, hashes: Hashes) -> None:
        """Record digests that took longer than the image could wait for.

        Raises:
            WrongStatus: the image has no data.
        """
        if self.status not in WITH_DATA:
            raise WrongStatus(self.id, self.status, Status.ACTIVE)
        self._set_hashes(hashes)
        self.hash_at(None)
        self._changed()

    def refuse_location(self, *, keep: bool) -> None:
        """Wait for data again; with `keep` the place stays on record, though never served.

        An image that has become active stays so.
        """
        self.hash_at(None)
        if self.status is Status.IMPORTING:
            self._move_to(Status.QUEUED)
        if self.status is Status.QUEUED:
            self.size = None
            self._set_hashes(Hashes())
            self.locations = self.locations if keep else []
            self._record(UploadFailed)

    def _put_at(self, location: Location) -> None:
        # One that is there already keeps its number.
        self.locations = [next((kept for kept in self.locations if kept == location), location)]

    def _set_hashes(self, hashes: Hashes) -> None:
        self.checksum = hashes.checksum
        self.os_hash_algo = hashes.os_hash_algo
        self.os_hash_value = hashes.os_hash_value

    # ------------------------------------------------------------------ withholding

    def deactivate(self) -> None:
        """Withhold the data from everyone but administrators; twice is as good as once.

        Raises:
            WrongStatusForAction: the image is neither active nor deactivated.
        Source: spec images-api §5.
        """
        self._switch(Status.DEACTIVATED, "deactivate", ImageDeactivated)

    def reactivate(self) -> None:
        """Hand the data out again; twice is as good as once.

        Raises:
            WrongStatusForAction: the image is neither active nor deactivated.
        Source: spec images-api §5.
        """
        self._switch(Status.ACTIVE, "reactivate", ImageReactivated)

    def _switch(self, status: Status, verb: str, event: Callable[[str], Event]) -> None:
        if self.status not in WITH_DATA:
            raise WrongStatusForAction(verb, self.status)
        if self.status is not status:
            self._move_to(status)
            self._record(event)

    def require_deletable(self) -> None:
        """Raise ProtectedImage if the image is protected, from everybody (images-api §3)."""
        if self.protected:
            raise ProtectedImage(self.id)

    def begin_deletion(self) -> Status:
        """Make the image vanish; its data, if it has any, is still there.

        Return the status to `restore` should a store refuse to let the data go.

        Raises:
            ProtectedImage: it is protected.
        """
        self.require_deletable()
        before = self.status
        self._move_to(Status.PENDING_DELETE if self.locations else Status.DELETED)
        if not self.locations:
            self._record(ImageDeleted)
        return before

    def delay_deletion(self) -> None:
        """Make the image vanish for good unless an operator restores it; its data is to go later.

        Raises:
            ProtectedImage: it is protected.
        Source: spec images-api §4.4.
        """
        self.begin_deletion()
        if self.status is Status.PENDING_DELETE:
            self._record(ImageDeleted)

    def finish_deletion(self, *, delayed: bool = False) -> None:
        """Record that the data is gone for good; of a delayed deletion, everybody knows already.

        Raises:
            WrongStatus: no deletion is under way.
        """
        if self.status is not Status.PENDING_DELETE:
            raise WrongStatus(self.id, self.status, Status.DELETED)
        self._move_to(Status.DELETED)
        self.locations = []
        if not delayed:
            self._record(ImageDeleted)

    def survive_deletion(self, status: Status, gone: Set[str]) -> None:
        """Bring back an image of which a store keeps data, without the objects that are `gone`.

        One whose deletion was delayed, with `pending_delete` for a status, stays hidden.

        Raises:
            WrongStatus: as `restore`.
        """
        self.locations = [each for each in self.locations if each.object not in gone]
        if status is not Status.PENDING_DELETE:
            self.restore(status)

    def undelete(self) -> None:
        """Bring back an image whose data was to go later; of locations of one URL the oldest.

        Raises:
            NotPendingDeletion: it is not deleted, or for good.
        Source: spec contract, scrubber.
        """
        if self.status is not Status.PENDING_DELETE:
            raise NotPendingDeletion(self.status)
        self.restore(Status.ACTIVE)
        # A program may have given it such a location another time meanwhile.
        oldest: dict[str, Location] = {}
        for location in self.locations:
            oldest.setdefault(location.url, location)
        self.locations = [*oldest.values()]

    def restore(self, status: Status) -> None:
        """Bring back an image whose data could not be deleted, as `begin_deletion` found it.

        Raises:
            WrongStatus: it is not pending deletion, or `status` is none to go back to.
        """
        if self.status is not Status.PENDING_DELETE or status in GONE:
            raise WrongStatus(self.id, self.status, status)
        self._move_to(status)
        # What imported it was called off with the deletion.
        self.forget_import(())

    # ------------------------------------------------------------------ events

    def _record(self, *events: Callable[[str], Event]) -> None:
        self.events.extend(event(self.id) for event in events)

    def _changed(self) -> None:
        if not any(isinstance(event, ImageUpdated) for event in self.events):
            self._record(ImageUpdated)

    def take_events(self) -> list[Event]:
        """Return what happened since the last call, oldest first."""
        events, self.events = self.events, []
        return events


REVERTIBLE = frozenset(each.name for each in fields(Image)) - {
    *("id", "created_at", "updated_at", "locations", "events")
}
"""What a caller's change may have changed, besides locations."""


def _joined(stores: Iterable[str]) -> str:
    return ",".join(sorted(stores))


def _visibility(value: str) -> Visibility:
    try:
        return Visibility(value)
    except ValueError:
        known = ", ".join(Visibility)
        raise Invalid(f"Invalid visibility '{value}': use one of {known}.") from None


def _check_length(name: str, value: str | None) -> None:
    if value is not None and len(value) > MAX_NAME:
        raise Invalid(f"{name} has at most {MAX_NAME} characters, this one has {len(value)}.")


def _check_integer(name: str, value: int) -> None:
    if not 0 <= value <= MAX_INTEGER:
        raise Invalid(f"{name} must lie between 0 and {MAX_INTEGER}, not {value}.")
