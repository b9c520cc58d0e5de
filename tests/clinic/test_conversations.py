from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic.audit import Audit
from clinic.conversations import (
    ConversationNotFound,
    Conversations,
    MessageNotFound,
    NewReply,
    SessionExpired,
    StartedConversation,
)
from clinic.leads import Leads
from clinic.storage import tables
from clinic.storage.database import Database
from clinic.tokens import hash_token
from tests.clinic.conftest import MONDAY, SettableClock, count_rows, new_lead, run_together

WEEK = timedelta(days=7)
ANSWER = NewReply(
    kind="answer",
    text="A session usually lasts 30 to 60 minutes.",
    choices=[{"title": "How many sessions?", "intent": "ask_how_many_sessions", "values": {}}],
    sources=[{"name": "The clinic", "url": "https://example.org"}],
)
QUESTION = NewReply(kind="question", text="What is your name?", ask="name", lead_reference="OPTC-AAAAAA")
UNDERSTOOD = {"decision": "answer", "intent": "ask_session_length", "confidence": 0.9}


@pytest.fixture
def maria(conversations: Conversations) -> StartedConversation:
    return conversations.start("/neck-pain", WEEK)


@pytest.fixture
def tom(conversations: Conversations) -> StartedConversation:
    return conversations.start(None, WEEK)


def test_it_is_found_by_its_token(
    conversations: Conversations, maria: StartedConversation, tom: StartedConversation
) -> None:
    found = conversations.find_by_token(maria.token)
    assert (found.id, found.engine_id, found.page) == (maria.id, maria.engine_id, "/neck-pain")
    assert (found.started_at, found.last_message_at) == (MONDAY, MONDAY)
    assert found.expires_at == maria.expires_at == MONDAY + WEEK
    assert len({maria.id, maria.engine_id, maria.token, tom.id, tom.engine_id, tom.token}) == 6


def test_it_keeps_only_the_hash_of_the_token(database: Database, maria: StartedConversation) -> None:
    assert len(maria.token) == 43  # 256 bits in url-safe text
    with database.transaction(read_only=True) as session:
        row = session.get_one(tables.Conversation, maria.id)
        assert row.token_hash == hash_token(maria.token)
        assert maria.token not in vars(row).values()


@pytest.mark.parametrize("token", ["", "wrong", "\x00", "\ud800", "é" * 1000])
def test_it_is_not_found_by_another_token(
    conversations: Conversations, maria: StartedConversation, token: str
) -> None:
    for wrong in (token, maria.id, maria.engine_id, hash_token(maria.token)):
        with pytest.raises(ConversationNotFound):
            conversations.find_by_token(wrong)


def test_it_expires(conversations: Conversations, maria: StartedConversation, clock: SettableClock) -> None:
    clock.advance(days=6, hours=23, minutes=59)
    conversations.find_by_token(maria.token)
    clock.advance(minutes=1)
    with pytest.raises(SessionExpired):
        conversations.find_by_token(maria.token)


def test_it_accepts_a_message_before_there_is_an_answer(
    conversations: Conversations, maria: StartedConversation, clock: SettableClock
) -> None:
    clock.advance(minutes=1)
    accepted = conversations.accept_message(maria.id, "message-1", "how long is a session?")
    assert (accepted.is_new, accepted.replies) == (True, [])
    message = accepted.message
    assert (message.position, message.author, message.kind) == (1, "visitor", "text")
    assert (message.state, message.client_message_id, message.created_at) == (
        "accepted",
        "message-1",
        clock(),
    )
    assert conversations.messages_of(maria.id) == [message]
    assert conversations.find_by_token(maria.token).last_message_at == clock()


def test_it_gives_the_first_result_for_a_repeated_message(
    conversations: Conversations, maria: StartedConversation
) -> None:
    first = conversations.accept_message(maria.id, "message-1", "how long is a session?").message
    again = conversations.accept_message(maria.id, "message-1", "something else")
    assert (again.message, again.is_new, again.replies) == (first, False, [])
    replies = conversations.record_replies(maria.id, first.id, [ANSWER, QUESTION], UNDERSTOOD, True)
    third = conversations.accept_message(maria.id, "message-1", "how long is a session?")
    assert (third.is_new, third.replies) == (False, replies)
    assert third.message.state == "answered"
    assert len(conversations.messages_of(maria.id)) == 3


def test_it_keeps_one_message_when_two_deliveries_race(
    conversations: Conversations, maria: StartedConversation
) -> None:
    results = run_together(6, lambda: conversations.accept_message(maria.id, "message-1", "hello"))
    assert len({result.message.id for result in results}) == 1
    assert sum(result.is_new for result in results) == 1
    assert len(conversations.messages_of(maria.id)) == 1


def test_it_gives_every_message_a_place_of_its_own_when_many_race(
    conversations: Conversations, maria: StartedConversation
) -> None:
    ids = iter([f"message-{number}" for number in range(8)])
    run_together(8, lambda: conversations.accept_message(maria.id, next(ids), "hello"))
    assert [message.position for message in conversations.messages_of(maria.id)] == list(range(1, 9))


