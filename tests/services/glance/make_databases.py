"""Make databases as a real Glance leaves them, with rows in every table, for the tests.

    python -m tests.services.glance.make_databases

writes `tests/integration/database/glance_33/`: a dump of each kind of database, and what Glance
answered about what is in it. Everything comes about by Glance's commands and API, but for what it
keeps about caches, which is written into its tables.
"""

import json
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from tests.databases import KINDS, blank_url
from tests.e2e.api import ADMIN, Api, member_of
from tests.real_glance import RealGlance
from tests.service import wait_until
from tintype.adapters.database.engine import make_engine

FOLDER = Path(__file__).parents[2] / "integration" / "database" / "glance_33"
STORES = {"fast": Path("/tmp/glance-fast"), "slow": Path("/tmp/glance-slow")}
KEY = "0123456789abcdef"

JSON = {"Content-Type": "application/json"}
ASKED = (
    *("/v2/images?sort=id:asc", "/v2/images?os_hidden=true", "/v2/tasks"),
    "/v2/metadefs/namespaces",
    *(f"/v2/metadefs/namespaces/N::S{part}" for part in ("", "/objects", "/properties", "/tags")),
    "/v2/metadefs/namespaces/N::S/resource_types",
    "/v2/metadefs/resource_types",
)
"""What an administrator asks about everything; members are asked for by image."""

CACHE = (
    "INSERT INTO node_reference (node_reference_url) VALUES ('http://node')",
    "INSERT INTO cached_images (image_id, last_accessed, last_modified, size, hits,"
    " node_reference_id) SELECT id, created_at, created_at, 3, 1, 1 FROM images"
    " WHERE name = 'full'",
)


def fill(glance: RealGlance) -> None:
    """Make something of every kind."""
    admin, owner = Api(glance.url, ADMIN), Api(glance.url, member_of("owner"))
    queued = owner.create(name="queued", tags=["t"])["id"]
    full = owner.create(
        name="full", tags=["a", "c", "b"], os_type="linux", empty="", min_disk=1, min_ram=2
    )["id"]
    owner.upload(full, b"abc").expect(204)
    owner.set(full, gone="soon").expect(200)
    owner.patch(full, {"op": "remove", "path": "/gone"}).expect(200)
    owner.request("DELETE", f"/v2/images/{full}/tags/b").expect(204)
    members = f"/v2/images/{full}/members"
    for name in ("accepts", "waits", "left"):
        owner.request("POST", members, json.dumps({"member": name}).encode(), JSON).expect(200)
    accepted = b'{"status": "accepted"}'
    Api(glance.url, member_of("accepts")).request("PUT", f"{members}/accepts", accepted, JSON)
    owner.request("DELETE", f"{members}/left").expect(204)
    for name, visibility in (("open", "public"), ("common", "community"), ("own", "private")):
        made = admin.create(name=name, visibility=visibility, os_hidden=name == "common")["id"]
        admin.upload(made, name.encode(), {"x-image-meta-store": "slow"}).expect(204)
    admin.request("POST", f"/v2/images/{made}/actions/deactivate").expect(204)
    dropped = owner.create(name="dropped", tags=["t"], k="v")["id"]
    owner.upload(dropped, b"dropped").expect(204)
    owner.delete(dropped).expect(204)
    owner.request(
        "PUT", f"/v2/images/{queued}/stage", b"staged", {"Content-Type": "application/octet-stream"}
    ).expect(204)
    imported = b'{"method": {"name": "glance-direct"}}'
    owner.request("POST", f"/v2/images/{queued}/import", imported, JSON).expect(202)
    wait_until(lambda: owner.status(queued) == "active", "the import has ended")
    define(admin)


def define(admin: Api) -> None:
    """Make metadata definitions."""
    spaces = "/v2/metadefs/namespaces"

    def post(path: str, **body: Any) -> None:
        admin.request("POST", spaces + path, json.dumps(body).encode(), JSON).expect(201)

    post("", namespace="N::S", display_name="Names", visibility="public", protected=True)
    size = {"title": "Size", "type": "integer", "minimum": 1}
    post("/N::S/properties", name="size", **size)
    post("/N::S/objects", name="box", required=["size"], properties={"size": size})
    post("/N::S/tags", tags=[{"name": "small"}])
    post("/N::S/resource_types", name="OS::Glance::Image", prefix="hw_", properties_target="image")


def answers(glance: RealGlance) -> dict[str, Any]:
    """Return what Glance tells an administrator."""
    admin = Api(glance.url, ADMIN)
    found = {path: admin.request("GET", path).expect(200).json for path in ASKED}
    shared = [it["id"] for it in found[ASKED[0]]["images"] if it["visibility"] == "shared"]
    members = (f"/v2/images/{image_id}/members" for image_id in shared)
    return found | {path: admin.request("GET", path).expect(200).json for path in members}


def dump(url: str) -> str:
    """Return a database as statements."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return "\n".join(sqlite3.connect(str(parsed.database)).iterdump()) + "\n"
    options = [f"--host={parsed.host}", f"--port={parsed.port}", "--skip-comments"]
    command = ["mariadb-dump", *options, f"--user={parsed.username}", f"-p{parsed.password}"]
    if parsed.get_backend_name() == "postgresql":
        (program,) = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1:]
        command = [str(program), "--inserts", "--no-owner", "--no-comments", url]
    else:
        command.append(str(parsed.database))
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Without what only the programs for reading it back understand, and say of themselves.
    return re.sub(
        r"^(--|\\|/\*M?!|SET |SELECT pg_catalog\.set_config|LOCK|UNLOCK).*\n|^\n",
        "",
        said,
        flags=re.M,
    )


@contextmanager
def filled(kind: str) -> Iterator[tuple[str, RealGlance]]:
    """Give the database of a Glance of which everything was asked, while Glance still runs."""
    with blank_url(kind) as url, tempfile.TemporaryDirectory() as folder:
        glance = RealGlance(Path(folder), url, STORES, {"metadata_encryption_key": KEY})
        synced = glance.manage("db_sync")
        assert synced.returncode == 0, synced.stdout
        with glance:
            fill(glance)
            engine = make_engine(url)
            with engine.connect() as connection:
                for statement in CACHE:
                    connection.execute(text(statement))
            engine.dispose()
            yield url, glance


def main() -> None:
    """Write the dumps and the answers."""
    for kind in KINDS:
        with filled(kind) as (url, glance):
            told = json.dumps(answers(glance), indent=1, sort_keys=True)
            (FOLDER / f"{kind}.json").write_text(f"{told}\n", encoding="utf-8")
            (FOLDER / f"{kind}.sql").write_text(dump(url), encoding="utf-8")
    for folder in STORES.values():
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
