"""`tintype metadefs`: look after the catalogue of metadata definitions."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track

from tintype.domain.metadef.merge import Merge
from tintype.entrypoints.cli.configuration import configured, opened
from tintype.entrypoints.definition_files import STARTER, files_in
from tintype.entrypoints.metadata_backend import MetadataBackend

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
TRUE = ("1", "true", "t", "yes", "y", "on")


def add_commands(main: click.Group, db: click.Group) -> None:
    """Add the commands, the new and those of old, which are read as they were."""
    _add_group(main)
    _add_old(main, db)


def _catalogue(**where: Any) -> tuple[MetadataBackend, Path]:
    """Return the catalogue, and where files of definitions lie if nobody says."""
    container = opened(**where)
    container.migrate()
    return container.metadata_backend(), Path(container.conf().metadata_source_path)


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
        files, default = _catalogue(**where)
        source = STARTER if starter else path or default
        _load(files, source, Merge(existing), dry_run=dry_run)

    @metadefs.command("export")
    @click.argument("path", type=click.Path(path_type=Path, file_okay=False))
    @configured
    def metadefs_export(path: Path, **where: Any) -> None:
        """Write all definitions into the directory PATH, a file a namespace."""
        _export(_catalogue(**where)[0], path)

    @metadefs.command("unload")
    @click.confirmation_option(prompt="Delete all metadata definitions, protected ones too?")
    @configured
    def metadefs_unload(**where: Any) -> None:
        """Delete all definitions, protected ones too."""
        _catalogue(**where)[0].unload_metadefs()


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
        files, default = _catalogue(**where)
        _load(files, path or default, mode, dry_run=dry_run)

    @db.command("unload_metadefs")
    @configured
    def db_unload_metadefs(**where: Any) -> None:
        """Delete all definitions, protected ones too, without asking."""
        _catalogue(**where)[0].unload_metadefs()

    @db.command("export_metadefs")
    @click.option("--path", type=click.Path(path_type=Path, file_okay=False), help="A directory.")
    @configured
    def db_export_metadefs(path: Path | None, **where: Any) -> None:
        """Write all definitions into a directory."""
        files, default = _catalogue(**where)
        _export(files, path or default)

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
        ctx.invoke(db_export_metadefs, **arguments)


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


def _load(files: MetadataBackend, path: Path, merge: Merge, *, dry_run: bool) -> None:
    console = Console(stderr=True)
    loading = files.load_metadefs(path, merge, dry_run=dry_run)
    steps = track(
        loading,
        *("Loading", len(files_in(path))),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    broken = 0
    for loaded in steps:
        if loaded.outcome is None:
            broken += 1
            click.echo(f"{loaded.file}: {loaded.problem}", err=True)
        else:
            click.echo(f"{loaded.outcome.value:<12} {loaded.namespace}")
    if broken:
        raise click.ClickException(f"{broken} of the files could not be loaded.")


def _export(files: MetadataBackend, path: Path) -> None:
    for file in files.export_metadefs(path):
        click.echo(file)
