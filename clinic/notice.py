"""A notice to staff: what it says and whom it is for. It never holds anything about a visitor (fact L07)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ruamel.yaml import YAML

from clinic.outbox import Notification
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.database import Database

_WORDS = Path(__file__).with_name("notices.yml")


class NoticeNotDelivered(Exception):
    """A channel did not take a notice. Staff read the message: plain words, no addresses, no secrets."""


@dataclass(frozen=True)
class Notice:
    """One notice, ready to leave. `id` stays the same in every retry, so that a receiver can drop doubles."""

    id: str
    kind: str
    reference: str
    link: str
    subject: str
    text: str
    recipients: list[str]


class Channel(Protocol):
    """A way out: `name` is stored with each delivery; `send` raises `NoticeNotDelivered`."""

    name: str

    def send(self, notice: Notice) -> None:
        """Deliver one notice, or raise."""


class NoticeWriter:
    """Makes the notice for an outbox entry."""

    def __init__(self, database: Database, settings: Settings, clinic_name: str) -> None:
        self._database = database
        self._settings = settings
        self._clinic_name = clinic_name
        self._words: dict[str, dict[str, str]] = YAML(typ="safe").load(_WORDS.read_text("utf-8"))

    def write(self, notification: Notification) -> Notice | None:
        """Return the notice, None when its lead is gone. Raises `StorageUnavailable`."""
        with self._database.transaction(read_only=True) as session:
            lead = session.get(tables.Lead, notification.lead_id)
            if lead is None:
                return None
            owner = session.get(tables.StaffMember, lead.owner_id) if lead.owner_id else None
            owner_email = owner.email if owner and owner.disabled_at is None else None
            reference = lead.reference
        values = {
            "clinic_name": self._clinic_name,
            "reference": reference,
            "link": f"{self._settings.public_url}/console/leads/{reference}",
            "hours": self._settings.call_within_hours,
        }
        words = self._words[notification.kind]
        return Notice(
            id=notification.id,
            kind=notification.kind,
            reference=reference,
            link=str(values["link"]),
            subject=words["subject"].format(**values),
            text=words["text"].format(**values),
            recipients=self._recipients(notification.kind, owner_email),
        )

    def _recipients(self, kind: str, owner_email: str | None) -> list[str]:
        if kind == "call_due" and owner_email:
            return [owner_email]
        settings = self._settings
        listed = settings.escalation_to if kind == "lead_overdue" else ""
        return [part.strip() for part in (listed or settings.notice_to).split(",") if part.strip()]
