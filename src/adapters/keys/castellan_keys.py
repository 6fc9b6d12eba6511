"""Keys in the key manager of the cloud, by castellan, which is Barbican by default."""

from dataclasses import dataclass
from typing import Any

from oslo_config import cfg
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tintype.domain.caller import Caller
from tintype.domain.errors import KeyKept

ATTEMPTS = 3


@dataclass(frozen=True)
class CastellanKeys:
    """Asks the key manager that `[key_manager]` describes; safe between threads.

    castellan is loaded with the first key.
    """

    conf: cfg.ConfigOpts

    def delete(self, key_id: str, caller: Caller | None) -> None:
        """Delete a key with the token of the caller, or with what `[key_manager]` says of us.

        Raises:
            KeyKept: it could not be done; says why.
        """
        try:
            from castellan import key_manager
            from castellan.common import exception
        except ImportError as error:
            raise KeyKept(key_id, "castellan is not installed (tintype[barbican])") from error
        failures = (exception.KeyManagerError, exception.Forbidden, OSError)
        attempts: Any = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(0.2, max=2),
            retry=retry_if_exception_type(failures),
            reraise=True,
        )
        try:
            manager = key_manager.API(self.conf)
            attempts(manager.delete, self._context(caller), key_id)
        except exception.ManagedObjectNotFoundError:
            return
        except Exception as error:  # of any of castellan's backends
            raise KeyKept(key_id, f"the key manager refuses ({type(error).__name__})") from error

    def _context(self, caller: Caller | None) -> Any:
        from castellan.common import utils
        from oslo_context.context import RequestContext

        if caller is None or not caller.auth_token:
            return utils.credential_factory(conf=self.conf)
        return RequestContext(
            auth_token=caller.auth_token, user_id=caller.user_id, project_id=caller.project_id
        )
