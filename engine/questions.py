"""The sentences of a message that may each be a question of their own.

Visitors tell a long story and ask at its end, or ask three things at once. Read as a whole, such a message is
near to no topic; its sentences are.
"""

from __future__ import annotations

import re
from typing import List

PARTS_AT_MOST = 4
WORDS_AT_LEAST = 2
LONG = 25  # words from which on the last sentence counts even without a question mark

_ENDS = re.compile(r"(?<=[?!.;\n])\s+|\s+(?=also,?\s)|\s+(?=and (?:how|what|do|does|is|can|will)\s)")


def split_questions(sentence: str) -> List[str]:
    """The parts to understand beside the whole, in order; none when the message is one short sentence.

    Questions count, whatever stands around them; in a long message without a question mark the last sentence.
    """
    parts = [part.strip() for part in _ENDS.split(sentence)]
    parts = [part for part in parts if len(part.split()) >= WORDS_AT_LEAST]
    if len(parts) < 2:
        return []
    questions = [part for part in parts if part.endswith("?") or re.match(r"(also|and)\b", part)]
    if questions:
        first = parts[: parts.index(questions[0])][-1:] if len(questions) > 1 else []
        return (first + questions)[:PARTS_AT_MOST]
    return parts[-1:] if len(sentence.split()) >= LONG else []
