"""Putting prepared data into the stores of an import (import-and-tasks §4 and §14)."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from tintype.application.data_path import Consumer, Digests, metered, pump
from tintype.application.image_import.branches import Branch, Branches, remove_unkept
from tintype.application.image_import.prepare import Prepared
from tintype.application.image_import.source import Counted
from tintype.application.signing import NoCheck, Signatures
from tintype.application.tasks.run import Run
from tintype.domain.caller import Caller
from tintype.domain.errors import DataDamaged, FormatMismatch, StoresFailed, StoreUnavailable
from tintype.domain.image import Content, Image
from tintype.domain.image_import import Method, method_of, must_succeed, stores_named
from tintype.domain.limits import Limits
from tintype.domain.location import Location
from tintype.domain.ports.format_inspector import FormatInspector
from tintype.domain.ports.signatures import SignatureCheck
from tintype.domain.ports.storage_driver import OfFile, StorageDriver
from tintype.domain.ports.stores import Stores
from tintype.domain.staged import Verdict
from tintype.domain.task import Task


@dataclass(frozen=True)
class Written:
    """Data that stores have for good, and the stores that failed and might."""

    content: Content
    locations: Sequence[Location]
    failed: Sequence[str]


@dataclass(frozen=True)
class WriteStores:
    """Read data once, into all stores at the same time; none keeps any before all of it is good.

    What was found out about staged data is believed, as long as its digest is still the same.
    """

    stores: Stores
    inspector: FormatInspector
    limits: Limits
    hashing_algorithm: str
    signatures: Signatures

    def __call__(
        self,
        run: Run,
        image: Image,
        prepared: Prepared,
        room: int | None,
        verdict: Verdict | None = None,
    ) -> Written:
        """Write the data; `room` is what a quota leaves for it, in bytes.

        Raises:
            FormatMismatch, SizeMismatch, WrongDigest, StoresFailed, …: no store has any of it,
                as far as they could be reached.
        """
        drivers = self.drivers(run.task, image)
        changed = prepared.draft.changed
        if verdict is not None:
            self._require_good(image, prepared, verdict)
        with suppress(StoreUnavailable):
            # Who was at it before may have left something; a store that does not answer is told
            # of as a target, below.
            remove_unkept(drivers, image)
        branches = Branches([Branch(driver) for driver in drivers], must_succeed(run.task))
        source = Counted(prepared.source, prepared.source.size, run, self.places(run.task))
        with branches.open(image.id, source.size, self._file(run.task, prepared)):
            check = self._check(run.task, image)
            content = self._flow(image, prepared, source, branches, room, verdict, check)
            run.image().require_content(content, changed=changed)
            run.confirm()
            locations = branches.commit()
        return Written(content, locations, branches.failed)

    def _require_good(self, image: Image, prepared: Prepared, verdict: Verdict) -> None:
        """Refuse staged data before any of it is read again."""
        draft = prepared.draft
        if verdict.judged(draft.disk_format, draft.container_format) and verdict.refusal:
            raise FormatMismatch(verdict.refusal)
        if image.os_hash_value is None or image.os_hash_algo == verdict.os_hash_algo:
            image.require_content(_content(verdict))

    def _flow(
        self,
        image: Image,
        prepared: Prepared,
        source: Counted,
        branches: Branches,
        room: int | None,
        verdict: Verdict | None,
        check: SignatureCheck,
    ) -> Content:
        draft = prepared.draft
        algorithm = (image.os_hash_value and image.os_hash_algo) or self.hashing_algorithm
        known = verdict if verdict is not None and verdict.os_hash_algo == algorithm else None
        digests = Digests(algorithm, known.checksum if known is not None else None)
        consumers: list[Consumer] = [*digests.consumers, check.feed]
        consumers += [partial(branches.write, branch) for branch in branches.branches]
        judged = known is not None and known.judged(draft.disk_format, draft.container_format)
        inspection = self.inspector.begin(draft.disk_format, draft.container_format)
        if not judged:
            consumers.append(inspection.feed)
        meter = metered(source.size, self.limits.image_size_cap, room)
        size = pump(source, consumers, meter)
        check.finish()
        if known is not None and (size, digests.value) != (known.size, known.os_hash_value):
            raise DataDamaged
        content = Content(size, digests.checksum, digests.algorithm, digests.value, None)
        if known is not None and judged:
            return replace(content, virtual_size=known.virtual_size)
        return replace(content, virtual_size=inspection.finish(size).virtual_size)

    def _file(self, task: Task, prepared: Prepared) -> OfFile | None:
        # What is staged, or on a workbench, is removed in the end; what is copied stays.
        copied = method_of(task) is Method.COPY
        return prepared.source if isinstance(prepared.source, OfFile) and not copied else None

    def _check(self, task: Task, image: Image) -> SignatureCheck:
        # A copy is of data that was checked when it came.
        copied = method_of(task) is Method.COPY
        return NoCheck() if copied else self.signatures.check_of_task(image, task)

    def drivers(self, task: Task, image: Image) -> Sequence[StorageDriver]:
        """Return the drivers of a task's stores, for the owner of its image.

        Raises:
            StoresFailed: one is not enabled any more.
        """
        names, stores = self.names(task), self.stores.acting_for(Caller(project_id=image.owner))
        return [_driver(stores, name) for name in names] if names else [stores.target(None)]

    def names(self, task: Task) -> Sequence[str]:
        """Return the ids of a task's stores; none where they have no names."""
        named = stores_named(task)
        if not named and self.stores.multiple:
            return [self.stores.target(None).store]
        return named

    def places(self, task: Task) -> Sequence[str]:
        """Return the ids of a task's stores."""
        return stores_named(task) or [self.stores.target(None).store]


def _content(verdict: Verdict) -> Content:
    return Content(
        verdict.size,
        verdict.checksum,
        verdict.os_hash_algo,
        verdict.os_hash_value,
        verdict.virtual_size,
    )


def _driver(stores: Stores, name: str) -> StorageDriver:
    driver = stores.named(name)
    if driver is None:
        raise StoresFailed({name: "it is not enabled any more."})
    return driver
