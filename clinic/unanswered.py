"""What counts as not answered, and the hashes under which it is kept without anybody's identity."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.columns import fold_text

REASONS = ("disliked", "not_understood", "not_taken", "unsure", "declined")
# What is declined on purpose (`refusal` in config.yml): listed, but not as a fault.
DECLINED = frozenset({"out_of_scope", "ask_medical_advice", "nlu_fallback"})
# An answer is "unsure" when the topic after it came this near, in probability. Of 706 answers to our own
# in-scope questions 17 were, and 2 of those were wrong; of all 706 answers 35 were wrong.
LOW_MARGIN = 0.4
_KEPT = ("decision", "intent", "confidence")
_NEAREST = 3


def find_reason(understood: dict[str, Any] | None, option_taken: bool) -> str | None:
    """Return why a message belongs into the inbox, None when it does not.

    `understood` is what the engine made of it; `option_taken` whether the visitor chose an option it offered.
    """
    known = understood or {}
    decision = known.get("decision")
    if decision == "fallback":
        return "declined" if known.get("intent") in DECLINED else "not_understood"
    if decision == "clarify":
        return None if option_taken else "not_taken"
    ranking = known.get("ranking") or []
    if decision == "answer" and len(ranking) > 1:
        margin = ranking[0]["confidence"] - ranking[1]["confidence"]
        return "unsure" if margin < LOW_MARGIN else None
    return None


def keep_understood(understood: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of it: names of topics and numbers, never a text of the visitor."""
    ranking = [entry["intent"] for entry in understood.get("ranking") or []][:_NEAREST]
    return {name: understood.get(name) for name in _KEPT} | {"nearest": ranking}


def in_one_spelling(text: str) -> str:
    """Return `text` in small letters without accents and punctuation; empty when no word is left."""
    return " ".join(re.findall(r"[^\W_]+", fold_text(text)))


def hash_wording(text: str, signing_key: str) -> str:
    """Return the keyed hash under which a masked text is found again."""
    return _hash(signing_key, "wording", in_one_spelling(text))


def hash_visitor(conversation: tables.Conversation) -> str:
    """Return the visitor's pseudonym in the inbox.

    The key is the conversation's own token hash. It is deleted with the conversation, and from then on no
    key of this installation leads from the inbox to a person.
    """
    return _hash(conversation.token_hash, "visitor", conversation.id)


def hash_message(conversation: tables.Conversation, message_id: str) -> str:
    """Return the id of a message's entry, so that it is collected once."""
    return _hash(conversation.token_hash, "message", message_id)


def forget_visitors(session: Session, conversations: Iterable[tables.Conversation]) -> None:
    """Take everything of these visitors out of the inbox, and the questions that only they asked.

    Call it in the transaction that deletes the conversations on somebody's wish, before they are deleted.
    """
    keys = [hash_visitor(conversation) for conversation in conversations]
    entry, question = tables.UnansweredEntry, tables.UnansweredQuestion
    asked = list(session.scalars(select(entry.question_id).where(entry.visitor_key.in_(keys)).distinct()))
    session.execute(delete(entry).where(entry.visitor_key.in_(keys)))
    left = exists().where(entry.question_id == question.id)
    session.execute(delete(question).where(question.id.in_(asked), ~left))


def _hash(key: str, purpose: str, text: str) -> str:
    return hmac.new(key.encode(), f"inbox {purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
