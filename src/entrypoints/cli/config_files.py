"""Configuration files, which may be named before a command as well as after it."""

import click


def with_earlier(
    ctx: click.Context, param: click.Parameter, files: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the files named before the command, and then those named after it."""
    return (*ctx.find_root().params.get("config_files", ()), *files)
