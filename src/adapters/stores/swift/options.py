"""How a swift store is set up."""

from collections.abc import Sequence
from typing import Final

from oslo_config import cfg

from tintype.adapters.stores.settings import Names

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "swift_store_config_file",
        help="File of accounts: a section for each, named as locations refer to it, with user, "
        "key and auth_address. Locations hold the name instead of credentials.",
    ),
    cfg.StrOpt(
        "default_swift_reference",
        default="ref1",
        help="Section of that file with the account that new images go to.",
    ),
    cfg.StrOpt("swift_store_container", default="glance", help="Container that images are in."),
    cfg.BoolOpt(
        "swift_store_create_container_on_put",
        default=False,
        help="Make a container that is missing.",
    ),
    cfg.IntOpt(
        "swift_store_multiple_containers_seed",
        default=0,
        min=0,
        max=32,
        help="Spread images over containers: their names end in so many of the first characters "
        "of the image's id. 0: one container.",
    ),
    cfg.IntOpt(
        "swift_store_large_object_size",
        default=5120,
        min=1,
        help="Objects of so many MB (of 1,024,000 bytes) and more are stored in segments; so are "
        "those that do not fit into one piece of an upload.",
    ),
    cfg.IntOpt(
        "swift_store_large_object_chunk_size",
        default=200,
        min=1,
        help="Size of segments in MB (of 1,024,000 bytes). They are of 16 MB at most where they "
        "are kept in memory while they are sent; see swift_buffer_on_upload.",
    ),
    cfg.BoolOpt(
        "swift_buffer_on_upload",
        default=False,
        help="Keep segments in files of swift_upload_buffer_dir while they are sent, instead of "
        "in memory, so that they may be large.",
    ),
    cfg.StrOpt("swift_upload_buffer_dir", help="Directory for those files."),
    cfg.BoolOpt(
        "swift_store_multi_tenant",
        default=False,
        help="Keep each image in the account of the project that uploads it, with the token of "
        "the request.",
    ),
    cfg.Opt(
        "swift_store_admin_tenants",
        type=Names(),
        default=[],
        help="Projects that may read and write the containers of new images, with "
        "swift_store_multi_tenant. Once it is said who else may, they keep writing alone.",
    ),
    cfg.BoolOpt(
        "swift_store_use_trusts",
        default=True,
        help="With swift_store_multi_tenant, get a trust for each transfer, which outlives the "
        "token of the request.",
    ),
    cfg.StrOpt(
        "swift_store_region",
        help="Region of the service in the catalogue. Unset: the first one.",
    ),
    cfg.StrOpt(
        "swift_store_endpoint",
        help="URL of the account, instead of that in the catalogue.",
    ),
    cfg.StrOpt(
        "swift_store_endpoint_type",
        default="publicURL",
        choices=("publicURL", "adminURL", "internalURL"),
        help="Which of the endpoints in the catalogue to use.",
    ),
    cfg.StrOpt(
        "swift_store_service_type",
        default="object-store",
        help="Type of the service in the catalogue.",
    ),
    cfg.BoolOpt(
        "swift_store_auth_insecure",
        default=False,
        help="Believe any certificate.",
    ),
    cfg.StrOpt(
        "swift_store_cacert",
        help="File of the certificates, in PEM, that those of the servers must come from. Unset: "
        "those that the client library brings.",
    ),
    cfg.BoolOpt(
        "swift_store_ssl_compression",
        default=True,
        help="Accepted for the sake of existing configuration files; it has no effect: TLS does "
        "not compress any more.",
    ),
    cfg.IntOpt(
        "swift_store_retry_get_count",
        default=0,
        min=0,
        help="How often a download that broke off goes on from the byte reached.",
    ),
    cfg.IntOpt(
        "swift_store_expire_soon_interval",
        default=60,
        min=0,
        help="A token that lives no longer than so many seconds is replaced before its use.",
    ),
    cfg.StrOpt(
        "swift_store_application_credential_id",
        secret=True,
        help="Application credential to use instead of a user and key.",
    ),
    cfg.StrOpt("swift_store_application_credential_secret", secret=True, help="Its secret."),
    cfg.StrOpt(
        "swift_store_auth_version",
        default="3",
        choices=("1", "2", "3"),
        help="Version of the authentication: 1 (Swift's own), or that of Keystone's API.",
    ),
    cfg.StrOpt(
        "swift_store_auth_address",
        help="Where to authenticate. Deprecated, as all that follow here: use "
        "swift_store_config_file, which keeps credentials out of locations.",
    ),
    cfg.StrOpt("swift_store_user", help="Who to be, as project:user. Deprecated."),
    cfg.StrOpt("swift_store_key", secret=True, help="Its password. Deprecated."),
    cfg.StrOpt(
        "swift_store_project_name",
        help="Project, if it is not the one in swift_store_user. Deprecated.",
    ),
    cfg.StrOpt("swift_store_project_id", help="The same by its id. Deprecated."),
    cfg.IntOpt(
        "swift_store_connect_timeout",
        default=10,
        min=1,
        help="Seconds that a server has to take a connection, and more bytes.",
    ),
    cfg.IntOpt(
        "swift_store_read_timeout",
        default=60,
        min=1,
        help="Seconds that a server may be silent while it is to answer.",
    ),
)

FOR_WRITING: Final = frozenset(
    {
        "swift_store_create_container_on_put",
        "swift_store_large_object_size",
        "swift_store_large_object_chunk_size",
        "swift_buffer_on_upload",
        "swift_upload_buffer_dir",
    }
)
