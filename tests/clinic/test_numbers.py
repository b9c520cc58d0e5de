from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.conversations import Conversations, NewReply
from clinic.lead_desk import LeadDesk
from clinic.leads import Leads
from clinic.numbers import Numbers, NumbersTable
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, new_lead

TODAY = "2026-11-23"


@pytest.fixture
def numbers(database: Database, clock: SettableClock) -> Numbers:
    return Numbers(database, ZoneInfo("America/Chicago"), now=clock)


def nonzero(table: NumbersTable) -> dict[str, tuple[int, ...]]:
    return {label: values for label, values in table.rows if any(values)}


def ask(conversations: Conversations, conversation_id: str, key: str, decision: str, **more: str) -> None:
    message = conversations.accept_message(conversation_id, key, "a question").message
    understood = {"decision": decision, "intent": "ask_price", "urgent": "none", **more}
    choices = [{"title": "Ask", "intent": "ask_booking", "values": {}}] if decision == "clarify" else []
    reply = NewReply("answer", "An answer.", choices=choices, ask="name" if decision == "dialogue" else None)
    conversations.record_replies(conversation_id, message.id, [reply], understood, True)


def test_every_step_to_a_visit_is_counted(
    database: Database, leads: Leads, conversations: Conversations, numbers: Numbers, clock: SettableClock
) -> None:
    add_person(database, "nora")
    week = timedelta(days=7)
    _, asked, offered, started = (conversations.start(None, week) for _ in range(4))
    ask(conversations, asked.id, "1", "answer")
    ask(conversations, offered.id, "1", "clarify")
    ask(conversations, offered.id, "2", "answer", urgent="crisis")
    ask(conversations, started.id, "1", "dialogue")
    ask(conversations, started.id, "2", "fallback")
    saved = leads.save(new_lead(engine_id=started.engine_id))
    leads.save(new_lead(request_key="form", source="contact_form"))
    clock.advance(minutes=90)
    LeadDesk(database, clock).record_call(saved.id, "reached", None, 1, "nora")
    leads.set_state(saved.id, "booked", 2, "nora")
    found = numbers.count(14, "day")
    assert dict(found["funnel"].rows) == {
        "opened": (4,),
        "asked": (3,),
        "offered": (2,),
        "started": (1,),
        "sent": (1,),
        "reached": (1,),
        "booked": (1,),
    }
    assert nonzero(found["conversations"]) == {TODAY: (4,)}
    assert nonzero(found["understanding"]) == {TODAY: (2, 1, 1)}
    assert nonzero(found["urgent"]) == {TODAY: (0, 1, 0)}
    assert found["topics"].rows == [("ask_price", (2,))]
    assert nonzero(found["requests"]) == {TODAY: (1, 1)}
    assert nonzero(found["first_call"]) == {TODAY: (0, 1, 0, 0, 1)}


def test_a_day_ends_at_the_clinics_midnight(
    conversations: Conversations, numbers: Numbers, clock: SettableClock
) -> None:
    for moment in (datetime(2026, 11, 23, 5, 59, tzinfo=UTC), datetime(2026, 11, 23, 6, 0, tzinfo=UTC)):
        clock.moment = moment
        conversations.start(None, timedelta(days=7))
    assert nonzero(numbers.count(14, "day")["conversations"]) == {"2026-11-22": (1,), TODAY: (1,)}


@pytest.mark.parametrize(("days", "unit", "rows"), [(14, "day", 14), (30, "day", 30), (90, "week", 14)])
def test_a_period_has_a_row_for_each_day_or_week(numbers: Numbers, days: int, unit: str, rows: int) -> None:
    labels = [label for label, _ in numbers.count(days, unit)["requests"].rows]
    assert (len(labels), labels[-1]) == (rows, TODAY)  # November 23 is a Monday
    assert numbers.count(days, unit)["requests"].total == 0


def test_what_is_older_is_left_out(
    conversations: Conversations, numbers: Numbers, clock: SettableClock
) -> None:
    conversations.start(None, timedelta(days=7))
    clock.advance(days=20)
    assert numbers.count(14, "day")["conversations"].total == 0
    assert numbers.count(30, "week")["conversations"].total == 1


@pytest.mark.parametrize(("days", "unit"), [(1, "day"), (14, "hour")])
def test_another_period_is_refused(numbers: Numbers, days: int, unit: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        numbers.count(days, unit)
