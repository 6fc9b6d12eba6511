"""`tintype db`: the schema, step by step or at once, by the verbs and exit codes of the field."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from tintype.domain.adoption import Due, Findings
from tintype.entrypoints.cli.configuration import WHERE, configured, opened

EXIT_CODES = {Due.NOTHING: 0, Due.EXPAND: 3, Due.MIGRATE: 4, Due.CONTRACT: 5}
NEWEST = ("head", "heads")

_AGE = "Days since the deletion."
_ROWS = "Rows of each table at most; -1: all."

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
HOW = ("dry_run", "as_json")

_FOUND = {
    "locations": "locations looked at",
    "former_keys": "locations that name their store by the key of old, 'backend'",
    "unnamed": "locations that name no enabled store, though their URL tells it",
    "credentials": "locations with S3 credentials in their URL",
    "encrypted": "locations that are encrypted, and stay so",
    "double_members": "members that are there twice",
    "double_tags": "tags that are there twice",
}


def add_commands(main: click.Group, db: click.Group) -> None:
    """Add the commands, and those of `db` in the older spelling `db_…`."""
    for add in (_add_state, _add_steps, _add_whole, _add_adoption, _add_urls):
        add(db)
    _add_purge(main, db)
    for name in ("check", "version", "expand", "migrate", "contract", "sync", "upgrade"):
        main.add_command(_of_old(db.commands[name]))
    main.add_command(_of_old(db.commands["version_control"]))


def _of_old(command: click.Command) -> click.Command:
    return click.Command(
        f"db_{command.name}",
        callback=command.callback,
        params=command.params,
        help=command.help,
        hidden=True,
    )


def _add_state(db: click.Group) -> None:
    @db.command("version")
    @JSON
    @configured
    def db_version(as_json: bool, **where: Any) -> None:
        """Tell which state the schema is in."""
        version = opened(**where).schema_version()
        if as_json:
            _tell_programs(current=version.current, newest=version.head)
        elif version.current is None:
            click.echo("The database is not under our control yet: run tintype db sync.")
        elif version.up_to_date:
            click.echo(version.current)
        else:
            click.echo(f"{version.current}; {version.head} is the newest: run tintype db sync.")

    @db.command("check")
    @JSON
    @configured
    @click.pass_context
    def db_check(ctx: click.Context, /, as_json: bool, **where: Any) -> None:
        """Tell by the exit code what the database needs.

        0: nothing; 3: expand; 4: migrate; 5: contract.
        """
        due = opened(**where).former_catalogue().due()
        if as_json:
            _tell_programs(due=None if due is Due.NOTHING else due.value)
        elif due is Due.NOTHING:
            click.echo("The database is up to date.")
        else:
            click.echo(f"The database is not up to date: run tintype db {due.value}.")
        ctx.exit(EXIT_CODES[due])


def _add_steps(db: click.Group) -> None:
    @db.command("expand")
    @configured
    def db_expand(**where: Any) -> None:
        """Add to the schema what this release needs; others may go on using it."""
        container = opened(**where)
        container.migrate()
        click.echo(f"The database is at {container.schema_version().current}.")

    @db.command("migrate")
    @configured
    def db_migrate(**where: Any) -> None:
        """Put right what other programs left in the data; they may go on using it."""
        found = opened(**where).migrate_catalogue()()
        if found is None:
            click.echo("There is nothing to migrate.")
        else:
            _tell(found)

    @db.command("contract")
    @configured
    def db_contract(**where: Any) -> None:
        """Give up what only other programs needed, once the adoption is committed."""
        done = opened(**where).contract_catalogue()()
        click.echo("The database is contracted." if done else "There is nothing to contract.")


def _add_whole(db: click.Group) -> None:
    @db.command("sync")
    @click.argument("version", required=False)
    @configured
    def db_sync(version: str | None, **where: Any) -> None:
        """Make the schema, or do all that check would ask for.

        VERSION is of no effect.
        """
        container = opened(**where)
        container.sync_catalogue()()
        click.echo(f"The database is at {container.schema_version().current}.")

    @db.command("upgrade")
    @click.argument("version", required=False)
    @click.option("--version", "option", metavar="VERSION", help="The newest, which is 'heads'.")
    @configured
    def db_upgrade(version: str | None, option: str | None, **where: Any) -> None:
        """Create the schema, or bring it up to date; safe to repeat."""
        container = opened(**where)
        wanted = option or version or NEWEST[0]
        head = container.schema_version().head
        if wanted not in (*NEWEST, head):
            raise click.ClickException(
                f"There is no upgrade to {wanted}: this release knows {head} only (heads)."
            )
        container.migrate()
        click.echo(f"The database is at {container.schema_version().current}.")

    @db.command("version_control")
    @click.argument("version", required=False)
    @click.option("--version", "option", metavar="VERSION", help="The mark of Glance's schema.")
    @configured
    def db_version_control(version: str | None, option: str | None, **where: Any) -> None:
        """Mark a database without a mark as one with Glance's tables, if it has them."""
        marked = opened(**where).put_under_control(option or version)
        click.echo(f"The database is marked as {marked}.")


