"""The content team decides what becomes of a question, and the decision lasts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.audit import Audit
from clinic.conversations import Conversations, NewReply
from clinic.inbox import ON_A_PAGE, Inbox, QuestionChangedMeanwhile, QuestionNotFound
from clinic.inbox_collector import InboxCollector
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock


@pytest.fixture
def inbox(database: Database, clock: SettableClock) -> Inbox:
    return Inbox(database, clock)


class Crowd:
    """Visitors who ask things that are not understood, and the process that collects them."""

    def __init__(self, conversations: Conversations, database: Database, clock: SettableClock) -> None:
        self._conversations, self._clock = conversations, clock
        self._collector = InboxCollector(database, "a-key-for-tests-only", clock)

    def ask(self, text: str, visitors: int = 1, times: int = 1, intent: str = "ask_cost") -> None:
        understood = {"decision": "fallback", "intent": intent, "confidence": 0.2}
        for _ in range(visitors):
            talk = self._conversations.start(None, timedelta(days=7)).id
            for number in range(times):
                message = self._conversations.accept_message(talk, str(number), text).message
                reply = NewReply("text", "I am not sure.")
                self._conversations.record_replies(talk, message.id, [reply], understood, True)
        self._clock.advance(minutes=10)
        self._collector.collect_all()


@pytest.fixture
def crowd(conversations: Conversations, database: Database, clock: SettableClock) -> Crowd:
    return Crowd(conversations, database, clock)


def test_what_most_visitors_asked_comes_first_then_the_newest(crowd: Crowd, inbox: Inbox) -> None:
    crowd.ask("asked by one, five times", times=5)
    crowd.ask("asked by one, later")
    crowd.ask("asked by three", visitors=3)
    crowd.ask("refill my pills", intent="out_of_scope")
    found = inbox.list().questions
    assert [(one.text, one.visitors, one.times) for one in found] == [
        ("asked by three", 3, 3),
        ("asked by one, later", 1, 1),
        ("asked by one, five times", 1, 5),
    ]
    assert found[0].reasons == [("not_understood", 3)]
    assert [one.text for one in inbox.list("declined").questions] == ["refill my pills"]


def test_what_is_ignored_stays_ignored_when_it_is_asked_again(
    crowd: Crowd, inbox: Inbox, database: Database
) -> None:
    crowd.ask("do you take goats")
    [goats] = inbox.list().questions
    inbox.decide(goats.id, goats.version, "ignored", "carl")
    crowd.ask("Do you take goats?", visitors=4)
    assert inbox.list().questions == []
    [ignored] = inbox.list("ignored").questions
    assert ignored.visitors == 5
    inbox.decide(goats.id, ignored.version, "open", "carl")
    assert [one.id for one in inbox.list().questions] == [goats.id]
    history = Audit(database).list_for("unanswered", goats.id)
    assert [(step.actor, step.detail["to"]) for step in history] == [("carl", "ignored"), ("carl", "open")]


def test_a_decision_sent_twice_is_one_and_two_people_do_not_overwrite_each_other(
    crowd: Crowd, inbox: Inbox, database: Database
) -> None:
    crowd.ask("do you take goats")
    [goats] = inbox.list().questions
    assert inbox.decide(goats.id, goats.version, "ignored", "carl") == 2
    assert inbox.decide(goats.id, goats.version, "ignored", "carl") == 2
    with pytest.raises(QuestionChangedMeanwhile):
        inbox.decide(goats.id, goats.version, "urgent", "adam")
    assert [one.state for one in inbox.list("ignored").questions] == ["ignored"]
    assert len(Audit(database).list_for("unanswered", goats.id)) == 1


def test_what_is_not_possible_is_refused(inbox: Inbox) -> None:
    with pytest.raises(QuestionNotFound):
        inbox.decide("nothing", 1, "ignored", "carl")
    with pytest.raises(ValueError):
        inbox.decide("nothing", 1, "eaten", "carl")
    for show, page in (("eaten", 1), ("open", 0)):
        with pytest.raises(ValueError):
            inbox.list(show, page)


def test_a_long_inbox_has_pages(crowd: Crowd, inbox: Inbox) -> None:
    for number in range(ON_A_PAGE + 1):
        crowd.ask(f"question {number}")
    first, second = inbox.list(), inbox.list(page=2)
    assert (len(first.questions), first.has_more) == (ON_A_PAGE, True)
    assert (len(second.questions), second.has_more) == (1, False)
