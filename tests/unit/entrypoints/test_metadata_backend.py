"""What loads, unloads and exports definitions, for whoever calls it (metadefs §6)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tintype.domain.errors import Invalid
from tintype.domain.metadef.merge import Merge
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container
from tintype.entrypoints.definition_files import SOURCE, Loaded
from tintype.entrypoints.metadata_backend import ConfiguredBackend

SOMEWHERE, ELSEWHERE = Path("/somewhere"), Path("/elsewhere")


class Theirs:
    """A backend of another package, which has the three functions and needs paths."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def load_metadefs(self, path: Path, merge: Merge, *, dry_run: bool) -> Iterator[Loaded]:
        """Yield what was loaded while it is loaded."""
        self.asked.append(("load", path, merge, dry_run))
        yield Loaded(path)

    def unload_metadefs(self) -> None:
        """Tell nothing."""
        self.asked.append("unload")

    def export_metadefs(self, folder: Path) -> Iterator[Path]:
        """Yield what was written while it is written."""
        self.asked.append(("export", folder))
        yield folder


@pytest.fixture
def theirs() -> Theirs:
    """A backend that was not asked for anything."""
    return Theirs()


@pytest.fixture
def configured(theirs: Theirs) -> ConfiguredBackend:
    """The same, where the configuration names it and a directory."""
    return ConfiguredBackend(theirs, SOMEWHERE)


def test_a_backend_is_told_of_the_configured_directory(
    theirs: Theirs, configured: ConfiguredBackend
) -> None:
    configured.load_metadefs()
    configured.unload_metadefs()
    configured.export_metadefs()

    assert theirs.asked == [
        ("load", SOMEWHERE, Merge.SKIP, False),
        "unload",
        ("export", SOMEWHERE),
    ]


def test_a_backend_is_told_of_the_directory_that_is_named(
    theirs: Theirs, configured: ConfiguredBackend
) -> None:
    loaded = configured.load_metadefs(ELSEWHERE, Merge.OVERWRITE, dry_run=True)
    exported = configured.export_metadefs(ELSEWHERE)

    assert (loaded, exported) == ([Loaded(ELSEWHERE)], [ELSEWHERE])
    assert theirs.asked == [
        ("load", ELSEWHERE, Merge.OVERWRITE, True),
        ("export", ELSEWHERE),
    ]


@pytest.mark.parametrize(
    "ask",
    [
        lambda backend: backend.unload_metadefs(dry_run=True),
        lambda backend: backend.export_metadefs(dry_run=True),
    ],
    ids=["unload", "export"],
)
def test_a_backend_that_cannot_say_beforehand_does_nothing_in_a_dry_run(
    theirs: Theirs, configured: ConfiguredBackend, ask: Callable[[Any], Any]
) -> None:
    with pytest.raises(Invalid, match="dry run"):
        ask(configured)

    assert theirs.asked == []


def test_the_service_loads_and_exports_where_it_is_configured_to(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "n.json").write_text('{"namespace": "N"}', encoding="utf-8")
    file = tmp_path / "tintype.conf"
    file.write_text(
        f"[DEFAULT]\nmetadata_source_path = {files}\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/catalogue.sqlite\n",
        encoding="utf-8",
    )
    container = Container(conf=new_config([str(file)]))
    container.migrate()
    backend = container.metadata_backend()

    backend.load_metadefs()
    backend.export_metadefs()
    backend.unload_metadefs()

    assert sorted(it.name for it in files.iterdir()) == ["N.json", "n.json"]
    assert backend.unload_metadefs() == []


def test_without_configuration_files_lie_where_the_option_says_by_default() -> None:
    assert Path(new_config([]).metadata_source_path) == SOURCE
