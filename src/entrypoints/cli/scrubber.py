"""`tintype scrubber`: end delayed deletions, or take one back (contract, scrubber)."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from oslo_config import cfg

from tintype.entrypoints.cli.configuration import configured, load

LOCK: Final = "tintype-scrubber.lock"
"""Held by a daemon for as long as it lives, in the directory of temporary files."""

YOUNG = timedelta(seconds=1)
"""What was deleted later than that ago, a daemon leaves to its next run."""


@click.command()
@configured
@click.option("-D", "--daemon", is_flag=True, help="Scrub again and again until stopped.")
@click.option("--restore", metavar="ID", help="Bring this image back instead.")
def scrubber(daemon: bool, restore: str | None, **where: Any) -> None:
    """Remove the data of images whose deletion was delayed."""
    if restore is not None and daemon:
        raise click.ClickException("The restore and daemon options should not be set together")
    if restore is not None:
        with _lock():
            pass
    conf = load(**where)
    if restore is not None:
        _restore(conf, restore)
    elif daemon or conf.daemon:
        with _lock():
            _scrub(conf, forever=True)
    else:
        _scrub(conf, forever=False)


def _restore(conf: cfg.ConfigOpts, image_id: str) -> None:
    from tintype.entrypoints.container import Container

    Container(conf=conf).restore_image()(image_id)


def _scrub(conf: cfg.ConfigOpts, *, forever: bool) -> None:
    from tintype.entrypoints.container import Container

    container = Container(conf=conf)
    # What is staged or waits for tasks is none of its business.
    container.stores.override(container.public_stores)
    container.stores().start()
    scrub = container.scrub()
    age = timedelta(seconds=conf.scrub_time)
    scrub(max(age, YOUNG) if forever else age)
    while forever:
        time.sleep(conf.wakeup_time)
        scrub(max(age, YOUNG))


@contextmanager
def _lock() -> Iterator[None]:
    """Be the one daemon.

    Raises:
        ClickException: there is one; in the words that scripts look for.
    """
    path = Path(tempfile.gettempdir(), LOCK)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise click.ClickException("glance-scrubber is already running") from error
    finally:
        os.close(file)
