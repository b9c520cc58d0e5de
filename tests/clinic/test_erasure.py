"""A planted person is in every store; after erasure they are in none, and not in the files either.

Tables and columns are found from the tables themselves: a new one that nobody has thought about fails here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Table, insert, select, text

from clinic.conversations import Conversations
from clinic.lead_removal import LeadRemoval
from clinic.notifier import Notifier
from clinic.retention import Retention
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.columns import CleanText, UtcDateTime
from clinic.storage.database import Database
from clinic.storage.encryption import EncryptedJson, EncryptedText, KeyedHash
from clinic.unanswered import hash_visitor
from clinic.wiping import Wiping
from tests.clinic.conftest import MONDAY, SettableClock, add_person

CANARY = "Wilhelmina Quartzfeather +14055557319: my spleenwort shoulder aches"
MARK = "quartzfeather"
WORD = "spleenwort"

# Tables that hold nothing about a visitor, each with the reason.
ABOUT_OTHERS = {
    "staff": "people of the clinic",
    "staff_sessions": "people of the clinic",
    "sign_in_links": "people of the clinic",
    "recovery_codes": "people of the clinic",
    "saved_views": "named by a person of the clinic; a search is never stored in it",
    "heartbeats": "names of processes",
    "inbox_progress": "a moment and a random id",
    "topic_days": "how often a topic was asked about on a day: numbers only",
    "key_check": "one word, always the same",
    "audit": "ids and names of details, never the details; it must outlive the person",
    "audit_head": "a count and a hash",
}
VISITOR_KEY = hash_visitor(tables.Conversation(id="talk", token_hash="hash"))
# Values that a check, a foreign key or a rule prescribes; into every other text the person is planted.
PRESCRIBED: dict[str, dict[str, Any]] = {
    "conversations": {"id": "talk", "engine_id": "engine-talk", "token_hash": "hash"},
    "messages": {"id": "line", "conversation_id": "talk", "author": "visitor", "state": "answered"},
    "conversation_words": {"conversation_id": "talk"},
    "feedback": {"message_id": "line", "verdict": "down"},
    "unanswered_questions": {"id": "question", "state": "open"},
    "unanswered_outcomes": {"question_id": "question", "place": "faq/cost"},
    "unanswered_entries": {
        "question_id": "question", "visitor_key": VISITOR_KEY, "reason": "disliked"
    },
    "leads": {
        "id": "lead", "reference": "R-1", "conversation_id": "talk", "source": "chat", "state": "new",
        "owner_id": None, "merged_into_id": None, "anonymised_at": None, "version": 1, "topic": "neck_pain",
        "consent_version": "1", "consent_text": "You may call me.", "contact_withdrawn_by": "nora",
    },
    "lead_words": {"lead_id": "lead"},
    "outbox": {"id": "notice", "lead_id": "lead"},
    "outbox_deliveries": {"outbox_id": "notice"},
    "lead_calls": {"lead_id": "lead", "staff_id": "nora", "outcome": "reached"},
    "lead_notes": {"lead_id": "lead", "staff_id": "nora"},
    "lead_tags": {"lead_id": "lead"},
    "note_drafts": {"lead_id": "lead", "staff_id": "nora"},
}  # fmt: skip
WITHOUT_WORDS = {"lead_calls"}
EVERYWHERE = set(PRESCRIBED) - WITHOUT_WORDS
# What the clinic's rules keep after "forget me" in the chat: the request had been sent to the clinic by then.
OF_THE_REQUEST = {
    "leads",
    "lead_words",
    "outbox",
    "outbox_deliveries",
    "lead_notes",
    "lead_tags",
    "note_drafts",
}


def value_for(table: Table, column: Column[Any]) -> Any:
    """What is planted in a column: the person wherever a text, a document or a hash of a word is kept."""
    prescribed = PRESCRIBED[table.name]
    if column.name in prescribed:
        return prescribed[column.name]
    if column.primary_key and column.name == "id":
        return f"{table.name}-1"
    if isinstance(column.type, EncryptedJson | JSON):
        return {"text": CANARY}
    if isinstance(column.type, EncryptedText | CleanText):
        return f"{column}: {CANARY}"
    if isinstance(column.type, KeyedHash):
        return WORD
    if isinstance(column.type, UtcDateTime):
        return MONDAY
    return False if isinstance(column.type, Boolean) else 0


def plant_everywhere(database: Database) -> None:
    """Plant the person in every text of every table. `KeyError`: a table nobody has thought about."""
    add_person(database, "nora")
    with database.transaction() as session:
        for table in tables.Base.metadata.sorted_tables:
            if table.name not in ABOUT_OTHERS:
                session.execute(insert(table).values({c.name: value_for(table, c) for c in table.columns}))


def tables_with_person(database: Database) -> set[str]:
    """The tables in which the person is found; every column is read as text, hashes as numbers."""
    keyring = database.keyring
    assert keyring is not None
    marks = [MARK, *(str(keyring.hash_token(kind, WORD)) for kind in ("leads", "conversations"))]
    with database.transaction(read_only=True) as session:
        return {
            table.name
            for table in tables.Base.metadata.sorted_tables
            for row in session.execute(select(table))
            if any(mark in str(tuple(row)).casefold() for mark in marks)
        }


def stored_bytes(database: Database) -> dict[str, list[bytes]]:
    """What stands in the file of every personal value, by table and column: pieces of its ciphertext.

    Pieces, because a long value goes on in another page of the file.
    """
    found = {}
    with database.transaction(read_only=True) as session:
        for table in PRESCRIBED:
            key, known = next(iter(PRESCRIBED[table].items()))
            for column in tables.Base.metadata.tables[table].columns:
                if column.name in PRESCRIBED[table]:
                    continue
                value = session.scalar(text(f"SELECT {column.name} FROM {table} WHERE {key} = '{known}'"))
                place = f"{table}.{column.name}"
                if isinstance(column.type, EncryptedText | EncryptedJson):
                    sealed = str(value).split(":")[2]
                    found[place] = [sealed[start : start + 20].encode() for start in range(0, 100, 20)]
                elif isinstance(column.type, KeyedHash):
                    found[place] = [int(value).to_bytes(8)]  # how SQLite stores a large number
                elif isinstance(column.type, CleanText) and MARK in str(value).casefold():
                    found[place] = [f"{place}: {CANARY}".encode()]
    return found


def left_in_files(path: Path, stored: dict[str, list[bytes]]) -> set[str]:
    """The places of which a piece is found in the database's files, log included."""
    content = b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    return {place for place, pieces in stored.items() if any(piece in content for piece in pieces)}


