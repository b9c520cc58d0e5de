"""Which answers are kept back: drafts and questions that are off, and, when the profile says
`require_clinic_approval`, those that the clinic has not approved."""

from __future__ import annotations

from pathlib import Path
from typing import Set

from rasa.shared.utils.io import read_yaml_file

APPROVED = "clinic_approved"
LIVE = "live"
NOT_APPROVED = "utter_not_approved"


def answers_to_keep_back(profile: Path, questions: Path) -> Set[str]:
    """Names of the responses of silent questions, and of those without approval when the profile asks for it.

    profile: the clinic's profile; questions: the folder with one file per question (data/faq).
    """
    keeps_unapproved = bool(read_yaml_file(profile).get("require_clinic_approval"))
    kept_back: Set[str] = set()
    for path in sorted(questions.glob("*.yml")):
        kept_back |= silent_answers(path) | (unapproved_answers(path) if keeps_unapproved else set())
    return kept_back


def silent_answers(path: Path) -> Set[str]:
    """The responses of one question's file when its record says `state: draft` or `state: off`."""
    content = read_yaml_file(path)
    states = [(part.get("metadata") or {}).get("state") or LIVE for part in content.get("nlu") or []]
    return set(content.get("responses") or {}) if any(state != LIVE for state in states) else set()


def unapproved_answers(path: Path) -> Set[str]:
    """The responses of one question's file, unless its record says that the clinic approved them."""
    content = read_yaml_file(path)
    records = [part.get("metadata") or {} for part in content.get("nlu") or []]
    if records and all(record.get("status") == APPROVED for record in records):
        return set()
    return set(content.get("responses") or {})
