"""What a lead is: the request of one visitor, before and after it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.consent import ConsentText
from clinic.storage.columns import clean_text

TOPICS = ("neck_pain", "back_pain", "neck_and_back_pain", "other", "rather_not_say")
SOURCES = ("chat", "contact_form")
STATES = ("new", "calling", "booked", "not_suitable", "not_interested", "closed")
OPEN_STATES = ("new", "calling")  # somebody still has to call
_MAXIMUM_LENGTH = 200


@dataclass(frozen=True)
class NewLead:
    """A request to store. `request_key` names the attempt: the same key is the same request.

    `phone` is E.164; `consented_at` is aware; `engine_id` is the engine's conversation id.
    """

    request_key: str
    source: str
    name: str
    phone: str | None
    email: str | None
    preferred_time: str
    topic: str
    consent: ConsentText
    consented_at: datetime
    engine_id: str | None = None
    suspected_spam: bool = False

    def check(self) -> None:
        """Raise `ValueError` when something is missing or cannot be right."""
        checks = {
            "request_key": bool(self.request_key),
            "name": bool(clean_text(self.name).strip()),
            "phone or email": bool(self.phone or self.email),
            "consent": bool(self.consent and self.consent.version and self.consent.text),
            "consented_at": self.consented_at is not None and self.consented_at.tzinfo is not None,
            "source": self.source in SOURCES,
            "topic": self.topic in TOPICS,
            "length": all(len(text or "") <= _MAXIMUM_LENGTH for text in self._texts()),
        }
        wrong = [name for name, is_right in checks.items() if not is_right]
        if wrong:
            raise ValueError("a lead needs a right " + ", ".join(wrong))

    def details(self) -> dict[str, str | None]:
        """Return what the visitor told us, by column; a change in it makes a new version of the lead."""
        return {
            "name": clean_text(self.name),
            "phone": self.phone or None,
            "email": self.email or None,
            "preferred_time": clean_text(self.preferred_time),
            "topic": self.topic,
            "consent_version": self.consent.version,
            "consent_text": self.consent.text,
        }

    def _texts(self) -> tuple[str | None, ...]:
        return self.request_key, self.name, self.phone, self.email, self.preferred_time


@dataclass(frozen=True)
class SavedLead:
    """Proof that a request is stored. `is_new` is false when the request was known."""

    id: str
    reference: str
    version: int
    is_new: bool


@dataclass(frozen=True)
class Lead:
    """A stored request."""

    id: str
    reference: str
    conversation_id: str | None
    source: str
    name: str
    phone: str | None
    email: str | None
    preferred_time: str
    topic: str
    consent_version: str
    consent_text: str
    consented_at: datetime
    state: str
    suspected_spam: bool
    version: int
    created_at: datetime
    updated_at: datetime
    owner_id: str | None = None
    next_call_at: datetime | None = None
    first_called_at: datetime | None = None
    reached_at: datetime | None = None
    merged_into_id: str | None = None
    anonymised_at: datetime | None = None
    contact_withdrawn_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Say whether somebody still has to call."""
        return self.state in OPEN_STATES and self.merged_into_id is None


class LeadNotFound(Exception):
    """There is no such lead."""


class LeadChangedMeanwhile(Exception):
    """Somebody changed the lead after it was read; nothing was changed now."""


@dataclass(frozen=True)
class LeadPage:
    """Some leads, newest first. `total` counts all that match; `next` is the `before` of the next page."""

    leads: list[Lead]
    total: int
    next: str | None
