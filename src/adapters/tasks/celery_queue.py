"""A queue of messages at a broker, for workers on any host."""

import logging

from tintype.adapters.tasks.celery_app import RUN_TASK, Broker
from tintype.domain.errors import QueueUnavailable

LOG = logging.getLogger(__name__)

_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
"""Once more at once: a connection that was kept may have been closed by the broker."""


class CeleryQueue:
    """Sends a message for each task; safe between threads, connects with the first of them.

    A message is a hint and no more: it may be lost, come late, or twice.
    """

    lasting = True

    def __init__(self, broker: Broker) -> None:
        self._app = broker.app()

    def submit(self, task_id: str) -> None:
        """Send a message about a task.

        Raises:
            QueueUnavailable: the broker does not take it.
        """
        try:
            self._app.send_task(RUN_TASK, (task_id,), retry=True, retry_policy=_RETRY)
        except Exception as error:
            # Each of the transports has errors of its own, of no common kind.
            LOG.warning("The broker of tasks does not answer: %s", type(error).__name__)
            raise QueueUnavailable() from error

    def stop(self, timeout_s: float) -> None:
        """Let go of the connections; what was sent is the broker's."""
        self._app.close()
