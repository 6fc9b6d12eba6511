"""Where certificates are kept: plug-ins under `tintype.certificate_sources`."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol, cast

from oslo_config import cfg
from stevedore.driver import DriverManager
from stevedore.exception import NoMatches

from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.signatures import CertificateSource

GROUP: Final = "signatures"
NAMESPACE: Final = "tintype.certificate_sources"

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "certificate_source",
        help="Where the certificates of signed images are: barbican, by [key_manager]; "
        "directory, by certificate_directory; or what else is installed. Unset: directory if "
        "certificate_directory is set, else barbican.",
    ),
    cfg.StrOpt(
        "certificate_directory",
        help="Directory of certificates in PEM or DER, each in a file named after its id, with "
        ".pem, .crt, .der or nothing behind it.",
    ),
)


class SourceClass(Protocol):
    """What an entry point has to offer."""

    def from_conf(self, conf: cfg.ConfigOpts) -> CertificateSource:
        """Build the source, without reaching for anything.

        Raises:
            BadConfiguration: names the option and says what it should be.
        """


def source_of(conf: cfg.ConfigOpts) -> CertificateSource:
    """Return the source that the configuration names.

    Raises:
        BadConfiguration: it cannot be used; says why.
    """
    conf.register_opts(OPTIONS, group=GROUP)
    options = conf[GROUP]
    name = options.certificate_source or (
        "directory" if options.certificate_directory else "barbican"
    )
    try:
        manager: DriverManager[Any] = DriverManager(
            NAMESPACE, name, on_missing_entrypoints_callback=_say_nothing
        )
    except (NoMatches, ImportError) as error:
        raise BadConfiguration(
            f"[{GROUP}] certificate_source", f"{name} is not installed ({error})."
        ) from error
    return cast(SourceClass, manager.driver).from_conf(conf)


def _say_nothing(_: Iterable[str]) -> None:
    """Leave it to NoMatches."""
