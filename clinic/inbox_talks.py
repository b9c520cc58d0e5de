"""Reads from stored conversations what belongs into the inbox, with everything personal taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.masking import mask_person
from clinic.names import tidy_name
from clinic.storage import tables
from clinic.storage.columns import fold_text
from clinic.unanswered import find_reason, hash_message, hash_visitor, keep_understood

_LONGEST_TEXT = 300  # letters; longer ones are stories about a person, not ways to ask


@dataclass(frozen=True)
class Asked:
    """One question for the inbox. `text` is masked; `id` and `visitor_key` are keyed hashes."""

    id: str
    visitor_key: str
    conversation_id: str
    text: str
    reason: str
    understood: dict[str, Any]
    asked_at: datetime


def read_messages(session: Session, message_ids: list[str]) -> list[Asked]:
    """Return what belongs into the inbox among these messages by how they were understood."""
    found = []
    for talk in _read_talks(session, _conversations_of(session, message_ids)):
        for line in talk.lines:
            if line.id in message_ids:
                reason = find_reason(line.understood, talk.option_taken(line))
                if reason is not None and talk.may_be_kept(line):
                    found.append(talk.ask(line, reason))
    return found


def read_disliked(session: Session, verdict_ids: list[str]) -> list[Asked]:
    """Return the questions whose answers these verdicts say did not help."""
    verdict, line = tables.Feedback, tables.Message
    query = select(line.in_reply_to).join(verdict, verdict.message_id == line.id)
    disliked = session.scalars(query.where(verdict.id.in_(verdict_ids), verdict.verdict == "down"))
    questions = {message_id for message_id in disliked if message_id}
    return [
        talk.ask(line, "disliked")
        for talk in _read_talks(session, _conversations_of(session, questions))
        for line in talk.lines
        if line.id in questions and talk.may_be_kept(line)
    ]


@dataclass(frozen=True)
class _Talk:
    """A conversation with its lines in order and the names its visitor gave."""

    conversation: tables.Conversation
    lines: list[tables.Message]
    names: list[str]

    def may_be_kept(self, line: tables.Message) -> bool:
        """Say whether the line was typed as a question: no button, no detail of a request, nothing urgent."""
        before = [one for one in self.lines if one.position < line.position and one.author == "assistant"]
        is_detail = bool(before) and before[-1].ask is not None
        return (
            line.kind == "text" and not is_detail and line.urgent is None and len(line.text) <= _LONGEST_TEXT
        )

    def option_taken(self, line: tables.Message) -> bool:
        """Say whether the visitor's next line is one of the options that were offered after `line`."""
        offered = {
            fold_text(choice["title"])
            for reply in self.lines
            if reply.in_reply_to == line.id
            for choice in reply.content.get("choices") or []
        }
        later = [one for one in self.lines if one.position > line.position and one.author == "visitor"]
        return bool(later) and fold_text(later[0].text.strip()) in offered

    def ask(self, line: tables.Message, reason: str) -> Asked:
        """Return the entry of the line."""
        return Asked(
            id=hash_message(self.conversation, line.id),
            visitor_key=hash_visitor(self.conversation),
            conversation_id=self.conversation.id,
            text=" ".join(mask_person(line.text, self.names).split()),
            reason=reason,
            understood=keep_understood(line.understood or {}),
            asked_at=line.created_at,
        )


def _conversations_of(session: Session, message_ids: Iterable[str]) -> set[str]:
    line = tables.Message
    return set(session.scalars(select(line.conversation_id).where(line.id.in_(message_ids))))


def _read_talks(session: Session, conversation_ids: set[str]) -> list[_Talk]:
    row, line, lead = tables.Conversation, tables.Message, tables.Lead
    lines: dict[str, list[tables.Message]] = defaultdict(list)
    in_order = select(line).where(line.conversation_id.in_(conversation_ids)).order_by(line.position)
    for one in session.scalars(in_order):
        lines[one.conversation_id].append(one)
    names: dict[str, list[str]] = defaultdict(list)
    given = select(lead.conversation_id, lead.name).where(lead.conversation_id.in_(conversation_ids))
    for conversation_id, name in session.execute(given):
        names[str(conversation_id)].append(name)
    conversations = session.scalars(select(row).where(row.id.in_(conversation_ids)).order_by(row.id))
    return [_Talk(one, lines[one.id], names[one.id] + _names_said(lines[one.id])) for one in conversations]


def _names_said(lines: list[tables.Message]) -> list[str]:
    """Return what the visitor answered when asked for a name, also where no request came of it."""
    said, asks_name = [], False
    for line in lines:
        if line.author == "assistant":
            asks_name = line.ask == "name"
        elif asks_name and line.decision not in ("answer", "urgent"):
            said.append(tidy_name(line.text))
    return said
