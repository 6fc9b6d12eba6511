"""Who works on tasks, as the configuration says."""

from pathlib import Path

import pytest

from tintype.adapters.tasks.celery_queue import CeleryQueue
from tintype.adapters.tasks.celery_worker import CeleryWorker
from tintype.adapters.tasks.local_queue import LocalQueue
from tintype.domain.errors import BadConfiguration
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container

URL = "broker_url = redis://user:secret@127.0.0.1:1/0"


def container(
    folder: Path, *, executor: str = "celery", shared: bool = True, celery: str = ""
) -> Container:
    file = folder / "tintype.conf"
    sections = (
        *("[DEFAULT]", "enabled_backends = ram:memory"),
        *("[glance_store]", "default_backend = ram"),
        *("[task]", f"task_executor = {executor}"),
        *("[os_glance_staging_store]", f"shared = {shared}"),
        *("[celery]", celery),
    )
    file.write_text("\n".join(sections), encoding="utf-8")
    return Container(conf=new_config([str(file)]))


@pytest.mark.parametrize(
    ("executor", "kind"),
    [("local", LocalQueue), ("taskflow", LocalQueue), ("celery", CeleryQueue)],
)
def test_tasks_go_to_the_queue_of_the_executor(tmp_path: Path, executor: str, kind: type) -> None:
    assert isinstance(container(tmp_path, executor=executor, celery=URL).task_queue(), kind)


def test_a_worker_is_built_without_reaching_the_broker(tmp_path: Path) -> None:
    assert isinstance(container(tmp_path, celery=URL).worker(), CeleryWorker)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ("", "[celery] broker_url"),
        ("broker_url = http://user:secret@host", "[celery] broker_url"),
        ("broker_url = redis://user:secret@host:port", "[celery] broker_url"),
        ("broker_url = secret", "[celery] broker_url"),
        ("broker_url = amqp://", "[celery] broker_url"),
        (f"{URL}\nqueue =", "[celery] queue"),
    ],
)
def test_a_wrong_option_stops_the_start_with_a_sentence(
    tmp_path: Path, given: str, option: str
) -> None:
    wrong = container(tmp_path, celery=given)
    for build in (wrong.task_queue, wrong.worker):
        with pytest.raises(BadConfiguration) as refused:
            build()
        assert refused.value.option == option
        assert "secret" not in str(refused.value)


def test_workers_need_to_reach_what_is_staged(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="all workers must reach what is staged"):
        container(tmp_path, shared=False, celery=URL).task_queue()


def test_a_worker_that_could_only_idle_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="there is nothing to do for a worker"):
        container(tmp_path, executor="local").worker()
