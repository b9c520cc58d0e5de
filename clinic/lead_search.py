"""How staff find a lead: by name, e-mail, reference, phone number, or a word of the conversation.

This module is the only one that knows how: what is stored for it (keyed hashes, see `clinic.search_tokens`),
and which condition finds it.
"""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, and_, delete, or_, select, union
from sqlalchemy.orm import Session

from clinic.conversation_words import conversations_with
from clinic.search_tokens import LONGEST_BEGINNING, beginnings, split_words
from clinic.storage import tables
from clinic.storage.columns import fold_text
from clinic.storage.insertion import insert_missing

_ONLY_PHONE_CHARACTERS = re.compile(r"[\d\s()+.\-/]*\d[\d\s()+.\-/]*")
_REFERENCE = "OPTC-"
_SHORTEST_PHONE = 3
_PHONE_ENDS = (4, 7)  # the last digits people remember and read out


def find_lead_tokens(name: str, phone: str | None, email: str | None) -> set[str]:
    """Return what a lead can be found by, before it is hashed."""
    tokens = {f"word:{word}" for word in beginnings(split_words(name), 1)}
    if phone:
        digits = _national_digits(phone)
        found = {digits[:length] for length in range(_SHORTEST_PHONE, len(digits) + 1)}
        found |= {digits[-length:] for length in _PHONE_ENDS}
        tokens |= {f"phone:{part}" for part in found} | {f"same phone:{phone}"}
    if email:
        folded = fold_text(email)
        local, _, domain = folded.partition("@")
        tokens |= {f"word:{word}" for word in beginnings(split_words(local), 1)}
        tokens |= {f"email:{folded}", f"domain:{domain}"}
    return tokens


def index_lead(session: Session, row: tables.Lead) -> None:
    """Bring what a lead is found by up to date, in the caller's transaction."""
    session.execute(delete(tables.LeadWord).where(tables.LeadWord.lead_id == row.id))
    tokens = () if row.anonymised_at else find_lead_tokens(row.name, row.phone, row.email)
    insert_missing(session, tables.LeadWord, [{"token": token, "lead_id": row.id} for token in tokens])


def has_phone(phone: str) -> ColumnElement[bool]:
    """Return the condition of the leads with exactly this number (E.164)."""
    return _has(f"same phone:{phone}")


def has_email(email: str) -> ColumnElement[bool]:
    """Return the condition of the leads with this address, in any capitals."""
    return _has(f"email:{fold_text(email)}")


def same_contact(phone: str | None, email: str | None) -> list[ColumnElement[bool]]:
    """Return conditions, one of which holds for the leads with this number (E.164) or this address."""
    found = [has_phone(phone)] if phone else []
    return found + ([has_email(email)] if email else [])


def match_search(search: str) -> ColumnElement[bool]:
    """Return the condition that finds the leads with every word of `search`, in any capitals or accents.

    Words are found by their beginnings: all of them in the contact details, or all in what the visitor wrote.
    A search made of digits is one phone number, however it is written: its beginning, or its last 4 or 7.
    """
    if _ONLY_PHONE_CHARACTERS.fullmatch(search):
        digits = re.sub(r"\D", "", search)
        national = digits[1:] if digits.startswith("1") and len(digits) > _SHORTEST_PHONE else digits
        return _any(*map(_has, sorted({f"phone:{digits}", f"phone:{national}"})), _in_contact(digits))
    parts = fold_text(search).split()
    in_contact = and_(True, *(_in_contact(part) for part in parts))
    written = conversations_with(search)
    if written is None:
        return in_contact
    return _any(in_contact, tables.Lead.conversation_id.in_(written))


def _in_contact(part: str) -> ColumnElement[bool]:
    words = split_words(part)
    found = [_has_reference(part)]
    if "@" in part:
        found.append(_has(f"email:{part}"))
    elif words:
        found += [_has(f"domain:{part}")] if "." in part else []
        found.append(and_(*(_has(f"word:{word[:LONGEST_BEGINNING]}") for word in words)))
    return _any(*found)


def _any(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return "one of these is true", each looked up by its own index: an "or" would look at every lead."""
    return tables.Lead.id.in_(union(*(select(tables.Lead.id).where(condition) for condition in conditions)))


def _has_reference(part: str) -> ColumnElement[bool]:
    """References begin as typed, with or without what they all begin with; they name nobody and are plain."""
    reference, typed = tables.Lead.reference, part.upper()
    starts = {typed, _REFERENCE + typed} if not typed.startswith(_REFERENCE) else {typed}
    return or_(*(and_(reference >= start, reference < start + "\U0010ffff") for start in sorted(starts)))


def _has(token: str) -> ColumnElement[bool]:
    return tables.Lead.id.in_(select(tables.LeadWord.lead_id).where(tables.LeadWord.token == token))


def _national_digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return digits[1:] if phone.startswith("+1") else digits
