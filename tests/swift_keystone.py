"""A proxy server of Swift that asks a real Keystone who its callers are."""

import configparser
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.keystone.cloud import Account, Cloud
from tests.service import connects, free_port, wait_until
from tests.swift_server import absent, swift_settings

MIDDLEWARE = Path("/usr/lib/python3/dist-packages/keystonemiddleware")
PIPELINE = (
    "catch_errors gatekeeper cache listing_formats bulk authtoken keystoneauth copy slo dlo "
    "proxy-server"
)


@contextmanager
def swift_for(cloud: Cloud, service: Account, folder: Path) -> Iterator[None]:
    """Run the proxy server beside others of the same cluster, and put it into the catalogue.

    Members are operators of their projects' accounts; who has the role `service` is of all.
    """
    if not MIDDLEWARE.exists():
        absent("Swift cannot ask Keystone; try: apt-get install python3-keystonemiddleware")
    port = free_port()
    conf = configparser.RawConfigParser()
    conf.read(swift_settings()["TINTYPE_TEST_SWIFT_PROXY_CONF"])
    conf["DEFAULT"]["bind_port"] = str(port)
    conf["pipeline:main"]["pipeline"] = PIPELINE
    conf["filter:authtoken"] = {
        "paste.filter_factory": "keystonemiddleware.auth_token:filter_factory",
        "auth_type": "password",
        "delay_auth_decision": "true",
        "cache": "swift.cache",
        "www_authenticate_uri": service.keystone,
        **service.options,
    }
    conf["filter:keystoneauth"] = {
        "use": "egg:swift#keystoneauth",
        "operator_roles": "admin, member",
        "reseller_admin_role": "service",
    }
    file = folder / "proxy.conf"
    with file.open("w") as written:
        conf.write(written)
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            ["/usr/bin/swift-proxy-server", str(file)], stdout=log, stderr=log
        )
    try:
        wait_until(lambda: connects(port), "the proxy server of Swift takes connections", 60)
        cloud.offer("object-store", f"http://127.0.0.1:{port}/v1/AUTH_$(project_id)s")
        yield
    finally:
        process.terminate()
        process.wait()
