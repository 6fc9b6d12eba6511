"""The application with everything in memory, and those who talk to it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from dependency_injector import providers
from falcon import testing

from tintype.adapters.memory.catalogue import MemoryWork
from tintype.adapters.memory.state import State
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.domain.image import Image
from tintype.domain.status import Status
from tintype.entrypoints.config import new_config
from tintype.entrypoints.container import Container

V20 = "application/openstack-images-v2.0-json-patch"
V21 = "application/openstack-images-v2.1-json-patch"
OCTETS = "application/octet-stream"
NO_SUCH_ID = "00000000-0000-4000-8000-000000000000"

Headers = Mapping[str, str]

TWO_STORES = """
    [DEFAULT]
    auth_strategy = trusted_headers
    enabled_backends = ram:memory, more:memory
    {defaults}
    [glance_store]
    default_backend = ram
    [ram]
    weight = 1
    store_description = Gone with the process
    [more]
    memory_store_capacity = 4096
"""

ONE_STORE = """
    [DEFAULT]
    auth_strategy = trusted_headers
    {defaults}
    [glance_store]
    stores = memory
    default_store = memory
"""


def identity(project: str | None = "owner", roles: str = "member,reader") -> Headers:
    """Return the headers by which a caller of that project and with those roles is known."""
    known = {"X-Identity-Status": "Confirmed", "X-User-Id": "somebody", "X-Roles": roles}
    return known if project is None else known | {"X-Project-Id": project}


OWNER = identity()
READER = identity(roles="reader")
OTHER = identity("other")
ADMIN = identity("operators", "admin,member,reader")
NOBODY: Headers = {}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """The sentence of an error."""
        return str(self.json["error"]["message"])


@cache
def default_authoriser() -> OsloAuthoriser:
    """Return what knows the default policies: it has no state, and takes long to make."""
    return OsloAuthoriser(new_config([]))


@dataclass
class Service:
    """An application of its own, to be asked as any of its callers."""

    container: Container
    caller: Headers = field(default_factory=lambda: OWNER)

    @classmethod
    def configured(cls, folder: Path, text: str = TWO_STORES, *defaults: str) -> "Service":
        """Assemble it for a configuration; `defaults` are lines added to its first section."""
        file = folder / "tintype.conf"
        lines = dedent(text).format(defaults="\n".join(defaults))
        file.write_text(lines, encoding="utf-8")
        container = Container(conf=new_config([str(file)]))
        container.state_dir.override(str(folder))
        if "[oslo_policy]" not in lines and not (folder / "policy.yaml").exists():
            container.authoriser.override(providers.Callable(default_authoriser))
        container.work.override(providers.Singleton(MemoryWork, container.clock))
        return cls(container)

    def forget(self) -> None:
        """Lose all images, their data, and everything else that is on record."""
        work = self.container.work()
        assert isinstance(work, MemoryWork)
        work.state = State()
        for store in self.container.stores().list():
            driver = self.container.stores().named(store.id)
            assert driver is not None
            for key in list(driver.keys()):
                driver.delete(driver.locate(key)[0])

    def seen_by(self, caller: Headers) -> "Service":
        """Return the same service, asked by somebody else."""
        return Service(self.container, caller)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Headers | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send a request; `environ` overrides what the server would have made of it."""
        path, _, query = path.partition("?")
        result = testing.simulate_request(
            self.container.application(),
            method,
            path,
            query_string=query,
            body=body,
            headers={**self.caller, **(headers or {})},
            extras=dict(environ or {}),
        )
        return Answer(result.status_code, result.headers, result.content)

    def get(self, path: str, headers: Headers | None = None) -> Answer:
        """Send a GET."""
        return self.ask("GET", path, headers=headers)

    def send(self, method: str, path: str, value: Any, headers: Headers | None = None) -> Answer:
        """Send a request with a JSON body."""
        return self.ask(method, path, json.dumps(value).encode(), headers)

    def patch(self, image_id: str, changes: Any, dialect: str = V21) -> Answer:
        """Send a patch."""
        return self.send("PATCH", f"/v2/images/{image_id}", changes, {"Content-Type": dialect})

    def upload(self, image_id: str, data: bytes, headers: Headers | None = None) -> Answer:
        """Send the data of an image."""
        typed = {"Content-Type": OCTETS, **(headers or {})}
        return self.ask("PUT", f"/v2/images/{image_id}/file", data, typed)

    # ------------------------------------------------------------------ what is there already

    def an_image(self, data: bytes | None = None, **attributes: Any) -> str:
        """Create an image, of formats that take any data, and return its id."""
        body = {"disk_format": "raw", "container_format": "bare"} | attributes
        answer = self.send("POST", "/v2/images", body)
        assert answer.status == 201, answer.body
        image_id = str(answer.json["id"])
        if data is not None:
            assert self.upload(image_id, data).status == 204
        return image_id

    def a_deactivated_image(self, **attributes: Any) -> str:
        """Create an image whose data is withheld."""
        image_id = self.an_image(b"data", **attributes)
        assert self.ask("POST", f"/v2/images/{image_id}/actions/deactivate").status == 204
        return image_id

    def shared_with(self, image_id: str, project: str, status: str | None = None) -> None:
        """Make a project a member of an image, and let it answer if it should."""
        path = f"/v2/images/{image_id}/members"
        assert self.send("POST", path, {"member": project}).status == 200
        if status is not None:
            answer = self.seen_by(identity(project)).send(
                "PUT", f"{path}/{project}", {"status": status}
            )
            assert answer.status == 200

    def put_into(self, image_id: str, status: Status, **facts: Any) -> None:
        """Leave an image in a status, as other requests or services would."""
        with self.container.work()() as work:
            image: Image | None = work.images.get_gone(image_id)
            assert image is not None
            image.status = status
            for name, value in facts.items():
                setattr(image, name, value)
            work.images.save(image)
            work.commit()

    def show(self, image_id: str) -> Any:
        """Return an image as its caller is shown it."""
        answer = self.get(f"/v2/images/{image_id}")
        assert answer.status == 200, answer.body
        return answer.json

    def stored(self, store: str = "ram") -> Sequence[str]:
        """Return the keys of what a store holds."""
        driver = self.container.stores().named(store)
        assert driver is not None
        return sorted(driver.keys())

    def lose(self, image_id: str) -> None:
        """Remove the data of an image behind the service's back."""
        driver = self.container.stores().named("ram")
        assert driver is not None
        driver.delete(driver.locate(image_id)[0])


Ask = Callable[[Service], Answer]
"""What a row of a table does: it prepares what it needs, and sends the request in question."""

Rows = Mapping[str, tuple[Ask, int]]
"""For each trigger, described in words, the request and the status that it is answered with."""


def each(rows: Rows) -> pytest.MarkDecorator:
    """Run a test with `ask` and `status` of every row."""
    values = [pytest.param(*row, id=trigger) for trigger, row in rows.items()]
    return pytest.mark.parametrize(("ask", "status"), values)
