"""From the inbox into a draft: each wording is read by a person, nothing personal, and nothing is lost."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from clinic.audit import Audit
from content.releases import ReleaseNote, Releases, State
from tests.web.conftest import Site
from tests.web.console.conftest import Person, ask_unanswered, shown

INBOX = "/studio/inbox"
WRITE = "/studio/inbox/write"
OUT_OF_SCOPE = """version: "3.1"
nlu:
# what we do not do
- intent: out_of_scope
  metadata: {title: Something else, facts: [L01]}
  examples: |
    - refill my pills
responses: {}
"""


@pytest.fixture
def file(project: Path) -> Path:
    return project / "data" / "faq" / "parking.yml"


@pytest.fixture
def cars(site: Site, project: Path) -> None:
    """Two wordings of one question."""
    ask_unanswered(site, "any room for CARS at yours", "where do the CARS go")


async def choose(person: Person, wish: str = "add") -> str:
    """Press a button of the first cluster; returns the address where its wordings are read."""
    page = (await person.get(INBOX)).text
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page)
    response = await person.post(INBOX, form_from=INBOX, wish=wish, chosen=chosen)
    assert response.status_code == 303, response.text
    return response.headers["location"].removeprefix("/console")


async def open_rows(person: Person, address: str) -> dict[str, Any]:
    """The form's fields as a person sends them who has read and confirmed every wording."""
    page = (await person.get(address)).text
    fields: dict[str, Any] = {"chosen": re.findall(r'name="chosen" value="([^"]+)"', page)}
    for name, value in re.findall(r'name="(wording-[^"]+)" value="([^"]*)"', page):
        fields[name] = value
        fields[name.replace("wording", "confirmed")] = "yes"
    return fields


def first_row(fields: dict[str, Any]) -> str:
    return next(name for name in fields if name.startswith("wording-"))


async def write(person: Person, fields: dict[str, Any], place: str = "faq/parking") -> httpx.Response:
    return await person.post(WRITE, **{"place": place} | fields)


def added(before: str, after: str) -> list[str]:
    """The lines that are new; every other line must be where it was."""
    new = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line for line in after.splitlines() if line not in new] == before.splitlines()
    return new


@pytest.mark.usefixtures("cars")
async def test_confirmed_wordings_go_into_the_draft_and_every_other_line_stays(
    carl: Person, file: Path, site: Site
) -> None:
    before = file.read_text(encoding="utf-8")
    fields = await open_rows(carl, await choose(carl))
    fields[first_row(fields)] = "is there room for my car at yours"
    response = await write(carl, fields)
    assert response.status_code == 303
    assert added(before, file.read_text(encoding="utf-8")) == [
        "    - is there room for my car at yours",
        "    - where do the CARS go",
    ]
    page = shown(await carl.get(response.headers["location"].removeprefix("/console")))
    assert "Written into the draft" in page and "Nothing here" in page
    assert "In the draft parking" in shown(await carl.get(f"{INBOX}?show=handled"))
    [entry] = Audit(site.app.ctx.database).list_for("topic", "data/faq/parking.yml")
    assert (entry.actor, entry.action, entry.detail) == (
        "content",
        "topic_changed",
        {"changed": ["wordings"]},
    )


@pytest.mark.usefixtures("cars")
async def test_what_nobody_has_read_is_not_written(carl: Person, file: Path) -> None:
    before = file.read_bytes()
    fields = await open_rows(carl, await choose(carl))
    del fields[first_row(fields).replace("wording", "confirmed")]
    response = await write(carl, fields)
    assert response.status_code == 400 and "tick that it does not say who asked" in shown(response)
    assert file.read_bytes() == before


@pytest.mark.usefixtures("cars")
async def test_an_emptied_wording_is_left_out_and_stays_in_the_inbox(carl: Person, file: Path) -> None:
    fields = await open_rows(carl, await choose(carl))
    fields[first_row(fields)] = " "
    assert (await write(carl, fields)).status_code == 303
    assert "CARS at yours" not in file.read_text(encoding="utf-8")
    assert "any room for CARS at yours" in shown(await carl.get(INBOX))
    fields = await open_rows(carl, await choose(carl))
    fields[first_row(fields)] = ""
    assert "There is nothing to write" in shown(await write(carl, fields))


