"""The content team reads what was not answered and decides about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from clinic.conversations import Conversations, NewReply
from clinic.inbox_collector import InboxCollector
from tests.web.conftest import Site
from tests.web.console.conftest import Person, shown

PAGE = "/studio/inbox"


@pytest.fixture
def carl(people: dict[str, Person]) -> Person:
    """Of the content team."""
    return people["content"]


@pytest.fixture
def goats(site: Site) -> None:
    """A question that was asked an hour ago and not understood, with a phone number in it."""
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    conversations = Conversations(site.app.ctx.database, now=lambda: an_hour_ago)
    talk = conversations.start(None, timedelta(days=7)).id
    message = conversations.accept_message(talk, "1", "Do you take <goats>? Call 405-555-0134").message
    understood = {
        "decision": "fallback",
        "intent": "ask_cost",
        "ranking": [{"intent": "ask_cost", "confidence": 0.2}, {"intent": "ask_children", "confidence": 0.1}],
    }
    conversations.record_replies(talk, message.id, [NewReply("text", "Not sure.")], understood, True)
    InboxCollector(site.app.ctx.database, "a-key-for-tests-only").collect_all()


async def press(person: Person, state: str, version: str = "1") -> str:
    """Decide about the one question on the page; returns what the page then says."""
    found = re.search(r"/studio/inbox/([\w-]+)/state", (await person.get(PAGE)).text)
    assert found
    path = f"{PAGE}/{found[1]}/state"
    response = await person.post(path, form_from=PAGE, state=state, version=version)
    if response.status_code == 303:
        response = await person.get(response.headers["location"].removeprefix("/console"))
    return shown(response)


@pytest.mark.usefixtures("goats")
async def test_it_shows_what_was_asked_without_the_phone_number(carl: Person) -> None:
    text = shown(await carl.get(PAGE))
    assert "Do you take <goats>? Call •••" in text
    assert "1 visitor" in text and "Not understood" in text and "Nearest topics: cost, children." in text
    assert "0134" not in text


@pytest.mark.usefixtures("goats")
async def test_an_ignored_question_leaves_the_list_and_comes_back_by_undo(carl: Person) -> None:
    text = await press(carl, "ignored")
    assert "The question is ignored" in text and "Undo" in text and "Nothing here" in text
    assert "goats" in shown(await carl.get(f"{PAGE}?show=ignored"))
    page = (await carl.get(f"{PAGE}?show=ignored")).text
    path = re.search(r"/studio/inbox/[\w-]+/state", page)
    assert path
    await carl.post(path[0], form_from=PAGE + "?show=ignored", state="open", version="2")
    assert "goats" in shown(await carl.get(PAGE))


@pytest.mark.usefixtures("goats")
async def test_two_people_at_once_get_a_clear_message(carl: Person, adam: Person) -> None:
    page = (await adam.get(PAGE)).text
    path = re.search(r"/studio/inbox/[\w-]+/state", page)
    assert path
    await press(carl, "urgent")
    response = await adam.post(path[0], state="ignored", version="1")
    assert response.status_code == 409
    assert "Somebody else decided about this question first. Nothing was changed." in shown(response)
    assert "goats" in shown(await adam.get(f"{PAGE}?show=urgent"))


async def test_what_is_not_possible_gets_a_clear_page(carl: Person) -> None:
    gone = await carl.post(f"{PAGE}/nothing/state", state="ignored", version="1")
    assert gone.status_code == 404 and "This question is no longer here" in shown(gone)
    for response in (
        await carl.post(f"{PAGE}/nothing/state", state="eaten", version="1"),
        await carl.post(f"{PAGE}/nothing/state", state="ignored", version="one"),
        await carl.get(f"{PAGE}?show=eaten"),
        await carl.get(f"{PAGE}?page=0"),
    ):
        assert response.status_code == 400 and "Nothing was changed" in shown(response)
