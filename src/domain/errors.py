"""Everything that can be wrong, said once.

    TintypeError
    ├── Unauthenticated
    ├── NotFound          ImageNotFound MemberNotFound TagNotFound StoreNotFound DataNotFound NoData
    │                     NotInStore TaskNotFound MetadefNotFound CacheNotFound
    ├── Forbidden         ReadOnlyCaller ReadOnlyAttribute ReservedName ProtectedImage DataWithheld
    │                     WrongStatusForAction NotShared LocationsHidden LastLocation
    │                     ProtectedMetadef MetadefHidden PublicImageForbidden
    ├── Conflict          Duplicate WrongStatus StaleWrite TakenOver InUse PropertyConflict
    │                     LocationsSettled WrongDigest StoreNotEnabled BeingRemoved
    │                     ImportLocked WrongTaskStatus TaskCancelled MetadefExists MetadefInUse
    │                     NotPendingDeletion AlikeInDatabase
    ├── PreconditionFailed
    ├── ImageGone
    ├── Invalid           FormatsMissing SizeMismatch BrokenSource UnknownStore BadMarker
    │                     UriRefused BadLocation CannotSeek IncompleteSignature BadSignature
    ├── LimitExceeded     QuotaExceeded ImageTooLarge StorageFull OverLimit OverStorageQuota
    ├── FormatMismatch
    ├── RangeNotSatisfiable
    ├── StoreUnavailable  StoreWriteDenied StoreSuspended StoresFailed FetchFailed
    │                     DataDamaged WebServerFailed RedirectedTooOften
    ├── StoreNotWritable
    ├── DataKept
    ├── KeyKept           (is only logged)
    ├── CatalogueUnavailable
    ├── LimitsUnavailable LimitsMisconfigured
    ├── QueueUnavailable
    ├── IdentityUnavailable
    ├── WorkerSilent
    ├── WorkerGarbled
    ├── NotReady          (of commands)
    └── BadConfiguration  (stops the start)

Each renders one sentence that says what was wrong and, where there is something to do, what.
No message holds a credential, and none tells a caller about an image that it may not see.
"""

from collections.abc import Iterable, Mapping


class TintypeError(Exception):
    """Root of all errors that the service raises on purpose."""


class Unauthenticated(TintypeError):
    """The caller did not prove who it is."""

    def __init__(
        self, reason: str = "This server could not verify that you are authorized"
    ) -> None:
        super().__init__(reason)


class NotFound(TintypeError):
    """What was named is not there, or the caller may not know that it is."""


class ImageNotFound(NotFound):
    """No such image, or none that the caller may see."""

    def __init__(self, image_id: str) -> None:
        super().__init__(f"No image found with ID {image_id}")
        self.image_id = image_id


class MemberNotFound(NotFound):
    """The project is no member of the image, or the caller may not know."""

    def __init__(self, member_id: str, image_id: str) -> None:
        super().__init__(f"{member_id} not found in the member list of the image {image_id}.")


class TagNotFound(NotFound):
    """The image does not carry the tag."""

    def __init__(self, tag: str, image_id: str) -> None:
        super().__init__(f"Image {image_id} does not carry the tag {tag!r}.")


class TaskNotFound(NotFound):
    """No such task, or none any more."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"No task found with ID {task_id}")
        self.task_id = task_id


class StoreNotFound(NotFound):
    """No store is enabled under that name."""


class DataNotFound(NotFound):
    """A store does not hold the data that it was asked for."""

    def __init__(self, key: str, store: str) -> None:
        super().__init__(f"Store {store} holds no data for {key}.")


class NotInStore(NotFound):
    """The image has no data in the store."""

    def __init__(self, image_id: str, store: str) -> None:
        super().__init__(f"Image {image_id} has no data in store {store}.")


class CacheNotFound(NotFound):
    """The service keeps no copies of what it hands out."""

    def __init__(self) -> None:
        super().__init__("This service has no cache.")


class NoData(NotFound):
    """The image has no data to hand out (yet)."""

    def __init__(self, image_id: str) -> None:
        super().__init__(f"Image {image_id} has no data.")


class MetadefNotFound(NotFound):
    """A definition of metadata is not there, or the caller may not know that it is."""

    def __init__(self, kind: str, name: str, namespace: str | None = None) -> None:
        where = "" if namespace is None else f" in the namespace {namespace}"
        super().__init__(f"Metadata definition {kind} {name} was not found{where}.")
        self.kind = kind
        self.name = name
        self.namespace = namespace


class Forbidden(TintypeError):
    """The caller is known and may see, but may not do this."""

    def __init__(self, reason: str = "You are not authorized to complete this action.") -> None:
        super().__init__(reason)


class PublicImageForbidden(Forbidden):
    """An image that everybody sees is another project's."""


