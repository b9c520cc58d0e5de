"""The conversations: every message is stored before it is answered, in order, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.conversation import (
    AcceptedMessage,
    Conversation,
    ConversationNotFound,
    MessageNotFound,
    SessionExpired,
    StartedConversation,
)
from clinic.message import Message, NewReply, to_message
from clinic.storage import tables
from clinic.storage.columns import new_id
from clinic.storage.database import Database
from clinic.tokens import hash_token, new_token
from clinic.transcript import Transcript
from clinic.unanswered import forget_visitors

__all__ = [
    "AcceptedMessage",
    "Conversation",
    "ConversationNotFound",
    "Conversations",
    "Message",
    "MessageNotFound",
    "NewReply",
    "SessionExpired",
    "StartedConversation",
]

_VERDICTS = ("up", "down")


class Conversations:
    """All conversations. Every method raises `StorageUnavailable` when the database fails."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def start(self, page: str | None, lifetime: timedelta) -> StartedConversation:
        """Start a conversation that can be continued for `lifetime`; `page` is where the visitor was."""
        now = self._now()
        token = new_token()
        row = tables.Conversation(
            id=new_id(),
            engine_id=new_id(),
            token_hash=hash_token(token),
            page=page,
            started_at=now,
            last_message_at=now,
            expires_at=now + lifetime,
        )
        with self._database.transaction() as session:
            session.add(row)
        return StartedConversation(row.id, row.engine_id, token, row.expires_at)

    def find_by_token(self, token: str) -> Conversation:
        """Return the visitor's conversation. Raises `ConversationNotFound`, `SessionExpired`."""
        with self._database.transaction(read_only=True) as session:
            query = select(tables.Conversation).where(tables.Conversation.token_hash == hash_token(token))
            row = session.scalars(query).one_or_none()
        if row is None:
            raise ConversationNotFound
        if row.expires_at <= self._now():
            raise SessionExpired
        return Conversation(
            row.id, row.engine_id, row.page, row.started_at, row.last_message_at, row.expires_at
        )

    def accept_message(
        self, conversation_id: str, client_message_id: str, text: str, kind: str = "text"
    ) -> AcceptedMessage:
        """Store a message of the visitor; it is committed when this returns.

        A repeated `client_message_id` stores nothing and gives the first message and its replies, also when
        two arrive at once. Raises `ConversationNotFound`.
        """
        with self._transcript(conversation_id) as transcript:
            known = transcript.find_by_client_id(client_message_id)
            if known is not None:
                return AcceptedMessage(to_message(known), False, transcript.replies_to(known))
            row = transcript.add_visitor_message(client_message_id, text, kind)
            return AcceptedMessage(to_message(row), True, [])

    def record_replies(
        self,
        conversation_id: str,
        message_id: str,
        replies: list[NewReply],
        understood: dict[str, Any] | None,
        answered: bool,
    ) -> list[Message]:
        """Store the replies to a visitor's message, which becomes answered or unanswered, in one transaction.

        Called again for a message that has its result, returns that result. Raises `ConversationNotFound`,
        `MessageNotFound`, `ValueError` when a message is called answered without a reply.
        """
        if answered and not replies:
            raise ValueError("a message without a reply is not answered")
        with self._transcript(conversation_id) as transcript:
            message = transcript.find(message_id, author="visitor")
            if message.state != "accepted":
                return transcript.replies_to(message)
            message.state = "answered" if answered else "unanswered"
            message.understood = understood
            return [to_message(transcript.add_reply(reply, in_reply_to=message.id)) for reply in replies]

    def turn_away(
        self, conversation_id: str, client_message_id: str, text: str, kind: str, notices: list[NewReply]
    ) -> AcceptedMessage:
        """Store a message of the visitor and, unanswered, the notices it gets, in one transaction.

        For when the engines are too busy to be asked: half the work of accepting and recording. A message
        that has its result already keeps that result. Raises `ConversationNotFound`.
        """
        with self._transcript(conversation_id) as transcript:
            known = transcript.find_by_client_id(client_message_id)
            message = known or transcript.add_visitor_message(client_message_id, text, kind)
            if message.state != "accepted":
                return AcceptedMessage(to_message(message), False, transcript.replies_to(message))
            message.state = "unanswered"
            replies = [to_message(transcript.add_reply(reply, in_reply_to=message.id)) for reply in notices]
            return AcceptedMessage(to_message(message), known is None, replies)

    def add_assistant_message(self, conversation_id: str, reply: NewReply) -> Message:
        """Store a line that answers nothing, such as the welcome. Raises `ConversationNotFound`."""
        with self._transcript(conversation_id) as transcript:
            return to_message(transcript.add_reply(reply, in_reply_to=None))

    def messages_of(self, conversation_id: str) -> list[Message]:
        """Return the whole conversation, in order; empty when there is none."""
        return self.messages_after(conversation_id, 0)

    def messages_after(self, conversation_id: str, position: int) -> list[Message]:
        """Return what both sides said after `position`, in order; positions start at 1."""
        query = select(tables.Message).where(
            tables.Message.conversation_id == conversation_id, tables.Message.position > position
        )
        with self._database.transaction(read_only=True) as session:
            return [to_message(row) for row in session.scalars(query.order_by(tables.Message.position))]

    def transcript_for_lead(self, lead_id: str) -> list[Message]:
        """Return the conversation a lead came from; empty when it came from the form or was forgotten."""
        query = (
            select(tables.Message)
            .join(tables.Lead, tables.Lead.conversation_id == tables.Message.conversation_id)
            .where(tables.Lead.id == lead_id)
        )
        with self._database.transaction(read_only=True) as session:
            return [to_message(row) for row in session.scalars(query.order_by(tables.Message.position))]

    def give_feedback(self, conversation_id: str, message_id: str, verdict: str, reason: str | None) -> None:
        """Store what the visitor thinks of an answer; a second verdict replaces the first.

        Raises `ConversationNotFound`, `MessageNotFound` (also for a line of the visitor's own),
        `ValueError` when `verdict` is neither "up" nor "down".
        """
        if verdict not in _VERDICTS:
            raise ValueError(f"not a verdict: {verdict!r}")
        with self._transcript(conversation_id) as transcript:
            message = transcript.find(message_id, author="assistant")
            transcript.set_feedback(message, verdict, reason)

    def forget(self, conversation_id: str) -> str:
        """Delete a conversation with all its messages; leads stay, without a link to it.

        Returns the engine's id of it, so that the engine can forget too. Raises `ConversationNotFound`.
        """
        with self._transcript(conversation_id) as transcript:
            conversation = transcript.conversation
            forget_visitors(transcript.session, [conversation])
            transcript.session.delete(conversation)
            subject = ("conversation", conversation.id)
            add_audit(transcript.session, self._now(), "visitor", "forgotten", subject)
            return conversation.engine_id

    @contextmanager
    def _transcript(self, conversation_id: str) -> Iterator[Transcript]:
        with self._database.transaction() as session:
            yield Transcript.open(session, conversation_id, self._now())
