"""How many rows a database looks at to answer one statement: its cost, whatever the machine."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection


class Examined(NamedTuple):
    """Rows and index entries looked at, and the tables that were read from end to end."""

    rows: int
    scanned: tuple[str, ...]


def examined(connection: Connection, statement: str, values: Any) -> Examined:
    """Run a statement of PostgreSQL or MariaDB and tell what it looked at."""
    if connection.dialect.name == "postgresql":
        explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
        [[[explained]]] = connection.exec_driver_sql(explain, values).all()
        nodes = list(_nodes(explained["Plan"]))
        scanned = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
        return Examined(sum(map(_looked_at, nodes)), tuple(scanned))
    connection.exec_driver_sql("FLUSH STATUS")
    connection.exec_driver_sql(statement, values).all()
    counted = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").all()
    steps = connection.exec_driver_sql(f"EXPLAIN {statement}", values).mappings().all()
    scanned = [str(step["table"]) for step in steps if step["type"] == "ALL"]
    # In angle brackets stand tables that the statement itself makes.
    scanned = [table for table in scanned if not table.startswith("<")]
    return Examined(sum(int(count) for _, count in counted), tuple(scanned))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


_REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck")


def _looked_at(node: dict[str, Any]) -> int:
    if "Scan" not in node["Node Type"] or "Subquery" in node["Node Type"]:
        return 0
    # Means over the loops.
    rows = node["Actual Rows"] + sum(node.get(removed, 0) for removed in _REMOVED)
    return int(rows * node["Actual Loops"])
