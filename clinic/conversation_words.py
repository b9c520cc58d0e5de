"""An index of the words visitors wrote, so that staff find a conversation by what was said.

Keyed hashes of the beginnings of words (see `clinic.search_tokens`), each once for a conversation, kept
beside it and deleted with it. It works alike on both databases.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from clinic.search_tokens import LONGEST_BEGINNING, beginnings, split_words
from clinic.storage import tables
from clinic.storage.insertion import insert_missing

_SHORTEST, _LONGEST = 3, 40
_MOST_SEARCHED = 5


def find_tokens(text: str) -> set[str]:
    """Return what a line is found by: the beginnings of its words of 3 to 40 letters or digits."""
    return beginnings((word for word in split_words(text) if len(word) <= _LONGEST), _SHORTEST)


def add_words(session: Session, conversation_id: str, text: str) -> None:
    """Add the words of a visitor's line to the caller's transaction."""
    rows = [{"token": token, "conversation_id": conversation_id} for token in find_tokens(text)]
    insert_missing(session, tables.ConversationWord, rows)


def conversations_with(search: str) -> Select[tuple[str]] | None:
    """Return the query for the ids of conversations in which words begin as those of `search` do.

    None when `search` has no word that is kept.
    """
    words = set(split_words(search))
    if not words or any(not _SHORTEST <= len(word) <= _LONGEST for word in words):
        return None
    rows = tables.ConversationWord
    queries = [
        select(rows.conversation_id).where(rows.token == word[:LONGEST_BEGINNING])
        for word in sorted(words, key=len, reverse=True)[:_MOST_SEARCHED]
    ]
    query = queries[0]
    for other in queries[1:]:
        query = query.where(rows.conversation_id.in_(other))
    return query
