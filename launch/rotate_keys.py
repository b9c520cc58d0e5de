"""`make rotate-keys`: a new key for everything that is stored, while everything runs.

The new key encrypts from now on in every process; then all rows are encrypted anew, a few at a time, in the
clinic's database and in the engine's memory. The key before stays, for reading only, until the next rotation;
older ones are removed. An interrupted rotation is finished by running it again. The search key stays: it
protects no text, and a new one would mean reading everything to index it again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import (
    Column,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    inspect,
    make_url,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.settings import Settings
from clinic.storage.base import Base
from clinic.storage.database import Database, StorageUnavailable
from clinic.storage.encryption import EncryptedJson, EncryptedText
from clinic.storage.keyring import Keyring

_CHUNK = 500
_ENGINE_PLACE = "events.data"


def rotate_keys(settings: Settings) -> dict[str, Any]:
    """Make a new key and encrypt everything with it.

    Returns {"key": its id, "rows": how many were encrypted anew, "removed": ids of the keys that are gone}.
    Raises `StorageUnavailable`, also as `KeysLost`; running it again goes on where it stopped.
    """
    with closing(Database(settings.resolved_database_url, keys=settings.keys_directory)) as database:
        database.check_keys()
        keyring = database.keyring
        assert keyring is not None
        keyring.add_key()
        rows = sum(_rotate_table(database, keyring, table) for table in Base.metadata.sorted_tables)
        rows += _rotate_engine(settings.resolved_engine_database_url, keyring)
        with database.transaction() as session:
            detail = {"key": keyring.newest, "rows": rows}
            add_audit(session, utc_now(), "system", "keys_rotated", ("keys", keyring.newest), detail)
        return {"key": keyring.newest, "rows": rows, "removed": keyring.retire_keys()}


def _rotate_table(database: Database, keyring: Keyring, table: Table) -> int:
    columns = {
        column: column.type.place
        for column in table.columns
        if isinstance(column.type, EncryptedText | EncryptedJson)
    }
    if not columns:
        return 0
    changed, last = 0, None
    while True:
        with database.transaction() as session:
            found, last = _rotate_chunk(session, keyring, table, columns, last)
        changed += found
        if last is None:
            return changed


def _rotate_chunk(
    session: Session, keyring: Keyring, table: Table, columns: dict[Column[Any], str], last: Any
) -> tuple[int, Any]:
    """Encrypt one chunk anew; returns how many rows, and the key of the last one (None at the end)."""
    key = list(table.primary_key.columns)
    stored = [type_coerce(column, Text).label(column.name) for column in columns]
    query = select(*key, *stored).order_by(*key).limit(_CHUNK).with_for_update()
    if last is not None:
        query = query.where(tuple_(*key) > last)
    rows = session.execute(query).mappings().all()
    changes = [change for row in rows if (change := _renew(row, key, columns, keyring))]
    if changes:
        statement = (
            update(table)
            .where(*(column == bindparam(f"key_{column.name}") for column in key))
            .values({c: type_coerce(bindparam(f"new_{c.name}", type_=Text), Text) for c in columns})
        )
        session.connection().execute(statement, changes)
    return len(changes), tuple(rows[-1][column.name] for column in key) if rows else None


def _renew(row: Any, key: list[Column[Any]], columns: dict[Column[Any], str], keyring: Keyring) -> Any:
    current = f"e1:{keyring.newest}:"
    values = {column: row[column.name] for column in columns}
    if all(value is None or value.startswith(current) for value in values.values()):
        return None
    return {f"key_{column.name}": row[column.name] for column in key} | {
        f"new_{column.name}": None if value is None else _again(keyring, value, columns[column])
        for column, value in values.items()
    }


def _again(keyring: Keyring, value: str, place: str) -> str:
    return keyring.encrypt(keyring.decrypt(value, place), place)


def _rotate_engine(url: str, keyring: Keyring) -> int:
    """Encrypt the engine's memory anew; there may be none yet."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address, hide_parameters=True)
    try:
        if not inspect(engine).has_table("events"):
            return 0
        table = Table("events", MetaData(), autoload_with=engine)
        changed = 0
        for chunk in _old_events(engine, table, keyring):
            with engine.begin() as connection:
                for number, data in chunk:
                    new = _again(keyring, data, _ENGINE_PLACE)
                    connection.execute(update(table).where(table.c.id == number).values(data=new))
            changed += len(chunk)
        return changed
    finally:
        engine.dispose()


def _old_events(engine: Any, table: Table, keyring: Keyring) -> Iterator[list[tuple[int, str]]]:
    last = 0
    while True:
        query = (
            select(table.c.id, table.c.data)
            .where(table.c.id > last, table.c.data.not_like(f"e1:{keyring.newest}:%"))
            .order_by(table.c.id)
            .limit(_CHUNK)
        )
        with engine.connect() as connection:
            rows = [(row.id, row.data) for row in connection.execute(query)]
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def main() -> int:
    """Rotate and say what was done; returns 0, or 1 after one clear sentence."""
    try:
        done = rotate_keys(Settings())
    except StorageUnavailable as error:
        print(f"Not finished: {error}. Nothing is lost; run it again.", file=sys.stderr)
        return 1
    print(f"The new key is {done['key']}: {done['rows']} rows encrypted anew,", end=" ")
    print(f"{len(done['removed'])} old keys removed.")
    print("Make a backup now: older backups need the keys that are in them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
