"""How staff find a lead: by name, e-mail, reference, phone number, or a word of the conversation.

This module is the only one that knows how: what is stored for it, and which condition finds it.
"""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, and_, or_

from clinic.conversation_words import conversations_with
from clinic.storage import tables
from clinic.storage.columns import fold_text

_ONLY_PHONE_CHARACTERS = re.compile(r"[\d\s()+.\-/]*\d[\d\s()+.\-/]*")


def make_search_text(name: str, phone: str | None, email: str | None, reference: str) -> str:
    """Return what a lead can be found by, in one spelling."""
    return fold_text(" ".join((name, phone or "", email or "", reference)))


def match_search(search: str) -> ColumnElement[bool]:
    """Return the condition that finds the leads with every word of `search`, in any capitals or accents.

    The words are in the contact details (any part of a word), or all of them in what the visitor wrote
    (beginnings of words). A search made of digits is one phone number, however it is written.
    """
    if _ONLY_PHONE_CHARACTERS.fullmatch(search):
        return _in_contact([re.sub(r"\D", "", search)])
    words = fold_text(search).split()
    written = conversations_with(search)
    if written is None:
        return _in_contact(words)
    return or_(_in_contact(words), tables.Lead.conversation_id.in_(written))


def _in_contact(words: list[str]) -> ColumnElement[bool]:
    return and_(True, *(tables.Lead.search_text.contains(word, autoescape=True) for word in words))
