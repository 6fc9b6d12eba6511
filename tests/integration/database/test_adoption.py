"""A database of the field's programs is taken over, with a way back."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, Table, insert, inspect, select, text, union, update
from sqlalchemy.exc import IntegrityError

from tests.builders import ADMIN, THEN, a_location, an_image, stored_data
from tests.contract.catalogue.steps import change, keep, look
from tests.integration.database.field import make_field_database
from tintype.adapters.database import label_times, schema, tables
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.database.url_cipher import Form, UrlCipher, form_of
from tintype.domain.adoption import Due, Findings
from tintype.domain.errors import BadConfiguration, Duplicate, NotReady
from tintype.domain.member import Member
from tintype.domain.status import Status
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container

KEY = "0123456789abcdef"
JUST_BEFORE_NOON = THEN.replace(hour=11, minute=59, second=59, microsecond=700_000)
STAMP = THEN.replace(tzinfo=None, microsecond=0)
CHILD = {"created_at": STAMP, "updated_at": STAMP, "deleted_at": None, "deleted": False}


ON_ONE = pytest.mark.parametrize("kind", ["sqlite"])
"""Of a test about what all databases do alike."""


class Former:
    """A database as Glance leaves it, and what Tintype does with it when configured for it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self._folder = folder
        make_field_database(engine)

    def container(self, **options: str) -> Container:
        """Configure Tintype for it: two stores of files, `fast` and `slow`."""
        lines = [
            "[DEFAULT]",
            "enabled_backends = fast:file, slow:file",
            *(f"{name} = {value}" for name, value in options.items()),
            "[glance_store]",
            "default_backend = fast",
            "[database]",
            f"connection = {self.engine.url.render_as_string(hide_password=False)}",
        ]
        for store in ("fast", "slow"):
            lines += [f"[{store}]", f"filesystem_store_datadir = {self._folder}/{store}"]
        file = self._folder / "tintype.conf"
        file.write_text("\n".join(lines), encoding="utf-8")
        return Container(conf=new_config([str(file)]))

    def image(self) -> str:
        """Add an active image without anything on it."""
        row = {
            **{"id": str(uuid4()), "status": "active", "visibility": "shared", "min_disk": 0},
            **{"min_ram": 0, "protected": False, "os_hidden": False, "size": 3, **CHILD},
            **{"disk_format": "raw", "container_format": "bare"},
        }
        self._add(tables.images, row)
        return str(row["id"])

    def location(self, url: str, metadata: Any, **values: Any) -> str:
        """Add an image with a location."""
        image_id = self.image()
        meta = metadata if metadata is None or isinstance(metadata, str) else json.dumps(metadata)
        row = {"value": url, "meta_data": meta, "status": "active", **CHILD, **values}
        self._add(tables.image_locations, {"image_id": image_id, **row})
        return image_id

    def file(self, store: str, metadata: Any, **values: Any) -> str:
        """Add an image with a location in a store of files."""
        return self.location(f"file://{self._folder}/{store}/{uuid4()}", metadata, **values)

    def member(self, image_id: str, member: str, status: str = "pending") -> None:
        """Add a live membership."""
        row = {"member": member, "can_share": False, "status": status, **CHILD}
        self._add(tables.image_members, {"image_id": image_id, **row})

    def tag(self, image_id: str, value: str, **values: Any) -> None:
        """Add a live tag."""
        self._add(tables.image_tags, {"image_id": image_id, "value": value, **CHILD, **values})

    def property(self, image_id: str, name: str, value: str) -> None:
        """Add a live property."""
        row = {"name": name, "value": value, **CHILD}
        self._add(tables.image_properties, {"image_id": image_id, **row})

    def without_time(self) -> set[str]:
        """Return the images whose tags or properties do not say when these were made."""
        lacking = union(
            *(
                select(table.c.image_id).where(table.c[label_times.TIME].is_(None))
                for table in (label_times.tags, label_times.properties)
            )
        )
        with self.engine.connect() as connection:
            return set(connection.scalars(lacking))

    def times_of_labels(self, image_id: str) -> set[datetime]:
        """Return what the tags and properties of an image say about when it was made."""
        times = union(
            *(
                select(table.c[label_times.TIME]).where(table.c.image_id == image_id)
                for table in (label_times.tags, label_times.properties)
            )
        )
        with self.engine.connect() as connection:
            return set(connection.scalars(times))

    def time_of(self, image_id: str) -> datetime:
        """Return when an image was made."""
        c = tables.images.c
        with self.engine.connect() as connection:
            made_at: datetime = connection.scalars(
                select(c.created_at).where(c.id == image_id)
            ).one()
            return made_at

    def _add(self, table: Table, row: dict[str, Any]) -> None:
        with self.engine.connect() as connection:
            connection.execute(insert(table), row)

    def locations(self, image_id: str) -> Sequence[tuple[str, Any]]:
        """Return what stands in the rows of an image's locations."""
        c = tables.image_locations.c
        with self.engine.connect() as connection:
            rows = connection.execute(select(c.value, c.meta_data).where(c.image_id == image_id))
            return [(row.value, json.loads(row.meta_data or "null")) for row in rows]

    def everything(self) -> dict[str, Sequence[Any]]:
        """Return all rows of the field's tables."""
        with self.engine.connect() as connection:
            return {
                table.name: list(connection.execute(select(table).order_by(*table.primary_key)))
                for table in tables.field_schema.sorted_tables
            }


