"""What was not answered well comes into the inbox once, without anything that says who asked."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic.conversations import Conversations, NewReply
from clinic.inbox_collector import InboxCollector
from clinic.lead_removal import LeadRemoval
from clinic.leads import Leads
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, count_rows, new_lead, run_together

WEEK = timedelta(days=7)
FALLBACK = {"decision": "fallback", "intent": "ask_cost", "confidence": 0.2}
CLARIFY = {"decision": "clarify", "intent": "ask_cost", "confidence": 0.4}
DECLINED = {"decision": "fallback", "intent": "out_of_scope", "confidence": 0.9}
SURE = {
    "decision": "answer",
    "intent": "ask_cost",
    "confidence": 0.9,
    "ranking": [{"intent": "ask_cost", "confidence": 0.9}, {"intent": "ask_safety", "confidence": 0.05}],
}
UNSURE = SURE | {
    "ranking": [{"intent": "ask_cost", "confidence": 0.5}, {"intent": "ask_safety", "confidence": 0.4}]
}
OPTIONS = [{"title": "What does it cost?", "intent": "ask_cost", "values": {}}]


class Visitor:
    """Somebody who talks to the assistant."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self.started = conversations.start(None, WEEK)
        self._lines = 0

    def say(
        self, text: str, understood: dict[str, Any] | None = None, kind: str = "text", **reply: Any
    ) -> str:
        """Say something and get a reply; returns the reply's id."""
        self._lines += 1
        talk = self.started.id
        message = self._conversations.accept_message(talk, str(self._lines), text, kind).message
        new = NewReply("answer", "A reply.", **reply)
        [line] = self._conversations.record_replies(talk, message.id, [new], understood, True)
        return line.id

    def dislike(self, reply_id: str) -> None:
        self._conversations.give_feedback(self.started.id, reply_id, "down", "My phone is 405-555-0134")


@pytest.fixture
def visitor(conversations: Conversations) -> Visitor:
    return Visitor(conversations)


@pytest.fixture
def collector(database: Database, clock: SettableClock) -> InboxCollector:
    return InboxCollector(database, "a-key-for-tests-only", now=clock)


def collected(database: Database) -> dict[str, str]:
    """The reason by the text, of everything that is in the inbox."""
    with database.transaction(read_only=True) as session:
        query = select(tables.UnansweredQuestion.text, tables.UnansweredEntry.reason).join(
            tables.UnansweredEntry, tables.UnansweredEntry.question_id == tables.UnansweredQuestion.id
        )
        return {text: reason for text, reason in session.execute(query)}


