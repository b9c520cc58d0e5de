"""A "yes" is taken for what was offered last, and never for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action

from actions.yes_no import OFFERS_A_CALL, SAID_AGAIN, ActionAnswerNo, ActionAnswerYes
from content.lint.project import read_project
from tests.content.small_project import ROOT

BUTTON = {"title": "Side effects", "payload": "/ask_side_effects"}


def said(name: str, *buttons: dict[str, str]) -> dict[str, Any]:
    return {"event": "bot", "data": {"buttons": list(buttons)}, "metadata": {"utter_action": name}}


async def answer_yes(
    *events: dict[str, Any], reference: str | None = None, action: Action | None = None
) -> tuple[list[Any], list[dict[str, Any]]]:
    """The events and the messages that a yes leads to, or what `action` answers."""
    tracker = Tracker(
        "visitor", {"lead_reference": reference}, {"text": "yes"}, list(events), False, None, {}, "listen"
    )
    dispatcher = CollectingDispatcher()
    return await (action or ActionAnswerYes()).run(dispatcher, tracker, {}), dispatcher.messages


@pytest.mark.parametrize("offer", sorted(OFFERS_A_CALL))
async def test_yes_to_a_call_begins_the_request(offer: str) -> None:
    events, messages = await answer_yes(said("utter_ask_safety", BUTTON), said(offer, BUTTON))
    assert [event["name"] for event in events] == ["consultation_form"]
    assert messages == []


async def test_yes_to_a_call_after_a_request_shows_the_request() -> None:
    events, (told,) = await answer_yes(said("utter_offer_a_person"), reference="OPTC-7K2M")
    assert (events, told["response"]) == ([], "utter_already_have_request")


async def test_yes_after_an_answer_asks_which_question_is_meant() -> None:
    events, (told,) = await answer_yes(said("utter_offer_a_person"), said("utter_ask_safety", BUTTON))
    assert (events, told["response"], told["buttons"]) == ([], "utter_yes_which", [BUTTON])


async def test_yes_out_of_the_blue_asks_what_she_would_like_to_know() -> None:
    _, (told,) = await answer_yes()
    assert told["response"] == "utter_yes_what"


@pytest.mark.parametrize("action", [ActionAnswerYes(), ActionAnswerNo()])
@pytest.mark.parametrize(("urgent", "again"), SAID_AGAIN.items())
async def test_after_an_urgent_answer_the_way_to_help_is_said_again(
    urgent: str, again: str, action: Action
) -> None:
    _, (told,) = await answer_yes(said(urgent), action=action)
    assert told["response"] == again


async def test_no_is_left_at_that() -> None:
    _, (told,) = await answer_yes(said("utter_ask_safety", BUTTON), action=ActionAnswerNo())
    assert told["response"] == "utter_no"


def test_every_response_that_offers_a_call_exists_and_has_the_button() -> None:
    offered = {
        variant.response
        for variant in read_project(ROOT).variants
        if any(button["payload"] == "/ask_booking" for button in variant.buttons)
    }
    assert offered >= OFFERS_A_CALL
