"""SQLite's write-ahead log, in which what was erased can be read until the log is emptied."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Engine

from clinic.storage.failures import StorageUnavailable


def empty_log(engine: Engine) -> bool:
    """Move everything in the log to its place and leave the log empty; say whether it is.

    Waits for nobody: False while others read or write, then try again. PostgreSQL keeps its own log, for
    which True is returned. Raises `StorageUnavailable`. Source: SQLite, "PRAGMA wal_checkpoint".
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection  # no transaction: it would hold the log
        [(patience,)] = driver.execute("PRAGMA busy_timeout").fetchall()
        driver.execute("PRAGMA busy_timeout=0")
        try:
            is_busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise StorageUnavailable(f"the log of the database was not emptied ({error})") from error
        finally:
            driver.execute(f"PRAGMA busy_timeout={patience}")
    return not is_busy
