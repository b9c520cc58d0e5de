"""Coming in and going out, as a browser sees it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pyotp
import pytest

from clinic.account import Account
from clinic.leads import SavedLead
from clinic.settings import Settings
from clinic.storage import tables
from tests.web.conftest import Site
from tests.web.console.conftest import PASSWORD, Person, shown, sign_in
from web.console.desk import Desk


async def test_the_first_link_makes_an_administrator(site: Site, desk: Desk) -> None:
    link = desk.staff.ensure_first_admin()
    newcomer = Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)
    form = {"name": "Adam", "email": "adam@example.org", "password": PASSWORD}
    token = await newcomer.form_token(f"/welcome/{link}")
    response = await newcomer.client.post(f"/console/welcome/{link}", data=form | {"form_token": token})
    assert (response.status_code, response.headers["location"]) == (303, "/console")
    assert "Adam" in shown(await newcomer.get("/leads"))
    again = await newcomer.get(f"/welcome/{link}")
    assert (again.status_code, "This link no longer works" in shown(again)) == (410, True)
    await newcomer.client.aclose()


async def test_wrong_passwords_get_one_answer_and_then_a_wait(
    site: Site, accounts: dict[str, Account]
) -> None:
    answers = set()
    for email in ("nora@example.org", "nobody@example.org"):
        visitor = Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)
        for _ in range(5):
            response = await visitor.post(
                "/sign-in", form_from="/sign-in", email=email, password="not the password"
            )
            site.app.ctx.limits._here.storage.reset()  # the network's own limit is another test's matter
            answers.add((response.status_code, shown(response).replace(email, "")))
        locked = await visitor.post("/sign-in", form_from="/sign-in", email=email, password=PASSWORD)
        assert "Too many tries. Please wait a minute." in shown(locked)
        await visitor.client.aclose()
    assert len(answers) == 1


async def test_the_second_step_stands_between_password_and_console(
    site: Site, desk: Desk, accounts: dict[str, Account]
) -> None:
    app = pyotp.TOTP(desk.second_step.begin(accounts["staff"].id).secret)
    desk.second_step.confirm(accounts["staff"].id, app.at(datetime.now(UTC) - timedelta(seconds=30)))
    nora = await sign_in(site, "nora@example.org")
    for path in ("/leads", "/account", "/conversations"):
        response = await nora.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/console/second-step")
    wrong = await nora.post("/second-step", form_from="/second-step", code="000000")
    assert (wrong.status_code, "That code is not right" in shown(wrong)) == (403, True)
    before = nora.client.cookies["console_session"]
    right = await nora.post("/second-step", form_from="/second-step", code=app.now())
    assert right.status_code == 303
    assert nora.client.cookies["console_session"] != before
    assert "Consultation requests" in shown(await nora.get("/leads"))
    await nora.client.aclose()


async def test_it_can_be_set_up_from_the_account_page(nora: Person) -> None:
    page = await nora.get("/account/second-step")
    secret = re.sub(r"\s", "", re.search(r'class="mono secret">([^<]+)<', page.text)[1])  # type: ignore[index]
    assert "<svg" in page.text
    wrong = await nora.post("/account/second-step/confirm", code="12")
    assert wrong.status_code == 400
    right = await nora.post("/account/second-step/confirm", code=pyotp.TOTP(secret).now())
    assert len(re.findall(r"<li>[a-z0-9]{5}-[a-z0-9]{5}</li>", right.text)) == 10
    assert "10 recovery codes are left" in shown(await nora.get("/account"))


async def test_a_public_console_asks_for_the_second_step_first(
    site: Site, settings: Settings, people: dict[str, Person]
) -> None:
    assert settings.needs_second_step is False
    assert Settings(public_url="https://clinic.example.org").needs_second_step is True
    site.app.ctx.settings.console_second_step = "required"
    response = await people["staff"].get("/leads")
    assert response.headers["location"] == "/console/account?required=1"
    assert "everybody signs in with a second step" in shown(await people["staff"].get("/account?required=1"))


async def test_a_stolen_cookie_dies_with_the_password_and_with_signing_out_everywhere(
    site: Site, nora: Person
) -> None:
    thief = httpx.AsyncClient(base_url=site.url, cookies=dict(nora.client.cookies), trust_env=False)
    assert (await thief.get("/console/leads")).status_code == 200
    left = await nora.post("/account/sign-out-everywhere")
    assert left.headers["location"] == "/console/sign-in?left=1"
    assert (await thief.get("/console/leads")).status_code == 303
    await thief.aclose()


async def test_a_password_is_changed_on_the_account_page(site: Site, nora: Person) -> None:
    for fields, said in (
        ({"current": "wrong", "password": "another four plain words"}, "Your present password is not right"),
        ({"current": PASSWORD, "password": "short"}, "The new password is too short"),
    ):
        assert said in shown(await nora.post("/account/password", **fields))
    await nora.post("/account/password", current=PASSWORD, password="another four plain words")
    assert (await nora.get("/leads")).status_code == 303
    again = await sign_in(site, "nora@example.org", "another four plain words")
    assert (await again.get("/leads")).status_code == 200
    await again.client.aclose()


async def test_the_cookie_is_for_this_site_only(site: Site, accounts: dict[str, Account]) -> None:
    visitor = Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)
    token = await visitor.form_token("/sign-in")
    form = {"form_token": token, "email": "nora@example.org", "password": PASSWORD}
    response = await visitor.client.post("/console/sign-in", data=form)
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("console_session="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain" not in cookie
    await visitor.client.aclose()


def end_sessions(desk: Desk) -> None:
    """Let a quarter of an hour pass for everybody who is signed in."""
    with desk.staff._database.transaction() as session:
        for row in session.query(tables.StaffSession):
            row.last_seen_at -= timedelta(minutes=15)


async def test_a_note_outlives_the_session(site: Site, desk: Desk, nora: Person, maria: SavedLead) -> None:
    """The note goes with the sign-in form, through a wrong password too, and stands on the page again."""
    note = 'She said:\n"call <after> 5 & not before"'
    token = await nora.form_token()
    end_sessions(desk)
    response = await nora.post(f"/leads/{maria.reference}/notes", form_token=token, note=note)
    assert "Your note is kept" in shown(response)
    for password in ("not the password", PASSWORD):
        fields = {
            name: value
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', response.text)
        }
        kept = re.search(r'<textarea name="note" hidden[^>]*>\n(.*?)</textarea>', response.text, re.DOTALL)
        assert kept
        fields |= {"note": unescape(kept[1]), "email": "nora@example.org", "password": password}
        response = await nora.client.post("/console/sign-in", data=fields)
    assert response.headers["location"] == f"/console/leads/{maria.reference}"
    page = await nora.get(f"/leads/{maria.reference}")
    assert "Your note is not saved yet" in shown(page)
    written = re.search(r'<textarea id="note"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    assert written and unescape(written[1]) == note
    assert desk.notes.list_for(maria.id) == []
    await nora.post(f"/leads/{maria.reference}/notes", note=note)
    assert [kept.text for kept in desk.notes.list_for(maria.id)] == [note]
    assert "Your note is not saved yet" not in shown(await nora.get(f"/leads/{maria.reference}"))


async def test_a_note_with_an_old_form_can_be_copied(nora: Person, maria: SavedLead) -> None:
    response = await nora.post(
        f"/leads/{maria.reference}/notes", form_token="old", note="Call <b>after 5</b>"
    )
    assert response.status_code == 403
    assert "Call &lt;b&gt;after 5&lt;/b&gt;</textarea>" in response.text


@pytest.mark.parametrize(
    "next_page", ["https://evil.example.org", "//evil.example.org", "/console/../x", "/console/leads/a?b"]
)
async def test_signing_in_never_leads_away(site: Site, accounts: dict[str, Account], next_page: str) -> None:
    visitor = Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)
    response = await visitor.post(
        "/sign-in", form_from="/sign-in", email="nora@example.org", password=PASSWORD, next=next_page
    )
    assert response.headers["location"] == "/console"
    await visitor.client.aclose()
