"""The stores under test (SQLite, and PostgreSQL where it is installed), a clock to set, and the cast."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from clinic.consent import ConsentText
from clinic.conversations import Conversations
from clinic.leads import Leads, NewLead
from clinic.storage import tables
from clinic.storage.database import Database
from tests.postgresql import can_run_postgresql, running_postgresql

Result = TypeVar("Result")
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CONSENT = ConsentText(version="test-1", text="The clinic may contact me about this request.")


@dataclass
class SettableClock:
    """A clock that stands still until the test moves it."""

    moment: datetime = field(default=MONDAY)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "clinic.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a throw-away server that listens on a socket in its own folder."""
    if not can_run_postgresql():
        pytest.skip("PostgreSQL is not installed, or there is no user 'postgres' to run it as")
    with running_postgresql() as server:
        yield server.url


@pytest.fixture(scope="session")
def postgresql_database(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    database = Database(postgresql_server, keys=tmp_path_factory.mktemp("postgresql") / "keys")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "clinic.db"
    shutil.copy(sqlite_template, path)
    shutil.copytree(sqlite_template.parent / "keys", tmp_path / "keys")
    return path


@pytest.fixture
def sqlite_database(sqlite_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{sqlite_path}", lock_wait=timedelta(milliseconds=500))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    database: Database = request.getfixturevalue("postgresql_database")
    yield database
    with database.transaction() as session:
        for table in reversed(tables.Base.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.fixture
def leads(database: Database, clock: SettableClock) -> Leads:
    return Leads(database, now=clock)


@pytest.fixture
def conversations(database: Database, clock: SettableClock) -> Conversations:
    return Conversations(database, now=clock)


def new_lead(**changes: Any) -> NewLead:
    """Maria's request, with changes."""
    details: dict[str, Any] = {
        "request_key": "maria-1",
        "source": "chat",
        "name": "Maria Lopez",
        "phone": "+14055550134",
        "email": "maria@example.org",
        "preferred_time": "mornings",
        "topic": "neck_pain",
        "consent": CONSENT,
        "consented_at": MONDAY,
    }
    return NewLead(**(details | changes))


def add_person(database: Database, name: str, role: str = "staff", **values: Any) -> None:
    """Somebody of the clinic whose staff id is the name."""
    with database.transaction() as session:
        session.add(tables.StaffMember(id=name, name=name.title(), role=role, created_at=MONDAY, **values))


def count_rows(database: Database, *kinds: type[tables.Base]) -> list[int]:
    """How many rows each of the tables has."""
    with database.transaction(read_only=True) as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


def run_together(number: int, function: Callable[[], Result]) -> list[Result]:
    """Call a function from several threads at the same moment; return what each call returned."""
    barrier = threading.Barrier(number)

    def wait_and_call() -> Result:
        barrier.wait(timeout=10)
        return function()

    with ThreadPoolExecutor(number) as pool:
        calls = [pool.submit(wait_and_call) for _ in range(number)]
        return [call.result(timeout=30) for call in calls]
