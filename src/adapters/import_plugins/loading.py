"""Finding the import plugins that a site wants."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from oslo_config import cfg
from stevedore.driver import DriverManager
from stevedore.exception import NoMatches
from stevedore.extension import ExtensionManager

from tintype.adapters.import_plugins.plugin import ImportPluginClass, Tools
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.import_plugin import ImportPlugin

LOG = logging.getLogger(__name__)
NAMESPACE: Final = "tintype.import_plugins"


def load_plugins(
    conf: cfg.ConfigOpts, names: Iterable[str], tools: Tools
) -> Sequence[ImportPlugin]:
    """Build the plugins of these names, in this order; unknown ones are left out.

    Raises:
        BadConfiguration: one of them cannot work as it is configured.
    """
    found = [(name, _class_of(name)) for name in names]
    return [_build(conf, plugin, tools) for _, plugin in found if plugin is not None]


def list_options() -> list[tuple[str | None, list[cfg.Opt]]]:
    """List the options of all plugins that are installed, for sample configuration files."""
    plugins: ExtensionManager[Any] = ExtensionManager(
        NAMESPACE, on_load_failure_callback=_leave_out
    )
    return [
        (section, list(options))
        for plugin in sorted(plugins, key=lambda each: each.name)
        for section, options in plugin.plugin.OPTIONS
    ]


def _class_of(name: str) -> ImportPluginClass | None:
    try:
        manager: DriverManager[Any] = DriverManager(
            NAMESPACE, name, on_missing_entrypoints_callback=_say_nothing
        )
    except (NoMatches, ImportError) as error:
        LOG.warning("There is no import plugin %s; imports go without it. %s", name, error)
        return None
    return cast(ImportPluginClass, manager.driver)


def _build(conf: cfg.ConfigOpts, plugin: ImportPluginClass, tools: Tools) -> ImportPlugin:
    for section, options in plugin.OPTIONS:
        conf.register_opts(options, group=section)
        for option in options:
            _check(conf, section, option)
    return plugin.from_conf(conf, tools)


def _check(conf: cfg.ConfigOpts, section: str, option: cfg.Opt) -> None:
    try:
        conf[section][option.dest]
    except (cfg.Error, ValueError) as error:
        raise BadConfiguration.of_value(f"[{section}] {option.name}", error) from error


def _say_nothing(_: Iterable[str]) -> None:
    """Leave it to NoMatches."""


def _leave_out(_: object, entry_point: Any, error: BaseException) -> None:
    LOG.debug("Import plugin %s is left out: %s", entry_point.name, error)
