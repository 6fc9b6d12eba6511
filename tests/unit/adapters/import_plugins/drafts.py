"""Images about to get their data, as plugins are shown them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tintype.adapters.workbench.local import LocalWorkbenches
from tintype.domain.ports.import_plugin import Draft

IMAGE = "11111111-2222-4333-8444-555555555555"
RUN = "aaaaaaaa-2222-4333-8444-555555555555"


@contextmanager
def a_draft(folder: Path, data: bytes = b"", **facts: Any) -> Iterator[Draft]:
    """Give an image whose data is on a workbench in a folder."""
    default: dict[str, Any] = {
        **{"image_id": IMAGE, "disk_format": "raw", "container_format": "bare"},
        **{"roles": frozenset({"member"}), "limit": 1 << 40, "check": lambda: None},
    }
    with LocalWorkbenches(str(folder), "staging").open(IMAGE, RUN) as bench:
        with bench.filling("in") as sink:
            sink.write(data)
        yield Draft(**default | facts, bench=bench)


def content(draft: Draft) -> bytes:
    """Return the data as it is now."""
    assert draft.bench is not None
    return draft.bench.data.read_bytes()
