"""Lives of images as hypothesis invents them, on catalogues in memory and in SQL.

TINTYPE_LIVES says how many lives are led on each; some dozens by default.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest
from dependency_injector import providers
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.databases import catalogues
from tests.integration.http.image_model import Asker, Modelled, Operation, Refused
from tests.unit.http.service import V20, V21, Answer, Service

LIVES = int(os.environ.get("TINTYPE_LIVES", "60"))

ADMIN = Asker("operators", admin=True)
ASKERS = st.sampled_from([Asker("a"), Asker("a", writes=False), Asker("b"), ADMIN])
PROJECTS = st.sampled_from(["a", "b", "c"])
VISIBILITIES = st.sampled_from(["public", "community", "shared", "private"])
ANSWERS = st.sampled_from(["pending", "accepted", "rejected"])
TAGS = st.sampled_from(["red", "round", "ä 💿"])
KEYS = st.sampled_from(["color", "hw:x/y", "image_id"])
STORES = st.sampled_from(["ram", "more"])
DATA = st.sampled_from([b"", b"some data", b"x" * 2000])

OPERATIONS = st.one_of(
    st.builds(Operation, st.sampled_from(["add", "replace", "remove"]), KEYS, TAGS),
    st.builds(Operation, st.sampled_from(["add", "replace"]), st.just("visibility"), VISIBILITIES),
    st.builds(Operation, st.just("replace"), st.just("owner"), st.sampled_from(["a", "b"])),
    st.builds(
        Operation,
        st.just("replace"),
        st.sampled_from(["protected", "os_hidden"]),
        st.booleans(),
    ),
    st.builds(Operation, st.just("replace"), st.just("tags"), st.lists(TAGS)),
    st.just(Operation("remove", "name")),
)


class Lives(RuleBasedStateMachine):
    """Does to images what callers do, and compares each answer with the model's."""

    service: ClassVar[Service]
    images = Bundle("images")

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Modelled] = {}

    def teardown(self) -> None:
        """Leave an empty service to the next life."""
        for image in self.known.values():
            self.ask(ADMIN, "PATCH", image, "", [patched(Operation("replace", "protected", False))])
            self.ask(ADMIN, "DELETE", image)
        assert [self.service.stored(store) for store in ("ram", "more")] == [[], []]

    def ask(
        self, asker: Asker, method: str, image: Modelled, path: str = "", value: Any = None
    ) -> Answer:
        """Ask for something about an image."""
        service = self.service.seen_by(asker.headers)
        whole = f"/v2/images/{image.id}{path}"
        if value is None:
            return service.ask(method, whole)
        return service.send(method, whole, value, {"Content-Type": V21})

    def expect(self, answer: Answer, status: int, act: Callable[..., Any], *arguments: Any) -> Any:
        """Check the status of an answer against what the model does; return what that gives."""
        try:
            result = act(*arguments)
        except Refused as refused:
            assert answer.status == refused.status, answer.body
            return None
        assert answer.status == status, answer.body
        return result

    # ------------------------------------------------------------------ records

    @initialize(target=images)
    def begin(self) -> Any:
        """Have an image of each visibility, one protected, one with data and members."""
        owner = Asker("a")
        made = [
            self.create(owner, visibility, formats=True, tags=["red"])
            for visibility in ("shared", "shared", "private", "community")
        ]
        made.append(self.create(ADMIN, "public", formats=True, tags=[]))
        self.upload(owner, made[0], b"some data", "ram")
        self.offer(owner, made[0], "b")
        self.offer(owner, made[0], "c")
        self.patch(owner, made[1], [Operation("replace", "protected", True)], V21)
        self.patch(ADMIN, made[4], [Operation("replace", "owner", "a")], V21)
        return multiple(*made)

    @rule(
        target=images,
        asker=ASKERS,
        visibility=VISIBILITIES,
        formats=st.booleans(),
        tags=st.lists(TAGS),
    )
    def create(self, asker: Asker, visibility: str, formats: bool, tags: list[str]) -> Any:
        body = {"visibility": visibility, "tags": tags, "name": "new"}
        if formats:
            body |= {"disk_format": "raw", "container_format": "bare"}
        answer = self.service.seen_by(asker.headers).send("POST", "/v2/images", body)
        if not asker.writes or (visibility == "public" and not asker.admin):
            assert answer.status == 403
            return multiple()
        assert answer.status == 201
        image_id = answer.json["id"]
        image = Modelled(image_id, asker.project, visibility, name="new", formats=formats)
        image.tags = set(tags)
        self.known[image_id] = image
        return image_id

    @rule(image_id=images)
    def create_again(self, image_id: str) -> None:
        answer = self.service.seen_by(ADMIN.headers).send("POST", "/v2/images", {"id": image_id})
        assert answer.status == 409

    @rule(asker=ASKERS, image_id=images)
    def show(self, asker: Asker, image_id: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "GET", image)
        self.expect(answer, 200, image.require_sight, asker)
        if answer.status == 200:
            shown = answer.json | {"tags": set(answer.json["tags"])}
            assert image.shown.items() <= shown.items()
            assert ("stores" in shown) is (image.store is not None and not withheld(image, asker))

    @rule(
        asker=ASKERS,
        image_id=images,
        operations=st.lists(OPERATIONS, max_size=3),
        dialect=st.sampled_from([V20, V21]),
    )
    def patch(self, asker: Asker, image_id: str, operations: list[Operation], dialect: str) -> None:
        image = self.known[image_id]
        write = patched if dialect == V21 else patched_as_of_old
        service = self.service.seen_by(asker.headers)
        answer = service.patch(image_id, [write(each) for each in operations], dialect)
        after = self.expect(answer, 200, image.patched, asker, operations, dialect == V20)
        if after is not None:
            self.known[image_id] = after

    @rule(asker=ASKERS, image_id=images)
    def delete(self, asker: Asker, image_id: str) -> None:
        image = self.known[image_id]
        self.expect(self.ask(asker, "DELETE", image), 204, image.delete, asker)

    @rule(asker=ASKERS, image_id=images, tag=TAGS)
    def tag(self, asker: Asker, image_id: str, tag: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "PUT", image, f"/tags/{tag}")
        self.expect(answer, 204, image.require_change, asker)
        if answer.status == 204:
            image.tags.add(tag)

    @rule(asker=ASKERS, image_id=images, tag=TAGS)
    def untag(self, asker: Asker, image_id: str, tag: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "DELETE", image, f"/tags/{tag}")
        self.expect(answer, 204, image.untag, asker, tag)

    # ------------------------------------------------------------------ data

    @rule(asker=ASKERS, image_id=images, data=DATA, store=STORES)
    def upload(self, asker: Asker, image_id: str, data: bytes, store: str) -> None:
        service = self.service.seen_by(asker.headers)
        answer = service.upload(image_id, data, {"x-image-meta-store": store})
        self.expect(answer, 204, self.known[image_id].upload, asker, data, store)

    @rule(asker=ASKERS, image_id=images)
    def download(self, asker: Asker, image_id: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "GET", image, "/file")
        status = 204 if image.data is None else 200
        data = self.expect(answer, status, image.download, asker)
        assert answer.status != 200 or answer.body == data

    @rule(asker=ASKERS, image_id=images, withhold=st.booleans())
    def switch(self, asker: Asker, image_id: str, withhold: bool) -> None:
        image = self.known[image_id]
        verb, status = ("deactivate", "deactivated") if withhold else ("reactivate", "active")
        answer = self.ask(asker, "POST", image, f"/actions/{verb}")
        self.expect(answer, 204, image.switch, asker, status)

    # ------------------------------------------------------------------ sharing

    @rule(asker=ASKERS, image_id=images, project=PROJECTS)
    def offer(self, asker: Asker, image_id: str, project: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "POST", image, "/members", {"member": project})
        self.expect(answer, 200, image.offer, asker, project)

    @rule(asker=ASKERS, image_id=images, project=PROJECTS, status=ANSWERS)
    def answer(self, asker: Asker, image_id: str, project: str, status: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "PUT", image, f"/members/{project}", {"status": status})
        self.expect(answer, 200, image.answer, asker, project, status)

    @rule(asker=ASKERS, image_id=images, project=PROJECTS)
    def withdraw(self, asker: Asker, image_id: str, project: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "DELETE", image, f"/members/{project}")
        self.expect(answer, 204, image.withdraw, asker, project)

    @rule(asker=ASKERS, image_id=images)
    def list_members(self, asker: Asker, image_id: str) -> None:
        image = self.known[image_id]
        answer = self.ask(asker, "GET", image, "/members")
        expected = self.expect(answer, 200, image.members_shown, asker)
        if answer.status == 200:
            members = answer.json["members"]
            assert {each["member_id"]: each["status"] for each in members} == expected

    # ------------------------------------------------------------------ lists

    @rule(
        asker=ASKERS,
        visibility=st.none() | st.just("all") | VISIBILITIES,
        status=st.just("all") | ANSWERS,
        hidden=st.booleans(),
        page=st.integers(1, 4),
    )
    def find(
        self, asker: Asker, visibility: str | None, status: str, hidden: bool, page: int
    ) -> None:
        query = f"limit={page}&os_hidden={hidden}&member_status={status}"
        if visibility is not None:
            query += f"&visibility={visibility}"
        found = list(self.pages(asker, f"/v2/images?{query}"))
        expected = [
            image.id
            for image in self.known.values()
            if image.listed(asker, visibility, status, hidden)
        ]
        assert found == expected[::-1]

    def pages(self, asker: Asker, path: str | None) -> Iterator[str]:
        """Follow the links and give the ids on all pages."""
        while path is not None:
            page = self.service.seen_by(asker.headers).get(path).json
            yield from (image["id"] for image in page["images"])
            path = page.get("next")

    @invariant()
    def stores_hold_the_data_of_images_and_no_other(self) -> None:
        for store in ("ram", "more"):
            expected = sorted(image.id for image in self.known.values() if image.store == store)
            assert self.service.stored(store) == expected


def withheld(image: Modelled, asker: Asker) -> bool:
    """Tell whether the asker is not shown where the data is."""
    return image.status == "deactivated" and not asker.admin


def patched(operation: Operation) -> dict[str, Any]:
    """Write an operation of a patch."""
    path = "/" + operation.name.replace("/", "~1")
    value = {} if operation.op == "remove" else {"value": operation.value}
    return {"op": operation.op, "path": path} | value


def patched_as_of_old(operation: Operation) -> dict[str, Any]:
    """Write an operation of a patch in the older dialect."""
    written = patched(operation)
    return {written.pop("op"): written.pop("path")} | written


@pytest.mark.parametrize("catalogue", ["memory", "sqlite"])
def test_every_answer_is_the_one_that_the_model_gives(catalogue: str, tmp_path: Path) -> None:
    service = Service.configured(tmp_path)
    with ExitStack() as opened:
        if catalogue != "memory":
            work = opened.enter_context(catalogues()[catalogue]())
            service.container.work.override(providers.Object(work))
        machine = type("Lives", (Lives,), {"service": service})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=LIVES,
                stateful_step_count=50,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
