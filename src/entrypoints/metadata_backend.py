"""What brings definitions of metadata into the catalogue, and takes them out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tintype.domain.errors import Invalid
from tintype.domain.metadef.merge import Merge
from tintype.entrypoints.definition_files import Loaded


class MetadataBackend(Protocol):
    """One is chosen by its name; other packages may bring more.

    What they return is read to its end, so they may do the work while it is read.
    """

    def load_metadefs(self, path: Path, merge: Merge, *, dry_run: bool) -> Iterable[Loaded]:
        """Load a file, or those of a directory in order of name, each whole or not at all.

        Raises:
            Invalid: there is nothing to load; CatalogueUnavailable.
        """

    def unload_metadefs(self) -> object:
        """Delete all definitions, the protected ones too."""

    def export_metadefs(self, folder: Path) -> Iterable[Path]:
        """Write every namespace into a file of a directory, and return the files.

        Raises:
            Invalid: a file cannot be written; CatalogueUnavailable.
        """


@runtime_checkable
class SteppingBackend(Protocol):
    """What a backend may have besides: the same by steps, or what they would be in a dry run."""

    def loading(self, path: Path, merge: Merge, *, dry_run: bool) -> Iterator[Loaded]:
        """Yield each file when it is loaded. Raises as `load_metadefs`."""

    def unloading(self, *, dry_run: bool) -> Iterator[str]:
        """Yield the name of each namespace that is deleted."""

    def exporting(self, folder: Path, *, dry_run: bool) -> Iterator[Path]:
        """Yield each file when it is written. Raises as `export_metadefs`."""


@dataclass(frozen=True)
class ConfiguredBackend:
    """The backend that the configuration names.

    Files lie at `source` unless a path is given. Of each function there are two: one has done
    everything when it returns, the other does the next step when the next result is asked for,
    where the backend is one that goes by steps.
    """

    backend: MetadataBackend
    source: Path

    def load_metadefs(
        self, path: Path | None = None, merge: Merge = Merge.SKIP, *, dry_run: bool = False
    ) -> Sequence[Loaded]:
        """Load a file, or those of a directory, and return what became of each.

        Raises:
            Invalid: there is nothing to load; CatalogueUnavailable.
        """
        return [*self.loading(path, merge, dry_run=dry_run)]

    def unload_metadefs(self, *, dry_run: bool = False) -> Sequence[str]:
        """Delete all definitions and return the names of the namespaces, where the backend tells.

        Raises:
            Invalid: the backend knows no dry run; CatalogueUnavailable.
        """
        return [*self.unloading(dry_run=dry_run)]

    def export_metadefs(
        self, folder: Path | None = None, *, dry_run: bool = False
    ) -> Sequence[Path]:
        """Write every namespace into a file of a directory, and return the files.

        Raises:
            Invalid: a file cannot be written, or the backend knows no dry run;
                CatalogueUnavailable.
        """
        return [*self.exporting(folder, dry_run=dry_run)]

    def loading(
        self, path: Path | None = None, merge: Merge = Merge.SKIP, *, dry_run: bool = False
    ) -> Iterator[Loaded]:
        """Yield each file when it is loaded. Raises as `load_metadefs`."""
        path = path or self.source
        if isinstance(self.backend, SteppingBackend):
            return self.backend.loading(path, merge, dry_run=dry_run)
        return iter(self.backend.load_metadefs(path, merge, dry_run=dry_run))

    def unloading(self, *, dry_run: bool = False) -> Iterator[str]:
        """Yield the name of each namespace that is deleted. Raises as `unload_metadefs`."""
        if isinstance(self.backend, SteppingBackend):
            return self.backend.unloading(dry_run=dry_run)
        _require_work(dry_run)
        self.backend.unload_metadefs()
        return iter(())

    def exporting(self, folder: Path | None = None, *, dry_run: bool = False) -> Iterator[Path]:
        """Yield each file when it is written. Raises as `export_metadefs`."""
        folder = folder or self.source
        if isinstance(self.backend, SteppingBackend):
            return self.backend.exporting(folder, dry_run=dry_run)
        _require_work(dry_run)
        return iter(self.backend.export_metadefs(folder))


def _require_work(dry_run: bool) -> None:
    if dry_run:
        raise Invalid(
            "The configured metadata_backend knows no dry run of this: leave it out, or configure "
            "another backend."
        )
