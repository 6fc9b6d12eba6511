"""An object in the making, sent under a temporary name."""

import logging
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from tintype.adapters.stores.vmware.addresses import Address
from tintype.adapters.stores.vmware.faults import writing
from tintype.adapters.stores.vmware.files import Files, Upload
from tintype.adapters.stores.vmware.inventory import Inventory
from tintype.domain.errors import Duplicate, StoreUnavailable, TintypeError
from tintype.domain.location import Location

LOG = logging.getLogger(__name__)

_PART: Final = re.compile(r"tintype-[0-9a-f]{16}-(.+)\.(?:claim|part)", re.DOTALL)


@dataclass
class VmwareWriteHandle:
    """Sends a file to where nobody looks for it, and gives it its name on `commit`.

    The server does that at once and for one of several. While a file is sent nobody else may see
    it, so there is an empty one beside it, the claim. Of those who commit and those who discard
    one removes that, and the others see that it is gone.
    """

    store: str
    inventory: Inventory
    files: Files
    address: Address
    elsewhere: Sequence[Address]
    size: int | None
    location: Location
    _temporary: Address = field(init=False)
    _claim: Address = field(init=False)
    _upload: Upload | None = None
    _broken: bool = False
    _committed: bool = False

    def __post_init__(self) -> None:
        name = f"tintype-{secrets.token_hex(8)}-{self.address.name}"
        self._temporary = replace(self.address, name=f"{name}.part")
        self._claim = replace(self.address, name=f"{name}.claim")

    def __enter__(self) -> "VmwareWriteHandle":
        """Begin to send.

        Raises:
            StoreWriteDenied, StoreUnavailable: as the server says.
        """
        with writing(self.store):
            claim = self.files.put(self._claim, 0)
            try:
                claim.finish()
            finally:
                claim.close()
            self._upload = self.files.put(self._temporary, self.size)
        return self

    def __exit__(self, *error: object) -> None:
        """Remove what was sent, if it was not committed."""
        if self._upload is not None:
            self._upload.close()
        if not self._committed:
            self._remove(self._temporary)
            self._remove(self._claim)

    def _remove(self, address: Address) -> None:
        from pyVmomi import vim

        try:
            with writing(self.store):
                try:
                    self.inventory.delete(address)
                except vim.fault.FileNotFound:
                    return
        except TintypeError as error:
            LOG.warning("File %s stays until it is discarded: %s", address.file, error)

    def write(self, piece: memoryview) -> None:
        """Append the bytes.

        Raises:
            StorageFull, StoreWriteDenied, StoreUnavailable: as the server says; the handle is of
                no use any more.
        """
        try:
            with writing(self.store):
                self._sending().send(memoryview(piece).cast("B"))
        except BaseException:
            self._broken = True
            raise

    def _sending(self) -> Upload:
        if self._upload is None or self._broken:
            raise StoreUnavailable(f"Store {self.store} did not get all of {self.address.name}.")
        return self._upload

    def commit(self) -> Location:
        """End the transfer, and give the file its name.

        Raises:
            Duplicate: another file has it, in this datastore or in another one.
            StorageFull, StoreWriteDenied, StoreUnavailable: as the server says.
        """
        from pyVmomi import vim

        upload, self._broken = self._sending(), True
        with writing(self.store):
            upload.finish()
            self.inventory.delete(self._claim)
            try:
                self.inventory.move(self._temporary, self.address)
            except vim.fault.FileAlreadyExists:
                raise taken(self.address.name, self.store) from None
            if any(self.files.size(other) is not None for other in self.elsewhere):
                self._remove(self.address)
                raise taken(self.address.name, self.store)
        self._committed = True
        return self.location


def whole_of(name: str) -> str | None:
    """Return how a file is to be called that has a name for the time being; None if it has not."""
    match = _PART.fullmatch(name)
    return match and match[1]


def taken(name: str, store: str) -> Duplicate:
    """Return the error for a name that is in use."""
    return Duplicate(f"Store {store} holds data for {name} already.")
