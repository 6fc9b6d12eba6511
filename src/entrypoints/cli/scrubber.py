"""`tintype scrubber`: end delayed deletions, or take one back (contract, scrubber)."""

import time
from datetime import timedelta
from typing import Any

import click
from oslo_config import cfg

from tintype.entrypoints.cli.configuration import configured, load
from tintype.entrypoints.cli.daemon_lock import no_daemon, only_daemon

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
        with no_daemon():
            _restore(load(**where), restore)
        return
    conf = load(**where)
    if daemon or conf.daemon:
        with only_daemon():
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
