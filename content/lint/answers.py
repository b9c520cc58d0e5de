"""What an answer may say, how long it may be, and which blanks it may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from clinic.message import REPLY_KINDS
from clinic.profile import Profile
from content.files import Variant
from content.lint.finding import Finding
from content.lint.project import Project
from content.readability import count_words, reading_grade

WORDS_AT_MOST = 60
GRADE_AT_MOST = 8
SIMPLER = "utter_easy_"
SIMPLER_WORDS_AT_MOST = 40
SIMPLER_GRADE_AT_MOST = 5
# what the clinic cannot stand behind: promises, superlatives, advice, and mechanisms shown in animals only
FORBIDDEN = (
    r"\bcur(?:e|es|ed)\b", r"\bguarantee\w*", r"goodbye to", r"pain-free", r"\bpainless", r"risk-free",
    r"no side effects", r"\b100 ?%", r"proven to heal", r"(?:best|most) effective", r"faster recovery",
    r"\bmiracle\w*", r"safe for you", r"(?<!what )(?<!if )you have (?:an? )?(?:herniat|sciatic|arthrit)\w*",
    r"you should stop", r"instead of your medication", r"licensed acupuncturist", r"histamine", r"mast cell",
    r"cochrane[^.]*neck", r"neck[^.]*cochrane", r"!",
)  # fmt: skip
MONEY = re.compile(r"[$€£] ?\d[\d.,]*|\b\d[\d.,]* ?(?:dollars|USD)\b", re.IGNORECASE)
PHONE = re.compile(r"\b(?:\d{1,2}[-. ])?\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b|\b\d{3}[- ]\d{4}\b|\b\d{10}\b")
ALLOWED_NUMBERS = ("1-800-222-1222", "1-800-662-4357")  # 911, 988 and 838255 are no phone-like strings
EXAMPLE_NUMBERS = ("405-555-0134",)  # 555-01xx numbers are nobody's; shown as "like 405-555-0134"
ALWAYS_SET = "clinic_name"
_BLANK = re.compile(r"\{(\w*)\}")


def check_words(project: Project, today: date) -> Iterator[Finding]:
    """Nothing is said that the clinic cannot stand behind; no amount of money, no phone number."""
    for variant in project.variants:
        for pattern in FORBIDDEN:
            if found := re.search(pattern, variant.text, re.IGNORECASE):
                yield _at(variant, f'"{found[0]}" must not be said. Say it without a promise or advice.')
        plain = variant.text
        for number in (*ALLOWED_NUMBERS, *EXAMPLE_NUMBERS):
            plain = plain.replace(number, "")
        if found := MONEY.search(plain):
            yield _at(variant, f'"{found[0]}" is an amount of money. Prices come from clinic/profile.yml.')
        if found := PHONE.search(plain):
            yield _at(variant, f'"{found[0]}" looks like a phone number. Write {{clinic_phone}} instead.')


def check_length(project: Project, today: date) -> Iterator[Finding]:
    """The answer to a question is short and plain; its simpler form is shorter and plainer."""
    for variant in (found for file in project.topics for found in file.variants()):
        simpler = variant.response.startswith(SIMPLER)
        most_words = SIMPLER_WORDS_AT_MOST if simpler else WORDS_AT_MOST
        highest = SIMPLER_GRADE_AT_MOST if simpler else GRADE_AT_MOST
        words, grade = count_words(variant.text), reading_grade(variant.text)
        if words > most_words:
            yield _at(variant, f"the answer has {words} words. Say it in {most_words}.")
        if grade > highest:
            limit = f"{highest} is the limit. Use shorter sentences and words."
            yield _at(variant, f"the answer reads at grade {grade:.1f}; {limit}")


def check_blanks(project: Project, today: date) -> Iterator[Finding]:
    """Every {blank} can be filled, and a variant with a clinic fact is used only when it is set."""
    facts = Profile.placeholder_names()
    for variant in project.variants:
        needs = set(variant.metadata.get("needs") or [])
        for need in sorted(needs - facts):
            yield _at(variant, f"needs {need}, which clinic/profile.yml does not know. Correct the name.")
        for blank in sorted(set(_BLANK.findall(variant.text))):
            if blank in facts:
                if blank != ALWAYS_SET and blank not in needs:
                    yield _at(variant, f"{{{blank}}} may be unset. Add it to `needs` of this variant.")
            elif blank not in project.passed_values:
                yield _at(variant, f"{{{blank}}} is no key of clinic/profile.yml and no slot. Correct it.")


def check_variants(project: Project, today: date) -> Iterator[Finding]:
    """Every response has text, a variant for when nothing is known, and conditions that spaCy knows."""
    last: dict[str, Variant] = {}
    general = set()
    for variant in project.variants:
        last[variant.response] = variant
        if not variant.text.strip():
            yield _at(variant, f"{variant.response} has a variant without text. Write one.")
        if not {"needs", "category", "about"} & set(variant.metadata):
            general.add(variant.response)
        about = variant.metadata.get("about")
        if about is not None and about not in project.known_complaints:
            yield _at(variant, f"about: {about} is no complaint of engine/clinic_words.yml. Correct it.")
    for response, variant in last.items():
        if response not in general:
            yield _at(variant, f"{response} has no variant that needs nothing. Add one for unset facts.")


def check_kinds(project: Project, today: date) -> Iterator[Finding]:
    """Every response is of a kind that the chat knows; any other would be a failure to the visitor."""
    for variant in project.variants:
        kind = variant.metadata.get("kind", "text")
        if kind not in REPLY_KINDS:
            yield _at(variant, f"kind {kind!r} is unknown to the chat. Use one of: {', '.join(REPLY_KINDS)}.")


def _at(variant: Variant, message: str) -> Finding:
    return Finding(variant.file.path, variant.line, message)


RULES = (check_words, check_length, check_blanks, check_variants, check_kinds)
