"""All use cases over adapters in memory, and the faults that tests put into them."""

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from tests.builders import ADMIN, OWNER, THEN, a_caller
from tintype.adapters.inspection.oslo_inspector import OsloInspector
from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.quota.fixed import NoQuotas
from tintype.adapters.signatures.cursive_verifier import CursiveVerifier
from tintype.adapters.stores.enabled_store import EnabledStore
from tintype.adapters.stores.memory import MemoryDriver, MemoryStream, MemoryWriteHandle
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.application.access import Access
from tintype.application.given_up import GivenUp
from tintype.application.image_data import DownloadImageData, UploadImageData
from tintype.application.image_import.clean import CleanStaging
from tintype.application.image_import.job import ImportImage
from tintype.application.image_import.prepare import PrepareData
from tintype.application.image_import.remote import RemoteSource
from tintype.application.image_import.stage import StageImageData
from tintype.application.image_import.start import StartImport
from tintype.application.image_import.write import WriteStores
from tintype.application.images.create import CreateImage
from tintype.application.images.delete import DeleteImage, FinishDeletion
from tintype.application.images.find import ListImages, ShowImage
from tintype.application.images.removal import RemoveData
from tintype.application.images.switch import deactivate_image, reactivate_image
from tintype.application.images.tag import TagImage
from tintype.application.images.update import UpdateImage
from tintype.application.location_import.fetch import FetchLocations
from tintype.application.location_import.job import ImportLocation
from tintype.application.location_import.start import StartLocationImport
from tintype.application.recovery import RenewLeases, Sweep, UndoUpload
from tintype.application.scrubbing import RestoreImage, Scrub
from tintype.application.sharing import (
    AddMember,
    AnswerOffer,
    ListMembers,
    RemoveMember,
    ShowMember,
)
from tintype.application.signing import Signatures
from tintype.application.staging import Staging
from tintype.application.stores import DeleteFromStore
from tintype.application.tasks.engine import Job, RunTask
from tintype.application.tasks.find import ListTasksOfImage, ShowTask
from tintype.application.tasks.import_lock import ImportLock
from tintype.application.tasks.start import StartAgain, StartTask
from tintype.application.tasks.steer import CancelTask, FindOwnTask, RetryTask
from tintype.domain.caller import Caller
from tintype.domain.errors import (
    BadSignature,
    CatalogueUnavailable,
    FetchFailed,
    KeyKept,
    QueueUnavailable,
    StaleWrite,
    TintypeError,
)
from tintype.domain.events import Event
from tintype.domain.image import Image
from tintype.domain.image_import import ImportRequest, Method
from tintype.domain.lease import Lease
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.member import Member
from tintype.domain.metadef.event import MetadefEvent
from tintype.domain.ports.authoriser import Authoriser
from tintype.domain.ports.byte_source import ByteSource
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.domain.ports.format_inspector import FormatInspector
from tintype.domain.ports.import_plugin import ImportPlugin
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.ports.remote_images import RemoteImage, RemotePlace
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.ports.workbench import Workbench, Workbenches
from tintype.domain.status import Status
from tintype.domain.store import STAGING_STORE, Store
from tintype.domain.task import Task, TaskType
from tintype.domain.uri_filter import UriFilter

OWNER_CALLER = a_caller()
READER = a_caller(roles=frozenset({"reader"}))
STRANGER = a_caller("a-stranger")
FRIEND = a_caller("a-friend")

LEASE_TIME = timedelta(seconds=60)
TASK_TIME = timedelta(hours=48)
CAPACITY = 1 << 24


class FakeClock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.time = THEN

    def now(self) -> datetime:
        return self.time

    def pass_by(self, period: timedelta) -> None:
        self.time += period


class RandomIds:
    def new(self) -> str:
        return str(uuid4())


@dataclass
class FakePresence:
    """This process and those that are known to have died."""

    holder: str = "this-process"
    dead: set[str] = field(default_factory=set)

    def is_dead(self, holder: str) -> bool:
        return holder in self.dead


class Listener:
    """A notifier that remembers."""

    def __init__(self) -> None:
        self.heard: list[Event | MetadefEvent] = []

    def tell(self, events: Iterable[Event | MetadefEvent]) -> None:
        self.heard.extend(events)


