"""An index of the words visitors wrote, so that staff find a conversation by what was said.

One row for each different word of a conversation, kept beside it and deleted with it. It works alike on both
databases, and beginnings of words are found by a range of the index.
"""

from __future__ import annotations

import re

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.columns import fold_text

_SHORTEST, _LONGEST = 3, 40
_WORD = re.compile(r"[^\W_]+")
_MOST_SEARCHED = 5


def find_words(text: str) -> set[str]:
    """Return the words of `text` that are kept: 3 to 40 letters or digits, in one spelling."""
    return {word for word in _WORD.findall(fold_text(text)) if _SHORTEST <= len(word) <= _LONGEST}


def add_words(session: Session, conversation_id: str, text: str) -> None:
    """Add the words of a visitor's line to the caller's transaction."""
    words = find_words(text)
    rows = tables.ConversationWord
    known = session.scalars(
        select(rows.word).where(rows.conversation_id == conversation_id, rows.word.in_(words))
    )
    session.add_all(rows(word=word, conversation_id=conversation_id) for word in words - set(known))


def conversations_with(search: str) -> Select[tuple[str]] | None:
    """Return the query for the ids of conversations in which words begin as those of `search` do.

    None when `search` has no word that is kept.
    """
    words = sorted(find_words(search), key=len, reverse=True)[:_MOST_SEARCHED]
    if not words or any(len(word) < _SHORTEST for word in _WORD.findall(fold_text(search))):
        return None
    rows = tables.ConversationWord
    queries = [
        select(rows.conversation_id).where(rows.word >= word, rows.word < word + "\U0010ffff")
        for word in words
    ]
    query = queries[0]
    for other in queries[1:]:
        query = query.where(rows.conversation_id.in_(other))
    return query
