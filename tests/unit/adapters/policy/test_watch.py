"""Being told of changes in directories without looking at the files."""

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tintype.adapters.policy.watch import TRUSTED_FOR_S, DirectoryWatch


def watching(*directories: Path, now: Callable[[], float] = lambda: 0.0) -> DirectoryWatch:
    """Give a watch that has looked at the directories."""
    watch = DirectoryWatch(now)
    watch.look(map(str, directories))
    return watch


def test_without_a_change_it_is_quiet(tmp_path: Path) -> None:
    assert watching(tmp_path).quiet


def test_before_the_first_look_it_is_not_quiet() -> None:
    assert not DirectoryWatch().quiet


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_text("in place"),
        lambda file: file.unlink(),
        lambda file: file.with_name("another").touch(),
        lambda file: file.rename(file.with_name("another")),
        lambda file: file.chmod(0o600),
        lambda file: os.utime(file, (1, 1)),
        lambda file: file.parent.rename(file.parent.with_name("moved")),
    ],
)
def test_a_change_is_told_until_one_looks(tmp_path: Path, change: Callable[[Path], object]) -> None:
    folder = tmp_path / "watched"
    folder.mkdir()
    file = folder / "policy.yaml"
    file.write_text("before")
    watch = watching(folder)

    change(file)

    assert not watch.quiet
    assert not watch.quiet
    watch.look([str(folder)])
    assert watch.quiet


def test_silence_is_believed_for_a_while_only(tmp_path: Path) -> None:
    time = 0.0
    watch = watching(tmp_path, now=lambda: time)

    time = TRUSTED_FOR_S

    assert not watch.quiet


def test_a_directory_that_is_not_there_is_no_mistake(tmp_path: Path) -> None:
    assert watching(tmp_path, tmp_path / "missing").quiet


@contextmanager
def no_file_to_spare() -> Iterator[None]:
    """Let the process open no further file."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_where_the_kernel_does_not_watch_it_is_never_quiet(tmp_path: Path) -> None:
    with no_file_to_spare():
        watch = DirectoryWatch()
    watch.look([str(tmp_path)])

    assert not watch.quiet