def test_it_takes_the_same_client_id_from_two_visitors(
    conversations: Conversations, maria: StartedConversation, tom: StartedConversation
) -> None:
    assert conversations.accept_message(maria.id, "message-1", "hello").is_new
    assert conversations.accept_message(tom.id, "message-1", "hello").is_new


def test_it_keeps_text_that_a_database_would_refuse(
    conversations: Conversations, maria: StartedConversation
) -> None:
    conversations.accept_message(maria.id, "message-1", "neck\x00 \ud800pain 😀")
    assert conversations.messages_of(maria.id)[0].text == "neck pain 😀"


def test_it_keeps_everything_about_a_reply(conversations: Conversations, maria: StartedConversation) -> None:
    message = conversations.accept_message(maria.id, "message-1", "how long?", kind="choice").message
    answer, question = conversations.record_replies(
        maria.id, message.id, [ANSWER, QUESTION], UNDERSTOOD, True
    )
    assert [answer, question] == conversations.messages_after(maria.id, message.position)
    assert (answer.kind, answer.text) == (ANSWER.kind, ANSWER.text)
    assert (answer.choices, answer.sources) == (ANSWER.choices, ANSWER.sources)
    assert (answer.ask, answer.lead_reference, answer.in_reply_to) == (None, None, message.id)
    assert (question.ask, question.lead_reference, question.position) == ("name", "OPTC-AAAAAA", 3)
    assert (answer.author, answer.state, answer.client_message_id) == ("assistant", None, None)
    visitor = conversations.messages_of(maria.id)[0]
    assert (visitor.kind, visitor.state, visitor.understood) == ("choice", "answered", UNDERSTOOD)


def test_it_marks_a_message_as_unanswered(conversations: Conversations, maria: StartedConversation) -> None:
    message = conversations.accept_message(maria.id, "message-1", "how long?").message
    notice = NewReply(kind="notice", text="I cannot answer right now.")
    conversations.record_replies(maria.id, message.id, [notice], None, False)
    visitor = conversations.messages_of(maria.id)[0]
    assert (visitor.state, visitor.understood) == ("unanswered", None)


def test_it_keeps_the_first_replies(conversations: Conversations, maria: StartedConversation) -> None:
    message = conversations.accept_message(maria.id, "message-1", "how long?").message
    first = conversations.record_replies(maria.id, message.id, [ANSWER], UNDERSTOOD, True)
    again = conversations.record_replies(maria.id, message.id, [QUESTION], None, False)
    assert again == first
    assert len(conversations.messages_of(maria.id)) == 2


def test_it_keeps_one_set_of_replies_when_two_race(
    conversations: Conversations, maria: StartedConversation
) -> None:
    message = conversations.accept_message(maria.id, "message-1", "how long?").message
    results = run_together(
        4, lambda: conversations.record_replies(maria.id, message.id, [ANSWER, QUESTION], UNDERSTOOD, True)
    )
    assert all(result == results[0] for result in results)
    assert len(conversations.messages_of(maria.id)) == 3


def test_it_refuses_an_answer_without_a_reply(
    conversations: Conversations, maria: StartedConversation
) -> None:
    message = conversations.accept_message(maria.id, "message-1", "how long?").message
    with pytest.raises(ValueError, match="without a reply"):
        conversations.record_replies(maria.id, message.id, [], UNDERSTOOD, True)
    assert conversations.messages_of(maria.id) == [message]


def test_it_stores_no_reply_to_a_message_that_is_not_the_visitors(
    conversations: Conversations, maria: StartedConversation, tom: StartedConversation
) -> None:
    welcome = conversations.add_assistant_message(maria.id, QUESTION)
    toms = conversations.accept_message(tom.id, "message-1", "hello").message
    for wrong in ("nothing", welcome.id, toms.id):
        with pytest.raises(MessageNotFound):
            conversations.record_replies(maria.id, wrong, [ANSWER], UNDERSTOOD, True)
    assert conversations.messages_of(maria.id) == [welcome]


def test_it_welcomes(conversations: Conversations, maria: StartedConversation) -> None:
    welcome = conversations.add_assistant_message(maria.id, ANSWER)
    assert (welcome.position, welcome.author, welcome.in_reply_to) == (1, "assistant", None)
    assert conversations.accept_message(maria.id, "message-1", "hello").message.position == 2


def test_it_gives_what_came_after_a_place(conversations: Conversations, maria: StartedConversation) -> None:
    messages = [conversations.add_assistant_message(maria.id, ANSWER) for _ in range(3)]
    assert conversations.messages_after(maria.id, 1) == messages[1:]
    assert conversations.messages_after(maria.id, 3) == []
    assert conversations.messages_of("nothing") == []


