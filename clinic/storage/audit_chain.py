"""Links the audit entries: each one's seal covers the one before, so none can be changed or taken out unseen.

A seal is HMAC-SHA-256 under a key that is not in the database: whoever can only write to the database cannot
make one. Entries are linked when their transaction ends, under a lock held only for that moment.
"""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.encryption import keyring_of
from clinic.storage.insertion import insert_missing
from clinic.storage.keyring import Keyring

_UNLINKED = "unlinked audit entries"
HEAD_ID = 1


def add_entry(session: Session, entry: tables.AuditEntry) -> None:
    """Add an entry to the session; `link_entries` links it at the end."""
    session.add(entry)
    session.info.setdefault(_UNLINKED, []).append(entry)


def link_entries(session: Session) -> None:
    """Link what was added in this session behind the last entry of all. Called before the commit."""
    entries: list[tables.AuditEntry] = session.info.pop(_UNLINKED, [])
    if not entries:
        return
    session.flush()
    keyring = keyring_of(session.get_bind().dialect)
    head = tables.AuditHead
    insert_missing(session, head, [{"id": HEAD_ID, "position": 0, "seal": ""}])
    last = session.scalars(select(head).where(head.id == HEAD_ID).with_for_update()).one()
    for entry in entries:
        entry.position = last.position + 1
        entry.seal = make_seal(keyring, last.seal, entry)
        last.position, last.seal = entry.position, entry.seal
    session.flush()


def make_seal(keyring: Keyring, previous: str, entry: tables.AuditEntry) -> str:
    """Return the seal of an entry behind the one that is sealed with `previous`."""
    content = [
        previous,
        entry.position,
        entry.at.isoformat(),
        entry.actor,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.detail,
    ]
    return keyring.seal("audit", json.dumps(content, sort_keys=True, ensure_ascii=False))
