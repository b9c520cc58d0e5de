"""When to call next: a quick choice or a typed time, always within calling hours on the clinic's clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.calling_rules import is_calling_hour

QUICK_CHOICES = ("none", "in_2_hours", "next_morning", "next_afternoon", "typed")
_MORNING, _AFTERNOON = time(9), time(14)
_SATURDAY = 5
_FURTHEST = timedelta(days=365)


class NextCallNotPossible(ValueError):
    """`code` is next_call_missing, next_call_unclear, next_call_past, next_call_night or next_call_far."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_next_call(choice: str, typed: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment (aware), None for no call.

    `choice` is one of QUICK_CHOICES; `typed` is a local time such as 2026-11-26T09:30, which counts when the
    choice is "typed" or empty. Raises `NextCallNotPossible`.
    """
    if choice == "none" or (not choice and not typed):
        return None
    if choice in ("typed", ""):
        return _read_typed(typed, now, zone)
    if choice == "in_2_hours":
        soon = now + timedelta(hours=2)
        return soon if is_calling_hour(soon, zone) else next_working_day(now, _MORNING, zone)
    if choice == "next_morning":
        return next_working_day(now, _MORNING, zone)
    if choice == "next_afternoon":
        return next_working_day(now, _AFTERNOON, zone)
    raise NextCallNotPossible("next_call_unclear")


def next_working_day(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """Return the next Monday to Friday after today at this time of day in `zone`."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, at, zone)


def _read_typed(typed: str, now: datetime, zone: ZoneInfo) -> datetime:
    if not typed:
        raise NextCallNotPossible("next_call_missing")
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        raise NextCallNotPossible("next_call_unclear") from None
    moment = local.replace(tzinfo=zone) if local.tzinfo is None else local
    if moment <= now:
        raise NextCallNotPossible("next_call_past")
    if moment > now + _FURTHEST:
        raise NextCallNotPossible("next_call_far")
    if not is_calling_hour(moment, zone):
        raise NextCallNotPossible("next_call_night")
    return moment
