"""What "yes" means outside the request: it depends on what the assistant said last."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.follow_up import name_of

# what the assistant offers a call back with
OFFERS_A_CALL = frozenset({"utter_offer_a_person", "utter_express_frustration", "utter_ask_talk_to_human"})


class ActionAnswerYes(Action):
    """Begins the request when a call was offered; otherwise asks which of the offered questions is meant."""

    def name(self) -> str:
        return "action_answer_yes"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        said = last_said(tracker)
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


def last_said(tracker: Tracker) -> dict[str, Any]:
    """The latest bot event; empty when the assistant has not said anything in this conversation."""
    return next((dict(event) for event in reversed(tracker.events) if event.get("event") == "bot"), {})
