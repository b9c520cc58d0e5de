"""The content team decides what becomes of a question, and the decision lasts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import select

from clinic.audit import Audit
from clinic.conversations import Conversations, NewReply
from clinic.inbox import ON_A_PAGE, Inbox, InboxWording
from clinic.inbox_clusters import InboxClusters
from clinic.inbox_collector import InboxCollector
from clinic.inbox_decisions import (
    Chosen,
    Confirmed,
    InboxDecisions,
    QuestionChangedMeanwhile,
    QuestionNotFound,
)
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, count_rows
from tests.clinic.meaning import ScriptedEncoder


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database)


@pytest.fixture
def decisions(database: Database, clock: SettableClock) -> InboxDecisions:
    return InboxDecisions(database, clock)


@pytest.fixture
def encoder() -> ScriptedEncoder:
    return ScriptedEncoder()


def chosen(*wordings: InboxWording) -> list[Chosen]:
    """The wordings as they were shown."""
    return [Chosen(one.id, one.version) for one in wordings]


def texts(inbox: Inbox, show: str = "open") -> list[list[str]]:
    """The wordings of each cluster."""
    return [[one.text for one in cluster.wordings] for cluster in inbox.list_page(show).clusters]


class Crowd:
    """Visitors who ask things that are not understood, and the process that collects them."""

    def __init__(
        self,
        conversations: Conversations,
        database: Database,
        clock: SettableClock,
        encoder: ScriptedEncoder,
    ) -> None:
        self._conversations, self._clock = conversations, clock
        self._collector = InboxCollector(database, "a-key-for-tests-only", clock)
        self._clusters = InboxClusters(database, encoder, breath_seconds=0)

    def ask(self, text: str, visitors: int = 1, times: int = 1, intent: str = "ask_cost") -> str:
        """Ask and have it collected; returns the last visitor's conversation."""
        understood = {"decision": "fallback", "intent": intent, "confidence": 0.2}
        for _ in range(visitors):
            talk = self._say([text] * times, understood)
        self.collect()
        return talk

    def ask_one(self, *texts: str) -> None:
        """One visitor asks the same thing in different words."""
        self._say(list(texts), {"decision": "fallback", "intent": "ask_cost", "confidence": 0.2})
        self.collect()

    def _say(self, texts: list[str], understood: dict[str, Any]) -> str:
        talk = self._conversations.start(None, timedelta(days=7)).id
        for number, text in enumerate(texts):
            message = self._conversations.accept_message(talk, str(number), text).message
            reply = NewReply("text", "I am not sure.")
            self._conversations.record_replies(talk, message.id, [reply], understood, True)
        return talk

    def collect(self) -> None:
        """Let ten minutes pass and the process do its round."""
        self._clock.advance(minutes=10)
        self._collector.collect_all()
        self._clusters.place_all()


@pytest.fixture
def crowd(
    conversations: Conversations, database: Database, clock: SettableClock, encoder: ScriptedEncoder
) -> Crowd:
    return Crowd(conversations, database, clock, encoder)


def test_what_most_visitors_asked_comes_first_then_the_newest(crowd: Crowd, inbox: Inbox) -> None:
    crowd.ask("asked by one, five times", times=5)
    crowd.ask("asked by one, later")
    crowd.ask("asked by three", visitors=3)
    crowd.ask("refill my pills", intent="out_of_scope")
    found = inbox.list_page().clusters
    assert [(one.wordings[0].text, one.visitors, one.times) for one in found] == [
        ("asked by three", 3, 3),
        ("asked by one, later", 1, 1),
        ("asked by one, five times", 1, 5),
    ]
    assert found[0].reasons == [("not_understood", 3)]
    assert texts(inbox, "declined") == [["refill my pills"]]


