"""Numbers that nobody should keep are gone before anything is stored; everything else stays as typed."""

from __future__ import annotations

import pytest

from clinic.masking import MASK, mask_numbers, mask_person


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("my social is 123-45-6789", f"my social is {MASK}"),
        ("123 45 6789 is my ssn", f"{MASK} is my ssn"),
        ("SSN: 123456789", f"SSN: {MASK}"),
        ("my social security number is 123456789.", f"my social security number is {MASK}."),
        ("member id XYZ123456789, does it cover this?", f"member id {MASK}, does it cover this?"),
        ("Medicare number is 1EG4TE5MK73", f"Medicare number is {MASK}"),
        ("pay with 4111 1111 1111 1111 please", f"pay with {MASK} please"),
        ("card 5555-5555-5555-4444", f"card {MASK}"),
    ],
)
def test_identity_card_and_member_numbers_are_masked(typed: str, kept: str) -> None:
    assert mask_numbers(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "call me at 405-555-0134",
        "(405) 555 0134 or +1 405 555 0134",
        "my number is 4055550134",
        "my card number",
        "the member of my family is 65 years old",
        "L4-L5 since 2019-11-25",
        "1234 5678 9012 3456",  # no card: its last digit is wrong
        "I had 12 visits in 90 days, 20 a year",
    ],
)
def test_phone_numbers_dates_and_counts_stay(typed: str) -> None:
    assert mask_numbers(typed) == typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("call (405) 555-0134 or +49 30 1234567", f"call {MASK} or {MASK}"),
        ("write to a.b@example.org", f"write to {MASK}"),
        ("see www.example.org/me", f"see {MASK}"),
        ("born 03/04/1961", f"born {MASK}"),
        ("my name is Ana Lopez and my back hurts", f"my name is {MASK} and my back hurts"),
        ("my name is ana and my back hurts", f"my name is {MASK} and my back hurts"),
        ("is Lopez-Smith booked? LOPEZ asks", f"is {MASK}-Smith booked? {MASK} asks"),
        ("I had 12 visits in 90 days", "I had 12 visits in 90 days"),
        ("what is the name of the needle", "what is the name of the needle"),
    ],
)
def test_nothing_says_who_wrote_a_text_that_is_kept_longer(typed: str, kept: str) -> None:
    assert mask_person(typed, ["Maria Lopez"]) == kept
