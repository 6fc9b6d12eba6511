"""vSphere, asked in the few ways that the driver needs."""

import http.client
import os
import ssl
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, Final, TypeVar

from tintype.adapters.stores.vmware.addresses import Address, Place
from tintype.adapters.stores.vmware.options import VmwareSettings

T = TypeVar("T")

FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 1.0


class Inventory:
    """The configured server; safe between threads.

    Methods raise what pyVmomi does. There is a session for each process, made when first needed,
    and anew when the server has ended it.
    """

    def __init__(self, settings: VmwareSettings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._session: tuple[int, Any] = (0, None)

    # ------------------------------------------------------------------ the session

    @property
    def trust(self) -> ssl.SSLContext:
        """Whose certificates are believed."""
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        if self._settings.insecure and self._settings.ca_file is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def session(self) -> Any:
        """Return the session of this process."""
        owner, session = self._session
        if owner == os.getpid():
            return session
        with self._lock:
            if self._session[0] != os.getpid():
                self._session = os.getpid(), self._log_in()
            return self._session[1]

    def _log_in(self) -> Any:
        from pyVim.connect import SmartConnect

        own = self._settings
        return SmartConnect(
            host=own.host,
            port=own.port,
            user=own.username,
            pwd=own.password,
            sslContext=self.trust,
            httpConnectionTimeout=own.request_timeout_s,
        )

    def forget(self, session: Any) -> None:
        """Log in anew next time, if that session is still the present one."""
        with self._lock:
            if self._session[1] is session:
                self._session = (0, None)

    def cookie(self) -> str:
        """Return what proves to the server's files that we are logged in."""
        return str(self.session()._stub.cookie).partition(";")[0]

    def _ask(self, question: Callable[[Any], T], *, twice: bool = True) -> T:
        """Ask, in a new session if this one has ended; and again if that does no harm."""
        from pyVmomi import vim

        pause = FIRST_PAUSE
        for left in range(self._settings.retries, -1, -1):
            try:
                session = self.session()
            except (OSError, http.client.HTTPException):
                if not left:
                    raise
            else:
                try:
                    return question(session)
                except vim.fault.NotAuthenticated:
                    self.forget(session)
                    if not left:
                        raise
                except (OSError, http.client.HTTPException):
                    if not left or not twice:
                        raise
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")

    # ------------------------------------------------------------------ datastores

    def _datacenter(self, session: Any, path: str) -> Any:
        from pyVmomi import vim

        found = session.RetrieveContent().searchIndex.FindByInventoryPath(path)
        if found is None:
            raise vim.fault.NotFound()
        return found

    def _datastore(self, session: Any, place: Place) -> tuple[Any, Any]:
        from pyVmomi import vim

        for datastore in self._datacenter(session, place.datacenter).datastore:
            summary = datastore.summary
            if summary.name == place.datastore:
                return datastore, summary
        raise vim.fault.NotFound()

    def room(self, place: Place) -> int | None:
        """Return how many bytes are free in a datastore, None if it cannot be used now."""

        def question(session: Any) -> int | None:
            summary = self._datastore(session, place)[1]
            usable = summary.accessible and summary.maintenanceMode in (None, "normal")
            return int(summary.freeSpace) if usable else None

        return self._ask(question)

    def make_directory(self, place: Place) -> None:
        """Make the directory of images, if it is not there."""
        from pyVmomi import vim

        name = f"[{place.datastore}] {self._settings.directory}"

        def question(session: Any) -> None:
            datacenter = self._datacenter(session, place.datacenter)
            try:
                session.RetrieveContent().fileManager.MakeDirectory(name, datacenter, True)
            except vim.fault.FileAlreadyExists:
                return

        self._ask(question)

    def names(self, place: Place) -> Iterator[str]:
        """Give the names of the files in the directory of images."""
        from pyVmomi import vim

        path = f"[{place.datastore}] {self._settings.directory}"

        def question(session: Any) -> Any:
            browser = self._datastore(session, place)[0].browser
            return self._result(browser.SearchDatastore_Task(path, None))

        try:
            found = self._ask(question)
        except vim.fault.FileNotFound:
            return
        yield from (file.path for file in found.file)

    # ------------------------------------------------------------------ files

    def move(self, source: Address, target: Address) -> None:
        """Give a file another name, which no other file has."""

        def question(session: Any) -> None:
            datacenter = self._datacenter(session, source.place.datacenter)
            files = session.RetrieveContent().fileManager
            self._result(
                files.MoveDatastoreFile_Task(
                    source.file, datacenter, target.file, datacenter, False
                )
            )

        self._ask(question, twice=False)

    def delete(self, address: Address) -> None:
        """Remove a file."""

        def question(session: Any) -> None:
            datacenter = self._datacenter(session, address.place.datacenter)
            files = session.RetrieveContent().fileManager
            self._result(files.DeleteDatastoreFile_Task(address.file, datacenter))

        self._ask(question, twice=False)

    def _result(self, task: Any) -> Any:
        """Wait for the end of a task, and return what came of it; raise why it failed."""
        pause = FIRST_PAUSE
        while True:
            info = task.info
            if info.state == "success":
                return info.result
            if info.state == "error":
                raise info.error
            time.sleep(pause)
            pause = min(2 * pause, self._settings.poll_interval_s)
