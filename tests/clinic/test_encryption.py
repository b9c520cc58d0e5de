"""What is stored is unreadable without the keys, and nothing pretends otherwise."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Text, select, text, type_coerce

from clinic.leads import LeadNotSaved, Leads
from clinic.storage import tables
from clinic.storage.database import Database, KeysLost
from clinic.storage.encryption import EncryptedJson, EncryptedText
from clinic.storage.keyring import Keyring
from tests.clinic.test_leads import new_lead

PLACE = "leads.name"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    ring = Keyring(tmp_path / "keys" / "data")
    ring.create()
    return ring


def test_a_value_comes_back_and_looks_different_each_time(keyring: Keyring) -> None:
    values = {keyring.encrypt("José", PLACE) for _ in range(10)}
    assert len(values) == 10 and not any("José" in value for value in values)
    assert {keyring.decrypt(value, PLACE) for value in values} == {"José"}


def test_the_file_is_only_for_its_owner(keyring: Keyring) -> None:
    assert keyring.path is not None
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    keyring.path.chmod(0o644)
    with pytest.raises(KeysLost, match="chmod 600"):
        Keyring(keyring.path).encrypt("José", PLACE)


def test_a_second_process_gets_the_same_keys(keyring: Keyring) -> None:
    other = Keyring(keyring.path)
    other.create()
    assert other.decrypt(keyring.encrypt("José", PLACE), PLACE) == "José"
    assert other.hash_token("leads", "jose") == keyring.hash_token("leads", "jose")


def test_a_value_cannot_be_changed_or_moved(keyring: Keyring) -> None:
    value = keyring.encrypt("José", PLACE)
    form, key_id, payload = value.split(":")
    changed = f"{form}:{key_id}:{'B' if payload[0] == 'A' else 'A'}{payload[1:]}"
    for wrong, place in ((changed, PLACE), (value, "leads.phone"), ("José", PLACE), (f"e1:{key_id}:", PLACE)):
        with pytest.raises(KeysLost):
            keyring.decrypt(wrong, place)


def test_a_new_key_encrypts_in_every_process_and_the_old_one_reads(keyring: Keyring) -> None:
    other = Keyring(keyring.path)
    old = other.encrypt("José", PLACE)
    new_key = keyring.add_key()
    assert other.encrypt("José", PLACE).split(":")[1] == new_key
    assert other.decrypt(old, PLACE) == "José"


def test_only_the_key_before_the_newest_is_kept(keyring: Keyring) -> None:
    first, second, third = keyring.newest, keyring.add_key(), keyring.add_key()
    assert keyring.retire_keys() == [first]
    assert keyring.retire_keys() == []
    other = Keyring(keyring.path)
    assert other.newest == third
    assert other.decrypt(other.encrypt("José", PLACE), PLACE) == "José"
    assert second in keyring.path.read_text() if keyring.path else False


@pytest.mark.parametrize("damage", ["", "no keyring", "search AAAA\nfirst AAAA\n"])
def test_a_damaged_file_is_named(keyring: Keyring, damage: str) -> None:
    assert keyring.path is not None
    keyring.path.write_text(damage)
    with pytest.raises(KeysLost, match="damaged"):
        Keyring(keyring.path).encrypt("José", PLACE)


def test_hashes_differ_by_table_and_by_installation(keyring: Keyring) -> None:
    values = {
        keyring.hash_token("leads", "jose"),
        keyring.hash_token("conversations", "jose"),
        Keyring(None).hash_token("leads", "jose"),
    }
    assert len(values) == 3 and all(0 <= value < 2**63 for value in values)


def test_with_other_keys_the_start_is_refused_and_says_what_to_do(sqlite_path: Path, tmp_path: Path) -> None:
    other = Keyring(tmp_path / "other" / "data")
    other.create()
    database = Database(f"sqlite:///{sqlite_path}", keys=tmp_path / "other")
    database.migrate()
    with pytest.raises(KeysLost, match="When the keys are lost"):
        database.check_keys()
    database.close()


def test_lost_keys_are_not_made_anew(sqlite_path: Path, tmp_path: Path) -> None:
    (tmp_path / "keys" / "data").unlink()
    database = Database(f"sqlite:///{sqlite_path}")
    database.migrate()
    with pytest.raises(KeysLost):
        database.check_keys()
    with pytest.raises(LeadNotSaved):
        Leads(database).save(new_lead())
    assert not (tmp_path / "keys" / "data").exists()
    database.close()


def readable_values(database: Database) -> list[str]:
    """Every value of an encrypted column that is not encrypted, as table.column."""
    found = []
    for table in tables.Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, EncryptedText | EncryptedJson):
                with database.transaction(read_only=True) as session:
                    stored: list[Any] = list(session.scalars(select(type_coerce(column, Text))))
                found += [column.type.place for value in stored if value and not value.startswith("e1:")]
    return found


def test_every_place_is_the_column_it_is_in() -> None:
    wrong = [
        f"{table.name}.{column.name}"
        for table in tables.Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText | EncryptedJson)
        and column.type.place != f"{table.name}.{column.name}"
    ]
    assert wrong == []


def test_nothing_is_stored_readable_and_a_plain_write_is_seen(database: Database) -> None:
    saved = Leads(database).save(new_lead(name="Wilhelmina"))
    assert readable_values(database) == []
    with database.transaction() as session:
        session.execute(text("UPDATE leads SET name = 'Wilhelmina' WHERE id = :id"), {"id": saved.id})
    assert readable_values(database) == ["leads.name"]
