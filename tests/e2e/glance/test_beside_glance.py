"""A rolling switch: both services at work at once, then the adoption, then back again.

The tests are steps of one story and run in their order.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.e2e.api import Answer, Api, noise
from tests.e2e.glance.conftest import Cloud

PAIRS = [("glance", "tintype"), ("tintype", "glance")]
SHOWN_BY_BOTH = (
    *("id", "name", "status", "visibility", "owner", "size", "virtual_size", "checksum"),
    *("os_hash_algo", "os_hash_value", "disk_format", "container_format", "min_disk", "min_ram"),
    *("protected", "os_hidden", "tags", "created_at", "stores", "locations", "k"),
)
DATA = noise(300_000, "an image")


def facts(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both services show of an image; Glance's tags are in no order."""
    return {name: image[name] for name in SHOWN_BY_BOTH} | {"tags": sorted(image["tags"])}


def new_image(api: Api, **attributes: object) -> str:
    """Make an active image."""
    image_id = str(api.create(**{"name": "shared work", "k": "v", **attributes})["id"])
    api.upload(image_id, DATA).expect(204)
    return image_id


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Make calls at the same moment."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


FORMER = '{"backend": "fast"}'
DOUBLES = (
    "INSERT INTO image_tags (image_id, value, created_at, deleted)"
    " SELECT image_id, value, created_at, deleted FROM image_tags",
    "INSERT INTO image_members (image_id, member, can_share, status, created_at, deleted)"
    " SELECT id, 'friend', false, 'accepted', created_at, false"
    " FROM images, (VALUES (1), (2)) AS numbers",
)


@pytest.fixture(scope="module")
def old(cloud: Cloud) -> str:
    """Make an image as it may be after years: by Glance, and by what went wrong there."""
    image_id = new_image(cloud.api("glance"), name="old", tags=["t"])
    cloud.sql("UPDATE image_locations SET meta_data = :it", it=FORMER)
    for statement in DOUBLES:
        cloud.sql(statement)
    return image_id


@pytest.mark.usefixtures("old")
def test_looking_says_what_adopting_would_do(cloud: Cloud) -> None:
    code, said = cloud.db("adopt")

    assert code == 0
    assert "1 locations that name their store by the key of old" in said
    assert "1 members that are there twice" in said
    assert "1 tags that are there twice" in said
    assert cloud.db("check")[0] == 3
    assert cloud.sql("SELECT meta_data FROM image_locations") == [(FORMER,)]


def test_tintype_starts_beside_glance(cloud: Cloud, old: str) -> None:
    cloud.tintype.start()

    image = cloud.api("tintype").show(old)

    assert (image["tags"], image["stores"]) == (["t"], "fast")
    assert cloud.api("tintype").download(old).body == DATA
    assert cloud.db("check")[0] == 4


@pytest.mark.parametrize(("maker", "user"), PAIRS)
def test_what_one_makes_the_other_lists_shows_and_downloads(
    cloud: Cloud, maker: str, user: str
) -> None:
    image_id = new_image(cloud.api(maker), tags=["a", "b"])

    shown = {name: api.show(image_id) for name, api in cloud.by_name.items()}
    listed = [[it["id"] for it in api.images()] for api in cloud.by_name.values()]

    assert facts(shown[user]) == facts(shown[maker])
    assert listed[0] == listed[1]
    assert image_id in listed[0]
    assert cloud.api(user).download(image_id).body == DATA
    cloud.api(user).delete(image_id).expect(204)


@pytest.mark.parametrize(("maker", "user"), PAIRS)
def test_what_one_makes_the_other_changes_and_deletes(cloud: Cloud, maker: str, user: str) -> None:
    change_in_turns(cloud, cloud.api(maker), cloud.api(user))


def change_in_turns(cloud: Cloud, made: Api, used: Api) -> None:
    """Have an image changed by both services, and find that both have it the same."""
    image_id = new_image(made, tags=["a"])
    for name, value in (("k", "w"), ("new", "é")):
        used.set(image_id, **{name: value}).expect(200)
    used.patch(
        image_id,
        {"op": "replace", "path": "/name", "value": "changed"},
        {"op": "replace", "path": "/tags", "value": ["b", "c"]},
    ).expect(200)
    made.patch(image_id, {"op": "remove", "path": "/k"}).expect(200)
    used.set(image_id, k="again").expect(200)
    used.request("DELETE", f"/v2/images/{image_id}/tags/b").expect(204)
    made.request("PUT", f"/v2/images/{image_id}/tags/b").expect(204)

    seen = made.show(image_id)
    assert (seen["name"], seen["k"], seen["new"]) == ("changed", "again", "é")
    assert sorted(seen["tags"]) == ["b", "c"]
    assert facts(seen) == facts(used.show(image_id))
    used.delete(image_id).expect(204)
    assert made.status(image_id) == "gone"
    assert image_id not in cloud.stored