@pytest.fixture
def former(url: str, tmp_path: Path) -> Iterator[Former]:
    """Give a database as Glance leaves it, without rows."""
    from tintype.adapters.database.engine import make_engine

    engine = make_engine(url)
    yield Former(engine, tmp_path)
    engine.dispose()


def test_all_that_is_wrong_is_counted_and_nothing_is_changed_by_looking(former: Former) -> None:
    former.file("fast", {"backend": "fast"})
    former.file("slow", {})
    former.file("slow", None)
    former.file("slow", {"store": "of former times"})
    former.file("fast", {"store": "fast"})
    former.file("fast", {}, deleted=True, status="deleted")
    image_id = former.location("s3://key:secret@host/bucket/id", {"backend": "gone"})
    for _ in range(3):
        former.member(image_id, "a")
        former.tag(image_id, "t")
    former.member(image_id, "A")
    former.tag(image_id, "T")
    before = former.everything()

    found = former.container().adopt_catalogue()()

    assert found == Findings(
        **{"locations": 6, "former_keys": 2, "unnamed": 3, "credentials": 1},
        **{"double_members": 2, "double_tags": 2},
    )
    assert former.everything() == before
    assert not inspect(former.engine).has_table("tintype_version")


def test_what_was_found_is_put_right(former: Former) -> None:
    keyed = former.file("fast", {"backend": "fast", "kept": ["x"]})
    unnamed = former.file("slow", None)
    waiting = former.file("slow", {}, deleted=True, status="pending_delete")
    bucket = former.location("s3://key:secret@host/bucket/id", {"store": "fast"})
    for status in ("accepted", "pending"):
        former.member(keyed, "p", status)
        former.tag(keyed, "t")
    container = former.container()

    found = container.adopt_catalogue()(dry_run=False)

    assert found.anything
    assert former.locations(keyed)[0][1] == {"store": "fast", "kept": ["x"]}
    assert former.locations(unnamed)[0][1] == {"store": "slow"}
    assert former.locations(waiting)[0][1] == {"store": "slow"}
    assert former.locations(bucket) == [("s3://host/bucket/id", {"store": "fast"})]
    with container.work()(read_only=True) as work:
        (member,) = work.members.list(keyed)
    assert member.status.value == "accepted"
    assert not container.adopt_catalogue()().anything
    assert container.former_catalogue().due() is Due.NOTHING


@ON_ONE
def test_the_way_from_a_glance_to_a_committed_adoption(former: Former) -> None:
    former.file("fast", {"backend": "fast"})
    container = former.container()
    catalogue = container.former_catalogue()
    assert catalogue.due() is Due.EXPAND
    with pytest.raises(NotReady, match="adopt --apply first"):
        container.commit_adoption()()

    container.migrate()

    assert catalogue.due() is Due.MIGRATE
    with pytest.raises(NotReady):
        container.commit_adoption()()

    container.adopt_catalogue()(dry_run=False)

    assert catalogue.due() is Due.NOTHING


@ON_ONE
def test_a_database_of_our_own_needs_no_migration(url: str, tmp_path: Path, former: Former) -> None:
    with former.engine.connect() as connection:
        for table in reversed(tables.field_schema.sorted_tables):
            connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text("DROP TABLE alembic_version"))
    container = former.container()

    container.migrate()

    assert container.former_catalogue().due() is Due.NOTHING


