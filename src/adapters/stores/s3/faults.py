"""What the service or its client refused, in the words of the domain.

Their messages may tell keys of the account, so nothing but codes and names of errors is repeated.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tintype.domain.errors import StorageFull, StoreUnavailable, StoreWriteDenied, TintypeError

FULL: Final = frozenset(
    {
        "EntityTooLarge",
        "InsufficientStorage",
        "QuotaExceeded",
        "TooManyParts",
        "XMinioStorageFull",
        "413",
        "507",
    }
)
DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccountProblem",
        "AllAccessDisabled",
        "Forbidden",
        "InvalidAccessKeyId",
        "NoSuchBucket",
        "SignatureDoesNotMatch",
        "UserSuspended",
        "401",
        "403",
    }
)
ABSENT: Final = frozenset({"404", "NoSuchKey"})
NO_BUCKET: Final = frozenset({"404", "NoSuchBucket"})
"""What a question for the bucket itself is answered if it is missing."""
NO_UPLOAD: Final = frozenset({"404", "NoSuchUpload", "NoSuchKey"})
"""What a question for an upload that is over is answered; the last one by radosgw."""
TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412"})
UNCONDITIONAL: Final = frozenset({"NotImplemented", "501"})
"""What is answered to a write on a condition by a service that knows none."""


def code_of(error: Exception) -> str:
    """Return the code of an answer, or the name of what kept one from coming."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code") or "no code")
    return type(error).__name__


def unavailable(store: str, error: Exception) -> StoreUnavailable:
    """Return the error that a failed look at the store stands for."""
    return StoreUnavailable(f"Store {store} cannot do its work: {code_of(error)}.")


def write_fault(store: str, error: Exception) -> TintypeError:
    """Return the error that a failed change of the store stands for."""
    code = code_of(error)
    if code in FULL:
        return StorageFull(store)
    if code in DENIED:
        return StoreWriteDenied(store, code)
    return unavailable(store, error)


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StorageFull, StoreWriteDenied or StoreUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError, OSError) as error:
        raise write_fault(store, error) from error


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Raise what goes wrong within as StoreUnavailable."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (ClientError, BotoCoreError, HTTPError, OSError) as error:
        raise unavailable(store, error) from error
