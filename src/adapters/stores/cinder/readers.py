"""Those who read volumes, of whom all that read the same one share an attachment."""

import logging
from dataclasses import dataclass, field
from threading import Lock

from tintype.adapters.stores.cinder.attachment import Attachment, Host
from tintype.adapters.stores.cinder.faults import moving
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.read_stream import CinderStream
from tintype.adapters.stores.cinder.service import Volumes
from tintype.adapters.stores.cinder.volume_file import VolumeFile
from tintype.domain.errors import TintypeError

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shared:
    lock: Lock = field(default_factory=Lock)
    users: int = 0
    attachment: Attachment | None = None


class Readers:
    """The volumes that this process reads; safe between threads.

    Most volumes can be attached only once, and a device that is taken away is gone for all who
    read it.
    """

    def __init__(self, settings: CinderSettings, volumes: Volumes, host: Host) -> None:
        self._settings = settings
        self._volumes = volumes
        self._host = host
        self._lock = Lock()
        self._shared: dict[str, _Shared] = {}

    def stream(self, volume_id: str, offset: int, size: int) -> CinderStream:
        """Begin reading `size` bytes of a volume.

        Raises:
            StoreUnavailable: somebody else has it, or it cannot be attached here.
        """
        file = self._open(volume_id)
        stream = CinderStream(
            self._settings.store, size, file, lambda: self._close(volume_id, file)
        )
        try:
            with moving(self._settings.store):
                file.seek(offset)
        except BaseException:
            stream.close()
            raise
        return stream

    def _open(self, volume_id: str) -> VolumeFile:
        """Open a volume for reading; whoever does says so when it has done.

        Raises:
            StoreUnavailable: somebody else has it, or it cannot be attached here.
        """
        with self._lock:
            shared = self._shared.setdefault(volume_id, _Shared())
            shared.users += 1
        try:
            with shared.lock:
                if shared.attachment is None:
                    shared.attachment = Attachment(
                        self._settings, self._volumes, self._host, volume_id, "ro"
                    )
                return shared.attachment.open()
        except BaseException:
            self._leave(volume_id)
            raise

    def _close(self, volume_id: str, file: VolumeFile) -> None:
        """Close a volume, and leave it whatever comes of that."""
        try:
            with moving(self._settings.store):
                file.close()
        except TintypeError as error:
            LOG.warning("Volume %s is not closed: %s", volume_id, error)
        finally:
            self._leave(volume_id)

    def _leave(self, volume_id: str) -> None:
        """Let the volume go if nobody else reads it."""
        shared = self._shared[volume_id]
        with shared.lock:
            with self._lock:
                shared.users -= 1
                if shared.users:
                    return
                del self._shared[volume_id]
            if shared.attachment is not None:
                shared.attachment.end()
