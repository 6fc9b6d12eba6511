"""`tintype`: serve images, look after the database and the configuration."""

import os
import sys
from collections.abc import Callable
from typing import Any

import click
from oslo_config import cfg
from rich.console import Console

from tintype import __version__
from tintype.domain.errors import CatalogueUnavailable, TintypeError
from tintype.entrypoints import config
from tintype.entrypoints.cli import database, metadefs, stores, tasks
from tintype.entrypoints.cli.config_files import with_earlier
from tintype.entrypoints.cli.scrubber import scrubber

NAMESPACES = ("tintype", "oslo.log", "oslo.policy", "keystonemiddleware.auth_token")
"""Whose options a configuration file of the service may hold."""

CONFIG_FILE = click.option(
    "--config-file",
    "config_files",
    multiple=True,
    type=click.Path(dir_okay=False),
    callback=with_earlier,
    help="Configuration file; later ones override earlier ones.  [default: /etc/tintype, "
    "~/.tintype]",
)
STATE_DIR = click.option(
    "--state-dir",
    type=click.Path(file_okay=False),
    help="Keep database and images in this directory, where the configuration says nothing else.",
)


class _Commands(click.Group):
    """Commands whose errors are sentences and not tracebacks."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CatalogueUnavailable as error:
            raise click.ClickException(
                "The database does not answer: is it running, and is [database] connection right?"
            ) from error
        except TintypeError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tintype")
@CONFIG_FILE
def main(config_files: tuple[str, ...]) -> None:
    """A virtual-machine image service that speaks the OpenStack Images API v2."""


def configured(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how the service is configured."""
    return CONFIG_FILE(STATE_DIR(command))


def load(config_files: tuple[str, ...], state_dir: str | None) -> cfg.ConfigOpts:
    """Read the configuration; with a state directory, fill its gaps from there."""
    from tintype.entrypoints.container import embed

    conf = config.new_config(config_files or None)
    if state_dir is not None:
        os.makedirs(state_dir, exist_ok=True)
        embed(conf, os.path.abspath(state_dir))
    config.set_up_logging(conf)
    return conf


@main.command()
@configured
def serve(config_files: tuple[str, ...], state_dir: str | None) -> None:
    """Start the service; Ctrl-C stops it once running transfers have ended."""
    # gunicorn and what it loads is of no use to the other commands.
    from tintype.entrypoints.cli.serving import run

    run(load(config_files, state_dir), state_dir)


@main.command()
@configured
def worker(config_files: tuple[str, ...], state_dir: str | None) -> None:
    """Work on tasks, where [task] task_executor is celery; Ctrl-C hands them back."""
    from tintype.entrypoints.cli.working import run

    run(load(config_files, state_dir), state_dir)


@main.group()
def db() -> None:
    """Look after the database."""


@main.group("config")
def config_group() -> None:
    """Look after the configuration."""


@config_group.command("sample")
def config_sample() -> None:
    """Print a configuration file with every option, its meaning and its default."""
    from oslo_config import generator

    conf = cfg.ConfigOpts()
    generator.register_cli_opts(conf)
    namespaces = [word for name in NAMESPACES for word in ("--namespace", name)]
    conf([*namespaces, "--wrap-width", "99"], project="oslo-config-generator")
    generator.generate(conf, sys.stdout)


@config_group.command("check")
@configured
def config_check(config_files: tuple[str, ...], state_dir: str | None) -> None:
    """Find out whether the service would start with this configuration."""
    from tintype.entrypoints.cli.serving import check

    check(load(config_files, state_dir))
    Console().print("The configuration is good.")


main.add_command(scrubber)
database.add_commands(main, db, configured, load)
metadefs.add_commands(main, db, configured, load)
tasks.add_commands(main, configured, load)
stores.add_commands(main, configured, load)
