"""A checksum of everything that is stored, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, Text, select, type_coerce

from clinic.storage.database import Database
from clinic.storage.encryption import EncryptedJson, EncryptedText
from clinic.storage.tables import Base

_ROWS_AT_ONCE = 1000


def checksum_tables(database: Database) -> dict[str, dict[str, Any]]:
    """Return for every table its number of rows and the SHA-256 of them all, in the order of the key.

    All tables are read in one transaction, in constant memory. Raises `StorageUnavailable`.
    """
    with database.transaction(read_only=True) as session:
        connection = session.connection()
        return {table.name: _checksum(connection, table) for table in Base.metadata.sorted_tables}


def _checksum(connection: Connection, table: Table) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    # what is encrypted is compared as it is stored: checksums need no keys
    columns = [_as_stored(column) for column in table.columns]
    query = select(*columns).order_by(*table.primary_key.columns)
    result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
    for row in result.mappings():
        line = {name: str(value) if value is not None else None for name, value in row.items()}
        digest.update(json.dumps(line, sort_keys=True).encode() + b"\n")
        count += 1
    return {"rows": count, "sha256": digest.hexdigest()}


def _as_stored(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, EncryptedText | EncryptedJson):
        return type_coerce(column, Text).label(column.name)
    return column
