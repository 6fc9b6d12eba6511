"""The extras that the documentation names can be installed."""

import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_extra_that_is_named_is_there() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    texts = "\n".join(page.read_text(encoding="utf-8") for page in pages)

    named = set(re.findall(r"tintype\[(\w+)\]", texts))

    assert "rbd" in named
    assert named - {*setup["options.extras_require"]} == set()
