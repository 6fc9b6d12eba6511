"""Tasks that callers make themselves (import-and-tasks §17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tintype.application.access import Access
from tintype.application.image_import.old_task import TYPES
from tintype.application.images.create import require_creation
from tintype.application.retry import retried
from tintype.application.tasks.find import USE
from tintype.application.tasks.start import StartTask
from tintype.domain.caller import Caller
from tintype.domain.errors import Forbidden, Invalid
from tintype.domain.lease import Lease
from tintype.domain.ports.unit_of_work import Work
from tintype.domain.task import Task, TaskType
from tintype.domain.uri_filter import UriFilter, without_credentials

NEEDED = ("import_from", "import_from_format", "image_properties")
"""What the input of a task of type `import` must say."""


@dataclass(frozen=True)
class CreateTask:
    """Make a task from nothing but its input, which clients of old do."""

    work: Work
    access: Access
    uri_filter: UriFilter
    start: StartTask
    imports: bool = True
    """Whether tasks may be made that make their image themselves."""

    def __call__(
        self, caller: Caller, kind: TaskType, given: Mapping[str, Any], request_id: str | None
    ) -> Task:
        """Return the task, which waits to be begun.

        Raises:
            Forbidden: the caller may not, or nobody may; Invalid, UriRefused: the input is no good.
        """
        self.access.require_writer(caller)
        self.access.require_target(caller, USE, {})
        self.access.require_target(caller, "add_task", {})
        shown, secrets = dict(given), {}
        if kind is TaskType.IMPORT:
            if not self.imports:
                raise Forbidden("Tasks of type import are turned off: import into an image.")
            roles = ",".join(sorted(caller.roles))
            secrets = {"url": self._source(given), "roles": roles}
            self._require_image(caller, given["image_properties"])
            shown["import_from"] = without_credentials(secrets["url"])
        facts = {"input": shown, "secrets": secrets}
        task = Task.create(
            self.start.ids.new(), kind, self.start.clock.now(), caller, request_id, **facts
        )
        self.start.submit(self._record(task))
        return task

    def _source(self, given: Mapping[str, Any]) -> str:
        for name in NEEDED:
            if (not given.get(name) and name != "image_properties") or name not in given:
                raise Invalid(f"Input does not contain '{name}' field")
        if not isinstance(given["image_properties"], Mapping):
            raise Invalid("image_properties must be an object.")
        url = given["import_from"]
        if not isinstance(url, str):
            raise Invalid("import_from must be a URL.")
        self.uri_filter.check(url)
        return url

    def _require_image(self, caller: Caller, facts: Mapping[str, Any]) -> None:
        """Hold whom tasks are opened to, to what they may ask for when they create an image."""
        visibility = facts.get("visibility")
        asked = visibility if isinstance(visibility, str) else None
        require_creation(self.access, caller, caller.project_id, asked)
        self.access.properties.require_creatable(caller, [it for it in facts if it not in TYPES])

    @retried
    def _record(self, task: Task) -> Lease:
        with self.work() as work:
            lease = self.start.record(work, task)
            with self.start.given_up.unless_done(lease):
                work.commit()
        return lease
