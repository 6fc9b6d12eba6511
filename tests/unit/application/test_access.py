"""A refusal says no more than its caller may know."""

from pathlib import Path

import pytest

from tests.builders import a_caller
from tests.unit.adapters.policy.builders import a_configuration
from tests.unit.application.service import OWNER_CALLER, STRANGER, Service
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.application.access import Access
from tintype.application.images.update import Change
from tintype.domain.caller import ANONYMOUS, Caller
from tintype.domain.errors import Forbidden, ImageNotFound
from tintype.domain.image_query import ImageQuery
from tintype.domain.visibility import Visibility


def with_policy(directory: Path, **rules: str) -> Service:
    """Return a service with some rules of its own."""
    text = "".join(f'"{name}": "{check}"\n' for name, check in rules.items())
    return Service(OsloAuthoriser(a_configuration(directory, text)))


def test_opening_a_policy_does_not_open_images_to_strangers(tmp_path: Path) -> None:
    service = with_policy(tmp_path, modify_image="", delete_image="", upload_image="")
    image = service.has_queued(visibility=Visibility.PUBLIC)

    with pytest.raises(Forbidden):
        service.update(STRANGER, image.id, [Change("replace", "name", "x")])
    with pytest.raises(Forbidden):
        service.delete(STRANGER, image.id)
    with pytest.raises(Forbidden):
        service.upload(image.id, b"abc", caller=STRANGER)


def test_who_may_not_see_is_told_that_there_is_nothing(tmp_path: Path) -> None:
    service = with_policy(tmp_path, get_image="!", modify_image="!")
    image = service.has_queued()

    with pytest.raises(ImageNotFound):
        service.update(OWNER_CALLER, image.id, [Change("replace", "name", "x")])


def test_who_may_see_is_told_that_it_may_not(tmp_path: Path) -> None:
    service = with_policy(tmp_path, modify_image="!")
    image = service.has_queued()

    with pytest.raises(Forbidden):
        service.update(OWNER_CALLER, image.id, [Change("replace", "name", "x")])


def test_who_may_do_it_need_not_see(tmp_path: Path) -> None:
    service = with_policy(tmp_path, get_image="!")
    image = service.has_active()

    service.delete(OWNER_CALLER, image.id)

    assert service.stored == []


def test_a_list_leaves_out_what_policy_hides_and_goes_on_after_it(tmp_path: Path) -> None:
    service = with_policy(tmp_path, get_image="not 'hide':%(name)s")
    shown = service.has_queued(name="show")
    hidden = [service.has_queued(name="hide") for _ in range(3)]

    found, marker = [], None
    for _ in range(len(hidden) + 2):
        page = service.list(OWNER_CALLER, ImageQuery(limit=1, marker=marker))
        found += [image.id for image in page.images]
        marker = page.next_marker
        if marker is None:
            break

    assert found == [shown.id]


def test_whoever_has_no_project_owns_nothing(tmp_path: Path) -> None:
    service = with_policy(tmp_path, modify_image="", get_image="")
    image = service.has_queued(owner=None, visibility=Visibility.PUBLIC)

    with pytest.raises(Forbidden):
        service.update(a_caller(None), image.id, [Change("replace", "name", "x")])


NOVA = a_caller("services", roles=frozenset({"service"}))


def test_services_find_every_image_for_its_locations(tmp_path: Path) -> None:
    service = with_policy(tmp_path)
    image = service.has_queued(visibility=Visibility.PRIVATE)
    finder = Access(service.authoriser).finding_for_services(NOVA)

    with service.catalogue(read_only=True) as work:
        assert work.images.get(image.id, seen_by=finder).id == image.id
    with pytest.raises(ImageNotFound):
        service.show(NOVA, image.id)


@pytest.mark.parametrize(
    "caller",
    [
        STRANGER,
        ANONYMOUS,
        a_caller("x", roles=frozenset({"reader"}), service_roles=frozenset({"service", "admin"})),
        a_caller(None, roles=frozenset({"service", "admin"}), system_scope="all"),
    ],
    ids=["a stranger", "anonymous", "lent the role", "of system scope"],
)
def test_nobody_else_finds_more_images_for_their_locations(tmp_path: Path, caller: Caller) -> None:
    access = Access(with_policy(tmp_path).authoriser)
    assert access.finding_for_services(caller) is caller


def test_who_counts_as_a_service_is_a_policy(tmp_path: Path) -> None:
    access = Access(with_policy(tmp_path, service_api="role:robot").authoriser)
    robot = a_caller("x", roles=frozenset({"robot"}))

    assert access.finding_for_services(robot).is_admin
    assert not access.finding_for_services(NOVA).is_admin


@pytest.mark.parametrize("shown", [True, False])
def test_a_policy_may_look_at_a_custom_property(tmp_path: Path, shown: bool) -> None:
    service = with_policy(tmp_path, get_image="'yes':%(open)s")
    image = service.has_queued(properties={"open": "yes" if shown else "no"})

    if shown:
        assert service.show(OWNER_CALLER, image.id).id == image.id
    else:
        with pytest.raises(ImageNotFound):
            service.show(OWNER_CALLER, image.id)
