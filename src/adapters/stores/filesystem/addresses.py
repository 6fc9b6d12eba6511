"""From URLs to paths and back, without leaving the datadirs."""

import os
import re
from collections.abc import Iterable
from typing import Final

from tintype.adapters.stores.object_keys import is_key
from tintype.domain.errors import Invalid

SCHEMES: Final = frozenset({"file", "filesystem"})
"""The second is an older name of the first, found in old catalogues."""


def url_of(path: str) -> str:
    """Return the URL of a file; nothing is percent-encoded."""
    return f"file://{path}"


def path_of(url: str, directories: Iterable[str], store: str) -> str:
    """Return the path that a URL means, at any depth in one of the directories.

    What looks like a host is a part of the path, nothing is percent-decoded, and a query or
    fragment is cut off. Symbolic links are followed up to the file itself.

    Raises:
        Invalid: the URL is of another scheme, malformed, or leads out of the directories.
    Source: stores §6.1.
    """
    scheme, _, rest = url.partition("://")
    path = re.split("[?#]", rest, maxsplit=1)[0]
    directory, name = os.path.split(path)
    if scheme.lower() not in SCHEMES or not _well_formed(path) or not is_key(name):
        raise _not_ours(store)
    if directory in directories:
        return path
    real = os.path.realpath(directory)
    for root in map(os.path.realpath, directories):
        if os.path.commonpath((root, real)) == root:
            return os.path.join(real, name)
    raise _not_ours(store)


def _well_formed(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return path.startswith("/") and "\0" not in path and ".." not in path.split("/")


def _not_ours(store: str) -> Invalid:
    return Invalid(f"The location is none of store {store}'s.")
