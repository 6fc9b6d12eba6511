"""Objects, properties and tags of namespaces of metadata definitions (metadefs §5).

All raise MetadefNamespaceNotFound if there is no such namespace, and MetadefForbidden if the caller
does not see it. Functions that name a part by its name or its number raise the exception
MetadefObjectNotFound, MetadefPropertyNotFound or MetadefTagNotFound if it is not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tintype.domain.metadef.part import Object, Property, Tag
from tintype.domain.metadef.query import PART_SORT_KEYS, PartQuery
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.binding import bound
from tintype.entrypoints.python.database.context import viewer_of
from tintype.entrypoints.python.database.errors import translated
from tintype.entrypoints.python.database.sorting import page_size, sorted_by

Row = dict[str, Any]
"""The columns of an object, a property or a tag by name."""


# ------------------------------------------------------------------ objects


def metadef_object_get_all(context: Any, namespace_name: str) -> list[Row]:
    """Return all objects of a namespace, in the order in which they were made."""
    with translated():
        return [*bound().metadefs.parts(viewer_of(context), namespace_name, Object)]


def metadef_object_get(context: Any, namespace_name: str, name: str) -> Row:
    """Return an object of a namespace."""
    with translated():
        return bound().metadefs.part(viewer_of(context), namespace_name, Object, name)


def metadef_object_create(context: Any, namespace_name: str, values: Mapping[str, Any]) -> Row:
    """Record an object in a namespace and return it.

    It has `name`, `description`, `required` and `json_schema`.

    Raises:
        MetadefDuplicateObject: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_part(viewer_of(context), namespace_name, Object, values)


def metadef_object_update(
    context: Any, namespace_name: str, object_id: int, values: Mapping[str, Any]
) -> Row:
    """Change the object of that number in a namespace, and return what it is then.

    Raises:
        MetadefDuplicateObject: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.update_part(
            viewer_of(context), namespace_name, Object, object_id, values
        )


def metadef_object_delete(context: Any, namespace_name: str, name: str) -> Row:
    """Delete an object of a namespace, and return what it was."""
    with translated():
        return bound().metadefs.delete_part(viewer_of(context), namespace_name, Object, name)


def metadef_object_delete_namespace_content(context: Any, namespace_name: str) -> int:
    """Delete all objects of a namespace, and return how many there were."""
    with translated():
        return bound().metadefs.clear(viewer_of(context), namespace_name, Object)


def metadef_object_count(context: Any, namespace_name: str) -> int:
    """Return how many objects a namespace holds."""
    with translated():
        return len(bound().metadefs.parts(viewer_of(context), namespace_name, Object))


# ------------------------------------------------------------------ properties


def metadef_property_get_all(context: Any, namespace_name: str) -> list[Row]:
    """Return all properties of a namespace, in the order in which they were made."""
    with translated():
        return [*bound().metadefs.parts(viewer_of(context), namespace_name, Property)]


def metadef_property_get(context: Any, namespace_name: str, name: str) -> Row:
    """Return a property of a namespace."""
    with translated():
        return bound().metadefs.part(viewer_of(context), namespace_name, Property, name)


def metadef_property_create(context: Any, namespace_name: str, values: Mapping[str, Any]) -> Row:
    """Record a property in a namespace and return it: `name` and `json_schema`.

    Raises:
        MetadefDuplicateProperty: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_part(viewer_of(context), namespace_name, Property, values)