class HeldQueue:
    """A queue that nobody serves until it is told to; `broken` refuses, `deaf` forgets."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.broken = False
        self.lasting = False

    def submit(self, task_id: str) -> None:
        if self.broken:
            raise QueueUnavailable()
        self.waiting.append(task_id)


class FaultyWork:
    """A catalogue whose next commits may fail, one entry of `trouble` each.

    `"refused"`: nothing was done. `"unheard"`: it was done, but the answer got lost.
    `"stale"`: somebody else was faster. None: all is well.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.trouble: list[str | None] = []

    def __call__(self, *, read_only: bool = False) -> "FaultyUnitOfWork":
        return FaultyUnitOfWork(self, self._work(read_only=read_only))


class FaultyUnitOfWork:
    def __init__(self, work: FaultyWork, unit: UnitOfWork) -> None:
        self._work = work
        self._unit = unit

    def __enter__(self) -> Self:
        self._unit.__enter__()
        self.images = self._unit.images
        self.members = self._unit.members
        self.leases = self._unit.leases
        self.usage = self._unit.usage
        self.tasks = self._unit.tasks
        self.metadefs = self._unit.metadefs
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unit.__exit__(kind, error, trace)

    def commit(self) -> None:
        trouble = self._work.trouble.pop(0) if self._work.trouble else None
        if trouble == "stale":
            raise StaleWrite("an image")
        if trouble != "refused":
            self._unit.commit()
        if trouble is not None:
            raise CatalogueUnavailable()


class FaultyDriver(MemoryDriver):
    """A store that fails as told: `faults` has errors by the name of what is to fail.

    The names are create, write, commit, open, read, delete and discard_unfinished.
    """

    def __init__(self, store: str) -> None:
        super().__init__(store, CAPACITY, named=True)
        self.faults: dict[str, BaseException] = {}
        self.on_delete: Callable[[], None] = lambda: None

    def check(self, step: str) -> None:
        if step in self.faults:
            raise self.faults[step]

    def create(self, key: str, size: int | None) -> MemoryWriteHandle:
        self.check("create")
        super().create(key, size)
        return _FaultyHandle(self, key)

    def open(self, location: Location, offset: int = 0, length: int | None = None) -> MemoryStream:
        self.check("open")
        stream = super().open(location, offset, length)
        return _FaultyStream(self, stream) if "read" in self.faults else stream

    def delete(self, location: Location) -> None:
        self.check("delete")
        self.on_delete()
        super().delete(location)

    def discard_unfinished(self, key: str) -> None:
        self.check("discard_unfinished")
        super().discard_unfinished(key)


class _FaultyStream(MemoryStream):
    """Data that cannot be read, after a store has said that it is there."""

    def __init__(self, driver: FaultyDriver, stream: MemoryStream) -> None:
        super().__init__(memoryview(stream.read()))
        self._faulty = driver

    def read(self, size: int = -1) -> bytes:
        self._faulty.check("read")
        return super().read(size)


class _FaultyHandle(MemoryWriteHandle):
    def __init__(self, driver: FaultyDriver, key: str) -> None:
        super().__init__(driver, key)
        self._faulty = driver

    def write(self, piece: memoryview) -> None:
        self._faulty.check("write")
        super().write(piece)

    def commit(self) -> Location:
        self._faulty.check("commit")
        return super().commit()


class NoWorkbenches:
    """Where nobody works on data."""

    def open(self, image_id: str, run_id: str) -> AbstractContextManager[Workbench]:
        raise AssertionError("no plugin needs the data")

    def runs(self) -> Set[str]:
        return frozenset()

    def remove(self, runs: Set[str]) -> None:
        """Remove nothing."""


class FakeWeb:
    """The web: data by URL; where there is none, nobody answers."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def open(self, url: str) -> MemoryStream:
        if url not in self.data:
            raise FetchFailed("The data cannot be fetched: remote answered 404.")
        return MemoryStream(memoryview(self.data[url]))


class FakeCertificates:
    """Certificates by their ids, and who asked for them."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.asked: list[Caller] = []

    def fetch(self, certificate_id: str, caller: Caller) -> bytes:
        self.asked.append(caller)
        if certificate_id not in self.known:
            raise BadSignature(f"There is no certificate {certificate_id!r}.")
        return self.known[certificate_id]


