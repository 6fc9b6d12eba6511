"""The time and the randomness of the machine."""

import re
from datetime import UTC, datetime

from tintype.adapters.system.clock import SystemClock
from tintype.adapters.system.ids import RandomIds


def test_the_clock_tells_the_present_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()

    assert told.tzinfo is UTC
    assert before <= told <= datetime.now(UTC)


def test_ids_are_random_uuids_in_canonical_form() -> None:
    canonical = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    assert re.fullmatch(canonical, RandomIds().new())


def test_no_id_is_given_twice() -> None:
    ids = RandomIds()

    assert len({ids.new() for _ in range(1000)}) == 1000
