"""What callers ask of an import, and what they are shown of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tintype.domain.location_import import ExpectedHash
from tintype.domain.task import Task, TaskType

IMPORTING_TO: Final = "os_glance_importing_to_stores"
"""The property that lists the stores that a task is putting data into; clients poll it."""

FAILED_IMPORT: Final = "os_glance_failed_import"
"""The property that lists the stores of the last try that did not get the data."""

STAGE_HOST: Final = "os_glance_stage_host"
"""The property that holds the URL of the worker that alone reaches the staged data."""

HASH_HOST: Final = "os_glance_hash_op_host"
"""The property that holds the URL of the worker that computes a hash of a location's data."""

STAGED_AT: Final = "staged_at"
"""The secret of a task that holds the URL of the worker that alone reaches the staged data."""


class Method(StrEnum):
    """Where the data of an import comes from (import-and-tasks §3)."""

    DIRECT = "glance-direct"
    WEB = "web-download"
    COPY = "copy-image"
    REMOTE = "glance-download"


DOWNLOADS: Final = frozenset({Method.WEB, Method.REMOTE})
"""Methods that fetch data which nobody has staged."""


def method_of(task: Task) -> Method:
    """Return the method of an import."""
    if task.type == TaskType.IMPORT:
        return Method.WEB
    return Method(task.input["import_req"]["method"]["name"])


def expected_of(task: Task) -> ExpectedHash | None:
    """Return the digest that the data of an import must have, if the caller said so."""
    method = {} if task.type == TaskType.IMPORT else task.input["import_req"]["method"]
    if "os_hash_value" not in method:
        return None
    return ExpectedHash(method["os_hash_algo"], method["os_hash_value"])


def stores_named(task: Task) -> Sequence[str]:
    """Return the stores of an import; none where they have no names, or nobody named one."""
    if task.type == TaskType.IMPORT:
        return []
    return [str(name) for name in task.input["backend"]]


def must_succeed(task: Task) -> bool:
    """Tell whether an import fails with any of its stores."""
    if task.type == TaskType.IMPORT:
        return True
    return bool(task.input["import_req"].get("all_stores_must_succeed", True))


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What a caller asks for.

    `region` and `remote_id` name an image at another service; `expected` is the digest that the
    data must have as it is sent. `stores` are those that it names, in that order;
    `header_store` is the one that it names in a header. `body` is what it sent, to be shown
    again: it holds no credentials. `received` is all of that as it came, for another
    worker.
    """

    method: Method
    uri: str | None = field(default=None, repr=False)
    region: str | None = None
    remote_id: str | None = None
    expected: ExpectedHash | None = None
    stores: tuple[str, ...] | None = None
    header_store: str | None = None
    all_stores: bool = False
    must_succeed: bool = True
    body: Mapping[str, Any] = field(default_factory=dict)
    received: bytes = field(default=b"", repr=False)