class FakeFellows:
    """Other workers: an answer, or an error, to all that is passed on to them."""

    def __init__(self) -> None:
        self.answer: PassedOn | TintypeError = PassedOn(202, "Accepted")
        self.asked: list[tuple[str, str]] = []

    def import_image(
        self,
        host: str,
        caller: Caller,
        image_id: str,
        body: bytes,
        store: str | None = None,
    ) -> PassedOn:
        return self._answer("import", host)

    def delete_image(self, host: str, caller: Caller, image_id: str) -> PassedOn:
        return self._answer("delete", host)

    def _answer(self, what: str, host: str) -> PassedOn:
        self.asked.append((what, host))
        if isinstance(self.answer, TintypeError):
            raise self.answer
        return self.answer


class FakeKeys:
    """A key manager: notes who let go of which key, or refuses."""

    def __init__(self) -> None:
        self.deleted: list[tuple[str, Caller | None]] = []
        self.refuses = False

    def delete(self, key_id: str, caller: Caller | None) -> None:
        if self.refuses:
            raise KeyKept(key_id, "it is locked")
        self.deleted.append((key_id, caller))


class FakeRemote:
    """Other services: images by their URL; their data is in the web."""

    def __init__(self, web: FakeWeb) -> None:
        self.images: dict[str, RemoteImage] = {}
        self.tokens: list[str | None] = []
        self._web = web

    def show(self, place: RemotePlace) -> RemoteImage:
        self.tokens.append(place.token)
        url = f"{place.endpoint}/{place.image_id}"
        if url not in self.images:
            raise FetchFailed("The data cannot be fetched: remote answered 404.")
        return self.images[url]

    def open(self, place: RemotePlace) -> MemoryStream:
        return self._web.open(f"{place.endpoint}/{place.image_id}")


class Script:
    """A source that does as told: gives bytes, runs a function, or raises an error."""

    def __init__(self, *steps: Any) -> None:
        self._steps: Iterator[Any] = iter(steps)

    def readinto(self, buffer: memoryview, /) -> int:
        for step in self._steps:
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, bytes):
                buffer[: len(step)] = step
                return len(step)
            step()
        return 0


def request_of(body: Mapping[str, Any]) -> ImportRequest:
    """Read what an import asked for."""
    method = Method(body["method"]["name"])
    return ImportRequest(method, must_succeed=body.get("all_stores_must_succeed", True), body=body)


