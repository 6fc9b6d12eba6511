"""Bringing definitions from a file together with those that are there (metadefs §6)."""

from enum import StrEnum


class Merge(StrEnum):
    """What happens to a namespace that is there already when it is loaded."""

    SKIP = "skip"
    ADD_MISSING = "add-missing"
    PREFER_NEW = "prefer-new"
    OVERWRITE = "overwrite"


class Outcome(StrEnum):
    """What loading a namespace came to."""

    ADDED = "added"
    SKIPPED = "skipped"
    MERGED = "merged"
    UPDATED = "updated"
    OVERWRITTEN = "overwritten"
