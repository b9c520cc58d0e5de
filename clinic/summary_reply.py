"""What a typed message says to the summary of a request: send it, change a detail, or another time.

Only whole messages count as "send it": one more word ("do not send it") and nothing is sent.
"""

from __future__ import annotations

import re

_SEND = re.compile(
    r"(?:(?:yes|yeah|yep|ok|okay|sure|please|now|go ahead and)[\s,.]*)*"
    r"(?:(?:send|submit)(?: (?:it|this|that|my request|the request|the form))?(?: in)?"
    r"|(?:it |that |this |all |everything )?(?:looks?|is|'s) (?:all )?(?:good|right|correct|fine)"
    r"|(?:it|that|everything)'s (?:all )?(?:good|right|correct|fine)"
    r"|all (?:good|right|correct)|correct|confirm(?:ed)?|go ahead|perfect|done)"
    r"(?: (?:please|now|off|thanks|thank you))*[\s.]*",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:chang\w*|edit\w*|fix\w*|correct (?:my|the)|updat\w*|wrong\w*|mistake|typo|misspelled|switch|"
    r"instead|not my|isn'?t my|not right|different|another|other)\b",
    re.IGNORECASE,
)
_NAMED = {
    "contact": re.compile(r"\b(?:phone|number|cell|mobile|e-?mail|address|contact)\b", re.IGNORECASE),
    "name": re.compile(r"\b(?:name|spelling|spelled)\b", re.IGNORECASE),
    "time": re.compile(r"\b(?:time|times|day|hours?|when)\b", re.IGNORECASE),
    "topic": re.compile(r"\b(?:topic|reason|subject|problem|about)\b", re.IGNORECASE),
}
_AROUND_A_TIME = frozenset(
    "no actually make it that change the time to better please instead sorry i meant mean rather call me "
    "and or in at on best good is are my a for would be works work can do could".split()
)


def wants_sending(text: str) -> bool:
    """Tell whether the whole message says that the request may be sent: "send it", "looks good"."""
    return _SEND.fullmatch(text.strip().replace("’", "'")) is not None


def detail_to_change(text: str) -> str | None:
    """Return the detail that the visitor wants to give again: contact, name, time or topic."""
    if not _CHANGES.search(text):
        return None
    return next((detail for detail, pattern in _NAMED.items() if pattern.search(text)), None)


def only_a_time(text: str, times: list[str]) -> bool:
    """Tell whether the message names `times`, which were found in it, and nothing else of weight."""
    rest = text.lower()
    for time in times:
        rest = rest.replace(time.lower(), " ")
    return bool(times) and set(re.findall(r"[^\W\d_]+", rest)) <= _AROUND_A_TIME