@ON_ONE
def test_a_database_that_glance_never_saw_is_not_adopted(former: Former) -> None:
    with former.engine.connect() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    with pytest.raises(BadConfiguration, match=r"no database of Glance.*tintype db sync"):
        former.container().adopt_catalogue()()


@ON_ONE
def test_metadata_that_is_no_json_stops_the_adoption_before_anything_is_changed(
    former: Former,
) -> None:
    former.file("fast", {"backend": "fast"})
    image_id = former.file("fast", "(dp0")
    before = former.everything()

    with pytest.raises(BadConfiguration, match=f"image {image_id} is no JSON"):
        former.container().adopt_catalogue()(dry_run=False)

    assert former.everything() == before


def test_after_the_commitment_all_of_unicode_and_parts_of_seconds_are_kept(former: Former) -> None:
    image_id = former.file("fast", {"store": "fast"})
    former.tag(image_id, "old")
    container = former.container()
    container.adopt_catalogue()(dry_run=False)
    container.commit_adoption()()
    on_mysql = former.engine.dialect.name == "mysql"
    assert container.former_catalogue().due() is (Due.CONTRACT if on_mysql else Due.NOTHING)

    assert container.contract_catalogue()() == on_mysql

    assert container.former_catalogue().due() is Due.NOTHING
    work = container.work()
    keep(work, image := an_image(name="😀", tags=["😀"], properties={"😀": "😀"}))
    seen = look(work, image.id)
    assert (seen.name, seen.tags, seen.properties) == ("😀", ["😀"], {"😀": "😀"})
    assert seen.created_at == THEN
    assert look(work, image_id).tags == ["old"]
    with pytest.raises(IntegrityError):
        former.tag(image_id, "old")


# ------------------------------------------------------------------ once and not twice


def test_an_adopted_database_refuses_a_second_live_row(former: Former) -> None:
    image_id = former.image()
    former.tag(image_id, "t")
    former.member(image_id, "p")
    former.container().adopt_catalogue()(dry_run=False)

    for add in (former.tag, former.member):
        with pytest.raises(IntegrityError):
            add(image_id, "t" if add == former.tag else "p")
        for other in ("T", "t ", "té"):
            add(image_id, other)


def test_a_start_on_a_database_with_doubles_leaves_them_for_the_adoption(former: Former) -> None:
    image_id = former.image()
    for _ in range(2):
        former.tag(image_id, "t")

    schema.upgrade(former.engine)

    former.tag(image_id, "t")
    assert look(SqlWork(former.engine), image_id).tags == ["t"]


@ON_ONE
def test_removed_rows_come_back_and_go_again(former: Former) -> None:
    container = former.container()
    container.adopt_catalogue()(dry_run=False)
    work = container.work()
    keep(work, image := an_image(tags=["t"]))
    for _ in range(3):
        change(work, image.id, lambda it: it.tags.clear())
        change(work, image.id, lambda it: it.tags.append("t"))

    assert look(work, image.id).tags == ["t"]


def test_an_image_that_was_deleted_with_doubles_comes_back_without(former: Former) -> None:
    gone = {"deleted": True, "deleted_at": STAMP}
    image_id = former.file("fast", {}, **gone, status="pending_delete")
    for moment in (STAMP, STAMP, STAMP - timedelta(days=1)):
        former.tag(image_id, "t", **gone | {"deleted_at": moment})
    with former.engine.connect() as connection:
        change = update(tables.images).values(status="pending_delete", **gone)
        connection.execute(change)
    container = former.container()
    container.adopt_catalogue()(dry_run=False)

    container.restore_image()(image_id)

    assert look(container.work(), image_id).tags == ["t"]


def test_a_tag_that_another_program_adds_at_the_same_moment_is_there_once(former: Former) -> None:
    container = former.container()
    container.adopt_catalogue()(dry_run=False)
    work = container.work()
    keep(work, image := an_image())

    with work() as unit:
        found = unit.images.get(image.id, seen_by=ADMIN)
        if former.engine.dialect.name != "sqlite":  # which has one writer at a time
            former.tag(image.id, "t")
        found.tags.append("t")
        unit.images.save(found)
        unit.commit()

    assert look(work, image.id).tags == ["t"]


def test_a_member_whom_another_program_adds_at_the_same_moment_is_one_already(
    former: Former,
) -> None:
    container = former.container()
    container.adopt_catalogue()(dry_run=False)
    keep(container.work(), image := an_image())
    former.member(image.id, "p")

    with pytest.raises(Duplicate):
        keep(container.work(), Member(image.id, "p", THEN, THEN))


