"""The database: checked, migrated, and used only in transactions that commit or leave no trace."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, create_engine, event, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError, TimeoutError
from sqlalchemy.orm import Session

from clinic.storage.audit_chain import link_entries
from clinic.storage.desk_tables import KeyCheck
from clinic.storage.encryption import set_keyring
from clinic.storage.failures import KeysLost, StorageNotDurable, StorageUnavailable
from clinic.storage.keyring import FILE_NAME, Keyring
from clinic.storage.write_ahead_log import empty_log

__all__ = ["Database", "KeysLost", "StorageNotDurable", "StorageUnavailable"]

_MIGRATIONS = Path(__file__).parent / "migrations"
POOLED_CONNECTIONS = 8
MORE_CONNECTIONS = 24
CONNECT_SECONDS = 3
_MIGRATION_LOCK = 20261124  # any number, the same in every process


class Database:
    """One database, SQLite (`sqlite:///path`) or PostgreSQL (`postgresql://…`). Opens nothing until used.

    `lock_wait` is how long a write waits for another one; `keys` is the folder of the keys that personal data
    is encrypted with, by default the folder `keys` beside a SQLite file. Raises `ValueError` on any other
    kind of URL; everything that reads or writes personal data raises `KeysLost` without the right keys.
    """

    def __init__(
        self, url: str, lock_wait: timedelta = timedelta(seconds=5), keys: Path | None = None
    ) -> None:
        self.url = _with_driver(make_url(url))
        self.keyring = self._find_keyring(keys)
        self._lock_wait_ms = int(lock_wait / timedelta(milliseconds=1))
        # SQLite lets a waiting writer sleep and look again, up to 0.1 s too long each time and in no order;
        # writers of this process therefore queue here, and only other processes are waited for that way.
        self._writer = threading.Lock()
        # Parameters are hidden because an error text would otherwise carry names and numbers into the log.
        self.engine = create_engine(self.url, hide_parameters=True, **self._pool_settings(lock_wait))
        if self.keyring is not None:
            set_keyring(self.engine.dialect, self.keyring)
        event.listen(self.engine, "connect", self._prepare_connection)
        if self._is_sqlite:
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[Session]:
        """Give a session whose work is committed at the end of the block, or rolled back on any exception.

        A `read_only` block never waits for a writer. Raises `StorageUnavailable` when the database fails
        (locked, full, read-only, gone). `IntegrityError` passes through: only the caller knows its meaning.
        """
        begin = "DEFERRED" if read_only else "IMMEDIATE"
        with (
            self._place_in_queue(read_only),
            _translated_errors(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"sqlite_begin": begin})
            yield session
            link_entries(session)

    @contextmanager
    def _place_in_queue(self, read_only: bool) -> Iterator[None]:
        if read_only or not self._is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=self._lock_wait_ms / 1000):
            raise StorageUnavailable("other writers hold the database")
        try:
            yield
        finally:
            self._writer.release()

    def migrate(self) -> None:
        """Bring the tables to the newest form; does nothing when they are. Raises `StorageUnavailable`.

        Safe when several processes start together: the second waits for the first.
        """
        if self._is_sqlite:
            _create_private_file(self.url.database)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with _translated_errors(), self._migration() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        self.empty_log()  # what a migration encrypted must not stay readable in it

    def check_keys(self) -> None:
        """Make sure that the keys open what is stored. Raises `KeysLost`, `StorageUnavailable`."""
        with self.transaction(read_only=True) as session:
            session.scalars(select(KeyCheck.word)).all()

    def check_durability(self) -> None:
        """Make sure that a commit survives a power cut. Raises `StorageNotDurable`, `StorageUnavailable`.

        Sources: SQLite "PRAGMA synchronous" (WAL needs FULL), PostgreSQL "Write Ahead Log" settings.
        """
        with _translated_errors(), self.engine.connect() as connection:
            wrong = _wrong_settings(connection, self._is_sqlite)
        if wrong:
            raise StorageNotDurable("the database may lose a commit: " + ", ".join(wrong))

    def empty_log(self) -> bool:
        """Empty SQLite's log (see `clinic.storage.write_ahead_log`). Raises `StorageUnavailable`."""
        with _translated_errors():
            return empty_log(self.engine)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _migration(self) -> Iterator[Connection]:
        """Give a connection in one transaction, on SQLite without foreign keys while it lasts.

        SQLite changes a constraint by rebuilding the table, and dropping the old one would delete every row
        that points at it (SQLite, "Making Other Kinds Of Table Schema Changes").
        """
        with self.engine.connect() as connection:
            driver = connection.connection.driver_connection
            if self._is_sqlite and driver is not None:
                driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
            try:
                with connection.begin():
                    yield connection
                    if self._is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise StorageUnavailable("a migration left rows that point at nothing")
            finally:
                if self._is_sqlite and driver is not None:
                    driver.execute("PRAGMA foreign_keys=ON")

    def _find_keyring(self, keys: Path | None) -> Keyring | None:
        if keys is not None:
            return Keyring(keys / FILE_NAME)
        if not self._is_sqlite:
            return None
        if self.url.database in (None, "", ":memory:"):
            return Keyring(None)
        return Keyring(Path(str(self.url.database).removeprefix("file:")).parent / "keys" / FILE_NAME)

    @property
    def _is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def _pool_settings(self, lock_wait: timedelta) -> dict[str, Any]:
        if self._is_sqlite and self.url.database in (None, "", ":memory:"):
            return {}
        settings: dict[str, Any] = {
            "pool_size": POOLED_CONNECTIONS,
            "max_overflow": MORE_CONNECTIONS,
            "pool_timeout": lock_wait / timedelta(seconds=1),  # a free connection is waited for like a lock
        }
        if not self._is_sqlite:
            settings |= {"pool_pre_ping": True, "connect_args": {"connect_timeout": CONNECT_SECONDS}}
        return settings

    def _prepare_connection(self, connection: Any, _record: object) -> None:
        if self._is_sqlite:
            connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver
            statements = [
                f"PRAGMA busy_timeout={self._lock_wait_ms}",
                "PRAGMA journal_mode=WAL",
                "PRAGMA synchronous=FULL",
                "PRAGMA foreign_keys=ON",
                "PRAGMA secure_delete=ON",  # what is erased is overwritten, not only unlinked
            ]
        else:
            statements = [f"SET lock_timeout={self._lock_wait_ms}"]
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()


