from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.calling_rules import check_call, zones_of
from clinic.next_call import NextCallNotPossible, read_next_call

CHICAGO = ZoneInfo("America/Chicago")
OKLAHOMA, NEW_YORK, TOLL_FREE = "+14055550134", "+12125550134", "+18005550134"


def on_monday(clock: str) -> datetime:
    """A time of Monday, November 23, on the clinic's clock."""
    return datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("clock", "hint"),
    [("07:59", "too_early"), ("08:00", "ok"), ("19:59", "ok"), ("20:00", "too_late"), ("23:30", "too_late")],
)
def test_calls_are_made_between_8_and_20(clock: str, hint: str) -> None:
    assert check_call(OKLAHOMA, [], on_monday(clock), CHICAGO).hint == hint


def test_the_clock_that_counts_is_where_the_number_is() -> None:
    assert check_call(NEW_YORK, [], on_monday("07:30"), CHICAGO).is_ok  # 8:30 in New York
    late = check_call(NEW_YORK, [], on_monday("19:30"), CHICAGO)
    assert late.hint == "too_late"
    assert late.next_allowed_at == on_monday("07:00") + timedelta(days=1)


@pytest.mark.parametrize("phone", [TOLL_FREE, "+999", "no number"])
def test_a_number_of_no_place_counts_as_the_clinics(phone: str) -> None:
    assert zones_of(phone, CHICAGO) == [CHICAGO]


def test_three_calls_in_24_hours_are_enough() -> None:
    now = on_monday("15:00")
    calls = [now - timedelta(hours=hours) for hours in (23, 5, 1)]
    check = check_call(OKLAHOMA, calls, now, CHICAGO)
    assert (check.hint, check.calls) == ("enough_calls", 3)
    assert check.next_allowed_at == now + timedelta(hours=1)
    assert check_call(OKLAHOMA, calls, now + timedelta(hours=1), CHICAGO).is_ok
    assert check_call(OKLAHOMA, calls[1:], now, CHICAGO).calls == 2


def test_after_enough_calls_the_next_one_is_by_day() -> None:
    now = on_monday("19:50")
    calls = [now - timedelta(hours=23, minutes=30)] * 3  # free again at 20:20
    assert check_call(OKLAHOMA, calls, now, CHICAGO).next_allowed_at == on_monday("08:00") + timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "choice", "planned"),
    [
        ("2026-11-23T10:00", "none", None),
        ("2026-11-23T10:00", "", None),
        ("2026-11-23T10:00", "in_2_hours", "2026-11-23T12:00"),
        ("2026-11-23T18:30", "in_2_hours", "2026-11-24T09:00"),
        ("2026-11-23T10:00", "next_morning", "2026-11-24T09:00"),
        ("2026-11-27T10:00", "next_morning", "2026-11-30T09:00"),
        ("2026-11-28T10:00", "next_afternoon", "2026-11-30T14:00"),
    ],
)
def test_a_quick_choice_means_a_working_hour(now: str, choice: str, planned: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=CHICAGO)
    expected = datetime.fromisoformat(planned).replace(tzinfo=CHICAGO) if planned else None
    assert read_next_call(choice, "", moment, CHICAGO) == expected


def test_a_typed_time_is_on_the_clinics_clock() -> None:
    moment = read_next_call("typed", "2026-11-24T09:30", on_monday("10:00"), CHICAGO)
    assert moment == on_monday("09:30") + timedelta(days=1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "next_call_missing"),
        ("soon", "next_call_unclear"),
        ("2026-11-23T09:59", "next_call_past"),
        ("2026-11-23T21:00", "next_call_night"),
        ("2026-11-24T07:59", "next_call_night"),
        ("2031-01-01T10:00", "next_call_far"),
    ],
)
def test_another_time_is_refused_by_name(typed: str, code: str) -> None:
    with pytest.raises(NextCallNotPossible) as problem:
        read_next_call("typed", typed, on_monday("10:00"), CHICAGO)
    assert problem.value.code == code


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(NextCallNotPossible):
        read_next_call("some day", "", on_monday("10:00"), CHICAGO)
