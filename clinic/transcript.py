"""One conversation inside one transaction: what is added to it keeps its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.conversation import ConversationNotFound, MessageNotFound
from clinic.conversation_words import add_words
from clinic.message import Message, NewReply, to_message
from clinic.storage import tables


@dataclass(frozen=True)
class Transcript:
    """A conversation that nobody else can write to until the transaction ends."""

    session: Session
    conversation: tables.Conversation
    now: datetime

    @classmethod
    def open(cls, session: Session, conversation_id: str, now: datetime) -> Transcript:
        """Lock the conversation for this transaction. Raises `ConversationNotFound`."""
        conversation = session.get(tables.Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise ConversationNotFound
        return cls(session, conversation, now)

    def find(self, message_id: str, author: str) -> tables.Message:
        """Return a message of this conversation. Raises `MessageNotFound`."""
        row = self.session.get(tables.Message, message_id)
        if row is None or row.conversation_id != self.conversation.id or row.author != author:
            raise MessageNotFound
        return row

    def find_by_client_id(self, client_message_id: str) -> tables.Message | None:
        """Return the visitor's message with the id that the browser gave it, if it is stored."""
        query = select(tables.Message).where(
            tables.Message.conversation_id == self.conversation.id,
            tables.Message.client_message_id == client_message_id,
        )
        return self.session.scalars(query).one_or_none()

    def replies_to(self, message: tables.Message) -> list[Message]:
        """Return the assistant's replies to a message, in order."""
        query = (
            select(tables.Message)
            .where(tables.Message.in_reply_to == message.id)
            .order_by(tables.Message.position)
        )
        return [to_message(row) for row in self.session.scalars(query)]

    def add_visitor_message(self, client_message_id: str, text: str, kind: str) -> tables.Message:
        """Add a line of the visitor, in state "accepted"."""
        add_words(self.session, self.conversation.id, text)
        return self._add(
            author="visitor",
            kind=kind,
            text=text,
            client_message_id=client_message_id,
            content={},
            state="accepted",
        )

    def add_reply(self, reply: NewReply, in_reply_to: str | None) -> tables.Message:
        """Add a line of the assistant; `in_reply_to` is the id of the visitor's line it answers."""
        return self._add(
            author="assistant",
            kind=reply.kind,
            text=reply.text,
            content=reply.content(),
            in_reply_to=in_reply_to,
        )

    def set_feedback(self, message: tables.Message, verdict: str, reason: str | None) -> None:
        """Set the one verdict on a message."""
        query = select(tables.Feedback).where(tables.Feedback.message_id == message.id)
        row = self.session.scalars(query).one_or_none()
        if row is None:
            row = tables.Feedback(message_id=message.id)
            self.session.add(row)
        row.verdict, row.reason, row.created_at = verdict, reason, self.now

    def _add(self, **values: Any) -> tables.Message:
        query = select(func.max(tables.Message.position)).where(
            tables.Message.conversation_id == self.conversation.id
        )
        row = tables.Message(
            conversation_id=self.conversation.id,
            position=(self.session.scalar(query) or 0) + 1,
            created_at=self.now,
            **values,
        )
        self.session.add(row)
        self.session.flush()
        self.conversation.last_message_at = self.now
        return row