def others_visit(database: Database, clock: SettableClock, first: int, last: int) -> None:
    """Other people's rows around the person's, so that pages fill and split."""
    conversations = Conversations(database, clock)
    for number in range(first, last):
        started = conversations.start(None, timedelta(days=7))
        conversations.accept_message(started.id, "1", f"hello number {number}, how long does it take " * 4)


@pytest.fixture
def planted(database: Database) -> Database:
    plant_everywhere(database)
    return database


def test_the_person_is_in_every_table_about_a_visitor(planted: Database) -> None:
    assert tables_with_person(planted) == EVERYWHERE
    every_table = {table.name for table in tables.Base.metadata.sorted_tables}
    assert every_table == set(PRESCRIBED) | set(ABOUT_OTHERS)


def test_what_is_about_others_has_no_encrypted_words_of_a_visitor() -> None:
    encrypted = {
        table.name
        for table in tables.Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText | EncryptedJson | KeyedHash)
    }
    assert encrypted & set(ABOUT_OTHERS) == {"key_check"}


def test_a_table_nobody_has_thought_about_is_noticed(database: Database) -> None:
    """The planted fault: a new table with a text."""
    table = Table("diaries", tables.Base.metadata, Column("entry", CleanText))
    try:
        with pytest.raises(KeyError):
            plant_everywhere(database)
    finally:
        tables.Base.metadata.remove(table)


@pytest.mark.parametrize("way", ["anonymise", "delete"])
def test_erasing_in_the_console_reaches_every_table(planted: Database, way: str) -> None:
    assert getattr(LeadRemoval(planted), way)("lead", 1, "nora") == ["engine-talk"]
    assert tables_with_person(planted) == set()


