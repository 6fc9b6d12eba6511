"""The examples in the documentation run."""

import doctest
from pathlib import Path

DOCS = Path(__file__).parents[4] / "docs" / "reference"


def test_the_examples_of_the_storage_library_run() -> None:
    failed, tried = doctest.testfile(str(DOCS / "storage-library.md"), module_relative=False)

    assert tried > 8
    assert failed == 0