# ------------------------------------------------------------------ encrypted URLs


@ON_ONE
def test_encrypted_urls_are_put_right_and_stay_encrypted(former: Former) -> None:
    cipher = UrlCipher(KEY)
    kept = cipher.kept("s3://k:s@host/bucket/id", Form.FIELD)
    image_id = former.location(kept, {"store": "fast"})
    container = former.container(metadata_encryption_key=KEY)

    found = container.adopt_catalogue()(dry_run=False)

    assert (found.encrypted, found.credentials) == (1, 1)
    ((value, _),) = former.locations(image_id)
    assert "://" not in value
    assert cipher.plain(value) == "s3://host/bucket/id"
    assert look(container.work(), image_id).locations[0].url == "s3://host/bucket/id"


@ON_ONE
def test_encrypted_urls_without_their_key_stop_the_adoption(former: Former) -> None:
    image_id = former.location(UrlCipher(KEY).kept("a://b", Form.FIELD), {})

    with pytest.raises(BadConfiguration, match=f"metadata_encryption_key.*image {image_id}"):
        former.container().adopt_catalogue()()


@ON_ONE
@pytest.mark.parametrize("committed", [False, True])
def test_new_urls_are_encrypted_as_glance_reads_them_until_it_does_not_come_back(
    former: Former, committed: bool
) -> None:
    container = former.container(metadata_encryption_key=KEY)
    container.adopt_catalogue()(dry_run=False)
    if committed:
        container.commit_adoption()()
    work = container.work()

    keep(work, image := an_image(Status.ACTIVE))

    ((value, _),) = former.locations(image.id)
    assert form_of(value) is (Form.OWN if committed else Form.FIELD)
    assert look(work, image.id).locations == [stored_data().location] == [a_location()]


@ON_ONE
def test_urls_are_rewritten_into_the_form_of_today_or_as_plain_text(former: Former) -> None:
    container = former.container(metadata_encryption_key=KEY)
    cipher = UrlCipher(KEY)
    images = {
        form: former.location(cipher.kept(f"a://{form.value}", form), {"store": "fast"})
        for form in Form
    }
    container.adopt_catalogue()(dry_run=False)
    catalogue = container.former_catalogue()

    def forms() -> set[Form]:
        return {form_of(former.locations(image_id)[0][0]) for image_id in images.values()}

    assert (catalogue.rewrite_urls(), forms()) == (2, {Form.FIELD})
    container.commit_adoption()()
    assert (catalogue.rewrite_urls(), forms()) == (3, {Form.OWN})
    assert (catalogue.rewrite_urls(), forms()) == (0, {Form.OWN})
    for form, image_id in images.items():
        assert look(container.work(), image_id).locations[0].url == f"a://{form.value}"
    assert (catalogue.rewrite_urls(plain=True), forms()) == (3, {Form.PLAIN})
    assert former.locations(images[Form.OWN]) == [("a://own", {"store": "fast"})]


# ------------------------------------------------------------------ the order of labels


def test_rows_of_glance_learn_when_their_images_were_made(former: Former) -> None:
    before, beside, after = (former.image() for _ in range(3))
    former.tag(before, "t")
    former.property(before, "os_type", "linux")
    container = former.container()
    container.migrate()
    assert former.without_time() == {before}

    container.adopt_catalogue()(dry_run=False)

    assert not former.without_time()
    former.tag(beside, "t")
    assert former.without_time() == {beside}
    container.migrate_catalogue()()
    assert not former.without_time()
    former.tag(after, "t")
    container.commit_adoption()()
    assert not former.without_time()


def test_times_of_labels_are_rounded_as_those_of_images_are(former: Former) -> None:
    """Glance's tables on MySQL keep whole seconds, until they are rebuilt after the commitment."""
    container = former.container()
    container.adopt_catalogue()(dry_run=False)
    beside = an_image(tags={"t"}, properties={"os_type": "linux"}, created_at=JUST_BEFORE_NOON)
    alone = an_image(tags={"t"}, properties={"os_type": "linux"}, created_at=JUST_BEFORE_NOON)

    keep(container.work(), beside)
    assert former.times_of_labels(beside.id) == {former.time_of(beside.id)}

    container.commit_adoption()()
    container.contract_catalogue()()
    keep(container.work(), alone)
    assert former.times_of_labels(alone.id) == {former.time_of(alone.id)}
    assert former.time_of(alone.id) == JUST_BEFORE_NOON.replace(tzinfo=None)
