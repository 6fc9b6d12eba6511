"""Accounts, and how one gets into them."""

from collections.abc import Mapping
from configparser import ConfigParser, Error, SectionProxy
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tintype.domain.errors import BadConfiguration

FILE: Final = "swift_store_config_file"
ADDRESS: Final = "swift_store_auth_address"

Domain = tuple[str, str]
"""Whether a domain is known by its `id` or `name`, and what that is."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An account of the service; `name` is what locations call it, None if they cannot.

    Domains are needed for version 3 alone; there `project` may stand in for the one before the
    colon in `user`.
    """

    name: str | None
    address: str
    version: str = "3"
    user: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    credential_id: str = field(default="", repr=False)
    credential_secret: str = field(default="", repr=False)
    project_name: str | None = None
    project_id: str | None = None
    user_domain: Domain = ("id", "default")
    project_domain: Domain = ("id", "default")

    @property
    def place(self) -> str:
        """Where to authenticate, as locations have it: without a scheme or closing slash."""
        return self.address.partition("://")[2].rstrip("/")

    @property
    def names_in_user(self) -> tuple[str | None, str]:
        """The project in `user`, if there is one, and the user alone."""
        project, colon, user = self.user.partition(":")
        return (project, user) if colon else (None, project)

    def of_user(self, user: str, key: str) -> "Reference":
        """Return how another user gets in at the same place."""
        return replace(
            self, user=user, key=key, credential_id="", project_name=None, project_id=None
        )


def read_references(path: str) -> dict[str, Reference]:
    """Read the accounts in a file.

    Raises:
        BadConfiguration: says what is wrong with it.
    Source: stores §6.4.
    """
    parser = ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not in UTF-8"
        raise BadConfiguration(FILE, f"{path} cannot be read: {reason}.") from error
    except Error as error:
        # The error quotes lines, and those may hold keys.
        raise BadConfiguration(FILE, f"{path} is no file of sections and values.") from error
    return {name: _of_section(parser[name], path) for name in parser.sections()}


def _of_section(section: SectionProxy, path: str) -> Reference:
    values = {name: value.strip().strip("'\"") for name, value in section.items()}
    found = Reference(
        section.name,
        values.get("auth_address", ""),
        values.get("auth_version", "3").partition(".")[0],
        values.get("user", ""),
        values.get("key", ""),
        values.get("application_credential_id", ""),
        values.get("application_credential_secret", ""),
        values.get("project_name"),
        values.get("project_id"),
        _domain(values, "user"),
        _domain(values, "project"),
    )
    return _checked(found, FILE, f"section {section.name} of {path}")


def _domain(values: Mapping[str, str], whose: str) -> Domain:
    for kind in ("id", "name"):
        if value := values.get(f"{whose}_domain_{kind}"):
            return kind, value
    return "id", "default"


def of_options(values: Mapping[str, Any]) -> Reference:
    """Return the account that the options describe by themselves.

    Raises:
        BadConfiguration: they do not.
    """
    found = Reference(
        None,
        values["swift_store_auth_address"] or "",
        values["swift_store_auth_version"].partition(".")[0],
        values["swift_store_user"] or "",
        values["swift_store_key"] or "",
        values["swift_store_application_credential_id"] or "",
        values["swift_store_application_credential_secret"] or "",
        values["swift_store_project_name"],
        values["swift_store_project_id"],
    )
    return _checked(found, ADDRESS, "it, with swift_store_user and swift_store_key,")


def _checked(found: Reference, option: str, what: str) -> Reference:
    scheme, _, place = found.address.partition("://")
    if scheme not in ("http", "https") or not place or "@" in place:
        raise BadConfiguration(option, f"{what} must have http:// or https:// and a host.")
    if found.version not in ("1", "2", "3"):
        raise BadConfiguration(option, f"{what} must have auth_version 1, 2 or 3.")
    if found.credential_id and found.version == "3":
        if not found.credential_secret:
            raise BadConfiguration(option, f"{what} lacks the application credential's secret.")
        return found
    if not found.user or not found.key:
        raise BadConfiguration(option, f"{what} must have a user and a key.")
    project, user = found.names_in_user
    known = project or found.project_name or found.project_id
    if not user or (found.version != "1" and not known):
        raise BadConfiguration(option, f"{what} must have a user of the form project:user.")
    return found
