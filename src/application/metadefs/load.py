"""Filling the catalogue of definitions, emptying it, and taking all of it out (metadefs §6).

These are an operator's, who may everything: nobody's policy is asked and nobody is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tintype.application.metadefs.namespaces import everything_in
from tintype.application.retry import retried
from tintype.domain.errors import MetadefNotFound
from tintype.domain.metadef.merge import Merge, Outcome
from tintype.domain.metadef.namespace import OWNER_OF_NOBODY, Definitions, Namespace
from tintype.domain.metadef.part import Association, Content, Part, new_parts
from tintype.domain.metadef.query import NamespaceQuery
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.metadef_repository import MetadefRepository
from tintype.domain.ports.unit_of_work import Work

PAGE = 100


@dataclass(frozen=True)
class LoadNamespace:
    """Bring one namespace and what it holds into the catalogue."""

    work: Work
    clock: Clock

    @retried
    def __call__(
        self,
        values: Mapping[str, Any],
        content: Content,
        merge: Merge = Merge.SKIP,
        *,
        dry_run: bool = False,
    ) -> Outcome:
        """Load all of it, or nothing, and say what came of it; a dry run only says.

        Raises:
            Invalid: something cannot be; MetadefExists: two parts have the same name.
        """
        now = self.clock.now()
        new = Namespace.new(now, **{"owner": OWNER_OF_NOBODY, **values})
        parts = new_parts(content, now)
        with self.work() as work:
            outcome = _load(work.metadefs, new, parts, merge)
            if not dry_run and outcome is not Outcome.SKIPPED:
                work.commit()
        return outcome


def _load(metadefs: MetadefRepository, new: Namespace, parts: list[Part], merge: Merge) -> Outcome:
    try:
        there = metadefs.get(new.name, seen_by=None, for_update=True)
    except MetadefNotFound:
        _add(metadefs, new, parts)
        return Outcome.ADDED
    if merge is Merge.SKIP:
        return Outcome.SKIPPED
    if merge is Merge.OVERWRITE:
        metadefs.remove(there)
        _add(metadefs, new, parts)
        return Outcome.OVERWRITTEN
    known = {(part.KIND, part.name): part for part in everything_in(metadefs, there).parts}
    missing = [part for part in parts if (part.KIND, part.name) not in known]
    metadefs.add_parts(there, missing, protect_types=True)
    if merge is Merge.ADD_MISSING:
        return Outcome.MERGED
    metadefs.save(replace(new, id=there.id, created_at=there.created_at))
    for part in parts:
        if old := known.get((part.KIND, part.name)):
            _renew(metadefs, there, old, part)
    return Outcome.UPDATED


def _add(metadefs: MetadefRepository, new: Namespace, parts: list[Part]) -> None:
    metadefs.add_parts(metadefs.add(new), parts, protect_types=True)


def _renew(metadefs: MetadefRepository, home: Namespace, old: Part, new: Part) -> None:
    new = replace(new, id=old.id, created_at=old.created_at)
    if isinstance(new, Association):
        metadefs.remove_part(home, old)
        metadefs.add_parts(home, [new], protect_types=True)
    else:
        metadefs.save_part(home, new)


@dataclass(frozen=True)
class ExportNamespaces:
    """Take all definitions out of the catalogue."""

    work: Work

    def __call__(self) -> Iterator[Definitions]:
        """Yield every namespace with all that it holds, in order of name."""
        marker = None
        while True:
            with self.work(read_only=True) as work:
                page = [
                    everything_in(work.metadefs, namespace)
                    for namespace in _page(work.metadefs, marker)
                ]
            yield from page
            if len(page) < PAGE:
                return
            marker = page[-1].namespace.name


@dataclass(frozen=True)
class UnloadNamespaces:
    """Empty the catalogue of definitions."""

    work: Work

    @retried
    def __call__(self, *, dry_run: bool = False) -> Sequence[str]:
        """Delete all namespaces and resource types, the protected ones too, or nothing.

        Returns the names of the namespaces in order; a dry run only says.
        """
        with self.work(read_only=dry_run) as work:
            names = _names(work.metadefs)
            if not dry_run:
                work.metadefs.remove_everything()
                work.commit()
        return names


def _names(metadefs: MetadefRepository) -> Sequence[str]:
    names: list[str] = []
    while page := _page(metadefs, names[-1] if names else None):
        names += [namespace.name for namespace in page]
    return names


def _page(metadefs: MetadefRepository, marker: str | None) -> Sequence[Namespace]:
    query = NamespaceQuery(limit=PAGE, marker=marker, sort_key="namespace", descending=False)
    return [found.namespace for found in metadefs.list(query, seen_by=None)]
