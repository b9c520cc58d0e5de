"""Every notice offers the contact page and names 911 and 988, also for a clinic without a phone number."""

from __future__ import annotations

import pytest

from content.responses import read_responses
from web.chat.setup import NOTICES

NAMES = ["notice_busy", "notice_not_saved", "notice_unanswered"]
WITHOUT_A_FAILURE = ["notice_contact_withdrawn", "notice_no_request", "notice_number_masked"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("phone", ["405-555-0100", ""])
def test_a_notice_leaves_nobody_with_nothing(name: str, phone: str) -> None:
    notice = read_responses([NOTICES], {"clinic_phone": phone} if phone else {}).find(name)
    assert notice.kind == "notice"
    for needed in ("(/contact)", "[911](tel:911)", "[988](sms:988)", phone):
        assert needed in notice.text


def test_there_is_no_notice_that_is_not_checked_here() -> None:
    assert read_responses([NOTICES], {}).names() == sorted([*NAMES, *WITHOUT_A_FAILURE])
