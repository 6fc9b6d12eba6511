"""As much of a vCenter as a vmware store needs, over real https on the loopback interface.

There is no free vCenter to be had. This one is ours: it was written from what the protocol's
documents say, and it shows that the driver speaks as it means to, not that VMware's servers
answer so.
"""

import re
import ssl
import subprocess
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pyVmomi import SoapAdapter, vim, vmodl
from pyVmomi.VmomiSupport import newestVersions

from tintype.adapters.stores.vmware import VmwareDriver

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
USER, PASSWORD = "tintype", "a password"
DATACENTER = "folder/dc"
_FILE = re.compile(r"\[(?P<datastore>[^\]]+)\] (?P<path>.*)", re.DOTALL)


@dataclass
class VSphere:
    """Datastores in a datacenter, by name, with the bytes that are free in each.

    `files` has the contents by datastore and path. Sessions end when `sessions` is emptied.
    `whole` is whether ranges are ignored.
    """

    room: dict[str, int] = field(default_factory=lambda: {"one": 1 << 30})
    closed: set[str] = field(default_factory=set)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    directories: set[tuple[str, str]] = field(default_factory=set)
    locked: set[tuple[str, str]] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)
    whole: bool = False
    address: str = ""
    tasks: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def options(self, **other: object) -> dict[str, Any]:
        """Return the options of a store in all datastores."""
        return {
            "vmware_server_host": self.address,
            "vmware_server_username": USER,
            "vmware_server_password": PASSWORD,
            "vmware_ca_file": str(certificate()),
            "vmware_api_retry_count": 2,
            "vmware_datastores": [f"{DATACENTER}:{name}" for name in self.room],
            **other,
        }

    # ------------------------------------------------------------------ answers

    def call(self, method: str, this: str, told: ET.Element) -> Any:
        """Return the answer to a call, or the fault."""
        if method == "RetrieveServiceContent":
            return _content()
        if method == "FindByInventoryPath":
            there = _text(told, "inventoryPath") == DATACENTER
            return vim.Datacenter("dc") if there else None
        if method == "Fetch":
            return self._property(this, _text(told, "prop"))
        return getattr(self, f"_{method.removesuffix('_Task').lower()}")(this, told)

    def _property(self, this: str, name: str) -> Any:
        if name == "datastore":
            return vim.Datastore.Array([vim.Datastore(each) for each in self.room])
        if name == "summary":
            usable = this not in self.closed
            return vim.Datastore.Summary(
                name=this,
                url="",
                capacity=1 << 40,
                freeSpace=self.room[this],
                accessible=usable,
                multipleHostAccess=False,
                type="VMFS",
                maintenanceMode="normal",
            )
        if name == "browser":
            return vim.host.DatastoreBrowser(this)
        return self.tasks[this]

    def _makedirectory(self, this: str, told: ET.Element) -> Any:
        place = _place(_text(told, "name"))
        if place in self.directories:
            return vim.fault.FileAlreadyExists(file="")
        self.directories.add(place)
        return None

    def _searchdatastore(self, this: str, told: ET.Element) -> Any:
        datastore, path = _place(_text(told, "datastorePath"))
        if (datastore, path) not in self.directories:
            return self._task(vim.fault.FileNotFound(file=""))
        names = [
            name.removeprefix(f"{path}/")
            for place, name in self.files
            if place == datastore and name.startswith(f"{path}/")
        ]
        result = vim.host.DatastoreBrowser.SearchResults(
            folderPath="", file=[vim.host.DatastoreBrowser.FileInfo(path=name) for name in names]
        )
        return self._task(result)

    def _movedatastorefile(self, this: str, told: ET.Element) -> Any:
        source, target = _place(_text(told, "sourceName")), _place(_text(told, "destinationName"))
        if source not in self.files:
            return self._task(vim.fault.FileNotFound(file=""))
        if target in self.files:
            return self._task(vim.fault.FileAlreadyExists(file=""))
        self.files[target] = self.files.pop(source)
        return self._task(None)

    def _deletedatastorefile(self, this: str, told: ET.Element) -> Any:
        place = _place(_text(told, "name"))
        if place in self.locked:
            return self._task(vim.fault.FileLocked(file=""))
        if self.files.pop(place, None) is None:
            return self._task(vim.fault.FileNotFound(file=""))
        return self._task(None)

    def _task(self, result: Any) -> Any:
        key = f"task-{next(self.numbers)}"
        failed = isinstance(result, vim.fault.VimFault)
        self.tasks[key] = vim.TaskInfo(
            key=key,
            task=vim.Task(key),
            descriptionId="",
            state="error" if failed else "success",
            cancelled=False,
            cancelable=False,
            reason=vim.TaskReasonUser(userName=USER),
            queueTime=LONG_AGO,
            eventChainId=1,
            **{"error" if failed else "result": result},
        )
        return vim.Task(key)


def _content() -> Any:
    about = dict.fromkeys(("name", "fullName", "vendor", "build", "osType", "productLineId"), "")
    return vim.ServiceInstanceContent(
        rootFolder=vim.Folder("root"),
        propertyCollector=vmodl.query.PropertyCollector("properties"),
        about=vim.AboutInfo(**about, version="7.0.0", apiType="VirtualCenter", apiVersion="7.0"),
        sessionManager=vim.SessionManager("sessions"),
        searchIndex=vim.SearchIndex("index"),
        fileManager=vim.FileManager("files"),
    )