@pytest.mark.parametrize(("maker", "user"), PAIRS)
def test_what_one_shares_is_accepted_at_the_other(cloud: Cloud, maker: str, user: str) -> None:
    share_in_turns(cloud, maker, user)


def share_in_turns(cloud: Cloud, maker: str, user: str) -> None:
    """Have an image offered at one service, accepted at the other, and taken back there."""
    image_id = new_image(cloud.api(maker))
    members = f"/v2/images/{image_id}/members"
    friend = cloud.api(user, "partner")
    for _ in range(2):
        cloud.api(maker).request("POST", members, b'{"member": "partner"}').expect(200)
        friend.request("PUT", f"{members}/partner", b'{"status": "accepted"}').expect(200)
        assert [it["id"] for it in cloud.api(maker, "partner").images()] == [image_id]
        cloud.api(user).request("DELETE", f"{members}/partner").expect(204)
        assert cloud.api(maker, "partner").status(image_id) == "gone"

    cloud.api(user).delete(image_id).expect(204)


@pytest.mark.parametrize(("maker", "user"), PAIRS)
def test_what_one_deactivates_or_protects_the_other_does_not_give_or_delete(
    cloud: Cloud, maker: str, user: str
) -> None:
    admin = {"X-Roles": "admin,member,reader"}
    made, used = cloud.api(maker), cloud.api(user)
    image_id = new_image(made)
    path = f"/v2/images/{image_id}"

    made.request("POST", f"{path}/actions/deactivate", headers=admin).expect(204)
    assert used.download(image_id).status == 403
    used.request("POST", f"{path}/actions/reactivate", headers=admin).expect(204)
    assert made.download(image_id).body == DATA
    protect = {"op": "replace", "path": "/protected", "value": True}
    made.patch(image_id, protect).expect(200)
    assert used.delete(image_id).status == 403
    used.patch(image_id, {**protect, "value": False}).expect(200)
    made.delete(image_id).expect(204)


def test_adopting_while_both_are_at_work(cloud: Cloud, old: str) -> None:
    code, said = cloud.db("adopt", "--apply")

    assert code == 0, said
    assert "1 members that are there twice" in said
    assert cloud.db("check")[0] == 0
    for api in cloud.by_name.values():
        image = api.show(old)
        assert (image["stores"], image["tags"]) == ("fast", ["t"])
        assert image["locations"][0]["metadata"] == {"store": "fast"}
        members = api.request("GET", f"/v2/images/{old}/members").expect(200).json
        assert [it["member_id"] for it in members["members"]] == ["friend"]
    # With the member there twice, Glance could not have deleted it.
    cloud.api("glance").delete(old).expect(204)


def test_what_both_add_at_once_is_there_once(cloud: Cloud) -> None:
    image_id = new_image(cloud.api("tintype"))
    path, names = f"/v2/images/{image_id}", [f"n{number}" for number in range(5)]
    for name in names:
        member = f'{{"member": "{name}"}}'.encode()
        for method, place, body in (
            ("PUT", f"{path}/tags/{name}", None),
            ("POST", f"{path}/members", member),
        ):
            by_glance, by_tintype = at_once(
                *(partial(api.request, method, place, body) for api in cloud.by_name.values())
            )
            by_tintype.expect(200, 204, 409)
            # It may say that it failed, when something came between; then all is there already.
            by_glance.expect(200, 204, 409, 500)

    for api in cloud.by_name.values():
        members = api.request("GET", f"{path}/members").json["members"]
        assert sorted(it["member_id"] for it in members) == names
        assert sorted(api.show(image_id)["tags"]) == names
    cloud.api("glance").delete(image_id).expect(204)
    assert image_id not in cloud.stored


@pytest.mark.parametrize(("maker", "user"), PAIRS)
def test_after_the_adoption_either_goes_on_with_what_the_other_makes(
    cloud: Cloud, maker: str, user: str
) -> None:
    change_in_turns(cloud, cloud.api(maker), cloud.api(user))
    share_in_turns(cloud, maker, user)


def test_back_to_glance(cloud: Cloud) -> None:
    image_id = new_image(cloud.api("tintype"), tags=["a", "b"])
    before = cloud.api("tintype").show(image_id)
    cloud.tintype.stop()

    version = cloud.glance.manage("db", "version")
    synced = cloud.glance.manage("db", "sync")

    assert "2024_1_contract01" in version.stdout
    assert synced.returncode == 0, synced.stdout
    glance = cloud.api("glance")
    assert facts(glance.show(image_id)) == facts(before)
    assert glance.download(image_id).body == DATA
    glance.set(image_id, k="w").expect(200)
    glance.delete(image_id).expect(204)
    assert cloud.stored == set()
