"""What is counted of a project, and what is set aside for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MIB = 1 << 20


class Resource(StrEnum):
    """What is counted of a project, by its name in Keystone (access-control §6)."""

    SIZE_TOTAL = "image_size_total"
    STAGE_TOTAL = "image_stage_total"
    COUNT_TOTAL = "image_count_total"
    COUNT_UPLOADING = "image_count_uploading"

    @property
    def unit(self) -> int:
        """How much of what is counted makes one of a unified limit: bytes of a MiB, or one."""
        return MIB if self in (Resource.SIZE_TOTAL, Resource.STAGE_TOTAL) else 1


class Used(NamedTuple):
    """How much a project has, and how much is set aside for it; bytes, or images."""

    present: int
    reserved: int = 0

    @property
    def total(self) -> int:
        """What a new claim adds to."""
        return self.present + self.reserved


class Standing(NamedTuple):
    """Use and limit of one resource, as a project is shown them; a limit of -1 is none."""

    usage: int
    limit: int


LARGEST = 1 << 53
"""Bytes set aside at the most: no store has as many, and a thousand such can still be added up."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Bytes set aside for data on its way, so that they are not promised twice."""

    project: str
    resource: Resource
    size: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a check allowed: bytes set aside, and how many may come at the most.

    The reservation belongs on the lease of the work (`Lease.reservation`), which gives it back
    however the work ends. Without `room` the stream is not cut.
    """

    reservation: Reservation | None = None
    room: int | None = None


FREELY = Grant()
"""Nothing is set aside and nothing is cut."""
