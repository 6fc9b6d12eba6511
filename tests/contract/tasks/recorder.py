"""Work that notes in a file what becomes of it; what it does the id says."""

import threading
from pathlib import Path


class Recorder:
    """Does as an id says: `fail-…` raises an error, `wait-…` waits to be halted."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.touch()

    def __call__(self, task_id: str, halt: threading.Event) -> None:
        self._note("begun", task_id)
        if task_id.startswith("fail-"):
            raise ValueError(task_id)
        if task_id.startswith("wait-"):
            halt.wait()
            self._note("halted", task_id)
            return
        self._note("done", task_id)

    def _note(self, what: str, task_id: str) -> None:
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(f"{what} {task_id}\n")

    def notes(self, what: str) -> list[str]:
        """Return the ids of what was so noted, oldest first."""
        lines = [line.split() for line in self._file.read_text(encoding="utf-8").splitlines()]
        return [task_id for noted, task_id in lines if noted == what]
