"""How a command is told of the configuration, which may be named before it as well as after it."""

import os
from collections.abc import Callable
from typing import Any, Final

import click
from oslo_config import cfg

from tintype.entrypoints import config

WHERE: Final = ("config_files", "config_dirs", "state_dir")
"""What a command is given that says where the configuration is."""


def _with_earlier(
    ctx: click.Context, param: click.Parameter, paths: tuple[str, ...]
) -> tuple[str, ...]:
    """Return what was named before the command, and then what was named after it."""
    return (*ctx.find_root().params.get(param.name or "", ()), *paths)


CONFIG_FILE = click.option(
    "--config-file",
    "config_files",
    multiple=True,
    type=click.Path(dir_okay=False),
    callback=_with_earlier,
    help="Configuration file; later ones override earlier ones.  [default: /etc/tintype, "
    "~/.tintype]",
)
CONFIG_DIR = click.option(
    "--config-dir",
    "config_dirs",
    multiple=True,
    type=click.Path(file_okay=False),
    callback=_with_earlier,
    help="Directory whose *.conf files are read after the configuration files.",
)
STATE_DIR = click.option(
    "--state-dir",
    type=click.Path(file_okay=False),
    help="Keep database and images in this directory, where the configuration says nothing else.",
)


def configured(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how the service is configured."""
    return CONFIG_FILE(CONFIG_DIR(STATE_DIR(command)))


def load(
    config_files: tuple[str, ...],
    config_dirs: tuple[str, ...],
    state_dir: str | None,
    *,
    apart: bool = False,
) -> cfg.ConfigOpts:
    """Read the configuration; with a state directory, fill its gaps from there.

    `apart` keeps the log off the standard output.
    """
    from tintype.entrypoints.container import embed

    named = config_files or config_dirs
    conf = config.new_config(config_files if named else None, config_dirs if named else None)
    if state_dir is not None:
        os.makedirs(state_dir, exist_ok=True)
        embed(conf, os.path.abspath(state_dir))
    config.set_up_logging(conf, apart=apart)
    return conf


def opened(**where: Any) -> Any:
    """Return the container of a configuration; it is imported only when it is needed.

    What is logged does not go to the standard output, which is for what the command says.
    """
    from tintype.entrypoints.container import Container

    container = Container(conf=load(**where, apart=True))
    container.state_dir.override(where["state_dir"])
    return container
