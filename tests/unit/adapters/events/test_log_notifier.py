"""Events as lines in the log."""

import logging
from collections.abc import Iterator

import pytest

from tintype.adapters.events.log_notifier import LogNotifier
from tintype.domain.events import ImageCreated, ImageDeleted, MemberAdded


@pytest.fixture(autouse=True)
def _at_level_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tintype.events")


@pytest.fixture
def broken_log() -> Iterator[None]:
    """Make every record of the logger fail, as a misconfigured filter does."""

    def fail(record: logging.LogRecord) -> bool:
        raise OSError("no room left")

    logger = logging.getLogger("tintype.events")
    logger.addFilter(fail)
    yield
    logger.removeFilter(fail)


def test_each_event_is_one_line_oldest_first(caplog: pytest.LogCaptureFixture) -> None:
    LogNotifier().tell([ImageCreated("an-id"), ImageDeleted("an-id")])

    assert caplog.messages == ["ImageCreated(image_id='an-id')", "ImageDeleted(image_id='an-id')"]


def test_events_are_logged_for_information(caplog: pytest.LogCaptureFixture) -> None:
    LogNotifier().tell([ImageCreated("an-id")])

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("tintype.events", logging.INFO)


def test_a_line_names_the_member_it_is_about(caplog: pytest.LogCaptureFixture) -> None:
    LogNotifier().tell([MemberAdded("an-id", "a-friend")])

    assert caplog.messages == ["MemberAdded(image_id='an-id', member_id='a-friend')"]


def test_what_callers_sent_cannot_forge_a_line(caplog: pytest.LogCaptureFixture) -> None:
    LogNotifier().tell([MemberAdded("an-id", "x\nImageDeleted(image_id='another')")])

    (message,) = caplog.messages
    assert "\n" not in message


@pytest.mark.usefixtures("broken_log")
def test_a_broken_log_does_not_fail_the_caller() -> None:
    LogNotifier().tell([ImageCreated("an-id")])
