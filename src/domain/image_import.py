"""What callers ask of an import, and what they are shown of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

IMPORTING_TO: Final = "os_glance_importing_to_stores"
"""The property that lists the stores that a task is putting data into; clients poll it."""

FAILED_IMPORT: Final = "os_glance_failed_import"
"""The property that lists the stores of the last try that did not get the data."""

STAGE_HOST: Final = "os_glance_stage_host"
"""The property that holds the URL of the worker that alone reaches the staged data."""

HASH_HOST: Final = "os_glance_hash_op_host"
"""The property in which another service says which worker of it computes a hash."""


STAGED_AT: Final = "staged_at"
"""The secret of a task that holds the URL of the worker that alone reaches the staged data."""


class Method(StrEnum):
    """Where the data of an import comes from (import-and-tasks §3)."""

    DIRECT = "glance-direct"
    WEB = "web-download"
    COPY = "copy-image"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a caller asks for.

    `stores` are those that it names, in that order; `header_store` is the one that it names in
    a header. `body` is what it sent, to be shown again: it holds no credentials. `received` is
    all that it sent, for another worker.
    """

    method: Method
    uri: str | None = field(default=None, repr=False)
    stores: tuple[str, ...] | None = None
    header_store: str | None = None
    all_stores: bool = False
    must_succeed: bool = True
    body: Mapping[str, Any] = field(default_factory=dict)
    received: Mapping[str, Any] = field(default_factory=dict, repr=False)
