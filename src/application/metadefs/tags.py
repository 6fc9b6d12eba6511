"""Tags of namespaces, many at once (metadefs §2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.application.metadefs.access import MetadefAccess
from tintype.application.retry import retried
from tintype.domain.caller import Caller
from tintype.domain.metadef.event import part_event
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Tag, require_distinct
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.notifier import Notifier
from tintype.domain.ports.unit_of_work import Work


@dataclass(frozen=True)
class SetTags:
    """Give a namespace tags, in place of those that it has or beside them."""

    work: Work
    access: MetadefAccess
    notifier: Notifier
    clock: Clock

    def __call__(
        self, caller: Caller, namespace: str, names: Sequence[str], *, append: bool
    ) -> Sequence[Tag]:
        """Set or append the tags, all or none, and return them; no names change nothing.

        Raises:
            MetadefNotFound, Forbidden: the caller may not.
            MetadefExists: a name is there twice; Invalid: one is too long.
        """
        self.access.require_writer(caller)
        home, tags = self._set(caller, namespace, names, append=append)
        self.notifier.tell([part_event("create", home, tag) for tag in tags])
        return tags

    @retried
    def _set(
        self, caller: Caller, namespace: str, names: Sequence[str], *, append: bool
    ) -> tuple[Namespace, Sequence[Tag]]:
        with self.work() as work:
            home = work.metadefs.get(namespace, seen_by=caller, for_update=True)
            self.access.require(caller, home, "add_metadef_tags")
            tags = [Tag.new(self.clock.now(), name=name) for name in names]
            require_distinct(tags)
            if tags and not append:
                work.metadefs.clear(home, Tag)
            work.metadefs.add_parts(home, tags)
            work.commit()
        return home, tags
