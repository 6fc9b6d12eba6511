"""Certificates in a directory, for sites without a key manager."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from oslo_config import cfg

from tintype.adapters.signatures.sources import GROUP
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration, BadSignature

SUFFIXES: Final = ("", ".pem", ".crt", ".der")
MAX_SIZE: Final = 1 << 16
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}", re.ASCII)
"""What an id may look like: it leads nowhere but into the directory."""


@dataclass(frozen=True)
class CertificateDirectory:
    """Reads the file that is named after a certificate, anew each time; every caller may."""

    folder: Path

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> Self:
        """Build the source.

        Raises:
            BadConfiguration: there is no such directory.
        """
        folder = conf[GROUP].certificate_directory
        if not folder or not Path(folder).is_dir():
            raise BadConfiguration(
                f"[{GROUP}] certificate_directory", "it must be a directory of certificates."
            )
        return cls(Path(folder))

    def fetch(self, certificate_id: str, caller: Caller) -> bytes:
        """Return a certificate.

        Raises:
            BadSignature: there is none.
        """
        if _ID.fullmatch(certificate_id):
            for suffix in SUFFIXES:
                try:
                    with (self.folder / f"{certificate_id}{suffix}").open("rb") as file:
                        return file.read(MAX_SIZE)
                except OSError:
                    continue
        raise BadSignature(f"There is no certificate {certificate_id!r}.")