def _with_driver(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(f"the database must be SQLite or PostgreSQL, not {backend}")
    return url


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that reads first and writes later could
    # otherwise fail half-way with "database is locked", without waiting.
    begin = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {begin}")


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except StatementError as error:
        if isinstance(error.orig, KeysLost):  # SQLAlchemy wraps what a column type raises
            raise error.orig from error
        if not isinstance(error, DBAPIError):
            raise
        raise StorageUnavailable(f"the database failed ({type(error).__name__})") from error
    except TimeoutError as error:
        raise StorageUnavailable(f"the database failed ({type(error).__name__})") from error


def _create_private_file(path: str | None) -> None:
    if not path or path.startswith((":memory:", "file:")):
        return
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        # Owner only, because contact details are inside; SQLite gives its side files the same mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"the database file cannot be made: {error.strerror}") from error


def _wrong_settings(connection: Connection, is_sqlite: bool) -> list[str]:
    if is_sqlite:
        wanted = {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",)}
        question = "PRAGMA {}"
    else:
        wanted = {
            "fsync": ("on",),
            "full_page_writes": ("on",),
            "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
        }
        question = "SHOW {}"
    found = {name: str(connection.exec_driver_sql(question.format(name)).scalar()) for name in wanted}
    return [f"{name} is {value}" for name, value in found.items() if value not in wanted[name]]
