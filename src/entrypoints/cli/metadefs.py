"""`tintype metadefs`: look after the catalogue of metadata definitions."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import track

from tintype.domain.metadef.merge import Merge
from tintype.entrypoints.cli.configuration import configured, opened
from tintype.entrypoints.definition_files import STARTER, files_in
from tintype.entrypoints.metadata_backend import ConfiguredBackend

T = TypeVar("T")

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
TRUE = ("1", "true", "t", "yes", "y", "on")


def add_commands(main: click.Group, db: click.Group) -> None:
    """Add the commands, the new and those of old, which are read as they were."""
    _add_group(main)
    _add_old(main, db)


def _catalogue(**where: Any) -> ConfiguredBackend:
    """Return what fills and empties the catalogue, which is brought up to date."""
    container = opened(**where)
    container.migrate()
    made: ConfiguredBackend = container.metadata_backend()
    return made


def _add_group(main: click.Group) -> None:
    @main.group()
    def metadefs() -> None:
        """Look after the catalogue of metadata definitions."""

    @metadefs.command("load")
    @click.argument("path", required=False, type=click.Path(path_type=Path))
    @click.option("--starter", is_flag=True, help="Load the definitions that come with Tintype.")
    @click.option(
        "--existing",
        type=click.Choice([mode.value for mode in Merge]),
        default=Merge.SKIP.value,
        show_default=True,
        help="What to do with a namespace that is there: leave it, add what it lacks, also "
        "replace what the file has another version of, or delete it and load it anew.",
    )
    @DRY_RUN
    @configured
    def metadefs_load(
        path: Path | None, starter: bool, existing: str, dry_run: bool, **where: Any
    ) -> None:
        """Load a definition file, or all *.json in a directory.

        Without PATH: those in metadata_source_path of the configuration.
        """
        if starter and path is not None:
            raise click.UsageError("--starter goes not together with PATH.")
        source = STARTER if starter else path
        _load(_catalogue(**where), source, Merge(existing), dry_run=dry_run)

    @metadefs.command("export")
    @click.argument("path", type=click.Path(path_type=Path, file_okay=False))
    @DRY_RUN
    @configured
    def metadefs_export(path: Path, dry_run: bool, **where: Any) -> None:
        """Write all definitions into the directory PATH, a file a namespace."""
        _export(_catalogue(**where), path, dry_run=dry_run)

    @metadefs.command("unload")
    @click.option("--yes", is_flag=True, help="Delete without asking.")
    @DRY_RUN
    @configured
    def metadefs_unload(yes: bool, dry_run: bool, **where: Any) -> None:
        """Delete all definitions, protected ones too."""
        if not (yes or dry_run):
            click.confirm("Delete all metadata definitions, protected ones too?", abort=True)
        _unload(_catalogue(**where), dry_run=dry_run)


def _add_old(main: click.Group, db: click.Group) -> None:
    @db.command("load_metadefs")
    @click.option("--path", type=click.Path(path_type=Path), help="A file, or a directory.")
    @click.option("--merge", is_flag=True, help="Add what a namespace lacks that is there.")
    @click.option("--prefer_new", is_flag=True, help="With --merge: also replace what differs.")
    @click.option("--overwrite", is_flag=True, help="With --merge: load such a namespace anew.")
    @DRY_RUN
    @configured
    def db_load_metadefs(
        path: Path | None,
        merge: bool,
        prefer_new: bool,
        overwrite: bool,
        dry_run: bool,
        **where: Any,
    ) -> None:
        """Load definition files, with the options of Glance."""
        mode = merge_of(merge=merge, prefer_new=prefer_new, overwrite=overwrite)
        _load(_catalogue(**where), path, mode, dry_run=dry_run)

    @db.command("unload_metadefs")
    @DRY_RUN
    @configured
    def db_unload_metadefs(dry_run: bool, **where: Any) -> None:
        """Delete all definitions, protected ones too, without asking."""
        _unload(_catalogue(**where), dry_run=dry_run)

    @db.command("export_metadefs")
    @click.option("--path", type=click.Path(path_type=Path, file_okay=False), help="A directory.")
    @DRY_RUN
    @configured
    def db_export_metadefs(path: Path | None, dry_run: bool, **where: Any) -> None:
        """Write all definitions into a directory."""
        _export(_catalogue(**where), path, dry_run=dry_run)

    @main.command("db_load_metadefs", hidden=True)
    @click.argument("path", required=False, type=click.Path(path_type=Path))
    @click.argument("merge", default="")
    @click.argument("prefer_new", default="")
    @click.argument("overwrite", default="")
    @configured
    @click.pass_context
    def oldest_load(ctx: click.Context, /, **arguments: Any) -> None:
        """Load definition files, in the words of long ago."""
        for flag in ("merge", "prefer_new", "overwrite"):
            arguments[flag] = arguments[flag].lower() in TRUE
        ctx.invoke(db_load_metadefs, dry_run=False, **arguments)

    main.add_command(_hidden(db_unload_metadefs, "db_unload_metadefs"))

    @main.command("db_export_metadefs", hidden=True)
    @click.argument("path", required=False, type=click.Path(path_type=Path))
    @configured
    @click.pass_context
    def oldest_export(ctx: click.Context, /, **arguments: Any) -> None:
        """Write all definitions into a directory, in the words of long ago."""
        ctx.invoke(db_export_metadefs, dry_run=False, **arguments)


def _hidden(command: click.Command, name: str) -> click.Command:
    return click.Command(
        name, callback=command.callback, params=command.params, help=command.help, hidden=True
    )


def merge_of(*, merge: bool, prefer_new: bool, overwrite: bool) -> Merge:
    """Return the mode that Glance's flags mean.

    Raises:
        UsageError: they contradict each other.
    """
    if prefer_new and overwrite:
        raise click.UsageError("prefer_new and overwrite exclude each other: choose one.")
    if (prefer_new or overwrite) and not merge:
        raise click.UsageError("prefer_new and overwrite say how to merge: give merge too.")
    if prefer_new:
        return Merge.PREFER_NEW
    if overwrite:
        return Merge.OVERWRITE
    return Merge.ADD_MISSING if merge else Merge.SKIP


def _load(files: ConfiguredBackend, path: Path | None, merge: Merge, *, dry_run: bool) -> None:
    count = len(files_in(path or files.source))
    broken = 0
    for loaded in _shown(files.loading(path, merge, dry_run=dry_run), "Loading", count):
        if loaded.outcome is None:
            broken += 1
            click.echo(f"{loaded.file}: {loaded.problem}", err=True)
        else:
            click.echo(f"{loaded.outcome.value:<12} {loaded.namespace}")
    if broken:
        raise click.ClickException(f"{broken} of the files could not be loaded.")


def _export(files: ConfiguredBackend, path: Path | None, *, dry_run: bool) -> None:
    for file in _shown(files.exporting(path, dry_run=dry_run), "Exporting"):
        click.echo(file)


def _unload(files: ConfiguredBackend, *, dry_run: bool) -> None:
    for namespace in _shown(files.unloading(dry_run=dry_run), "Deleting"):
        click.echo(f"{'deleted':<12} {namespace}")


def _shown(steps: Iterator[T], what: str, count: int | None = None) -> Iterable[T]:
    """Show on a terminal how far the steps are, while they are taken."""
    console = Console(stderr=True)
    return track(
        *(steps, what, count),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
