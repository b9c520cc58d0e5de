"""What a person may ask of the clinic: all that is stored about them, and not to be contacted any more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.audit import Audit
from clinic.contact_withdrawal import ContactWithdrawal
from clinic.conversations import Conversations
from clinic.lead import LeadChangedMeanwhile
from clinic.lead_desk import LeadDesk
from clinic.lead_notes import LeadNotes
from clinic.leads import Leads
from clinic.outbox import Outbox
from clinic.person_file import PersonFile
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock
from tests.clinic.test_leads import new_lead


@pytest.fixture
def nora(database: Database, clock: SettableClock) -> str:
    with database.transaction() as session:
        session.add(tables.StaffMember(id="nora", name="Nora", role="staff", created_at=clock()))
    return "nora"


def test_the_file_holds_everything_about_the_person_and_nobody_else(database: Database, nora: str) -> None:
    leads, conversations = Leads(database), Conversations(database)
    talk = conversations.start("https://clinic.example/neck", timedelta(days=1))
    conversations.accept_message(talk.id, "1", "my neck hurts")
    first = leads.save(new_lead(name="Maria Lopez", engine_id=talk.engine_id))
    again = leads.save(new_lead(request_key="again", name="M. Lopez"))
    leads.save(new_lead(request_key="tom", name="Tom", phone="+19185550100", email="tom@example.org"))
    LeadNotes(database).add(first.id, "prefers the morning", nora)

    found = PersonFile(database).collect(again.id, nora)

    assert {request["name"] for request in found["requests"]} == {"Maria Lopez", "M. Lopez"}
    assert [note["text"] for note in found["notes"]] == ["prefers the morning"]
    assert [message["text"] for message in found["messages"]] == ["my neck hurts"]
    assert found["conversations"][0]["page"] == "https://clinic.example/neck"
    written = json.dumps(found)
    assert "Tom" not in written and talk.token not in written and "token_hash" not in written
    assert [entry.action for entry in Audit(database).list_for("lead", again.id)][-1] == "person_exported"


def test_a_withdrawal_reaches_every_request_of_the_person(database: Database, nora: str) -> None:
    leads = Leads(database)
    first = leads.save(new_lead())
    booked = leads.save(new_lead(request_key="again"))
    tom = leads.save(new_lead(request_key="tom", phone="+19185550100", email=None))
    leads.set_state(booked.id, "booked", 1, nora)

    assert ContactWithdrawal(database).record(first.id, 1, nora) == 2

    stored = [leads.find(saved.id) for saved in (first, booked, tom)]
    assert [bool(lead.contact_withdrawn_at) for lead in stored] == [True, True, False]
    assert [lead.state for lead in stored] == ["not_interested", "booked", "new"]
    assert stored[0].consent_text and stored[0].consented_at
    assert [entry.action for entry in Audit(database).list_for("lead", booked.id)][-1] == "contact_withdrawn"
    assert LeadDesk(database).list_calls(first.id) == []


def test_a_visitor_withdraws_what_was_sent_in_the_conversation_and_nothing_else(
    database: Database, clock: SettableClock
) -> None:
    leads, conversations = Leads(database, clock), Conversations(database, clock)
    mine, other = (conversations.start(None, timedelta(days=1)) for _ in range(2))
    sent = leads.save(new_lead(engine_id=mine.engine_id))
    same_number = leads.save(new_lead(request_key="other", engine_id=other.engine_id))
    withdrawal, outbox = ContactWithdrawal(database, clock), Outbox(database, clock)

    assert [withdrawal.record_of_visitor(mine.id) for _ in range(2)] == [1, 1]

    stored, untouched = leads.find(sent.id), leads.find(same_number.id)
    assert (stored.state, stored.version) == ("not_interested", 2)
    assert stored.contact_withdrawn_at == clock() and stored.consent_text
    assert (untouched.state, untouched.contact_withdrawn_at, untouched.version) == ("new", None, 1)
    assert [notice.kind for notice in outbox.list_for(sent.id)].count("contact_withdrawn") == 1
    assert Audit(database).list_for("lead", sent.id)[-1].actor == "visitor"
    assert withdrawal.record_of_visitor("nothing") == 0


def test_who_agrees_again_later_is_called_and_an_old_request_sent_again_changes_nothing(
    database: Database, clock: SettableClock
) -> None:
    leads, conversations = Leads(database, clock), Conversations(database, clock)
    talk = conversations.start(None, timedelta(days=1))
    request = new_lead(engine_id=talk.engine_id, consented_at=clock())
    sent = leads.save(request)
    clock.advance(minutes=5)
    ContactWithdrawal(database, clock).record_of_visitor(talk.id)
    leads.save(request)  # the same, late: the browser tried again
    assert leads.find(sent.id).contact_withdrawn_at == clock()
    clock.advance(minutes=5)
    leads.save(replace(request, consented_at=clock()))
    again = leads.find(sent.id)
    assert (again.state, again.contact_withdrawn_at) == ("new", None)
    assert again.consented_at == clock()
    assert Audit(database).list_for("lead", sent.id)[-1].detail["changed"] == ["consent"]


def test_a_withdrawal_on_an_old_page_is_refused(database: Database, nora: str) -> None:
    lead = Leads(database).save(new_lead())
    with pytest.raises(LeadChangedMeanwhile):
        ContactWithdrawal(database).record(lead.id, 2, nora)
    assert Leads(database).find(lead.id).contact_withdrawn_at is None