class ReadOnlyCaller(Forbidden):
    """An anonymous caller tried to change something."""

    def __init__(self) -> None:
        super().__init__("Read-only access: authenticate to change anything.")


class ReadOnlyAttribute(Forbidden):
    """The attribute is set by the service alone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Attribute '{name}' is read-only.")


class ReservedName(Forbidden):
    """The name belongs to the service."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Attribute '{name}' is reserved.")


class ProtectedImage(Forbidden):
    """The image is protected against deletion."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"Image {image_id} is protected and cannot be deleted. Unset 'protected' first."
        )


class DataWithheld(Forbidden):
    """The image is deactivated, and the caller is no administrator."""

    def __init__(self, image_id: str) -> None:
        super().__init__(f"The requested image {image_id} has been deactivated.")


class WrongStatusForAction(Forbidden):
    """An action asks for another status (images-api §5 has 403 for it)."""

    def __init__(self, verb: str, status: str) -> None:
        super().__init__(
            f"Cannot {verb} an image in status '{status}': it must be active or deactivated."
        )


class NotShared(Forbidden):
    """Members were asked of an image whose visibility is not shared."""

    def __init__(self) -> None:
        super().__init__("Only shared images have members.")


class LocationsHidden(Forbidden):
    """Locations are patched where nobody is shown any."""

    def __init__(self) -> None:
        super().__init__("It's not allowed to change locations if locations are invisible.")


class LastLocation(Forbidden):
    """An image with data must be somewhere."""

    def __init__(self) -> None:
        super().__init__(
            "The only location of an image cannot be removed: add another one, or delete the image."
        )


class ProtectedMetadef(Forbidden):
    """A definition of metadata is protected against deletion, or its namespace is."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"Metadata definition {kind} {name} is protected and cannot be deleted.")
        self.kind = kind
        self.name = name


class MetadefHidden(Forbidden):
    """A definition of metadata is there, but the caller does not see it."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"You may not see the metadata definition {kind} {name}.")


class Conflict(TintypeError):
    """What is asked for does not fit the present state."""


class Duplicate(Conflict):
    """What is to be made exists already."""


class AlikeInDatabase(Duplicate):
    """Two names are two for everybody but the database, which can hold only one of them."""

    def __init__(self, what: str, given: str, there: str) -> None:
        super().__init__(
            f"The database takes the {what} '{given}' and '{there}' for the same one: "
            f"choose another name, or remove '{there}' first."
        )


class MetadefExists(Duplicate):
    """A definition of metadata of that name is there already."""

    def __init__(self, kind: str, name: str, namespace: str | None = None) -> None:
        where = "" if namespace is None else f" in the namespace {namespace}"
        super().__init__(f"A metadata definition {kind} {name} already exists{where}.")
        self.kind = kind
        self.name = name
        self.namespace = namespace


class MetadefInUse(Conflict):
    """A definition of metadata is needed by another one."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(
            f"Metadata definition {kind} {name} cannot be deleted: "
            "others refer to it. Delete those first."
        )
        self.kind = kind
        self.name = name


class WrongStatus(Conflict):
    """The status machine knows no such move."""

    def __init__(self, image_id: str, current: str, wanted: str) -> None:
        super().__init__(f"Image status transition from {current} to {wanted} is not allowed.")
        self.image_id = image_id
        self.current = current
        self.wanted = wanted


class NotPendingDeletion(Conflict):
    """What is to be restored does not wait for its data to be deleted."""

    def __init__(self, status: str) -> None:
        # Scripts of operators compare the words (contract, scrubber).
        super().__init__(
            f"cannot restore the image from {status} to active (wanted from_state=pending_delete)"
        )


class LocationsSettled(Conflict):
    """The locations of an image in this status are not for callers to change."""

    def __init__(self, status: str, *allowed: str) -> None:
        super().__init__(
            f"Locations of an image in status '{status}' cannot be changed so: "
            f"it must be {' or '.join(allowed)}."
        )


class WrongDigest(Conflict):
    """What is said of the data does not fit the image, or could be said of none."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Wrong validation_data: {problem}.")


class StoreNotEnabled(Conflict):
    """Data is to be removed from a store that is not enabled."""

    def __init__(self, store: str) -> None:
        super().__init__(f"Store '{store}' is not enabled; see /v2/info/stores for those that are.")


class StaleWrite(Conflict):
    """Somebody else changed the row between reading and writing it."""

    def __init__(self, image_id: str) -> None:
        super().__init__(f"Image {image_id} was changed by another request; send this one again.")


class TakenOver(Conflict):
    """Work took so long without a sign of life that another process undid it."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"The upload to image {image_id} showed no sign of life and was called off; "
            "send it again."
        )


