from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta

import pytest

from clinic import lead_record
from clinic.audit import Audit
from clinic.conversations import Conversations
from clinic.leads import (
    STATES,
    TOPICS,
    LeadChangedMeanwhile,
    LeadFilter,
    LeadNotFound,
    LeadNotSaved,
    Leads,
)
from clinic.outbox import Outbox
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import CONSENT, MONDAY, SettableClock, count_rows, new_lead, run_together

LEAD_TABLES = (tables.Lead, tables.OutboxEntry, tables.AuditEntry)


def test_it_stores_the_lead_with_its_notification_and_its_audit_row(database: Database, leads: Leads) -> None:
    saved = leads.save(new_lead())
    assert (saved.is_new, saved.version) == (True, 1)
    lead = leads.find(saved.id)
    for field in ("name", "phone", "email", "preferred_time", "topic", "source", "consented_at"):
        assert getattr(lead, field) == getattr(new_lead(), field)
    assert (lead.consent_version, lead.consent_text) == (CONSENT.version, CONSENT.text)
    assert (lead.state, lead.suspected_spam, lead.conversation_id) == ("new", False, None)
    assert lead.created_at == lead.updated_at == MONDAY
    assert [entry.kind for entry in Outbox(database).list_for(saved.id)] == ["lead_new"]
    audit = Audit(database).list_for("lead", saved.id)
    assert [(entry.action, entry.actor) for entry in audit] == [("created", "visitor")]


def test_it_keeps_no_personal_data_in_notification_and_audit(database: Database, leads: Leads) -> None:
    saved = leads.save(new_lead())
    leads.save(new_lead(name="Maria Lopez-Garcia", phone="+14055550199"))
    trail = repr(Outbox(database).list_for(saved.id)) + repr(Audit(database).list_for("lead", saved.id))
    for secret in ("Maria", "Lopez", "5550134", "5550199", "example.org", "mornings"):
        assert secret not in trail


def test_it_gives_a_reference_that_can_be_read_out(leads: Leads) -> None:
    references = {leads.save(new_lead(request_key=f"key-{number}")).reference for number in range(20)}
    assert len(references) == 20
    for reference in references:
        assert re.fullmatch(r"OPTC-[2-9A-HJKMNP-Z]{6}", reference)
        assert not set("0O1IL") & set(reference.removeprefix("OPTC-"))


def test_it_is_found_by_its_reference_in_any_capitals(leads: Leads) -> None:
    saved = leads.save(new_lead())
    assert leads.find_by_reference(f" {saved.reference.lower()} ").id == saved.id


def test_it_says_that_a_lead_does_not_exist(leads: Leads) -> None:
    for search in (
        lambda: leads.find("nothing"),
        lambda: leads.find_by_reference("OPTC-NOTHIN"),
        lambda: leads.record_view("nothing", "nora"),
        lambda: leads.set_state("nothing", "calling", 1, "nora"),
    ):
        with pytest.raises(LeadNotFound):
            search()


