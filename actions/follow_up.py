"""What a follow-up goes back to: more about it, its sources, the same in simpler words, another complaint."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

ANSWER = "utter_ask_"
SIMPLER = "utter_easy_"
QUESTION_OF_THE_REQUEST = "utter_ask_lead_"
# what spaCy recognised (engine/clinic_words.yml) → the topic that answers it
COMPLAINTS = {
    "neck": "neck_pain",
    "lower back": "back_pain",
    "back": "back_pain",
    "upper back": "back_pain",
    "sciatica": "sciatica",
    "leg": "sciatica",
    "herniated disc": "herniated_disc",
    "degenerative disc disease": "herniated_disc",
    "whiplash": "whiplash_car_accident",
    "cervical radiculopathy": "neck_pain",
    "arm": "neck_pain",
    "muscle spasm": "conditions_treated",
    "headache": "headache_migraine",
    "head": "headache_migraine",
    "arthritis": "arthritis_joint_pain",
    "knee": "arthritis_joint_pain",
    "hip": "arthritis_joint_pain",
    "shoulder": "arthritis_joint_pain",
    "hand": "arthritis_joint_pain",
    "foot": "neuropathy_neurological",
    "neuropathy": "neuropathy_neurological",
    "fibromyalgia": "fibromyalgia",
    "spinal stenosis": "back_pain",
    "scoliosis": "back_pain",
}
# answers that differ from complaint to complaint; all others are the same for each
DIFFERS = frozenset(COMPLAINTS.values()) | {"can_it_help_me", "evidence_effectiveness", "chronic_pain"}


class ActionTellMore(Action):
    """Offers what goes on from the last answer, or asks what to tell more about."""

    def name(self) -> str:
        return "action_tell_more"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        answer = last_answer(tracker)
        buttons = ((answer or {}).get("data") or {}).get("buttons") or []
        if buttons:
            dispatcher.utter_message(response="utter_more", buttons=buttons)
        else:
            dispatcher.utter_message(response="utter_more_of_what")
        return []


class ActionNameSource(Action):
    """Names what the last answer stands on."""

    def name(self) -> str:
        return "action_name_source"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        answer = last_answer(tracker)
        sources = ((answer or {}).get("metadata") or {}).get("metadata", {}).get("sources") or []
        if sources:
            links = "\n".join(f"- [{source['name']}]({source['url']})" for source in sources)
            dispatcher.utter_message(response="utter_source", source_links=links)
        else:
            dispatcher.utter_message(response="utter_source_none" if answer else "utter_source_of_what")
        return []


class ActionSaySimpler(Action):
    """Says the last answer in simpler words, when such words were written."""

    def name(self) -> str:
        return "action_say_simpler"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        answer = last_answer(tracker)
        if answer is None:
            dispatcher.utter_message(response="utter_simpler_what")
            return []
        simpler = f"{SIMPLER}{topic_of(answer)}"
        known = simpler in (domain.get("responses") or {}) and name_of(answer) != simpler
        dispatcher.utter_message(response=simpler if known else "utter_simpler_missing")
        return []


class ActionAnswerComplaint(Action):
    """Answers "and for my neck?" for the complaint in the message."""

    def name(self) -> str:
        return "action_answer_complaint"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        topic = complaint_topic(tracker)
        answer = last_answer(tracker)
        if topic is None:
            dispatcher.utter_message(response="utter_which_complaint")
        elif answer is None or topic_of(answer) in DIFFERS:
            dispatcher.utter_message(response=f"{ANSWER}{topic}")
        else:
            dispatcher.utter_message(response="utter_same_for_all")
        return []


def last_answer(tracker: Tracker) -> dict[str, Any] | None:
    """The bot event of the latest answer to a question, or None."""
    for event in reversed(tracker.events):
        if event.get("event") == "bot" and name_of(event).startswith((ANSWER, SIMPLER)):
            if not name_of(event).startswith(QUESTION_OF_THE_REQUEST):
                return dict(event)
        elif event.get("event") == "session_started":
            return None
    return None


def name_of(event: dict[str, Any]) -> str:
    """The name of the response that a bot event says."""
    return str((event.get("metadata") or {}).get("utter_action") or "")


def topic_of(answer: dict[str, Any]) -> str:
    """The topic that an answer belongs to."""
    return name_of(answer).removeprefix(ANSWER).removeprefix(SIMPLER)


def complaint_topic(tracker: Tracker) -> str | None:
    """The topic of the first condition, else of the first body area, in the latest message."""
    entities = tracker.latest_message.get("entities") or []
    for kind in ("condition", "body_area"):
        for entity in entities:
            if entity["entity"] == kind and entity["value"] in COMPLAINTS:
                return COMPLAINTS[entity["value"]]
    return None
