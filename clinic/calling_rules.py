"""When a person may be called: the guard rails staff see before they dial.

Oklahoma Telephone Solicitation Act of 2022, 15 O.S. 775C.1 ff. (fact L10c): calls between 8 am and 8 pm where
the called person is, and at most three in 24 hours on the same matter. A person who dials by hand to answer a
request is the safe case (fact L10d); the clinic keeps to these limits all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

FIRST_HOUR, LAST_HOUR = time(8), time(20)
CALLS_A_DAY = 3
_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class CallCheck:
    """Whether now is a time to call. `hint` is ok, too_early, too_late or enough_calls.

    `next_allowed_at` is the next moment that is right when this one is not; `calls` counts the last 24 hours.
    """

    hint: str
    calls: int
    next_allowed_at: datetime | None = None

    @property
    def is_ok(self) -> bool:
        """Say whether nothing speaks against calling."""
        return self.hint == "ok"


def check_call(phone: str, calls: Iterable[datetime], now: datetime, clinic_zone: ZoneInfo) -> CallCheck:
    """Return whether the number (E.164) may be called `now` after the `calls` (aware) made before."""
    zones = zones_of(phone, clinic_zone)
    recent = sorted(call for call in calls if call > now - _DAY)
    if len(recent) >= CALLS_A_DAY:
        free_at = recent[-CALLS_A_DAY] + _DAY
        return CallCheck("enough_calls", len(recent), _next_allowed(free_at, zones))
    if _is_allowed(now, zones):
        return CallCheck("ok", len(recent))
    too_early = any(now.astimezone(zone).time() < FIRST_HOUR for zone in zones)
    hint = "too_early" if too_early else "too_late"
    return CallCheck(hint, len(recent), _next_allowed(now, zones))


def zones_of(phone: str, clinic_zone: ZoneInfo) -> list[ZoneInfo]:
    """Return the time zones where the number can be; the clinic's own when nothing is known about it.

    A code of Oklahoma counts as Oklahoma (15 O.S. 775C.4), which is the clinic's zone.
    """
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return [clinic_zone]
    zones = []
    for name in names:
        try:
            zones.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):  # "Etc/Unknown": a number of no known place
            continue
    return zones if 0 < len(zones) <= 4 else [clinic_zone]  # a whole country's zones say nothing


def is_calling_hour(moment: datetime, zone: ZoneInfo) -> bool:
    """Say whether `moment` (aware) is between 8 am and 8 pm in `zone`."""
    return FIRST_HOUR <= moment.astimezone(zone).time() < LAST_HOUR


def _is_allowed(moment: datetime, zones: list[ZoneInfo]) -> bool:
    return all(is_calling_hour(moment, zone) for zone in zones)


def _next_allowed(moment: datetime, zones: list[ZoneInfo]) -> datetime | None:
    """Return the first quarter of an hour from `moment` on at which it is day in every zone."""
    quarter = timedelta(minutes=15)
    candidate = moment
    if not _is_allowed(candidate, zones):
        candidate = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0) + quarter
    for _ in range(2 * 24 * 4):
        if _is_allowed(candidate, zones):
            return candidate
        candidate += quarter
    return None
