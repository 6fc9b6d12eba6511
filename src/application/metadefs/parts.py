"""What namespaces hold: the same verbs for every kind of part (metadefs §2)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tintype.application.metadefs.access import RULES, MetadefAccess
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.metadef.event import namespace_event, part_event
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Part
from tintype.domain.metadef.query import PartQuery
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work

LOG = logging.getLogger(__name__)
P = TypeVar("P", bound=Part)

_CLEARED = {
    Kind.OBJECT: "delete_objects",
    Kind.PROPERTY: "delete_properties",
    Kind.TAG: "delete_tags",
}


@dataclass(frozen=True)
class ListParts(Generic[P]):
    """Show what a namespace holds of one kind."""

    work: Work
    access: MetadefAccess
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str, query: PartQuery) -> Sequence[P]:
        """Return the parts that the caller may see.

        Raises:
            MetadefNotFound: there is no such namespace or marker that the caller may see.
            Forbidden: the caller may see the namespace, but not these.
        """
        rules = RULES[self.kind]
        with self.work(read_only=True) as work:
            home = work.metadefs.get(namespace, seen_by=caller)
            self.access.require(caller, home, rules.list)
            if not self.access.allows(caller, home, rules.each):
                return []
            return work.metadefs.parts(home, self.kind, query)


@dataclass(frozen=True)
class ShowPart(Generic[P]):
    """Look one part of a namespace up."""

    work: Work
    access: MetadefAccess
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str, name: str) -> P:
        """Return the part.

        Raises:
            MetadefNotFound: there is no such namespace or part that the caller may see.
            Forbidden: the caller may see the namespace, but not this.
        """
        with self.work(read_only=True) as work:
            home = work.metadefs.get(namespace, seen_by=caller)
            self.access.require(caller, home, RULES[self.kind].show)
            return work.metadefs.part(home, self.kind, name)


@dataclass(frozen=True)
class AddPart(Generic[P]):
    """Add one part to a namespace."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    clock: Clock
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str, values: Mapping[str, Any]) -> P:
        """Add the part and return it.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            MetadefExists: the namespace holds one of that name; Invalid: see `Part.new`.
        """
        self.access.require_writer(caller)
        home, part = self._add(caller, namespace, values)
        self.notifier.tell([part_event("create", home, part)])
        return part

    @retried
    def _add(
        self, caller: Caller, namespace: str, values: Mapping[str, Any]
    ) -> tuple[Namespace, P]:
        with self.work() as work:
            home = work.metadefs.get(namespace, seen_by=caller, for_update=True)
            self.access.require(caller, home, RULES[self.kind].add)
            part = self.kind.new(self.clock.now(), **values)
            work.metadefs.add_parts(home, [part])
            work.commit()
        return home, part


@dataclass(frozen=True)
class ReplacePart(Generic[P]):
    """Give all fields of a part anew, its name too."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    clock: Clock
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str, name: str, values: Mapping[str, Any]) -> P:
        """Replace the part and return it.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            MetadefExists: the new name is taken; Invalid: see `Part.replaced`.
        """
        self.access.require_writer(caller)
        home, before, now = self._replace(caller, namespace, name, values)
        if before.name != now.name:
            LOG.warning(
                "The %s %r of namespace %r is called %r now: images and flavors that use its "
                "old name are not changed with it.",
                *(self.kind.KIND.value, before.name, home.name, now.name),
            )
        self.notifier.tell([part_event("update", home, now, before)])
        return now

    @retried
    def _replace(
        self, caller: Caller, namespace: str, name: str, values: Mapping[str, Any]
    ) -> tuple[Namespace, P, P]:
        with self.work() as work:
            home = work.metadefs.get(namespace, seen_by=caller, for_update=True)
            self.access.require(caller, home, RULES[self.kind].replace)
            before = work.metadefs.part(home, self.kind, name)
            now = before.replaced(self.clock.now(), **values)
            work.metadefs.save_part(home, now)
            work.commit()
        return home, before, now


@dataclass(frozen=True)
class RemovePart(Generic[P]):
    """Remove one part from a namespace."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str, name: str) -> None:
        """Remove the part.

        Raises:
            MetadefNotFound, Forbidden: the caller may not, or it is not there.
            ProtectedMetadef: nobody may, as long as the namespace is protected.
        """
        self.access.require_writer(caller)
        home, part = self._remove(caller, namespace, name)
        self.notifier.tell([part_event("delete", home, part)])

    @retried
    def _remove(self, caller: Caller, namespace: str, name: str) -> tuple[Namespace, P]:
        with self.work() as work:
            home = work.metadefs.get(namespace, seen_by=caller, for_update=True)
            self.access.require(caller, home, RULES[self.kind].remove)
            part = work.metadefs.part(home, self.kind, name)
            home.require_deletable(self.kind.KIND, name)
            work.metadefs.remove_part(home, part)
            work.commit()
        return home, part


@dataclass(frozen=True)
class ClearParts(Generic[P]):
    """Remove all parts of one kind from a namespace."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    kind: type[P]

    def __call__(self, caller: Caller, namespace: str) -> None:
        """Remove them.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            ProtectedMetadef: nobody may, as long as the namespace is protected.
        """
        self.access.require_writer(caller)
        home = self._clear(caller, namespace)
        self.notifier.tell([namespace_event(_CLEARED[self.kind.KIND], home)])

    @retried
    def _clear(self, caller: Caller, namespace: str) -> Namespace:
        own = RULES[self.kind].clear
        rules = ("delete_metadef_namespace", *([] if own is None else [own]))
        with self.work() as work:
            home = work.metadefs.get(namespace, seen_by=caller, for_update=True)
            self.access.require(caller, home, *rules)
            home.require_deletable(Kind.NAMESPACE, namespace)
            work.metadefs.clear(home, self.kind)
            work.commit()
        return home
