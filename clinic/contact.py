"""Contact details as people type them: name, phone and e-mail, read from free text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from clinic.contact_unclear import ContactUnclear
from clinic.names import tidy_name
from clinic.phones import find_phone, format_phone, longest_digits
from clinic.plain_text import plain_text

__all__ = [
    "MAXIMUM_NAME_LENGTH",
    "Contact",
    "ContactUnclear",
    "format_phone",
    "read_contact",
    "read_email",
    "read_name",
    "read_phone",
]

MAXIMUM_NAME_LENGTH = 80
_DIGITS_OF_A_PHONE = 5  # fewer digits than this are a time or a number of years, not a try at a phone number
_BETWEEN_CONTACTS = re.compile(r"[\s,;|/]+")
_BETWEEN_ADDRESSES = re.compile(r"[\s,;|/:<>()\[\]]+")
_ENDING_TOO_SHORT = re.compile(r"\.\w$")  # "maria@mail.c": every ending in use has two letters or more
_AROUND_AN_ADDRESS = ".!?'\""


@dataclass(frozen=True)
class Contact:
    """A way to reach somebody: `phone` in E.164, `email` normalised; at least one is set."""

    phone: str | None
    email: str | None


def read_name(text: str) -> str:
    """Return the name in `text`: "my name is MARIA LOPEZ" gives "Maria Lopez".

    Capitals that were chosen stay.
    Raises `ContactUnclear`: name_missing, name_has_no_letters, name_too_long (over 80 characters).
    """
    plain = plain_text(text)
    if plain and not any(character.isalpha() for character in plain):
        raise ContactUnclear("name_has_no_letters")
    name = tidy_name(plain)
    if not name:
        raise ContactUnclear("name_missing")
    if len(name) > MAXIMUM_NAME_LENGTH:
        raise ContactUnclear("name_too_long")
    return name


def read_phone(text: str) -> str:
    """Return the first phone number in `text` as E.164; a number without a country code is a US number.

    An extension is left out: E.164 has no place for it. Raises `ContactUnclear`: contact_missing,
    phone_too_short, phone_too_long, phone_not_valid.
    """
    plain = plain_text(text)
    if not plain:
        raise ContactUnclear("contact_missing")
    return find_phone(plain)


def read_email(text: str) -> str:
    """Return the first e-mail address in `text`, normalised. Nothing is looked up on the network.

    Raises `ContactUnclear`: contact_missing, email_not_valid.
    """
    plain = plain_text(text)
    if not plain:
        raise ContactUnclear("contact_missing")
    words = _BETWEEN_ADDRESSES.split(plain)
    address = next((word.strip(_AROUND_AN_ADDRESS) for word in words if "@" in word), "")
    if _ENDING_TOO_SHORT.search(address):
        raise ContactUnclear("email_not_valid")
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ContactUnclear("email_not_valid") from error


def read_contact(text: str) -> Contact:
    """Return the phone number and the e-mail address in `text`: one of them, or both.

    When one is clear and the other is not, the clear one is enough. Raises `ContactUnclear`: the codes of
    `read_phone` and `read_email` where there was a try at one, else contact_missing, contact_not_understood.
    """
    plain = plain_text(text)
    if not plain:
        raise ContactUnclear("contact_missing")
    phone = email = problem = None
    if "@" in plain:
        try:
            email = read_email(plain)
        except ContactUnclear as unclear:
            problem = unclear
    without_email = " ".join(word for word in _BETWEEN_CONTACTS.split(plain) if "@" not in word)
    if longest_digits(without_email) >= _DIGITS_OF_A_PHONE:
        try:
            phone = find_phone(without_email)
        except ContactUnclear as unclear:
            problem = problem or unclear
    if phone is None and email is None:
        raise problem or ContactUnclear("contact_not_understood")
    return Contact(phone=phone, email=email)