PERSONAL = (
    "any room for CARS at ••• yours",
    "any room for CARS, call 405-555-0134",
    "any room for CARS, mail jonas@example.org",
    "my name is Jonas Kahler, any room for CARS",
    "my ssn is 123-45-6789, any room for CARS",
    "born 03/04/1961, any room for CARS",
)


@pytest.mark.usefixtures("cars")
@pytest.mark.parametrize("typed", PERSONAL)
async def test_personal_data_does_not_reach_a_file_even_when_somebody_types_and_confirms_it(
    carl: Person, file: Path, project: Path, typed: str
) -> None:
    before = file.read_bytes()
    fields = await open_rows(carl, await choose(carl))
    fields[first_row(fields)] = typed
    response = await write(carl, fields)
    assert response.status_code == 400 and "Nothing was written" in shown(response)
    assert file.read_bytes() == before
    tea = {"title": "Any room?", "ways": "", "answer": "Yes.", "facts": "P01"}
    assert (await carl.post("/studio/new", **fields, **tea)).status_code == 400
    assert not (project / "data/faq/any_room.yml").exists()


async def test_a_mask_that_lets_through_a_number_is_seen_by_this_check(
    carl: Person, file: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: without the inbox's mask the second look still refuses; without both it is in the file."""
    with monkeypatch.context() as planted:
        planted.setattr("clinic.inbox_talks.mask_person", lambda text, names: text)
        ask_unanswered(site, "any room for CARS, call 405-555-0134")
    fields = await open_rows(carl, await choose(carl))
    assert (await write(carl, fields)).status_code == 400
    assert "0134" not in file.read_text(encoding="utf-8")
    monkeypatch.setattr("content.new_wordings.mask_person", lambda text, names: text)
    assert (await write(carl, fields)).status_code == 303
    assert "0134" in file.read_text(encoding="utf-8")


async def test_a_wording_of_another_question_is_told_first_and_written_only_on_a_second_wish(
    carl: Person, file: Path, site: Site
) -> None:
    ask_unanswered(site, "towels??")
    before = file.read_bytes()
    fields = await open_rows(carl, await choose(carl))
    response = await write(carl, fields)
    assert response.status_code == 200
    assert "Nothing was written yet" in shown(response) and "of ask_towels" in shown(response)
    assert file.read_bytes() == before
    seen = re.search(r'name="seen" value="(\w+)"', response.text)
    assert seen is not None
    assert (await write(carl, fields | {"seen": seen[1]})).status_code == 303
    assert "    - towels??" in file.read_text(encoding="utf-8")


@pytest.mark.usefixtures("cars")
async def test_the_second_of_two_writers_is_told_and_nothing_is_written_twice(
    carl: Person, adam: Person, file: Path
) -> None:
    mine, theirs = await open_rows(carl, await choose(carl)), await open_rows(adam, await choose(adam))
    await write(carl, mine)
    written = file.read_bytes()
    response = await write(adam, theirs, "faq/towels")
    assert response.status_code == 409 and "Somebody else was faster" in shown(response)
    again = await write(carl, mine)  # the same once more, as by a second click
    assert again.status_code == 303
    assert file.read_bytes() == written


@pytest.mark.usefixtures("cars")
async def test_a_file_broken_by_hand_is_named_and_the_wordings_stay(carl: Person, file: Path) -> None:
    fields = await open_rows(carl, await choose(carl))
    file.write_text("nlu:\n- intent: [ask_parking\nresponses: {", encoding="utf-8")
    response = await write(carl, fields)
    assert response.status_code == 409
    assert "data/faq/parking.yml" in response.text and re.search(r"line \d", response.text)
    assert "2 wordings" in shown(await carl.get(INBOX))
    other = await write(carl, fields, "faq/towels")  # what cannot be checked is said before it is written
    assert "Its rules were not checked" in shown(other) and "Nothing was written yet" in shown(other)


@pytest.mark.usefixtures("cars")
async def test_a_full_disk_is_said_and_the_wordings_stay(
    carl: Person, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()
    fields = await open_rows(carl, await choose(carl))

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("content.workshop.os.fsync", fail)
        response = await write(carl, fields)
    assert response.status_code == 503 and "No space left on device" in shown(response)
    assert file.read_bytes() == before
    assert "2 wordings" in shown(await carl.get(INBOX))


@pytest.mark.usefixtures("cars")
async def test_unknown_wordings_and_questions_get_a_clear_page(carl: Person) -> None:
    fields = await open_rows(carl, await choose(carl))
    for address in (f"{WRITE}?chosen=nothing:1", WRITE, "/studio/new?chosen=nothing:1"):
        gone = await carl.get(address)
        assert gone.status_code == 404 and "no longer here" in shown(gone)
    assert (await write(carl, {"chosen": "nothing:1"})).status_code == 404
    for place in ("faq/nothing", "../domain", "", "smalltalk/what_can_you_do"):
        assert (await write(carl, fields, place)).status_code == 400, place


@pytest.mark.usefixtures("cars")
async def test_a_new_question_begins_with_what_visitors_asked(carl: Person, project: Path) -> None:
    address = await choose(carl, "new")
    assert address.startswith("/studio/new?")
    fields = await open_rows(carl, address)
    bus = {"title": "Is there a bus?", "ways": "which bus", "answer": "Yes.", "facts": "P01"}
    untold = await carl.post("/studio/new", **fields, **bus | {"title": ""})
    assert untold.status_code == 400 and 'value="where do the CARS go"' in untold.text
    response = await carl.post("/studio/new", **fields, **bus)
    assert response.headers["location"] == "/console/studio/topics/faq/is_there_a_bus?done=added"
    text = (project / "data/faq/is_there_a_bus.yml").read_text(encoding="utf-8")
    for way in ("where do the CARS go", "any room for CARS at yours", "which bus"):
        assert f"    - {way}\n" in text
    assert shown(await carl.get(f"{INBOX}?show=handled")).count("In the draft is there a bus") == 2


@pytest.mark.usefixtures("cars")
async def test_out_of_scope_becomes_an_example_of_what_is_declined(carl: Person, project: Path) -> None:
    file = project / "data/safety/out_of_scope.yml"
    file.write_text(OUT_OF_SCOPE, encoding="utf-8")
    address = await choose(carl, "out_of_scope")
    assert "examples of what the assistant declines" in shown(await carl.get(address))
    fields = await open_rows(carl, address)
    response = await write(carl, fields, "safety/out_of_scope")
    seen = re.search(r'name="seen" value="(\w+)"', response.text)
    if response.status_code == 200 and seen:
        response = await write(carl, fields | {"seen": seen[1]}, "safety/out_of_scope")
    assert response.status_code == 303
    assert added(OUT_OF_SCOPE, file.read_text(encoding="utf-8")) == [
        "    - any room for CARS at yours",
        "    - where do the CARS go",
    ]


def publish(site: Site, project: Path, at: datetime) -> None:
    """Make a release of the draft and put it live, as far as the studio can tell."""
    releases = Releases(site.app.ctx.settings.releases_directory)
    with releases.draft() as folder:
        for path in (project / "data").rglob("*.yml"):
            target = folder / "content" / path.relative_to(project)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
        release = releases.add(folder, ReleaseNote("Carl", "more ways to ask", "full"))
    releases.set_state(State(live=release.id))
    with (releases.folder / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps({"at": at.isoformat(), "release": release.id}) + "\n")


@pytest.mark.usefixtures("cars")
async def test_a_writer_sees_that_the_loop_has_closed(
    carl: Person, project: Path, file: Path, site: Site
) -> None:
    publish(site, project, datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    await write(carl, await open_rows(carl, await choose(carl)))
    assert shown(await carl.get(f"{INBOX}?show=handled")).count("In the draft") == 2
    publish(site, project, datetime.now(UTC))
    page = shown(await carl.get(f"{INBOX}?show=handled"))
    assert page.count("Live since") == 2 and "In the draft" not in page
    learned = (await carl.get("/numbers/learning/time_to_live/csv?weeks=4")).text.splitlines()
    assert learned[0] == "week,median_hours,wordings"
    assert learned[-1].endswith(",1,2")


@pytest.mark.usefixtures("cars")
async def test_a_wording_that_was_taken_out_of_the_draft_again_is_told(carl: Person, file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    await write(carl, await open_rows(carl, await choose(carl)))
    file.write_text(before, encoding="utf-8")
    assert "Taken out of the draft again" in shown(await carl.get(f"{INBOX}?show=handled"))
