"""Checks that nobody changed the audit record, took an entry out of it, or cut off its end."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from clinic.storage import tables
from clinic.storage.audit_chain import HEAD_ID, make_seal
from clinic.storage.database import Database
from clinic.storage.encryption import keyring_of

_AT_ONCE = 1000


@dataclass(frozen=True)
class AuditHead:
    """The end of the record at some moment: how many entries it had, and the last one's seal."""

    position: int
    seal: str


@dataclass(frozen=True)
class AuditCheck:
    """What was found: the head, and one sentence for each thing that is wrong."""

    head: AuditHead
    problems: list[str]


def check_audit(database: Database, kept: list[AuditHead]) -> AuditCheck:
    """Walk the whole record; `kept` are heads of before, kept outside the database.

    A record that ends before a kept head, or has another seal there, was cut or written anew.
    Raises `StorageUnavailable`, `KeysLost`.
    """
    problems: list[str] = []
    wanted = {head.position: head.seal for head in kept}
    entry, position, seal = tables.AuditEntry, 0, ""
    query = select(entry).order_by(entry.position).limit(_AT_ONCE)
    with database.transaction(read_only=True) as session:
        keyring = keyring_of(session.get_bind().dialect)
        while rows := session.scalars(query.where(entry.position > position)).all():
            for row in rows:
                assert row.position is not None
                if row.position != position + 1:
                    problems.append(f"entries {position + 1} to {row.position - 1} are missing")
                elif row.seal != make_seal(keyring, seal, row):
                    problems.append(f"entry {row.position} was changed, or the one before it")
                if row.position in wanted and wanted[row.position] != row.seal:
                    problems.append(f"entry {row.position} is not the one that was there before")
                position, seal = row.position, row.seal or ""
            session.expunge_all()
        loose = session.scalar(select(func.count()).where(entry.position.is_(None)))
        last = session.get(tables.AuditHead, HEAD_ID)
    if loose:
        problems.append(f"{loose} entries were written past the application")
    if (last.position, last.seal) != (position, seal) if last else position:
        problems.append(f"the record ends at entry {position}, and its head says otherwise")
    cut = [head.position for head in kept if head.position > position]
    problems += [f"the record was cut: it had {number} entries" for number in cut]
    return AuditCheck(AuditHead(position, seal), problems)
