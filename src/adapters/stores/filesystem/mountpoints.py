"""What the metadata file says of the places that images lie in."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from tintype.domain.errors import BadConfiguration

LOG = logging.getLogger(__name__)
OPTION = "filesystem_store_metadata_file"


def read_mountpoints(path: str) -> tuple[Mapping[str, Any], ...]:
    """Read the file.

    Raises:
        BadConfiguration: it cannot be read, or does not hold what it should.
    """
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError) as error:
        raise BadConfiguration(OPTION, f"{path} cannot be read: {error}") from error
    entries = content if isinstance(content, list) else [content]
    for entry in entries:
        _check(path, entry)
    return tuple(entries)


def _check(path: str, entry: Any) -> None:
    named = isinstance(entry, dict) and all(
        isinstance(entry.get(name), str) for name in ("id", "mountpoint")
    )
    if not named or not _storable(entry):
        raise BadConfiguration(
            OPTION,
            f"{path} must hold objects with the texts id and mountpoint, and no other values "
            "than texts, lists and objects.",
        )


def _storable(value: Any) -> bool:
    """Say whether every leaf is one that location metadata may have (stores §1.1)."""
    if isinstance(value, dict | list):
        return all(map(_storable, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str)


def describing(path: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the entry of the innermost mountpoint that the path lies under, or nothing."""
    fitting = [entry for entry in entries if path.startswith(entry["mountpoint"].rstrip("/") + "/")]
    if entries and not fitting:
        LOG.error("The metadata file names no mountpoint that %s lies under.", path)
    return max(fitting, key=lambda entry: len(entry["mountpoint"]), default={})
