"""A volume that this host may read or write."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from tintype.adapters.stores.cinder.connector import Connection
from tintype.adapters.stores.cinder.faults import moving, writing
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.service import Volumes
from tintype.adapters.stores.cinder.volume_file import DeviceFile, HandleFile, VolumeFile
from tintype.domain.errors import StoreUnavailable, TintypeError

LOG = logging.getLogger(__name__)

FIRST_PAUSE: Final = 0.25

Host = Callable[[], Mapping[str, Any]]


class Attachment:
    """A volume attached to this host, for as many files as are wanted."""

    def __init__(
        self, settings: CinderSettings, volumes: Volumes, host: Host, volume_id: str, mode: str
    ) -> None:
        """Attach the volume, for writing (`rw`) or reading (`ro`).

        Raises:
            StoreUnavailable: somebody else has it, or it cannot be attached here.
        """
        self._settings = settings
        self._volumes = volumes
        self._volume_id = volume_id
        self._writable = mode == "rw"
        told = self._attached(host, mode)
        self.id: str = told["id"]
        self._told = told["connection_info"]
        self._connection: Connection | None = None
        try:
            with moving(settings.store):
                self._connection = Connection(settings, self._told)
            with writing(settings.store):
                volumes.complete(self.id)
        except BaseException:
            self.end()
            raise

    def _attached(self, host: Host, mode: str) -> Any:
        pause = FIRST_PAUSE
        with moving(self._settings.store):
            properties = host()
        with writing(self._settings.store):
            for attempt in range(self._settings.attach_attempts):
                if attempt:
                    time.sleep(pause)
                    pause *= 2
                told = self._volumes.attach(self._volume_id, properties, mode)
                if told is not None:
                    return told
        raise StoreUnavailable(
            f"Store {self._settings.store} cannot attach volume {self._volume_id}, which is in use "
            "or in no state for it."
        )

    def open(self) -> VolumeFile:
        """Open the volume once more, for a file that is closed before the attachment ends."""
        with moving(self._settings.store):
            connection = self._connection or Connection(self._settings, self._told)
            if isinstance(connection.place, str):
                self._connection = connection
                return DeviceFile(connection.place, writable=self._writable)
            # It has a position of its own, and is for one at a time.
            self._connection = None
            return HandleFile(connection)

    def extend(self) -> None:
        """Have the host take notice that the volume has grown."""
        if self._connection is not None:
            with moving(self._settings.store):
                self._connection.extend()

    def end(self) -> None:
        """Let go of the volume, in Cinder also if this host does not.

        What goes wrong is only worth a warning.
        """
        try:
            self._disconnect()
        finally:
            self._detach()

    def _disconnect(self) -> None:
        try:
            with moving(self._settings.store):
                if self._connection is not None:
                    self._connection.close()
        except TintypeError as error:
            LOG.warning("Volume %s stays connected to this host: %s", self._volume_id, error)

    def _detach(self) -> None:
        try:
            with writing(self._settings.store):
                self._volumes.detach(self.id)
        except TintypeError as error:
            LOG.warning("Volume %s stays attached: %s", self._volume_id, error)
