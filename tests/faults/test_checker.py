"""The checker is what we trust: each broken promise is planted once and has to be found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from clinic.conversations import Conversations, NewReply
from clinic.leads import Leads
from clinic.storage.database import Database
from clinic.storage.tables import Lead, Message
from tests.clinic.conftest import new_lead
from tests.faults.checker import find_violations
from tests.faults.history import Acknowledged, Attempt, History


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def history(database: Database) -> History:
    """One message and one request, as they should be."""
    conversations, history = Conversations(database), History()
    started = conversations.start(None, timedelta(days=1))
    message = conversations.accept_message(started.id, "message-1", "does it hurt").message
    reply = NewReply(kind="answer", text="Most people feel little.")
    replies = conversations.record_replies(started.id, message.id, [reply], None, answered=True)
    history.add_acknowledged(Acknowledged(started.token, "message-1", "does it hurt", (replies[0].id,)))
    history.begin_request("Maria Lopez")
    history.add_reference("Maria Lopez", Leads(database).save(new_lead()).reference)
    history.add_attempt("message-1", time.monotonic(), "answered")
    return history


def test_kept_promises_give_no_violation(history: History, database: Database) -> None:
    assert find_violations(history, database) == []


def test_a_lost_message_is_found(history: History, database: Database) -> None:
    history.add_acknowledged(Acknowledged("some-token", "message-2", "is it safe", ("reply",)))
    assert find_violations(history, database) == ["acknowledged message message-2 is not stored"]


def test_changed_words_are_found(history: History, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Message).where(Message.author == "visitor").values(text="something else"))
    assert find_violations(history, database) == ["message message-1 is stored with other words"]


def test_a_reply_that_was_shown_and_not_stored_is_found(history: History, database: Database) -> None:
    with database.transaction() as session:
        session.query(Message).filter(Message.author == "assistant").delete()
    assert find_violations(history, database) == ["the reply shown to message message-1 is not stored"]


def test_a_false_saved_is_found(history: History, database: Database) -> None:
    history.add_reference("Tom Baker", "OPTC-AAAAAA")
    assert find_violations(history, database) == ["reference OPTC-AAAAAA was told and is not stored"]


def test_a_lost_lead_is_found(history: History, database: Database) -> None:
    with database.transaction() as session:
        session.query(Lead).delete()
    assert "was told and is not stored" in find_violations(history, database)[0]


def test_a_doubled_lead_is_found(history: History, database: Database) -> None:
    Leads(database).save(new_lead(request_key="the-same-request-once-more"))
    assert find_violations(history, database) == ["2 leads for one request"]


@pytest.mark.parametrize(("outcome", "seconds"), [("silent", 5.0), ("unreachable", 0.1), ("answered", 5.1)])
def test_silence_is_found(history: History, database: Database, outcome: str, seconds: float) -> None:
    history.attempts.append(Attempt("message-1", time.monotonic(), seconds, outcome))
    assert len(find_violations(history, database)) == 1


def test_silence_of_a_web_process_that_was_itself_broken_is_the_widgets_part(
    history: History, database: Database
) -> None:
    history.begin_web_trouble()
    history.attempts.append(Attempt("message-1", time.monotonic(), 5.0, "silent"))
    assert find_violations(history, database) == []
