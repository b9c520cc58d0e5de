"""What happens when the assistant is not sure: the nearest topics as buttons; after some misses, a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

# With likely topics to offer, one more try is worth the visitor's time.
MISSES_BEFORE_A_PERSON = {"clarify": 3, "fallback": 2}


class ActionOfferTopics(Action):
    """Offers the topics the message came nearest to, or a call back after some misses in a row."""

    def name(self) -> str:
        return "action_offer_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        understanding = tracker.latest_message.get("understanding") or {}
        buttons = [
            {"title": option["title"], "payload": f"/{option['intent']}"}
            for option in understanding.get("options", [])
        ]
        decision = "clarify" if understanding.get("decision") == "clarify" and buttons else "fallback"
        response = "utter_clarify" if decision == "clarify" else "utter_not_understood"
        if count_misses(tracker) >= MISSES_BEFORE_A_PERSON[decision]:
            response, buttons = "utter_offer_a_person", buttons[:2]
        dispatcher.utter_message(response=response, buttons=buttons)
        return []


def count_misses(tracker: Tracker) -> int:
    """How many turns in a row, the present one included, ended in offering topics."""
    misses, offered = 1, False
    turns = [event for event in tracker.events if event.get("event") in ("user", "action")]
    for event in reversed(turns[: _last_user_turn(turns)]):
        if event["event"] == "action":
            offered = offered or event.get("name") == "action_offer_topics"
        elif offered:
            misses, offered = misses + 1, False
        else:
            break
    return misses


def _last_user_turn(turns: list[dict[str, Any]]) -> int:
    return max((index for index, event in enumerate(turns) if event["event"] == "user"), default=0)
