"""`tintype`: serve images, look after the database and the configuration."""

import sys
from typing import Any

import click
from oslo_config import cfg
from rich.console import Console

from tintype import __version__
from tintype.domain.errors import CatalogueUnavailable, TintypeError
from tintype.entrypoints.cli import database, metadefs, stores, tasks
from tintype.entrypoints.cli.configuration import CONFIG_DIR, CONFIG_FILE, configured, load
from tintype.entrypoints.cli.scrubber import scrubber

NAMESPACES = ("tintype", "oslo.log", "oslo.policy", "keystonemiddleware.auth_token")
"""Whose options a configuration file of the service may hold."""


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
@CONFIG_DIR
def main(config_files: tuple[str, ...], config_dirs: tuple[str, ...]) -> None:
    """A virtual-machine image service that speaks the OpenStack Images API v2."""


@main.command()
@configured
def serve(**where: Any) -> None:
    """Start the service; Ctrl-C stops it once running transfers have ended."""
    # gunicorn and what it loads is of no use to the other commands.
    from tintype.entrypoints.cli.serving import run

    run(lambda: load(**where), where["state_dir"])


@main.command()
@configured
def worker(**where: Any) -> None:
    """Work on tasks, where [task] task_executor is celery; Ctrl-C hands them back."""
    from tintype.entrypoints.cli.working import run

    run(load(**where), where["state_dir"])


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
def config_check(**where: Any) -> None:
    """Find out whether the service would start with this configuration."""
    from tintype.entrypoints.cli.serving import check

    check(load(**where))
    Console().print("The configuration is good.")


main.add_command(scrubber)
database.add_commands(main, db)
metadefs.add_commands(main, db)
tasks.add_commands(main)
stores.add_commands(main)
