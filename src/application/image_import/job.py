"""Putting the data of an image into stores (import-and-tasks §4)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from tintype.application.image_import.branches import remove_unkept
from tintype.application.image_import.prepare import Prepared, PrepareData
from tintype.application.image_import.remote import RemoteSource
from tintype.application.image_import.source import Readable, Verified
from tintype.application.image_import.write import WriteStores, Written
from tintype.application.locations import by_weight
from tintype.application.staging import Staging
from tintype.application.tasks.engine import Outcome
from tintype.application.tasks.run import Run
from tintype.domain.allowance import Moment
from tintype.domain.errors import (
    BadSignature,
    DataDamaged,
    DataNotFound,
    FormatMismatch,
    ImageTooLarge,
    IncompleteSignature,
    Invalid,
    OverLimit,
    OverStorageQuota,
    QuotaExceeded,
    SizeMismatch,
    StoresFailed,
    StoreUnavailable,
    WrongDigest,
)
from tintype.domain.image import Image
from tintype.domain.image_import import STAGED_AT, Method, expected_of, method_of
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.ports.import_plugin import Draft
from tintype.domain.ports.quota_keeper import Allowance, QuotaKeeper
from tintype.domain.ports.unit_of_work import UnitOfWork
from tintype.domain.ports.web_fetcher import WebFetcher
from tintype.domain.quota import Grant, Reservation
from tintype.domain.status import GONE, Status
from tintype.domain.task import Task

LOG = logging.getLogger(__name__)

MIB = 1 << 20
HOPELESS = (
    *(OverLimit, OverStorageQuota, QuotaExceeded, ImageTooLarge),
    *(BadSignature, IncompleteSignature),
)
"""Errors after which nothing is kept for another try, so that nothing counts."""

_MOMENTS = {
    Method.DIRECT: Moment.DIRECT_IMPORT,
    Method.WEB: Moment.DOWNLOAD,
    Method.REMOTE: Moment.DOWNLOAD,
    Method.COPY: Moment.COPY,
}


@dataclass(frozen=True)
class ImportImage:
    """The job of tasks of type `api_image_import`, and what those of type `import` come to.

    Plugins work on the data first. Then it is read once, and flows into all stores, the digests
    and the inspection at the same time. Stores are made to keep it only when all of it is known
    to be good; the image gets it in the transaction that ends the task. With `all_or_none` every
    store counts as failed when one fails that must not.
    """

    staging: Staging
    fetcher: WebFetcher
    remote: RemoteSource
    prepare: PrepareData
    write: WriteStores
    quotas: QuotaKeeper
    limits: Limits
    all_or_none: bool = False

    def run(self, run: Run) -> Outcome:
        """Import, or begin anew where another process ended."""
        method = method_of(run.task)
        allowance = self.quotas.allowance(run.task.owner)
        grant = self._begin(run, method, allowance)
        image = run.image()
        if method is Method.COPY:
            return self._copy(run, image, grant, allowance)
        draft = self.prepare.draft(run, image)
        formats = image.disk_format, image.container_format
        with (
            self._opened(run, draft, method) as source,
            self.prepare(run, image, draft, source, grant.room) as prepared,
        ):
            verdict = None if draft.changed or method is not Method.DIRECT else image.verdict
            written = self.write(run, image, prepared, grant.room, verdict)
        settle = partial(self._settle, draft, written, formats)
        return _outcome(run, written, settle, allowance, partial(self.staging.remove, image.id))

    def _begin(self, run: Run, method: Method, allowance: Allowance) -> Grant:
        grants: list[Grant] = []

        def step(work: UnitOfWork, image: Image) -> Reservation | None:
            size = image.size if method in (Method.DIRECT, Method.COPY) else None
            image.begin_import(self.write.names(run.task), copy=method is Method.COPY)
            work.images.save(image)
            owner = image.owner
            grant = allowance.check(_MOMENTS[method], work.usage, owner=owner, size=size)
            grants[:] = [grant]
            return grant.reservation

        run.begin(step)
        return grants[0]

    def _settle(
        self, draft: Draft, written: Written, formats: tuple[str | None, str | None], image: Image
    ) -> None:
        if (image.disk_format, image.container_format) != formats:
            raise FormatMismatch(
                "The formats of the image were changed while its data was imported, which was "
                "held to those of before. Import it again."
            )
        image.reshape(draft.disk_format, draft.container_format, draft.properties)
        image.finish_import(written.content, written.locations, written.failed)
        image.check_location_quota(self.limits)

    # ------------------------------------------------------------------ from where

    @contextmanager
    def _opened(self, run: Run, draft: Draft, method: Method) -> Iterator[Readable]:
        source: Readable
        if method is Method.WEB:
            source = self.fetcher.open(run.task.secrets["url"])
        elif method is Method.REMOTE:
            source = self.remote.open(run.task, draft)
        else:
            self._require_at_hand(run.task)
            source = self.staging.open(draft.image_id)
        expected = expected_of(run.task)
        if expected is not None:
            source = Verified(source, None, expected.algorithm, expected.value)
        with closing(source):
            yield source

    def _require_at_hand(self, task: Task) -> None:
        host = self.staging.other_than_own(task.secrets.get(STAGED_AT))
        if host is not None:
            raise StoreUnavailable(
                f"The worker that has the staged data, {host}, left the import: send it again."
            )

    def _copy(self, run: Run, image: Image, grant: Grant, allowance: Allowance) -> Outcome:
        draft = self.prepare.draft(run, image)
        failure: Exception = DataNotFound(image.id, "of the image")
        for location in by_weight(image, self.write.stores).locations:
            try:
                with self._reading(location) as stream:
                    source = Announced(stream, image.size)
                    written = self.write(run, image, Prepared(source, draft), grant.room)
            except StoresFailed:
                raise
            except (DataNotFound, StoreUnavailable, SizeMismatch, WrongDigest, Invalid) as error:
                LOG.warning("Image %s cannot be copied from one store: %s", image.id, error)
                failure = error
                continue
            return _outcome(run, written, partial(self._settle_copy, written), allowance)
        raise failure

    def _settle_copy(self, written: Written, image: Image) -> None:
        image.finish_copy(written.locations, written.failed)
        image.check_location_quota(self.limits)

    @contextmanager
    def _reading(self, location: Location) -> Iterator[Readable]:
        for driver in self.write.stores.holding(location):
            with closing(driver.open(location)) as stream:
                yield stream
                return
        raise StoreUnavailable("No enabled store reads this location.")

    # ------------------------------------------------------------------ after a failure

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        """Remove what is in the stores, and what is staged in vain."""
        useless = self._is_final(error) or isinstance(error, DataDamaged) or image.status in GONE
        if method_of(run.task) is Method.DIRECT and useless:
            self.staging.remove(image.id)
        remove_unkept(self.write.drivers(run.task, image), image)

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        """Let the image wait for its data, or for another try with what is staged.

        An import of staged data is shown for a while as it failed, even if that data is lost.
        """
        method, names = method_of(task), self.write.names(task)
        shown = method is Method.DIRECT and not self._is_final(error)
        staged = shown and self._is_staged(task, image)
        shown = staged or (shown and image.status is Status.IMPORTING)
        tried_again = shown or method is Method.COPY
        one_by_one = method is Method.COPY or not self.all_or_none
        if tried_again and isinstance(error, StoresFailed) and one_by_one:
            names = [name for name in names if name in error.stores]
        host = task.secrets.get(STAGED_AT) if staged else None
        image.fail_import(names, shown=shown, host=host)

    def _is_final(self, error: Exception) -> bool:
        return self.prepare.starts_over or isinstance(error, HOPELESS)

    def _is_staged(self, task: Task, image: Image) -> bool:
        if self.staging.other_than_own(task.secrets.get(STAGED_AT)):
            return True
        try:
            return self.staging.size_of(image.id) is not None
        except StoreUnavailable:
            return True


class Announced:
    """The bytes of a copy, of which the image says how many they must be."""

    def __init__(self, source: Readable, size: int | None) -> None:
        self.size = size
        self.read, self.close = source.read, source.close


def _keeping(allowance: Allowance, written: Written) -> Callable[[UnitOfWork, Image], None]:
    def allow(work: UnitOfWork, image: Image) -> None:
        size = written.content.size * len(written.locations)
        allowance.check(Moment.KEEPING, work.usage, owner=image.owner, size=size)

    return allow


def _outcome(
    run: Run,
    written: Written,
    settle: Callable[[Image], None],
    allowance: Allowance,
    afterwards: Callable[[], None] = lambda: None,
) -> Outcome:
    result = {"image_id": run.task.image_id}
    message = f"Copied {written.content.size // MIB} MiB"
    return Outcome(result, settle, message, _keeping(allowance, written), afterwards)
