"""Quotas as callers meet them, and how an operator sets them."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from dependency_injector import providers

from tests.unit.application.quotas import NoAnswer, UnifiedQuotas
from tests.unit.http.service import NOBODY, TWO_STORES, Service, identity
from tintype.adapters.quota.fixed import FixedStorageQuota, NoQuotas
from tintype.adapters.quota.keystone import KeystoneLimits
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.quota import Resource
from tintype.domain.status import Status


@pytest.fixture
def service(own_service: Service) -> Service:
    """An application of its own: each has other quotas."""
    return own_service


def under(service: Service, quotas: QuotaKeeper) -> Service:
    """Hold callers to quotas, from before the first request on."""
    service.container.quotas.override(providers.Object(quotas))
    return service


def limited(service: Service, limits: Mapping[Resource, int]) -> Service:
    return under(service, UnifiedQuotas(limits))


# ------------------------------------------------------------------ /v2/info/usage


def test_usage_is_shown_with_limits_for_the_project_that_asks(service: Service) -> None:
    limited(service, {Resource.COUNT_TOTAL: 5})
    service.an_image(b"data")
    service.put_into(service.an_image(), Status.UPLOADING, size=3 << 20)
    service.seen_by(identity("other")).an_image()

    assert service.get("/v2/info/usage").json == {
        "usage": {
            "image_size_total": {"usage": 0, "limit": -1},
            "image_stage_total": {"usage": 3, "limit": -1},
            "image_count_total": {"usage": 2, "limit": 5},
            "image_count_uploading": {"usage": 1, "limit": -1},
        }
    }


def test_there_is_no_usage_to_show_without_unified_limits(service: Service) -> None:
    assert service.get("/v2/info/usage").json == {"usage": {}}
    assert service.ask("GET", "/v2/info/usage", b"{}").status == 200


@pytest.mark.parametrize("quotas", [FixedStorageQuota(5), UnifiedQuotas({})], ids=["fixed", "none"])
def test_a_caller_without_project_has_no_usage(service: Service, quotas: QuotaKeeper) -> None:
    stranger = under(service, quotas).seen_by(identity(None))

    assert stranger.get("/v2/info/usage").json == {"usage": {}}


def test_usage_is_for_those_who_are_known(service: Service) -> None:
    assert service.seen_by(NOBODY).get("/v2/info/usage").status == 401


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_with_other_verbs_the_path_of_usage_is_unknown(service: Service, method: str) -> None:
    assert service.ask(method, "/v2/info/usage").status == 404


# ------------------------------------------------------------------ refusals


def test_too_many_images_are_413_with_the_text_that_callers_look_for(service: Service) -> None:
    limited(service, {Resource.COUNT_TOTAL: 0})

    answer = service.send("POST", "/v2/images", {})

    assert (answer.status, answer.message) == (
        413,
        "Resource image_count_total is over limit of 0 due to current usage 0 and delta 1",
    )


@pytest.mark.parametrize("resource", [Resource.SIZE_TOTAL, Resource.COUNT_UPLOADING])
def test_an_upload_over_a_limit_is_413_and_may_be_tried_again(
    service: Service, resource: Resource
) -> None:
    limits = {resource: 0}
    limited(service, limits)
    image_id = service.an_image()

    answer = service.upload(image_id, bytes(1 << 20))

    assert (answer.status, service.show(image_id)["status"]) == (413, "queued")
    assert f"Resource {resource.value} is over limit of 0 due to" in answer.message
    limits[resource] = 1
    assert service.upload(image_id, bytes(1 << 20)).status == 204


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"X-OpenStack-Image-Size": "many"}, 400),
        ({"X-Image-Meta-Store": "no-such-store"}, 413),
    ],
)
def test_of_several_faults_of_an_upload_the_first_is_told(
    service: Service, headers: Mapping[str, str], status: int
) -> None:
    limited(service, {Resource.SIZE_TOTAL: 0})

    assert service.upload("no-such-image", bytes(1 << 20), headers).status == status


def test_an_image_that_may_have_no_location_takes_no_upload(tmp_path: Path) -> None:
    service = Service.configured(tmp_path, TWO_STORES, "image_location_quota = 0")
    image_id = service.an_image()

    answer = service.upload(image_id, b"data")

    assert (answer.status, service.show(image_id)["status"]) == (413, "queued")
    assert service.stored("ram") == []


def test_an_upload_over_the_storage_quota_is_413(service: Service) -> None:
    image_id = under(service, FixedStorageQuota(3)).an_image()

    answer = service.upload(image_id, b"data")

    assert (answer.status, service.show(image_id)["status"]) == (413, "queued")


def test_limits_that_nobody_can_tell_are_503(service: Service) -> None:
    under(service, NoAnswer())

    assert service.send("POST", "/v2/images", {}).status == 503
    assert service.get("/v2/info/usage").status == 503


# ------------------------------------------------------------------ configuration


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("1", 1), ("100B", 100), ("1KB", 1 << 10), ("5MB", 5 << 20), ("2 GB", 2 << 30)),
        *(("10TB", 10 << 40), (" 7 ", 7), ("1B", 1)),
    ],
)
def test_the_storage_quota_is_read_with_its_unit(tmp_path: Path, text: str, size: int) -> None:
    service = Service.configured(tmp_path, TWO_STORES, f"user_storage_quota = {text}")

    assert service.container.quotas() == FixedStorageQuota(size)


@pytest.mark.parametrize("line", ["", "user_storage_quota = 0", "user_storage_quota = 0TB"])
def test_without_a_quota_nothing_is_limited(tmp_path: Path, line: str) -> None:
    service = Service.configured(tmp_path, TWO_STORES, line)

    assert isinstance(service.container.quotas(), NoQuotas)


@pytest.mark.parametrize("text", ["-1", "1.5GB", "much", "5XB", "5mb", "GB", "1 2"])
def test_a_storage_quota_that_cannot_be_read_is_refused_at_the_start(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(BadConfiguration, match=r"user_storage_quota.*whole number"):
        Service.configured(tmp_path, TWO_STORES, f"user_storage_quota = {text}")


def test_unified_limits_go_before_the_storage_quota(tmp_path: Path) -> None:
    lines = ("use_keystone_limits = true", "user_storage_quota = 1")
    service = Service.configured(tmp_path, TWO_STORES, *lines)

    assert isinstance(service.container.quotas(), KeystoneLimits)
