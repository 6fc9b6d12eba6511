"""When the data of images goes whose deletion was delayed (operations §2)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from oslo_config import cfg

from tintype.application.scrubbing import Scrub
from tintype.entrypoints.background import Chore

OPTIONS: Final[Sequence[cfg.Opt]] = (
    cfg.BoolOpt(
        "delayed_delete",
        default=False,
        help="Answer a DELETE before the data of the image is removed, and remove it later; until "
        "then `tintype scrubber --restore` brings the image back.",
    ),
    cfg.IntOpt(
        "scrub_time",
        min=0,
        default=0,
        help="Seconds for which data stays after a delayed deletion. The service itself lets it "
        "stay for five minutes at least; `tintype scrubber` does not.",
    ),
    cfg.IntOpt(
        "scrub_pool_size", min=1, default=1, help="Images that are scrubbed at the same time."
    ),
    cfg.IntOpt(
        "wakeup_time",
        min=1,
        default=300,
        help="Seconds between two runs of `tintype scrubber --daemon`.",
    ),
    cfg.BoolOpt("daemon", default=False, help="Let `tintype scrubber` run until it is stopped."),
)

INTERVAL_S: Final = 300
GRACE_S: Final = 300
"""For how long data stays at least before the service itself removes it."""


def chores(conf: cfg.ConfigOpts, scrub: Scrub) -> Sequence[Chore]:
    """Return what the service does of it; nothing if deletions are not delayed."""
    if not conf.delayed_delete:
        return ()
    age = timedelta(seconds=max(conf.scrub_time, GRACE_S))
    return (Chore("scrub", INTERVAL_S, lambda: scrub(age)),)
