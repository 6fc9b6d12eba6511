"""The rows of locations, whose URLs may be kept encrypted (database §3)."""

from collections.abc import Mapping
from typing import Any

from tintype.adapters.database.location_changes import kept
from tintype.adapters.database.records.rows import SqlRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_locations


class SqlLocationRows(SqlRows):
    """The table `image_locations`, as if all URLs stood in it as they are.

    They cannot be looked for: the same URL is kept as another text each time.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session, image_locations)

    def find(self, *, lock: bool = False, **equal: Any) -> list[dict[str, Any]]:
        """Return rows, as `SqlRows.find`."""
        plain = self._session.urls.plain
        rows = super().find(lock=lock, **equal)
        return [{**row, "value": plain(row["value"])} for row in rows]

    def fitting(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as they are kept; raises as `SqlRows.fitting`."""
        row = super().fitting(values)
        if isinstance(url := row.get("value"), str):
            row["value"] = kept(self._session, url)
        return row
