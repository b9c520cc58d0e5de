"""Hands out leads to a file: in chunks, so that a hundred thousand do not fill the memory, and recorded."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead_filter import LeadFilter, filter_conditions
from clinic.phones import format_phone
from clinic.storage import tables
from clinic.storage.database import Database

COLUMNS = (
    "reference",
    "received",
    "state",
    "name",
    "phone",
    "email",
    "preferred_time",
    "topic",
    "source",
    "owner",
    "tags",
    "calls",
    "first_called",
    "reached",
    "next_call",
    "may_be_spam",
    "consent_version",
    "consented",
)
FORMATS = ("csv", "json")
_CHUNK = 500
# What a spreadsheet takes for the beginning of a formula, after any blanks it drops; wide forms included.
_FORMULA_START = re.compile(r"[\s\0\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\0]")  # noqa: RUF001


@dataclass(frozen=True)
class ExportOrder:
    """Which leads to hand out, to whom (a staff id), and on whose clock the times are written."""

    wanted: LeadFilter
    actor: str
    call_within: timedelta
    zone: ZoneInfo


class LeadExport:
    """Reads leads in chunks. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def record(self, order: ExportOrder, file_format: str) -> None:
        """Write into the audit record who takes what; called before the first row leaves.

        Raises `ValueError` on a format or filter that does not exist. The search is not written down.
        """
        if file_format not in FORMATS:
            raise ValueError(f"not a format: {file_format!r}")
        order.wanted.check()
        detail = {
            "format": file_format,
            "filters": order.wanted.without_search(),
            "searched": bool(order.wanted.search),
        }
        with self._database.transaction() as session:
            add_audit(session, self._now(), order.actor, "exported", ("leads", "list"), detail)

    def chunks(self, order: ExportOrder) -> Iterator[list[dict[str, str]]]:
        """Give the leads, newest first, 500 at a time, each as text by column name."""
        lead = tables.Lead
        conditions = filter_conditions(order.wanted, order.actor, self._now(), order.call_within)
        place = tuple_(lead.created_at, lead.id)
        query = select(lead).where(*conditions).order_by(lead.created_at.desc(), lead.id.desc())
        page = query.limit(_CHUNK)
        while True:
            with self._database.transaction(read_only=True) as session:
                rows = session.scalars(page).all()
                records = _to_records(session, rows, order.zone)
            if not rows:
                return
            yield records
            page = query.where(place < (rows[-1].created_at, rows[-1].id)).limit(_CHUNK)


def write_csv(records: list[dict[str, str]], with_header: bool) -> str:
    """Return the rows as CSV text (RFC 4180) that no spreadsheet runs as a formula."""
    file = io.StringIO()
    writer = csv.writer(file)
    if with_header:
        writer.writerow(COLUMNS)
    writer.writerows([protect_cell(record[column]) for column in COLUMNS] for record in records)
    return file.getvalue()


def write_json(records: list[dict[str, str]]) -> str:
    """Return the rows as the inside of a JSON array, one object a line."""
    return ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)


def protect_cell(text: str) -> str:
    """Return `text` with an apostrophe before it where a spreadsheet would take it for a formula (OWASP)."""
    return f"'{text}" if _FORMULA_START.match(text) else text


def write_phone(e164: str | None) -> str:
    """Return a phone number that a spreadsheet keeps as it is: "(405) 555-0134", abroad "(+44) 20 …"."""
    if not e164:
        return ""
    shown = format_phone(e164)
    if not shown.startswith("+"):
        return shown
    code, _, rest = shown.partition(" ")
    return f"({code}) {rest}"


def _to_records(session: Session, rows: Sequence[tables.Lead], zone: ZoneInfo) -> list[dict[str, str]]:
    ids = [row.id for row in rows]
    tag, call, person = tables.LeadTag, tables.LeadCall, tables.StaffMember
    tags: dict[str, list[str]] = {}
    for row in session.scalars(select(tag).where(tag.lead_id.in_(ids)).order_by(tag.tag)):
        tags.setdefault(row.lead_id, []).append(row.tag)
    counted = select(call.lead_id, func.count()).where(call.lead_id.in_(ids)).group_by(call.lead_id)
    calls = dict(session.execute(counted).tuples().all())
    names = dict(session.execute(select(person.id, person.name)).tuples().all())
    return [
        _to_record(
            row,
            zone,
            owner=names.get(row.owner_id or "", ""),
            tags=", ".join(tags.get(row.id, [])),
            calls=str(calls.get(row.id, 0)),
        )
        for row in rows
    ]


def _to_record(row: tables.Lead, zone: ZoneInfo, **more: str) -> dict[str, str]:
    def moment(at: datetime | None) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if at else ""

    record = {
        "reference": row.reference,
        "received": moment(row.created_at),
        "state": row.state,
        "name": row.name,
        "phone": write_phone(row.phone),
        "email": row.email or "",
        "preferred_time": row.preferred_time,
        "topic": row.topic,
        "source": row.source,
        "first_called": moment(row.first_called_at),
        "reached": moment(row.reached_at),
        "next_call": moment(row.next_call_at),
        "may_be_spam": "yes" if row.suspected_spam else "no",
        "consent_version": row.consent_version,
        "consented": moment(row.consented_at),
        **more,
    }
    return {column: record[column] for column in COLUMNS}
