"""A plugin that does nothing."""

import logging
from typing import ClassVar

from oslo_config import cfg

from tintype.adapters.import_plugins.plugin import Options, Tools
from tintype.domain.ports.import_plugin import Draft

LOG = logging.getLogger(__name__)


class NoOp:
    """Shows in the log that plugins are in use."""

    OPTIONS: ClassVar[Options] = ()

    needs_data = False
    starts_over = False

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, tools: Tools) -> "NoOp":
        """Build it."""
        return cls()

    def __call__(self, draft: Draft) -> None:
        """Leave everything as it is."""
        LOG.debug("Import of image %s passes.", draft.image_id)