class InUse(Conflict):
    """A store refuses to delete data that something else depends on."""

    def __init__(self, key: str, store: str, reason: str = "it is in use") -> None:
        super().__init__(f"Store {store} cannot delete {key}: {reason}.")


class ImportLocked(Conflict):
    """A task is at work on the image."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"Image {image_id} has active task: wait for its end, or delete the image."
        )


class BeingRemoved(Conflict):
    """Data cannot come to a place from which other data is being removed."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"The data of image {image_id} is being removed from there: try again when it is gone."
        )


class WrongTaskStatus(Conflict):
    """The status machine of tasks knows no such move."""

    def __init__(self, task_id: str, current: str, wanted: str) -> None:
        super().__init__(f"Task {task_id} is {current} and cannot become {wanted}.")


class TaskCancelled(Conflict):
    """Somebody called the task off who may; the sentence also marks it until it has ended."""

    def __init__(self) -> None:
        super().__init__("The task was cancelled.")


class PropertyConflict(Conflict):
    """A patch adds what is there, or changes what is not."""


class PreconditionFailed(TintypeError):
    """The image is no longer what the caller saw, and it asked to change only that."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"Image {image_id} has changed since it was looked at; look again, then decide."
        )


class ImageGone(TintypeError):
    """The image was deleted while its data was on the way."""

    def __init__(self, image_id: str) -> None:
        super().__init__(f"Image {image_id} was deleted during the upload; its data was discarded.")


class Invalid(TintypeError):
    """The request is wrong in itself."""


class FormatsMissing(Invalid):
    """Data cannot come before both formats are known."""

    def __init__(self, image_id: str) -> None:
        super().__init__(
            f"Properties disk_format and container_format of image {image_id} "
            "must be set before it can have data."
        )


class SizeMismatch(Invalid):
    """Other bytes came than were announced."""

    def __init__(self, announced: int, received: int) -> None:
        super().__init__(
            f"Size mismatch: {announced} bytes were announced, {received} were received."
        )


class BrokenSource(Invalid):
    """Data broke off before its end."""

    def __init__(self) -> None:
        super().__init__("The data broke off before its end; nothing of it was kept.")


class UnknownStore(Invalid):
    """A request names a store that is not enabled."""

    def __init__(self, store: str) -> None:
        super().__init__(f"Store '{store}' is not enabled; see /v2/info/stores for those that are.")


class BadMarker(Invalid):
    """A list is to go on after something that is not there."""

    def __init__(self, marker: str, what: str = "image") -> None:
        super().__init__(f"Marker '{marker}' names no {what} of this list.")


class UriRefused(Invalid):
    """A URL that the service may not be sent to, or whose host it does not find.

    `uri` must come without credentials.
    """

    def __init__(self, uri: str) -> None:
        super().__init__(f"The URL does not pass filtering: {uri}")


class BadLocation(Invalid):
    """No image can have its data there."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid location: {problem}")


class IncompleteSignature(Invalid):
    """An image has a part of what makes a signature."""

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__(
            f"The image is signed, but its signature cannot be checked without the properties "
            f"{', '.join(missing)}: set them, or remove the others."
        )


class BadSignature(Invalid):
    """Data is not what was signed, or nobody can tell."""


class CannotSeek(Invalid):
    """A store gives only whole objects."""

    def __init__(self, store: str) -> None:
        super().__init__(f"Store {store} cannot give a part of this data: ask for all of it.")


class LimitExceeded(TintypeError):
    """More than is allowed."""


class QuotaExceeded(LimitExceeded):
    """The image would have more parts than its quota allows."""

    def __init__(self, what: str, attempted: int, maximum: int) -> None:
        super().__init__(
            f"The limit has been exceeded on the number of allowed image {what}. "
            f"Attempted: {attempted}, Maximum: {maximum}"
        )


