"""A follow-up goes back to the last answer; without one it asks what is meant."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action

from actions.follow_up import ActionAnswerComplaint, ActionNameSource, ActionSaySimpler, ActionTellMore

BUTTON = {"title": "Side effects", "payload": "/ask_side_effects"}
SOURCE = {"name": "Baeumler 2021", "url": "https://example.org/baeumler"}
RESPONSES = {"responses": {"utter_easy_safety": [{"text": "The risk is low."}]}}


def said(name: str, **metadata: Any) -> dict[str, Any]:
    """A bot event as the engine stores it."""
    return {
        "event": "bot",
        "text": "…",
        "data": {"buttons": [BUTTON]},
        "metadata": {"utter_action": name, "metadata": metadata},
    }


async def run(
    action: Action, *events: dict[str, Any], entities: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The one message that the action says."""
    message = {"text": "…", "entities": entities or []}
    tracker = Tracker("visitor", {}, message, list(events), False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    await action.run(dispatcher, tracker, RESPONSES)
    (told,) = dispatcher.messages
    return dict(told)


async def test_more_is_what_goes_on_from_the_last_answer() -> None:
    told = await run(ActionTellMore(), said("utter_ask_safety"))
    assert (told["response"], told["buttons"]) == ("utter_more", [BUTTON])


async def test_the_source_is_the_one_of_the_last_answer() -> None:
    older = said("utter_ask_cost", sources=[{"name": "Other", "url": "https://example.org/other"}])
    told = await run(ActionNameSource(), older, said("utter_ask_safety", sources=[SOURCE]))
    assert told["response"] == "utter_source"
    assert told["source_links"] == "- [Baeumler 2021](https://example.org/baeumler)"


async def test_an_answer_without_a_study_says_so() -> None:
    told = await run(ActionNameSource(), said("utter_ask_cost", sources=[]))
    assert told["response"] == "utter_source_none"


async def test_the_simpler_answer_is_said_once() -> None:
    assert (await run(ActionSaySimpler(), said("utter_ask_safety")))["response"] == "utter_easy_safety"
    again = await run(ActionSaySimpler(), said("utter_ask_safety"), said("utter_easy_safety"))
    assert again["response"] == "utter_simpler_missing"


async def test_without_simpler_words_it_admits_it() -> None:
    assert (await run(ActionSaySimpler(), said("utter_ask_medicare")))["response"] == "utter_simpler_missing"


NECK = [{"entity": "body_area", "value": "neck"}]


async def test_the_same_question_is_answered_for_another_complaint() -> None:
    told = await run(ActionAnswerComplaint(), said("utter_ask_back_pain"), entities=NECK)
    assert told["response"] == "utter_ask_neck_pain"


async def test_a_condition_says_more_than_a_place() -> None:
    both = [{"entity": "body_area", "value": "leg"}, {"entity": "condition", "value": "whiplash"}]
    told = await run(ActionAnswerComplaint(), entities=both)
    assert told["response"] == "utter_ask_whiplash_car_accident"


async def test_an_answer_that_is_the_same_for_all_is_not_dressed_up() -> None:
    told = await run(ActionAnswerComplaint(), said("utter_ask_cost"), entities=NECK)
    assert told["response"] == "utter_same_for_all"


@pytest.mark.parametrize(
    ("action", "question_back"),
    [
        (ActionTellMore(), "utter_more_of_what"),
        (ActionNameSource(), "utter_source_of_what"),
        (ActionSaySimpler(), "utter_simpler_what"),
        (ActionAnswerComplaint(), "utter_which_complaint"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("before", [[], [said("utter_ask_lead_name")], [said("utter_greet")]])
async def test_with_nothing_before_it_asks_back(
    action: Action, question_back: str, before: list[dict[str, Any]]
) -> None:
    assert (await run(action, *before))["response"] == question_back


async def test_an_answer_of_an_earlier_session_does_not_count() -> None:
    told = await run(ActionTellMore(), said("utter_ask_safety"), {"event": "session_started"})
    assert told["response"] == "utter_more_of_what"