def test_it_keeps_one_lead_when_submitted_twice(database: Database, leads: Leads) -> None:
    first = leads.save(new_lead())
    again = leads.save(new_lead(consented_at=MONDAY + timedelta(minutes=1)))
    assert again == dataclasses.replace(first, is_new=False)
    assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]
    assert leads.find(first.id).consented_at == MONDAY


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Maria Garcia"},
        {"phone": "+14055550199"},
        {"phone": None},
        {"email": "maria.lopez@example.org"},
        {"preferred_time": "after 5 pm"},
        {"topic": "back_pain"},
        {"consent": dataclasses.replace(CONSENT, version="test-2")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_updates_the_lead_when_the_details_changed(
    database: Database, leads: Leads, clock: SettableClock, change: dict[str, object]
) -> None:
    first = leads.save(new_lead())
    clock.advance(minutes=2)
    again = leads.save(new_lead(consented_at=clock(), **change))
    assert (again.id, again.reference, again.version, again.is_new) == (first.id, first.reference, 2, False)
    lead = leads.find(first.id)
    for field in change.keys() - {"consent"}:
        assert getattr(lead, field) == change[field]
    assert (lead.updated_at, lead.consented_at, lead.created_at) == (clock(), clock(), MONDAY)
    assert [entry.kind for entry in Outbox(database).list_for(first.id)] == ["lead_new", "lead_changed"]
    last = Audit(database).list_for("lead", first.id)[-1]
    column = "consent_version" if "consent" in change else next(iter(change))
    assert (last.action, last.detail) == ("changed", {"changed": [column], "version": 2})


def test_it_is_found_by_its_new_name_after_a_change(leads: Leads) -> None:
    leads.save(new_lead())
    leads.save(new_lead(name="Maria Garcia"))
    assert leads.list(wanted=LeadFilter(search="garcia")).total == 1
    assert leads.list(wanted=LeadFilter(search="lopez")).total == 0


def test_it_keeps_one_lead_when_two_saves_race(database: Database, leads: Leads) -> None:
    results = run_together(8, lambda: leads.save(new_lead()))
    assert len({result.id for result in results}) == len({result.reference for result in results}) == 1
    assert sum(result.is_new for result in results) == 1
    assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


def test_it_keeps_every_lead_when_different_saves_race(database: Database, leads: Leads) -> None:
    keys = iter([f"visitor-{number}" for number in range(8)])
    results = run_together(8, lambda: leads.save(new_lead(request_key=next(keys))))
    assert len({result.reference for result in results}) == 8
    assert count_rows(database, *LEAD_TABLES) == [8, 8, 8]


def test_it_takes_another_reference_when_one_is_taken(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    references = iter(["OPTC-AAAAAA", "OPTC-AAAAAA", "OPTC-BBBBBB"])
    monkeypatch.setattr(lead_record, "make_reference", lambda: next(references))
    assert leads.save(new_lead(request_key="tom")).reference == "OPTC-AAAAAA"
    assert leads.save(new_lead()).reference == "OPTC-BBBBBB"


def test_it_is_not_saved_when_no_reference_is_free(
    database: Database, leads: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_record, "make_reference", lambda: "OPTC-AAAAAA")
    leads.save(new_lead(request_key="tom"))
    with pytest.raises(LeadNotSaved):
        leads.save(new_lead())
    assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "  \x00 "},
        {"phone": None, "email": None},
        {"phone": "", "email": ""},
        {"consent": None},
        {"consent": dataclasses.replace(CONSENT, text="")},
        {"consented_at": None},
        {"consented_at": datetime(2026, 11, 23)},
        {"request_key": ""},
        {"topic": "knee"},
        {"source": "carrier pigeon"},
        {"preferred_time": "x" * 201},
        {"name": "x" * 201},
    ],
    ids=str,
)
def test_it_refuses_a_lead_with_something_missing_or_wrong(
    database: Database, leads: Leads, change: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="a lead needs a right") as refusal:
        leads.save(new_lead(**change))
    assert "5550134" not in str(refusal.value)
    assert count_rows(database, *LEAD_TABLES) == [0, 0, 0]
    leads.save(new_lead())  # the same request with everything right is stored


@pytest.mark.parametrize("topic", TOPICS)
def test_it_takes_every_topic(leads: Leads, topic: str) -> None:
    assert leads.find(leads.save(new_lead(topic=topic)).id).topic == topic


def test_it_stores_text_that_a_database_would_refuse(leads: Leads) -> None:
    details = {"name": "Mar\x00ia", "preferred_time": "after \ud8005"}
    saved = leads.save(new_lead(**details))
    lead = leads.find(saved.id)
    assert (lead.name, lead.preferred_time) == ("Maria", "after 5")
    assert leads.save(new_lead(**details)).version == 1


def test_it_links_the_lead_to_its_conversation(leads: Leads, conversations: Conversations) -> None:
    started = conversations.start(None, timedelta(days=7))
    saved = leads.save(new_lead(engine_id=started.engine_id))
    assert leads.find(saved.id).conversation_id == started.id


def test_it_saves_a_lead_whose_conversation_is_gone(leads: Leads) -> None:
    saved = leads.save(new_lead(engine_id="forgotten"))
    assert leads.find(saved.id).conversation_id is None


def test_it_keeps_the_mark_of_suspected_spam(leads: Leads) -> None:
    assert leads.find(leads.save(new_lead(suspected_spam=True)).id).suspected_spam


@pytest.mark.parametrize("state", STATES)
def test_it_moves_to_every_state(database: Database, leads: Leads, clock: SettableClock, state: str) -> None:
    saved = leads.save(new_lead())
    start = "calling" if state == "new" else "new"
    version = leads.set_state(saved.id, start, 1, "nora").version
    clock.advance(hours=1)
    lead = leads.set_state(saved.id, state, version, "nora")
    assert (lead.state, lead.version, lead.updated_at) == (state, version + 1, clock())
    assert leads.find(saved.id) == lead
    last = Audit(database).list_for("lead", saved.id)[-1]
    assert (last.actor, last.action, last.at) == ("nora", "state_changed", clock())
    assert last.detail == {"from": start, "to": state, "version": version + 1}


def test_it_writes_nothing_when_the_state_is_set_already(database: Database, leads: Leads) -> None:
    saved = leads.save(new_lead())
    assert leads.set_state(saved.id, "new", 1, "nora").version == 1
    assert count_rows(database, *LEAD_TABLES) == [1, 1, 1]


def test_it_refuses_a_change_of_a_version_that_is_no_longer_there(database: Database, leads: Leads) -> None:
    saved = leads.save(new_lead())
    leads.set_state(saved.id, "calling", 1, "nora")
    with pytest.raises(LeadChangedMeanwhile):
        leads.set_state(saved.id, "closed", 1, "adam")
    assert leads.find(saved.id).state == "calling"
    assert count_rows(database, tables.AuditEntry) == [2]


