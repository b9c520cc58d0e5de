"""The studio over HTTP: a content team of two, a small project, and everything that can come between."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinic.audit import Audit
from clinic.conversations import NewReply
from clinic.storage import tables
from tests.web.conftest import Site
from tests.web.console.conftest import Person, hold_conversation
from tests.web.scripted_engine import ScriptedEngine

PARKING = "/studio/topics/faq/parking"


@pytest.fixture
def file(project: Path) -> Path:
    return project / "data" / "faq" / "parking.yml"


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send back unchanged from the page's form; the ways to ask are a list."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="(?:hidden|text)"[^>]*name="([^"]+)" value="([^"]*)"', page):
        if name.startswith("wordings-"):
            found.setdefault(name, []).append(unescape(value))
        else:
            found[name] = unescape(value)
    for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        if name in found:
            found[name].append(unescape(value))
        else:
            found[name] = unescape(value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        found[name] = re.findall(r'value="([^"]+)" selected', options)[0]
    return {name: value for name, value in found.items() if name != "form_token"}


async def open_form(person: Person, address: str = PARKING) -> dict[str, Any]:
    page = await person.get(address)
    assert page.status_code == 200, page.text
    return fields_of(page.text)


async def save(person: Person, fields: dict[str, Any], address: str = PARKING) -> httpx.Response:
    return await person.post(address, **fields)


async def test_saving_an_untouched_form_changes_nothing(carl: Person, file: Path) -> None:
    before = file.read_bytes()
    response = await save(carl, await open_form(carl))
    assert response.headers["location"].endswith("?done=same")
    assert file.read_bytes() == before


async def test_a_change_is_saved_written_down_and_takes_the_approval_back(
    carl: Person, adam: Person, file: Path, site: Site
) -> None:
    page = (await adam.get("/studio/review")).text
    version = re.search(r'faq/parking/approve".*?name="version" value="(\w+)"', page, re.DOTALL)
    assert version is not None
    response = await adam.post("/studio/review/faq/parking/approve", version=version[1])
    assert response.headers["location"].endswith("done=approved")
    assert "approved_by: Adam" in file.read_text(encoding="utf-8")
    fields = await open_form(carl)
    fields["wordings-0"][-1] = "room for a trailer?"
    await save(carl, fields)
    assert "status: clinic_approved" in file.read_text(encoding="utf-8")  # the answer is the approved one
    fields = await open_form(carl)
    fields["text-1"] = "The team may tell you, {lead_name}."
    assert (await save(carl, fields)).headers["location"].endswith("?done=saved")
    text = file.read_text(encoding="utf-8")
    assert "approved_by" not in text
    assert "written_by: Carl" in text
    actions = [(entry.actor, entry.action, entry.detail) for entry in
               Audit(site.app.ctx.database).list_for("topic", "data/faq/parking.yml")]  # fmt: skip
    assert actions == [
        ("admin", "topic_approved", {}),
        ("content", "topic_changed", {"changed": ["wordings"]}),
        ("content", "topic_changed", {"changed": ["record", "answers"]}),
    ]


async def test_a_way_to_ask_is_taken_out_by_emptying_its_row_and_nothing_else_changes(
    carl: Person, file: Path
) -> None:
    before = file.read_text(encoding="utf-8").splitlines()
    fields = await open_form(carl)
    gone = fields["wordings-0"][1]
    fields["wordings-0"][1] = ""
    fields["wordings-0"][-1] = "space for a trailer?\nand for two?"
    await save(carl, fields)
    after = file.read_text(encoding="utf-8").splitlines()
    assert [line for line in before if line not in after] == [f"    - {gone}"]
    assert [line for line in after if line not in before] == [
        "    - space for a trailer?",
        "    - and for two?",
    ]


async def test_nobody_approves_their_own_words(adam: Person, file: Path) -> None:
    fields = await open_form(adam)
    fields["text-1"] = "You may ask the team, {lead_name}."
    await save(adam, fields)
    version = (await open_form(adam))["version"]
    response = await adam.post("/studio/review/faq/parking/approve", version=version)
    assert response.status_code == 409
    assert "You wrote this answer" in response.text
    # also when the name is taken out of the file by hand: the record of changes knows
    file.write_text(file.read_text(encoding="utf-8").replace("    written_by: Adam\n", ""), encoding="utf-8")
    version = (await open_form(adam))["version"]
    response = await adam.post("/studio/review/faq/parking/approve", version=version)
    assert "You wrote this answer" in response.text
    assert "clinic_approved" not in file.read_text(encoding="utf-8")


async def test_what_was_not_read_is_not_approved(adam: Person, file: Path) -> None:
    version = (await open_form(adam))["version"]
    file.write_text(file.read_text(encoding="utf-8").replace("The team", "The whole team"), encoding="utf-8")
    response = await adam.post("/studio/review/faq/parking/approve", version=version)
    assert response.status_code == 409
    assert "the file changed after this page was shown" in response.text


async def test_the_second_of_two_editors_is_told_and_keeps_the_words(
    carl: Person, adam: Person, file: Path
) -> None:
    mine, theirs = await open_form(carl), await open_form(adam)
    await save(carl, mine | {"title-0": "Can I park?"})
    saved = file.read_bytes()
    response = await save(adam, theirs | {"title-0": "Is there parking?"})
    assert response.status_code == 409
    assert "the file changed while you wrote" in response.text
    assert "Is there parking?" in response.text
    assert file.read_bytes() == saved


async def test_a_file_broken_by_hand_names_the_line(carl: Person, file: Path) -> None:
    fields = await open_form(carl)
    file.write_text("nlu:\n- intent: [ask_parking\nresponses: {", encoding="utf-8")
    for response in (await carl.get(PARKING), await save(carl, fields)):
        assert response.status_code == 409
        assert "data/faq/parking.yml" in response.text
        assert re.search(r"line \d", response.text)
    assert "Broken file" in (await carl.get("/studio")).text


async def test_a_wording_of_another_topic_is_told_and_not_taken_away(carl: Person, project: Path) -> None:
    fields = await open_form(carl)
    fields["wordings-0"][-1] = "towels?"
    checked = (await carl.post(f"{PARKING}/check", **fields)).json()
    assert any("of ask_towels" in note["message"] for note in checked["notes"])
    assert checked["similar"][0][2] == "ask_towels"
    shown = await save(carl, fields | {"wish": "check"})
    assert "of ask_towels" in shown.text


async def test_what_cannot_be_read_is_shown_again_as_it_was_typed(carl: Person, file: Path) -> None:
    before = file.read_bytes()
    response = await save(carl, await open_form(carl) | {"buttons-0": "Only a title"})
    assert response.status_code == 400
    assert "Only a title" in response.text
    assert "needs two parts" in response.text
    assert file.read_bytes() == before


async def test_a_full_disk_is_said_and_the_file_stays(
    carl: Person, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    fields = await open_form(carl) | {"title-0": "Can I park?"}

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("content.workshop.os.fsync", fail)
        response = await save(carl, fields)
    assert response.status_code == 503
    assert "No space left on device" in response.text
    assert "Can I park?" in response.text
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob(".*")] == []


@pytest.mark.parametrize("address", ["/studio/topics/faq/nothing", "/studio/topics/faq/..%2f..%2fdomain",
                                     "/studio/topics/%2e%2e/domain"])  # fmt: skip
async def test_no_other_file_can_be_reached(carl: Person, project: Path, address: str) -> None:
    assert (await carl.get(address)).status_code == 404


async def test_a_new_question_begins_as_a_draft(carl: Person, project: Path) -> None:
    tea = {"title": "Is there tea?", "ways": "tea?\na cup", "answer": "Yes.", "facts": "P01"}
    response = await carl.post("/studio/new", **tea)
    assert response.headers["location"] == "/console/studio/topics/faq/is_there_tea?done=added"
    fields = await open_form(carl, "/studio/topics/faq/is_there_tea")
    assert fields["state-0"] == "draft"
    assert "Is there tea?" in (await carl.get("/studio?kind=draft")).text
    again = await carl.post("/studio/new", **tea)
    assert again.status_code == 400
    assert "exists already" in again.text


async def test_the_list_counts_what_visitors_asked_and_thought(
    carl: Person, project: Path, site: Site
) -> None:
    understood = {"decision": "answer", "intent": "ask_parking", "confidence": 0.9}
    hold_conversation(site, ("where do I park", understood, NewReply("answer", "There.")))
    with site.app.ctx.database.transaction() as session:
        reply = session.query(tables.Message).filter_by(author="assistant").one()
        session.add(tables.Feedback(message_id=reply.id, verdict="down", created_at=reply.created_at))
    page = (await carl.get("/studio?kind=disliked")).text
    assert "Asked 1" in page
    assert "Did not help 1" in page
    assert "1 question." in page
    assert "Nothing found" in (await carl.get("/studio?search=zebra")).text


async def test_a_message_is_tried_without_a_conversation_and_kept(
    carl: Person, project: Path, site: Site, scripted_engine: ScriptedEngine
) -> None:
    page = (await carl.post("/studio/try", message="how long is it")).text
    assert "It answers" in page
    assert "93 % sure" in page
    assert scripted_engine.turns == []
    kept = await carl.post("/studio/try/keep", message="is my car fine there", topic="parking")
    assert "Kept as a test" in kept.text
    assert "is my car fine there" in (project / "tests/conversations/test_kept.yml").read_text(
        encoding="utf-8"
    )
    assert (
        "already tested"
        in (await carl.post("/studio/try/keep", message="Is my car fine there", topic="parking")).text
    )


PARKED = {"decision": "answer", "intent": "ask_parking", "confidence": 0.9}
TOLD = {"decision": "dialogue", "intent": "give_details", "confidence": 0.9}
TALK = (
    ("where can Maria Lopez leave her truck", PARKED, NewReply("answer", "Behind the house.")),
    ("call me back", TOLD, NewReply("question", "Your name?", ask="name")),
    ("Maria Lopez", TOLD, NewReply("question", "Your number?", ask="contact")),
    ("does a meter run, ask 405-555-0134", PARKED, NewReply("answer", "Behind the house.")),
)


async def test_a_conversation_is_kept_after_somebody_has_read_it(
    carl: Person, project: Path, site: Site
) -> None:
    address = f"/studio/keep/{hold_conversation(site, *TALK)}"
    page = (await carl.get(address)).text
    assert "where can ••• ••• leave her truck" in page and "does a meter run, ask •••" in page
    assert not any(detail in page for detail in ("Maria", "Lopez", "0134", "call me back"))
    lines = {"text-0": "where can ••• leave her truck", "topic-0": "parking", "keep-0": "yes"}
    lines |= {"text-1": "does a meter run on sundays", "topic-1": "parking", "keep-1": "yes"}
    refused = await carl.post(address, **lines)
    assert refused.status_code == 400 and "Put other words in that place." in refused.text
    kept = project / "tests/conversations/test_kept.yml"
    assert not kept.exists()
    lines["text-0"] = "where can my sister leave her truck"
    assert "kept conversation about parking 1" in (await carl.post(address, **lines)).text
    text = kept.read_text(encoding="utf-8")
    assert "my sister" in text and "on sundays" in text
    del lines["keep-0"], lines["keep-1"]
    assert "No message was chosen." in (await carl.post(address, **lines)).text


async def test_only_writers_keep_a_conversation(people: dict[str, Person], project: Path, site: Site) -> None:
    address = f"/studio/keep/{hold_conversation(site, *TALK)}"
    assert (await people["staff"].get(address)).status_code == 403
    assert (await people["content"].get("/studio/keep/nothing")).status_code == 404


async def test_an_engine_that_does_not_answer_is_said(
    carl: Person, project: Path, scripted_engine: ScriptedEngine
) -> None:
    for behaviour in ("error_500", "not_json"):
        scripted_engine.behaviour = behaviour
        response = await carl.post("/studio/try", message="hello")
        assert response.status_code == 503
        assert "does not answer right now" in response.text
    await scripted_engine.refuse()
    assert (await carl.post("/studio/try", message="hello")).status_code == 503


async def test_all_answers_can_be_printed(carl: Person, project: Path) -> None:
    page = (await carl.get("/studio/review/print")).text
    assert "Call {clinic_phone} first" in page
    assert "Signed:" in page


async def test_a_stored_message_is_tried_again_but_never_contact_details(carl: Person, site: Site) -> None:
    understood = {"decision": "answer", "intent": "ask_cost", "confidence": 0.9}
    hold_conversation(
        site,
        ("what do you charge", understood, NewReply("answer", "That depends.")),
        ("call me at 405-555-0134", understood, NewReply("answer", "We may.")),
    )
    address = re.search(r'href="/console(/conversations/[\w-]+)"', (await carl.get("/conversations")).text)
    assert address is not None
    page = (await carl.get(address[1])).text
    assert page.count('action="/console/studio/try"') == 1
    assert 'name="message" value="what do you charge"' in page
    assert "555" not in page
