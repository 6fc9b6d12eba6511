"""What quotas cost: nothing where there are none, one statement where there are."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.builders import OWNER
from tests.integration.database.test_cost_of_reading import fill, statements
from tests.unit.adapters.policy.builders import a_configuration
from tests.unit.application.quotas import UnifiedQuotas
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.domain.quota import Resource


@pytest.fixture
def service(work: SqlWork, tmp_path: Path) -> Service:
    """A process on that database, with stores in memory."""
    return Service(OsloAuthoriser(a_configuration(tmp_path))).on(work)


def create_and_upload(service: Service, engine: Engine) -> list[str]:
    """Make an active image and return the statements that it took."""
    with statements(engine) as sent:
        formats = {"disk_format": "raw", "container_format": "bare"}
        service.upload(service.create(OWNER_CALLER, formats, {}).id, b"abc", size=3)
    return [statement for statement, _ in sent]


def test_without_quotas_nobody_counts_locks_or_sets_aside(engine: Engine, service: Service) -> None:
    sent = create_and_upload(service, engine)

    assert not [it for it in sent if "projects" in it or "reserved" in it or "sum(" in it.lower()]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_unified_limits_cost_a_lock_and_a_count_at_each_check(
    engine: Engine, service: Service
) -> None:
    before = len(create_and_upload(service, engine))

    after = len(create_and_upload(service.under(UnifiedQuotas({})), engine))

    # Creation: lock, count. Upload: lock, count of bytes, count of uploads.
    assert after - before == 5


def test_all_resources_are_counted_by_one_statement(engine: Engine, work: SqlWork) -> None:
    fill(engine, 100)

    with statements(engine) as sent, work(read_only=True) as unit:
        unit.usage.of(OWNER, *Resource)

    assert len(sent) == 1


@pytest.mark.parametrize("kind", ["sqlite"])
def test_counting_reads_no_whole_table_of_images(engine: Engine, work: SqlWork) -> None:
    fill(engine, 1000)
    with statements(engine) as sent, work(read_only=True) as unit:
        unit.usage.of(OWNER, *Resource)
    statement, values = sent[-1]

    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()

    steps = [step for *_, step in plan]
    assert [step for step in steps if step.startswith("SCAN image")] == [], steps
    assert not any("ix_image_properties_deleted" in step for step in steps), steps
    assert not any("ix_images_deleted" in step for step in steps), steps
