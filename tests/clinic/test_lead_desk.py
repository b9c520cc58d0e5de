"""Staff and a lead: calls, owners, notes, tags, doubles, many at once, removal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.audit import Audit
from clinic.conversations import Conversations
from clinic.lead_bulk import LeadBulk
from clinic.lead_desk import LeadDesk, OwnerNotPossible
from clinic.lead_duplicates import LeadDuplicates, MergeNotPossible
from clinic.lead_notes import LONGEST_NOTE, LeadNotes, NoteEmpty, NoteTooLong, TagNotPossible, read_tags
from clinic.lead_removal import LeadRemoval
from clinic.leads import Lead, LeadChangedMeanwhile, LeadFilter, LeadNotFound, Leads
from clinic.outbox import Outbox
from clinic.saved_views import SavedViews, ViewNotSaved
from clinic.storage import tables
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, add_person, count_rows, new_lead


@pytest.fixture
def desk(database: Database, clock: SettableClock) -> LeadDesk:
    return LeadDesk(database, now=clock)


@pytest.fixture
def notes(database: Database, clock: SettableClock) -> LeadNotes:
    return LeadNotes(database, now=clock)


@pytest.fixture
def duplicates(database: Database, clock: SettableClock) -> LeadDuplicates:
    return LeadDuplicates(database, now=clock)


@pytest.fixture
def team(database: Database, clock: SettableClock) -> dict[str, str]:
    """Staff ids by name: Nora and Sam work on leads, Vera looks, Dan has left."""
    people = {"nora": "staff", "sam": "admin", "vera": "viewer", "dan": "staff"}
    for name, role in people.items():
        add_person(database, name, role, disabled_at=clock() if name == "dan" else None)
    return {name: name for name in people}


@pytest.fixture
def maria(leads: Leads, team: dict[str, str]) -> Lead:
    return leads.find(leads.save(new_lead()).id)


def test_the_first_call_takes_a_new_lead_over(
    leads: Leads, desk: LeadDesk, maria: Lead, clock: SettableClock
) -> None:
    tomorrow = clock() + timedelta(days=1)
    desk.record_call(maria.id, "no_answer", tomorrow, 1, "nora")
    called = leads.find(maria.id)
    assert (called.state, called.owner_id, called.version) == ("calling", "nora", 2)
    assert (called.first_called_at, called.next_call_at, called.reached_at) == (clock(), tomorrow, None)
    clock.advance(days=1)
    desk.record_call(maria.id, "reached", None, 2, "sam")
    reached = leads.find(maria.id)
    assert (reached.owner_id, reached.first_called_at) == ("nora", called.first_called_at)
    assert (reached.reached_at, reached.next_call_at) == (clock(), None)
    assert [(call.outcome, call.staff_id) for call in desk.list_calls(maria.id)] == [
        ("reached", "sam"),
        ("no_answer", "nora"),
    ]


def test_calls_to_a_number_count_over_all_its_leads(
    leads: Leads, desk: LeadDesk, maria: Lead, clock: SettableClock
) -> None:
    again = leads.save(new_lead(request_key="again"))
    desk.record_call(maria.id, "no_answer", None, 1, "nora")
    clock.advance(hours=2)
    desk.record_call(again.id, "voicemail", None, 1, "nora")
    assert maria.phone is not None
    assert len(desk.calls_to(maria.phone, clock() - timedelta(hours=24))) == 2
    assert len(desk.calls_to(maria.phone, clock() - timedelta(hours=1))) == 1


def test_nobody_overwrites_what_they_have_not_seen(
    database: Database, leads: Leads, desk: LeadDesk, maria: Lead
) -> None:
    desk.plan_call(maria.id, None, 1, "nora")
    before = leads.find(maria.id), count_rows(database, tables.AuditEntry, tables.LeadCall)
    for change in (
        lambda: desk.record_call(maria.id, "reached", None, 1, "sam"),
        lambda: desk.plan_call(maria.id, None, 1, "sam"),
        lambda: desk.set_owner(maria.id, "sam", 1, "sam"),
        lambda: desk.mark_spam(maria.id, True, 1, "sam"),
        lambda: leads.set_state(maria.id, "closed", 1, "sam"),
    ):
        with pytest.raises(LeadChangedMeanwhile):
            change()
    assert (leads.find(maria.id), count_rows(database, tables.AuditEntry, tables.LeadCall)) == before


def test_an_outcome_nobody_knows_is_refused(desk: LeadDesk, maria: Lead) -> None:
    with pytest.raises(ValueError, match="not an outcome"):
        desk.record_call(maria.id, "busy", None, 1, "nora")


@pytest.mark.parametrize("owner", ["vera", "dan", "nothing"])
def test_a_lead_goes_to_somebody_who_can_work_on_it(
    leads: Leads, desk: LeadDesk, maria: Lead, owner: str
) -> None:
    with pytest.raises(OwnerNotPossible):
        desk.set_owner(maria.id, owner, 1, "sam")
    desk.set_owner(maria.id, "nora", 1, "sam")
    desk.set_owner(maria.id, None, 2, "sam")
    assert leads.find(maria.id).owner_id is None


def test_an_outcome_for_good_ends_the_plan(
    leads: Leads, desk: LeadDesk, maria: Lead, clock: SettableClock
) -> None:
    desk.plan_call(maria.id, clock() + timedelta(hours=1), 1, "nora")
    assert leads.set_state(maria.id, "not_interested", 2, "nora").next_call_at is None


def test_spam_is_closed_and_can_come_back(leads: Leads, desk: LeadDesk, maria: Lead) -> None:
    desk.mark_spam(maria.id, True, 1, "nora")
    assert (leads.find(maria.id).suspected_spam, leads.find(maria.id).state) == (True, "closed")
    desk.mark_spam(maria.id, False, 2, "nora")
    assert (leads.find(maria.id).suspected_spam, leads.find(maria.id).state) == (False, "new")


def test_queues_hold_what_waits(leads: Leads, desk: LeadDesk, maria: Lead, clock: SettableClock) -> None:
    def queue(name: str) -> list[str]:
        return [lead.id for lead in leads.list(wanted=LeadFilter(queue=name), viewer_id="nora").leads]

    assert (queue("open"), queue("overdue"), queue("unowned")) == ([maria.id], [], [maria.id])
    clock.advance(hours=24)
    assert queue("overdue") == [maria.id]  # nobody has called
    desk.record_call(maria.id, "voicemail", clock() + timedelta(hours=2), 1, "nora")
    assert (queue("overdue"), queue("unowned"), queue("mine")) == ([], [], [maria.id])
    clock.advance(hours=2)
    assert queue("overdue") == [maria.id]  # the planned call is due
    leads.set_state(maria.id, "booked", 2, "nora")
    assert leads.count_queues("nora") == {"open": 0, "overdue": 0, "unowned": 0, "mine": 0}


@pytest.mark.parametrize(
    ("filters", "is_found"),
    [
        ({"topic": "neck_pain"}, True),
        ({"topic": "back_pain"}, False),
        ({"contact": "both"}, True),
        ({"source": "contact_form"}, False),
        ({"consent": "test-1"}, True),
        ({"consent": "test-2"}, False),
        ({"age": "week"}, True),
        ({"age": "older"}, False),
        ({"owner": "nobody"}, True),
        ({"owner": "nora"}, False),
        ({"tag": "new patient"}, True),
        ({"tag": "other"}, False),
        ({"spam": "only"}, False),
        ({"spam": "hide", "state": "new"}, True),
    ],
)
def test_filters_are_combined(
    leads: Leads, notes: LeadNotes, maria: Lead, filters: dict[str, str], is_found: bool
) -> None:
    notes.set_tags(maria.id, "New  Patient", "nora")
    wanted = LeadFilter(**filters)
    assert leads.list(wanted=wanted).total == is_found
    page, counts = leads.list_with_counts(50, None, wanted, "nora")
    assert (page.total, sum(counts.values())) == (is_found, is_found)


@pytest.mark.parametrize("filters", [{"queue": "x"}, {"age": "1"}, {"topic": "<b>"}, {"tag": "x" * 200}])
def test_a_filter_that_cannot_be_is_refused(leads: Leads, filters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not a filter"):
        leads.list(wanted=LeadFilter(**filters))


def test_a_lead_is_found_by_what_was_said(
    leads: Leads, conversations: Conversations, team: dict[str, str]
) -> None:
    started = conversations.start(None, timedelta(days=7))
    conversations.accept_message(started.id, "1", "My Knée hurts since the MARATHON")
    conversations.accept_message(started.id, "2", "and the knee again")
    saved = leads.save(new_lead(engine_id=started.engine_id))

    def found(search: str) -> bool:
        return leads.list(wanted=LeadFilter(search=search)).total == 1

    assert all(found(search) for search in ("marathon", "knee", "marath knee", "lopez", saved.reference))
    assert not any(found(search) for search in ("shoulder", "marathon lopez", "athon knee"))
    conversations.forget(started.id)
    assert not found("marathon")


def test_notes_stand_beside_each_other(
    database: Database, notes: LeadNotes, maria: Lead, clock: SettableClock
) -> None:
    notes.add(maria.id, "  Prefers mornings.\r\nHas a dog. ", "nora")
    clock.advance(minutes=1)
    notes.add(maria.id, "x" * LONGEST_NOTE, "sam")
    assert [(note.staff_id, note.text[:20]) for note in notes.list_for(maria.id)] == [
        ("sam", "x" * 20),
        ("nora", "Prefers mornings.\nHa"),
    ]
    assert "dog" not in repr(Audit(database).list_for("lead", maria.id))


def test_a_note_needs_words_and_an_end(notes: LeadNotes, maria: Lead) -> None:
    for text, problem in ((" \n ", NoteEmpty), ("\x00", NoteEmpty), ("x" * (LONGEST_NOTE + 1), NoteTooLong)):
        with pytest.raises(problem):
            notes.add(maria.id, text, "nora")
    with pytest.raises(LeadNotFound):
        notes.add("nothing", "Hello", "nora")


def test_a_draft_is_kept_for_its_writer_until_it_is_saved(notes: LeadNotes, maria: Lead) -> None:
    notes.keep_draft(maria.id, "Half a", "nora")
    notes.keep_draft(maria.id, "Half a sentence", "nora")
    assert (notes.find_draft(maria.id, "nora"), notes.find_draft(maria.id, "sam")) == ("Half a sentence", "")
    notes.add(maria.id, "A whole sentence.", "nora")
    assert notes.find_draft(maria.id, "nora") == ""


def test_tags_are_words_with_commas_between() -> None:
    assert read_tags(" New patient ,, insurance,NEW  PATIENT, ") == ["insurance", "new patient"]
    for wrong in ("<b>", "x" * 31, ",".join("abcdefghijk"), "a;b"):
        with pytest.raises(TagNotPossible):
            read_tags(wrong)


def test_doubles_are_found_and_merged(
    database: Database,
    leads: Leads,
    desk: LeadDesk,
    notes: LeadNotes,
    duplicates: LeadDuplicates,
    maria: Lead,
) -> None:
    second = leads.find(leads.save(new_lead(request_key="2", name="M. Lopez", email=None)).id)
    leads.save(new_lead(request_key="3", phone="+19185550100", email="tom@example.org"))
    assert [lead.id for lead in duplicates.find(maria)] == [second.id]
    notes.add(second.id, "Called from work.", "nora")
    notes.set_tags(second.id, "callback", "nora")
    desk.record_call(second.id, "voicemail", None, 1, "nora")
    duplicates.merge(second.id, maria.id, 2, 1, "nora")
    kept, doubled = leads.find(maria.id), leads.find(second.id)
    assert [note.text for note in notes.list_for(kept.id)] == ["Called from work."]
    assert (len(desk.list_calls(kept.id)), notes.tags_of([kept.id])) == (1, {kept.id: ["callback"]})
    assert kept.first_called_at is not None
    assert (doubled.state, doubled.merged_into_id) == ("closed", kept.id)
    assert duplicates.find(kept) == []
    assert [lead.id for lead in duplicates.find_merged(kept.id)] == [doubled.id]
    assert doubled.id not in [lead.id for lead in leads.list().leads]
    target = duplicates.find_target(doubled)
    assert target is not None and target.id == kept.id
    actions = [entry.action for entry in Audit(database).list_for("lead", kept.id)]
    assert actions[-1] == "merged_in"


def test_a_merge_that_makes_no_sense_is_refused(
    leads: Leads, duplicates: LeadDuplicates, maria: Lead
) -> None:
    second = leads.save(new_lead(request_key="2"))
    with pytest.raises(MergeNotPossible):
        duplicates.merge(maria.id, maria.id, 1, 1, "nora")
    with pytest.raises(LeadChangedMeanwhile):
        duplicates.merge(second.id, maria.id, 1, 7, "nora")
    duplicates.merge(second.id, maria.id, 1, 1, "nora")
    with pytest.raises(MergeNotPossible):
        duplicates.merge(second.id, maria.id, 2, 2, "nora")


def test_many_leads_change_at_once_but_none_that_changed_meanwhile(
    database: Database, leads: Leads, desk: LeadDesk, maria: Lead, clock: SettableClock
) -> None:
    bulk = LeadBulk(database, now=clock)
    second = leads.save(new_lead(request_key="2"))
    third = leads.save(new_lead(request_key="3"))
    desk.plan_call(third.id, None, 1, "sam")
    chosen = {maria.reference: 1, second.reference: 1, third.reference: 1, "OPTC-NOTHIN": 1}
    assert bulk.assign(chosen, "nora", "sam") == sorted([third.reference, "OPTC-NOTHIN"])
    assert [leads.find(lead_id).owner_id for lead_id in (maria.id, second.id, third.id)] == [
        "nora",
        "nora",
        None,
    ]
    assert bulk.close({maria.reference: 2}, "sam") == []
    assert leads.find(maria.id).state == "closed"
    with pytest.raises(OwnerNotPossible):
        bulk.assign({second.reference: 2}, "vera", "sam")
    with pytest.raises(ValueError, match="at once"):
        bulk.close({str(number): 1 for number in range(201)}, "sam")


def save_with_conversation(leads: Leads, conversations: Conversations) -> tuple[Lead, str]:
    started = conversations.start(None, timedelta(days=7))
    conversations.accept_message(started.id, "1", "I am Maria")
    return leads.find(
        leads.save(new_lead(request_key="talk", engine_id=started.engine_id)).id
    ), started.engine_id


def everything_about(database: Database) -> str:
    with database.transaction(read_only=True) as session:
        rows = [
            repr({name: value for name, value in vars(row).items() if not name.startswith("_")})
            for mapper in tables.Base.registry.mappers
            for row in session.query(mapper.class_)
        ]
    return "\n".join(rows)


def test_a_person_is_removed_but_not_what_happened(
    database: Database, leads: Leads, conversations: Conversations, notes: LeadNotes, team: dict[str, str]
) -> None:
    lead, engine_id = save_with_conversation(leads, conversations)
    notes.add(lead.id, "Maria has a dog", "nora")
    notes.keep_draft(lead.id, "Maria again", "nora")
    assert LeadRemoval(database).anonymise(lead.id, 1, "sam") == [engine_id]
    left = everything_about(database)
    assert not any(word in left for word in ("Maria", "maria", "5550134", "Lopez", "lopez", "mornings"))
    kept = leads.find(lead.id)
    assert (kept.name, kept.state, kept.topic) == ("Removed", "closed", "neck_pain")
    assert count_rows(database, tables.OutboxEntry) == [0]
    assert leads.save(new_lead(request_key="talk")).id != lead.id


def test_a_lead_is_deleted_with_everything_around_it(
    database: Database,
    leads: Leads,
    conversations: Conversations,
    notes: LeadNotes,
    duplicates: LeadDuplicates,
    maria: Lead,
) -> None:
    lead, engine_id = save_with_conversation(leads, conversations)
    notes.add(lead.id, "Maria has a dog", "nora")
    duplicates.merge(maria.id, lead.id, 1, 1, "nora")
    assert LeadRemoval(database).delete(lead.id, 2, "sam") == [engine_id]
    kinds = (tables.Lead, tables.LeadNote, tables.OutboxEntry, tables.Conversation, tables.ConversationWord)
    assert count_rows(database, *kinds) == [0] * 5
    assert "Maria" not in everything_about(database)
    assert Audit(database).list_for("lead", lead.id)[-1].action == "deleted"


def test_a_removal_does_not_run_over_a_change(database: Database, leads: Leads, maria: Lead) -> None:
    removal = LeadRemoval(database)
    for remove in (removal.delete, removal.anonymise):
        with pytest.raises(LeadChangedMeanwhile):
            remove(maria.id, 7, "sam")
    assert leads.find(maria.id).name == "Maria Lopez"


def test_a_view_is_a_persons_own(database: Database, team: dict[str, str]) -> None:
    views = SavedViews(database)
    views.save("nora", "  Backs  to call ", LeadFilter(topic="back_pain", search="Lopez"))
    views.save("nora", "Backs to call", LeadFilter(topic="back_pain", state="new"))
    [view] = views.list_for("nora")
    assert (view.name, view.filters) == ("Backs to call", {"topic": "back_pain", "state": "new"})
    views.delete("sam", view.id)
    assert len(views.list_for("nora")) == 1
    views.delete("nora", view.id)
    assert views.list_for("nora") == []


def test_a_view_needs_a_name_and_a_filter(database: Database, team: dict[str, str]) -> None:
    views = SavedViews(database)
    for name, wanted in (
        ("", LeadFilter(state="new")),
        ("x" * 41, LeadFilter(state="new")),
        ("All", LeadFilter()),
    ):
        with pytest.raises(ViewNotSaved):
            views.save("nora", name, wanted)
    for number in range(20):
        views.save("nora", str(number), LeadFilter(state="new"))
    with pytest.raises(ViewNotSaved):
        views.save("nora", "one more", LeadFilter(state="new"))


def test_a_notice_can_be_sent_again(
    database: Database, leads: Leads, maria: Lead, clock: SettableClock
) -> None:
    outbox = Outbox(database, now=clock)
    [notice] = outbox.list_due()
    outbox.record_channel(notice.id, "mail")
    outbox.record_failure(notice.id, "The web address answered with the error 500.")
    assert outbox.find_stuck([maria.id]) == {maria.id}
    outbox.resend(notice.id, "nora")
    assert ([due.id for due in outbox.claim_due()], outbox.channels_done(notice.id)) == ([notice.id], set())
