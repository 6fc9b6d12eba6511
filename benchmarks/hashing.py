"""What hashing costs here: every byte stored is hashed twice, so this bounds uploads.

Run it by `python -m benchmarks.hashing`.
"""

import hashlib
import threading
import time

from rich.console import Console
from rich.table import Table

from benchmarks.client import MIB, NOISE

ROUNDS = 256
ALGORITHMS = ("md5", "sha512")


def _digest(algorithm: str) -> None:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for _ in range(ROUNDS):
        digest.update(NOISE)


def alone(algorithm: str) -> float:
    """Return the MiB that one algorithm takes in a second."""
    began = time.perf_counter()
    _digest(algorithm)
    return ROUNDS * len(NOISE) / MIB / (time.perf_counter() - began)


def side_by_side() -> float:
    """Return the MiB that all of them take in a second, each in a thread of its own."""
    threads = [threading.Thread(target=_digest, args=(name,)) for name in ALGORITHMS]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ROUNDS * len(NOISE) / MIB / (time.perf_counter() - began)


def main() -> None:
    """Print a table."""
    table = Table("hash")
    table.add_column("MiB per second", justify="right")
    for name in ALGORITHMS:
        table.add_row(name, f"{alone(name):,.0f}")
    table.add_row(f"{' and '.join(ALGORITHMS)} side by side", f"{side_by_side():,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