def test_wordings_that_mean_the_same_are_counted_together(crowd: Crowd, inbox: Inbox) -> None:
    crowd.ask("GOATS do you treat them", visitors=2)
    crowd.ask("any SHEEP here", visitors=3)
    crowd.ask("GOATS welcome", visitors=2, times=2)
    first, second = inbox.list_page().clusters
    assert [one.text for one in first.wordings] == ["GOATS welcome", "GOATS do you treat them"]
    assert (first.visitors, first.times) == (4, 6)
    assert [one.text for one in second.wordings] == ["any SHEEP here"]


def test_a_visitor_who_asks_in_two_ways_counts_once(
    crowd: Crowd, inbox: Inbox, conversations: Conversations
) -> None:
    crowd.ask("GOATS welcome", visitors=1)
    before = inbox.list_page().clusters[0].visitors
    crowd.ask_one("GOATS again", "GOATS and once more")
    assert inbox.list_page().clusters[0].visitors == before + 1


def test_while_the_engine_is_down_wordings_stand_alone_and_none_is_lost(
    crowd: Crowd, inbox: Inbox, encoder: ScriptedEncoder
) -> None:
    crowd.ask("GOATS do you treat them")
    encoder.is_down = True
    crowd.ask("GOATS welcome")
    assert len(texts(inbox)) == 2
    encoder.is_down = False
    crowd.ask("any SHEEP here")
    assert sorted(map(len, texts(inbox))) == [1, 2]


def test_after_a_new_encoder_every_wording_gets_a_new_vector(
    crowd: Crowd, inbox: Inbox, encoder: ScriptedEncoder, database: Database
) -> None:
    crowd.ask("GOATS do you treat them")
    crowd.ask("GOATS welcome")
    encoder.name, encoder.size = "another", 8
    crowd.ask("GOATS here")
    with database.transaction(read_only=True) as session:
        assert {row.encoder for row in session.query(tables.UnansweredQuestion)} == {"another"}
    assert sorted(map(len, texts(inbox))) == [3]


def test_what_is_ignored_stays_ignored_when_it_is_asked_again(
    crowd: Crowd, inbox: Inbox, decisions: InboxDecisions, database: Database
) -> None:
    crowd.ask("do you take GOATS")
    [[goats]] = [cluster.wordings for cluster in inbox.list_page().clusters]
    decisions.decide(chosen(goats), "ignored", "carl")
    crowd.ask("Do you take goats?", visitors=4)
    crowd.ask("are GOATS taken", visitors=4)  # nearly the same
    assert texts(inbox) == []
    [ignored] = inbox.list_page("ignored").clusters
    assert ignored.visitors == 9
    decisions.decide(chosen(*ignored.wordings), "open", "carl")
    assert len(texts(inbox)[0]) == 2
    history = Audit(database).list_for("unanswered", goats.id)
    assert [(step.actor, step.detail["to"]) for step in history] == [("carl", "ignored"), ("carl", "open")]


def test_a_new_wording_of_a_cluster_that_is_only_partly_ignored_is_seen(
    crowd: Crowd, inbox: Inbox, decisions: InboxDecisions
) -> None:
    crowd.ask("do you take GOATS")
    crowd.ask("GOATS")
    decisions.decide(chosen(inbox.list_page().clusters[0].wordings[0]), "ignored", "carl")
    crowd.ask("my GOATS are ill")
    assert sorted(texts(inbox)[0]) == ["GOATS", "my GOATS are ill"]


def test_a_decision_sent_twice_is_one_and_two_people_do_not_overwrite_each_other(
    crowd: Crowd, inbox: Inbox, decisions: InboxDecisions, database: Database
) -> None:
    crowd.ask("do you take GOATS")
    [[goats]] = [cluster.wordings for cluster in inbox.list_page().clusters]
    shown = chosen(goats)
    assert decisions.decide(shown, "ignored", "carl") == [Chosen(goats.id, 2)]
    assert decisions.decide(shown, "ignored", "carl") == [Chosen(goats.id, 2)]
    with pytest.raises(QuestionChangedMeanwhile):
        decisions.decide(shown, "urgent", "adam")
    assert texts(inbox, "ignored") == [["do you take GOATS"]]
    assert len(Audit(database).list_for("unanswered", goats.id)) == 1


