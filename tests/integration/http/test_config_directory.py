"""Where the application of other servers finds its configuration (operations §6)."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from falcon import testing
from tintype.entrypoints.http.wsgi import application

print(testing.simulate_get(application, "/v2/info/import").text)
"""


def test_the_directory_of_a_glance_is_read_when_the_environment_names_it(tmp_path: Path) -> None:
    (tmp_path / "glance-api.conf").write_text(
        "[DEFAULT]\n"
        "enabled_backends = ram:memory\n"
        f"node_staging_uri = file://{tmp_path}/staging\n"
        "[glance_store]\ndefault_backend = ram\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/catalogue.sqlite\n"
    )
    (tmp_path / "glance-image-import.conf").write_text(
        "[DEFAULT]\nenabled_import_methods = [copy-image]\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "OS_GLANCE_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert '"copy-image"' in done.stdout and '"glance-direct"' not in done.stdout, done.stderr
