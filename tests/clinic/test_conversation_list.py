from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clinic.audit import Audit
from clinic.conversation import ConversationNotFound
from clinic.conversation_list import ConversationList
from clinic.conversations import Conversations, NewReply
from clinic.leads import Leads
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, new_lead


@pytest.fixture
def listed(database: Database, clock: SettableClock) -> ConversationList:
    return ConversationList(database, now=clock)


def talk(
    conversations: Conversations, clock: SettableClock, text: str, verdict: str = "", **understood: Any
) -> str:
    """One conversation with one question, a minute after the last one; returns its id."""
    clock.advance(minutes=1)
    started = conversations.start("https://clinic.example.org/", timedelta(days=7))
    message = conversations.accept_message(started.id, "1", text).message
    answered = understood.get("decision") != "nothing"
    understood = {"intent": "ask_price", "confidence": 0.9, "urgent": "none", **understood}
    [reply] = conversations.record_replies(
        started.id, message.id, [NewReply("answer", "An answer.")], understood, answered
    )
    if verdict:
        conversations.give_feedback(started.id, reply.id, verdict, "too long")
    return started.id


@pytest.fixture
def cast(conversations: Conversations, leads: Leads, clock: SettableClock) -> dict[str, str]:
    found = {
        "answered": talk(conversations, clock, "How much is it", decision="answer", verdict="up"),
        "fallback": talk(conversations, clock, "Fix my car", decision="fallback"),
        "silent": talk(conversations, clock, "Hello there", decision="nothing"),
        "urgent": talk(conversations, clock, "My chest hurts", decision="urgent", urgent="emergency"),
        "disliked": talk(conversations, clock, "Does it hurt", decision="answer", verdict="down"),
    }
    conversations.start(None, timedelta(days=7))  # opened, nothing written: not in the list
    return found


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("", ["disliked", "urgent", "silent", "fallback", "answered"]),
        ("unanswered", ["silent", "fallback"]),
        ("urgent", ["urgent"]),
        ("disliked", ["disliked"]),
        ("with_request", []),
    ],
)
def test_kinds(listed: ConversationList, cast: dict[str, str], kind: str, names: list[str]) -> None:
    assert [one.id for one in listed.list(kind).conversations] == [cast[name] for name in names]


def test_a_line_says_what_it_is_about(listed: ConversationList, cast: dict[str, str]) -> None:
    lines = {one.id: one for one in listed.list().conversations}
    urgent, silent = lines[cast["urgent"]], lines[cast["silent"]]
    assert (urgent.first_text, urgent.messages, urgent.is_urgent) == ("My chest hurts", 1, True)
    assert (silent.is_unanswered, silent.is_urgent, silent.is_disliked) == (True, False, False)
    assert lines[cast["disliked"]].is_disliked


def test_it_goes_page_by_page(listed: ConversationList, cast: dict[str, str]) -> None:
    seen: list[str] = []
    before = None
    while True:
        page = listed.list(before=before, limit=2)
        seen += [one.id for one in page.conversations]
        before = page.next
        if before is None:
            break
    assert seen == list(reversed(cast.values()))


def test_it_searches_what_visitors_wrote(listed: ConversationList, cast: dict[str, str]) -> None:
    assert [one.id for one in listed.list(search="CHEST").conversations] == [cast["urgent"]]
    assert listed.list(search="answer").conversations == []


def test_it_refuses_what_it_does_not_know(listed: ConversationList) -> None:
    with pytest.raises(ValueError, match="not a kind"):
        listed.list("funny")
    with pytest.raises(ValueError, match="page before"):
        listed.list(before="nothing")
    with pytest.raises(ConversationNotFound):
        listed.read("nothing", "nora")


def test_reading_shows_verdicts_and_is_recorded(
    database: Database, listed: ConversationList, cast: dict[str, str], leads: Leads
) -> None:
    found = listed.read(cast["disliked"], "nora")
    question, answer = found.messages
    assert question.understood is not None and question.understood["intent"] == "ask_price"
    assert found.verdicts == {answer.id: ("down", "too long")}
    [look] = Audit(database).list_for("conversation", found.id)
    assert (look.actor, look.action) == ("nora", "viewed")


def test_it_names_the_request_it_led_to(
    listed: ConversationList, conversations: Conversations, leads: Leads
) -> None:
    started = conversations.start(None, timedelta(days=7))
    conversations.accept_message(started.id, "1", "I want a consultation")
    saved = leads.save(new_lead(engine_id=started.engine_id))
    [line] = listed.list("with_request").conversations
    assert line.lead_reference == listed.read(started.id, "nora").lead_reference == saved.reference
