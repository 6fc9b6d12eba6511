"""Configuration from plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

from oslo_config import cfg

from tintype.domain.errors import BadConfiguration
from tintype.domain.store import RESERVED_PREFIX


def conf_of(
    settings: Mapping[str, Any], options: Sequence[tuple[str | None, Sequence[cfg.Opt]]]
) -> cfg.ConfigOpts:
    """Make a configuration, without reading files, of options by section.

    `enabled_backends` stands outside of sections. A section that `options` does not know is
    that of a store.

    Raises:
        BadConfiguration: an option does not exist, or its value is of another type.
    """
    conf = cfg.ConfigOpts()
    conf([], project="tintype", default_config_files=[], default_config_dirs=[])
    known: dict[str, list[cfg.Opt]] = {}
    for group, declared in options:
        known.setdefault(group or "DEFAULT", []).extend(declared)
    for section, values in _sections(settings).items():
        place = None if section == "DEFAULT" else section
        conf.register_opts(_options_of(section, known), group=place)
        for name, value in values.items():
            _set(conf, place, name, value)
    return conf


def _options_of(section: str, known: Mapping[str, list[cfg.Opt]]) -> Sequence[cfg.Opt]:
    if section in known and not section.startswith(RESERVED_PREFIX):
        return known[section]
    return [*known.get(section, ()), *known["backend_defaults"]]


def _sections(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {"DEFAULT": {}}
    for name, value in settings.items():
        if isinstance(value, Mapping) and name != "enabled_backends":
            sections.setdefault(name, {}).update(value)
        else:
            sections["DEFAULT"][name] = value
    return sections


def _set(conf: cfg.ConfigOpts, group: str | None, name: str, value: object) -> None:
    try:
        conf.set_override(name, value, group=group)
    except cfg.NoSuchOptError:
        raise BadConfiguration(f"[{group or 'DEFAULT'}] {name}", "there is none.") from None
    except ValueError as error:
        raise BadConfiguration.of_value(f"[{group or 'DEFAULT'}] {name}", error) from error
