"""Namespaces of definitions (metadefs §1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, TypeVar

from tintype.domain.caller import Caller
from tintype.domain.errors import ProtectedMetadef
from tintype.domain.metadef.kind import MAX_DESCRIPTION, MAX_NAME, MAX_OWNER, Kind
from tintype.domain.metadef.part import Association, Object, Part, Property, check_name, check_text
from tintype.domain.visibility import Visibility

P = TypeVar("P", bound=Part)

OWNER_OF_NOBODY = "admin"
"""The owner of what was made by somebody without a project, and of what was loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A set of definitions that is owned, shown and protected as a whole."""

    name: str
    owner: str
    created_at: datetime
    updated_at: datetime
    display_name: str | None = None
    description: str | None = None
    visibility: Visibility = Visibility.PRIVATE
    protected: bool = False
    id: int | None = None

    @classmethod
    def new(cls, at: datetime, **values: Any) -> Self:
        """Make one that did not exist before `at`.

        Raises:
            Invalid: a text is too long, or the name is empty.
        """
        namespace = cls(created_at=at, updated_at=at, **values)
        namespace._check()
        return namespace

    def replaced(self, at: datetime, **values: Any) -> Self:
        """Return what becomes of it when all its fields are given anew, also its name.

        Raises:
            Invalid: a text is too long, or the name is empty.
        """
        namespace = type(self)(id=self.id, created_at=self.created_at, updated_at=at, **values)
        namespace._check()
        return namespace

    def _check(self) -> None:
        check_name(Kind.NAMESPACE, self.name)
        check_text("display_name", self.display_name, MAX_NAME)
        check_text("description of a namespace", self.description, MAX_DESCRIPTION)
        check_text("owner", self.owner, MAX_OWNER)

    def visible_to(self, caller: Caller) -> bool:
        """Tell whether the caller may know of it, before any policy is asked (metadefs §2.1)."""
        return caller.is_admin or self.visibility is Visibility.PUBLIC or caller.owns(self.owner)

    def require_deletable(self, kind: Kind, name: str) -> None:
        """Raise ProtectedMetadef if neither it nor anything in it may be deleted."""
        if self.protected:
            raise ProtectedMetadef(kind, name)


@dataclass(frozen=True, slots=True)
class Definitions:
    """A namespace and what it holds, as far as was asked for."""

    namespace: Namespace
    parts: Sequence[Part] = ()

    def of(self, kind: type[P]) -> list[P]:
        """Return the parts of one kind, in order."""
        return [part for part in self.parts if isinstance(part, kind)]

    def written_by(self, resource_type: str) -> "Definitions":
        """Return the definitions with properties named as that type of resource writes them.

        A type that is not associated writes them as they are (metadefs §2).
        """
        prefixes = [tie.prefix for tie in self.of(Association) if tie.name == resource_type]
        prefix = prefixes[0] if prefixes else None
        if not prefix:
            return self
        return replace(self, parts=[_prefixed(part, prefix) for part in self.parts])


def _prefixed(part: Part, prefix: str) -> Part:
    return part.prefixed(prefix) if isinstance(part, (Object, Property)) else part
