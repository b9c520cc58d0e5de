"""What happens to a lead when the database fails: stored whole, or not at all and the caller is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from clinic.leads import LeadNotSaved, Leads
from clinic.storage import tables
from clinic.storage.database import Database, StorageUnavailable
from tests.clinic.conftest import count_rows, new_lead

LEAD_TABLES = (tables.Lead, tables.OutboxEntry, tables.AuditEntry)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url, lock_wait=timedelta(milliseconds=50))
    yield database
    database.close()


def test_it_is_not_saved_while_another_writer_holds_the_lock(sqlite_path: Path) -> None:
    with opened(f"sqlite:///{sqlite_path}") as database, closing(sqlite3.connect(sqlite_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LeadNotSaved):
            Leads(database).save(new_lead())
        assert count_rows(database, *LEAD_TABLES) == [0, 0, 0]
        other.rollback()
        Leads(database).save(new_lead())
        assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


def test_it_can_be_read_while_another_writer_holds_the_lock(sqlite_path: Path) -> None:
    with opened(f"sqlite:///{sqlite_path}") as database, closing(sqlite3.connect(sqlite_path)) as other:
        saved = Leads(database).save(new_lead())
        other.execute("BEGIN IMMEDIATE")
        assert Leads(database).find(saved.id).name == "Maria Lopez"
        assert Leads(database).list().total == 1


def test_it_is_not_saved_in_a_read_only_database(sqlite_path: Path) -> None:
    with opened(f"sqlite:///{sqlite_path}") as writable:
        saved = Leads(writable).save(new_lead())
    with opened(f"sqlite:///file:{sqlite_path}?mode=ro&uri=true") as database:
        with pytest.raises(LeadNotSaved):
            Leads(database).save(new_lead(request_key="tom"))
        assert Leads(database).find(saved.id).name == "Maria Lopez"
        assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


def test_it_is_not_saved_on_a_full_disk(sqlite_path: Path) -> None:
    with opened(f"sqlite:///{sqlite_path}") as database:

        @event.listens_for(database.engine, "connect")
        def fill_disk(connection: sqlite3.Connection, _record: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        saved = 0
        with pytest.raises(LeadNotSaved):
            for number in range(500):
                Leads(database).save(new_lead(request_key=f"key-{number}", preferred_time="x" * 200))
                saved += 1
        assert saved > 0
        assert count_rows(database, *LEAD_TABLES) == [saved, saved, saved]


def test_it_is_not_saved_without_a_database(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path / 'no' / 'folder' / 'clinic.db'}") as database:
        with pytest.raises(LeadNotSaved):
            Leads(database).save(new_lead())
        with pytest.raises(StorageUnavailable):
            Leads(database).list()


def test_it_is_not_saved_in_a_damaged_file(sqlite_path: Path) -> None:
    sqlite_path.write_bytes(b"this is not a database, and not empty either. " * 200)
    with opened(f"sqlite:///{sqlite_path}") as database, pytest.raises(LeadNotSaved):
        Leads(database).save(new_lead())


def test_it_is_not_saved_when_the_server_is_gone(tmp_path: Path) -> None:
    with opened(f"postgresql://clinic@/clinic?host={tmp_path}") as database, pytest.raises(LeadNotSaved):
        Leads(database).save(new_lead())


@pytest.mark.parametrize("table", ["audit", "outbox"])
def test_it_leaves_no_part_of_a_lead_when_a_part_fails(database: Database, table: str) -> None:
    """The lead's own row is written first; then its notification, or its audit row, cannot be."""
    rename = "ALTER TABLE {} RENAME TO {}"
    with database.transaction() as session:
        session.execute(text(rename.format(table, "away")))
    try:
        with pytest.raises(LeadNotSaved):
            Leads(database).save(new_lead())
        assert count_rows(database, tables.Lead) == [0]
    finally:
        with database.transaction() as session:
            session.execute(text(rename.format("away", table)))
    assert count_rows(database, *LEAD_TABLES) == [0, 0, 0]
    Leads(database).save(new_lead())
    assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


def test_it_keeps_the_old_lead_when_a_change_fails(database: Database) -> None:
    leads = Leads(database)
    saved = leads.save(new_lead())
    with database.transaction() as session:
        session.execute(text("ALTER TABLE audit RENAME TO away"))
    try:
        with pytest.raises(LeadNotSaved):
            leads.save(new_lead(name="Maria Garcia"))
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE away RENAME TO audit"))
    lead = leads.find(saved.id)
    assert (lead.name, lead.version) == ("Maria Lopez", 1)


def test_it_says_nothing_about_the_visitor_in_the_error(sqlite_path: Path) -> None:
    with opened(f"sqlite:///{sqlite_path}") as database, closing(sqlite3.connect(sqlite_path)) as other:
        other.execute("DROP TABLE audit")
        other.commit()
        with pytest.raises(LeadNotSaved) as failure:
            Leads(database).save(new_lead())
    error: BaseException | None = failure.value
    while error is not None:
        for secret in ("Maria", "5550134", "example.org"):
            assert secret not in str(error)
        error = error.__cause__ or error.__context__
