"""Options of cinder stores, with the names of glance_store's where it has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from oslo_config import cfg

from tintype.domain.errors import BadConfiguration

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "cinder_catalog_info",
        default="volumev3::publicURL",
        help="Where the catalogue of Keystone has Cinder: type of the service, its name or "
        "nothing, and the kind of endpoint, with colons between.",
    ),
    cfg.StrOpt(
        "cinder_endpoint_template",
        help="URL of Cinder, which is not looked up in the catalogue then; %(tenant)s stands for "
        "the id of the project, as in http://cinder.example:8776/v3/%(tenant)s.",
    ),
    cfg.StrOpt(
        "cinder_os_region_name",
        deprecated_name="os_region_name",
        help="Region to look Cinder up in. Unset: any.",
    ),
    cfg.StrOpt(
        "cinder_ca_certificates_file",
        help="File of the certificates, in PEM, that those of Cinder and Keystone must come from.",
    ),
    cfg.BoolOpt(
        "cinder_api_insecure",
        default=False,
        help="Whether to believe any certificate; not if cinder_ca_certificates_file is set.",
    ),
    cfg.IntOpt(
        "cinder_http_retries",
        default=3,
        min=0,
        help="How often a request is sent again that could not be delivered.",
    ),
    cfg.IntOpt(
        "cinder_request_timeout",
        default=90,
        min=1,
        help="Seconds that Cinder may be silent while it is to answer.",
    ),
    cfg.IntOpt(
        "cinder_state_transition_timeout",
        default=300,
        min=1,
        help="Seconds that a volume may take to be made, extended or deleted.",
    ),
    cfg.StrOpt(
        "cinder_store_auth_address",
        help="URL of Keystone, version 3. Unset: Cinder asks for no authentication, and is told "
        "the names of the user and the project as they stand here.",
    ),
    cfg.StrOpt("cinder_store_user_name", help="User that the volumes are made by."),
    cfg.StrOpt("cinder_store_password", secret=True, help="Password of the user."),
    cfg.StrOpt("cinder_store_project_name", help="Project that the volumes belong to."),
    cfg.StrOpt("cinder_store_user_domain_name", default="Default", help="Domain of the user."),
    cfg.StrOpt(
        "cinder_store_project_domain_name", default="Default", help="Domain of the project."
    ),
    cfg.StrOpt(
        "cinder_store_application_credential_id",
        help="Application credential to use instead of a user and a project.",
    ),
    cfg.StrOpt(
        "cinder_store_application_credential_secret",
        secret=True,
        help="Secret of the application credential.",
    ),
    cfg.StrOpt(
        "rootwrap_config",
        default="/etc/glance/rootwrap.conf",
        help="Configuration of glance-rootwrap, by which sudo makes devices of volumes; without "
        "that program sudo is asked alone. Not needed for volumes in Ceph.",
    ),
    cfg.StrOpt(
        "cinder_lock_path",
        default="/var/lib/glance/locks",
        help="Directory of the locks that processes of this host connect devices under; where Nova "
        "or Cinder connect some too, that of theirs. Not needed for volumes in Ceph.",
    ),
    cfg.StrOpt(
        "cinder_volume_type",
        help="Type of the volumes. It tells the volumes of one store from those of another, so "
        "each store of a project needs its own. Unset: Cinder's default type.",
    ),
    cfg.BoolOpt(
        "cinder_use_multipath", default=False, help="Whether to use all paths to a device."
    ),
    cfg.BoolOpt(
        "cinder_enforce_multipath",
        default=False,
        help="Whether to refuse work while there is no multipath daemon.",
    ),
    cfg.StrOpt(
        "cinder_mount_point_base",
        default="/var/lib/glance/mnt",
        help="Directory that shares are mounted in, of volumes that are files of NFS.",
    ),
    cfg.BoolOpt(
        "cinder_do_extend_attached",
        default=False,
        help="Whether a volume that turns out too small can be extended while it is attached; "
        "else it is detached for the while.",
    ),
    cfg.IntOpt(
        "cinder_attachment_retry_attempts",
        default=5,
        min=1,
        help="How often to try to attach a volume that is in use.",
    ),
)

FOR_WRITING: Final = frozenset({"cinder_do_extend_attached"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks Cinder, and whom it can be proven to; Keystone's `address` is None for nobody."""

    address: str | None
    user: str | None = None
    password: str = field(default="", repr=False)
    project: str | None = None
    user_domain: str | None = None
    project_domain: str | None = None
    application_id: str | None = None
    application_secret: str = field(default="", repr=False)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Credentials":
        """Find the credentials among option values.

        Raises:
            BadConfiguration: some are missing.
        """
        own = {name.removeprefix("cinder_store_"): value for name, value in values.items()}
        address = own["auth_address"] or None
        application = own["application_credential_id"], own["application_credential_secret"]
        if address and all(application):
            return cls(address, application_id=application[0], application_secret=application[1])
        for name in ("user_name", "project_name", *(["password"] if address else [])):
            if not own[name]:
                raise BadConfiguration(f"cinder_store_{name}", _MISSING)
        if not address and not values["cinder_endpoint_template"]:
            raise BadConfiguration("cinder_store_auth_address", _MISSING)
        return cls(
            address,
            own["user_name"],
            own["password"] or "",
            own["project_name"],
            own["user_domain_name"],
            own["project_domain_name"],
        )


_MISSING: Final = (
    "it must be set: the volumes belong to a project of the service's own, as cinder_store_… name "
    "it; cinder_store_auth_address may be left out if Cinder asks for no authentication."
)


@dataclass(frozen=True, slots=True)
class CinderSettings:
    """One cinder store as configured."""

    store: str
    service_type: str
    service_name: str | None
    interface: str
    endpoint: str | None
    region: str | None
    verify: str | bool
    retries: int
    request_timeout_s: int
    transition_timeout_s: int
    credentials: Credentials
    rootwrap_config: str
    lock_path: str
    volume_type: str | None
    use_multipath: bool
    enforce_multipath: bool
    mount_point_base: str
    extend_attached: bool
    attach_attempts: int
    named: bool

    @classmethod
    def read(cls, store: str, values: Mapping[str, Any], *, named: bool) -> "CinderSettings":
        """Make sense of option values by name; those left out have their default.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """
        values = {option.dest: option.default for option in OPTIONS} | dict(values)
        kind, name, interface = _catalog_info(values["cinder_catalog_info"])
        return cls(
            store,
            kind,
            name or None,
            interface,
            values["cinder_endpoint_template"] or None,
            values["cinder_os_region_name"] or None,
            values["cinder_ca_certificates_file"] or not values["cinder_api_insecure"],
            values["cinder_http_retries"],
            values["cinder_request_timeout"],
            values["cinder_state_transition_timeout"],
            Credentials.read(values),
            values["rootwrap_config"],
            values["cinder_lock_path"],
            values["cinder_volume_type"] or None,
            values["cinder_use_multipath"],
            values["cinder_enforce_multipath"],
            values["cinder_mount_point_base"],
            values["cinder_do_extend_attached"],
            values["cinder_attachment_retry_attempts"],
            named,
        )


def _catalog_info(text: str) -> Sequence[str]:
    parts = text.split(":")
    if len(parts) != 3 or not parts[0] or not parts[2]:
        raise BadConfiguration(
            "cinder_catalog_info", f"{text} must be <type>:<name>:<endpoint>, name may be empty."
        )
    return parts
