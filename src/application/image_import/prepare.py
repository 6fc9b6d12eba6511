"""Bringing the data of an import into the shape in which it is stored (import-and-tasks §12)."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tintype.application.data_path import Digests, metered, pump
from tintype.application.image_import.source import Readable
from tintype.application.tasks.run import Run
from tintype.domain.errors import DataDamaged, SizeMismatch
from tintype.domain.image import Image
from tintype.domain.limits import Limits
from tintype.domain.ports.import_plugin import Draft, ImportPlugin
from tintype.domain.ports.workbench import Workbench, Workbenches

DOWNLOADED = "in"
ORIGINAL = "original_os_hash"
"""What the names of the properties begin with that keep the digest of data that was changed."""


@dataclass(frozen=True)
class Prepared:
    """Data as it is to be stored, and the image that it belongs to."""

    source: Readable
    draft: Draft


@dataclass(frozen=True)
class PrepareData:
    """Let the site's plugins work on an import, one after the other.

    The data goes to a local workbench if one of them looks at it. Staged data stays where it
    is until the import has succeeded, so that it can be begun anew.
    """

    plugins: Sequence[ImportPlugin]
    benches: Workbenches
    limits: Limits
    hashing_algorithm: str

    @property
    def starts_over(self) -> bool:
        """Whether an import that fails keeps nothing for another try."""
        return any(plugin.starts_over for plugin in self.plugins)

    def draft(self, run: Run, image: Image) -> Draft:
        """Return the image as it is."""
        return Draft(
            image.id,
            image.disk_format or "",
            image.container_format or "",
            frozenset(filter(None, run.task.secrets.get("roles", "").split(","))),
            self.limits.image_size_cap,
            run.check,
        )

    @contextmanager
    def __call__(
        self, run: Run, image: Image, draft: Draft, source: Readable, room: int | None
    ) -> Iterator[Prepared]:
        """Give the data after the plugins; `room` is what a quota leaves for it, in bytes.

        Raises:
            TintypeError: a plugin refuses it, or it does not fit.
        """
        if not any(plugin.needs_data for plugin in self.plugins):
            self._apply(draft)
            yield Prepared(source, draft)
            return
        with self.benches.open(image.id, run.lease.id) as bench:
            draft.bench = bench
            original = self._bring(run, image, bench, source, room)
            source.close()
            self._apply(draft)
            if draft.changed and original is not None:
                algorithm, value = original
                draft.properties |= {f"{ORIGINAL}_algo": algorithm, f"{ORIGINAL}_value": value}
            with closing(bench.open()) as data:
                yield Prepared(data, draft)

    def _apply(self, draft: Draft) -> None:
        for plugin in self.plugins:
            plugin(draft)

    def _bring(
        self, run: Run, image: Image, bench: Workbench, source: Readable, room: int | None
    ) -> tuple[str, str] | None:
        """Bring the data, and return its digest if that is known now."""
        if image.size is not None and source.size not in (None, image.size):
            # As many bytes as the image has were staged, if that was found out at the time.
            cut = image.verdict is not None
            raise DataDamaged if cut else SizeMismatch(image.size, source.size or 0)
        if bench.link(source):
            verdict = image.verdict
            return (verdict.os_hash_algo, verdict.os_hash_value) if verdict else None
        digests = Digests(self.hashing_algorithm)
        meter = metered(source.size, self.limits.image_size_cap, room)
        if source.size is not None:
            bench.require_room(source.size)
        with bench.filling(DOWNLOADED) as sink:
            pump(_Wanted(source, run), (sink.write, digests.consumers[-1]), meter)
        return digests.algorithm, digests.value


class _Wanted:
    """Bytes for the data path, only as long as they are wanted."""

    def __init__(self, source: Readable, run: Run) -> None:
        self._source = source
        self._run = run

    def readinto(self, buffer: memoryview, /) -> int:
        """Fill the buffer from its start; 0 at the end."""
        self._run.check()
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
