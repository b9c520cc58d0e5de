"""Whether the team was told about a request."""

from __future__ import annotations

from collections.abc import Iterable

from clinic.outbox import Notification


def is_stuck(notifications: Iterable[Notification]) -> bool:
    """Say whether a notification was tried and has not left; one waiting for its first try is not stuck."""
    return any(notice.attempts > 0 and notice.delivered_at is None for notice in notifications)
