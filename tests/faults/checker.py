"""Compares what visitors were told with the database: nothing lost, nothing twice, nothing silent."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select, text

from clinic.storage.database import Database
from clinic.storage.tables import Conversation, Lead, Message
from clinic.tokens import hash_token
from tests.faults.history import Attempt, History

PATIENCE_SECONDS = 5.0


def find_violations(history: History, database: Database) -> list[str]:
    """Return one line for everything that must not have happened; none means that the promises held."""
    return [
        *_lost_messages(history, database),
        *_doubled_messages(database),
        *_false_or_lost_leads(history, database),
        *_doubled_leads(history, database),
        *_silences(history),
        *_damage(database),
    ]


def _lost_messages(history: History, database: Database) -> list[str]:
    query = select(Conversation.token_hash, Message.client_message_id, Message.id, Message.text).join(
        Conversation, Conversation.id == Message.conversation_id
    )
    with database.transaction(read_only=True) as session:
        visitors = {(token, sent): (key, words) for token, sent, key, words in session.execute(query) if sent}
        replies = set(session.scalars(select(Message.id).where(Message.author == "assistant")))
    lost = []
    for told in history.acknowledged:
        stored = visitors.get((hash_token(told.conversation_token), told.message_id))
        if stored is None:
            lost.append(f"acknowledged message {told.message_id} is not stored")
        elif stored[1] != told.text:
            lost.append(f"message {told.message_id} is stored with other words")
        elif not set(told.reply_ids) <= replies or not told.reply_ids:
            lost.append(f"the reply shown to message {told.message_id} is not stored")
    return lost


def _doubled_messages(database: Database) -> list[str]:
    query = select(Message.conversation_id, Message.client_message_id).where(Message.author == "visitor")
    with database.transaction(read_only=True) as session:
        counted = Counter(session.execute(query).tuples().all())
    return [f"message {sent} is stored {count} times" for (_, sent), count in counted.items() if count > 1]


def _false_or_lost_leads(history: History, database: Database) -> list[str]:
    with database.transaction(read_only=True) as session:
        stored = dict(session.execute(select(Lead.reference, Lead.name)).tuples().all())
    return [
        f"reference {reference} was told and is not stored"
        for name, reference in history.references
        if stored.get(reference) != name
    ]


def _doubled_leads(history: History, database: Database) -> list[str]:
    with database.transaction(read_only=True) as session:
        counted = Counter(session.scalars(select(Lead.name)))
    return [f"{counted[name]} leads for one request" for name in history.names if counted[name] > 1]


def _silences(history: History) -> list[str]:
    return [
        f"message {attempt.message_id}: {attempt.outcome} after {attempt.seconds:.1f} s"
        for attempt in history.attempts
        if _is_violation(attempt, history)
    ]


def _is_violation(attempt: Attempt, history: History) -> bool:
    if attempt.outcome in ("answered", "refused"):
        return attempt.seconds > PATIENCE_SECONDS
    # the web process itself was broken: the widget then says so by itself and tries again
    ended = attempt.began + attempt.seconds
    return not any(
        trouble.began <= ended and attempt.began <= trouble.ended for trouble in history.web_trouble
    )


def _damage(database: Database) -> list[str]:
    if database.engine.dialect.name != "sqlite":
        return []
    with database.transaction(read_only=True) as session:
        found = session.scalar(text("PRAGMA integrity_check"))
    return [] if found == "ok" else [f"the database file is damaged: {found}"]
