"""Conversations and numbers on the screen, and who sees contact details."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from clinic.conversations import NewReply
from tests.web.conftest import Site
from tests.web.console.conftest import Person, hold_conversation, shown


def understood(decision: str, intent: str = "give_details") -> dict[str, Any]:
    return {"decision": decision, "intent": intent, "confidence": 0.83}


TALK = (
    (
        "How much is it? I am at 405-555-0177",
        understood("answer", "ask_price"),
        NewReply("answer", "The team will tell you."),
    ),
    (
        "I would like a visit",
        understood("dialogue", "ask_booking"),
        NewReply("question", "Your name?", ask="name"),
    ),
    ("Maria Lopez", understood("dialogue"), NewReply("question", "Your number?", ask="contact")),
    (
        "405-555-0134",
        understood("dialogue"),
        NewReply("question", "Maria Lopez, (405) 555-0134: right?", ask="confirm"),
    ),
    ("does it hurt", understood("answer", "ask_does_it_hurt"), NewReply("answer", "A little.")),
    ("fix my car", understood("fallback"), NewReply("answer", "I do not know that.")),
)


@pytest.fixture
def talk(site: Site) -> str:
    return hold_conversation(site, *TALK)


async def test_a_conversation_shows_what_was_understood(nora: Person, talk: str) -> None:
    page = shown(await nora.get(f"/conversations/{talk}"))
    for words in ("Answered · price · 83 % sure", "Not understood", "Got no answer", "Maria Lopez"):
        assert words in page
    assert page.count("Request form") == 5  # three questions of the form, and two answers to them


async def test_the_content_team_sees_no_contact_details(people: dict[str, Person], talk: str) -> None:
    carl = people["content"]
    pages = (await carl.get("/conversations")).text + (await carl.get(f"/conversations/{talk}")).text
    assert "does it hurt" in pages and "How much is it?" in pages
    assert not any(detail in pages for detail in ("Maria", "Lopez", "0134", "0177"))


@pytest.mark.parametrize(("kind", "is_there"), [("unanswered", True), ("urgent", False), ("disliked", False)])
async def test_kinds_of_conversations(nora: Person, talk: str, kind: str, is_there: bool) -> None:
    assert (talk in (await nora.get(f"/conversations?kind={kind}")).text) is is_there


async def test_conversations_are_searched(nora: Person, talk: str) -> None:
    for search, is_there in (("hurt", True), ("needle", False)):
        await nora.post("/conversations/search", search=search)
        assert (talk in (await nora.get("/conversations")).text) is is_there
    await nora.post("/conversations/search", search="")
    assert talk in (await nora.get("/conversations")).text


@pytest.mark.parametrize("path", ["?kind=funny", "?before=nothing"])
async def test_a_hand_typed_address_gets_a_clear_message(nora: Person, path: str) -> None:
    assert (await nora.get(f"/conversations{path}")).status_code == 400


async def test_an_unknown_conversation_is_said(nora: Person) -> None:
    response = await nora.get("/conversations/nothing")
    assert (response.status_code, "There is no such conversation" in shown(response)) == (404, True)


async def test_every_plot_has_its_table_and_its_file(nora: Person, talk: str) -> None:
    page = await nora.get("/numbers?days=14&unit=day")
    for name in ("funnel", "requests", "first_call", "conversations", "understanding", "topics", "urgent"):
        assert f'id="{name}-heading"' in page.text
        response = await nora.get(f"/numbers/{name}/csv?days=14&unit=day")
        rows = list(csv.reader(io.StringIO(response.text)))
        assert len(rows[0]) >= 2, name
    assert page.text.count('<table class="numbers">') == 7
    answers = list(csv.reader(io.StringIO((await nora.get("/numbers/understanding/csv")).text)))
    assert answers[-1][1:] == ["2", "0", "1"]


@pytest.mark.parametrize("path", ["?days=1", "?unit=hour", "/nothing/csv", "/topics/csv?days=x"])
async def test_numbers_of_another_kind_are_refused(nora: Person, path: str) -> None:
    assert (await nora.get(f"/numbers{path}")).status_code in (400, 404)


async def test_a_page_for_machines_tells_nothing_to_strangers(people: dict[str, Person], talk: str) -> None:
    for path in (f"/conversations/{talk}", "/numbers/topics/csv", "/leads/export/csv"):
        response = await people["nobody"].get(path)
        assert (response.status_code, response.text) == (303, "")
