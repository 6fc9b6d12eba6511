"""Putting the data of an image into stores (import-and-tasks §4)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from tintype.application.data_path import Digests, metered, pump
from tintype.application.image_import.branches import Branch, Branches, remove_unkept
from tintype.application.image_import.source import Counted, Readable
from tintype.application.locations import by_weight
from tintype.application.staging import Staging
from tintype.application.tasks.engine import Outcome
from tintype.application.tasks.run import Run
from tintype.domain.allowance import Moment
from tintype.domain.errors import (
    DataNotFound,
    ImageTooLarge,
    Invalid,
    OverLimit,
    OverStorageQuota,
    QuotaExceeded,
    SizeMismatch,
    StoresFailed,
    StoreUnavailable,
    WrongDigest,
)
from tintype.domain.image import Content, Image
from tintype.domain.image_import import STAGED_AT, Method
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.ports.format_inspector import FormatInspector
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.storage_driver import StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.ports.unit_of_work import UnitOfWork
from tintype.domain.ports.web_fetcher import WebFetcher
from tintype.domain.quota import Grant, Reservation
from tintype.domain.status import GONE
from tintype.domain.task import Task

LOG = logging.getLogger(__name__)

MIB = 1 << 20
LIMITS = (OverLimit, OverStorageQuota, QuotaExceeded, ImageTooLarge)
"""Errors after which nothing is kept for another try, so that nothing counts."""

_MOMENTS = {
    Method.DIRECT: Moment.DIRECT_IMPORT,
    Method.WEB: Moment.DOWNLOAD,
    Method.COPY: Moment.COPY,
}


@dataclass(frozen=True)
class ImportImage:
    """The job of tasks of type `api_image_import`.

    The data is read once, and flows into all stores, the digests and the inspection at the same
    time. Stores are made to keep it only when all of it is known to be good; the image gets it in
    the transaction that ends the task. With `all_or_none` every store counts as failed when one
    fails that must not.
    """

    stores: Stores
    staging: Staging
    fetcher: WebFetcher
    inspector: FormatInspector
    quotas: QuotaKeeper
    limits: Limits
    hashing_algorithm: str
    all_or_none: bool = False

    def run(self, run: Run) -> Outcome:
        """Import, or begin anew where another process ended."""
        method = _method(run.task)
        allowance = self.quotas.allowance(run.task.owner)
        grant = self._begin(run, method, allowance)
        image = run.image()
        if method is Method.COPY:
            return self._copy(run, image, grant, allowance)
        with self._opened(run, image, method) as source:
            content, locations, failed = self._write(run, image, source, grant)

        def settle(image: Image) -> None:
            image.finish_import(content, locations, failed)
            image.check_location_quota(self.limits)

        tidy = partial(self.staging.remove, image.id)
        return _outcome(run, content, settle, _keeping(allowance, content, locations), tidy)

    def _begin(self, run: Run, method: Method, allowance: Allowance) -> Grant:
        grants: list[Grant] = []

        def step(work: UnitOfWork, image: Image) -> Reservation | None:
            size = image.size if method is not Method.WEB else None
            image.begin_import(_names(run.task), copy=method is Method.COPY)
            work.images.save(image)
            owner = image.owner
            grant = allowance.check(_MOMENTS[method], work.usage, owner=owner, size=size)
            grants[:] = [grant]
            return grant.reservation

        run.begin(step)
        return grants[0]

    # ------------------------------------------------------------------ from where

    @contextmanager
    def _opened(self, run: Run, image: Image, method: Method) -> Iterator[Counted]:
        source: Readable
        if method is Method.WEB:
            source = self.fetcher.open(run.task.secrets["url"])
        else:
            self._require_at_hand(run.task)
            source = self.staging.open(image.id)
        with closing(source):
            yield Counted(source, source.size, run, self._places(run.task))

    def _require_at_hand(self, task: Task) -> None:
        host = self.staging.other_than_own(task.secrets.get(STAGED_AT))
        if host is not None:
            raise StoreUnavailable(
                f"The worker that has the staged data, {host}, left the import: send it again."
            )

    def _copy(self, run: Run, image: Image, grant: Grant, allowance: Allowance) -> Outcome:
        failure: Exception = DataNotFound(image.id, "of the image")
        for location in by_weight(image, self.stores).locations:
            try:
                with self._reading(location) as stream:
                    source = Counted(stream, image.size, run, self._places(run.task))
                    content, locations, failed = self._write(run, image, source, grant)
            except StoresFailed:
                raise
            except (DataNotFound, StoreUnavailable, SizeMismatch, WrongDigest, Invalid) as error:
                LOG.warning("Image %s cannot be copied from one store: %s", image.id, error)
                failure = error
                continue

            def settle(
                image: Image,
                locations: Sequence[Location] = locations,
                failed: Sequence[str] = failed,
            ) -> None:
                image.finish_copy(locations, failed)
                image.check_location_quota(self.limits)

            return _outcome(run, content, settle, _keeping(allowance, content, locations))
        raise failure

    @contextmanager
    def _reading(self, location: Location) -> Iterator[Readable]:
        for driver in self.stores.holding(location):
            with closing(driver.open(location)) as stream:
                yield stream
                return
        raise StoreUnavailable("No enabled store reads this location.")

    # ------------------------------------------------------------------ to where

    def _write(
        self, run: Run, image: Image, source: Counted, grant: Grant
    ) -> tuple[Content, Sequence[Location], Sequence[str]]:
        drivers = self._drivers(run.task)
        with suppress(StoreUnavailable):
            # Who was at it before may have left something; a store that does not answer is told
            # of as a target, below.
            remove_unkept(drivers, image)
        branches = Branches([Branch(driver) for driver in drivers], _must_succeed(run.task))
        with branches.open(image.id, source.size):
            content = self._flow(image, source, branches, grant)
            run.image().require_content(content)
            run.confirm()
            locations = branches.commit()
        return content, locations, branches.failed

    def _flow(self, image: Image, source: Counted, branches: Branches, grant: Grant) -> Content:
        meter = metered(source.size, self.limits.image_size_cap, grant.room)
        digests = Digests((image.os_hash_value and image.os_hash_algo) or self.hashing_algorithm)
        assert image.disk_format and image.container_format  # begin_import has seen to it
        inspection = self.inspector.begin(image.disk_format, image.container_format)
        writers = [partial(branches.write, branch) for branch in branches.branches]
        size = pump(source, (*digests.consumers, inspection.feed, *writers), meter)
        virtual_size = inspection.finish(size).virtual_size
        return Content(size, digests.checksum, digests.algorithm, digests.value, virtual_size)

    def _drivers(self, task: Task) -> Sequence[StorageDriver]:
        names = _names(task)
        return [self._driver(name) for name in names] if names else [self.stores.target(None)]

    def _driver(self, name: str) -> StorageDriver:
        driver = self.stores.named(name)
        if driver is None:
            raise StoresFailed({name: "it is not enabled any more."})
        return driver

    def _places(self, task: Task) -> Sequence[str]:
        return _names(task) or [self.stores.target(None).store]

    # ------------------------------------------------------------------ after a failure

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        """Remove what is in the stores, and what is staged in vain."""
        if _method(run.task) is Method.DIRECT and (
            isinstance(error, LIMITS) or image.status in GONE
        ):
            self.staging.remove(image.id)
        remove_unkept(self._drivers(run.task), image)

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        """Let the image wait for its data, or for another try with what is staged."""
        method, names = _method(task), _names(task)
        staged = method is Method.DIRECT and not isinstance(error, LIMITS)
        staged = staged and self._is_staged(task, image)
        tried_again = staged or method is Method.COPY
        if tried_again and isinstance(error, StoresFailed) and not self.all_or_none:
            names = [name for name in names if name in error.stores]
        image.fail_import(names, staged=staged, host=task.secrets.get(STAGED_AT))

    def _is_staged(self, task: Task, image: Image) -> bool:
        if self.staging.other_than_own(task.secrets.get(STAGED_AT)):
            return True
        try:
            return self.staging.size_of(image.id) is not None
        except StoreUnavailable:
            return True


def _method(task: Task) -> Method:
    return Method(task.input["import_req"]["method"]["name"])


def _names(task: Task) -> Sequence[str]:
    return [str(name) for name in task.input["backend"]]


def _must_succeed(task: Task) -> bool:
    return bool(task.input["import_req"].get("all_stores_must_succeed", True))


def _keeping(
    allowance: Allowance, content: Content, locations: Sequence[Location]
) -> Callable[[UnitOfWork, Image], None]:
    def allow(work: UnitOfWork, image: Image) -> None:
        size = content.size * len(locations)
        allowance.check(Moment.KEEPING, work.usage, owner=image.owner, size=size)

    return allow


def _outcome(
    run: Run,
    content: Content,
    settle: Callable[[Image], None],
    allow: Callable[[UnitOfWork, Image], None],
    afterwards: Callable[[], None] = lambda: None,
) -> Outcome:
    result = {"image_id": run.task.image_id}
    return Outcome(result, settle, f"Copied {content.size // MIB} MiB", allow, afterwards)
