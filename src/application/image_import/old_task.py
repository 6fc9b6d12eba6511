"""Imports that make their image themselves, as clients of old ask for them (§17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tintype.application.image_import.job import ImportImage
from tintype.application.tasks.engine import Outcome
from tintype.application.tasks.run import Run
from tintype.domain.allowance import Moment
from tintype.domain.errors import Invalid, ReadOnlyAttribute
from tintype.domain.image import BASE, WRITABLE, Image, check_property_name
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.unit_of_work import UnitOfWork
from tintype.domain.task import Task

TYPES: Mapping[str, type] = {
    **dict.fromkeys(WRITABLE - {"owner"}, str),
    **{"min_disk": int, "min_ram": int, "protected": bool, "os_hidden": bool, "tags": list},
}


@dataclass(frozen=True)
class ImportNewImage:
    """The job of tasks of type `import`: make an image, then fetch its data from the web.

    The site's plugins work on it as on any import. What goes wrong leaves the image queued.
    """

    importing: ImportImage
    ids: IdSource

    def run(self, run: Run) -> Outcome:
        """Make the image, unless that has been done, and import its data."""
        if run.task.image_id is None:
            allowance = self.importing.quotas.allowance(run.task.owner)

            def make(work: UnitOfWork) -> Image:
                allowance.check(Moment.CREATION, work.usage)
                return self._image(run)

            run.make_image(make)
        return self.importing.run(run)

    def _image(self, run: Run) -> Image:
        given = run.task.input
        facts = {
            "disk_format": given["import_from_format"],
            "container_format": "bare",
            **given["image_properties"],
        }
        attributes = {name: value for name, value in facts.items() if name in TYPES}
        properties = {name: value for name, value in facts.items() if name not in TYPES}
        _check(attributes, properties)
        tags = attributes.pop("tags", ())
        return Image.create(
            self.ids.new(),
            run.clock.now(),
            self.importing.limits,
            owner=run.task.owner,
            attributes=attributes,
            properties=properties,
            tags=tags,
        )

    def clear_away(self, run: Run, image: Image, error: Exception) -> None:
        """Remove what is in the stores."""
        self.importing.clear_away(run, image, error)

    def put_right(self, task: Task, image: Image, error: Exception) -> None:
        """Let the image wait for its data."""
        self.importing.put_right(task, image, error)


def _check(attributes: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    for name, value in attributes.items():
        wrong = type(value) is not TYPES[name]
        if wrong or (name == "tags" and not all(isinstance(tag, str) for tag in value)):
            raise Invalid(f"image_properties: {name} has no value of its type.")
    for name, value in properties.items():
        check_property_name(name)
        if name in BASE:
            raise ReadOnlyAttribute(name)
        if not isinstance(value, str):
            raise Invalid(f"image_properties: the value of {name} must be a text.")
