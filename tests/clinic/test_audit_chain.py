"""Whoever changes the record of who did what is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic.audit import add_audit
from clinic.audit_check import AuditHead, check_audit
from clinic.lead_removal import LeadRemoval
from clinic.leads import Leads
from clinic.settings import Settings
from clinic.storage.database import Database
from launch.verify_audit import verify_audit
from tests.clinic.conftest import MONDAY
from tests.clinic.test_leads import new_lead


def add_events(database: Database, *actions: str) -> None:
    for action in actions:
        with database.transaction() as session:
            add_audit(session, MONDAY, "nora", action, ("lead", "1"), {"ümlaut": action})


def tamper(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement))


@pytest.fixture
def recorded(database: Database) -> Iterator[Database]:
    add_events(database, "opened", "called", "booked", "closed")
    yield database


def test_an_untouched_record_is_whole(recorded: Database) -> None:
    check = check_audit(recorded, [])
    assert (check.problems, check.head.position) == ([], 4)


def test_an_empty_record_is_whole(database: Database) -> None:
    assert check_audit(database, []).problems == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET actor = 'adam' WHERE action = 'called'", "entry 2 was changed"),
        ("UPDATE audit SET detail = '{}' WHERE action = 'opened'", "entry 1 was changed"),
        ("UPDATE audit SET seal = 'x' WHERE action = 'called'", "entry 2 was changed"),
        ("DELETE FROM audit WHERE action = 'called'", "entries 2 to 2 are missing"),
        ("DELETE FROM audit WHERE action = 'closed'", "its head says otherwise"),
        ("DELETE FROM audit", "its head says otherwise"),
        (
            "INSERT INTO audit (at, actor, action, subject_kind, subject_id, detail)"
            " VALUES ('2026-11-23', 'nora', 'x', 'lead', '1', '{}')",
            "1 entries were written past the application",
        ),
    ],
)
def test_tampering_is_found(recorded: Database, statement: str, problem: str) -> None:
    tamper(recorded, statement)
    assert any(problem in found for found in check_audit(recorded, []).problems)


def test_a_cut_end_with_a_matching_head_is_found_by_what_was_kept_outside(recorded: Database) -> None:
    kept = [check_audit(recorded, []).head]
    tamper(recorded, "DELETE FROM audit WHERE position = 4")
    tamper(
        recorded,
        "UPDATE audit_head SET position = 3, seal = (SELECT seal FROM audit WHERE position = 3)",
    )
    assert check_audit(recorded, []).problems == []
    assert check_audit(recorded, kept).problems == ["the record was cut: it had 4 entries"]
    add_events(recorded, "invented")
    assert check_audit(recorded, kept).problems == ["entry 4 is not the one that was there before"]


def test_erasing_a_person_leaves_the_record_whole(database: Database) -> None:
    leads, removal = Leads(database), LeadRemoval(database)
    first, second = leads.save(new_lead()), leads.save(new_lead(request_key="again"))
    removal.anonymise(first.id, 1, "nora")
    removal.delete(second.id, 1, "nora")
    check = check_audit(database, [])
    assert (check.problems, check.head.position) == ([], 4)


def test_what_was_rolled_back_leaves_no_gap(recorded: Database) -> None:
    with pytest.raises(KeyError), recorded.transaction() as session:
        add_audit(session, MONDAY, "nora", "dreamt", ("lead", "1"))
        raise KeyError
    add_events(recorded, "woke up")
    assert check_audit(recorded, []).problems == []


def test_the_command_notes_the_head_and_finds_a_cut(tmp_path: Path) -> None:
    settings = Settings(var_directory=tmp_path)
    database = Database(settings.resolved_database_url)
    database.migrate()
    add_events(database, "opened", "called")
    assert verify_audit(settings).problems == []
    noted = (settings.keys_directory / "audit-heads.txt").read_text().split()
    assert AuditHead(int(noted[0]), noted[1]) == check_audit(database, []).head
    tamper(database, "DELETE FROM audit")
    tamper(database, "DELETE FROM audit_head")
    assert verify_audit(settings).problems == ["the record was cut: it had 2 entries"]
    database.close()
