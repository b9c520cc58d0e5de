from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from clinic.audit import Audit, add_audit
from clinic.storage import tables
from clinic.storage.columns import clean_text, new_id
from clinic.storage.database import Database, StorageNotDurable, StorageUnavailable
from tests.clinic.conftest import MONDAY, count_rows

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    name = "empty_" + new_id().replace("-", "_").lower()
    server = Database(postgresql_server)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        yield postgresql_server.replace("/postgres?", f"/{name}?")
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'clinic.db'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


def add_event(database: Database) -> None:
    with database.transaction() as session:
        add_audit(session, MONDAY, "nora", "looked", ("lead", "1"))


def test_it_makes_the_tables_that_the_code_describes(empty_url: str, tmp_path: Path) -> None:
    database = Database(empty_url, keys=tmp_path / "keys")
    database.migrate()
    database.migrate()  # a second time changes nothing
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.Base.metadata) == []
    add_event(database)
    database.close()


def test_it_goes_back_to_nothing(sqlite_database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "clinic" / "storage" / "migrations"))
    with sqlite_database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with pytest.raises(StorageUnavailable):
        add_event(sqlite_database)
    sqlite_database.migrate()
    add_event(sqlite_database)


def migrate(url: str, keys: Path) -> None:
    Database(url, keys=keys).migrate()


def test_it_is_migrated_once_when_processes_start_together(empty_url: str, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=migrate, args=(empty_url, tmp_path / "keys")) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    database = Database(empty_url, keys=tmp_path / "keys")
    add_event(database)
    database.close()


def test_it_keeps_the_file_from_other_users(tmp_path: Path) -> None:
    path = tmp_path / "new" / "clinic.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    add_event(database)
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    assert {file.name for file in files} == {"clinic.db", "clinic.db-wal", "clinic.db-shm", "data"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    database.close()


def test_it_says_that_the_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable, match="cannot be made"):
        Database(f"sqlite:///{tmp_path / 'var' / 'clinic.db'}").migrate()


def test_it_can_live_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database("sqlite://")
    database.migrate()
    add_event(database)
    with pytest.raises(StorageNotDurable, match="journal_mode is memory"):
        database.check_durability()
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_another_kind_of_database() -> None:
    with pytest.raises(ValueError, match="SQLite or PostgreSQL, not mysql"):
        Database("mysql://localhost/clinic")


def test_it_is_durable(database: Database) -> None:
    database.check_durability()


def test_it_notices_a_sqlite_that_is_not_durable(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:  # the pool hands out this same connection again
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    with pytest.raises(StorageNotDurable, match="synchronous is 1, foreign_keys is 0"):
        sqlite_database.check_durability()


def test_it_notices_a_postgresql_that_is_not_durable(postgresql_server: str) -> None:
    database = Database(f"{postgresql_server}&options=-c%20synchronous_commit%3Doff")
    with pytest.raises(StorageNotDurable, match="synchronous_commit is off"):
        database.check_durability()
    database.close()


def test_it_commits_at_the_end(database: Database) -> None:
    add_event(database)
    assert count_rows(database, tables.AuditEntry) == [1]


def test_it_leaves_no_trace_of_a_block_that_fails(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as session:
        add_audit(session, MONDAY, "nora", "looked", ("lead", "1"))
        session.flush()
        raise KeyError
    assert count_rows(database, tables.AuditEntry) == [0]


def test_it_waits_for_the_other_writer(sqlite_path: Path) -> None:
    database = Database(f"sqlite:///{sqlite_path}", lock_wait=timedelta(seconds=10))
    add_event(database)
    with closing(sqlite3.connect(sqlite_path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, other.rollback)
        release.start()
        add_event(database)
        release.join()
    assert count_rows(database, tables.AuditEntry) == [2]
    database.close()


def test_it_reports_a_lock_that_lasts_too_long(database: Database) -> None:
    add_event(database)
    hurried = Database(database.url.render_as_string(), lock_wait=timedelta(milliseconds=50))
    change = select(tables.AuditEntry).with_for_update()
    with database.transaction() as session:
        session.scalars(change).all()
        with pytest.raises(StorageUnavailable), hurried.transaction() as other:
            other.scalars(change).all()
    hurried.close()


def test_it_lets_the_caller_judge_a_broken_rule(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(tables.SignInLink(staff_id="nobody", token_hash="x", expires_at=MONDAY))


def test_it_returns_every_time_in_utc(database: Database) -> None:
    oklahoma = timezone(timedelta(hours=-6))
    with database.transaction() as session:
        add_audit(session, datetime(2026, 11, 23, 9, 0, tzinfo=oklahoma), "nora", "looked", ("lead", "1"))
    found = Audit(database).list_for("lead", "1")[0].at
    assert (found, found.tzinfo) == (MONDAY, UTC)


def test_it_refuses_a_time_without_a_zone(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.transaction() as session:
        add_audit(session, datetime(2026, 11, 23), "nora", "looked", ("lead", "1"))


def test_it_drops_only_what_cannot_be_stored() -> None:
    assert clean_text("Mar\x00ía\ud800 \t😀\n") == "María \t😀\n"


def test_it_makes_ids_that_nobody_can_guess() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(identifier) for identifier in ids} == {16}


def test_it_opens_nothing_before_it_is_used(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    assert list(tmp_path.iterdir()) == []


def test_it_uses_the_installed_driver_for_postgresql() -> None:
    assert Database("postgresql://clinic@localhost/clinic").url.drivername == "postgresql+psycopg"


def test_a_migration_keeps_every_row(tmp_path: Path) -> None:
    """On SQLite 0002 rebuilds the table of leads: what points at a lead must survive that."""
    database = Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    config = Config()
    config.set_main_option("script_location", str(ROOT / "clinic" / "storage" / "migrations"))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO leads VALUES ('L', 'OPTC-AAAAAA', 'key', NULL, 'chat', 'Maria', '+14055550134',"
            " NULL, '', 'neck_pain', '1', 'yes', '2026-11-23', 'new', 0, 1, 'maria', '2026-11-23',"
            " '2026-11-23')"
        )
        connection.exec_driver_sql(
            "INSERT INTO outbox VALUES ('O', 'lead_new', 'L', '2026-11-23', 0, '2026-11-23', NULL, NULL)"
        )
        connection.exec_driver_sql(
            "INSERT INTO conversations VALUES ('C', 'E', 'T', NULL, '2026-11-23', '2026-11-23', '2026-11-30')"
        )
        connection.exec_driver_sql(
            "INSERT INTO messages VALUES ('M', 'C', 1, 'visitor', '1', NULL, 'text', 'hi',"
            ' \'{"ask": null, "choices": [{"intent": "ask_booking"}]}\','
            ' \'{"decision": "answer", "urgent": "none", "intent": "ask_price"}\','
            " 'answered', '2026-11-23')"
        )
    database.migrate()
    with database.transaction(read_only=True) as session:
        lead = session.get_one(tables.Lead, "L")
        message = session.get_one(tables.Message, "M")
    assert (lead.name, lead.owner_id) == ("Maria", None)
    assert count_rows(database, tables.OutboxEntry) == [1]
    assert (message.decision, message.urgent, message.topic) == ("answer", None, "ask_price")
    assert (message.ask, message.offers_request) == (None, True)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()
