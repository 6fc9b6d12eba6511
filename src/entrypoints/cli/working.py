"""A process that works on tasks and serves nothing."""

from oslo_config import cfg
from rich.console import Console

from tintype.entrypoints.container import Container


def run(conf: cfg.ConfigOpts, state_dir: str | None) -> None:
    """Check, bring the database up to date, and work until told to stop.

    Raises:
        BadConfiguration, CatalogueUnavailable: it cannot start; says why.
    """
    container = Container(conf=conf)
    container.state_dir.override(state_dir)
    worker = container.worker()
    container.migrate()
    container.stores().start(required=container.required_stores())
    container.sweep()()
    container.background().start()
    console = Console(highlight=False, soft_wrap=True)
    worker.run(lambda: console.print("[bold]Tintype[/bold] works on tasks  (Ctrl-C stops it)"))
