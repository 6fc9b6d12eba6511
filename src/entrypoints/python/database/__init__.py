"""The database functions of old, on the catalogue of the service.

Call `configure` with the URL of a database first. Each function is a transaction of its own, and
all but two take the context first: who calls. Results are dictionaries, times naive UTC.
Exceptions are in `tintype.entrypoints.python.exceptions`. Source: spec database §1-11.
"""

from tintype.entrypoints.python.database.binding import (
    configure,
)
from tintype.entrypoints.python.database.cache import (
    delete_all_cached_images,
    delete_cached_image,
    get_cached_images,
    get_cached_nodes,
    get_hit_count,
    get_least_recently_accessed,
    insert_cache_details,
    is_image_cached_for_node,
    node_reference_create,
    node_reference_get_by_url,
    update_hit_count,
)
from tintype.entrypoints.python.database.context import (
    Context,
)
from tintype.entrypoints.python.database.image_parts import (
    image_location_add,
    image_location_delete,
    image_location_update,
    image_member_count,
    image_member_create,
    image_member_delete,
    image_member_find,
    image_member_update,
    image_property_create,
    image_property_delete,
    image_tag_create,
    image_tag_delete,
    image_tag_get_all,
    image_tag_set_all,
)
from tintype.entrypoints.python.database.images import (
    image_create,
    image_delete_property_atomic,
    image_destroy,
    image_get,
    image_get_all,
    image_restore,
    image_set_property_atomic,
    image_update,
    is_image_mutable,
    is_image_visible,
)
from tintype.entrypoints.python.database.purge import (
    purge_deleted_rows,
    purge_deleted_rows_from_images,
)
from tintype.entrypoints.python.database.tasks import (
    task_create,
    task_delete,
    task_get,
    task_get_all,
    task_update,
    tasks_get_by_image,
)
from tintype.entrypoints.python.database.usage import (
    user_get_image_count,
    user_get_staging_usage,
    user_get_storage_usage,
    user_get_uploading_count,
)

__all__ = [
    "Context",
    "configure",
    "delete_all_cached_images",
    "delete_cached_image",
    "get_cached_images",
    "get_cached_nodes",
    "get_hit_count",
    "get_least_recently_accessed",
    "image_create",
    "image_delete_property_atomic",
    "image_destroy",
    "image_get",
    "image_get_all",
    "image_location_add",
    "image_location_delete",
    "image_location_update",
    "image_member_count",
    "image_member_create",
    "image_member_delete",
    "image_member_find",
    "image_member_update",
    "image_property_create",
    "image_property_delete",
    "image_restore",
    "image_set_property_atomic",
    "image_tag_create",
    "image_tag_delete",
    "image_tag_get_all",
    "image_tag_set_all",
    "image_update",
    "insert_cache_details",
    "is_image_cached_for_node",
    "is_image_mutable",
    "is_image_visible",
    "node_reference_create",
    "node_reference_get_by_url",
    "purge_deleted_rows",
    "purge_deleted_rows_from_images",
    "task_create",
    "task_delete",
    "task_get",
    "task_get_all",
    "task_update",
    "tasks_get_by_image",
    "update_hit_count",
    "user_get_image_count",
    "user_get_staging_usage",
    "user_get_storage_usage",
    "user_get_uploading_count",
]