def test_it_lets_one_of_two_racing_changes_through(leads: Leads) -> None:
    saved = leads.save(new_lead())

    def try_to_change() -> bool:
        try:
            leads.set_state(saved.id, "calling", 1, "nora")
        except LeadChangedMeanwhile:
            return False
        return True

    assert sorted(run_together(4, try_to_change)) == [False, False, False, True]
    assert leads.find(saved.id).version == 2


def test_it_refuses_an_unknown_state(leads: Leads) -> None:
    saved = leads.save(new_lead())
    with pytest.raises(ValueError, match="not a state"):
        leads.set_state(saved.id, "lost", 1, "nora")
    with pytest.raises(ValueError, match="not a filter: state"):
        leads.list(wanted=LeadFilter(state="lost"))
    assert leads.find(saved.id).version == 1


def test_it_records_who_looked(database: Database, leads: Leads) -> None:
    saved = leads.save(new_lead())
    leads.record_view(saved.id, "nora")
    last = Audit(database).list_for("lead", saved.id)[-1]
    assert (last.actor, last.action) == ("nora", "viewed")
    assert leads.find(saved.id).version == 1


def save_several(leads: Leads, clock: SettableClock, number: int) -> list[str]:
    """Save leads a minute apart; return their ids, newest first."""
    ids = []
    for position in range(number):
        ids.append(leads.save(new_lead(request_key=f"key-{position}")).id)
        clock.advance(minutes=1)
    return ids[::-1]


def test_it_lists_the_newest_first(leads: Leads, clock: SettableClock) -> None:
    ids = save_several(leads, clock, 3)
    page = leads.list()
    assert [lead.id for lead in page.leads] == ids
    assert (page.total, page.next) == (3, None)


def test_it_lists_page_after_page_without_gap_or_double(leads: Leads, clock: SettableClock) -> None:
    expected = save_several(leads, clock, 3)
    same_moment = sorted((leads.save(new_lead(request_key=key)).id for key in "abcd"), reverse=True)
    seen: list[str] = []
    before = None
    while True:
        page = leads.list(limit=2, before=before)
        assert page.total == 7
        seen += [lead.id for lead in page.leads]
        before = page.next
        if before is None:
            break
    assert seen == same_moment + expected


def test_it_lists_nothing_when_there_is_nothing(leads: Leads) -> None:
    page = leads.list()
    assert (page.leads, page.total, page.next) == ([], 0, None)


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_it_refuses_a_page_of_a_senseless_length(leads: Leads, limit: int) -> None:
    with pytest.raises(ValueError, match="a page has"):
        leads.list(limit=limit)


def test_it_refuses_to_go_on_after_an_unknown_lead(leads: Leads) -> None:
    with pytest.raises(ValueError, match="page before"):
        leads.list(before="nothing")


def test_it_lists_one_state(leads: Leads, clock: SettableClock) -> None:
    newest, _, oldest = save_several(leads, clock, 3)
    for lead_id in (newest, oldest):
        leads.set_state(lead_id, "booked", 1, "nora")
    page = leads.list(wanted=LeadFilter(state="booked"), limit=1)
    assert ([lead.id for lead in page.leads], page.total) == ([newest], 2)
    assert [lead.id for lead in leads.list(wanted=LeadFilter(state="booked"), before=page.next).leads] == [
        oldest
    ]


@pytest.mark.parametrize(
    ("search", "is_found"),
    [
        ("josé", True),
        ("JOSE NANEZ", True),
        ("nanez jose", True),
        ("ñañ", True),
        ("405 555 0177", True),
        ("(405) 555-0177", True),
        ("+1 405 555", True),
        ("0177", True),
        ("jose@example.org", True),
        ("EXAMPLE.ORG", True),
        ("example", False),
        ("j", True),
        ("555-0177", True),
        ("1-405-555-0177", True),
        ("55 017", False),
        ("{reference}", True),
        ("{code}", True),
        ("  ", True),
        ("jose lopez", False),
        ("405 555 0178", False),
        ("%", False),
        ("jos_", True),
        ("\\", False),
        ("\x00", True),
        ("'; DROP TABLE leads; --", False),
    ],
)
def test_it_finds_by_name_phone_email_and_reference(leads: Leads, search: str, is_found: bool) -> None:
    saved = leads.save(new_lead(name="José Ñañez", phone="+14055550177", email="jose@example.org"))
    leads.save(new_lead(request_key="tom", name="Tom", phone="+19185550100", email=None))
    search = search.format(reference=saved.reference.lower(), code=saved.reference[-6:])
    assert (saved.id in [lead.id for lead in leads.list(wanted=LeadFilter(search=search)).leads]) is is_found
