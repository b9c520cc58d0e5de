"""Requests on the screen: the list, one request, and what two people do to it at once."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from clinic.audit import Audit
from clinic.conversations import NewReply
from clinic.leads import SavedLead
from clinic.storage import tables
from clinic.storage.database import StorageUnavailable
from tests.web.conftest import Site
from tests.web.console.conftest import Person, hold_conversation, save_lead, shown
from web.console.desk import Desk

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


async def test_the_list_shows_what_one_needs_to_call(nora: Person, maria: SavedLead) -> None:
    page = shown(await nora.get("/leads"))
    for words in (
        "Maria Lopez",
        "(405) 555-0134",
        "maria@example.org",
        "Neck pain",
        "mornings",
        "New",
        maria.reference,
    ):
        assert words in page


async def test_a_search_stays_out_of_the_address(site: Site, nora: Person, maria: SavedLead) -> None:
    save_lead(site, request_key="2", name="Tom Hall", phone="+19185550100", email=None)
    response = await nora.post("/leads/search", search="lopez")
    assert response.headers["location"] == "/console/leads/found"
    page = shown(await nora.get("/leads/found"))
    assert "Maria Lopez" in page and "Tom Hall" not in page and "1 request matches" in page


@pytest.mark.parametrize(
    "query",
    ["?state=lost", "?queue=%3Cscript%3E", "?before=nothing", "?age=1", "?tag=" + "x" * 500, "?contact=post"],
)
async def test_a_filter_typed_by_hand_gets_a_clear_message(
    nora: Person, maria: SavedLead, query: str
) -> None:
    response = await nora.get(f"/leads{query}")
    assert (response.status_code, "That choice is not possible" in shown(response)) == (400, True)


async def test_filters_queues_and_pages_go_together(site: Site, nora: Person) -> None:
    for number in range(55):
        save_lead(site, request_key=str(number), name=f"Visitor {number:02}", topic="back_pain")
    save_lead(site, request_key="other", name="Maria Other")
    page = await nora.get("/leads?queue=unowned&topic=back_pain")
    assert page.text.count('class="name"') == 50
    link = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert link and "topic=back_pain" in link[1]
    rest = await nora.client.get(link[1].replace("&amp;", "&"))
    assert rest.text.count('class="name"') == 5
    assert "Maria Other" not in page.text + rest.text


async def test_a_view_is_kept_and_deleted(nora: Person, maria: SavedLead) -> None:
    await nora.post("/views", name="Necks", topic="neck_pain")
    page = await nora.get("/leads?topic=neck_pain")
    assert re.search(r'href="/console/leads\?topic=neck_pain" aria-current="page">Necks', page.text)
    view = re.search(r"/console/views/([^/]+)/delete", page.text)
    assert view
    await nora.post(f"/views/{view[1]}/delete")
    assert "Necks" not in (await nora.get("/leads")).text
    assert "The view was not saved" in shown(await nora.post("/views", name="All"))


async def test_many_are_given_away_or_closed(site: Site, desk: Desk, nora: Person, maria: SavedLead) -> None:
    assert nora.account
    tom = save_lead(site, request_key="2", name="Tom")
    desk.lead_desk.plan_call(tom.id, None, 1, nora.account.id)  # changed after the list was shown
    chosen = [f"{maria.reference}:1", f"{tom.reference}:1"]
    response = await nora.post("/leads/bulk", chosen=chosen, action="assign", new_owner=nora.account.id)
    assert response.status_code == 409
    assert f"1 changed, 1 left alone. Somebody else changed {tom.reference}" in shown(response)
    assert desk.leads.find(maria.id).owner_id == nora.account.id
    await nora.post("/leads/bulk", chosen=f"{maria.reference}:2", action="close")
    assert desk.leads.find(maria.id).state == "closed"
    for fields, status in (({"action": "close"}, 400), ({"chosen": "x", "action": "close"}, 400)):
        assert (await nora.post("/leads/bulk", **fields)).status_code == status


async def test_two_people_closing_one_request_are_told(
    desk: Desk, people: dict[str, Person], maria: SavedLead
) -> None:
    nora, adam = people["staff"], people["admin"]
    first = await nora.post(f"/leads/{maria.reference}/state", state="booked", version="1")
    second = await adam.post(f"/leads/{maria.reference}/state", state="closed", version="1")
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Someone else changed this request. It is now Booked" in shown(second)
    assert desk.leads.find(maria.id).state == "booked"


async def test_a_call_is_written_down_with_its_note(desk: Desk, nora: Person, maria: SavedLead) -> None:
    form = {"outcome": "voicemail", "version": "1", "next_call": "next_morning", "note": "Said hello."}
    response = await nora.post(f"/leads/{maria.reference}/calls", **form)
    assert response.headers["location"].endswith("?done=called")
    page = shown(await nora.get(f"/leads/{maria.reference}?done=called"))
    for words in (
        "The call is saved",
        "Left a voicemail Nora",
        "Said hello.",
        "Called: Left a voicemail",
        "Owner Nora",
    ):
        assert words in page
    assert desk.leads.find(maria.id).next_call_at is not None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose how the call ended"),
        ({"outcome": "reached", "next_call": "typed"}, "Choose a day and a time"),
        ({"outcome": "reached", "next_call_at": "2020-01-01T10:00"}, "is over already"),
        ({"outcome": "reached", "next_call_at": "2026-12-01T23:00"}, "between 8 AM and 8 PM"),
        ({"outcome": "reached", "note": "x" * 4001}, "A note can have 4,000 characters"),
    ],
)
async def test_a_call_that_is_not_clear_saves_nothing_and_keeps_what_was_typed(
    desk: Desk, nora: Person, maria: SavedLead, fields: dict[str, str], said: str
) -> None:
    fields = {"note": "Kept words", **fields}
    response = await nora.post(f"/leads/{maria.reference}/calls", version="1", **fields)
    assert response.status_code == 400
    assert said in shown(response) and fields["note"] in response.text
    assert desk.lead_desk.list_calls(maria.id) == []


async def test_enough_calls_take_the_call_button_away(desk: Desk, nora: Person, maria: SavedLead) -> None:
    assert nora.account
    for version in (1, 2, 3):
        desk.lead_desk.record_call(maria.id, "no_answer", None, version, nora.account.id)
    page = await nora.get(f"/leads/{maria.reference}")
    assert "was called 3 times in 24 hours. Oklahoma allows three" in shown(page)
    assert '<a class="button low" href="tel:' not in page.text


async def test_every_hostile_word_is_only_text(site: Site, nora: Person) -> None:
    conversation = hold_conversation(
        site,
        (
            HOSTILE,
            {"decision": "answer", "intent": HOSTILE},
            NewReply("answer", f"[x](javascript:1) {HOSTILE}"),
        ),
    )
    saved = save_lead(site, name=HOSTILE, preferred_time=HOSTILE, email=None)
    await nora.post(f"/leads/{saved.reference}/notes", note=HOSTILE)
    await nora.post("/leads/search", search=HOSTILE)
    for path in (
        "/leads",
        "/leads/found",
        f"/leads/{saved.reference}",
        "/conversations",
        f"/conversations/{conversation}",
        "/numbers",
    ):
        page = (await nora.get(path)).text
        assert "<script>alert" not in page and "<img src=x" not in page, path
        assert 'href="javascript' not in page, path
    assert "&lt;script&gt;alert(1)" in (await nora.get(f"/leads/{saved.reference}")).text


async def test_a_note_of_five_megabytes_is_refused_in_words(
    desk: Desk, nora: Person, maria: SavedLead
) -> None:
    response = await nora.post(f"/leads/{maria.reference}/notes", note="x" * 5_000_000)
    assert response.status_code == 413
    assert "too much text" in shown(response)
    too_long = await nora.post(f"/leads/{maria.reference}/notes", note="y" * 5000)
    assert (too_long.status_code, "y" * 5000 in too_long.text) == (400, True)
    assert desk.notes.list_for(maria.id) == []


@pytest.mark.parametrize("reference", ["OPTC-NOTHIN", "a" * 300, "..%2F..%2Fetc", "%F0%9F%A9%BA"])
async def test_an_unknown_request_is_said(nora: Person, reference: str) -> None:
    response = await nora.get(f"/leads/{reference}")
    assert (response.status_code, "There is no such request" in shown(response)) == (404, True)
    assert (await nora.post(f"/leads/{reference}/state", state="closed", version="1")).status_code == 404


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "1" * 30])
async def test_a_form_with_a_broken_version_changes_nothing(
    desk: Desk, nora: Person, maria: SavedLead, version: str
) -> None:
    response = await nora.post(f"/leads/{maria.reference}/state", state="closed", version=version)
    assert response.status_code == 400
    assert desk.leads.find(maria.id).state == "new"


async def test_looking_is_recorded(site: Site, nora: Person, maria: SavedLead) -> None:
    assert nora.account
    await nora.get(f"/leads/{maria.reference}")
    last = Audit(site.app.ctx.database).list_for("lead", maria.id)[-1]
    assert (last.action, last.actor) == ("viewed", nora.account.id)
    assert "Opened 2 times" in shown(await nora.get(f"/leads/{maria.reference}"))


async def test_doubles_are_merged_on_the_page(site: Site, nora: Person, maria: SavedLead) -> None:
    double = save_lead(site, request_key="2", name="M. Lopez")
    assert "Same phone number" in shown(await nora.get(f"/leads/{maria.reference}"))
    form = {"other": double.reference, "version": "1", "other_version": "1"}
    assert (await nora.post(f"/leads/{maria.reference}/merge", **form)).status_code == 303
    assert f"Go on with {maria.reference}" in shown(await nora.get(f"/leads/{double.reference}"))
    again = await nora.post(
        f"/leads/{maria.reference}/merge", **form | {"version": "2", "other_version": "2"}
    )
    assert "cannot be merged" in shown(again)


async def test_owner_tags_spam_and_plan(desk: Desk, nora: Person, maria: SavedLead) -> None:
    assert nora.account
    lead = f"/leads/{maria.reference}"
    await nora.post(f"{lead}/owner", owner=nora.account.id, version="1")
    await nora.post(f"{lead}/tags", tags="Callback, new patient")
    await nora.post(f"{lead}/next-call", next_call="next_morning", version="2")
    page = shown(await nora.get(lead))
    for words in ("Owner Nora", "callback", "new patient", "Owner: nobody → to Nora", "Next call planned"):
        assert words in page
    await nora.post(f"{lead}/spam", spam="yes", version="3")
    assert (desk.leads.find(maria.id).state, desk.leads.find(maria.id).suspected_spam) == ("closed", True)
    assert "A tag has letters" in shown(await nora.post(f"{lead}/tags", tags="<b>"))
    assert "cannot work on requests" in shown(await nora.post(f"{lead}/owner", owner="nothing", version="4"))


async def test_a_person_is_removed_only_when_somebody_is_sure(
    site: Site, desk: Desk, adam: Person, maria: SavedLead
) -> None:
    for path in ("anonymise", "delete"):
        response = await adam.post(f"/leads/{maria.reference}/{path}", version="1")
        assert (response.status_code, "Nothing was removed" in shown(response)) == (400, True)
    await adam.post(f"/leads/{maria.reference}/anonymise", version="1", confirmed="yes")
    page = shown(await adam.get(f"/leads/{maria.reference}"))
    assert "The contact details were removed" in page and "Lopez" not in page
    await adam.post(f"/leads/{maria.reference}/delete", version="2", confirmed="yes")
    assert (await adam.get(f"/leads/{maria.reference}")).status_code == 404


async def test_the_engine_forgets_with_the_request(
    site: Site, desk: Desk, adam: Person, scripted_engine: object
) -> None:
    forgotten: list[str] = []
    site.app.ctx.console_desk.forgetting.start = forgotten.append
    conversation = hold_conversation(site, ("I am Maria", None, NewReply("answer", "Hello.")))
    with site.app.ctx.database.transaction() as session:
        engine_id = session.get_one(tables.Conversation, conversation).engine_id
    saved = save_lead(site, engine_id=engine_id)
    await adam.post(f"/leads/{saved.reference}/delete", version="1", confirmed="yes")
    assert forgotten == [engine_id]


async def test_the_list_leaves_as_a_file(site: Site, nora: Person, maria: SavedLead) -> None:
    save_lead(site, request_key="2", name="=1+1", topic="back_pain", email=None)
    response = await nora.get("/leads/export/csv")
    assert response.headers["content-type"].startswith("text/csv")
    assert re.fullmatch(
        r'attachment; filename="requests-\d{4}-\d\d-\d\d\.csv"', response.headers["content-disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"), newline="")))
    assert [(row["name"], row["phone"]) for row in rows] == [
        ("'=1+1", "(405) 555-0134"),
        ("Maria Lopez", "(405) 555-0134"),
    ]
    filtered = await nora.get("/leads/export/json?topic=neck_pain")
    assert [row["name"] for row in json.loads(filtered.text)] == ["Maria Lopez"]
    await nora.post("/leads/search", search="maria")
    assert len(json.loads((await nora.get("/leads/found/export/json")).text)) == 1
    assert json.loads((await nora.get("/leads/export/json?topic=other")).text) == []
    assert (await nora.get("/leads/export/xls")).status_code == 404
    assert (await nora.get("/leads/export/csv?state=lost")).status_code == 400
    entries = Audit(site.app.ctx.database).list_for("leads", "list")
    assert len(entries) == 4 and {entry.action for entry in entries} == {"exported"}


async def test_a_notice_that_did_not_leave_shows_and_is_sent_again(
    desk: Desk, nora: Person, maria: SavedLead
) -> None:
    [notice] = desk.outbox.list_due()
    desk.outbox.record_failure(notice.id, "The mail server answered with the error 451.")
    assert "Notice not sent" in shown(await nora.get("/leads"))
    page = shown(await nora.get(f"/leads/{maria.reference}"))
    assert "was not sent. The mail server answered with the error 451." in page
    health = shown(await nora.get("/notices"))
    assert "No notices are set up" in health and "1 try failed" in health
    await nora.post(f"/leads/{maria.reference}/notices/{notice.id}/resend")
    assert [due.id for due in desk.outbox.list_due()] == [notice.id]
    desk.outbox.record_failure(notice.id, "no")
    await nora.post(f"/notices/{notice.id}/resend")
    assert [due.id for due in desk.outbox.list_due()] == [notice.id]


async def test_a_database_that_is_away_is_said_and_a_note_is_given_back(
    desk: Desk, nora: Person, maria: SavedLead, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await nora.form_token()

    def fail(*_: object) -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(desk.notes, "add", fail)
    response = await nora.post(f"/leads/{maria.reference}/notes", form_token=token, note="Precious words")
    assert (response.status_code, "Precious words" in response.text) == (503, True)
    assert response.headers["retry-after"] == "5"
