"""What is on record about where a database comes from."""

from enum import Enum

from sqlalchemy import Connection, insert, inspect, select

from tintype.adapters.database.session import utc_now
from tintype.adapters.database.tables import additions, adoption, exactly_compared
from tintype.adapters.database.values import naive


class Fact(Enum):
    """Something that happened to a database once."""

    MADE = "made"
    """Its tables are of our making, so no other program left anything in it."""

    ADOPTED = "adopted"
    """What other programs had left in it was put right."""

    COMMITTED = "committed"
    """Those programs will not come back."""


WITHOUT_THE_FIELD = frozenset({Fact.MADE, Fact.COMMITTED})
"""Either means that no program of the field has to read what is written."""


def facts(connection: Connection) -> set[Fact]:
    """Return what is on record."""
    if not inspect(connection).has_table(adoption.name):
        return set()
    return {Fact(name) for name in connection.scalars(select(adoption.c.fact))}


def record(connection: Connection, fact: Fact) -> None:
    """Put a fact on record, if it is not yet."""
    exactly_compared(additions, connection).tables[adoption.name].create(
        connection, checkfirst=True
    )
    if fact not in facts(connection):
        connection.execute(insert(adoption), {"fact": fact.value, "at": naive(utc_now())})
