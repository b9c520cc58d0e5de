"""Whatever is typed or sent, our own parsers give a result or their own refusal, and never lead astray."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinic.lead_filter import LeadFilter
from clinic.lead_notes import NoteEmpty, NoteTooLong, TagNotPossible, read_note, read_tags
from clinic.lead_search import match_search
from clinic.masking import MASK, mask_numbers
from clinic.next_call import QUICK_CHOICES, NextCallNotPossible, read_next_call
from clinic.plain_text import plain_text
from clinic.storage.database import Database
from clinic.storage.keyring import Keyring
from web.chat.bodies import clean_text, read_body, read_position, strip_page
from web.chat.choices import Choice, ChoiceTokens
from web.chat.models import FeedbackRequest, MessageRequest, SessionRequest
from web.console.access import read_return_path, read_version
from web.console.list_filter import read_filter
from web.console.message_text import read_blocks
from web.console.problems import ConsoleProblem
from web.errors import Refusal
from web.limits import client_address

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


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def fake_request(**parts: Any) -> Any:
    return SimpleNamespace(**parts)


@MANY
@given(text=st.text(max_size=120), limit=st.integers(1, 100))
@example(text="\u202eevil\u2066", limit=10)
@example(text="\u200d\u200d", limit=10)
def test_a_typed_message_is_cleaned_once_or_refused(text: str, limit: int) -> None:
    try:
        kept = clean_text(text, limit)
    except Refusal as refusal:
        assert refusal.code in ("message_empty", "message_too_long")
    else:
        assert clean_text(kept, limit) == kept and 0 < len(kept) <= limit
        assert not any(ord(letter) < 32 and letter != "\n" for letter in kept)
        assert not set(kept) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


@MANY
@given(body=st.binary(max_size=60) | ANYTHING.map(lambda value: json.dumps(value).encode()))
@pytest.mark.parametrize("model", [SessionRequest, MessageRequest, FeedbackRequest])
def test_a_body_is_the_model_or_is_refused(model: Any, body: bytes) -> None:
    try:
        assert isinstance(read_body(fake_request(content_type="application/json", body=body), model), model)
    except Refusal as refusal:
        assert refusal.code == "bad_request" and refusal.__cause__ is None


@MANY
@given(text=st.text(max_size=12))
@example("٣")
@example("1" * 12)
def test_positions_and_versions_are_small_numbers_or_refused(text: str) -> None:
    try:
        assert 0 <= read_position(fake_request(args={"after": text})) < 10**9
    except Refusal as refusal:
        assert refusal.code == "bad_request"
    try:
        assert 0 <= read_version(fake_request(form={"version": text})) < 10**9
    except ConsoleProblem as problem:
        assert str(problem) == "choice_not_valid"


@MANY
@given(page=st.text(max_size=60))
def test_a_page_is_kept_without_query_and_fragment(page: str) -> None:
    kept = strip_page(page)
    assert kept is None or (not set("?#") & set(kept) and page.startswith(kept))


@MANY
@given(address=st.text(max_size=40) | st.ip_addresses().map(str))
def test_any_network_address_can_be_counted(address: str) -> None:
    counted = client_address(fake_request(ip="192.0.2.1", remote_addr=address), trust_proxy=True)
    assert counted and client_address(fake_request(ip="192.0.2.1", remote_addr=address), False) == "192.0.2.1"


@MANY
@given(
    values=st.dictionaries(
        st.sampled_from([*LeadFilter.__dataclass_fields__, "other"]), st.text(max_size=20), max_size=5
    )
)
def test_the_lists_filters_are_known_ones_or_refused(values: dict[str, str]) -> None:
    try:
        read_filter(values).check()
    except ConsoleProblem as problem:
        assert str(problem) == "choice_not_valid"


@MANY
@given(text=st.text(max_size=300) | st.from_regex(r"(\*\*|\[|\]\(|javascript:|https://|tel:|- |\n){0,20}"))
@example("[x](javascript:hurt())")
@example("[x](//evil.example)")
@example("**" * 50)
def test_links_of_an_answer_lead_to_safe_addresses_only(text: str) -> None:
    pieces = [piece for block in read_blocks(text) for line in block.lines for piece in line]
    for target in (piece.target for piece in pieces if piece.target is not None):
        assert target.startswith(("https://", "tel:", "sms:", "/")) and not target.startswith("//")


@MANY
@given(text=st.text(max_size=80))
def test_notes_and_tags_are_read_or_refused_in_their_own_words(text: str) -> None:
    with suppress(NoteEmpty, NoteTooLong):
        assert read_note(text) == read_note(read_note(text))
    with suppress(TagNotPossible):
        tags = read_tags(text)
        assert read_tags(",".join(tags)) == tags and not any(set("<>&\"'") & set(tag) for tag in tags)


@MANY
@given(
    choice=st.sampled_from([*QUICK_CHOICES, "", "other"]),
    typed=st.text(max_size=25) | st.datetimes().map(str),
)
@example("typed", "0001-01-01T00:00")
@example("typed", "9999-12-31T23:59:59+00:00")
@example("typed", "9999-12-31T23:59:59-23:59")
def test_a_next_call_is_in_the_next_year_or_is_refused(choice: str, typed: str) -> None:
    now = datetime(2026, 11, 25, 16, tzinfo=UTC)
    try:
        moment = read_next_call(choice, typed, now, ZoneInfo("America/Chicago"))
    except NextCallNotPossible as problem:
        assert problem.code.startswith("next_call_")
    else:
        assert moment is None or 0 < (moment - now).total_seconds() <= 366 * 86400


def words_of(statement: str) -> set[str]:
    return set(re.findall(r"\w+", statement))


KNOWN_WORDS = {
    word
    for search in ("Maria Lopez", "405-555-0134", "OPTC-7K2M", "maria@example.org", "?", "")
    for word in words_of(str(match_search(search).compile(Database("sqlite://").engine)))
} | {str(number) for number in range(10)}


@MANY
@given(search=st.text(max_size=100) | st.from_regex(r"[\d\s()+.\-/%'\";]{1,30}"))
@example("%' OR 1=1 --")
@example("lea")
def test_a_search_is_a_condition_whatever_is_typed(search: str) -> None:
    database = Database("sqlite://")
    compiled = match_search(search).compile(database.engine)
    assert words_of(str(compiled)) <= KNOWN_WORDS  # values go beside the statement, never into it


@MANY
@given(text=st.text(max_size=120) | st.from_regex(r"([a-z0-9]{1,8} [A-Za-z0-9_=-]{0,50}\n){0,4}"))
def test_a_file_of_keys_is_read_or_damaged(text: str) -> None:
    with suppress(ValueError):  # of which its caller makes KeysLost
        Keyring(None)._take(text)
