"""Certificates in a key manager, by castellan, which is Barbican by default."""

import logging
from dataclasses import dataclass
from typing import Any, Self

from oslo_config import cfg

from tintype.domain.caller import Caller
from tintype.domain.errors import BadSignature

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyManager:
    """Asks the key manager of `[key_manager]` with the token of the caller."""

    conf: cfg.ConfigOpts

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> Self:
        """Build the source; its library is loaded when it is asked."""
        return cls(conf)

    def fetch(self, certificate_id: str, caller: Caller) -> bytes:
        """Return a certificate that the caller may use.

        Raises:
            BadSignature: there is none, or it cannot be had.
        """
        try:
            from castellan import key_manager
            from castellan.common.exception import ManagedObjectNotFoundError
            from castellan.common.objects.x_509 import X509
            from oslo_context.context import RequestContext
        except ImportError as error:
            raise BadSignature(
                "Signatures cannot be checked here: tell the operator to install "
                "tintype[signatures]."
            ) from error
        context = RequestContext(
            auth_token=caller.auth_token, user_id=caller.user_id, project_id=caller.project_id
        )
        try:
            found: Any = key_manager.API(self.conf).get(context, certificate_id)
        except ManagedObjectNotFoundError as error:
            raise BadSignature(f"There is no certificate {certificate_id!r}.") from error
        except Exception as error:
            # Each key manager has errors of its own; without a certificate nothing passes.
            LOG.warning("No certificate from the key manager: %s", type(error).__name__)
            raise BadSignature(
                f"The key manager does not give the certificate {certificate_id!r}: look whether "
                "it may be read by you, and try again."
            ) from error
        if not isinstance(found, X509):
            raise BadSignature(f"{certificate_id!r} is no certificate.")
        return bytes(found.get_encoded())
