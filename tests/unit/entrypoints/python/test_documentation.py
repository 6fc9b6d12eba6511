"""The examples in the documentation run."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[4] / "docs" / "reference"


@pytest.mark.parametrize("library", ["storage-library", "database-library"])
def test_the_examples_run(library: str) -> None:
    failed, tried = doctest.testfile(
        str(DOCS / f"{library}.md"), module_relative=False, optionflags=doctest.ELLIPSIS
    )

    assert tried > 8
    assert failed == 0
