"""Callers, images and configurations of which a test states only what matters to it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oslo_config import cfg

from tintype.domain.caller import Caller
from tintype.domain.image import Image
from tintype.domain.visibility import Visibility

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
MINE = "5a6b7c8d"
THEIRS = "99aa88bb"


def an_image(owner: str | None = MINE, visibility: str = "shared", **facts: Any) -> Image:
    return Image("f00d", NOW, NOW, owner=owner, visibility=Visibility(visibility), **facts)


def a_caller(*roles: str, project_id: str | None = MINE, **facts: Any) -> Caller:
    return Caller(user_id="ulla", project_id=project_id, roles=frozenset(roles), **facts)


def a_configuration(directory: Path, policy: str | None = None, **options: str) -> cfg.ConfigOpts:
    """Return what is read from an ini file in that directory, with a policy file if given."""
    if policy is not None:
        (directory / "policy.yaml").write_text(policy)
    lines = [f"{name} = {value}" for name, value in options.items()]
    ini = directory / "tintype.conf"
    ini.write_text("\n".join(["[oslo_policy]", *lines, ""]))
    conf = cfg.ConfigOpts()
    conf([], project="tintype", default_config_files=[str(ini)], default_config_dirs=[])
    return conf
