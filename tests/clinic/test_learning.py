"""The numbers of the learning loop are those of what happened."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from clinic.conversations import Conversations, NewReply
from clinic.inbox import Inbox
from clinic.inbox_collector import InboxCollector
from clinic.inbox_decisions import Chosen, Confirmed, InboxDecisions
from clinic.learning import Learning
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, run_together

ZONE = ZoneInfo("America/Chicago")
THIS_WEEK, LAST_WEEK = "2026-11-23", "2026-11-16"


@pytest.fixture
def learning(database: Database, clock: SettableClock) -> Learning:
    return Learning(database, ZONE, clock)


@pytest.fixture
def collector(database: Database, clock: SettableClock) -> InboxCollector:
    return InboxCollector(database, "a-key-for-tests-only", clock, ZONE)


def ask(conversations: Conversations, decision: str, topic: str = "ask_cost", verdict: str = "") -> None:
    talk = conversations.start(None, timedelta(days=7)).id
    message = conversations.accept_message(talk, "1", f"a question about {topic}").message
    understood = {"decision": decision, "intent": topic, "confidence": 0.9}
    [reply] = conversations.record_replies(talk, message.id, [NewReply("answer", "So.")], understood, True)
    if verdict:
        conversations.give_feedback(talk, reply.id, verdict, None)


def test_the_answered_rate_stays_when_the_messages_are_gone(
    conversations: Conversations,
    collector: InboxCollector,
    learning: Learning,
    clock: SettableClock,
    database: Database,
) -> None:
    clock.advance(days=-7)
    for decision in ("answer", "answer", "answer", "fallback"):
        ask(conversations, decision)
    clock.advance(days=7)
    ask(conversations, "clarify")
    ask(conversations, "dialogue")
    clock.advance(minutes=10)
    run_together(2, collector.collect_all)
    with database.transaction() as session:
        session.execute(delete(tables.Conversation))
    table = learning.count(4, [])["answered_rate"]
    assert table.columns == ("answered_percent", "answered", "clarified", "not_understood")
    assert dict(table.rows) == {
        "2026-11-02": (0, 0, 0, 0),
        "2026-11-09": (0, 0, 0, 0),
        LAST_WEEK: (75, 3, 0, 1),
        THIS_WEEK: (0, 0, 1, 0),
    }
    assert learning.counted_since() == date(2026, 11, 16)


def test_a_week_begins_at_midnight_of_the_clinic(
    conversations: Conversations, collector: InboxCollector, learning: Learning, clock: SettableClock
) -> None:
    clock.advance(hours=-10)  # Monday 05:00 UTC is still Sunday in Oklahoma
    ask(conversations, "answer")
    clock.advance(hours=10)
    collector.collect_all()
    assert dict(learning.count(4, [])["answered_rate"].rows)[LAST_WEEK] == (100, 1, 0, 0)


def test_the_time_to_live_is_the_median_from_the_first_visitor_to_the_release(
    conversations: Conversations,
    collector: InboxCollector,
    learning: Learning,
    clock: SettableClock,
    database: Database,
) -> None:
    clock.advance(days=-3)
    for topic in ("one", "two", "three"):
        ask(conversations, "fallback", topic)
    clock.advance(days=1)
    ask(conversations, "fallback", "one")
    clock.advance(days=2)
    collector.collect_all()
    inbox, decisions = Inbox(database), InboxDecisions(database, clock)
    wordings = {cluster.wordings[0].text[-3:]: cluster.wordings[0] for cluster in inbox.list_page().clusters}
    confirmed = [Confirmed(Chosen(one.id, one.version), one.text) for one in wordings.values()]
    with decisions.writing(confirmed, "faq/cost", "carl"):
        pass
    decisions.note_live({wordings["one"].id: clock(), wordings["two"].id: clock() + timedelta(hours=1)})
    decisions.note_live({wordings["one"].id: clock() + timedelta(days=9)})  # the first day counts
    assert dict(learning.count(4, [])["time_to_live"].rows)[THIS_WEEK] == (72, 2)


def test_helpfulness_is_by_topic_and_the_least_helpful_comes_first(
    conversations: Conversations, learning: Learning
) -> None:
    for topic, verdict in (("ask_cost", "up"), ("ask_cost", "down"), ("ask_safety", "up"), ("ask_hours", "")):
        ask(conversations, "answer", topic, verdict)
    assert learning.count(4, [])["helped"].rows == [("ask_cost", (1, 1)), ("ask_safety", (1, 0))]


def test_a_live_topic_that_nobody_asks_is_asleep(
    conversations: Conversations, collector: InboxCollector, learning: Learning, clock: SettableClock
) -> None:
    clock.advance(weeks=-6)
    ask(conversations, "answer", "ask_old")
    clock.advance(weeks=6)
    ask(conversations, "answer", "ask_cost")
    ask(conversations, "fallback", "ask_missed")
    clock.advance(minutes=10)
    collector.collect_all()
    live = ["ask_cost", "ask_missed", "ask_old"]
    assert learning.count(4, live)["asleep"].rows == [("ask_missed", (0,)), ("ask_old", (6,))]
    assert learning.count(12, live)["asleep"].rows == [("ask_missed", (0,))]


def test_another_period_is_refused(learning: Learning) -> None:
    with pytest.raises(ValueError):
        learning.count(5, [])
