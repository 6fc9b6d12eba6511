"""Accepting the place of an image's data (images-api §9.2)."""

from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.retry import retried
from tintype.application.tasks.import_lock import ImportLock
from tintype.application.tasks.start import StartTask
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, WrongStatus
from tintype.domain.image import Image
from tintype.domain.lease import Lease
from tintype.domain.location import Location
from tintype.domain.location_import import ExpectedHash
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.status import Status
from tintype.domain.task import Task, TaskType
from tintype.domain.uri_filter import UriFilter, without_credentials

WEB = frozenset({"http", "https"})
"""Schemes of URLs that anybody may send, if there is a store that reads them."""


@dataclass(frozen=True)
class StartLocationImport:
    """Take a URL for the data of a queued image; everything else happens later.

    The checks come in the order of the specification. Looking a host up may take long, so
    that the image is only locked when all of them have passed.
    """

    work: Work
    access: Access
    stores: Stores
    uri_filter: UriFilter
    lock: ImportLock
    start: StartTask

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        url: str,
        expected: tuple[str, str] | None = None,
        request_id: str | None = None,
    ) -> Task:
        """Return the task that will see to it; `expected` is an algorithm and a digest.

        Raises:
            ImageNotFound: there is none that the caller may see.
            WrongStatus: the image is not queued.
            Forbidden: the caller may not, or not with such a URL.
            Invalid, UriRefused, FormatsMissing: the digest, the URL or the image is no good.
            ImportLocked: another task is at work on the image.
        """
        self.access.require_writer(caller)
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=self.access.as_service(caller))
        _require_queued(image)
        self.access.require_change(caller, "add_image_location", image, by_services=True)
        scheme = Location(url).scheme
        self._require_trusted(caller, scheme)
        held_to = ExpectedHash(*expected) if expected else None
        if scheme in WEB:
            self.uri_filter.check(url)
        image.require_formats()
        task, lease = self._record(caller, image_id, url, held_to, request_id)
        self.start.submit(lease)
        return task

    def _require_trusted(self, caller: Caller, scheme: str) -> None:
        if "service" in caller.roles | caller.service_roles:
            return
        if scheme not in WEB or all(store.type != "http" for store in self.stores.list()):
            raise Forbidden("Only http(s) URLs may be given without the role 'service'.")

    @retried
    def _record(
        self,
        caller: Caller,
        image_id: str,
        url: str,
        expected: ExpectedHash | None,
        request_id: str | None,
    ) -> tuple[Task, Lease]:
        task = Task.create(
            self.start.ids.new(),
            TaskType.LOCATION_IMPORT,
            self.start.clock.now(),
            caller,
            request_id,
            image_id=image_id,
            input=_shown(image_id, url, expected),
            secrets={"url": url},
        )
        with self.work() as work:
            seer = self.access.as_service(caller)
            image = work.images.get(image_id, seen_by=seer, for_update=True)
            _require_queued(image)
            self.lock.take(work, image, task.id)
            lease = self.start.record(work, task)
            with self.start.given_up.unless_done(lease):
                work.commit()
        return task, lease


def _require_queued(image: Image) -> None:
    if image.status is not Status.QUEUED:
        raise WrongStatus(image.id, image.status, Status.IMPORTING)


def _shown(image_id: str, url: str, expected: ExpectedHash | None) -> dict[str, object]:
    """Say what the task is about, without credentials: the image's owner reads it."""
    validation = (
        {"os_hash_algo": expected.algorithm, "os_hash_value": expected.value} if expected else {}
    )
    return {
        "image_id": image_id,
        "loc_url": without_credentials(url),
        "validation_data": validation,
    }
