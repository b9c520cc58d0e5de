"""Whatever is typed or sent, our own parsers give a result or their own refusal, and never lead astray."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinic.masking import MASK, mask_numbers
from clinic.plain_text import plain_text
from web.chat.choices import Choice, ChoiceTokens
from web.console.access import read_return_path
from web.errors import Refusal

CHOICE = Choice(title="Cost", intent="ask_cost")
SITE = "https://chat.clinic.example"
MANY = settings(max_examples=1000, deadline=None)


@MANY
@given(text=st.text(max_size=200) | st.from_regex(r"[0-9 -]{0,40}"))
def test_masking_ends_and_masks_once(text: str) -> None:
    masked = mask_numbers(text)
    assert MASK in masked or masked == text
    assert len(masked) <= len(text)


@MANY
@given(before=st.text(st.characters(categories=["L", "Zs"]), max_size=30), number=st.integers(0, 999_999_999))
def test_no_social_security_number_survives(before: str, number: int) -> None:
    digits = f"{number:09}"
    written = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
    assert written not in mask_numbers(f"{before} {written}")


@MANY
@given(path=st.text(max_size=60) | st.builds(str.__add__, st.just("/console/leads"), st.text(max_size=20)))
@example("//evil.example")
@example("/console/leads\n//evil.example")
@example("/console/leads/../../evil")
@example("https://evil.example/console/leads")
def test_signing_in_leads_nowhere_else(path: str) -> None:
    led = urlsplit(urljoin(SITE, read_return_path(path)))
    assert f"{led.scheme}://{led.netloc}" == SITE
    assert led.path.startswith("/console") and ".." not in led.path


@MANY
@given(token=st.text(max_size=80), place=st.integers(0, 200), letter=st.characters(codec="ascii"))
def test_a_choice_that_was_not_signed_is_refused(token: str, place: int, letter: str) -> None:
    tokens = ChoiceTokens("a-key-for-tests-only")
    signed = tokens.sign("talk", CHOICE)
    changed = signed[: place % len(signed)] + letter + signed[place % len(signed) + 1 :]
    for forged in (token, changed):
        try:
            read = tokens.read("talk", forged)
        except Refusal as refusal:
            assert refusal.code == "choice_not_valid"
        else:  # the last letter of base64 has unused bits: another spelling of the same choice
            assert read == CHOICE
            assert forged[:-1] == signed[:-1]


@MANY
@given(text=st.text(st.characters(), max_size=100))
def test_plain_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    once = plain_text(text)
    assert plain_text(once) == once
    assert "\0" not in once
    once.encode("utf-8")
