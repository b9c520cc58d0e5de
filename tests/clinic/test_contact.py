from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.contact import (
    MAXIMUM_NAME_LENGTH,
    Contact,
    ContactUnclear,
    format_phone,
    read_contact,
    read_email,
    read_name,
    read_phone,
)

CODES = {
    "name_missing",
    "name_too_long",
    "name_has_no_letters",
    "phone_too_short",
    "phone_too_long",
    "phone_not_valid",
    "email_not_valid",
    "contact_missing",
    "contact_not_understood",
}


def assert_unclear(read: Callable[[str], object], typed: str, code: str) -> None:
    with pytest.raises(ContactUnclear) as unclear:
        read(typed)
    assert unclear.value.code == code
    assert code in CODES
    assert str(unclear.value) == code  # nothing of what was typed gets into a log


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("maria lopez", "Maria Lopez"),
        ("MARIA LOPEZ", "Maria Lopez"),
        ("Maria Lopez", "Maria Lopez"),
        ("  Maria \t Lopez \n", "Maria Lopez"),
        ("Maria", "Maria"),
        ("M", "M"),
        ("José Ñañez", "José Ñañez"),
        ("JOSE\u0301 ÑAÑEZ", "José Ñañez"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("o’brien-smith", "O'Brien-Smith"),
        ("d'angelo", "D'Angelo"),
        ("maria's friend tom", "Maria's Friend Tom"),
        ("Anna‐María O’Neill", "Anna-María O'Neill"),
        ("McDonald", "McDonald"),
        ("maria de la cruz", "Maria de la Cruz"),
        ("JUAN Y MARIA", "Juan y Maria"),
        ("anna von trapp", "Anna von Trapp"),
        ("thi do", "Thi Do"),
        ("de la cruz", "De la Cruz"),
        ("MARIA LOPEZ III", "Maria Lopez III"),
        ("Sammy Davis Jr.", "Sammy Davis Jr."),
        ("tom b.", "Tom B."),
        ("j.r. smith", "J.R. Smith"),
        ("Dr. Maria Lopez", "Dr. Maria Lopez"),
        ("Lopez, Maria", "Lopez, Maria"),
        ("李小龙", "李小龙"),
        ("Мария Иванова", "Мария Иванова"),
        ("प्रिया", "प्रिया"),
    ],
)
def test_it_keeps_a_name_as_the_person_writes_it(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("my name is Maria Lopez", "Maria Lopez"),
        ("My full name is maria lopez.", "Maria Lopez"),
        ("MY NAME IS TOM", "Tom"),
        ("my name's Tom", "Tom"),
        ("Name: Tom", "Tom"),
        ("I'm Maria", "Maria"),
        ("I’m Maria!", "Maria"),
        ("im maria", "Maria"),
        ("i am maria lopez", "Maria Lopez"),
        ("This is Maria.", "Maria"),
        ("it's Tom", "Tom"),
        ("you can call me Tom", "Tom"),
        ("me llamo José", "José"),
        ("Hi there, my name is Maria", "Maria"),
        ("Good morning! This is Maria Lopez", "Maria Lopez"),
        ("yes, it's Tom", "Tom"),
        ("Maria Lopez here", "Maria Lopez"),
        ("Maria Lopez is my name", "Maria Lopez"),
        ("Maria Lopez, thanks", "Maria Lopez"),
        ("maria lopez from tulsa", "Maria Lopez"),
        ("I'm Maria Lopez and I have neck pain", "Maria Lopez"),
        ("Tom, my number is 405-555-0134", "Tom"),
        ("Maria Lopez, 405-555-0134", "Maria Lopez"),
        ("Maria Lopez maria@example.org", "Maria Lopez"),
        ('Robert "Bob" Smith', "Robert Bob Smith"),
        ("Maria (Mary) Lopez", "Maria Mary Lopez"),
        ("'Maria'", "Maria"),
        ("Maria 😀", "Maria"),
        ("Maria❤️", "Maria"),
        ("\u202eMaria\x00 Lo\u200bpez\x07", "Maria Lopez"),
        ("- Maria -", "Maria"),
        ("Maria,.", "Maria"),
        (".Maria", "Maria"),
    ],
)
def test_it_finds_the_name_in_what_was_typed(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "name_missing"),
        (" \t\n\u200b", "name_missing"),
        ("my name is", "name_missing"),
        ("hello", "name_missing"),
        ("maria@example.org", "name_missing"),
        ("https://example.org/maria", "name_missing"),
        ("<script>", "name_missing"),
        ("<script>alert(1)</script>", "name_missing"),
        ("12345", "name_has_no_letters"),
        ("405-555-0134", "name_has_no_letters"),
        ("!!!", "name_has_no_letters"),
        ("😀", "name_has_no_letters"),
        ("a" * 200, "name_too_long"),
        ("Maria " * 40, "name_too_long"),
    ],
)
def test_it_says_what_is_wrong_with_a_name(typed: str, code: str) -> None:
    assert_unclear(read_name, typed, code)


