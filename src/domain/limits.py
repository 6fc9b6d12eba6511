"""How much of each thing, and which formats: what an operator sets and the rules ask."""

from dataclasses import dataclass, field

DISK_FORMATS = (
    *("ami", "ari", "aki", "vhd", "vhdx", "vmdk"),
    *("raw", "qcow2", "vdi", "iso", "ploop"),
)
CONTAINER_FORMATS = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas of one image and the formats allowed (images-api §14); negative is unlimited.

    `image_size_cap` is in bytes.
    """

    image_property_quota: int = 128
    image_tag_quota: int = 128
    image_member_quota: int = 128
    image_location_quota: int = 10
    image_size_cap: int = 1 << 40
    disk_formats: tuple[str, ...] = field(default=DISK_FORMATS)
    container_formats: tuple[str, ...] = field(default=CONTAINER_FORMATS)