def test_forget_me_reaches_every_table_of_the_conversation(planted: Database, clock: SettableClock) -> None:
    assert Conversations(planted, clock).forget("talk") == "engine-talk"
    assert tables_with_person(planted) == OF_THE_REQUEST


def test_the_retention_of_all_kinds_reaches_every_table(
    planted: Database, clock: SettableClock, tmp_path: Path
) -> None:
    clock.advance(days=731)
    Retention(planted, Settings(_env_file=None, var_directory=tmp_path), clock).apply()
    assert tables_with_person(planted) == set()


def test_a_store_that_erasure_leaves_out_is_noticed(
    planted: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: erasure that does not know the notes."""
    monkeypatch.setattr(tables, "LeadNote", tables.NoteDraft)
    LeadRemoval(planted).anonymise("lead", 1, "nora")
    assert tables_with_person(planted) == {"lead_notes"}


def _anonymise(database: Database, clock: SettableClock, settings: Settings) -> None:
    LeadRemoval(database, clock).anonymise("lead", 1, "nora")


def _delete(database: Database, clock: SettableClock, settings: Settings) -> None:
    LeadRemoval(database, clock).delete("lead", 1, "nora")


def _forget(database: Database, clock: SettableClock, settings: Settings) -> None:
    Conversations(database, clock).forget("talk")


def _grow_old(database: Database, clock: SettableClock, settings: Settings) -> None:
    clock.advance(days=731)
    Retention(database, settings, clock).apply()


@pytest.mark.parametrize("erase", [_anonymise, _delete, _forget, _grow_old])
def test_the_files_of_the_database_hold_nothing_afterwards(
    sqlite_database: Database,
    sqlite_path: Path,
    clock: SettableClock,
    erase: Callable[[Database, SettableClock, Settings], None],
) -> None:
    settings = Settings(_env_file=None, var_directory=sqlite_path.parent)
    notifier = Notifier(sqlite_database, settings, "Belle Isle Pain Clinic", [], now=clock)
    notifier.work_once()
    others_visit(sqlite_database, clock, 0, 60)
    plant_everywhere(sqlite_database)
    others_visit(sqlite_database, clock, 60, 120)
    stored = stored_bytes(sqlite_database)
    assert left_in_files(sqlite_path, stored) == set(stored)
    assert {place.split(".")[0] for place in stored} == EVERYWHERE
    erase(sqlite_database, clock, settings)
    assert left_in_files(sqlite_path, stored)  # erased, and still in the log
    notifier.work_once()
    kept = OF_THE_REQUEST if erase is _forget else set()
    assert {place.split(".")[0] for place in left_in_files(sqlite_path, stored)} == kept


def test_without_overwriting_the_bytes_would_be_found(
    sqlite_database: Database, sqlite_path: Path, clock: SettableClock
) -> None:
    """The planted fault: a connection that only unlinks what it deletes."""
    others_visit(sqlite_database, clock, 0, 60)
    plant_everywhere(sqlite_database)
    stored = stored_bytes(sqlite_database)
    with sqlite_database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA secure_delete=OFF")
        driver.execute("DELETE FROM messages")
        driver.execute("PRAGMA secure_delete=ON")
    assert sqlite_database.empty_log()
    assert "messages.text" in left_in_files(sqlite_path, stored)


def test_the_log_is_emptied_after_an_erasure_and_only_then(
    sqlite_database: Database, sqlite_path: Path, clock: SettableClock
) -> None:
    wiping, log = Wiping(sqlite_database), sqlite_path.with_name("clinic.db-wal")
    assert wiping.work_if_due()  # somebody may have erased before
    others_visit(sqlite_database, clock, 0, 1)
    assert not wiping.work_if_due() and log.stat().st_size
    plant_everywhere(sqlite_database)
    Conversations(sqlite_database, clock).forget("talk")
    with sqlite_database.transaction(read_only=True) as session:  # somebody reads: it must not wait
        session.scalars(select(tables.Conversation)).all()
        assert not wiping.work_if_due()
    assert wiping.work_if_due() and not log.stat().st_size
    assert not wiping.work_if_due()
