"""What SIGHUP does (operations §6)."""

import os
import signal
from pathlib import Path

import pytest

from tests.integration.http.wire import ask
from tests.service import Service, wait_until


class Reloaded(Service):
    """A service whose configuration changes while it runs."""

    def reload(self, **default: object) -> None:
        """Write the configuration anew and tell the parent."""
        self.configure({"DEFAULT": {"log_file": self.log, **default}})
        os.kill(self.processes[0], signal.SIGHUP)

    @property
    def log(self) -> Path:
        """The file that it logs to."""
        return self.config_file.with_name("tintype.log")

    @property
    def told(self) -> str:
        """What the log says so far."""
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def service(tmp_path: Path) -> Reloaded:
    """A service with a log, not started."""
    service = Reloaded(tmp_path)
    service.configure({"DEFAULT": {"log_file": service.log}})
    return service


def test_options_that_changed_are_taken_up_without_a_stop(service: Reloaded) -> None:
    with service:
        before = service.workers

        service.reload(debug=True)

        wait_until(lambda: not set(before) & set(service.workers), "other processes serve")
        ask(service, "GET", "/v2/images")
        assert " DEBUG tintype" in service.told


def test_a_configuration_that_is_wrong_is_told_of_and_changes_nothing(service: Reloaded) -> None:
    with service:
        service.reload(debug=True, workers="many")

        wait_until(lambda: "workers" in service.told, "the mistake is in the log")
        assert ask(service, "GET", "/v2/images").status == 200
        assert " DEBUG tintype" not in service.told


def test_an_address_that_somebody_has_is_not_taken_up(service: Reloaded) -> None:
    with Service(service.state_dir.parent / "other") as other, service:
        before = service.workers

        service.reload(debug=True, bind_port=other.port)

        wait_until(lambda: "bind_port" in service.told, "the mistake is in the log")
        wait_until(lambda: not set(before) & set(service.workers), "other processes serve")
        assert ask(service, "GET", "/v2/images").status == 200
        assert "DEBUG tintype" not in service.told.partition("bind_port")[2]
