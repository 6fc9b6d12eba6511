"""The options of s3 stores, and what they come to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oslo_config import cfg

from tintype.adapters.stores.s3.addresses import Endpoint
from tintype.adapters.stores.s3.parts import MIN_PART
from tintype.domain.errors import BadConfiguration

MIB: Final = 1 << 20

_CHECKSUMS: Final = ("when_required", "when_supported")

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "s3_store_host",
        help="URL of the S3 service, such as https://s3.example:8080; without http:// or "
        "https:// it is the latter.",
    ),
    cfg.StrOpt(
        "s3_store_region_name",
        default="",
        help="Region to sign requests for, and to make the bucket in. Unset: the one in the name "
        "of an Amazon host, else none.",
    ),
    cfg.StrOpt("s3_store_access_key", secret=True, help="Access key of the account."),
    cfg.StrOpt("s3_store_secret_key", secret=True, help="Secret key of the account."),
    cfg.StrOpt("s3_store_bucket", help="Bucket that images are kept in, without versioning."),
    cfg.BoolOpt(
        "s3_store_create_bucket_on_put",
        default=False,
        help="Make the bucket if it is not there, when the service starts or with the next image.",
    ),
    cfg.StrOpt(
        "s3_store_bucket_url_format",
        default="auto",
        choices=("auto", "virtual", "path"),
        help="Where requests have the name of the bucket: in that of the host (virtual), in the "
        "path, or wherever it fits (auto).",
    ),
    cfg.IntOpt(
        "s3_store_large_object_size",
        default=100,
        min=0,
        help="Objects that are known to have fewer MiB than that, and at most 64, are sent in one "
        "request; others are sent in parts. 0: all are.",
    ),
    cfg.IntOpt(
        "s3_store_large_object_chunk_size",
        default=10,
        help="Size in MiB of the parts that objects are sent in, at least 5. Very large objects "
        "have larger ones.",
    ),
    cfg.IntOpt(
        "s3_store_thread_pools",
        default=10,
        help="How many parts an upload sends at the same time at most, at least 1. Those on "
        "their way are held to 64 MiB together if there are several.",
    ),
    cfg.StrOpt(
        "s3_store_buffer_dir",
        help="Directory, on a disk, in which parts of more than 64 MiB wait until they are sent, "
        "two of an upload at a time. Very large objects have such parts, or all with a larger "
        "s3_store_large_object_chunk_size. Unset: that of temporary files (TMPDIR).",
    ),
    cfg.StrOpt(
        "s3_store_cacert",
        default="",
        help="File of the certificates, in PEM, that the service's must come from. Unset: those "
        "that the client library brings.",
    ),
    cfg.BoolOpt(
        "s3_store_enable_data_integrity_protection",
        default=False,
        help="Whether to exchange checksums as the two options below say; otherwise only where "
        "the service requires it.",
    ),
    cfg.StrOpt(
        "s3_store_request_checksum_calculation",
        default="when_required",
        choices=_CHECKSUMS,
        help="When to send checksums.",
    ),
    cfg.StrOpt(
        "s3_store_response_checksum_validation",
        default="when_required",
        choices=_CHECKSUMS,
        help="When to check those that come.",
    ),
    cfg.IntOpt(
        "s3_store_connect_timeout",
        default=10,
        min=1,
        help="Seconds that the service has to take a connection.",
    ),
    cfg.IntOpt(
        "s3_store_read_timeout",
        default=60,
        min=1,
        help="Seconds that the service may be silent while it is to answer.",
    ),
)

FOR_WRITING: Final = frozenset(
    {
        "s3_store_create_bucket_on_put",
        "s3_store_large_object_size",
        "s3_store_large_object_chunk_size",
        "s3_store_thread_pools",
        "s3_store_request_checksum_calculation",
    }
)

_AMAZON = re.compile(r"s3[.-](?:dualstack\.)?([a-z]+-[a-z-]+-\d)\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class S3Settings:
    """One s3 store as configured; sizes are in bytes."""

    store: str
    endpoint: Endpoint
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    bucket: str
    region: str | None
    create_bucket: bool
    addressing: str
    large_object_size: int
    part_size: int
    threads: int
    buffer_dir: str | None
    ca_file: str | None
    request_checksums: str
    response_checksums: str
    connect_timeout_s: int
    read_timeout_s: int
    named: bool

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "S3Settings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        values = {name.removeprefix("s3_store_"): value for name, value in values.items()}
        for name in ("host", "access_key", "secret_key", "bucket"):
            if not values[name]:
                raise BadConfiguration(f"s3_store_{name}", "it must be set.")
        endpoint = Endpoint.of(values["host"])
        protected = values["enable_data_integrity_protection"]
        return cls(
            store,
            endpoint,
            values["access_key"],
            values["secret_key"],
            values["bucket"],
            values["region_name"] or region_of(endpoint.host),
            values["create_bucket_on_put"],
            values["bucket_url_format"],
            values["large_object_size"] * MIB,
            _part_size(values["large_object_chunk_size"]),
            _threads(values["thread_pools"]),
            values["buffer_dir"] or None,
            values["cacert"] or None,
            values["request_checksum_calculation"] if protected else "when_required",
            values["response_checksum_validation"] if protected else "when_required",
            values["connect_timeout"],
            values["read_timeout"],
            named,
        )


def region_of(host: str) -> str | None:
    """Return the region that the name of an Amazon host tells, if it is one and does."""
    match = _AMAZON.fullmatch(host)
    return match and match[1]


def _part_size(size_mib: int) -> int:
    if size_mib * MIB < MIN_PART:
        raise BadConfiguration(
            "s3_store_large_object_chunk_size", f"{size_mib} must be at least 5 (MiB)."
        )
    return size_mib * MIB


def _threads(number: int) -> int:
    if number < 1:
        raise BadConfiguration("s3_store_thread_pools", f"{number} must be at least 1.")
    return number
