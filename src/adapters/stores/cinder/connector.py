"""What os-brick does on this host: from what Cinder says of a volume to its bytes, and back."""

import logging
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Mapping
from functools import cache
from platform import machine
from typing import Any, Final

from oslo_utils.netutils import get_my_ipv4

from tintype.adapters.stores.cinder.faults import name_of
from tintype.adapters.stores.cinder.options import CinderSettings
from tintype.domain.errors import StoreUnavailable

LOG = logging.getLogger(__name__)

ROOTWRAP: Final = "glance-rootwrap"
SHARES: Final = frozenset({"nfs", "glusterfs", "quobyte", "vzstorage"})
"""Kinds of volumes that are files on a file system of the network."""


def root_helper(rootwrap_config: str) -> str:
    """Return the command by which others than root run what only root may."""
    wrap = shutil.which(ROOTWRAP)
    return f"sudo {wrap} {rootwrap_config}" if wrap else "sudo"


@cache
def _prepare(helper: str, lock_path: str) -> None:
    """Let os-brick do what only root may: by itself where this is root, else by the helper.

    Its locks keep processes of this host from connecting volumes at the same moment.
    """
    from os_brick.initiator.connectors.base import CONF
    from os_brick.privileged import default
    from oslo_privsep import priv_context

    CONF.set_default("lock_path", lock_path, "os_brick")
    if os.geteuid() == 0:
        default.set_client_mode(False)
    else:
        priv_context.init(root_helper=shlex.split(helper))


def properties_of_host(settings: CinderSettings) -> Mapping[str, Any]:
    """Return what Cinder has to know of this host to let it have a volume.

    Where nobody may do what only root may, that is too little for volumes that are devices, and
    enough for those in Ceph.
    """
    from os_brick.initiator import connector

    _prepare(root_helper(settings.rootwrap_config), settings.lock_path)
    host, address = socket.gethostname(), get_my_ipv4()
    try:
        return dict(
            connector.get_connector_properties(
                root_helper(settings.rootwrap_config),
                address,
                settings.use_multipath,
                settings.enforce_multipath,
                host=host,
            )
        )
    except Exception as error:
        if settings.enforce_multipath:
            raise
        LOG.warning(
            "Store %s can attach no volumes but those that need no device on this host: %s",
            *(settings.store, name_of(error)),
        )
        return {
            "host": host,
            "ip": address,
            "platform": machine(),
            "os_type": sys.platform,
            "multipath": False,
            "do_local_attach": False,
        }


class Connection:
    """A way to the bytes of an attached volume."""

    def __init__(self, settings: CinderSettings, told: Mapping[str, Any]) -> None:
        """Connect, by what Cinder told of the attachment.

        Raises:
            StoreUnavailable: there are bytes, but they would not be those of the image alone.
        """
        from os_brick.initiator import connector

        kind = told["driver_volume_type"]
        if kind in SHARES and (told.get("encrypted") or told.get("format") == "qcow2"):
            raise StoreUnavailable(
                f"Store {settings.store} cannot use volumes of {kind} that are encrypted or qcow2: "
                "choose another volume type."
            )
        more = {f"{kind}_mount_point_base": settings.mount_point_base} if kind in SHARES else {}
        self._told = dict(told)
        self._connector = connector.InitiatorConnector.factory(
            *(kind, root_helper(settings.rootwrap_config)),
            use_multipath=settings.use_multipath,
            conn=self._told,
            **more,
        )
        self._device: Any = self._connector.connect_volume(self._told)
        self.place: Any = self._device["path"]
        """The path of a device or a file, or else something that is read and written like one."""

    def extend(self) -> None:
        """Have the host take notice that the volume has grown."""
        self._connector.extend_volume(self._told)

    def close(self) -> None:
        """Disconnect; twice is as good as once."""
        if self._device is None:
            return
        device, self._device = self._device, None
        self._connector.disconnect_volume(self._told, device, force=True)
