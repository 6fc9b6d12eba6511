"""May they look at or change definitions, and what are they told that may not?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tintype.application.access import Access
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, MetadefNotFound, NotFound
from tintype.domain.metadef.kind import Kind
from tintype.domain.metadef.namespace import Namespace
from tintype.domain.metadef.part import Association, Object, Part, Property, Tag
from tintype.domain.ports.authoriser import Authoriser

_SEE = "get_metadef_namespace"


@dataclass(frozen=True, slots=True)
class Rules:
    """The policy rules that guard one kind of part (metadefs §2); None asks for nothing more."""

    list: str
    each: str | None
    show: str
    add: str
    replace: str
    remove: str
    clear: str | None = None


RULES: Mapping[type[Part], Rules] = {
    Object: Rules(
        list="get_metadef_objects",
        each="get_metadef_object",
        show="get_metadef_object",
        add="add_metadef_object",
        replace="modify_metadef_object",
        remove="delete_metadef_object",
    ),
    Property: Rules(
        list="get_metadef_properties",
        each=None,
        show="get_metadef_property",
        add="add_metadef_property",
        replace="modify_metadef_property",
        remove="remove_metadef_property",
    ),
    Tag: Rules(
        list="get_metadef_tags",
        each=None,
        show="get_metadef_tag",
        add="add_metadef_tag",
        replace="modify_metadef_tag",
        remove="delete_metadef_tag",
        clear="delete_metadef_tags",
    ),
    Association: Rules(
        list="list_metadef_resource_types",
        each="get_metadef_resource_type",
        show="get_metadef_resource_type",
        add="add_metadef_resource_type_association",
        replace="add_metadef_resource_type_association",
        remove="remove_metadef_resource_type_association",
    ),
}


@dataclass(frozen=True, slots=True)
class MetadefAccess:
    """Turns answers of the policy into refusals for definitions (metadefs §2.1).

    A namespace that the caller does not see never gets here: looking it up has failed already.
    """

    authoriser: Authoriser

    def require(self, caller: Caller, namespace: Namespace, *rules: str) -> None:
        """Raise unless every rule lets the caller do it with this namespace.

        Raises:
            MetadefNotFound: it may not even know of the namespace.
            Forbidden: it may know, but not do this.
        """
        unknown = MetadefNotFound(Kind.NAMESPACE, namespace.name)
        self._require(caller, target_of(namespace), rules, unknown)

    def require_anywhere(self, caller: Caller, *rules: str) -> None:
        """Raise unless every rule lets the caller do it where no namespace is involved.

        Raises:
            NotFound, Forbidden: as `require`.
        """
        unknown = NotFound("No metadata definitions were found.")
        self._require(caller, {"project_id": caller.project_id}, rules, unknown)

    def allows(self, caller: Caller, namespace: Namespace, rule: str | None) -> bool:
        """Tell whether the rule lets the caller do it; no rule does."""
        return rule is None or self.authoriser.allows_target(caller, rule, target_of(namespace))

    def shows(self, caller: Caller, namespace: Namespace) -> bool:
        """Tell whether a list may show the namespace to the caller."""
        return self.allows(caller, namespace, _SEE)

    def _require(
        self,
        caller: Caller,
        target: Mapping[str, Any],
        rules: tuple[str, ...],
        unknown: NotFound,
    ) -> None:
        for rule in rules:
            if self.authoriser.allows_target(caller, rule, target):
                continue
            if rule == _SEE or not self.authoriser.allows_target(caller, _SEE, target):
                raise unknown
            raise Forbidden(f"You are not authorized to complete {rule} action.")

    @staticmethod
    def require_writer(caller: Caller) -> None:
        """Raise ReadOnlyCaller if the caller is anonymous."""
        Access.require_writer(caller)


def target_of(namespace: Namespace) -> Mapping[str, Any]:
    """Return what policies may know of a namespace."""
    return {
        "project_id": namespace.owner,
        "owner": namespace.owner,
        "visibility": namespace.visibility.value,
    }
