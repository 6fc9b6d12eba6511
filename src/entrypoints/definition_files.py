"""Files of metadata definitions: into the catalogue, and out of it (metadefs §6)."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tintype.application.metadefs.load import ExportNamespaces, LoadNamespace, UnloadNamespaces
from tintype.domain.errors import CatalogueUnavailable, Invalid, TintypeError
from tintype.domain.metadef.merge import Merge, Outcome
from tintype.domain.metadef.namespace import Definitions
from tintype.domain.metadef.part import Association, Object, Property, Tag
from tintype.entrypoints.http.schemas.metadef.bodies import load_namespace

STARTER = Path(__file__).parent / "starter"
"""Where the definitions are that come with the package."""

SOURCE = Path("/etc/glance/metadefs/")
"""Where definitions are unless somebody says; the option `metadata_source_path` begins as this."""

MAX_BYTES = 250
"""The most that the name of a file has; file systems hold 255."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file: its namespace and the outcome, or what is wrong with it."""

    file: Path
    namespace: str = ""
    outcome: Outcome | None = None
    problem: str = ""


@dataclass(frozen=True)
class DefinitionFiles:
    """Loads and exports definitions, a namespace a file, and empties the catalogue of them.

    Files lie at `source` unless a path is given. Of each function there are two: one has done
    everything when it returns, the other does the next step when the next result is asked for.
    A dry run only says what would be done.
    """

    load_one: LoadNamespace
    unload_all: UnloadNamespaces
    export_all: ExportNamespaces
    source: Path = SOURCE

    def load_metadefs(
        self, path: Path | None = None, merge: Merge = Merge.SKIP, *, dry_run: bool = False
    ) -> Sequence[Loaded]:
        """Load a file, or those of a directory in order of name, each whole or not at all.

        Raises:
            Invalid: there is nothing to load; CatalogueUnavailable.
        """
        return [*self.loading(path or self.source, merge, dry_run=dry_run)]

    def loading(self, path: Path, merge: Merge, *, dry_run: bool = False) -> Iterator[Loaded]:
        """Yield each file when it is loaded. Raises as `load_metadefs`."""
        return (self._load(file, merge, dry_run=dry_run) for file in files_in(path))

    def _load(self, file: Path, merge: Merge, *, dry_run: bool) -> Loaded:
        try:
            values, content = load_namespace(orjson.loads(file.read_bytes()))
            outcome = self.load_one(values, content, merge, dry_run=dry_run)
        except CatalogueUnavailable:
            raise
        except OSError as error:
            return Loaded(file, problem=f"it cannot be read: {error.strerror}")
        except ValueError as error:
            return Loaded(file, problem=f"it is no JSON: {error}")
        except TintypeError as error:
            return Loaded(file, problem=str(error))
        return Loaded(file, values["name"], outcome)

    def unload_metadefs(self, *, dry_run: bool = False) -> Sequence[str]:
        """Delete all definitions, the protected ones too, and return the namespaces' names.

        Raises:
            CatalogueUnavailable: the database does not answer; nothing is deleted.
        """
        return [*self.unloading(dry_run=dry_run)]

    def unloading(self, *, dry_run: bool = False) -> Iterator[str]:
        """Yield the names of the namespaces, which are deleted all at once.

        Raises as `unload_metadefs`.
        """
        yield from self.unload_all(dry_run=dry_run)

    def export_metadefs(
        self, folder: Path | None = None, *, dry_run: bool = False
    ) -> Sequence[Path]:
        """Write every namespace into a file named after it, and return the files.

        Raises:
            Invalid: a file cannot be written; CatalogueUnavailable.
        """
        return [*self.exporting(folder or self.source, dry_run=dry_run)]

    def exporting(self, folder: Path, *, dry_run: bool = False) -> Iterator[Path]:
        """Yield each file when it is written. Raises as `export_metadefs`."""
        for found in self.export_all():
            file = folder / file_name(found.namespace.name)
            if not dry_run:
                _export(found, file)
            yield file


def files_in(path: Path) -> Sequence[Path]:
    """Return the file, or those of the directory that end in `.json`, in order of name.

    Raises:
        Invalid: there is no such file, or none in the directory.
    """
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files or not path.exists():
        raise Invalid(f"{path} is no definition file, and no directory of such files (*.json).")
    return files


def file_name(namespace: str) -> str:
    """Return the name of the file for a namespace, another one for each.

    It has at most 250 bytes: a longer one is cut, and ends in a digest.
    """
    name = namespace.replace("%", "%25").replace("/", "%2F")
    if len(f"{name}.json".encode()) > MAX_BYTES:
        # No name that is not cut has a hyphen behind a percent sign.
        name = f"{name[:40]}%-{sha256(name.encode()).hexdigest()}"
    return f"{name}.json"


def _export(found: Definitions, file: Path) -> None:
    text = json.dumps(_document(found), indent=4, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, f"{text}\n")
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}.") from error


def _replace(file: Path, text: str) -> None:
    """Write a file that is there as it was until it is there as a whole."""
    # No reader of the directory takes this name for that of a definition file.
    new = file.with_name(f".{uuid4().hex}.new")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _document(found: Definitions) -> Mapping[str, Any]:
    it = found.namespace
    head = {
        "namespace": it.name,
        "display_name": it.display_name,
        "description": it.description,
        "visibility": it.visibility.value,
        "protected": it.protected,
        "owner": it.owner,
    }
    held = {
        "resource_type_associations": [_tie(part) for part in found.of(Association)],
        "properties": {part.name: part.stated_schema for part in found.of(Property)},
        "objects": [_object(part) for part in found.of(Object)],
        "tags": [{"name": part.name} for part in found.of(Tag)],
    }
    return _without_gaps(head) | {name: value for name, value in held.items() if value}


def _tie(part: Association) -> Mapping[str, Any]:
    return _without_gaps(
        {
            "name": part.name,
            "prefix": part.prefix,
            "properties_target": part.properties_target,
        }
    )


def _object(part: Object) -> Mapping[str, Any]:
    return _without_gaps(
        {
            "name": part.name,
            "description": part.description,
            "required": list(part.required_names) or None,
            "properties": part.stated_properties or None,
        }
    )


def _without_gaps(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