class ImageTooLarge(LimitExceeded):
    """More bytes than an image may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Image exceeds the limit of {limit} bytes.")


class StorageFull(LimitExceeded):
    """The store has no room left."""

    def __init__(self, store: str) -> None:
        super().__init__(f"There is not enough disk space left in store {store}.")


class OverLimit(LimitExceeded):
    """A project would have more than its unified limit allows; callers look for this text."""

    def __init__(self, resource: str, limit: int, usage: int, delta: int) -> None:
        super().__init__(
            f"Resource {resource} is over limit of {limit} "
            f"due to current usage {usage} and delta {delta}"
        )


class OverStorageQuota(LimitExceeded):
    """A project would have more bytes than it may."""

    def __init__(self, room: int) -> None:
        super().__init__(
            f"The data exceeds the storage quota of the image's owner, of which {room} bytes "
            "are left: delete images first."
        )


class FormatMismatch(TintypeError):
    """The bytes are not what disk_format says, or are unsafe."""


class RangeNotSatisfiable(TintypeError):
    """The requested range lies outside of the data."""

    def __init__(self, text: str, size: int | None = None) -> None:
        super().__init__(f"The range {text!r} cannot be satisfied.")
        self.size = size


class StoreUnavailable(TintypeError):
    """A store does not answer, or cannot do its work now."""


class StoreWriteDenied(StoreUnavailable):
    """A store refuses to be written to."""

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(f"Store {store} cannot be written to: {reason}.")


class StoreSuspended(StoreUnavailable):
    """A store is not asked for a while, for it did not answer; `retry_after_s` says how long."""

    def __init__(self, store: str, reason: str, retry_after_s: int) -> None:
        super().__init__(f"Store {store} is not asked for the moment: {reason} Try again later.")
        self.reason = reason
        self.retry_after_s = retry_after_s


class StoresFailed(StoreUnavailable):
    """Stores did not take the data of an import; `stores` says why, by their ids."""

    def __init__(self, stores: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"store {store}: {why}" for store, why in stores.items()))
        self.stores = stores


class FetchFailed(StoreUnavailable):
    """Data cannot be had from the URL that a caller named; the sentence holds no URL."""


class WebServerFailed(StoreUnavailable):
    """A web server gives no data: it does not answer, or answers otherwise than with data."""


class RedirectedTooOften(StoreUnavailable):
    """A web server sends on and on; `redirects` is how often that is followed."""

    def __init__(self, subject: str, redirects: int) -> None:
        super().__init__(f"{subject} is redirected more than {redirects} times.")
        self.redirects = redirects


class DataDamaged(StoreUnavailable):
    """Staged data is not any more what was sent."""

    def __init__(self) -> None:
        super().__init__("The staged data was damaged on its way: stage it again.")


class StoreNotWritable(TintypeError):
    """A store of this kind never takes data."""

    def __init__(self, store: str) -> None:
        super().__init__(f"Store {store} is read-only: upload to another one.")


class DataKept(TintypeError):
    """A store would not remove the data of a location (images-api §9.1 has 500 for it)."""

    def __init__(self) -> None:
        super().__init__(
            "A store keeps the data of a location: the image lists the locations that are left."
        )


class KeyKept(TintypeError):
    """The key of an encrypted image outlives the image. Nobody is answered with it."""

    def __init__(self, key_id: str, reason: str) -> None:
        super().__init__(f"Encryption key {key_id} was not deleted: {reason}.")


class BadConfiguration(TintypeError):
    """The service cannot start as it is configured."""

    def __init__(self, option: str, problem: str) -> None:
        super().__init__(f"Configuration option {option}: {problem}")
        self.option = option
        self.problem = problem

    @classmethod
    def of_value(cls, option: str, error: Exception) -> "BadConfiguration":
        """Say what is expected, from the error of a parser that quotes value and place first.

        What stands before "is not valid" is left out: the value may be a secret.
        """
        problem = str(error).rpartition("is not valid: ")[2]
        problem = problem.replace(
            "invalid literal for int() with base 10:", "it must be a whole number, not"
        )
        return cls(option, f"{problem}.")


class NotReady(TintypeError):
    """A command about the database comes before another one that must be first."""

    def __init__(self, command: str, first: str) -> None:
        super().__init__(f"It is too early for tintype db {command}: run tintype db {first} first.")


class CatalogueUnavailable(TintypeError):
    """The database does not answer; the request may be sent again."""

    def __init__(self) -> None:
        super().__init__("The database cannot be reached at the moment; try again.")


class LimitsUnavailable(TintypeError):
    """Nobody can say at the moment how much the project may have."""

    def __init__(self) -> None:
        super().__init__("The limits of your project cannot be read from Keystone now; try again.")


class LimitsMisconfigured(LimitsUnavailable):
    """Asking for limits is not set up rightly; the log says what is wrong."""

    def __init__(self) -> None:
        TintypeError.__init__(
            self,
            "The limits of your project cannot be read from Keystone as the service is "
            "configured: tell its operator.",
        )


class QueueUnavailable(TintypeError):
    """The queue of tasks does not answer; what is on record is passed on later."""

    def __init__(self) -> None:
        super().__init__("The queue of tasks cannot be reached at the moment.")


class IdentityUnavailable(TintypeError):
    """Whoever knows the callers does not answer; the request may be sent again."""

    def __init__(self) -> None:
        super().__init__("The identity service cannot be reached at the moment; try again.")


class WorkerSilent(TintypeError):
    """The worker that a request was passed on to did not answer; callers look for this text."""

    def __init__(self, host: str) -> None:
        super().__init__(f"Stage host is unavailable: {host} did not answer.")


class WorkerGarbled(TintypeError):
    """The answer of the worker that a request was passed on to makes no sense."""

    def __init__(self, host: str) -> None:
        super().__init__(f"Stage host is unavailable: the answer of {host} cannot be read.")
