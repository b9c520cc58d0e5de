from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clinic.clock import utc_now


def test_it_tells_the_time_in_utc() -> None:
    now = utc_now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
