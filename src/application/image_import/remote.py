"""Data of images at other services (import-and-tasks §11)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tintype.application.image_import.source import Readable, Verified
from tintype.domain.caller import Caller
from tintype.domain.errors import FetchFailed, Invalid
from tintype.domain.limits import Limits
from tintype.domain.ports.import_plugin import Draft
from tintype.domain.ports.remote_images import RemoteImage, RemoteImages, RemotePlace
from tintype.domain.service_catalogue import endpoint_of, image_endpoints
from tintype.domain.task import Task


def secrets_of(caller: Caller) -> Mapping[str, str]:
    """Return what a task needs to act for the caller elsewhere."""
    found = {"endpoints": json.dumps(image_endpoints(caller.service_catalog))}
    return {**found, "token": caller.auth_token} if caller.auth_token else found


@dataclass(frozen=True)
class RemoteSource:
    """Fetches an image from where the caller's own catalogue says that there is one.

    Of its properties those are taken that begin with one of `extra_properties`.
    """

    remote: RemoteImages
    limits: Limits
    extra_properties: Sequence[str]

    def open(self, task: Task, draft: Draft) -> Readable:
        """Give the image what it has there, and return its data, to be held to its digest.

        Raises:
            FetchFailed, UriRefused: it cannot be had.
            Invalid: this service takes no images of such formats.
        """
        place = self._place(task)
        found = self.remote.show(place)
        self._require_known(found)
        draft.disk_format, draft.container_format = found.disk_format, found.container_format
        draft.properties |= {
            name: value
            for name, value in found.properties.items()
            if name.startswith(tuple(self.extra_properties))
        }
        digest = found.os_hash_algo, found.os_hash_value
        return Verified(self.remote.open(place), found.size, *_computable(*digest))

    def _place(self, task: Task) -> RemotePlace:
        method = task.input["import_req"]["method"]
        region, interface = method["glance_region"], method["glance_service_interface"]
        endpoints = json.loads(task.secrets.get("endpoints", "[]"))
        endpoint = endpoint_of(endpoints, region, interface)
        if endpoint is None:
            raise FetchFailed(
                f"Your catalogue has no image service with the interface {interface} in the "
                f"region {region}."
            )
        return RemotePlace(endpoint, method["glance_image_id"], task.secrets.get("token"))

    def _require_known(self, found: RemoteImage) -> None:
        for value, allowed in (
            (found.disk_format, self.limits.disk_formats),
            (found.container_format, self.limits.container_formats),
        ):
            if value not in allowed:
                raise Invalid(f"The remote image is of format {value}, which is not taken here.")


def _computable(algorithm: str | None, value: str | None) -> tuple[str | None, str | None]:
    if algorithm is None or algorithm not in hashlib.algorithms_available:
        return None, None
    # Some have digests as long as one wants, and nobody said how long.
    if not hashlib.new(algorithm).digest_size:
        return None, None
    return algorithm, value
