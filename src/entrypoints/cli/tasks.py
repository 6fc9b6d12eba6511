"""`tintype tasks`: see what goes on in the background, and steer it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import click

from tintype.domain.caller import Caller
from tintype.domain.ports.fellow_workers import PassedOn
from tintype.domain.task import Task, TaskStatus
from tintype.domain.task_query import TaskQuery
from tintype.entrypoints.cli.configuration import configured, opened

OPERATOR = Caller(roles=frozenset({"admin", "member", "reader"}), is_admin=True)
"""Whoever may read the configuration may do anything."""


def add_commands(main: click.Group) -> None:
    """Add the commands."""

    def steering(**where: Any) -> Any:
        from tintype.entrypoints.container import steering as steering_of

        container = opened(**where)
        container.migrate()
        return steering_of(container)

    @main.group()
    def tasks() -> None:
        """See what goes on in the background, and steer it."""

    @tasks.command("list")
    @click.option("--status", type=click.Choice([status.value for status in TaskStatus]))
    @click.option("--limit", type=click.IntRange(min=1), default=25, show_default=True)
    @configured
    def tasks_list(status: str | None, limit: int, **where: Any) -> None:
        """List tasks, the newest first."""
        query = TaskQuery(limit, filters={"status": status} if status else {})
        _list(steering(**where).list_tasks()(OPERATOR, query).tasks)

    @tasks.command("show")
    @click.argument("task_id")
    @configured
    def tasks_show(task_id: str, **where: Any) -> None:
        """Show one task: how far it is, or why it failed."""
        _show(steering(**where).show_task()(OPERATOR, task_id))

    @tasks.command("cancel")
    @click.argument("task_id")
    @configured
    def tasks_cancel(task_id: str, **where: Any) -> None:
        """Let a task come to nothing; its image waits for data, or for another try."""
        steering(**where).cancel_task()(OPERATOR, task_id)
        click.echo(f"Task {task_id} ends as soon as what it did is undone.")

    @tasks.command("retry")
    @click.argument("task_id")
    @configured
    def tasks_retry(task_id: str, **where: Any) -> None:
        """Send the request of a task again that failed."""
        container = opened(**where)
        container.stores().start()
        failed = container.show_task()(OPERATOR, task_id)
        # The new task is seen by those who saw the old one.
        who = replace(OPERATOR, project_id=failed.owner, user_id=failed.user_id)
        begun = container.retry_task()(who, task_id)
        if isinstance(begun, PassedOn):
            raise click.ClickException(
                "The data is staged on another host: run this command there."
            )
        click.echo(f"Task {begun.id} does it again.")


def _list(tasks: Iterable[Task]) -> None:
    for task in tasks:
        created = f"{task.created_at:%Y-%m-%d %H:%M:%S}"
        about = f"image {task.image_id}" if task.image_id else ""
        click.echo(f"{task.id}  {created}  {task.status.value:<10}  {task.type:<16}  {about}")


def _show(task: Task) -> None:
    for name in ("id", "type", "status", "image_id", "owner", "created_at", "updated_at"):
        click.echo(f"{name:<12} {getattr(task, name)}")
    for store, progress in task.progress.items():
        total = "?" if progress.total is None else progress.total
        percent = "" if progress.percent is None else f" ({progress.percent} %)"
        rate = "" if progress.rate is None else f", {progress.rate} bytes a second"
        click.echo(f"{'to ' + store:<12} {progress.done} of {total} bytes{percent}{rate}")
    if task.message:
        click.echo(f"{'message':<12} {task.message}")
