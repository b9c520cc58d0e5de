"""Finds the phone number in what people type."""

from __future__ import annotations

import re

import phonenumbers

from clinic.contact_unclear import ContactUnclear

_DEFAULT_REGION = "US"
_E164 = phonenumbers.PhoneNumberFormat.E164

# Three, three and four digits, as in the North American plan: neither area code nor exchange starts with 0
# or 1, and no area code ends in 11. What stands before and after may not be more of the same number.
_US_NUMBER = re.compile(
    r"(?<!\d)(?<!\d[-.])(?:1[\s.\-/]{0,2})?"
    r"\(?([2-9](?!11)\d\d)\)?[\s.,\-/]{0,3}([2-9]\d\d)[\s.,\-/]{0,3}(\d{4})(?!\d|[-.]\d)"
)
_DIGIT_RUN = re.compile(r"\+?\(?\d(?:[\s.()\-/]*\d)*")


def find_phone(text: str) -> str:
    """Return the first phone number in `text` (see `plain_text`) as E.164.

    Raises `ContactUnclear`: phone_too_short, phone_too_long, phone_not_valid.
    """
    runs: list[str] = _DIGIT_RUN.findall(text)
    abroad = next((run for run in runs if run.startswith("+") and not run.lstrip("+(").startswith("1")), None)
    if abroad:
        return _read_abroad(abroad)
    found = _US_NUMBER.search(text)
    if found:
        # Possible is enough here. "Valid" would also ask whether the number is in use today: that refuses the
        # numbers kept free for examples (555-0100 to 555-0199) and every area code newer than the library.
        return "+1" + "".join(found.groups())
    return _read_unusual(max(runs, key=_count_digits, default=""))


def longest_digits(text: str) -> int:
    """Return how many digits the longest group of digits in `text` has, as grouped in a phone number."""
    return max(map(_count_digits, _DIGIT_RUN.findall(text)), default=0)


def format_phone(e164: str) -> str:
    """Return an E.164 number as people write it: "(405) 555-0134"; one from abroad with its country code.

    A text that is no number comes back unchanged.
    """
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, style.NATIONAL if number.country_code == 1 else style.INTERNATIONAL
    )


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _read_abroad(run: str) -> str:
    number = _parse(run)
    if number is None or not phonenumbers.is_valid_number(number):
        raise ContactUnclear(_length_problem(_count_digits(run), shortest=8, longest=15))
    return phonenumbers.format_number(number, _E164)


def _read_unusual(run: str) -> str:
    """Read ten digits in other groups (40 55 55 01 34), or a number abroad that begins with 011."""
    digits = "".join(character for character in run if character.isdigit())
    if _US_NUMBER.fullmatch(digits):
        return "+1" + digits[-10:]
    number = _parse(digits)
    if number is not None and number.country_code != 1 and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, _E164)
    if not digits:
        raise ContactUnclear("phone_not_valid")
    national = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    raise ContactUnclear(_length_problem(len(national), shortest=10, longest=10))


def _parse(run: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(run, _DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None


def _length_problem(digits: int, shortest: int, longest: int) -> str:
    if digits < shortest:
        return "phone_too_short"
    return "phone_too_long" if digits > longest else "phone_not_valid"
