"""Tasks whose ids wait outside of the process that accepted them, as at a broker."""

from datetime import timedelta

import pytest

from tests.unit.application.service import LEASE_TIME, Service
from tests.unit.application.test_tasks import KIND, Rename, a_started_task
from tintype.domain.image import Image
from tintype.domain.lease import Purpose
from tintype.domain.task import TaskStatus


@pytest.fixture
def job(service: Service) -> Rename:
    service.queue.lasting = True
    service.jobs[KIND] = job = Rename()
    return job


@pytest.fixture
def image(service: Service, job: Rename) -> Image:
    return service.has_queued()


def lose_messages(service: Service) -> int:
    lost = len(service.queue.waiting)
    service.queue.waiting.clear()
    return lost


def test_nobody_keeps_the_lease_of_a_task_that_waits(service: Service, image: Image) -> None:
    a_started_task(service, image)
    (lease,) = service.leases
    assert (lease.holder, lease.purpose) == ("", Purpose.WAITING)


def test_a_message_that_was_lost_is_sent_again_though_its_sender_lives(
    service: Service, image: Image
) -> None:
    task = a_started_task(service, image)
    assert lose_messages(service) == 1
    service.renew()
    assert service.sweep() == 0
    service.clock.pass_by(LEASE_TIME)
    assert service.sweep() == 1
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS


def test_messages_of_a_task_that_waits_long_become_rare(service: Service, image: Image) -> None:
    a_started_task(service, image)
    for _ in range(24 * 60):
        service.clock.pass_by(timedelta(minutes=1))
        service.sweep()
    assert 8 <= lose_messages(service) <= 14
    assert len(service.leases) == 1


def test_a_broker_that_is_away_is_asked_again_as_often_as_ever(
    service: Service, image: Image
) -> None:
    service.queue.broken = True
    task = a_started_task(service, image)
    for _ in range(60):
        service.clock.pass_by(LEASE_TIME)
        assert service.sweep() == 1
    service.queue.broken = False
    service.clock.pass_by(LEASE_TIME)
    service.sweep()
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS


def test_a_task_handed_back_is_passed_on_at_the_next_sweep(service: Service, image: Image) -> None:
    task = a_started_task(service, image)
    service.halt_and_work_off()
    assert service.sweep() == 1
    service.work_off()
    assert service.task(task.id).status is TaskStatus.SUCCESS