def metadef_property_update(
    context: Any, namespace_name: str, property_id: int, values: Mapping[str, Any]
) -> Row:
    """Change the property of that number in a namespace, and return what it is then.

    Raises:
        MetadefDuplicateProperty: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.update_part(
            viewer_of(context), namespace_name, Property, property_id, values
        )


def metadef_property_delete(context: Any, namespace_name: str, name: str) -> Row:
    """Delete a property of a namespace, and return what it was."""
    with translated():
        return bound().metadefs.delete_part(viewer_of(context), namespace_name, Property, name)


def metadef_property_delete_namespace_content(context: Any, namespace_name: str) -> int:
    """Delete all properties of a namespace, and return how many there were."""
    with translated():
        return bound().metadefs.clear(viewer_of(context), namespace_name, Property)


def metadef_property_count(context: Any, namespace_name: str) -> int:
    """Return how many properties a namespace holds."""
    with translated():
        return len(bound().metadefs.parts(viewer_of(context), namespace_name, Property))


# ------------------------------------------------------------------ tags


def metadef_tag_get_all(
    context: Any,
    namespace_name: str,
    filters: Mapping[str, Any] | None = None,
    marker: int | None = None,
    limit: int | None = None,
    sort_key: str = "created_at",
    sort_dir: str = "desc",
) -> list[Row]:
    """Return tags of a namespace: those of the `name` in the filters, after the number `marker`.

    Raises:
        InvalidSortKey: there is no such column.
    """
    key, *_ = sorted_by(sort_key, sort_dir, PART_SORT_KEYS)
    wanted = (filters or {}).get("name")
    size = page_size(limit)
    # One that is wanted may stand beyond the page.
    query = PartQuery(size if wanted is None else None, None, key.name, key.descending)
    with translated():
        found = bound().metadefs.parts(viewer_of(context), namespace_name, Tag, query, marker)
    return [row for row in found if wanted in (None, row["name"])][:size]


def metadef_tag_get(context: Any, namespace_name: str, name: str) -> Row:
    """Return a tag of a namespace."""
    with translated():
        return bound().metadefs.part(viewer_of(context), namespace_name, Tag, name)


def metadef_tag_create(context: Any, namespace_name: str, values: Mapping[str, Any]) -> Row:
    """Record a tag in a namespace and return it: `name`.

    Raises:
        MetadefDuplicateTag: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.create_part(viewer_of(context), namespace_name, Tag, values)


def metadef_tag_create_tags(
    context: Any,
    namespace_name: str,
    tag_list: Sequence[Mapping[str, Any]],
    can_append: bool = False,
) -> list[Row]:
    """Record tags instead of all that there are, or besides them, and return the new ones.

    An empty list changes nothing.

    Raises:
        MetadefDuplicateTag: a name is given twice, or taken; nothing is changed.
        Invalid: a value cannot be.
    """
    if not isinstance(tag_list, Iterable):
        raise exceptions.Invalid(f"Tags must be given as a list, not as {tag_list!r}.")
    tags = [{"name": tag} if isinstance(tag, str) else tag for tag in tag_list]
    with translated():
        made = bound().metadefs.create_parts(
            viewer_of(context), namespace_name, Tag, tags, instead=not can_append
        )
    return [*made]


def metadef_tag_update(
    context: Any, namespace_name: str, id: int, values: Mapping[str, Any]
) -> Row:
    """Change the tag of that number in a namespace, and return what it is then.

    Raises:
        MetadefDuplicateTag: the name is taken.
        Invalid: a value cannot be.
    """
    with translated():
        return bound().metadefs.update_part(viewer_of(context), namespace_name, Tag, id, values)


def metadef_tag_delete(context: Any, namespace_name: str, name: str) -> Row:
    """Delete a tag of a namespace, and return what it was."""
    with translated():
        return bound().metadefs.delete_part(viewer_of(context), namespace_name, Tag, name)


def metadef_tag_delete_namespace_content(context: Any, namespace_name: str) -> int:
    """Delete all tags of a namespace, and return how many there were."""
    with translated():
        return bound().metadefs.clear(viewer_of(context), namespace_name, Tag)


def metadef_tag_count(context: Any, namespace_name: str) -> int:
    """Return how many tags a namespace holds."""
    with translated():
        return len(bound().metadefs.parts(viewer_of(context), namespace_name, Tag))
