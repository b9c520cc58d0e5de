"""Approving an answer for the clinic, and the rule that two persons look at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from content.draft import Draft, IntentDraft


class ApprovalRefused(Exception):
    """The person may not approve this answer; `reason` is `own_words` or `approved_already`."""

    def __init__(self, reason: str) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.reason = reason


def approve(draft: Draft, person: str, today: date, two_persons: bool) -> Draft:
    """Return `draft` as approved by `person` today; raises ApprovalRefused.

    two_persons: who wrote the answer (`written_by` of its record) may not approve it.
    """
    if all(part.record.get("status") == "clinic_approved" for part in draft.intents):
        raise ApprovalRefused("approved_already")
    if two_persons and any(_same(part.record.get("written_by"), person) for part in draft.intents):
        raise ApprovalRefused("own_words")
    return replace(draft, intents=tuple(_sign(part, person, today) for part in draft.intents))


def _same(name: object, person: str) -> bool:
    return " ".join(str(name or "").split()).casefold() == " ".join(person.split()).casefold()


def _sign(part: IntentDraft, person: str, today: date) -> IntentDraft:
    signed = {"status": "clinic_approved", "approved_by": person, "approved_on": today.isoformat()}
    return replace(part, record={**part.record, **signed})
