"""Values in configuration files (contract, configuration beyond the obvious)."""

from pathlib import Path

import pytest

from tintype.entrypoints.config import new_config


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("raw,qcow2", ["raw", "qcow2"]), ("[raw, qcow2]", ["raw", "qcow2"])),
        *(("[]", []), ("[raw]", ["raw"]), ("['raw', \"qcow2\"]", ["raw", "qcow2"])),
    ],
)
@pytest.mark.parametrize(
    ("group", "option"),
    [
        *(("image_format", "disk_formats"), ("image_format", "container_formats")),
        *(
            ("image_format", "gpt_safety_checks_nonfatal"),
            ("image_import_opts", "image_import_plugins"),
        ),
        *(("cors", "allowed_origin"), ("glance_download_properties", "extra_properties")),
    ],
)
def test_a_list_may_stand_in_brackets(
    tmp_path: Path, group: str, option: str, text: str, expected: list[str]
) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[{group}]\n{option} = {text}\n")

    assert new_config([str(file)])[group][option] == expected


@pytest.mark.parametrize(
    ("group", "option", "default"),
    [("DEFAULT", "api_limit_max", 1000), ("database", "max_pool_size", 5)],
)
def test_a_number_that_is_left_empty_is_the_default(
    tmp_path: Path, group: str, option: str, default: int
) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[{group}]\n{option} =\n")

    conf = new_config([str(file)])
    assert (conf if group == "DEFAULT" else conf[group])[option] == default


@pytest.mark.parametrize("text", ["disable_by_file", "[disable_by_file]", "['disable_by_file']"])
def test_the_backend_of_the_health_check_may_stand_in_brackets(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[healthcheck]\nbackends = {text}\n")

    assert new_config([str(file)]).healthcheck.backends == ["disable_by_file"]


def test_import_methods_may_stand_in_quotes(tmp_path: Path) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text("[DEFAULT]\nenabled_import_methods = ['glance-direct', \"copy-image\"]\n")

    assert new_config([str(file)]).enabled_import_methods == ["glance-direct", "copy-image"]
