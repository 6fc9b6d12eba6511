"""What the database can hold, and its form there."""

from datetime import UTC, datetime

from tintype.domain.errors import Invalid


def naive(time: datetime) -> datetime:
    """Return an aware time as the database has it: UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def aware(time: datetime) -> datetime:
    """Return a time from the database as the domain has it."""
    return time.replace(tzinfo=UTC)


def storable(text: str) -> bool:
    """Tell whether every database takes the text: PostgreSQL has no NUL, UTF-8 no surrogates."""
    if "\x00" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def require_storable(*texts: str | None) -> None:
    """Refuse what no database takes.

    Raises:
        Invalid: a text holds a NUL or half a surrogate pair.
    """
    if not all(text is None or storable(text) for text in texts):
        raise Invalid("Text must not contain NUL characters or lone surrogates.")
