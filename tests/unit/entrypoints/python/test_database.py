"""The door to the database functions: their names and arguments, and how they are bound."""

import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tintype.domain import errors
from tintype.entrypoints.python import database as db
from tintype.entrypoints.python import exceptions
from tintype.entrypoints.python.database.errors import raised_for

ADMIN = db.Context(is_admin=True)

SIGNATURES = {
    "configure": "connection_url, metadata_encryption_key=None",
    "image_create": "context, values",
    "image_update": "context, image_id, values, purge_props=False, from_state=None, "
    "atomic_props=None",
    "image_destroy": "context, image_id",
    "image_get": "context, image_id, force_show_deleted=False",
    "image_get_all": "context, filters=None, marker=None, limit=None, sort_key=None, "
    "sort_dir=None, member_status='accepted', is_public=None, admin_as_user=False, "
    "return_tag=False",
    "image_restore": "context, image_id",
    "is_image_visible": "context, image, status=None",
    "is_image_mutable": "context, image",
    "image_set_property_atomic": "image_id, name, value",
    "image_delete_property_atomic": "image_id, name, value",
    "image_location_add": "context, image_id, location",
    "image_location_update": "context, image_id, location",
    "image_location_delete": "context, image_id, location_id, status, delete_time=None",
    "image_property_create": "context, values",
    "image_property_delete": "context, prop_ref, image_ref",
    "image_tag_create": "context, image_id, value",
    "image_tag_delete": "context, image_id, value",
    "image_tag_get_all": "context, image_id",
    "image_tag_set_all": "context, image_id, tags",
    "image_member_create": "context, values",
    "image_member_update": "context, memb_id, values",
    "image_member_delete": "context, memb_id",
    "image_member_find": "context, image_id=None, member=None, status=None, include_deleted=False",
    "image_member_count": "context, image_id",
    "user_get_storage_usage": "context, owner_id, image_id=None",
    "user_get_staging_usage": "context, owner_id",
    "user_get_image_count": "context, owner_id",
    "user_get_uploading_count": "context, owner_id",
    "task_create": "context, values",
    "task_update": "context, task_id, values",
    "task_get": "context, task_id, force_show_deleted=False",
    "task_delete": "context, task_id",
    "task_get_all": "context, filters=None, marker=None, limit=None, sort_key='created_at', "
    "sort_dir='desc', admin_as_user=False",
    "tasks_get_by_image": "context, image_id",
    "node_reference_create": "context, node_reference_url",
    "node_reference_get_by_url": "context, node_reference_url",
    "insert_cache_details": "context, node_reference_url, image_id, filesize, checksum=None, "
    "last_accessed=None, last_modified=None, hits=None",
    "get_hit_count": "context, image_id, node_reference_url",
    "update_hit_count": "context, image_id, node_reference_url",
    "get_cached_images": "context, node_reference_url",
    "get_cached_nodes": "context, image_id",
    "is_image_cached_for_node": "context, node_reference_url, image_id",
    "get_least_recently_accessed": "context, node_reference_url",
    "delete_cached_image": "context, image_id, node_reference_url",
    "delete_all_cached_images": "context, node_reference_url",
    "purge_deleted_rows": "context, age_in_days, max_rows",
    "purge_deleted_rows_from_images": "context, age_in_days, max_rows",
    "db_load_metadefs": "directory",
    "db_unload_metadefs": "",
    "metadef_namespace_get_all": "context, marker=None, limit=None, sort_key='created_at', "
    "sort_dir='desc', filters=None",
    "metadef_namespace_update": "context, namespace_id, namespace_dict",
    "metadef_tag_get_all": "context, namespace_name, filters=None, marker=None, limit=None, "
    "sort_key='created_at', sort_dir='desc'",
    "metadef_tag_create_tags": "context, namespace_name, tag_list, can_append=False",
    "metadef_object_update": "context, namespace_name, object_id, values",
    "metadef_property_delete_namespace_content": "context, namespace_name",
    "metadef_resource_type_association_get_all_by_namespace": "context, namespace_name",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_those_that_programs_give(name: str) -> None:
    signature = inspect.signature(getattr(db, name))

    given = ", ".join(
        it.name if it.default is it.empty else f"{it.name}={it.default!r}"
        for it in signature.parameters.values()
    )
    assert given == SIGNATURES[name]


@pytest.mark.parametrize("kind", ["namespace", "object", "property", "tag"])
@pytest.mark.parametrize("verb", ["create", "get", "get_all", "update", "delete"])
def test_every_kind_of_definition_has_every_verb(kind: str, verb: str) -> None:
    assert callable(getattr(db, f"metadef_{kind}_{verb}"))


def test_each_configuration_in_memory_begins_empty() -> None:
    db.configure("sqlite://")
    db.image_create(ADMIN, {"status": "queued"})
    before = len(db.image_get_all(ADMIN))

    db.configure("sqlite://")

    assert (before, db.image_get_all(ADMIN)) == (1, [])


def test_threads_share_the_database_in_memory() -> None:
    db.configure("sqlite://")

    def create(number: int) -> None:
        db.image_create(ADMIN, {"status": "queued", "name": str(number)})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(create, range(24)))

    assert {image["name"] for image in db.image_get_all(ADMIN)} == {str(n) for n in range(24)}


def test_a_file_keeps_what_was_in_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tintype.sqlite"
    db.configure(url)
    image = db.image_create(ADMIN, {"status": "queued"})

    db.configure("sqlite://")
    db.configure(url)

    assert db.image_get_all(ADMIN) == [image]


@pytest.mark.parametrize("url", ["nonsense", "oracle://host/name"])
def test_a_url_that_cannot_be_used_leaves_the_one_before(url: str) -> None:
    db.configure("sqlite://")
    image = db.image_create(ADMIN, {"status": "queued"})

    with pytest.raises(exceptions.BadStoreConfiguration):
        db.configure(url)

    assert db.image_get_all(ADMIN) == [image]


def test_a_program_that_forgot_to_configure_is_told() -> None:
    program = "from tintype.entrypoints.python import database as d; d.image_get(None, 'x')"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert b"RuntimeError: Call tintype.entrypoints.python.database.configure(url)" in ended.stderr


def kinds(root: type[errors.TintypeError]) -> list[type[errors.TintypeError]]:
    """Return an error of the domain and all below it."""
    return [root, *(below for child in root.__subclasses__() for below in kinds(child))]


@pytest.mark.parametrize("kind", kinds(errors.TintypeError))
def test_every_error_of_the_domain_is_raised_as_one_that_callers_know(
    kind: type[errors.TintypeError],
) -> None:
    error = kind.__new__(kind)
    error.kind = "tag"  # type: ignore[attr-defined]

    raised = raised_for(error)

    assert issubclass(raised, exceptions.GlanceStoreException)
    families = {
        errors.NotFound: exceptions.NotFound,
        errors.Forbidden: exceptions.Forbidden,
        errors.Duplicate: exceptions.Duplicate,
        errors.Invalid: exceptions.Invalid,
    }
    for theirs, ours in families.items():
        # What the service answers as a conflict, the field's function forbids (metadefs §5).
        forbidden = kind is errors.MetadefInUse and ours is exceptions.Forbidden
        assert issubclass(raised, ours) is (forbidden or issubclass(kind, theirs))
