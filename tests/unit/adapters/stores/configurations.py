"""Configurations with stores in them."""

from pathlib import Path
from textwrap import dedent

from oslo_config import cfg

from tintype.adapters.stores.registry import register_options


def a_configuration(tmp_path: Path, text: str) -> cfg.ConfigOpts:
    """Read the text as the service would read its configuration file."""
    file = tmp_path / "tintype.conf"
    file.write_text(dedent(text))
    conf = cfg.ConfigOpts()
    register_options(conf)
    conf(["--config-file", str(file)], project="tintype")
    return conf


def three_stores(tmp_path: Path) -> str:
    """Return `slow` (the default), `fast` and `ram`; sections may be added to."""
    return dedent(f"""
        [DEFAULT]
        enabled_backends = slow:file, fast:file, ram:memory

        [glance_store]
        default_backend = slow

        [backend_defaults]
        store_description = Somewhere
        filesystem_store_chunk_size = 4096

        [slow]
        filesystem_store_datadir = {tmp_path}/slow

        [fast]
        filesystem_store_datadir = {tmp_path}/fast
        store_description = Solid state
        weight = 7

        [ram]
        weight = -3
    """)


def single_store(tmp_path: Path, default: str = "file") -> str:
    """Return the older form; lines may be added to its section."""
    return dedent(f"""
        [glance_store]
        default_store = {default}
        filesystem_store_datadir = {tmp_path}/images
    """)
