"""One swift store as configured, resolved once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tintype.adapters.stores.swift.options import OPTIONS
from tintype.adapters.stores.swift.references import FILE, Reference, of_options, read_references
from tintype.domain.errors import BadConfiguration

MB: Final = 1_024_000
IN_MEMORY: Final = 16 * MB
"""Largest segment that is kept in memory while it is sent."""

NO_NAME: Final = "None"
"""What old locations have for the default reference where its option was left out."""


@dataclass(frozen=True, slots=True)
class SwiftSettings:
    """Sizes are in bytes; `reference` is the account for new images."""

    store: str
    named: bool
    reference: Reference
    references: Mapping[str, Reference]
    default_name: str
    container: str
    create_container: bool
    multi_tenant: bool
    admin_projects: tuple[str, ...]
    use_trusts: bool
    seed: int
    large_object_size: int
    segment_size: int
    buffer_dir: str | None
    region: str | None
    endpoint: str | None
    endpoint_type: str
    service_type: str
    insecure: bool
    ca_file: str | None
    retries: int
    expire_soon_s: int
    connect_timeout_s: int
    read_timeout_s: int

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "SwiftSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        default_name = values["default_swift_reference"]
        multi_tenant = values["swift_store_multi_tenant"]
        reference, references = _accounts(values)
        buffer_dir = _buffer_dir(values)
        chunk_size = values["swift_store_large_object_chunk_size"] * MB
        return cls(
            store,
            named,
            reference,
            references,
            default_name,
            _container(values["swift_store_container"]),
            values["swift_store_create_container_on_put"] or multi_tenant,
            multi_tenant,
            tuple(values["swift_store_admin_tenants"]),
            values["swift_store_use_trusts"],
            values["swift_store_multiple_containers_seed"],
            values["swift_store_large_object_size"] * MB,
            chunk_size if buffer_dir else min(chunk_size, IN_MEMORY),
            buffer_dir,
            values["swift_store_region"] or None,
            (values["swift_store_endpoint"] or "").rstrip("/") or None,
            values["swift_store_endpoint_type"],
            values["swift_store_service_type"],
            values["swift_store_auth_insecure"],
            values["swift_store_cacert"] or None,
            values["swift_store_retry_get_count"],
            values["swift_store_expire_soon_interval"],
            values["swift_store_connect_timeout"],
            values["swift_store_read_timeout"],
        )

    @property
    def names(self) -> list[str]:
        """What locations call the account for new images."""
        if self.reference.name is not None:
            return [self.reference.name, NO_NAME]
        return [self.default_name] if self.reference.credential_id else []

    @property
    def one_container(self) -> bool:
        """Whether all images are in one container, that must be there."""
        return not self.multi_tenant and not self.seed

    def referred(self, name: str) -> Reference | None:
        """Return the account that a location refers to, None if it is not known."""
        if name in self.references:
            return self.references[name]
        return self.reference if name in self.names else None

    def container_of(self, name: str) -> str:
        """Return the container for an object of that name.

        Source: stores §6.4, containers.
        """
        if self.multi_tenant:
            return f"{self.container}_{name}"
        if not self.seed:
            return self.container
        end = taken = 0
        while taken < self.seed and end < len(name):
            taken += name[end] != "-"
            end += 1
        return f"{self.container}_{name[:end]}"


def _accounts(values: Mapping[str, Any]) -> tuple[Reference, dict[str, Reference]]:
    path = values["swift_store_config_file"]
    if not path:
        return of_options(values), {}
    if values["swift_store_multi_tenant"]:
        raise BadConfiguration("swift_store_multi_tenant", f"it cannot be used with {FILE}.")
    references = read_references(path)
    name = values["default_swift_reference"]
    if name not in references:
        raise BadConfiguration(
            "default_swift_reference", f"{name} must be a section of {path} ({FILE})."
        )
    return references[name], references


def _container(name: str) -> str:
    if not name or "/" in name or len(name.encode()) > 200:
        raise BadConfiguration(
            "swift_store_container", "it must have 1 to 200 bytes, and no slash among them."
        )
    return name


def _buffer_dir(values: Mapping[str, Any]) -> str | None:
    if not values["swift_buffer_on_upload"]:
        return None
    if not values["swift_upload_buffer_dir"]:
        raise BadConfiguration(
            "swift_upload_buffer_dir", "it must be set, for swift_buffer_on_upload is."
        )
    return str(values["swift_upload_buffer_dir"])
