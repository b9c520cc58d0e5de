"""What "yes" and "no" mean outside the request: it depends on what the assistant said last."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.follow_up import name_of

# what the assistant offers a call back with
OFFERS_A_CALL = frozenset({"utter_offer_a_person", "utter_express_frustration", "utter_ask_talk_to_human"})
# After an urgent answer a "yes" or "no" is no small talk: the way to help is said again.
SAID_AGAIN = {
    "utter_crisis": "utter_crisis_again",
    "utter_crisis_again": "utter_crisis_again",
    "utter_emergency": "utter_emergency_again",
    "utter_emergency_again": "utter_emergency_again",
    "utter_same_day": "utter_emergency_again",
}


class ActionAnswerYes(Action):
    """Begins the request when a call was offered; otherwise asks which of the offered questions is meant."""

    def name(self) -> str:
        return "action_answer_yes"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        said = last_said(tracker)
        if urgent := SAID_AGAIN.get(name_of(said)):
            dispatcher.utter_message(response=urgent)
            return []
        if name_of(said) in OFFERS_A_CALL:
            if tracker.get_slot("lead_reference"):
                dispatcher.utter_message(response="utter_already_have_request")
                return []
            return [FollowupAction("consultation_form")]
        buttons = (said.get("data") or {}).get("buttons") or []
        if buttons:
            dispatcher.utter_message(response="utter_yes_which", buttons=buttons)
        else:
            dispatcher.utter_message(response="utter_yes_what")
        return []


class ActionAnswerNo(Action):
    """Leaves it at that, but for an urgent answer, which is said again."""

    def name(self) -> str:
        return "action_answer_no"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        dispatcher.utter_message(response=SAID_AGAIN.get(name_of(last_said(tracker)), "utter_no"))
        return []


def last_said(tracker: Tracker) -> dict[str, Any]:
    """The latest bot event; empty when the assistant has not said anything in this conversation."""
    return next((dict(event) for event in reversed(tracker.events) if event.get("event") == "bot"), {})
