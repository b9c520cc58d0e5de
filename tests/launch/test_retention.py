"""The clinic looks at what is too old, and removes it when told to."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic.leads import Leads
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.database import Database
from launch.retention import main
from tests.clinic.conftest import SettableClock, count_rows, new_lead

LONG_AGO = SettableClock(datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("OPTC_VAR_DIRECTORY", str(tmp_path))
    settings = Settings(_env_file=None)
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    database.migrate()
    return database


def test_it_shows_first_and_removes_when_told(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(database):
        Leads(database, LONG_AGO).save(new_lead(name="Wilhelmina"))
        assert main([]) == 0
        shown = capsys.readouterr().out
        assert "Kept: conversations 30 days, the engine's memory 24 hours, requests 24 months." in shown
        assert "Too old now: 0 conversations" in shown and "1 requests" in shown
        assert "make retention REMOVE=yes" in shown and "Wilhelmina" not in shown
        assert count_rows(database, tables.LeadWord) != [0]
        assert main(["--remove"]) == 0
        assert "Removed: 0 conversations" in capsys.readouterr().out
        assert count_rows(database, tables.LeadWord) == [0]


def test_it_says_what_is_kept_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPTC_LEAD_MONTHS", "0")
    monkeypatch.setenv("OPTC_TRANSCRIPT_DAYS", "")
    with closing(database):
        Leads(database, LONG_AGO).save(new_lead())
        assert main(["--remove"]) == 0
        said = capsys.readouterr().out
        assert "conversations for ever, the engine's memory 24 hours, requests for ever" in said
        assert count_rows(database, tables.LeadWord) != [0]


def test_it_says_when_the_database_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPTC_VAR_DIRECTORY", str(tmp_path / "nowhere"))
    assert main([]) == 1
    assert "Not done: the database failed" in capsys.readouterr().err
