"""Which answers the clinic has not approved: kept back when its profile says `require_clinic_approval`."""

from __future__ import annotations

from pathlib import Path
from typing import Set

from rasa.shared.utils.io import read_yaml_file

APPROVED = "clinic_approved"
NOT_APPROVED = "utter_not_approved"


def answers_to_keep_back(profile: Path, questions: Path) -> Set[str]:
    """Names of the responses without approval; empty when the profile asks for none.

    profile: the clinic's profile; questions: the folder with one file per question (data/faq).
    """
    if not read_yaml_file(profile).get("require_clinic_approval"):
        return set()
    return {response for path in sorted(questions.glob("*.yml")) for response in unapproved_answers(path)}


def unapproved_answers(path: Path) -> Set[str]:
    """The responses of one question's file, unless its record says that the clinic approved them."""
    content = read_yaml_file(path)
    records = [part.get("metadata") or {} for part in content.get("nlu") or []]
    if records and all(record.get("status") == APPROVED for record in records):
        return set()
    return set(content.get("responses") or {})
