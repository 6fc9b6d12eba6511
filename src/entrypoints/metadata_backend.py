"""What brings definitions of metadata into the catalogue, and takes them out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tintype.domain.metadef.merge import Merge
from tintype.entrypoints.definition_files import Loaded


class MetadataBackend(Protocol):
    """One is chosen by its name; other packages may bring more."""

    def load_metadefs(
        self, path: Path, merge: Merge = Merge.SKIP, *, dry_run: bool = False
    ) -> Iterator[Loaded]:
        """Load a file, or those of a directory in order of name, each whole or not at all.

        Raises:
            Invalid: there is nothing to load; CatalogueUnavailable.
        """

    def unload_metadefs(self) -> None:
        """Delete all definitions, the protected ones too."""

    def export_metadefs(self, folder: Path) -> Iterator[Path]:
        """Write every namespace into a file of a directory, and yield the files.

        Raises:
            Invalid: a file cannot be written; CatalogueUnavailable.
        """
