"""Adds what visitors asked to a content file's draft, after a person has read and confirmed each wording.

Personal data must never reach these files: they are published, and nobody can take them back. What the inbox
gives is masked already; a person may still type what was hidden, so each wording is looked at once more here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from clinic.masking import MASK, mask_person
from content.draft import Draft
from content.lint.wordings import plain
from content.topic_check import TopicCheck

LONGEST = 300  # letters
_MARKUP = re.compile(r"[\[\]{}]")  # a wording with brackets would be read as one with a marked entity


class WordingRefused(Exception):
    """A wording must not be written as it is; the message says which one and what to change."""


def tidy_wording(text: str) -> str:
    """Return `text` as one line that may be written; raises WordingRefused."""
    wording = " ".join(text.split())
    if not wording or len(wording) > LONGEST:
        raise WordingRefused(f"A wording has 1 to {LONGEST} letters.")
    if MASK[0] in wording:
        raise WordingRefused(f'Something personal was hidden in "{wording}". Write it without the dots.')
    if mask_person(wording, ()) != wording:
        raise WordingRefused(
            f'"{wording}" may say who asked: it holds a number, a date, an address or a name. Take that out.'
        )
    if wording.startswith(("-", "/")) or _MARKUP.search(wording):
        raise WordingRefused(
            f'"{wording}" begins with a dash or a slash, or holds brackets. Write words only.'
        )
    return wording


def add_wordings(draft: Draft, wordings: Sequence[str]) -> Draft:
    """Return `draft` with wordings added to its first intent; those it has already are not added again.

    Raises WordingRefused.
    """
    first, *others = draft.intents
    found, known = list(first.wordings), {plain(wording) for wording in first.wordings}
    for text in wordings:
        wording = tidy_wording(text)
        if plain(wording) not in known:
            known.add(plain(wording))
            found.append(wording)
    return Draft((replace(first, wordings=tuple(found)), *others), draft.variants)


def find_warnings(checked: TopicCheck, wordings: Sequence[str]) -> list[str]:
    """Return what the check of a file says about these wordings: each finding, and where a like one stands.

    Also that another file is broken, because then nobody can say whether they belong there.
    """
    found = [
        note.message
        for note in checked.notes
        if note.field == "file" or any(f'"{one}"' in note.message for one in wordings)
    ]
    for here, there, intent in checked.similar:
        if here in wordings and not any(f'"{here}"' in message for message in found):
            found.append(f'"{here}" is close to "{there}" of {intent}. Does it belong there?')
    return found