class Service:
    """The use cases of one process, and what their tests look at.

    `beside` gives another process on the same catalogue and stores.
    """

    def __init__(self, authoriser: Authoriser, limits: Limits | None = None) -> None:
        self.authoriser = authoriser
        self.jobs: dict[str, Job] = {}
        self.all_or_none = False
        self.delays_deletions = False
        self.keys = FakeKeys()
        self.plugins: Sequence[ImportPlugin] = ()
        self.benches: Workbenches = NoWorkbenches()
        self.clock = FakeClock()
        self.catalogue: Work = MemoryWork(self.clock)
        self.presence = FakePresence()
        self.fast = FaultyDriver("fast")
        self.cheap = FaultyDriver("cheap")
        self.staged = FaultyDriver(STAGING_STORE)
        self.web = FakeWeb()
        self.own_url: str | None = None
        self.fellows = FakeFellows()
        self.elsewhere = FakeRemote(self.web)
        self.certificates = FakeCertificates()
        self.signatures = Signatures(self.certificates, CursiveVerifier())
        self.stores = self._registry()
        self.quotas: QuotaKeeper = NoQuotas()
        self._assemble(limits or Limits(image_size_cap=1 << 22))

    def _registry(self) -> ConfiguredStores:
        return ConfiguredStores(
            [
                EnabledStore(Store("fast", "memory", default=True, weight=10), self.fast, "fast"),
                EnabledStore(Store("cheap", "memory", weight=5), self.cheap, "cheap"),
                EnabledStore(Store(STAGING_STORE, "memory"), self.staged, STAGING_STORE),
            ],
            multiple=True,
        )

    def limited(self, **limits: Any) -> "Service":
        """Hold this process to other limits from now on."""
        self._assemble(Limits(**limits))
        return self

    def under(self, quotas: QuotaKeeper) -> "Service":
        """Hold this process's callers to quotas from now on."""
        self.quotas = quotas
        self._assemble(self.limits)
        return self

    def with_plugins(self, benches: Workbenches, *plugins: ImportPlugin) -> "Service":
        """Let plugins work on the imports of this process from now on."""
        self.benches, self.plugins = benches, plugins
        self._assemble(self.limits)
        return self

    def on(self, catalogue: Work) -> "Service":
        """Let this process work on another catalogue from now on."""
        self.catalogue = catalogue
        self._assemble(self.limits)
        return self

    def beside(self, holder: str = "another-process") -> "Service":
        """Return another process."""
        other = object.__new__(Service)
        other.__dict__.update(self.__dict__)
        other.presence = FakePresence(holder)
        other._assemble(self.limits)
        return other

    def at(self, url: str) -> "Service":
        """Let others reach this process at a URL, and what it stages by way of it alone."""
        self.own_url = url
        self.staged = FaultyDriver(STAGING_STORE)
        self.stores = self._registry()
        self._assemble(self.limits)
        return self

    def _assemble(self, limits: Limits) -> None:
        self.limits = limits
        self.work = work = FaultyWork(self.catalogue)
        self.notifier = told = Listener()
        access = Access(self.authoriser)
        clock, ids, stores = self.clock, RandomIds(), self.stores
        mine = (clock, ids, self.presence, LEASE_TIME)
        inspector: FormatInspector = OsloInspector(required=True)
        self.create = CreateImage(work, access, told, clock, ids, limits, self.quotas)
        self.show = ShowImage(work, access, stores)
        self.list = ListImages(work, access, stores)
        self.remove_data = RemoveData(work, stores, *mine)
        self.update = UpdateImage(
            *(work, access, told, stores, limits, self.quotas, self.remove_data)
        )
        self.delete_from_store = DeleteFromStore(work, access, told, stores, self.remove_data)
        finish = FinishDeletion(work, told, stores, self.keys)
        self.staging = Staging(stores, self.own_url)
        self.lock = ImportLock(clock, TASK_TIME)
        self.delete = DeleteImage(
            *(work, access, told, finish, *mine, self.lock, self.staging, self.fellows),
            delayed=self.delays_deletions,
        )
        self.scrub = Scrub(work, finish, *mine)
        self.restore = RestoreImage(work)
        self.deactivate = deactivate_image(work, access, told)
        self.reactivate = reactivate_image(work, access, told)
        self.tag = TagImage(work, access, told, limits)
        undo = UndoUpload(work, stores, told, *mine)
        self._upload = UploadImageData(
            *(work, access, told, stores, inspector, undo),
            *(clock, ids, self.presence, limits, "sha512", LEASE_TIME),
            *(self.quotas, self.staging, self.signatures),
        )
        self._stage = StageImageData(
            *(work, access, told, self.staging, undo, clock, ids),
            *(self.presence, limits, LEASE_TIME, self.quotas, inspector, "sha512"),
        )
        self.download = DownloadImageData(work, access, stores)
        self.add_member = AddMember(work, access, told, clock, limits)
        self.list_members = ListMembers(work, access)
        self.show_member = ShowMember(work, access)
        self.answer_offer = AnswerOffer(work, access, told, clock)
        self.remove_member = RemoveMember(work, access, told)
        self.queue = HeldQueue()
        given_up = GivenUp()
        self.start = StartTask(self.queue, *mine, given_up)
        start_again = StartAgain(work, self.start)
        self.import_location = ImportLocation(
            *(stores, True, 0, "sha512", self.own_url), grace=timedelta()
        )
        self.prepare = PrepareData(self.plugins, self.benches, limits, "sha512")
        write = WriteStores(stores, inspector, limits, "sha512", self.signatures)
        self.import_image = ImportImage(
            *(self.staging, self.web, RemoteSource(self.elsewhere, limits, ["hw_"]), self.prepare),
            *(write, self.quotas, limits),
            all_or_none=self.all_or_none,
        )
        self.jobs = {
            **self.jobs,
            TaskType.LOCATION_IMPORT: self.import_location,
            TaskType.API_IMAGE_IMPORT: self.import_image,
        }
        self._run_task = RunTask(work, told, *mine, given_up, self.jobs, TASK_TIME)
        self.show_task = ShowTask(work, access)
        self.tasks_of_image = ListTasksOfImage(work, access)
        self.start_location_import = StartLocationImport(
            work, access, stores, UriFilter(), self.lock, self.start
        )
        self.start_import = StartImport(
            *(work, access, stores, self.staging, UriFilter(), self.lock, self.start),
            *(self.quotas, [method.value for method in Method], self.fellows),
            self.signatures,
        )
        find = FindOwnTask(access)
        self.cancel_task = CancelTask(work, find, self.start)
        self.retry_task = RetryTask(
            work, find, self.start_import, self.start_location_import, request_of
        )
        self.clean_staging = CleanStaging(work, self.staging, self.benches, clock)
        self.fetch_locations = FetchLocations(work, access, stores)
        self.sweep = Sweep(
            *(work, undo, finish, clock, self.presence, LEASE_TIME, start_again),
            *(self.staging, self.remove_data),
        )
        self.renew = RenewLeases(work, clock, self.presence, LEASE_TIME)

    # ------------------------------------------------------------------ given

    def has(self, image: Image) -> Image:
        """Put an image into the catalogue as it is."""
        with self.catalogue() as work:
            work.images.add(image)
            work.commit()
        return image

    def has_member(self, member: Member) -> Member:
        """Put a membership into the catalogue."""
        with self.catalogue() as work:
            work.members.add(member)
            work.commit()
        return member

    def has_lease(self, lease: Lease) -> Lease:
        """Put a lease into the catalogue."""
        with self.catalogue() as work:
            work.leases.add(lease)
            work.commit()
        return lease

    def has_bytes(self, driver: MemoryDriver, key: str, data: bytes = b"abc") -> Location:
        """Put an object into a store."""
        with driver.create(key, len(data)) as handle:
            handle.write(memoryview(data))
            return handle.commit()

    def has_active(self, data: bytes = b"abc", **facts: Any) -> Image:
        """Record an image and upload its data."""
        image = self.has_queued(**facts)
        self.upload(image.id, data)
        return self.look_at(image.id)

    def has_copies(self, **facts: Any) -> Image:
        """Record an image and put its data into both stores."""
        image = self.has_active(**facts)
        copy = self.has_bytes(self.cheap, image.id)
        with self.catalogue() as work:
            image = work.images.get(image.id, seen_by=ADMIN)
            image.locations.append(copy)
            work.images.save(image)
            work.commit()
        return self.look_at(image.id)

    def has_queued(self, **facts: Any) -> Image:
        """Record an image without data."""
        default: dict[str, Any] = {"owner": OWNER, "disk_format": "raw", "container_format": "bare"}
        return self.has(Image(RandomIds().new(), THEN, THEN, **default | facts))

    # ------------------------------------------------------------------ when

    def upload(self, image_id: str, source: bytes | ByteSource, **how: Any) -> None:
        """Upload, as the owner unless said otherwise."""
        caller = how.pop("caller", OWNER_CALLER)
        if isinstance(source, bytes):
            source = io.BytesIO(source)
        self._upload(caller, image_id, source, **how)

    def stage(self, image_id: str, source: bytes | ByteSource, **how: Any) -> None:
        """Stage data, as the owner unless said otherwise."""
        caller = how.pop("caller", OWNER_CALLER)
        if isinstance(source, bytes):
            source = io.BytesIO(source)
        self._stage(caller, image_id, source, **how)

    def work_off(self, halt: threading.Event | None = None) -> None:
        """Work on every task that waits in the queue of this process."""
        while self.queue.waiting:
            self._run_task(self.queue.waiting.pop(0), halt or threading.Event())

    def halt_and_work_off(self) -> None:
        """End in good order: every task that waits is handed back."""
        halt = threading.Event()
        halt.set()
        self.work_off(halt)

    # ------------------------------------------------------------------ then

    def task(self, task_id: str) -> Task:
        """Return what the catalogue holds of a task."""
        with self.catalogue(read_only=True) as work:
            return work.tasks.get(task_id)

    def look_at(self, image_id: str) -> Image:
        """Return what the catalogue holds, also of a deleted image."""
        with self.catalogue(read_only=True) as work:
            image = work.images.get_gone(image_id)
        assert image is not None
        return image

    def status_of(self, image_id: str) -> Status:
        return self.look_at(image_id).status

    @property
    def leases(self) -> Sequence[Lease]:
        with self.catalogue(read_only=True) as work:
            return work.leases.list()

    @property
    def stored(self) -> list[str]:
        """The keys of all objects in all stores."""
        return [*self.fast.keys(), *self.cheap.keys()]

    @property
    def told(self) -> list[str]:
        """The names of the events that were told."""
        return [type(event).__name__ for event in self.notifier.heard]

    def stores_of(self, image_id: str) -> list[str | None]:
        """Name the stores that the catalogue says hold an image."""
        return [location.store for location in self.look_at(image_id).locations]

    def read(self, image_id: str) -> bytes:
        return self.download(OWNER_CALLER, image_id).stream.read()
