"""Who calls, which images there are, and what can be asked of one (access-control §2, §4)."""

from collections.abc import Callable, Mapping

from tests.unit.http.service import ADMIN, NOBODY, OCTETS, Headers, Service, identity
from tintype.domain.status import Status

EVERYTHING = "admin,member,reader"

PERSONAS: Mapping[str, Headers] = {
    "member": identity("me"),
    "reader": identity("me", "reader"),
    "only member": identity("me", "member"),
    "admin": identity("me", EVERYTHING),
    "only admin": identity("elsewhere", "admin"),
    "service": identity("me", "service"),
    "lent roles": {**identity("me", "reader"), "X-Service-Roles": "admin,member,service"},
    "without roles": identity("me", ""),
    "without project": identity(None),
    "admin without project": identity(None, EVERYTHING),
    "system admin": {**identity(None, EVERYTHING), "Openstack-System-Scope": "all"},
    "domain admin": {**identity(None, EVERYTHING), "X-Domain-Id": "a-domain"},
    "anonymous": NOBODY,
}

KINDS: Mapping[str, Mapping[str, str | None]] = {
    "own": {"owner": "me", "visibility": "shared"},
    "shared to me": {"owner": "owner", "visibility": "shared"},
    "public": {"owner": "owner", "visibility": "public"},
    "community": {"owner": "owner", "visibility": "community"},
    "private": {"owner": "owner", "visibility": "private"},
    "ownerless": {"owner": None, "visibility": "private"},
    "ownerless public": {"owner": None, "visibility": "public"},
}
"""What images are to the project `me`."""

MEMBERS = {"own": "friend", "shared to me": "me"}


def an_image(service: Service, kind: str, data: bytes | None = b"data") -> str:
    """Return an image of that kind, with a tag, and with a member if such an image has any."""
    operator = service.seen_by(ADMIN)
    image_id = operator.an_image(data, tags=["t"], **KINDS[kind])
    if kind in MEMBERS:
        operator.shared_with(image_id, MEMBERS[kind])
    if kind == "shared to me":
        path = f"/v2/images/{image_id}/members/me"
        assert operator.send("PUT", path, {"status": "accepted"}).status == 200
    return image_id


def _patch(name: str, value: str) -> Callable[[Service, str], int]:
    changes = [{"op": "replace", "path": f"/{name}", "value": value}]
    return lambda service, image_id: service.patch(image_id, changes).status


def _ask(method: str, path: str) -> Callable[[Service, str], int]:
    return lambda service, image_id: service.ask(method, f"/v2/images/{image_id}{path}").status


def _of_member(method: str, kind: str, body: object = None) -> Callable[[Service, str], int]:
    """Return what asks for the member that an image has, or would have."""

    def ask(service: Service, image_id: str) -> int:
        path = f"/v2/images/{image_id}/members/{MEMBERS.get(kind, 'me')}"
        if body is not None:
            return service.send(method, path, body).status
        return service.ask(method, path).status

    return ask


def _add_member(service: Service, image_id: str) -> int:
    return service.send("POST", f"/v2/images/{image_id}/members", {"member": "third"}).status


WITHOUT_DATA = frozenset({"upload", "stage", "add location"})
"""What is done with a new image that waits for its data."""


def _stage(service: Service, image_id: str) -> int:
    path = f"/v2/images/{image_id}/stage"
    return service.ask("PUT", path, b"data", {"Content-Type": OCTETS}).status


def _import(service: Service, image_id: str) -> int:
    """Ask for an import that anybody who may would hear of: the image has data already."""
    body = {"method": {"name": "glance-direct"}}
    return service.send("POST", f"/v2/images/{image_id}/import", body).status


def _copy(service: Service, image_id: str) -> int:
    body = {"method": {"name": "copy-image"}, "stores": ["ram"]}
    return service.send("POST", f"/v2/images/{image_id}/import", body).status


def _add_location(service: Service, image_id: str) -> int:
    body = {"url": "memory://nothing"}
    return service.send("POST", f"/v2/images/{image_id}/locations", body).status


def _delete_copy(service: Service, image_id: str) -> int:
    return service.ask("DELETE", f"/v2/stores/ram/{image_id}").status


def ask(service: Service, operation: str, kind: str) -> int:
    """Return the status with which an operation on a new image of that kind is answered."""
    image_id = an_image(service, kind, None if operation in WITHOUT_DATA else b"data")
    operations: Mapping[str, Callable[[Service, str], int]] = {
        "show": _ask("GET", ""),
        "patch": _patch("name", "x"),
        "publicize": _patch("visibility", "public"),
        "communitize": _patch("visibility", "community"),
        "give away": _patch("owner", "them"),
        "delete": _ask("DELETE", ""),
        "delete protected": _ask("DELETE", ""),
        "upload": lambda service, image_id: service.upload(image_id, b"data").status,
        "download": _ask("GET", "/file"),
        "download withheld": _ask("GET", "/file"),
        "deactivate": _ask("POST", "/actions/deactivate"),
        "reactivate": _ask("POST", "/actions/reactivate"),
        "tag": _ask("PUT", "/tags/new"),
        "untag": _ask("DELETE", "/tags/t"),
        "list members": _ask("GET", "/members"),
        "add member": _add_member,
        "show member": _of_member("GET", kind),
        "answer": _of_member("PUT", kind, {"status": "rejected"}),
        "remove member": _of_member("DELETE", kind),
        "stage": _stage,
        "import": _import,
        "copy": _copy,
        "add location": _add_location,
        "list locations": _ask("GET", "/locations"),
        "delete copy": _delete_copy,
        "list tasks": _ask("GET", "/tasks"),
    }
    if operation == "delete protected":
        service.put_into(image_id, Status.ACTIVE, protected=True)
    if operation == "download withheld":
        service.put_into(image_id, Status.DEACTIVATED)
    return operations[operation](service, image_id)
