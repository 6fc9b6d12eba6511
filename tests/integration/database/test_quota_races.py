"""Fifty at once against a quota: exactly as many get through as it has room for."""

from functools import partial
from pathlib import Path

import pytest

from tests.builders import OWNER
from tests.contract.catalogue.steps import at_once
from tests.unit.adapters.policy.builders import a_configuration
from tests.unit.application.quotas import UnifiedQuotas
from tests.unit.application.service import OWNER_CALLER, Service
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.adapters.quota.fixed import FixedStorageQuota
from tintype.domain.errors import LimitExceeded
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.quota import MIB, Resource, Used
from tintype.domain.status import Status

CLIENTS = 50
FITTING = 7

QUOTAS: dict[str, QuotaKeeper] = {
    "bytes of the owner": FixedStorageQuota(FITTING * MIB + 1),
    "unified limit": UnifiedQuotas({Resource.SIZE_TOTAL: FITTING}),
}


@pytest.fixture
def service(work: SqlWork, tmp_path: Path) -> Service:
    """A process on that database, with stores in memory."""
    return Service(OsloAuthoriser(a_configuration(tmp_path))).on(work)


def refusals(outcomes: list[object]) -> int:
    """Count refusals, all of which must be for the quota."""
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(refusal, LimitExceeded) for refusal in refused), refused
    return len(refused)


def used(work: SqlWork) -> Used:
    with work(read_only=True) as unit:
        return unit.usage.of(OWNER, Resource.SIZE_TOTAL)[Resource.SIZE_TOTAL]


@pytest.mark.parametrize("quotas", QUOTAS.values(), ids=QUOTAS.keys())
def test_of_fifty_uploads_of_declared_size_as_many_are_stored_as_fit(
    service: Service, work: SqlWork, quotas: QuotaKeeper
) -> None:
    service.under(quotas)
    images = [service.has_queued().id for _ in range(CLIENTS)]
    data = bytes(MIB)

    outcomes = at_once(*(partial(service.upload, it, data, size=MIB) for it in images))

    assert refusals(outcomes) == CLIENTS - FITTING
    active = [it for it in images if service.status_of(it) is Status.ACTIVE]
    assert sorted(service.stored) == sorted(active)
    assert {service.status_of(it) for it in images} == {Status.ACTIVE, Status.QUEUED}
    assert used(work) == Used(FITTING * MIB, 0)
    assert not service.leases


def test_fifty_streams_of_unknown_length_never_fill_more_than_the_storage_quota(
    service: Service, work: SqlWork
) -> None:
    service.under(FixedStorageQuota(FITTING * MIB + 1))
    images = [service.has_queued().id for _ in range(CLIENTS)]

    outcomes = at_once(*(partial(service.upload, it, bytes(MIB)) for it in images))

    assert refusals(outcomes) == CLIENTS - FITTING
    assert used(work) == Used(FITTING * MIB, 0)
    assert len(service.stored) == FITTING
    assert not service.leases


def test_of_fifty_new_images_as_many_are_recorded_as_are_allowed(
    service: Service, work: SqlWork
) -> None:
    service.under(UnifiedQuotas({Resource.COUNT_TOTAL: FITTING}))

    outcomes = at_once(*(partial(service.create, OWNER_CALLER, {}, {}) for _ in range(CLIENTS)))

    assert refusals(outcomes) == CLIENTS - FITTING
    with work(read_only=True) as unit:
        assert unit.usage.of(OWNER, Resource.COUNT_TOTAL)[Resource.COUNT_TOTAL].present == FITTING
