"""Who asks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Caller:
    """The identity behind one request, as the identity adapter established it.

    `project_id` is None for a caller without a project: it owns nothing, and null never
    equals null (access-control §1). Roles are lower case. `is_admin` is the answer of the
    policy rule `context_is_admin`. Roles of a service token are kept apart from the
    caller's own, so that no check can mix them up. `service_catalog` is
    the text in JSON that tells where the services of the caller's cloud are.
    """

    user_id: str | None = None
    project_id: str | None = None
    roles: frozenset[str] = frozenset()
    is_admin: bool = False
    read_only: bool = False
    user_name: str | None = None
    project_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None
    project_domain_id: str | None = None
    project_domain_name: str | None = None
    domain_id: str | None = None
    domain_name: str | None = None
    system_scope: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    service_catalog: str | None = field(default=None, repr=False)
    service_user_id: str | None = None
    service_project_id: str | None = None
    service_roles: frozenset[str] = frozenset()
    request_id: str | None = None

    def owns(self, owner: str | None) -> bool:
        """Tell whether `owner` is the caller's own project; no project owns nothing."""
        return owner is not None and owner == self.project_id

    def in_project(self, project_id: str | None) -> "Caller":
        """Return who acts in a project: the caller in its own, the service in those of others."""
        return self if self.owns(project_id) else Caller(project_id=project_id)

    @property
    def roles_with_service(self) -> frozenset[str]:
        """The roles of the caller and those of the service that speaks for it, together.

        For the two questions that both count in: protected properties, and whether a location
        of any scheme may be added (access-control §1). Everything else asks `roles`.
        """
        return self.roles | self.service_roles


ANONYMOUS = Caller(read_only=True)