def test_it_takes_the_longest_name_that_is_allowed() -> None:
    assert read_name("A" + "b" * 79) == "A" + "b" * 79
    assert_unclear(read_name, "A" + "b" * 80, "name_too_long")


@pytest.mark.parametrize(
    "typed",
    [
        "405 555 0134",
        "4055550134",
        "405-555-0134",
        "405.555.0134",
        "405/555/0134",
        "405,555,0134",
        "405–555–0134",
        "(405)555-0134",
        "(405) 555 - 0134",
        "405555-0134",
        "40 55 55 01 34",
        "1 405 555 0134",
        "14055550134",
        "+1-405-555-0134",
        "+14055550134",
        "+1 (405) 555-0134",
        "tel:+1(405)555-0134",
        "(405)555-0134 ext 5",
        "405-555-0134x5",
        "4055550134 mornings",
        "my number is 405 555 0134.",
        "405 555 0134 after 5 pm",
        "between 9-12 at 405 555 0134",
        "405 555 0134, 9-12",
        "cell 405-555-0134, home 405-555-0199",
        "\u00a0405\u00a0555\u00a00134\u200b",
        "４０５ ５５５ ０１３４",
        "٤٠٥٥٥٥٠١٣٤",
    ],
)
def test_it_reads_a_phone_number(typed: str) -> None:
    assert read_phone(typed) == "+14055550134"
    assert read_contact(typed) == Contact(phone="+14055550134", email=None)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("+44 20 7946 0958", "+442079460958"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("+1 918 555 0100", "+19185550100"),
    ],
)
def test_it_reads_a_phone_number_with_a_country_code(typed: str, phone: str) -> None:
    assert read_phone(typed) == phone


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "contact_missing"),
        (" \n", "contact_missing"),
        ("555-0134", "phone_too_short"),
        ("call 555-0134 between 10 and 12", "phone_too_short"),
        ("911", "phone_too_short"),
        ("123-45-6789", "phone_too_short"),
        ("+1 405 555 01", "phone_too_short"),
        ("+44 20", "phone_too_short"),
        ("+3", "phone_too_short"),
        ("405555013499", "phone_too_long"),
        ("405-555-0134-5", "phone_too_long"),
        ("24055550134", "phone_too_long"),
        ("+44 20 7946 0958 1234 5678", "phone_too_long"),
        ("9" * 200, "phone_too_long"),
        ("105 555 0134", "phone_not_valid"),
        ("1055550134", "phone_not_valid"),
        ("405 155 0134", "phone_not_valid"),
        ("911 555 0134", "phone_not_valid"),
        ("1 005 555 0134", "phone_not_valid"),
        ("+52 55 1234 56", "phone_not_valid"),
        ("four oh five", "phone_not_valid"),
        ("call me", "phone_not_valid"),
        ("+", "phone_not_valid"),
        ("²", "phone_too_short"),
    ],
)
def test_it_says_what_is_wrong_with_a_phone_number(typed: str, code: str) -> None:
    assert_unclear(read_phone, typed, code)


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("maria@example.org", "maria@example.org"),
        ("  maria@example.org  ", "maria@example.org"),
        ("maria@example.org.", "maria@example.org"),
        ("Maria.Lopez@EXAMPLE.ORG", "Maria.Lopez@example.org"),
        ("my email is maria@example.org, thanks", "maria@example.org"),
        ("<maria@example.org>", "maria@example.org"),
        ("mailto:maria@example.org", "maria@example.org"),
        ("email:maria@example.org", "maria@example.org"),
        ("maria@example.org or tom@example.org", "maria@example.org"),
        ("maria+news@mail.example.com", "maria+news@mail.example.com"),
        ("o'brien@example.org", "o'brien@example.org"),
        ("josé@example.org", "josé@example.org"),
        ("maria＠example．org", "maria@example.org"),
    ],
)
def test_it_reads_an_email_address(typed: str, email: str) -> None:
    assert read_email(typed) == email
    assert read_contact(typed) == Contact(phone=None, email=email)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "contact_missing"),
        ("maria", "email_not_valid"),
        ("maria at example dot org", "email_not_valid"),
        ("maria @ example.org", "email_not_valid"),
        ("maria@ example.org", "email_not_valid"),
        ("maria@@example.org", "email_not_valid"),
        ("maria@exa@mple.org", "email_not_valid"),
        ("maria@example", "email_not_valid"),
        ("maria@example..org", "email_not_valid"),
        ("maria.@example.org", "email_not_valid"),
        ("maria@mail.c", "email_not_valid"),
        ("maria@localhost", "email_not_valid"),
        ("maria@[127.0.0.1]", "email_not_valid"),
        ("@example.org", "email_not_valid"),
        ("@", "email_not_valid"),
        ("a" * 300 + "@example.org", "email_not_valid"),
    ],
)
def test_it_says_what_is_wrong_with_an_email_address(typed: str, code: str) -> None:
    assert_unclear(read_email, typed, code)


