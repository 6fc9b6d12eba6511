"""Labels on images."""

from collections.abc import Iterable

from tintype.domain.errors import Invalid, QuotaExceeded

MAX_TAG = 255


def check_tag(tag: str) -> None:
    """Refuse what cannot be a tag.

    Raises:
        Invalid: the tag has more than 255 characters.
    """
    if len(tag) > MAX_TAG:
        raise Invalid(f"A tag has at most {MAX_TAG} characters, this one has {len(tag)}.")


def distinct_tags(tags: Iterable[str], quota: int) -> list[str]:
    """Return the tags once each, in order of first appearance.

    Raises:
        Invalid: a tag is too long.
        QuotaExceeded: more of them than `quota`; a negative quota is no limit.
    """
    distinct = list(dict.fromkeys(tags))
    for tag in distinct:
        check_tag(tag)
    if 0 <= quota < len(distinct):
        raise QuotaExceeded("tags", len(distinct), quota)
    return distinct
