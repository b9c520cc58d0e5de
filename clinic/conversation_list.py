"""All conversations for staff: what was not answered, what was urgent, what visitors did not like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.conversation import ConversationNotFound
from clinic.conversation_words import conversations_with
from clinic.message import Message, to_message
from clinic.storage import tables
from clinic.storage.database import Database

KINDS = ("unanswered", "urgent", "disliked", "with_request")


@dataclass(frozen=True)
class ListedConversation:
    """One line of the list. `first_text` is the visitor's first line, empty when nothing was written."""

    id: str
    started_at: datetime
    last_message_at: datetime
    first_text: str
    messages: int
    is_unanswered: bool
    is_urgent: bool
    is_disliked: bool
    lead_reference: str | None


@dataclass(frozen=True)
class ConversationPage:
    """Some conversations, the latest first; `next` is the `before` of the next page."""

    conversations: list[ListedConversation]
    next: str | None


@dataclass(frozen=True)
class ReadConversation:
    """One conversation with its lines, and the visitor's verdict on answers by message id."""

    id: str
    page: str | None
    started_at: datetime
    messages: list[Message]
    verdicts: dict[str, tuple[str, str | None]]
    lead_reference: str | None


class ConversationList:
    """Reads conversations for staff. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def list(
        self, kind: str = "", search: str = "", before: str | None = None, limit: int = 50
    ) -> ConversationPage:
        """Return conversations in which somebody wrote, the latest first.

        `kind` is empty or one of KINDS. Raises `ValueError` on another kind or an unknown page before.
        """
        if kind and kind not in KINDS:
            raise ValueError(f"not a kind of conversation: {kind!r}")
        rows = tables.Conversation
        conditions = [_has(tables.Message.author == "visitor")]
        if kind:
            conditions.append(_CONDITIONS[kind])
        written = conversations_with(search) if search else None
        if written is not None:
            conditions.append(rows.id.in_(written))
        place = tuple_(rows.last_message_at, rows.id)
        with self._database.transaction(read_only=True) as session:
            if before:
                last = session.get(rows, before)
                if last is None:
                    raise ValueError("the page before is not known")
                conditions.append(place < (last.last_message_at, last.id))
            query = select(rows).where(*conditions).order_by(rows.last_message_at.desc(), rows.id.desc())
            found = session.scalars(query.limit(limit + 1)).all()
            listed = _describe(session, list(found[:limit]))
        return ConversationPage(listed, found[limit - 1].id if len(found) > limit else None)

    def read(self, conversation_id: str, actor: str) -> ReadConversation:
        """Return one conversation and record that `actor` looked. Raises `ConversationNotFound`."""
        with self._database.transaction() as session:
            row = session.get(tables.Conversation, conversation_id)
            if row is None:
                raise ConversationNotFound
            add_audit(session, self._now(), actor, "viewed", ("conversation", row.id))
            lines = session.scalars(
                select(tables.Message)
                .where(tables.Message.conversation_id == row.id)
                .order_by(tables.Message.position)
            ).all()
            verdicts = session.scalars(
                select(tables.Feedback).where(tables.Feedback.message_id.in_([line.id for line in lines]))
            )
            return ReadConversation(
                id=row.id,
                page=row.page,
                started_at=row.started_at,
                messages=[to_message(line) for line in lines],
                verdicts={verdict.message_id: (verdict.verdict, verdict.reason) for verdict in verdicts},
                lead_reference=_references(session, [row.id]).get(row.id),
            )


def _has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(tables.Message.conversation_id == tables.Conversation.id, *conditions)


_UNANSWERED = or_(tables.Message.state == "unanswered", tables.Message.decision == "fallback")
_DISLIKED = exists().where(tables.Feedback.message_id == tables.Message.id, tables.Feedback.verdict == "down")
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "unanswered": _has(_UNANSWERED),
    "urgent": _has(tables.Message.urgent.is_not(None)),
    "disliked": _has(_DISLIKED),
    "with_request": exists().where(tables.Lead.conversation_id == tables.Conversation.id),
}


def _describe(session: Session, rows: list[tables.Conversation]) -> list[ListedConversation]:
    ids = [row.id for row in rows]
    line = tables.Message

    def those_with(*conditions: ColumnElement[bool]) -> set[str]:
        query = select(line.conversation_id).where(line.conversation_id.in_(ids), *conditions)
        return set(session.scalars(query.distinct()))

    by_visitor = (line.conversation_id.in_(ids), line.author == "visitor")
    counts = dict(
        session.execute(
            select(line.conversation_id, func.count()).where(*by_visitor).group_by(line.conversation_id)
        )
        .tuples()
        .all()
    )
    first = (
        select(line.conversation_id, func.min(line.position).label("position"))
        .where(*by_visitor)
        .group_by(line.conversation_id)
        .subquery()
    )
    texts = dict(
        session.execute(
            select(line.conversation_id, line.text).join(
                first,
                (first.c.conversation_id == line.conversation_id) & (first.c.position == line.position),
            )
        )
        .tuples()
        .all()
    )
    unanswered, disliked = those_with(_UNANSWERED), those_with(_DISLIKED)
    urgent = those_with(line.urgent.is_not(None))
    references = _references(session, ids)
    return [
        ListedConversation(
            id=row.id,
            started_at=row.started_at,
            last_message_at=row.last_message_at,
            first_text=texts.get(row.id, ""),
            messages=counts.get(row.id, 0),
            is_unanswered=row.id in unanswered,
            is_urgent=row.id in urgent,
            is_disliked=row.id in disliked,
            lead_reference=references.get(row.id),
        )
        for row in rows
    ]


def _references(session: Session, conversation_ids: list[str]) -> dict[str, str]:
    lead = tables.Lead
    query = select(lead.conversation_id, lead.reference).where(
        lead.conversation_id.in_(conversation_ids), lead.merged_into_id.is_(None)
    )
    return {conversation: reference for conversation, reference in session.execute(query) if conversation}
