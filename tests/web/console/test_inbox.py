"""The content team reads what was not answered and decides about it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.conftest import Site
from tests.web.console.conftest import Person, ask_unanswered, shown

PAGE = "/studio/inbox"


@pytest.fixture
def goats(site: Site) -> None:
    """A question that was asked an hour ago and not understood, with a phone number in it."""
    ask_unanswered(site, "Do you take <goats>? Call 405-555-0134")


@pytest.fixture
def flock(site: Site) -> None:
    """One question in two wordings, of three visitors."""
    ask_unanswered(site, "any room for CARS", "where do the CARS go", "where do the CARS go")


async def marks(person: Person, show: str = "open") -> list[str]:
    """The wordings that the page's forms would send, in its order."""
    page = (await person.get(f"{PAGE}?show={show}")).text
    return re.findall(r'name="chosen" value="([\w-]+:\d+)"', page)


async def press(person: Person, wish: str, show: str = "open", **fields: Any) -> str:
    """Do something with everything on the page; returns what the page then says."""
    fields.setdefault("chosen", await marks(person, show))
    response = await person.post(f"{PAGE}?show={show}", form_from=PAGE, wish=wish, **fields)
    if response.status_code == 303:
        response = await person.get(response.headers["location"].removeprefix("/console"))
    return shown(response)


@pytest.mark.usefixtures("goats")
async def test_it_shows_what_was_asked_without_the_phone_number(carl: Person) -> None:
    text = shown(await carl.get(PAGE))
    assert "Do you take <goats>? Call •••" in text
    assert "1 visitor" in text and "Not understood" in text and "Nearest: cost, children." in text
    assert "0134" not in text


@pytest.mark.usefixtures("goats")
async def test_an_ignored_question_leaves_the_list_and_comes_back_by_undo(carl: Person) -> None:
    response = await carl.post(f"{PAGE}?show=open", form_from=PAGE, wish="ignored", chosen=await marks(carl))
    page = (await carl.get(response.headers["location"].removeprefix("/console"))).text
    assert "It stays ignored" in page and "Nothing here" in page
    undo = re.findall(r'name="chosen" value="([^"]+)"', page)
    assert "goats" in shown(await carl.get(f"{PAGE}?show=ignored"))
    assert "Back on the list" in await press(carl, "open", chosen=undo)
    assert "goats" in shown(await carl.get(PAGE))


@pytest.mark.usefixtures("goats")
async def test_two_people_at_once_get_a_clear_message(carl: Person, adam: Person) -> None:
    seen_by_adam = await marks(adam)
    await press(carl, "urgent")
    response = await adam.post(PAGE, form_from=PAGE, wish="ignored", chosen=seen_by_adam)
    assert response.status_code == 409
    assert "Somebody else decided about one of these wordings first. Nothing was changed." in shown(response)
    assert "goats" in shown(await adam.get(f"{PAGE}?show=urgent"))


@pytest.mark.usefixtures("flock")
async def test_a_cluster_is_one_entry_that_unfolds_and_is_decided_about_as_a_whole_or_in_part(
    carl: Person,
) -> None:
    text = shown(await carl.get(PAGE))
    assert "3 visitors" in text and "2 wordings" in text
    first, second = await marks(carl)
    await press(carl, "ignored", chosen=[first])
    assert await marks(carl) == [second]
    await press(carl, "urgent", chosen=[second])
    text = shown(await carl.get(f"{PAGE}?show=urgent"))
    assert "Safety review 1" in text and "safety reviewer" in text


async def test_what_is_not_possible_gets_a_clear_page(carl: Person) -> None:
    gone = await carl.post(PAGE, wish="ignored", chosen="nothing:1")
    assert gone.status_code == 404 and "This wording is no longer here" in shown(gone)
    nothing = await carl.post(PAGE, wish="ignored")
    assert nothing.status_code == 400 and "No wording is ticked" in shown(nothing)
    for response in (
        await carl.post(PAGE, wish="eaten", chosen="nothing:1"),
        await carl.post(PAGE, wish="ignored", chosen="nothing:one"),
        await carl.post(PAGE, wish="ignored", chosen=[f"n{number}:1" for number in range(101)]),
        await carl.get(f"{PAGE}?show=eaten"),
        await carl.get(f"{PAGE}?page=0"),
        await carl.get(f"{PAGE}?undo=<script>"),
    ):
        assert response.status_code == 400 and "Nothing was changed" in shown(response)
