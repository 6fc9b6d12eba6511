"""Answers that pages of other sites may read (operations §4, CORS)."""

from wsgiref.types import WSGIApplication

from oslo_config import cfg

from tintype.entrypoints.option_types import BracketedList

ALLOW_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH")
ALLOW_HEADERS = (
    *("Content-MD5", "X-Image-Meta-Checksum", "X-Storage-Token", "Accept-Encoding"),
    *("X-Auth-Token", "X-Identity-Status", "X-Roles", "X-Service-Catalog", "X-User-Id"),
    *("X-Tenant-Id", "X-OpenStack-Request-ID", "If-Match", "If-None-Match", "Range"),
)
EXPOSE_HEADERS = (
    *("X-Image-Meta-Checksum", "X-Auth-Token", "X-Subject-Token", "X-Service-Token"),
    *("X-OpenStack-Request-ID", "Location", "OpenStack-image-import-methods"),
    *("OpenStack-image-import-task-id", "OpenStack-image-store-ids"),
    *("Content-MD5", "Content-Range", "ETag"),
)

OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.Opt(
        "allowed_origin",
        type=BracketedList(),
        help="Sites whose pages may use this service, such as https://dashboard.example. Unset: "
        "none, and the other options here have no effect.",
    ),
    cfg.BoolOpt(
        "allow_credentials", default=True, help="Whether those pages may send credentials."
    ),
    cfg.Opt(
        "expose_headers",
        type=BracketedList(),
        default=list(EXPOSE_HEADERS),
        help="Headers of answers that those pages may read.",
    ),
    cfg.IntOpt(
        "max_age", default=3600, help="Seconds for which a browser remembers what is allowed."
    ),
    cfg.Opt(
        "allow_methods",
        type=BracketedList(),
        default=list(ALLOW_METHODS),
        help="Methods that those pages may use.",
    ),
    cfg.Opt(
        "allow_headers",
        type=BracketedList(),
        default=list(ALLOW_HEADERS),
        help="Headers that those pages may send.",
    ),
)


def across_origins(app: WSGIApplication, cors: cfg.ConfigOpts.GroupAttr) -> WSGIApplication:
    """Put oslo.middleware's CORS around the application if any origin is allowed."""
    if not cors.allowed_origin:
        return app
    from oslo_middleware.cors import CORS  # needed by few, slow to load

    # Its own options stay at their defaults: these here are declared with other ones.
    wrapped = CORS(app, cfg.ConfigOpts())
    wrapped.add_origin(**{option.dest: cors[option.dest] for option in OPTIONS})
    answering: WSGIApplication = wrapped
    return answering
