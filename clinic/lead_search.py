"""How staff find a lead: by any part of name, e-mail or reference, or by the digits of the phone number."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import ColumnElement, and_

from clinic.storage import tables

_ONLY_PHONE_CHARACTERS = re.compile(r"[\d\s()+.\-/]*\d[\d\s()+.\-/]*")


def make_search_text(name: str, phone: str | None, email: str | None, reference: str) -> str:
    """Return what a lead can be found by, in one spelling."""
    return _fold(" ".join((name, phone or "", email or "", reference)))


def match_search(search: str) -> ColumnElement[bool]:
    """Return the condition that finds the leads with every word of `search`, in any capitals or accents.

    A search made of digits is one phone number, however it is written.
    """
    words = [re.sub(r"\D", "", search)] if _ONLY_PHONE_CHARACTERS.fullmatch(search) else _fold(search).split()
    return and_(True, *(tables.Lead.search_text.contains(word, autoescape=True) for word in words))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()
