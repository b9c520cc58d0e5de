"""What is too old goes by itself, everywhere it is stored, and what is not too old stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic.audit import Audit
from clinic.conversations import Conversations
from clinic.lead_notes import LeadNotes
from clinic.lead_removal import ANONYMOUS_NAME
from clinic.leads import LeadFilter, Leads
from clinic.notifier import REMOVAL_PAUSE, Notifier
from clinic.retention import Removed, Retention
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, count_rows
from tests.clinic.test_leads import new_lead

NOTHING = Removed(conversations=0, engine_conversations=0, leads=0, drafts=0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_directory=tmp_path)


@pytest.fixture
def retention(database: Database, settings: Settings, clock: SettableClock) -> Retention:
    return Retention(database, settings, clock)


def fill_engine(settings: Settings, clock: SettableClock, *senders: str) -> None:
    """Write one event now for each sender, into a table as Rasa makes it."""
    with closing(sqlite3.connect(settings.var_directory / "engine.db")) as engine, engine:
        engine.execute(
            "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, timestamp FLOAT)"
        )
        for sender in senders:
            row = (sender, clock().timestamp())
            engine.execute("INSERT INTO events (sender_id, timestamp) VALUES (?, ?)", row)


def engine_senders(settings: Settings) -> list[str]:
    with closing(sqlite3.connect(settings.var_directory / "engine.db")) as engine:
        return [sender for (sender,) in engine.execute("SELECT sender_id FROM events ORDER BY id")]


def test_transcripts_go_after_thirty_days_with_words_and_verdicts(
    database: Database, retention: Retention, clock: SettableClock
) -> None:
    conversations = Conversations(database, clock)
    talk = conversations.start("https://clinic.example/", timedelta(days=7))
    message = conversations.accept_message(talk.id, "1", "my neck hurts").message
    lead = Leads(database, clock).save(new_lead(engine_id=talk.engine_id))
    clock.advance(days=29, hours=23)
    assert retention.apply() == NOTHING
    clock.advance(hours=2)
    assert retention.apply().conversations == 1
    kinds = (tables.Conversation, tables.Message, tables.ConversationWord, tables.Feedback)
    assert count_rows(database, *kinds) == [0, 0, 0, 0]
    assert Leads(database).find(lead.id).conversation_id is None
    assert [entry.action for entry in Audit(database).list_for("conversation", talk.id)] == ["expired"]
    assert message.id and retention.apply() == NOTHING


def test_requests_lose_who_it_was_after_two_years_without_a_change(
    database: Database, retention: Retention, clock: SettableClock
) -> None:
    leads = Leads(database, clock)
    old = leads.save(new_lead(name="Wilhelmina"))
    clock.advance(days=400)
    leads.save(new_lead(request_key="younger", name="Tom"))
    clock.advance(days=331)
    assert retention.apply().leads == 1
    assert leads.find(old.id).name == ANONYMOUS_NAME
    assert leads.list(wanted=LeadFilter(search="Wilhelmina")).total == 0
    assert leads.list(wanted=LeadFilter(search="Tom")).total == 1
    [created, anonymised] = Audit(database).list_for("lead", old.id)
    assert (anonymised.action, anonymised.actor) == ("anonymised", "system")
    assert retention.apply() == NOTHING


def test_kept_drafts_go_too(database: Database, retention: Retention, clock: SettableClock) -> None:
    lead = Leads(database, clock).save(new_lead())
    with database.transaction() as session:
        session.add(tables.StaffMember(id="nora", name="Nora", role="staff", created_at=clock()))
    LeadNotes(database, clock).keep_draft(lead.id, "half a note", "nora")
    clock.advance(days=31)
    assert retention.apply().drafts == 1
    assert count_rows(database, tables.NoteDraft) == [0]


def test_what_was_not_answered_goes_too_and_what_was_ignored_stays_ignored(
    database: Database, retention: Retention, clock: SettableClock
) -> None:
    def ask(state: str) -> None:
        question = tables.UnansweredQuestion(id=state, key=state, text="is it far", state=state)
        asked = {"reason": "not_understood", "understood": {}, "asked_at": clock()}
        with database.transaction() as session:
            session.add(question)
            session.flush()
            session.add(tables.UnansweredEntry(id=state, question_id=state, visitor_key="v", **asked))

    ask("open")
    ask("ignored")
    clock.advance(days=729)
    assert retention.apply() == NOTHING
    clock.advance(days=2)
    assert retention.apply().asked == 2
    assert count_rows(database, tables.UnansweredEntry) == [0]
    with database.transaction(read_only=True) as session:
        assert [row.state for row in session.query(tables.UnansweredQuestion)] == ["ignored"]


def test_the_engine_forgets_after_a_day(
    database: Database, retention: Retention, settings: Settings, clock: SettableClock
) -> None:
    talk = Conversations(database, clock).start(None, timedelta(days=7))
    fill_engine(settings, clock, talk.engine_id)
    clock.advance(hours=23)
    fill_engine(settings, clock, f"{talk.engine_id}.2")
    assert retention.apply() == NOTHING
    clock.advance(hours=2)
    assert retention.apply().engine_conversations == 1
    assert engine_senders(settings) == [f"{talk.engine_id}.2"]


def test_what_a_visitor_had_forgotten_leaves_the_engine_even_after_a_restart(
    database: Database, retention: Retention, settings: Settings, clock: SettableClock
) -> None:
    conversations = Conversations(database, clock)
    stays, goes = (conversations.start(None, timedelta(days=7)) for _ in range(2))
    fill_engine(settings, clock, stays.engine_id, goes.engine_id, f"{goes.engine_id}.2")
    conversations.forget(goes.id)
    clock.advance(minutes=11)
    assert retention.apply().engine_conversations == 2
    assert engine_senders(settings) == [stays.engine_id]


def everything_old(database: Database, settings: Settings, clock: SettableClock) -> None:
    """One of each kind, three years ago."""
    talk = Conversations(database, clock).start(None, timedelta(days=7))
    lead = Leads(database, clock).save(new_lead(engine_id=talk.engine_id))
    add_person(database, "nora")
    LeadNotes(database, clock).keep_draft(lead.id, "half a note", "nora")
    fill_engine(settings, clock, talk.engine_id)
    clock.advance(days=3 * 365)


def test_a_look_before_counts_the_same_and_removes_nothing(
    database: Database, retention: Retention, settings: Settings, clock: SettableClock
) -> None:
    everything_old(database, settings, clock)
    kinds = (tables.Conversation, tables.Lead, tables.NoteDraft)
    seen = retention.preview()
    assert seen == Removed(conversations=1, engine_conversations=1, leads=1, drafts=1)
    assert retention.preview() == seen
    assert (count_rows(database, *kinds), len(engine_senders(settings))) == ([1, 1, 1], 1)
    assert retention.apply() == seen
    assert retention.preview() == NOTHING


@pytest.mark.parametrize("forever", [0, ""])
def test_what_is_set_to_nothing_is_kept_for_ever(
    database: Database, settings: Settings, clock: SettableClock, forever: int | str
) -> None:
    everything_old(database, settings, clock)
    kept: Any = dict.fromkeys(("transcript_days", "tracker_hours", "lead_months"), forever)
    retention = Retention(database, Settings(var_directory=settings.var_directory, **kept), clock)
    assert retention.preview() == retention.apply() == NOTHING


@pytest.mark.parametrize(
    ("setting", "goes"),
    [
        ("transcript_days", {"leads": 1}),
        ("lead_months", {"conversations": 1, "drafts": 1}),
        ("tracker_hours", {"conversations": 1, "drafts": 1, "leads": 1}),
    ],
)
def test_keeping_one_kind_keeps_no_other(
    database: Database, settings: Settings, clock: SettableClock, setting: str, goes: dict[str, int]
) -> None:
    everything_old(database, settings, clock)
    some: Any = {setting: 0}
    retention = Retention(database, Settings(var_directory=settings.var_directory, **some), clock)
    nothing = {"conversations": 0, "drafts": 0, "leads": 0}
    removed = retention.apply()
    assert {name: getattr(removed, name) for name in nothing} == nothing | goes


def test_two_rounds_at_once_do_the_work_once(
    database: Database, settings: Settings, clock: SettableClock
) -> None:
    leads = Leads(database, clock)
    for number in range(3):
        leads.save(new_lead(request_key=f"key-{number}"))
    clock.advance(days=800)
    first, second = (Retention(database, settings, clock) for _ in range(2))
    assert (first.apply().leads, second.apply().leads) == (3, 0)


def test_the_notifier_does_it_every_hour(
    database: Database, retention: Retention, settings: Settings, clock: SettableClock
) -> None:
    conversations = Conversations(database, clock)
    notifier = Notifier(database, settings, "Clinic", [], now=clock, retention=retention)
    conversations.start(None, timedelta(days=7))
    notifier.work_once()
    clock.advance(days=31)
    notifier.work_once()
    assert count_rows(database, tables.Conversation) == [0]
    conversations.start(None, timedelta(days=7))
    clock.advance(minutes=59)
    notifier.work_once()
    assert count_rows(database, tables.Conversation) == [1]
    assert timedelta(minutes=59) < REMOVAL_PAUSE
