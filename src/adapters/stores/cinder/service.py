"""Cinder, asked in the few ways that the driver needs."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from tintype.adapters.stores.cinder.faults import ABSENT, REFUSED, status_of
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.adapters.stores.cinder.waiting import pauses
from tintype.domain.errors import StoreUnavailable

VERSION: Final = "3.54"
"""The microversion from which attachments say whether they are for writing."""

PAGE: Final = 500
GIB: Final = 1 << 30

KEY: Final = "glance_image_id"
SIZE: Final = "image_size"
OWNER: Final = "image_owner"
"""Name of the metadata that says which project the image is of."""

MARK: Final = "tintype_upload"
"""Name of the metadata that a volume has while an object is in the making."""

DISCARDED: Final = "tintype_discarded"
"""Name of the metadata by which whoever makes an object is told to give it up."""

FADING: Final = frozenset({"deleting", "deleted"})


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume as Cinder described it; `capacity` in bytes."""

    id: str
    status: str
    capacity: int
    kind: str | None
    metadata: Mapping[str, str]

    @property
    def key(self) -> str | None:
        """The key of the object in it, None if it was made by somebody else."""
        return self.metadata.get(KEY)

    @property
    def mark(self) -> str | None:
        """What the object in the making says of itself; None once it is whole."""
        return self.metadata.get(MARK)

    @property
    def is_discarded(self) -> bool:
        """Whether whoever makes the object is to give it up."""
        return DISCARDED in self.metadata

    @property
    def is_fading(self) -> bool:
        """Whether it is being deleted."""
        return self.status in FADING

    @property
    def is_whole(self) -> bool:
        """Whether there is an object in it."""
        return self.mark is None and not self.is_fading

    @property
    def size(self) -> int:
        """The size of the object in bytes: of all of the volume, if nothing else is known."""
        told = self.metadata.get(SIZE, "")
        return int(told) if told.isascii() and told.isdigit() else self.capacity


