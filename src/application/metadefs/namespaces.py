"""Namespaces of definitions (metadefs §2)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tintype.application.metadefs.access import RULES, MetadefAccess
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden
from tintype.domain.metadef.event import namespace_event, part_event
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import OWNER_OF_NOBODY, Definitions, Namespace
from tintype.domain.metadef.part import PARTS, Content, Part, new_parts
from tintype.domain.metadef.query import NamespaceQuery
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.metadef_repository import MetadefRepository
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work

LOG = logging.getLogger(__name__)


def owned(caller: Caller, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a namespace with an owner, which is the caller unless it says so.

    Raises:
        Forbidden: only administrators give namespaces to others.
    """
    own = caller.project_id or OWNER_OF_NOBODY
    owner = values.get("owner", own)
    if owner != own and not caller.is_admin:
        raise Forbidden(f"You are not permitted to give namespaces to the owner '{owner}'.")
    return {**values, "owner": owner}


@dataclass(frozen=True)
class CreateNamespace:
    """Make a namespace, with everything that it is to hold."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    clock: Clock

    def __call__(self, caller: Caller, values: Mapping[str, Any], content: Content) -> Definitions:
        """Create all of it, or nothing, and return it.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            MetadefExists: the name is taken, or two parts have the same; Invalid: see `new`.
        """
        self.access.require_writer(caller)
        now = self.clock.now()
        namespace = Namespace.new(now, **owned(caller, values))
        kinds = [kind for kind in PARTS if content.get(kind)]
        self.access.require(
            caller, namespace, "add_metadef_namespace", *(RULES[kind].add for kind in kinds)
        )
        parts = new_parts(content, now)
        namespace = self._add(namespace, parts)
        created = [part_event("create", namespace, part) for part in parts]
        self.notifier.tell([namespace_event("create", namespace), *created])
        return Definitions(namespace, parts)

    @retried
    def _add(self, namespace: Namespace, parts: Sequence[Part]) -> Namespace:
        with self.work() as work:
            namespace = work.metadefs.add(namespace)
            work.metadefs.add_parts(namespace, parts)
            work.commit()
        return namespace


@dataclass(frozen=True)
class Page:
    """One page of a list; `next_marker` is there when another page may follow."""

    namespaces: Sequence[Definitions]
    next_marker: str | None


@dataclass(frozen=True)
class ListNamespaces:
    """Show the namespaces that a caller may see (metadefs §3)."""

    work: Work
    access: MetadefAccess

    def __call__(self, caller: Caller, query: NamespaceQuery) -> Page:
        """Return one page, each namespace with its associations.

        A full page has a next one, whatever policy then hides of it.

        Raises:
            MetadefNotFound, Forbidden: the caller may list nothing, or the marker is unknown.
        """
        self.access.require_anywhere(
            caller, "get_metadef_namespaces", "list_metadef_resource_types"
        )
        with self.work(read_only=True) as work:
            found = work.metadefs.list(query, seen_by=caller)
        full = 0 < (query.limit or 0) == len(found)
        return Page(
            [item for item in found if self.access.shows(caller, item.namespace)],
            found[-1].namespace.name if full else None,
        )


def everything_in(metadefs: MetadefRepository, namespace: Namespace) -> Definitions:
    """Return a namespace with all that it holds."""
    return Definitions(
        namespace, [part for kind in PARTS for part in metadefs.parts(namespace, kind)]
    )


@dataclass(frozen=True)
class ShowNamespace:
    """Look a namespace up, with all that it holds."""

    work: Work
    access: MetadefAccess

    def __call__(self, caller: Caller, name: str, resource_type: str | None = None) -> Definitions:
        """Return the namespace, with properties named as the resource type writes them.

        Raises:
            MetadefNotFound: there is none that the caller may see.
            Forbidden: the caller may see it, but not all that it holds.
        """
        with self.work(read_only=True) as work:
            namespace = work.metadefs.get(name, seen_by=caller)
            rules = (RULES[kind].list for kind in PARTS)
            self.access.require(caller, namespace, "get_metadef_namespace", *rules)
            found = everything_in(work.metadefs, namespace)
        return found if resource_type is None else found.written_by(resource_type)


@dataclass(frozen=True)
class ReplaceNamespace:
    """Give all fields of a namespace anew, its name too; what it holds stays."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    clock: Clock

    def __call__(self, caller: Caller, name: str, values: Mapping[str, Any]) -> Namespace:
        """Replace the fields and return the namespace.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            MetadefExists: the new name is taken; Invalid: see `Namespace.replaced`.
        """
        self.access.require_writer(caller)
        before, now = self._replace(caller, name, values)
        if before.name != now.name:
            LOG.warning(
                "Namespace %r is called %r now: images and flavors that use its old name are "
                "not changed with it.",
                *(before.name, now.name),
            )
        self.notifier.tell([namespace_event("update", now, before)])
        return now

    @retried
    def _replace(
        self, caller: Caller, name: str, values: Mapping[str, Any]
    ) -> tuple[Namespace, Namespace]:
        with self.work() as work:
            before = work.metadefs.get(name, seen_by=caller, for_update=True)
            self.access.require(caller, before, "modify_metadef_namespace")
            now = before.replaced(self.clock.now(), **owned(caller, values))
            work.metadefs.save(now)
            work.commit()
        return before, now


@dataclass(frozen=True)
class DeleteNamespace:
    """Delete a namespace with everything in it."""

    work: Work
    access: MetadefAccess
    notifier: Notifier

    def __call__(self, caller: Caller, name: str) -> None:
        """Delete it.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            ProtectedMetadef: nobody may, as long as it is protected.
        """
        self.access.require_writer(caller)
        self.notifier.tell([namespace_event("delete", self._delete(caller, name))])

    @retried
    def _delete(self, caller: Caller, name: str) -> Namespace:
        with self.work() as work:
            namespace = work.metadefs.get(name, seen_by=caller, for_update=True)
            self.access.require(caller, namespace, "delete_metadef_namespace")
            namespace.require_deletable(Kind.NAMESPACE, name)
            work.metadefs.remove(namespace)
            work.commit()
        return namespace
