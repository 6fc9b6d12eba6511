"""Which plugins a site gets (§12 and §16)."""

import logging
from pathlib import Path

import pytest

from tintype.adapters.import_plugins.conversion import Conversion
from tintype.adapters.import_plugins.metadata import InjectMetadata
from tintype.adapters.import_plugins.plugin import ImportPluginClass
from tintype.domain.errors import BadConfiguration
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container, list_options

STORES = "[DEFAULT]\nenabled_backends = ram:memory\n[glance_store]\ndefault_backend = ram\n"


def a_container(folder: Path, text: str, state_dir: Path | None = None) -> Container:
    file = folder / "tintype.conf"
    file.write_text(STORES + text, encoding="utf-8")
    container = Container(conf=new_config([str(file)]))
    container.state_dir.override(str(state_dir or folder))
    return container


def plugins(folder: Path, text: str) -> list[str]:
    """Return the names of the classes of the plugins."""
    return [type(plugin).__name__ for plugin in a_container(folder, text).import_plugins()]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[]", []),
        ("['no_op']", ["NoOp"]),
        ("[no_op]", ["NoOp"]),
        ("[image_conversion, image_decompression]", ["Conversion", "Decompression"]),
        (
            "[image_decompression,image_conversion,inject_image_metadata]",
            ["Decompression", "Conversion", "InjectMetadata"],
        ),
    ],
)
def test_plugins_come_in_the_order_of_the_list(
    tmp_path: Path, value: str, expected: list[str]
) -> None:
    assert plugins(tmp_path, f"[image_import_opts]\nimage_import_plugins = {value}") == expected


@pytest.mark.parametrize("text", ["one, two", "[one,two]", "['one', \"two\"]"])
@pytest.mark.parametrize(
    ("plugin", "group", "option"),
    [
        (InjectMetadata, "inject_metadata_properties", "ignore_user_roles"),
        (Conversion, "image_format", "vmdk_allowed_types"),
    ],
)
def test_a_list_may_stand_in_brackets(
    tmp_path: Path, plugin: ImportPluginClass, group: str, option: str, text: str
) -> None:
    file = tmp_path / "tintype.conf"
    file.write_text(f"[{group}]\n{option} = {text}\n")
    conf = new_config([str(file)])
    for section, options in plugin.OPTIONS:
        conf.register_opts(options, group=section)
    assert conf[group][option] == ["one", "two"]


def test_by_default_there_is_none(tmp_path: Path) -> None:
    assert plugins(tmp_path, "") == []


def test_unknown_names_are_left_out_with_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        text = "[image_import_opts]\nimage_import_plugins = [by_pigeon, no_op]"
        assert plugins(tmp_path, text) == ["NoOp"]
    assert "by_pigeon" in caplog.text


def test_wrong_values_are_named_before_the_start(tmp_path: Path) -> None:
    text = "[image_import_opts]\nimage_import_plugins = [image_conversion]\n"
    wrong = f"{text}[image_conversion]\noutput_format = floppy\n"
    with pytest.raises(BadConfiguration, match=r"\[image_conversion\] output_format"):
        a_container(tmp_path, wrong).import_plugins()


UNPACKING = "[image_import_opts]\nimage_import_plugins = [image_decompression]\n"
IN_A_BUCKET = "[os_glance_staging_store]\nstore_type = memory\n"


IMAGE = "11111111-2222-4333-8444-555555555555"
RUN = "aaaaaaaa-2222-4333-8444-555555555555"


def works_in(folder: Path, container: Container) -> str:
    """Return where in a folder plugins get their files."""
    container.stores().start()
    with container.workbenches().open(IMAGE, RUN) as bench:
        with bench.filling("in") as sink:
            sink.write(b"data")
        return str(bench.data.parent.relative_to(folder))


def without_names(folder: Path, text: str) -> Container:
    """Return the container where stores have no names."""
    single = (
        *("[DEFAULT]", f"node_staging_uri = file://{folder}/waiting"),
        *("[glance_store]", "stores = file", f"filesystem_store_datadir = {folder}/images"),
    )
    file = folder / "tintype.conf"
    file.write_text("\n".join((*single, UNPACKING, text)), encoding="utf-8")
    return Container(conf=new_config([str(file)]))


@pytest.mark.parametrize("staging", ["", IN_A_BUCKET])
def test_plugins_work_in_the_store_of_tasks(tmp_path: Path, staging: str) -> None:
    assert works_in(tmp_path, a_container(tmp_path, UNPACKING + staging)) == "tasks"


def test_the_store_of_tasks_may_be_elsewhere(tmp_path: Path) -> None:
    place = f"[os_glance_tasks_store]\nfilesystem_store_datadir = {tmp_path}/benches\n"
    assert works_in(tmp_path, a_container(tmp_path, UNPACKING + place)) == "benches"


def test_where_stores_have_names_the_older_option_is_not_used_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "work").mkdir()
    older = f"[task]\nwork_dir = {tmp_path}/work\n"
    assert works_in(tmp_path, a_container(tmp_path, UNPACKING + older)) == "tasks"
    (said,) = [each.message for each in caplog.records if "work_dir" in each.message]
    assert "[os_glance_tasks_store] filesystem_store_datadir" in said


def test_where_stores_have_no_names_plugins_work_beside_what_is_staged(tmp_path: Path) -> None:
    assert works_in(tmp_path, without_names(tmp_path, "")) == "waiting"


def test_where_stores_have_no_names_the_older_option_says_where_plugins_work(
    tmp_path: Path,
) -> None:
    (tmp_path / "work").mkdir()
    older = f"[task]\nwork_dir = {tmp_path}/work\n"
    assert works_in(tmp_path, without_names(tmp_path, older)) == "work"


def test_the_place_to_work_in_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match=r"\[task\] work_dir: .*nowhere"):
        without_names(tmp_path, f"[task]\nwork_dir = {tmp_path}/nowhere\n").workbenches()


def test_a_store_of_tasks_that_makes_no_sense_is_refused_if_a_plugin_needs_it(
    tmp_path: Path,
) -> None:
    wrong = "[os_glance_tasks_store]\nfilesystem_store_datadir = here\n"
    with pytest.raises(
        BadConfiguration, match=r"\[os_glance_tasks_store\] filesystem_store_datadir"
    ):
        a_container(tmp_path, UNPACKING + wrong).workbenches()
    assert a_container(tmp_path, wrong).workbenches().runs() == set()


@pytest.mark.parametrize(
    ("text", "required"),
    [
        ("", {"os_glance_staging_store"}),
        (UNPACKING, {"os_glance_staging_store", "os_glance_tasks_store"}),
    ],
    ids=["without plugins", "with a plugin that needs data"],
)
def test_the_store_of_tasks_must_work_if_a_plugin_needs_it(
    tmp_path: Path, text: str, required: set[str]
) -> None:
    assert a_container(tmp_path, text).required_stores() == required


def test_their_options_are_in_the_sample() -> None:
    names = {option.name for _, options in list_options() for option in options}
    expected = {"output_format", "ignore_user_roles", "vmdk_allowed_types", "python_interpreter"}
    assert expected <= names