def test_each_kind_of_bad_answer_is_collected_with_its_reason(
    visitor: Visitor, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    visitor.say("do you take goats", FALLBACK)
    visitor.say("refill my pills", DECLINED)
    visitor.say("how about money", CLARIFY, choices=OPTIONS)
    visitor.say("never mind", SURE)
    visitor.say("is it dear", UNSURE)
    visitor.dislike(visitor.say("what do I pay", SURE))
    visitor.say("what is the price", SURE)
    clock.advance(minutes=10)
    assert collector.collect_all() == 5
    assert collected(database) == {
        "do you take goats": "not_understood",
        "refill my pills": "declined",
        "how about money": "not_taken",
        "is it dear": "unsure",
        "what do I pay": "disliked",
    }


@pytest.mark.parametrize(("kind", "said"), [("choice", "What does it cost?"), ("text", "what does it cost?")])
def test_an_option_that_was_taken_is_no_fault(
    kind: str, said: str, visitor: Visitor, collector: InboxCollector, clock: SettableClock
) -> None:
    visitor.say("how about money", CLARIFY, choices=OPTIONS)
    visitor.say(said, SURE, kind=kind)
    clock.advance(minutes=10)
    assert collector.collect_all() == 0


def test_what_is_said_in_the_request_form_or_is_urgent_or_a_button_stays_out(
    visitor: Visitor, collector: InboxCollector, clock: SettableClock
) -> None:
    visitor.say("I want a visit", {"decision": "dialogue", "intent": "ask_booking"}, ask="name")
    visitor.say("Jonas Kahler", FALLBACK, ask="phone")
    visitor.say("it is on the back of my card", FALLBACK)
    visitor.say("A button", FALLBACK, kind="choice")
    visitor.say("my chest hurts", FALLBACK | {"urgent": "emergency"})
    visitor.say("?!", FALLBACK)
    clock.advance(minutes=10)
    assert collector.collect_all() == 0


def test_nothing_is_collected_before_the_visitor_had_time_to_choose(
    visitor: Visitor, collector: InboxCollector, clock: SettableClock
) -> None:
    visitor.say("how about money", CLARIFY, choices=OPTIONS)
    clock.advance(minutes=9)
    assert collector.collect_all() == 0
    clock.advance(minutes=1)
    assert collector.collect_all() == 1


def test_a_second_run_changes_nothing(
    visitor: Visitor, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    visitor.dislike(visitor.say("do you take goats", FALLBACK))
    clock.advance(minutes=10)
    assert collector.collect_all() == 1
    with database.transaction() as session:  # as if the progress had been lost
        for row in session.scalars(select(tables.InboxProgress)):
            session.delete(row)
    assert collector.collect_all() == 0
    assert collected(database) == {"do you take goats": "disliked"}


def test_two_processes_collect_everything_once(
    conversations: Conversations, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    for number in range(450):
        Visitor(conversations).say(f"question number {number % 7}", FALLBACK)
    clock.advance(minutes=10)
    assert sum(run_together(2, collector.collect_all)) == 450
    assert count_rows(database, tables.UnansweredQuestion, tables.UnansweredEntry) == [7, 450]


def test_the_same_question_of_many_visitors_is_one_question(
    conversations: Conversations, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    first = Visitor(conversations)
    first.say("Do you take goats?", FALLBACK)
    first.say("do you take GOATS", FALLBACK)
    Visitor(conversations).say("do you take goats", FALLBACK)
    clock.advance(minutes=10)
    collector.collect_all()
    assert count_rows(database, tables.UnansweredQuestion, tables.UnansweredEntry) == [1, 3]
    with database.transaction(read_only=True) as session:
        keys = Counter(session.scalars(select(tables.UnansweredEntry.visitor_key)))
    assert sorted(keys.values()) == [1, 2]


def everything_kept(database: Database) -> str:
    """Every text that the inbox's tables hold; the hashes are left out, for their digits are chance."""
    with database.transaction(read_only=True) as session:
        texts = session.scalars(select(tables.UnansweredQuestion.text)).all()
        understood = session.scalars(select(tables.UnansweredEntry.understood)).all()
    return repr((texts, understood)).lower()


PERSONAL = ("Kahler", "jonas", "405", "0134", "555", "@", "123-45", "6789", "1961", "Rossi", "4111")


def test_nothing_personal_is_kept_and_a_planted_detail_would_be_seen(
    visitor: Visitor,
    leads: Leads,
    collector: InboxCollector,
    clock: SettableClock,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor.say("I want a visit", {"decision": "dialogue"}, ask="name")
    visitor.say("my name is jonas kahler", {"decision": "dialogue"}, ask="phone")
    visitor.say("405-555-0134", {"decision": "dialogue"})
    entities = {"entities": [{"value": "Jonas"}]}
    visitor.say("call Jonas at (405) 555-0134 about goats", FALLBACK | entities)
    visitor.say("write to jonas.kahler@example.org about sheep", FALLBACK)
    visitor.say("my ssn is 123-45-6789, does that matter for cows", FALLBACK)
    visitor.say("born 03/04/1961, am I too old for this", FALLBACK)
    visitor.say("Kahler's neck is stiff, can you herd it", FALLBACK)
    visitor.say("+49 30 1234567 is my other phone for hens", FALLBACK)
    leads.save(new_lead(name="Lucia Rossi", engine_id=visitor.started.engine_id))
    visitor.say("would Rossi be a good name for a goat", FALLBACK)
    clock.advance(minutes=10)
    assert collector.collect_all() == 7
    kept = everything_kept(database)
    assert [word for word in PERSONAL if word.lower() in kept] == []
    assert "herd" in kept

    # the check sees what the mask would let through
    monkeypatch.setattr("clinic.inbox_talks.mask_person", lambda text, names: text)
    visitor.say("Rossi asks at 405-555-0134", FALLBACK)
    clock.advance(minutes=10)
    collector.collect_all()
    kept = everything_kept(database)
    assert [word for word in PERSONAL if word.lower() in kept] != []


def test_the_inbox_outlives_a_conversation_that_is_deleted_when_its_time_is_up(
    visitor: Visitor, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    visitor.say("do you take goats", FALLBACK)
    clock.advance(minutes=10)
    collector.collect_all()
    with database.transaction() as session:
        session.delete(session.get_one(tables.Conversation, visitor.started.id))
    assert collected(database) == {"do you take goats": "not_understood"}


def test_forget_me_takes_the_visitor_out_and_leaves_the_others(
    conversations: Conversations,
    visitor: Visitor,
    collector: InboxCollector,
    clock: SettableClock,
    database: Database,
) -> None:
    visitor.say("do you take goats", FALLBACK)
    visitor.say("only I ask this", FALLBACK)
    Visitor(conversations).say("do you take goats", FALLBACK)
    clock.advance(minutes=10)
    collector.collect_all()
    conversations.forget(visitor.started.id)
    assert collected(database) == {"do you take goats": "not_understood"}
    assert count_rows(database, tables.UnansweredEntry) == [1]
    assert collector.collect_all() == 0


def test_removing_a_person_takes_what_they_asked_out_of_the_inbox(
    visitor: Visitor, leads: Leads, collector: InboxCollector, clock: SettableClock, database: Database
) -> None:
    add_person(database, "adam", "admin")
    visitor.say("do you take goats", FALLBACK)
    saved = leads.save(new_lead(engine_id=visitor.started.engine_id))
    clock.advance(minutes=10)
    collector.collect_all()
    LeadRemoval(database, clock).anonymise(saved.id, saved.version, "adam")
    assert count_rows(database, tables.UnansweredQuestion, tables.UnansweredEntry) == [0, 0]
