"""How a moment is shown to staff: its age, and the exact time on the clinic's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
DAYS_AT_MOST = 14 * DAY

Unit = Literal["now", "minute", "hour", "day", "week"]


@dataclass(frozen=True)
class Age:
    """How long ago something was: `count` whole units; the template says it in words."""

    unit: Unit
    count: int


def measure_age(moment: datetime, now: datetime) -> Age:
    """Return the age of `moment` (both aware) in the largest unit that still says something useful.

    A moment in the future (two clocks that differ a little) counts as now.
    """
    seconds = int((now - moment).total_seconds())
    if seconds < MINUTE:
        return Age("now", 0)
    if seconds < HOUR:
        return Age("minute", seconds // MINUTE)
    if seconds < DAY:
        return Age("hour", seconds // HOUR)
    if seconds < DAYS_AT_MOST:
        return Age("day", seconds // DAY)
    return Age("week", seconds // WEEK)


def format_clinic_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return `moment` (aware) on the clinic's clock, like "Tue, Nov 24, 2026, 11:20 AM CST"."""
    local = moment.astimezone(zone)
    hour = local.hour % 12 or 12
    return f"{local:%a, %b} {local.day}, {local.year}, {hour}:{local:%M %p %Z}"


def format_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return only the time of day of `moment` (aware) on the clinic's clock, like "11:20 AM"."""
    local = moment.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local:%M %p}"


def age_now(moment: datetime) -> Age:
    """Return the age of `moment` (aware) as of now."""
    return measure_age(moment, datetime.now(UTC))


def format_machine_time(moment: datetime) -> str:
    """Return `moment` (aware) as the UTC text that the `datetime` attribute of `<time>` takes."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def format_short_time(moment: datetime, zone: ZoneInfo) -> str:
    """Return `moment` (aware) on the clinic's clock in few words, like "Thu, Nov 26, 9:00 AM"."""
    local = moment.astimezone(zone)
    return f"{local:%a, %b} {local.day}, {local.hour % 12 or 12}:{local:%M %p}"


def format_day(iso_date: str) -> str:
    """Return a date such as "2026-11-26" as "Nov 26"; a text that is no date comes back unchanged."""
    try:
        day = datetime.fromisoformat(iso_date)
    except ValueError:
        return iso_date
    return f"{day:%b} {day.day}"


def is_past(moment: datetime) -> bool:
    """Say whether `moment` (aware) has come."""
    return moment <= datetime.now(UTC)
