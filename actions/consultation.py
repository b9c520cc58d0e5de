"""The consultation request: reading each message, asking, submitting, changing, cancelling, pausing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.services import services
from clinic.consent import current_consent
from clinic.consultation import Detail, Heard, Reading, read_message
from clinic.contact import format_phone
from clinic.engine_ids import first_engine_id
from clinic.lead_topics import topic_titles
from clinic.leads import LeadNotSaved, NewLead

FORM = "consultation_form"
PREFIX = "lead_"
PROBLEMS_BEFORE_OTHER_WAY = 3
ASKED: dict[str, Detail] = {
    f"{PREFIX}{detail}": detail for detail in ("name", "contact", "time", "topic", "consent", "confirm")
}
ALL_SLOTS = (
    *ASKED,
    "lead_phone",
    "lead_email",
    "lead_consent_version",
    "lead_consented_at",
    "lead_request_key",
    "lead_problems",
)


class ValidateConsultationForm(Action):
    """Reads one message for the form. No slot set means: not for the form, let the rules answer."""

    def name(self) -> str:
        return "validate_consultation_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        asked_for = ASKED.get(str(tracker.get_slot("requested_slot")))
        reading = read_message(heard(tracker), asked_for)
        if reading.is_interruption and asked_for is not None:
            return []
        events = _first_request_key(tracker) + _details(reading, tracker)
        if reading.problem:
            events += _say_problem(reading.problem, dispatcher, tracker)
        return events


class AskLeadConsent(Action):
    """Asks for consent with the exact text whose version is stored."""

    def name(self) -> str:
        return "action_ask_lead_consent"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        consent = current_consent(services().profile.name)
        dispatcher.utter_message(response="utter_ask_lead_consent", consent_text=consent.text)
        return []


class AskLeadConfirm(Action):
    """Shows what will be sent and asks whether it is right."""

    def name(self) -> str:
        return "action_ask_lead_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        dispatcher.utter_message(
            response="utter_ask_lead_confirm",
            topic_title=topic_titles().get(str(tracker.get_slot("lead_topic")), ""),
        )
        return []


class ActionSubmitConsultation(Action):
    """Saves the request. Only a saved one is confirmed, with its reference."""

    def name(self) -> str:
        return "action_submit_consultation"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        try:
            saved = services().leads.save(_new_lead(tracker))
        except LeadNotSaved:
            dispatcher.utter_message(response="utter_request_not_saved")
            return [SlotSet("lead_confirm", None)]
        known = tracker.get_slot("lead_reference")
        dispatcher.utter_message(
            response="utter_request_changed" if known else "utter_request_saved",
            reference=saved.reference,
            json_message={"lead_reference": saved.reference},
        )
        return [SlotSet("lead_reference", saved.reference), SlotSet("lead_confirm", None)]


class ActionChangeDetail(Action):
    """Opens one detail again, so that the form asks for it."""

    def name(self) -> str:
        return "action_change_detail"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        detail = next(tracker.get_latest_entity_values("detail"), "confirm")
        return _reopen(detail)


class ActionCancelConsultation(Action):
    """Stops the request and forgets what was given; a request already sent stays with the team."""

    def name(self) -> str:
        return "action_cancel_consultation"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if tracker.get_slot("lead_reference"):
            dispatcher.utter_message(response="utter_request_already_sent")
            return [ActiveLoop(None), SlotSet("requested_slot", None)]
        was_open = bool(tracker.active_loop_name) or tracker.get_slot("lead_name") is not None
        dispatcher.utter_message(
            response="utter_request_cancelled" if was_open else "utter_nothing_to_cancel"
        )
        return [
            ActiveLoop(None),
            SlotSet("requested_slot", None),
            *(SlotSet(slot, None) for slot in ALL_SLOTS),
        ]


class ActionPauseConsultation(Action):
    """After an emergency answer: stop asking, keep what was given, say nothing more."""

    def name(self) -> str:
        return "action_pause_consultation"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        return [ActiveLoop(None), SlotSet("requested_slot", None)]


def heard(tracker: Tracker) -> Heard:
    """The latest message as the clinic's rules want it."""
    message = tracker.latest_message
    understanding = message.get("understanding") or {}
    entities = message.get("entities") or []
    chosen = {entity["entity"]: str(entity["value"]) for entity in entities}
    return Heard(
        text=message.get("text") or "",
        intent=(message.get("intent") or {}).get("name") or "",
        decision=understanding.get("decision", "fallback"),
        person=next((entity["value"] for entity in entities if entity["entity"] == "person"), None),
        chosen=chosen if understanding.get("chosen") else None,
    )


def _first_request_key(tracker: Tracker) -> list[EventType]:
    """One key for the whole request: sent twice, it is still one lead."""
    if tracker.get_slot("lead_request_key"):
        return []
    return [SlotSet("lead_request_key", uuid.uuid4().hex)]


def _details(reading: Reading, tracker: Tracker) -> list[EventType]:
    if reading.change:
        return _reopen(reading.change)
    given = reading.details
    events: list[EventType] = [
        SlotSet(f"{PREFIX}{key}", value) for key, value in given.items() if key in ("name", "time", "topic")
    ]
    if "phone" in given or "email" in given:
        events += _contact(given, tracker)
    if "consent" in given:
        consent = current_consent(services().profile.name)
        events += [
            SlotSet("lead_consent", True),
            SlotSet("lead_consent_version", consent.version),
            SlotSet("lead_consented_at", datetime.now(UTC).isoformat()),
        ]
    if "confirm" in given:
        events.append(SlotSet("lead_confirm", True))
    if events:
        events.append(SlotSet("lead_problems", 0))
    return events


def _contact(given: dict[str, str], tracker: Tracker) -> list[EventType]:
    """A new phone number or e-mail replaces the old way of contact."""
    phone, email = given.get("phone"), given.get("email")
    shown = " / ".join(part for part in (format_phone(phone) if phone else None, email) if part)
    return [
        SlotSet("lead_phone", phone),
        SlotSet("lead_email", email),
        SlotSet("lead_contact", shown),
    ]


def _reopen(detail: str) -> list[EventType]:
    events: list[EventType] = [SlotSet("lead_confirm", None)]
    if detail in ("name", "contact", "time", "topic"):
        events.append(SlotSet(f"{PREFIX}{detail}", None))
    return events


def _say_problem(code: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    dispatcher.utter_message(response=f"utter_problem_{code}")
    count = int(tracker.get_slot("lead_problems") or 0) + 1
    if count % PROBLEMS_BEFORE_OTHER_WAY == 0:
        dispatcher.utter_message(response="utter_problem_other_way")
    return [SlotSet("lead_problems", count)]


def _new_lead(tracker: Tracker) -> NewLead:
    def given(name: str) -> str:
        return str(tracker.get_slot(name) or "")

    return NewLead(
        request_key=given("lead_request_key"),
        source="chat",
        name=given("lead_name"),
        phone=tracker.get_slot("lead_phone"),
        email=tracker.get_slot("lead_email"),
        preferred_time=given("lead_time"),
        topic=given("lead_topic"),
        consent=current_consent(services().profile.name),
        consented_at=datetime.fromisoformat(given("lead_consented_at")),
        engine_id=first_engine_id(tracker.sender_id),
    )
