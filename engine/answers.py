"""Chooses the approved answer: which variant of a response, filled with the clinic's own facts.

Rasa picks among variants by chance; ours are tried in the order written, and the first that fits is used:
- `metadata.needs: [clinic_phone]`: only when the clinic's profile has these facts;
- `metadata.category: heart`: only when the urgent guard named this category;
- `metadata.about: sciatica`: only when the visitor has spoken of it (slot condition or body_area).
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

from rasa.core.nlg import interpolator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.io import read_yaml_file
from rasa.utils.endpoints import EndpointConfig

from engine.approval import NOT_APPROVED, answers_to_keep_back


class ReviewedAnswers(TemplatedNaturalLanguageGenerator):
    """Rasa's answer generator for this assistant; named in endpoints.yml with the profile's path."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Optional[Domain]) -> None:
        super().__init__(domain.responses if domain else {})  # Rasa sets them anew with each model
        self.use(Path(endpoint_config.kwargs["profile"]), Path(endpoint_config.kwargs["questions"]))

    def use(self, profile: Path, questions: Path) -> None:
        """Take the clinic's facts and the review records of another release."""
        self._facts = clinic_facts(profile)
        self._kept_back = answers_to_keep_back(profile, questions)

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        """The response to send, or None when there is none of this name."""
        if utter_action in self._kept_back:
            utter_action = NOT_APPROVED
        variant = choose_variant(
            self.responses.get(utter_action, []),
            set(self._facts),
            _urgent_category(tracker),
            _complaint(tracker),
        )
        if variant is None:
            return None
        answer = copy.deepcopy(variant)
        values = {**tracker.current_slot_values(), **self._facts, **kwargs}
        if "text" in answer:
            answer["text"] = interpolator.interpolate(answer["text"], values)
        return answer


def clinic_facts(profile: Path) -> Dict[str, str]:
    """Placeholders from the clinic's profile: `clinic_` + key, only for facts that are set."""
    facts = {}
    for key, value in read_yaml_file(profile).items():
        if isinstance(value, bool):
            facts[f"clinic_{key}"] = "yes" if value else "no"
        elif isinstance(value, list) and value:
            facts[f"clinic_{key}"] = ", ".join(str(entry) for entry in value)
        elif value not in (None, "", []):
            facts[f"clinic_{key}"] = str(value)
    return facts


def choose_variant(
    variants: List[Dict[Text, Any]], facts: set, category: str = "", complaint: str = ""
) -> Optional[Dict[Text, Any]]:
    """The first variant whose needs are met; one for this category or complaint goes before a general one."""
    known = [(variant, variant.get("metadata") or {}) for variant in variants]
    possible = [(variant, told) for variant, told in known if set(told.get("needs", [])) <= facts]
    special = [
        variant
        for variant, told in possible
        if (category and told.get("category") == category) or (complaint and told.get("about") == complaint)
    ]
    general = [variant for variant, told in possible if "category" not in told and "about" not in told]
    return next(iter(special + general), None)


def _urgent_category(tracker: DialogueStateTracker) -> str:
    message = tracker.latest_message
    understanding = (message.parse_data or {}).get("understanding") if message else None
    return (understanding or {}).get("urgent_category", "")


def _complaint(tracker: DialogueStateTracker) -> str:
    """What hurts, as far as the visitor said: the condition, else the body area."""
    slots = tracker.current_slot_values()
    return slots.get("condition") or slots.get("body_area") or ""
