from __future__ import annotations

import pytest

from clinic.audit import Audit, add_audit
from clinic.storage.database import Database
from tests.clinic.conftest import MONDAY


def test_it_keeps_the_order_of_events_of_one_moment(database: Database) -> None:
    with database.transaction() as session:
        for action in ("opened", "called", "booked"):
            add_audit(session, MONDAY, "nora", action, ("lead", "1"), {"note": action})
        add_audit(session, MONDAY, "adam", "opened", ("lead", "2"))
        add_audit(session, MONDAY, "adam", "invited", ("staff", "1"))
    entries = Audit(database).list_for("lead", "1")
    assert [(entry.action, entry.actor, entry.at) for entry in entries] == [
        ("opened", "nora", MONDAY),
        ("called", "nora", MONDAY),
        ("booked", "nora", MONDAY),
    ]
    assert entries[1].detail == {"note": "called"}
    assert [entry.detail for entry in Audit(database).list_for("lead", "2")] == [{}]
    assert Audit(database).list_for("lead", "3") == []


def test_it_records_nothing_that_did_not_happen(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as session:
        add_audit(session, MONDAY, "nora", "called", ("lead", "1"))
        raise KeyError
    assert Audit(database).list_for("lead", "1") == []
