"""Takes numbers out of a message that a chat has no use for and nobody should keep: identity, card, member.

Ask for no more than is needed (45 CFR 164.502(b)); a number that is never stored cannot be stolen.
Phone numbers stay: the team calls back with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

MASK = "•••"
_SOCIAL_SECURITY = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
_SAID_TO_BE_ONE = re.compile(
    r"(?P<label>\b(?:ssn|social(?: security)?(?: number| no)?"
    r"|(?:member|policy|group|subscriber|medicare|medicaid|insurance|card)(?: id| number| no| #)+)"
    r"\W{0,4}(?:is\W{1,3})?)(?P<number>[A-Z]{0,4}\d[A-Z\d -]{4,20}\d)",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_ADDRESS = re.compile(r"\S+@\S+|\b(?:https?://|www\.)\S+", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s().-]*\d){6,}")
_INTRODUCTION = re.compile(
    r"(?P<lead_in>\b(?i:name is|name's|me llamo|mi nombre es)\s+)[^\W\d_]+(?:[ -][A-Z][^\W\d_]+)*"
)


def mask_numbers(text: str) -> str:
    """Return `text` with identity, card and member numbers replaced by dots; other text is unchanged."""
    masked = _SOCIAL_SECURITY.sub(MASK, text)
    masked = _SAID_TO_BE_ONE.sub(lambda found: found["label"] + MASK, masked)
    return _CARD.sub(lambda found: MASK if _is_card(found[0]) else found[0], masked)


def _is_card(number: str) -> bool:
    """Check the last digit of a payment card number (Luhn, ISO/IEC 7812-1)."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def mask_person(text: str, names: Iterable[str]) -> str:
    """Return `text` without anything that says who wrote it; `names` are those the visitor gave.

    Goes further than `mask_numbers`, for texts that are kept when the conversation is gone: e-mail addresses,
    web addresses, phone numbers of any country, dates, every long number, and the visitor's own name.
    """
    masked = _ADDRESS.sub(MASK, mask_numbers(text))
    for match in reversed(
        list(phonenumbers.PhoneNumberMatcher(masked, "US", phonenumbers.Leniency.POSSIBLE))
    ):
        masked = masked[: match.start] + MASK + masked[match.end :]
    masked = _DATE.sub(MASK, masked)
    masked = _LONG_NUMBER.sub(MASK, masked)
    masked = _INTRODUCTION.sub(lambda found: found["lead_in"] + MASK, masked)
    parts = {part for name in names for part in re.findall(r"[^\W\d_]{2,}", name)}
    if parts:
        longest_first = sorted(map(re.escape, parts), key=len, reverse=True)
        masked = re.sub(rf"\b(?:{'|'.join(longest_first)})\b", MASK, masked, flags=re.IGNORECASE)
    return masked
