"""The calls on a cache where there is none (images-api §13)."""

from typing import Any

import pytest

from tests.unit.http.service import ADMIN, NO_SUCH_ID, OWNER, Headers, Service

CALLS = (
    ("GET", "/v2/cache"),
    ("DELETE", "/v2/cache"),
    ("PUT", f"/v2/cache/{NO_SUCH_ID}"),
    ("DELETE", f"/v2/cache/{NO_SUCH_ID}"),
    ("POST", "/v2/cache/clean"),
    ("POST", "/v2/cache/prune"),
    ("GET", f"/v2/cache/nodes/{NO_SUCH_ID}"),
)
OLD_CALLS = (
    *(("GET", "/v2/cached_images"), ("DELETE", f"/v2/cached_images/{NO_SUCH_ID}")),
    *(("GET", "/v2/queued_images"), ("PUT", f"/v2/queued_images/{NO_SUCH_ID}")),
)


@pytest.mark.parametrize(("caller", "status"), [(OWNER, 403), (ADMIN, 404)], ids=["owner", "admin"])
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_who_may_not_use_a_cache_is_not_told_that_there_is_none(
    service: Service, method: str, path: str, caller: Headers, status: int
) -> None:
    assert service.seen_by(caller).ask(method, path).status == status


@pytest.mark.parametrize("target", ["cache", "both", ""])
def test_what_is_to_be_emptied_is_not_looked_at(service: Service, target: str) -> None:
    headers: dict[str, Any] = {"x-image-cache-clear-target": target}
    assert service.seen_by(ADMIN).ask("DELETE", "/v2/cache", headers=headers).status == 404


@pytest.mark.parametrize(("method", "path"), [row for row in CALLS if row[0] != "GET"])
def test_a_body_is_not_looked_at_by_what_changes_a_cache(
    service: Service, method: str, path: str
) -> None:
    assert service.seen_by(ADMIN).ask(method, path, b"{}").status == 404


@pytest.mark.parametrize("caller", [OWNER, ADMIN], ids=["owner", "admin"])
@pytest.mark.parametrize(("method", "path"), OLD_CALLS)
def test_the_calls_of_old_are_unknown(
    service: Service, method: str, path: str, caller: Headers
) -> None:
    assert service.seen_by(caller).ask(method, path).status == 404
