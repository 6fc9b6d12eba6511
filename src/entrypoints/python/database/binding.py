"""The database that the functions of this process speak to."""

from dataclasses import dataclass

from tintype.application.records.catalogue import RecordCatalogue
from tintype.entrypoints.definition_files import DefinitionFiles
from tintype.entrypoints.python.database.errors import translated


@dataclass
class _Bound:
    """What `configure` bound; the process keeps nothing else."""

    catalogue: RecordCatalogue | None = None
    files: DefinitionFiles | None = None


_BOUND = _Bound()


def configure(connection_url: str, *, metadata_encryption_key: str | None = None) -> None:
    """Have all functions speak to this database, and make its tables if need be.

    With `sqlite://` each call begins with an empty database in memory, which the threads of the
    process share. Nobody else should be calling functions meanwhile.

    With a key, of 16, 24 or 32 characters, URLs of locations are kept encrypted and come back as
    they are; without one, those that are encrypted come back encrypted (database §3).

    Raises:
        BadStoreConfiguration: URL or key cannot be used, or the database cannot be taken over.
        CatalogueUnavailable: the database does not answer.
    """
    # Slow to load: programs that only want names need none of it.
    from tintype.entrypoints.container import open_records

    with translated():
        catalogue, files = open_records(connection_url, metadata_encryption_key)
    before = _BOUND.catalogue
    _BOUND.catalogue, _BOUND.files = catalogue, files
    if before is not None:
        before.close()


def bound() -> RecordCatalogue:
    """Return what `configure` bound.

    Raises:
        RuntimeError: it was not called.
    """
    if _BOUND.catalogue is None:
        raise RuntimeError("Call tintype.entrypoints.python.database.configure(url) first.")
    return _BOUND.catalogue


def bound_files() -> DefinitionFiles:
    """Return what loads definitions into the database; raises as `bound`."""
    bound()
    assert _BOUND.files is not None, "both are bound together"
    return _BOUND.files