def test_it_stores_nothing_in_a_conversation_that_does_not_exist(
    database: Database, conversations: Conversations
) -> None:
    for call in (
        lambda: conversations.accept_message("nothing", "message-1", "hello"),
        lambda: conversations.record_replies("nothing", "nothing", [ANSWER], None, True),
        lambda: conversations.add_assistant_message("nothing", ANSWER),
        lambda: conversations.give_feedback("nothing", "nothing", "up", None),
        lambda: conversations.forget("nothing"),
    ):
        with pytest.raises(ConversationNotFound):
            call()
    assert count_rows(database, tables.Message, tables.AuditEntry) == [0, 0]


def test_it_keeps_the_last_verdict(
    database: Database, conversations: Conversations, maria: StartedConversation
) -> None:
    answer = conversations.add_assistant_message(maria.id, ANSWER)
    conversations.give_feedback(maria.id, answer.id, "down", "Not what I asked")
    conversations.give_feedback(maria.id, answer.id, "up", None)
    with database.transaction(read_only=True) as session:
        [row] = session.scalars(select(tables.Feedback))
        assert (row.message_id, row.verdict, row.reason, row.created_at) == (answer.id, "up", None, MONDAY)


def test_it_takes_feedback_only_on_its_own_answers(
    database: Database, conversations: Conversations, maria: StartedConversation, tom: StartedConversation
) -> None:
    mine = conversations.accept_message(maria.id, "message-1", "hello").message
    answer = conversations.add_assistant_message(maria.id, ANSWER)
    for conversation, message in ((tom.id, answer.id), (maria.id, mine.id), (maria.id, "nothing")):
        with pytest.raises(MessageNotFound):
            conversations.give_feedback(conversation, message, "up", None)
    with pytest.raises(ValueError, match="not a verdict"):
        conversations.give_feedback(maria.id, answer.id, "sideways", None)
    assert count_rows(database, tables.Feedback) == [0]


def test_it_shows_staff_the_conversation_of_a_lead(
    conversations: Conversations, leads: Leads, maria: StartedConversation, tom: StartedConversation
) -> None:
    conversations.accept_message(tom.id, "message-1", "hello")
    conversations.accept_message(maria.id, "message-1", "please call me")
    conversations.add_assistant_message(maria.id, QUESTION)
    chat = leads.save(new_lead(engine_id=maria.engine_id))
    form = leads.save(new_lead(request_key="form", source="contact_form"))
    assert conversations.transcript_for_lead(chat.id) == conversations.messages_of(maria.id)
    assert conversations.transcript_for_lead(form.id) == []


def test_it_forgets_a_conversation_and_keeps_the_lead(
    database: Database,
    conversations: Conversations,
    leads: Leads,
    maria: StartedConversation,
    tom: StartedConversation,
) -> None:
    message = conversations.accept_message(maria.id, "message-1", "my neck hurts").message
    [answer] = conversations.record_replies(maria.id, message.id, [ANSWER], UNDERSTOOD, True)
    conversations.give_feedback(maria.id, answer.id, "up", "thank you")
    conversations.accept_message(tom.id, "message-1", "hello")
    lead = leads.save(new_lead(engine_id=maria.engine_id))
    assert conversations.forget(maria.id) == maria.engine_id
    with pytest.raises(ConversationNotFound):
        conversations.find_by_token(maria.token)
    assert count_rows(database, tables.Conversation, tables.Message, tables.Feedback) == [1, 1, 0]
    assert leads.find(lead.id).conversation_id is None
    assert conversations.transcript_for_lead(lead.id) == []
    [entry] = Audit(database).list_for("conversation", maria.id)
    assert (entry.actor, entry.action, entry.detail) == ("visitor", "forgotten", {})
    with pytest.raises(ConversationNotFound):
        conversations.accept_message(maria.id, "message-2", "are you still there?")


def test_a_message_turned_away_is_kept_with_its_notice(
    conversations: Conversations, maria: StartedConversation
) -> None:
    notice = NewReply(kind="notice", text="Many people are writing right now.")
    kept = conversations.turn_away(maria.id, "message-1", "Does it hurt?", "text", [notice])
    assert (kept.message.state, [reply.text for reply in kept.replies]) == ("unanswered", [notice.text])
    again = conversations.turn_away(maria.id, "message-1", "Does it hurt?", "text", [notice])
    assert (again.is_new, again.replies) == (False, kept.replies)
    assert [message.author for message in conversations.messages_of(maria.id)] == ["visitor", "assistant"]


def test_a_message_that_was_answered_keeps_its_answer_when_it_is_turned_away(
    conversations: Conversations, maria: StartedConversation
) -> None:
    accepted = conversations.accept_message(maria.id, "message-1", "How long?")
    conversations.record_replies(maria.id, accepted.message.id, [ANSWER], UNDERSTOOD, answered=True)
    notice = NewReply(kind="notice", text="Many people are writing right now.")
    kept = conversations.turn_away(maria.id, "message-1", "How long?", "text", [notice])
    assert (kept.message.state, [reply.text for reply in kept.replies]) == ("answered", [ANSWER.text])
