"""The broker between those who accept tasks and those who work on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urlsplit

from oslo_config import cfg

from tintype.domain.errors import BadConfiguration

GROUP: Final = "celery"
EXECUTOR: Final = "[task] task_executor"
RUN_TASK: Final = "tintype.run_task"
"""The name under which a message asks for a task to be worked on; its argument is the id."""

SCHEMES: Final = ("amqp", "amqps", "redis", "rediss", "sentinel")
CONNECT_S: Final = 2
"""How long somebody who accepts a task waits for the broker: the catalogue has it already."""

DAY_S: Final = 24 * 3600
"""How long a worker may keep a message: less than that, and it is sent to another one too."""

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.StrOpt(
        "broker_url",
        secret=True,
        help="Where messages about tasks go: amqp://user:password@host:port/vhost for RabbitMQ, "
        "redis://:password@host:port/number for Redis; amqps, rediss and sentinel too.",
    ),
    cfg.StrOpt("queue", default="tintype", help="Name of the queue at the broker."),
)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and the name of our queue there."""

    url: str = field(repr=False)
    queue: str

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> Self:
        """Read the options.

        Raises:
            BadConfiguration: one is missing or wrong; says which, and not what it holds.
        """
        conf.register_opts(OPTIONS, group=GROUP)
        url, queue = conf[GROUP].broker_url or "", conf[GROUP].queue
        if not queue:
            raise BadConfiguration(f"[{GROUP}] queue", "it must be a name.")
        _check(url)
        return cls(url, queue)

    def app(self) -> Any:
        """Make an application that connects when it is used.

        Raises:
            BadConfiguration: a library is missing.
        """
        try:
            import celery  # an extra, and slow to load
            import kombu

            app = celery.Celery("tintype", set_as_current=False)
            with app.connection_for_write(self.url) as connection:
                _ = connection.transport  # loads what it needs, and connects to nothing
        except ImportError as error:
            raise BadConfiguration(
                EXECUTOR, f"celery lacks a library ({error}): install tintype[celery]."
            ) from error
        app.conf.update(
            broker_url=self.url,
            broker_connection_timeout=CONNECT_S,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            broker_transport_options=_transport_options(self.url),
            task_queues=[
                kombu.Queue(self.queue, queue_arguments={"x-consumer-timeout": DAY_S * 1000})
            ],
            task_default_queue=self.queue,
            task_serializer="json",
            accept_content=["json"],
            task_ignore_result=True,
            # So many messages as there are threads, each kept until its task is done: others
            # get the rest, and that of a worker who dies.
            task_acks_late=True,
            worker_prefetch_multiplier=1,
            worker_cancel_long_running_tasks_on_connection_loss=False,
            worker_enable_remote_control=False,
            worker_hijack_root_logger=False,
            worker_redirect_stdouts=False,
        )
        return app


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in SCHEMES and bool(parts.hostname)
        _ = parts.port  # raises if it is no number
    except ValueError:
        good = False
    if not good:
        raise BadConfiguration(
            f"[{GROUP}] broker_url",
            f"{EXECUTOR} = celery needs a URL that begins with one of {', '.join(SCHEMES)}, "
            "as in redis://host:6379/0.",
        )


def _transport_options(url: str) -> dict[str, object]:
    if url.startswith("amqp"):
        return {}
    return {"visibility_timeout": DAY_S, "socket_connect_timeout": CONNECT_S}