class Volumes:
    """Volumes of a project; safe between threads.

    Methods raise what cinderclient and keystoneauth do. Connections are made when first needed,
    and anew in a forked process, which must not share them with its parent.
    """

    def __init__(self, settings: CinderSettings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._client: tuple[int, Any] = (0, None)
        self._default_kind: str | None = None

    @property
    def client(self) -> Any:
        """The client of this process."""
        owner, client = self._client
        if owner == os.getpid():
            return client
        with self._lock:
            if self._client[0] != os.getpid():
                self._client = os.getpid(), self._connect()
            return self._client[1]

    def _connect(self) -> Any:
        from cinderclient.client import Client
        from keystoneauth1.session import Session

        own = self._settings
        auth = self._authentication()
        session = Session(auth, verify=own.verify, timeout=own.request_timeout_s)
        endpoint = own.endpoint and _filled(own.endpoint, auth.get_project_id(session))
        return Client(
            VERSION,
            session=session,
            service_type=own.service_type,
            service_name=own.service_name,
            interface=own.interface,
            region_name=own.region,
            endpoint_override=endpoint,
            connect_retries=own.retries,
            retries=own.retries,
        )

    def _authentication(self) -> Any:
        from cinderclient.contrib.noauth import CinderNoAuthPlugin
        from keystoneauth1.identity import v3

        own = self._settings.credentials
        if own.address is None:
            return CinderNoAuthPlugin(own.user, own.project)
        if own.application_id:
            return v3.ApplicationCredential(
                own.address,
                application_credential_id=own.application_id,
                application_credential_secret=own.application_secret,
            )
        return v3.Password(
            own.address,
            username=own.user,
            password=own.password,
            user_domain_name=own.user_domain,
            project_name=own.project,
            project_domain_name=own.project_domain,
        )

    # ------------------------------------------------------------------ kinds

    def kinds(self) -> set[str | None]:
        """Return the types of volumes that there are; None stands for the default one."""
        return {None, *(kind.name for kind in self.client.volume_types.list())}

    def kind(self) -> str | None:
        """Return the type of the store's volumes: the configured one, or Cinder's default."""
        if self._settings.volume_type is not None:
            return self._settings.volume_type
        if self._default_kind is None:
            self._default_kind = self.client.volume_types.default().name
        return self._default_kind

    def is_ours(self, volume: Volume) -> bool:
        """Say whether a volume is of the store's type."""
        return volume.kind == self.kind()

    # ------------------------------------------------------------------ volumes

    def get(self, volume_id: str) -> Volume | None:
        """Return a volume, None if there is none."""
        from cinderclient.exceptions import ClientException

        try:
            return _volume(self.client.volumes.get(volume_id))
        except ClientException as error:
            if status_of(error) in ABSENT:
                return None
            raise

    def of_key(self, key: str) -> list[Volume]:
        """Return the store's volumes for that key, whole or not, that are not being deleted."""
        return [volume for volume in self._list({KEY: key}) if volume.key == key]

    def all(self) -> Iterator[Volume]:
        """Give the store's volumes that have a key and are not being deleted."""
        return (volume for volume in self._list({}) if volume.key is not None)

    def _list(self, metadata: Mapping[str, str]) -> Iterator[Volume]:
        search = {"metadata": dict(metadata)} if metadata else {}
        marker = None
        while True:
            page = self.client.volumes.list(search_opts=search, marker=marker, limit=PAGE)
            for volume in map(_volume, page):
                if not volume.is_fading and self.is_ours(volume):
                    yield volume
            if len(page) < PAGE:
                return
            marker = page[-1].id

    def create(self, key: str, gibibytes: int, metadata: Mapping[str, str]) -> str:
        """Begin to make a volume, and return its id."""
        volume = self.client.volumes.create(
            gibibytes,
            name=f"image-{key}",
            volume_type=self._settings.volume_type,
            metadata=dict(metadata),
        )
        return str(volume.id)

    def describe(self, volume_id: str, metadata: Mapping[str, str]) -> None:
        """Replace the metadata of a volume, all at once."""
        self.client.volumes.update_all_metadata(volume_id, dict(metadata))

    def note(self, volume_id: str, metadata: Mapping[str, str]) -> None:
        """Add to the metadata of a volume, if it is there."""
        from cinderclient.exceptions import ClientException

        try:
            self.client.volumes.set_metadata(volume_id, dict(metadata))
        except ClientException as error:
            if status_of(error) not in ABSENT:
                raise

    def extend(self, volume_id: str, gibibytes: int) -> None:
        """Begin to make a volume larger."""
        self.client.volumes.extend(volume_id, gibibytes)

    def protect(self, volume_id: str) -> None:
        """Let a volume be attached for nothing but reading."""
        self.client.volumes.update_readonly_flag(volume_id, True)

    def delete(self, volume_id: str) -> bool:
        """Begin to delete a volume; False if its state does not allow it.

        Of several who do so at the same moment, Cinder tells only one that it may.
        """
        from cinderclient.exceptions import ClientException

        try:
            self.client.volumes.delete(volume_id)
        except ClientException as error:
            if status_of(error) in REFUSED:
                return False
            raise
        return True

    def wait(self, volume_id: str, passing: frozenset[str]) -> Volume | None:
        """Return a volume once it is in none of the passing states, None if it is gone then.

        Raises:
            StoreUnavailable: it takes too long.
        """
        for _ in pauses(self._settings.transition_timeout_s):
            volume = self.get(volume_id)
            if volume is None or volume.status not in passing:
                return volume
        raise StoreUnavailable(
            f"Store {self._settings.store} waited too long for volume {volume_id}, "
            f"which is still {' or '.join(sorted(passing))}."
        )

    # ------------------------------------------------------------------ attachments

    def attach(self, volume_id: str, connector: Mapping[str, Any], mode: str) -> Any | None:
        """Attach a volume (`rw` or `ro`); None if its state does not allow it."""
        from cinderclient.exceptions import ClientException

        try:
            return self.client.attachments.create(volume_id, dict(connector), mode=mode)
        except ClientException as error:
            if status_of(error) in REFUSED:
                return None
            raise

    def complete(self, attachment_id: str) -> None:
        """Say that an attachment is in use."""
        self.client.attachments.complete(attachment_id)

    def is_attached(self, attachment_id: str) -> bool:
        """Say whether an attachment is there."""
        from cinderclient.exceptions import ClientException

        try:
            self.client.attachments.show(attachment_id)
        except ClientException as error:
            if status_of(error) in ABSENT:
                return False
            raise
        return True

    def attachments(self, volume_id: str) -> list[str]:
        """Return the ids of the attachments of a volume, in use or not yet."""
        found = self.client.attachments.list(search_opts={"volume_id": volume_id})
        return [attachment.id for attachment in found]

    def detach(self, attachment_id: str) -> None:
        """End an attachment; one that has ended is left alone."""
        from cinderclient.exceptions import ClientException

        try:
            self.client.attachments.delete(attachment_id)
        except ClientException as error:
            if status_of(error) not in ABSENT:
                raise


def _volume(answer: Any) -> Volume:
    return Volume(
        answer.id,
        answer.status,
        int(answer.size) * GIB,
        answer.volume_type,
        dict(answer.metadata or {}),
    )


def _filled(template: str, project: str | None) -> str:
    for name in ("tenant", "tenant_id", "project_id"):
        template = template.replace(f"%({name})s", project or "")
    return template