def _add_adoption(db: click.Group) -> None:
    @db.command("adopt")
    @click.option("--apply", "apply_it", is_flag=True, help="Do it.  [default: only look]")
    @click.option("--dry-run", is_flag=True, help="Only look, which is the default.")
    @JSON
    @configured
    def db_adopt(apply_it: bool, dry_run: bool, as_json: bool, **where: Any) -> None:
        """Take over the database of a Glance, which may go on using it.

        Looks whether that is possible, and says what has to be put right. With --apply it is.
        """
        if apply_it and dry_run:
            raise click.UsageError("--apply and --dry-run contradict each other.")
        found = opened(**where).adopt_catalogue()(dry_run=not apply_it)
        if as_json:
            _tell_programs(applied=apply_it, **asdict(found))
            return
        _tell(found)
        if apply_it:
            click.echo("The database is adopted. Glance may go on using it, and alone again.")
        else:
            click.echo("Nothing was changed. Run it with --apply to adopt the database.")

    @db.command("commit-adoption")
    @click.confirmation_option(prompt="Will Glance never use this database again?")
    @configured
    def db_commit_adoption(**where: Any) -> None:
        """Give up the way back to Glance, so that tintype db contract may follow."""
        container = opened(**where)
        container.commit_adoption()()
        due = container.former_catalogue().due()
        if due is Due.CONTRACT:
            click.echo("Committed. Stop the service and run tintype db contract when it suits.")
        else:
            click.echo("Committed. There is nothing to contract.")


def _add_urls(db: click.Group) -> None:
    @db.command("rewrite-urls")
    @click.option("--plain", is_flag=True, help="As plain text, to do without the key.")
    @configured
    def db_rewrite_urls(plain: bool, **where: Any) -> None:
        """Keep the URLs of all locations as metadata_encryption_key says for new ones.

        Run it while no service uses the database.
        """
        written = opened(**where).former_catalogue().rewrite_urls(plain=plain)
        click.echo(f"{written} locations were rewritten.")


def _add_purge(main: click.Group, db: click.Group) -> None:
    def purger(*, dry_run: bool, **where: Any) -> Any:
        container = opened(**where)
        if not dry_run:
            container.migrate()
        elif not container.schema_version().up_to_date:
            raise click.ClickException(
                "What would go cannot be told before the database is up to date: run tintype db "
                "expand."
            )
        return container.purge_records()

    def tell(rows: Mapping[str, int], *, dry_run: bool, as_json: bool) -> None:
        if as_json:
            _tell_programs(applied=not dry_run, rows=rows)
            return
        for table, count in rows.items():
            click.echo(f"{count:>9} rows of {table}")
        if dry_run:
            click.echo("Nothing was deleted: that is what would go.")

    @db.command("purge")
    @click.option("--age_in_days", default=30, show_default=True, help=_AGE)
    @click.option("--max_rows", default=100, show_default=True, help=_ROWS)
    @DRY_RUN
    @JSON
    @configured
    def db_purge(
        age_in_days: int, max_rows: int, dry_run: bool, as_json: bool, **where: Any
    ) -> None:
        """Delete for good what was deleted long ago, but no images themselves.

        It may be broken off, and runs beside the service.
        """
        purge = purger(dry_run=dry_run, **where)
        tell(purge.rows(age_in_days, max_rows, dry_run=dry_run), dry_run=dry_run, as_json=as_json)

    @db.command("purge_images_table")
    @click.option("--age_in_days", default=180, show_default=True, help=_AGE)
    @click.option("--max_rows", default=100, show_default=True, help=_ROWS)
    @DRY_RUN
    @JSON
    @configured
    def db_purge_images_table(
        age_in_days: int, max_rows: int, dry_run: bool, as_json: bool, **where: Any
    ) -> None:
        """Delete for good the images of which nothing else is left after purge.

        Their ids are remembered, so that no one else gets one of them.
        """
        purge = purger(dry_run=dry_run, **where)
        count = purge.images(age_in_days, max_rows, dry_run=dry_run)
        tell({"images": count}, dry_run=dry_run, as_json=as_json)

    for command in (db_purge, db_purge_images_table):
        _add_with_places(main, command)


def _add_with_places(main: click.Group, command: click.Command) -> None:
    """Add a purge in the words of long ago, in which the numbers may stand by themselves."""

    # A negative number is none of its options either, and is refused as a number.
    @main.command(
        f"db_{command.name}", hidden=True, context_settings={"ignore_unknown_options": True}
    )
    @click.argument("age", type=int, required=False)
    @click.argument("rows", type=int, required=False)
    @click.option("--age_in_days", type=int)
    @click.option("--max_rows", type=int)
    @DRY_RUN
    @JSON
    @configured
    @click.pass_context
    def of_old(ctx: click.Context, /, **given: Any) -> None:
        """Delete for good what was deleted long ago."""
        age, rows = given.pop("age"), given.pop("rows")
        numbers = {
            "age_in_days": given.pop("age_in_days") if age is None else age,
            "max_rows": given.pop("max_rows") if rows is None else rows,
        }
        named = {name: number for name, number in numbers.items() if number is not None}
        ctx.invoke(command, **named, **{name: given[name] for name in (*WHERE, *HOW)})


def _tell_programs(**facts: Any) -> None:
    click.echo(json.dumps(facts))


def _tell(found: Findings) -> None:
    for name, count in asdict(found).items():
        click.echo(f"{count:>9} {_FOUND[name]}")
