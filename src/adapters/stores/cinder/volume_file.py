"""The bytes of an attached volume, from the first one on."""

import os
from typing import Protocol

from tintype.adapters.stores.cinder.connector import Connection
from tintype.adapters.stores.cinder.ownership import owned


class VolumeFile(Protocol):
    """An open volume; for one thread."""

    def seek(self, offset: int) -> None:
        """Go to a byte."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none at the end of the volume."""

    def write(self, piece: memoryview) -> None:
        """Write bytes from here on."""

    def sync(self) -> None:
        """Have what was written survive a power failure."""

    def close(self) -> None:
        """Let go of the volume; twice is as good as once."""


class DeviceFile:
    """A volume that the host has as a device, or as a file."""

    def __init__(self, path: str, *, writable: bool) -> None:
        with owned(path, writable=writable):
            self._file = os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)

    def seek(self, offset: int) -> None:
        """Go to a byte."""
        os.lseek(self._file, offset, os.SEEK_SET)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none at the end of the volume."""
        return os.read(self._file, size)

    def write(self, piece: memoryview) -> None:
        """Write bytes from here on."""
        while piece:
            piece = piece[os.write(self._file, piece) :]

    def sync(self) -> None:
        """Have what was written survive a power failure."""
        os.fsync(self._file)

    def close(self) -> None:
        """Let go of the volume; twice is as good as once."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


class HandleFile:
    """A volume that os-brick itself reads and writes, as it does those in Ceph."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._handle = connection.place

    def seek(self, offset: int) -> None:
        """Go to a byte."""
        self._handle.seek(offset)

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; none at the end of the volume."""
        return bytes(self._handle.read(size))

    def write(self, piece: memoryview) -> None:
        """Write bytes from here on."""
        self._handle.write(bytes(piece))

    def sync(self) -> None:
        """Have what was written survive a power failure."""
        self._handle.flush()

    def close(self) -> None:
        """Let go of the volume; twice is as good as once."""
        self._connection.close()
