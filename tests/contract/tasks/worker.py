"""A worker of its own process: `python -m … URL QUEUE FILE THREADS`."""

import sys
from pathlib import Path

from tests.contract.tasks.recorder import Recorder
from tintype.adapters.tasks.celery_app import Broker
from tintype.adapters.tasks.celery_worker import CeleryWorker


def main(url: str, queue: str, file: str, threads: str) -> None:
    """Work until told to stop."""
    worker = CeleryWorker(Broker(url, queue), Recorder(Path(file)), int(threads), 30)
    worker.run(lambda: print("ready", flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