def test_when_one_wording_of_a_cluster_was_decided_meanwhile_none_is_changed(
    crowd: Crowd, inbox: Inbox, decisions: InboxDecisions
) -> None:
    crowd.ask("do you take GOATS")
    crowd.ask("GOATS")
    shown = inbox.list_page().clusters[0].wordings
    decisions.decide(chosen(shown[0]), "urgent", "adam")
    with pytest.raises(QuestionChangedMeanwhile):
        decisions.decide(chosen(*shown), "ignored", "carl")
    assert texts(inbox, "ignored") == []
    with pytest.raises(QuestionNotFound):
        decisions.decide([*chosen(shown[1]), Chosen("gone", 1)], "ignored", "carl")
    assert texts(inbox) == [[shown[1].text]]


def test_what_is_written_leaves_the_list_and_a_failed_writing_leaves_it_there(
    crowd: Crowd, inbox: Inbox, decisions: InboxDecisions, clock: SettableClock
) -> None:
    crowd.ask("do you take GOATS")
    [[goats]] = [cluster.wordings for cluster in inbox.list_page().clusters]
    confirmed = [Confirmed(chosen(goats)[0], "do you take goats")]
    with pytest.raises(OSError), decisions.writing(confirmed, "faq/goats", "carl"):
        raise OSError("the disk is full")
    assert texts(inbox) == [["do you take GOATS"]]
    for _ in range(2):  # sent twice
        with decisions.writing(confirmed, "faq/goats", "carl"):
            pass
    assert texts(inbox) == []
    [[written]] = [cluster.wordings for cluster in inbox.list_page("handled").clusters]
    assert written.outcome is not None
    assert (written.outcome.place, written.outcome.wording) == ("faq/goats", "do you take goats")
    with pytest.raises(QuestionChangedMeanwhile), decisions.writing(confirmed, "faq/sheep", "adam"):
        pass
    assert decisions.waiting_for_live() == [(goats.id, "faq/goats", "do you take goats")]
    decisions.note_live({goats.id: clock()})
    assert decisions.waiting_for_live() == []
    decisions.decide(chosen(written), "open", "carl")
    assert texts(inbox) == [["do you take GOATS"]]


def test_a_vector_is_unreadable_in_the_database_and_goes_with_the_wording(
    crowd: Crowd, conversations: Conversations, database: Database
) -> None:
    talk = crowd.ask("do you take GOATS")
    with database.transaction(read_only=True) as session:
        stored = session.execute(sqlalchemy.text("SELECT vector FROM unanswered_questions")).scalar_one()
        vector = session.scalars(select(tables.UnansweredQuestion.vector)).one()
    assert vector is not None and vector not in stored
    conversations.forget(talk)
    assert count_rows(database, tables.UnansweredQuestion) == [0]


def test_what_is_not_possible_is_refused(inbox: Inbox, decisions: InboxDecisions) -> None:
    with pytest.raises(QuestionNotFound):
        decisions.decide([Chosen("nothing", 1)], "ignored", "carl")
    for state, wordings in (("eaten", [Chosen("nothing", 1)]), ("ignored", [])):
        with pytest.raises(ValueError):
            decisions.decide(wordings, state, "carl")
    with pytest.raises(ValueError), decisions.writing([], "faq/goats", "carl"):
        pass
    for show, page in (("eaten", 1), ("open", 0)):
        with pytest.raises(ValueError):
            inbox.list_page(show, page)


def test_a_long_inbox_has_pages(crowd: Crowd, inbox: Inbox) -> None:
    for number in range(ON_A_PAGE + 1):
        crowd.ask(f"question {number}")
    first, second = inbox.list_page(), inbox.list_page(page=2)
    assert (len(first.clusters), first.has_more) == (ON_A_PAGE, True)
    assert (len(second.clusters), second.has_more) == (1, False)
