"""Accepting an import (import-and-tasks §3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tintype.application.access import Access
from tintype.application.image_import.remote import secrets_of
from tintype.application.image_import.targets import NothingToDo, require_ready, targets
from tintype.application.images.removal import leaving
from tintype.application.retry import retried
from tintype.application.signing import Signatures
from tintype.application.staging import Staging
from tintype.application.tasks.import_lock import ImportLock
from tintype.application.tasks.start import StartTask
from tintype.domain.allowance import Moment
from tintype.domain.caller import Caller
from tintype.domain.errors import BeingRemoved, Conflict, Invalid, UriRefused
from tintype.domain.image import Image
from tintype.domain.image_import import STAGED_AT, ImportRequest, Method
from tintype.domain.lease import Lease
from tintype.domain.ports.fellow_workers import FellowWorkers, PassedOn
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork, Work
from tintype.domain.task import Task, TaskType
from tintype.domain.uri_filter import UriFilter


@dataclass(frozen=True)
class StartImport:
    """Take an image's data into stores; everything but the checks happens later.

    The checks come in the order of the specification, but permission before state. Looking a
    host up may take long, and so may asking a store whether it has the image, so that the image is
    only locked when all of them have passed; what may have changed by then is looked at again.
    """

    work: Work
    access: Access
    stores: Stores
    staging: Staging
    uri_filter: UriFilter
    lock: ImportLock
    start: StartTask
    quotas: QuotaKeeper
    methods: Collection[str]
    fellows: FellowWorkers
    signatures: Signatures

    def __call__(
        self,
        caller: Caller,
        image_id: str,
        request: ImportRequest,
        request_id: str | None = None,
        *,
        passed_on: bool = False,
    ) -> Task | PassedOn | None:
        """Return the task that will see to it; None if there is nothing to be done.

        What another worker has staged is its to import: then its answer is returned, unless
        the request was `passed_on` to this one already.

        Raises:
            WorkerSilent, WorkerGarbled: that worker cannot be asked.
            Invalid, UriRefused: the request is wrong in itself.
            OverLimit: the caller's project has too much already.
            ImageNotFound, Forbidden: the caller may not.
            Conflict, ImportLocked, StoreNotEnabled: it does not fit the image or the stores.
        """
        self.access.require_writer(caller)
        if request.method not in self.methods:
            raise Invalid(f"Import method '{request.method}' is not enabled.")
        self._require_room(caller)
        with self.work(read_only=True) as work:
            image = work.images.get(image_id, seen_by=caller)
            self._check(work, caller, request, image)
        try:
            stores = targets(self.stores, request, image)
        except NothingToDo:
            return None
        host = self._elsewhere(request, image)
        if host is not None:
            return self._pass_on(host, caller, image_id, request, passed_on)
        if request.method is Method.WEB:
            self._require_fetchable(request.uri)
        secrets = self._secrets(caller, request, image)
        task, lease = self._record(caller, image_id, request, stores, request_id, secrets)
        self.start.submit(lease)
        return task

    def _require_room(self, caller: Caller) -> None:
        allowance = self.quotas.allowance(caller.project_id)
        with self.work() as work:
            allowance.check(Moment.IMPORT, work.usage)

    def _check(
        self, work: UnitOfWork, caller: Caller, request: ImportRequest, image: Image
    ) -> None:
        if request.method is Method.COPY:
            self.access.require(caller, "copy_image", image)
        else:
            self.access.require_change(caller, "modify_image", image)
            self._let_be_tried_again(request, image)
        require_ready(request, image)
        self.lock.require_free(work, image)

    def _require_none_leaving(
        self, work: UnitOfWork, request: ImportRequest, image: Image, stores: Sequence[str]
    ) -> None:
        """Refuse to copy to where data of the image is on its way out: both are at one place.

        Raises:
            BeingRemoved: it is, in one of the stores, or in that which has no name.
        """
        if request.method is not Method.COPY:
            return
        for location in leaving(work, image.id):
            if not stores or self.stores.identify(location).store in stores:
                raise BeingRemoved(image.id)

    def _let_be_tried_again(self, request: ImportRequest, image: Image) -> None:
        if image.import_failed and self._elsewhere(request, image):
            image.end_failed_import(0)  # how much there is the other worker knows
        else:
            self.staging.end_failed_import(image)

    def _elsewhere(self, request: ImportRequest, image: Image) -> str | None:
        return self.staging.elsewhere(image) if request.method is Method.DIRECT else None

    def _pass_on(
        self, host: str, caller: Caller, image_id: str, request: ImportRequest, passed_on: bool
    ) -> PassedOn:
        if passed_on:
            raise Conflict(
                f"The data of image {image_id} was staged by {host}, and this worker is "
                f"{self.staging.own_url}: tell the operator to set worker_self_reference_url."
            )
        return self.fellows.import_image(
            host, caller, image_id, request.received, request.header_store
        )

    def _require_fetchable(self, uri: str | None) -> None:
        if not uri:
            raise UriRefused("None")
        self.uri_filter.check(uri)

    def _secrets(self, caller: Caller, request: ImportRequest, image: Image) -> Mapping[str, str]:
        """Return what the task needs to know and nobody is shown."""
        needed = {"roles": ",".join(sorted(caller.roles))}
        if request.method is Method.WEB and request.uri:
            needed["url"] = request.uri
        if request.method is Method.DIRECT and image.stage_host is not None:
            needed[STAGED_AT] = image.stage_host
        if request.method is Method.REMOTE:
            needed.update(secrets_of(caller))
        if request.method is not Method.COPY:
            needed.update(self.signatures.for_task(image, caller))
        return needed

    @retried
    def _record(
        self,
        caller: Caller,
        image_id: str,
        request: ImportRequest,
        stores: Sequence[str],
        request_id: str | None,
        secrets: Mapping[str, str],
    ) -> tuple[Task, Lease]:
        task = Task.create(
            self.start.ids.new(),
            TaskType.API_IMAGE_IMPORT,
            self.start.clock.now(),
            caller,
            request_id,
            image_id=image_id,
            input={"image_id": image_id, "import_req": request.body, "backend": list(stores)},
            secrets=secrets,
        )
        with self.work() as work:
            image = work.images.get(image_id, seen_by=caller, for_update=True)
            if image.import_failed:
                self.staging.end_failed_import(image)
                work.images.save(image)
            require_ready(request, image)
            self._require_none_leaving(work, request, image, stores)
            self.lock.take(work, image, task.id)
            lease = self.start.record(work, task)
            with self.start.given_up.unless_done(lease):
                work.commit()
        return task, lease
