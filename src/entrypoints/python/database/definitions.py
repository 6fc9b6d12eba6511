"""Namespaces of metadata definitions, and resource types (metadefs §5, §6)."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tintype.domain.metadef.merge import Merge
from tintype.domain.metadef.part import Association
from tintype.domain.metadef.query import NAMESPACE_SORT_KEYS, NamespaceQuery
from tintype.domain.visibility import Visibility
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.binding import bound, bound_files
from tintype.entrypoints.python.database.context import viewer_of
from tintype.entrypoints.python.database.errors import translated
from tintype.entrypoints.python.database.sorting import page_size, sorted_by

LOG = logging.getLogger(__name__)

Row = dict[str, Any]
"""The columns of a namespace, an association or a resource type by name."""


def db_load_metadefs(directory: str) -> None:
    """Load the definition files (`*.json`) of a directory, or one file.

    A namespace that is there already stays as it is. A file that cannot be loaded is told in the
    log, and the others are loaded.

    Raises:
        Invalid: there is no such directory, or no file in it.
    """
    try:
        path = Path(directory)
    except TypeError:
        raise exceptions.Invalid(f"A directory must be named, not {directory!r}.") from None
    with translated():
        for loaded in bound_files().loading(path, Merge.SKIP):
            if loaded.problem:
                LOG.error("Definitions of %s are not loaded: %s", loaded.file, loaded.problem)


def db_unload_metadefs() -> None:
    """Delete all definitions and resource types, the protected ones too."""
    with translated():
        bound_files().unload_metadefs()


# ------------------------------------------------------------------ namespaces


def metadef_namespace_get_all(
    context: Any,
    marker: int | None = None,
    limit: int | None = None,
    sort_key: str = "created_at",
    sort_dir: str = "desc",
    filters: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Return namespaces that the caller sees, after the one with the number `marker`.

    Filters are `visibility`, `resource_types` (a text with commas: any of them) and `id_list`.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: there is no such marker, or it is not seen.
        InvalidSortKey: there is no such column.
        InvalidParameterValue: the visibility is neither public nor private.
    """
    filters = filters or {}
    key, *_ = sorted_by(sort_key, sort_dir, NAMESPACE_SORT_KEYS)
    types = str(filters.get("resource_types") or "")
    numbers = filters.get("id_list")
    query = NamespaceQuery(
        limit=page_size(limit),
        sort_key=key.name,
        descending=key.descending,
        visibility=_visibility(filters.get("visibility")),
        resource_types=tuple(name.strip() for name in types.split(",") if name.strip()),
        ids=None if numbers is None else tuple(numbers),
    )
    with translated():
        return [*bound().metadefs.namespaces(viewer_of(context), query, marker)]


def _visibility(value: Any) -> Visibility | None:
    if value is None or value in (Visibility.PUBLIC, Visibility.PRIVATE):
        return None if value is None else Visibility(value)
    raise exceptions.InvalidParameterValue(
        value=value, param="visibility", extra_msg="use public or private."
    )


def metadef_namespace_get(context: Any, namespace_name: str) -> Row:
    """Return a namespace.

    Raises:
        MetadefNamespaceNotFound: there is none of that name.
        MetadefForbidden: the caller does not see it.
    """
    with translated():
        return bound().metadefs.namespace(viewer_of(context), namespace_name)


def metadef_namespace_create(context: Any, values: Mapping[str, Any]) -> Row:
    """Record a namespace and return it; without an owner it is the caller's.

    Raises:
        MetadefDuplicateNamespace: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_namespace(viewer_of(context), values)


def metadef_namespace_update(
    context: Any, namespace_id: int, namespace_dict: Mapping[str, Any]
) -> Row:
    """Change the namespace of that number, and return what it is then.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: as `metadef_namespace_get`.
        MetadefDuplicateNamespace: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.update_namespace(viewer_of(context), namespace_id, namespace_dict)


def metadef_namespace_delete(context: Any, namespace_name: str) -> Row:
    """Delete a namespace with everything in it, and return what it was.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: as `metadef_namespace_get`.
    """
    with translated():
        return bound().metadefs.delete_namespace(viewer_of(context), namespace_name)


# ------------------------------------------------------------------ resource types


def metadef_resource_type_create(context: Any, values: Mapping[str, Any]) -> Row:
    """Record a resource type and return it: `name` and `protected`.

    Raises:
        MetadefDuplicateResourceType: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_resource_type(values)


def metadef_resource_type_get(context: Any, resource_type_name: str) -> Row:
    """Return a resource type.

    Raises:
        MetadefResourceTypeNotFound: there is none of that name.
    """
    with translated():
        return bound().metadefs.resource_type(resource_type_name)


def metadef_resource_type_get_all(context: Any) -> list[Row]:
    """Return all resource types, in the order in which they were made."""
    with translated():
        return [*bound().metadefs.resource_types()]


def metadef_resource_type_delete(context: Any, resource_type_name: str) -> Row:
    """Delete a resource type, and return what it was.

    Raises:
        MetadefResourceTypeNotFound: there is none of that name.
        ProtectedMetadefResourceTypeSystemDelete: it is protected.
        MetadefIntegrityError: a namespace is associated with it.
    """
    with translated():
        return bound().metadefs.delete_resource_type(resource_type_name)


# ------------------------------------------------------------------ associations


def metadef_resource_type_association_get(
    context: Any, namespace_name: str, resource_type_name: str
) -> Row:
    """Return the association of a namespace with a resource type.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: as `metadef_namespace_get`.
        MetadefResourceTypeNotFound, MetadefResourceTypeAssociationNotFound: there is no such
            type, or no association with it.
    """
    with translated():
        return bound().metadefs.association(viewer_of(context), namespace_name, resource_type_name)


def metadef_resource_type_association_create(
    context: Any, namespace_name: str, values: Mapping[str, Any]
) -> Row:
    """Associate a namespace with the resource type `name`, which is made if need be.

    `prefix` and `properties_target` may be given.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: as `metadef_namespace_get`.
        MetadefDuplicateResourceTypeAssociation: it is associated already.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_part(viewer_of(context), namespace_name, Association, values)


def metadef_resource_type_association_delete(
    context: Any, namespace_name: str, resource_type_name: str
) -> Row:
    """End an association, and return what it was; the resource type stays.

    Raises:
        all that `metadef_resource_type_association_get` raises.
    """
    with translated():
        return bound().metadefs.delete_association(
            viewer_of(context), namespace_name, resource_type_name
        )


def metadef_resource_type_association_get_all_by_namespace(
    context: Any, namespace_name: str
) -> list[Row]:
    """Return all associations of a namespace.

    Raises:
        MetadefNamespaceNotFound, MetadefForbidden: as `metadef_namespace_get`.
    """
    with translated():
        return [*bound().metadefs.parts(viewer_of(context), namespace_name, Association)]
