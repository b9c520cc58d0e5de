"""The contact page saves a request once and says so, or says that it did not; nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine

from clinic.consent import ConsentText, current_consent
from clinic.contact_unclear import ContactUnclear
from clinic.leads import Lead, LeadNotSaved
from clinic.settings import Settings
from content.responses import read_responses
from tests.web.conftest import PROBLEMS, Site
from tests.web.contact.conftest import MARIA, fill_form, find_form_id, open_form
from tests.web.scripted_engine import ScriptedEngine


def leads(site: Site) -> list[Lead]:
    found: list[Lead] = site.app.ctx.leads.list().leads
    return found


async def test_the_page_shows_an_empty_form(site: Site) -> None:
    page = (await site.client.get("/contact")).text
    assert re.search(r'<input id="consent"[^>]*type="checkbox"', page)
    assert "checked" not in page
    assert current_consent("Belle Isle Pain Clinic").text in page
    for needed in ('autocomplete="name"', 'type="tel"', 'type="email"', "tel:911", "tel:988", "Neck pain"):
        assert needed in page
    assert "<script" not in page


async def test_a_request_is_saved_and_its_reference_shown(
    site: Site, scripted_engine: ScriptedEngine
) -> None:
    await scripted_engine.refuse()
    response = await fill_form(site)
    assert response.status_code == 200
    (lead,) = leads(site)
    assert lead.reference in response.text
    assert (lead.name, lead.phone, lead.email) == ("Maria Lopez", "+14055550134", None)
    assert (lead.preferred_time, lead.topic, lead.source) == ("weekday mornings", "neck_pain", "contact_form")
    consent = current_consent("Belle Isle Pain Clinic")
    assert (lead.consent_version, lead.consent_text) == (consent.version, consent.text)


async def test_an_email_alone_is_enough_and_the_rest_may_stay_empty(site: Site) -> None:
    response = await fill_form(site, phone="", email="maria@example.org", preferred_time="", topic="")
    assert response.status_code == 200
    (lead,) = leads(site)
    assert (lead.phone, lead.email, lead.topic) == (None, "maria@example.org", "rather_not_say")


async def test_a_double_submit_is_one_request(site: Site) -> None:
    form_id = await open_form(site)
    first, second = [await fill_form(site, form_id=form_id) for _ in range(2)]
    assert first.text == second.text
    assert len(leads(site)) == 1


async def test_a_correction_of_the_same_form_changes_the_one_request(site: Site) -> None:
    form_id = await open_form(site)
    await fill_form(site, form_id=form_id)
    await fill_form(site, form_id=form_id, preferred_time="evenings")
    assert [lead.preferred_time for lead in leads(site)] == ["evenings"]


PROBLEM_CASES: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "name", "tell us your name"),
    ({"name": "12345"}, "name", "does not look like a name"),
    ({"name": "x" * 100}, "name", "too long"),
    ({"phone": "555"}, "phone", "too short"),
    ({"phone": "4055550134567"}, "phone", "phone number"),
    ({"phone": "", "email": "maria@"}, "email", "e-mail address"),
    ({"email": "not an address"}, "email", "e-mail address"),
    ({"phone": "", "email": ""}, "reach", "phone number or an e-mail address"),
    ({"preferred_time": "x" * 101}, "preferred_time", "100 characters"),
    ({"topic": "surgery"}, "topic", "one of the topics"),
    ({"consent": ""}, "consent", "tick the box"),
    ({"consent": "no"}, "consent", "tick the box"),
]


async def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_lost(site: Site) -> None:
    for changes, field, words in PROBLEM_CASES:
        response = await fill_form(site, **changes)
        assert response.status_code == 400, changes
        page = response.text
        problem = re.search(rf'<p class="problem" id="{field}-problem">([^<]+)</p>', page)
        assert problem is not None, changes
        assert words in problem[1]
        assert re.search(rf'aria-describedby="[^"]*{field}-problem', page), changes
        assert 'aria-invalid="true"' in page
        assert '<div class="panel wrong" role="alert" tabindex="-1" autofocus>' in page
        assert "<title>Error:" in page
        for name, value in {**MARIA, **changes}.items():
            if name in ("name", "phone", "email", "preferred_time") and value:
                assert f'value="{value}"' in page, (changes, name)
    assert leads(site) == []


async def test_a_corrected_form_keeps_its_id_and_what_was_ticked(site: Site) -> None:
    form_id = await open_form(site)
    page = (await fill_form(site, form_id=form_id, phone="555")).text
    assert find_form_id(page) == form_id
    assert re.search(r'<input id="consent"[^>]* checked', page)
    assert '<option value="neck_pain" selected>' in page
    assert (await fill_form(site, form_id=form_id)).status_code == 200
    assert len(leads(site)) == 1


async def test_what_was_typed_is_shown_as_text(site: Site) -> None:
    page = (await fill_form(site, name='"><script>alert(1)</script>', phone="")).text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_a_request_that_was_not_stored_is_told_so_with_everything_still_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise LeadNotSaved("planted")

    form_id = await open_form(site)
    with monkeypatch.context() as broken:
        broken.setattr(site.app.ctx.leads, "save", fail)
        response = await fill_form(site, form_id=form_id)
    assert response.status_code == 503
    assert "NOT stored" in response.text
    assert "We have your request" not in response.text
    assert 'href="tel:405-555-0100"' in response.text
    assert 'value="Maria Lopez"' in response.text
    assert find_form_id(response.text) == form_id
    assert (await fill_form(site, form_id=form_id)).status_code == 200
    assert len(leads(site)) == 1


async def test_a_form_that_is_forged_or_open_for_a_day_is_asked_again(site: Site) -> None:
    with time_machine.travel(1_800_000_000, tick=True):
        old = await open_form(site)
    for form_id in ("forged", old + "x", old):
        with time_machine.travel(1_800_000_000 + 25 * 3600, tick=True):
            response = await fill_form(site, form_id=form_id)
        assert response.status_code == 400
        assert "open for a long time" in response.text
        assert 'value="Maria Lopez"' in response.text
        assert find_form_id(response.text) != form_id
    assert leads(site) == []


async def test_a_new_consent_text_has_to_be_agreed_to(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    form_id = await open_form(site)
    new = ConsentText("contact-2027-01", "A new sentence.")
    monkeypatch.setattr("web.contact.page.current_consent", lambda _: new)
    response = await fill_form(site, form_id=form_id)
    assert response.status_code == 400
    assert "has changed" in response.text
    assert "A new sentence." in response.text
    assert not re.search(r'<input id="consent"[^>]* checked', response.text)
    assert leads(site) == []
    agreed = await fill_form(site, form_id=find_form_id(response.text))
    assert agreed.status_code == 200
    assert leads(site)[0].consent_version == "contact-2027-01"


@pytest.mark.parametrize(
    ("seconds", "trap", "is_marked"), [(60, "", False), (60, "https://spam.example", True), (0, "", True)]
)
async def test_what_looks_like_a_machine_is_kept_and_marked(
    site: Site, seconds: int, trap: str, is_marked: bool
) -> None:
    with time_machine.travel(1_800_000_000, tick=True) as clock:
        form_id = await open_form(site)
        clock.shift(seconds)
        assert (await fill_form(site, form_id=form_id, website=trap)).status_code == 200
    assert [lead.suspected_spam for lead in leads(site)] == [is_marked]


class TestWithASmallLimit:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"contact_limit": "2/hour"})

    async def test_the_third_request_is_asked_to_wait_and_loses_nothing(self, site: Site) -> None:
        await fill_form(site, name="")  # a correction is not counted
        assert [(await fill_form(site)).status_code for _ in range(2)] == [200, 200]
        response = await fill_form(site)
        assert response.status_code == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 3600
        assert "wait a while" in response.text
        assert 'value="Maria Lopez"' in response.text
        assert len(leads(site)) == 2


def test_every_problem_of_a_contact_has_its_sentence() -> None:
    responses = read_responses([PROBLEMS], {})
    codes = re.findall(r"\b(?:name|phone|email|contact)_\w+", ContactUnclear.__doc__ or "")
    assert len(codes) == 9
    for code in codes:
        assert responses.find(f"utter_problem_{code}").text.endswith(".")


async def test_strange_forms_do_not_break_the_page(site: Site) -> None:
    bodies: list[dict[str, Any]] = [
        {"content": b"\xff\xfe=%ff", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"content": b"{}", "headers": {"Content-Type": "application/json"}},
        {"content": b""},
        {"files": {"name": ("name.txt", b"Maria")}},
        {
            "content": b"name=a&name=b&name=%00",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
    ]
    for body in bodies:
        response = await site.client.post("/contact", **body)
        assert response.status_code == 400, body
        assert response.headers["Content-Type"].startswith("text/html")
