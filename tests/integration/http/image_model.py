"""What images are to their callers, in the fewest words: the model that a life is compared with.

Source: spec images-api §4-7, §10, §11 and access-control §3, §4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tests.unit.http.service import Headers, identity


class Asker(NamedTuple):
    """Somebody who sends requests; `writes` by the role of a member."""

    project: str
    writes: bool = True
    admin: bool = False

    @property
    def headers(self) -> Headers:
        """What makes the service know it."""
        roles = (
            "admin,member,reader" if self.admin else "member,reader" if self.writes else "reader"
        )
        return identity(self.project, roles)


class Operation(NamedTuple):
    """One operation of a patch."""

    op: str
    name: str
    value: Any = None


@dataclass(frozen=True)
class Refused(Exception):
    """A request that is answered with an error."""

    status: int


@dataclass
class Modelled:
    """One image: its facts, and what may be done to it by whom."""

    id: str
    owner: str
    visibility: str = "shared"
    status: str = "queued"
    name: str | None = None
    formats: bool = True
    protected: bool = False
    os_hidden: bool = False
    properties: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    members: dict[str, str] = field(default_factory=dict)
    data: bytes | None = None
    store: str | None = None

    @property
    def shown(self) -> Mapping[str, Any]:
        """What everybody who sees the image is shown of it."""
        facts = {
            **{"id": self.id, "owner": self.owner, "visibility": self.visibility},
            **{"status": self.status, "name": self.name, "protected": self.protected},
            **{"os_hidden": self.os_hidden, "tags": self.tags},
            "size": None if self.data is None else len(self.data),
        }
        return facts | self.properties

    # ------------------------------------------------------------------ who may

    def member(self, asker: Asker) -> bool:
        """Tell whether the image is shared with the asker's project."""
        return self.visibility == "shared" and asker.project in self.members

    def seen_by(self, asker: Asker) -> bool:
        """Tell whether the asker may know of the image."""
        own = asker.admin or asker.project == self.owner
        return own or self.visibility in ("public", "community") or self.member(asker)

    def require_sight(self, asker: Asker) -> None:
        """Refuse whoever may not know of the image."""
        if self.status == "deleted" or not self.seen_by(asker):
            raise Refused(404)

    def require_change(self, asker: Asker) -> None:
        """Refuse whoever may not change the image."""
        self.require_sight(asker)
        if not (asker.admin or (asker.writes and asker.project == self.owner)):
            raise Refused(403)

    def require_shared(self) -> None:
        """Refuse what only shared images have."""
        if self.visibility != "shared":
            raise Refused(403)

    def listed(self, asker: Asker, visibility: str | None, status: str, hidden: bool) -> bool:
        """Tell whether a list shows the image."""
        if self.status == "deleted" or self.os_hidden is not hidden or not self.seen_by(asker):
            return False
        if visibility not in (None, "all", self.visibility):
            return False
        if asker.project == self.owner:
            return True
        if self.visibility == "community":
            return visibility is not None
        offered = self.visibility == "shared" and not asker.admin
        return not offered or status in ("all", self.members[asker.project])

    # ------------------------------------------------------------------ what changes

    def patched(self, asker: Asker, operations: Iterable[Operation], exclusive: bool) -> "Modelled":
        """Return the image as all operations leave it."""
        self.require_sight(asker)
        after = replace(self, properties=dict(self.properties), tags=set(self.tags))
        for operation in operations:
            self.require_change(asker)
            after._apply(asker, operation, exclusive and operation.op == "add")
        return after

    def _apply(self, asker: Asker, operation: Operation, exclusive: bool) -> None:
        op, name, value = operation
        if name not in self.shown or name in self.properties:
            self._apply_to_property(operation, exclusive)
        elif op == "remove":
            raise Refused(403)
        elif exclusive:
            raise Refused(409)
        elif not asker.admin and (name == "owner" or (name, value) == ("visibility", "public")):
            raise Refused(403)
        else:
            setattr(self, name, set(value) if name == "tags" else value)

    def _apply_to_property(self, operation: Operation, exclusive: bool) -> None:
        op, name, value = operation
        present = name in self.properties
        if (exclusive and present) or (op != "add" and not present):
            raise Refused(409)
        if op == "remove":
            del self.properties[name]
        else:
            self.properties[name] = value

    def upload(self, asker: Asker, data: bytes, store: str) -> None:
        """Take data."""
        self.require_change(asker)
        if self.status != "queued":
            raise Refused(409)
        if not self.formats:
            raise Refused(400)
        self.status, self.data, self.store = "active", data, store

    def download(self, asker: Asker) -> bytes | None:
        """Hand data out; None is an answer without any."""
        self.require_sight(asker)
        withheld = self.status == "deactivated" and not asker.admin
        if withheld or not (asker.writes or asker.admin):
            raise Refused(403)
        return self.data

    def switch(self, asker: Asker, status: str) -> None:
        """Withhold the data, or hand it out again."""
        self.require_change(asker)
        if self.data is None:
            raise Refused(403)
        self.status = status

    def delete(self, asker: Asker) -> None:
        """Vanish with all that belongs to it."""
        self.require_change(asker)
        if self.protected:
            raise Refused(403)
        self.status, self.data, self.store = "deleted", None, None

    def untag(self, asker: Asker, tag: str) -> None:
        """Lose a tag."""
        self.require_change(asker)
        if tag not in self.tags:
            raise Refused(404)
        self.tags.remove(tag)

    # ------------------------------------------------------------------ whom it is shared with

    def offer(self, asker: Asker, project: str) -> None:
        """Be offered to a project."""
        self.require_change(asker)
        self.require_shared()
        if project in self.members:
            raise Refused(409)
        self.members[project] = "pending"

    def answer(self, asker: Asker, project: str, status: str) -> None:
        """Be accepted or rejected."""
        self.require_sight(asker)
        if not (asker.admin or (asker.writes and self.owner != asker.project)):
            raise Refused(403)
        self.require_shared()
        if project not in self.members or not (asker.admin or project == asker.project):
            raise Refused(404)
        self.members[project] = status

    def withdraw(self, asker: Asker, project: str) -> None:
        """Be offered no more."""
        self.require_change(asker)
        self.require_shared()
        if project not in self.members:
            raise Refused(404)
        del self.members[project]

    def members_shown(self, asker: Asker) -> Mapping[str, str]:
        """Return the answers of those members that the asker may know of."""
        self.require_sight(asker)
        self.require_shared()
        if asker.admin or asker.project == self.owner:
            return self.members
        return {asker.project: self.members[asker.project]}