@pytest.mark.parametrize(
    "typed",
    [
        "405 555 0134 or maria@example.org",
        "maria@example.org, (405) 555-0134",
        "4055550134,maria@example.org",
        "maria@example.org/405-555-0134",
        "phone:405-555-0134;email:maria@example.org",
    ],
)
def test_it_reads_both_when_both_are_there(typed: str) -> None:
    assert read_contact(typed) == Contact(phone="+14055550134", email="maria@example.org")


def test_it_takes_the_clear_one_when_the_other_is_not() -> None:
    assert read_contact("maria@@example.org 405 555 0134") == Contact("+14055550134", None)
    assert read_contact("555-0134 or maria@example.org") == Contact(None, "maria@example.org")


def test_it_takes_no_phone_number_out_of_an_email_address() -> None:
    typed = "maria4055550134@example.org"
    assert read_contact(typed) == Contact(phone=None, email=typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "contact_missing"),
        ("maria at example dot org", "contact_not_understood"),
        ("call me after 5", "contact_not_understood"),
        ("no", "contact_not_understood"),
        ("555-0134", "phone_too_short"),
        ("405555013499", "phone_too_long"),
        ("405 155 0134", "phone_not_valid"),
        ("maria@@example.org", "email_not_valid"),
        ("maria@@example.org 555-0134", "email_not_valid"),
    ],
)
def test_it_says_what_is_wrong_with_a_contact(typed: str, code: str) -> None:
    assert_unclear(read_contact, typed, code)


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+14055550134", "(405) 555-0134"),
        ("+442079460958", "+44 20 7946 0958"),
        ("", ""),
        ("nothing", "nothing"),
    ],
)
def test_it_shows_a_phone_number_as_people_write_it(e164: str, shown: str) -> None:
    assert format_phone(e164) == shown


# Any text, and texts that come close to names, numbers and addresses.
ANY_TEXT = st.text(alphabet=st.characters(), max_size=300)
LIKELY = st.lists(
    st.sampled_from(
        [
            "maria",
            "Lopez",
            "my name is",
            "I'm",
            "and i",
            "@",
            "example.org",
            ".",
            "405",
            "555",
            "0134",
            "+",
            "1",
        ]
        + ["011", "44", "(", ")", "-", " ", "'", ",", "\n", "\x00", "\ud800", "٤", "²", "😀", "é", "<", "ext"]
    ),
    max_size=14,
).map("".join)


@settings(deadline=None, max_examples=200)
@given(typed=ANY_TEXT | LIKELY)
def test_it_never_fails_but_with_a_known_code(typed: str) -> None:
    for read in (read_name, read_phone, read_email, read_contact):
        try:
            read(typed)
        except ContactUnclear as unclear:
            assert unclear.code in CODES


@settings(deadline=None, max_examples=200)
@given(typed=ANY_TEXT | LIKELY)
def test_it_gives_only_names_that_can_be_shown_and_stored(typed: str) -> None:
    try:
        name = read_name(typed)
    except ContactUnclear:
        return
    assert 0 < len(name) <= MAXIMUM_NAME_LENGTH
    assert any(character.isalpha() for character in name)
    assert not re.search(r"[\x00-\x1f<>@/\d]|  |^\s|\s$", name)
    name.encode("utf-8")


@settings(deadline=None, max_examples=200)
@given(typed=ANY_TEXT | LIKELY)
def test_it_reads_its_own_results_again(typed: str) -> None:
    try:
        contact = read_contact(typed)
    except ContactUnclear:
        return
    assert contact.phone or contact.email
    if contact.phone:
        assert re.fullmatch(r"\+[1-9]\d{6,14}", contact.phone)
        assert read_phone(contact.phone) == contact.phone
        assert read_phone(format_phone(contact.phone)) == contact.phone
    if contact.email:
        assert read_email(contact.email) == contact.email


@settings(deadline=None, max_examples=100)
@given(
    area=st.from_regex(r"[2-9][02-9][0-9]", fullmatch=True),
    exchange=st.from_regex(r"[2-9][0-9]{2}", fullmatch=True),
    line=st.from_regex(r"[0-9]{4}", fullmatch=True),
    separator=st.sampled_from(["", " ", "-", ".", "/", " - "]),
    prefix=st.sampled_from(["", "+1", "1-", "call me at ", "(", "tel: "]),
)
def test_it_reads_every_number_of_the_north_american_plan(
    area: str, exchange: str, line: str, separator: str, prefix: str
) -> None:
    assert read_phone(prefix + separator.join((area, exchange, line))) == f"+1{area}{exchange}{line}"
