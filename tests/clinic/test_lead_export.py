from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.audit import Audit
from clinic.lead_desk import LeadDesk
from clinic.lead_export import (
    COLUMNS,
    ExportOrder,
    LeadExport,
    protect_cell,
    write_csv,
    write_json,
    write_phone,
)
from clinic.lead_filter import LeadFilter
from clinic.lead_notes import LeadNotes
from clinic.leads import Leads
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, new_lead

HOSTILE = ('=HYPERLINK("http://x")', "+1-1", "-1", "@SUM(1)", "\tx", "\rx", "\nx", " =1", "\u00a0@x", "＝1+1")
STARTS = st.sampled_from(
    ["", "=", "+", "-", "@", "\t", "\r", "\n", "\0", " =", "\u00a0-", "\ufeff=", "＝", "＠", "'="]
)
CELLS = st.builds(str.__add__, STARTS, st.text(max_size=30))


@pytest.fixture
def export(database: Database, clock: SettableClock) -> LeadExport:
    return LeadExport(database, now=clock)


def order(**filters: str) -> ExportOrder:
    return ExportOrder(LeadFilter(**filters), "nora", timedelta(hours=24), ZoneInfo("America/Chicago"))


def rows_of(export: LeadExport, wanted: ExportOrder) -> list[dict[str, str]]:
    return [record for chunk in export.chunks(wanted) for record in chunk]


def test_a_row_says_everything_about_one_lead(
    database: Database, leads: Leads, export: LeadExport, clock: SettableClock
) -> None:
    add_person(database, "nora")
    saved = leads.save(new_lead())
    LeadDesk(database, clock).record_call(saved.id, "reached", clock() + timedelta(days=1), 1, "nora")
    LeadNotes(database, clock).set_tags(saved.id, "callback, new patient", "nora")
    assert rows_of(export, order()) == [
        {
            "reference": saved.reference,
            "received": "2026-11-23 09:00",
            "state": "calling",
            "name": "Maria Lopez",
            "phone": "(405) 555-0134",
            "email": "maria@example.org",
            "preferred_time": "mornings",
            "topic": "neck_pain",
            "source": "chat",
            "owner": "Nora",
            "tags": "callback, new patient",
            "calls": "1",
            "first_called": "2026-11-23 09:00",
            "reached": "2026-11-23 09:00",
            "next_call": "2026-11-24 09:00",
            "may_be_spam": "no",
            "consent_version": "test-1",
            "consented": "2026-11-23 09:00",
        }
    ]


def test_filters_and_chunks_leave_nothing_out_and_nothing_double(
    database: Database, leads: Leads, export: LeadExport
) -> None:
    references = [leads.save(new_lead(request_key=str(number))).reference for number in range(3)]
    leads.save(new_lead(request_key="other", topic="back_pain"))
    with database.transaction() as session:  # a thousand more, one moment for many of them
        for number in range(1100):
            lead = session.query(tables.Lead).filter_by(reference=references[0]).one()
            values = {name: getattr(lead, name) for name in lead.__table__.columns.keys()}  # noqa: SIM118
            session.add(
                tables.Lead(
                    **values | {"id": f"i{number}", "reference": f"R{number}", "request_key": f"q{number}"}
                )
            )
    found = [row["reference"] for row in rows_of(export, order(topic="neck_pain"))]
    assert len(found) == len(set(found)) == 1103
    assert set(references) <= set(found)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(leads: Leads, export: LeadExport, text: str) -> None:
    assert protect_cell(text) == f"'{text}"
    leads.save(new_lead(name=text, preferred_time=text))
    [row] = csv.DictReader(io.StringIO(write_csv(rows_of(export, order()), with_header=True), newline=""))
    assert (row["name"], row["preferred_time"]) == (f"'{text}", f"'{text}")
    assert list(row) == list(COLUMNS)
    assert json.loads(f"[{write_json(rows_of(export, order()))}]")[0]["name"] == text


@settings(max_examples=10_000 // len(COLUMNS) + 1, deadline=None)
@given(cells=st.lists(CELLS, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_ten_thousand_cells_hold_no_formula_and_lose_nothing(cells: list[str]) -> None:
    """Read as any program reads CSV, a cell is the text, or an apostrophe and the text, and no formula."""
    record = dict(zip(COLUMNS, cells, strict=True))
    [header, row] = csv.reader(io.StringIO(write_csv([record], with_header=True), newline=""), strict=True)
    assert header == list(COLUMNS)
    for text, cell in zip(cells, row, strict=True):
        assert cell in (text, f"'{text}")
        assert unicodedata.normalize("NFKC", cell).strip(" \ufeff\0")[:1] not in tuple("=+-@\t\r\n")


@settings(max_examples=1000, deadline=None)
@given(area=st.sampled_from(["405", "212", "580", "918"]), line=st.integers(2_000_000, 9_999_999))
def test_every_phone_number_comes_back_from_a_spreadsheet(area: str, line: int) -> None:
    e164 = f"+1{area}{line}"
    shown = write_phone(e164)
    assert protect_cell(shown) == shown
    assert "+1" + re.sub(r"\D", "", shown) == e164


@pytest.mark.parametrize(
    ("e164", "shown"),
    [("+14055550134", "(405) 555-0134"), ("+442079460018", "(+44) 20 7946 0018"), (None, "")],
)
def test_a_phone_number_survives_a_spreadsheet(e164: str | None, shown: str) -> None:
    assert write_phone(e164) == shown == protect_cell(shown)


def test_an_export_is_recorded_without_what_was_searched(
    database: Database, leads: Leads, export: LeadExport
) -> None:
    export.record(order(topic="neck_pain", search="Lopez"), "csv")
    [entry] = Audit(database).list_for("leads", "list")
    assert (entry.actor, entry.action) == ("nora", "exported")
    assert entry.detail == {"format": "csv", "filters": {"topic": "neck_pain"}, "searched": True}
    with pytest.raises(ValueError, match="not a format"):
        export.record(order(), "xls")
    with pytest.raises(ValueError, match="not a filter"):
        export.record(order(state="lost"), "csv")
