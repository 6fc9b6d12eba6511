"""Properties that a site gives to every image that is imported."""

from collections.abc import Collection, Mapping
from typing import ClassVar, Final

from oslo_config import cfg

from tintype.adapters.import_plugins.plugin import Names, Options, Tools
from tintype.domain.ports.import_plugin import Draft

GROUP: Final = "inject_metadata_properties"


class InjectMetadata:
    """Sets properties, unless the caller has a role that is exempt."""

    OPTIONS: ClassVar[Options] = (
        (
            GROUP,
            (
                cfg.DictOpt(
                    "inject",
                    default={},
                    help="Properties that the plugin inject_image_metadata gives to images, as "
                    "name:value pairs.",
                ),
                cfg.Opt(
                    "ignore_user_roles",
                    type=Names(),
                    default=["admin"],
                    help="Roles of callers whose images it leaves alone.",
                ),
            ),
        ),
    )

    needs_data = False
    starts_over = False

    def __init__(self, properties: Mapping[str, str], exempt: Collection[str]) -> None:
        self._properties = dict(properties)
        self._exempt = frozenset(role.lower() for role in exempt)

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, tools: Tools) -> "InjectMetadata":
        """Build it from `[inject_metadata_properties]`."""
        values = conf[GROUP]
        return cls(values.inject, values.ignore_user_roles)

    def __call__(self, draft: Draft) -> None:
        """Add the properties to those that the image is to get."""
        if not draft.roles & self._exempt:
            draft.properties.update(self._properties)
