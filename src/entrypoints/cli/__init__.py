"""The command `tintype`."""

from tintype.entrypoints.cli.main import main

__all__ = ["main"]
