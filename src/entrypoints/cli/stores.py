"""`tintype stores`: look at the places that data is kept in."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tintype.domain.store import Condition, Store
from tintype.entrypoints.cli.configuration import configured, opened

COLOURS: Final = {Condition.OK: "green", Condition.FULL: "yellow", Condition.READ_ONLY: "yellow"}
SHOWN: Final = ("read", "ranged_read", "write", "delete")
"""What interests people; programs are told all."""


def add_commands(main: click.Group) -> None:
    """Add the commands."""

    @main.group()
    def stores() -> None:
        """Look at the places that data is kept in."""

    @stores.command("list")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=10,
        show_default=True,
        help="Seconds to wait for a store to answer.",
    )
    @configured
    def stores_list(as_json: bool, timeout: float, **where: Any) -> None:
        """Tell what each store can do, and how it is doing."""
        registry = opened(**where).stores()
        registry.start()
        found = registry.examined(timeout)
        if as_json:
            click.echo(json.dumps([_described(each) for each in found], indent=2))
        else:
            Console().print(_table(found))

    @stores.command("identify")
    @click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
    @configured
    def stores_identify(dry_run: bool, **where: Any) -> None:
        """Record the store of every location that names none, or one that is not enabled.

        Locations get their names one by one as they are read anyway; this does all at once. The
        service may be running.
        """
        container = opened(**where)
        container.migrate()
        found = container.identify_locations()(dry_run=dry_run)
        named: Counter[str] = Counter()
        unknown: Counter[str] = Counter()
        with Console(stderr=True).status("Looking at locations …"):
            for each in found:
                if each.store is None:
                    unknown[each.location.scheme] += 1
                elif each.written or dry_run:
                    named[each.store] += 1
        verb = "would be found" if dry_run else "found"
        for store, count in sorted(named.items()):
            click.echo(f"{count} locations {verb} to be in store {store}.")
        for scheme, count in sorted(unknown.items()):
            click.echo(f"{count} locations of scheme {scheme!r} are in no store that is enabled.")
        if not named and not unknown:
            click.echo("All locations name their stores.")


def _described(store: Store) -> dict[str, Any]:
    return {
        "id": store.id,
        "type": store.type,
        "default": store.default,
        "weight": store.weight,
        "capabilities": list(store.capabilities),
        "health": store.health.condition.value,
        "reason": store.health.reason,
    }


def _table(stores: Sequence[Store]) -> Table:
    table = Table("store", "type", "weight", "can", "health", "reason")
    for store in stores:
        condition = store.health.condition
        table.add_row(
            f"{store.id} (default)" if store.default else store.id,
            store.type,
            str(store.weight),
            ", ".join(each.replace("_", " ") for each in store.capabilities if each in SHOWN),
            f"[{COLOURS.get(condition, 'red')}]{condition.value}[/]",
            escape(store.health.reason or ""),
        )
    return table