def _text(told: ET.Element, name: str) -> str:
    return told.findtext(f"{{urn:vim25}}{name}") or ""


def _place(name: str) -> tuple[str, str]:
    match = _FILE.fullmatch(name)
    assert match is not None, name
    return match["datastore"], match["path"]


def _returned(value: Any) -> str:
    text = SoapAdapter.SerializeToStr(value, version=newestVersions.GetName("vim"))
    return re.sub(r"^<obj|obj>$", lambda found: found[0].replace("obj", "returnval"), text)


# -------------------------------------------------------------------------- the server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "vSphere/of-our-own"
    site: VSphere

    def do_GET(self) -> None:
        if self.path == "/sdk/vimServiceVersions.xml":
            versions = "".join(f"<version>{number}</version>" for number in ("6.7", "6.5", "6.0"))
            self._send(
                200,
                '<namespaces version="1.0"><namespace><name>urn:vim25</name><version>7.0.0.0'
                f"</version><priorVersions>{versions}</priorVersions></namespace></namespaces>",
            )
            return
        self._give()

    def do_HEAD(self) -> None:
        self._give()

    def _give(self) -> None:
        data = self.site.files.get(self._asked())
        if not self._is_known():
            self._send(401, "")
        elif data is None:
            self._send(404, "")
        elif (part := self.headers.get("Range")) and not self.site.whole:
            self._send(206, data[int(part.removeprefix("bytes=").partition("-")[0]) :])
        else:
            self._send(200, data)

    def do_PUT(self) -> None:
        if not self._is_known():
            self.close_connection = True
            self._send(401, "")
            return
        data = self._body()
        if data is not None:
            self.site.files[self._asked()] = data
            self._send(201, "")

    def _asked(self) -> tuple[str, str]:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        assert query["dcPath"] == [DATACENTER]
        return query["dsName"][0], unquote(parts.path).removeprefix("/folder/")

    def _is_known(self) -> bool:
        return self.headers.get("Cookie", "").partition(";")[0] in self.site.sessions

    def _body(self) -> bytes | None:
        """Return what comes, None if it breaks off."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            size = int(self.headers["Content-Length"])
            data = self.rfile.read(size)
            return data if len(data) == size else None
        pieces = []
        while line := self.rfile.readline():
            size = int(line, 16)
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
            if not size:
                return b"".join(pieces)
        return None

    def do_POST(self) -> None:
        body = ET.fromstring(self.rfile.read(int(self.headers["Content-Length"])))
        told = next(iter(body.find("{http://schemas.xmlsoap.org/soap/envelope/}Body") or ()))
        method = told.tag.partition("}")[2]
        this = _text(told, "_this")
        if method == "Login":
            self._log_in(told)
            return
        if method != "RetrieveServiceContent" and not self._is_known():
            self._answer(method, vim.fault.NotAuthenticated(object=None, privilegeId=""))
            return
        with self.site.lock:
            answer = self.site.call(method, this, told)
        self._answer(method, answer)

    def _log_in(self, told: ET.Element) -> None:
        if (_text(told, "userName"), _text(told, "password")) != (USER, PASSWORD):
            self._answer("Login", vim.fault.InvalidLogin())
            return
        cookie = f'vmware_soap_session="{next(self.site.numbers)}"'
        self.site.sessions.add(cookie)
        session = vim.UserSession(
            key="k",
            userName=USER,
            fullName="",
            loginTime=LONG_AGO,
            lastActiveTime=LONG_AGO,
            locale="en",
            messageLocale="en",
            extensionSession=False,
            ipAddress="",
            userAgent="",
            callCount=0,
        )
        self._answer("Login", session, {"Set-Cookie": f"{cookie}; Path=/; HttpOnly; Secure;"})

    def _answer(self, method: str, value: Any, headers: dict[str, str] | None = None) -> None:
        failed = isinstance(value, vim.fault.VimFault | vim.fault.NotAuthenticated)
        if failed:
            name = type(value).__name__.rpartition(".")[2]
            detail = f'<{name}Fault xmlns="urn:vim25" xsi:type="{name}"></{name}Fault>'
            inner = (
                "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring></faultstring>"
                f"<detail>{detail}</detail></soapenv:Fault>"
            )
        else:
            returned = "" if value is None else _returned(value)
            inner = f'<{method}Response xmlns="urn:vim25">{returned}</{method}Response>'
        envelope = (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
            f"<soapenv:Body>{inner}</soapenv:Body></soapenv:Envelope>"
        )
        self._send(500 if failed else 200, envelope, headers)

    def _send(self, status: int, body: str | bytes, headers: dict[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def vsphere(**other: Any) -> Iterator[VSphere]:
    """Run a server for the time of a block."""
    site = VSphere(**other)
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(), certificate().with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        site.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def vmware_store(**other: object) -> Iterator[VmwareDriver]:
    """Give a started driver of a store that is empty."""
    with vsphere() as site:
        driver = VmwareDriver.from_settings("shelf", site.options(**other), named=True)
        driver.start()
        yield driver


@cache
def certificate() -> Path:
    """Return the file of the server's certificate; the key is beside it."""
    folder = Path(mkdtemp(prefix="tintype-vsphere-"))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "server.key", "-out", folder / "server.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "server.pem"
