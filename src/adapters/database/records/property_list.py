"""The rows of properties, whose names some databases do not tell apart."""

from typing import Any

from sqlalchemy import select

from tintype.adapters.database.label_times import properties
from tintype.adapters.database.records.label_rows import SqlLabelRows
from tintype.adapters.database.session import Session
from tintype.adapters.database.tables import image_properties
from tintype.domain.errors import AlikeInDatabase, Duplicate

_c = image_properties.c


class SqlPropertyRows(SqlLabelRows):
    """The table `image_properties`, in which a row stays when its property is removed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, properties)

    def add(self, **values: Any) -> Any:
        """Add a row, as `SqlLabelRows.add`, or use one again whose name is taken for the same.

        Raises:
            AlikeInDatabase: that row is of a property that the image has.
        """
        try:
            return super().add(**values)
        except Duplicate:
            # After an error PostgreSQL answers nothing more; and it tells all names apart.
            other = self._like(**values) if self._session.dialect == "mysql" else None
            if other is None:
                raise
        if not other["deleted"]:
            raise AlikeInDatabase("properties", str(values["name"]), other["name"])
        self.change(values, id=other["id"])
        return other["id"]

    def _like(self, *, image_id: str, name: str, **_: Any) -> dict[str, Any] | None:
        like = select(image_properties).where(_c.image_id == image_id, _c.name == name)
        for row in self._session.find(like.with_for_update()):
            if row.name != name:
                return dict(row._mapping)
        return None
