"""Every address the router knows: its headers whatever becomes of a request; nothing is changed from outside.

The addresses come from the application itself, so a new one is tested without being named here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

from clinic.account import Account
from clinic.clock import utc_now
from clinic.leads import SavedLead
from clinic.settings import Settings
from clinic.staff_sessions import start_session
from clinic.storage import tables
from clinic.storage.checksum import checksum_tables
from clinic.storage.database import Database
from tests.web.conftest import Site, serve
from tests.web.console.conftest import PASSWORD, Person
from tests.web.test_security import EXPECTED, HOSTILE
from web.console.access import Visit, needs

SAFE = {"GET", "HEAD", "OPTIONS"}
CONSOLE = "/console"
# What stands in the address of a route with a variable part; every other part is filled with "nothing".
EXAMPLES = {"<file_format:str>": "csv", "<change:str>": "sign-out"}
FILES = {
    "console/assets/<__file_uri__:path>": "console/assets/frame.css",
    "static/<__file_uri__:path>": "static/site.css",
    "widget/<name:path>": "widget/panel.en.js",
    "console/numbers/<name:str>/csv": "console/numbers/topics/csv",
}
# Sent by people without a session: they are refused by other means than the session's form token.
KEPT = ("/static/", "/console/assets/", "/widget", "/demo", "/playground.js")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """No limit that many requests in one test could meet."""
    return settings.model_copy(update={"session_limit": "9999/hour", "sign_in_limit": "9999/minute"})


def ways(app: Sanic[Any, Any], lead: str) -> list[tuple[str, str]]:
    """Every method of every route with an address that can be asked for."""
    found = []
    for route in app.router.routes:
        path = FILES.get(route.path, route.path).replace("<reference:str>", lead)
        for part, example in EXAMPLES.items():
            path = path.replace(part, example)
        path = "/" + re.sub(r"<\w+:\w+>", "nothing", path)
        found += [(method, path) for method in route.methods]
    return sorted(found)


def changing(app: Sanic[Any, Any], lead: str, below: str = "/") -> list[tuple[str, str]]:
    return [(way, path) for way, path in ways(app, lead) if way not in SAFE and path.startswith(below)]


def wrong_headers(response: httpx.Response) -> list[str]:
    """What is wrong with the headers of a response; empty when they are as strict as they must be."""
    expected = EXPECTED | {"cross-origin-opener-policy": "same-origin"}
    wrong = [name for name, value in expected.items() if response.headers.get(name) != value]
    if "geolocation=()" not in response.headers.get("permissions-policy", ""):
        wrong.append("permissions-policy")
    may_be_kept = response.url.path.startswith(KEPT) and response.status_code < 400
    if not may_be_kept and response.headers.get("cache-control") != "no-store":
        wrong.append("cache-control")
    return wrong + [name for name in ("server", "x-powered-by") if name in response.headers]


def all_wrong(responses: list[httpx.Response]) -> list[tuple[str, str, int, list[str]]]:
    return [
        (response.request.method, response.url.path, response.status_code, wrong)
        for response in responses
        if (wrong := wrong_headers(response))
    ]


async def test_a_success_carries_the_headers(site: Site, adam: Person, maria: SavedLead) -> None:
    fields = {"form_token": await adam.form_token()}
    responses = []
    for method, path in ways(site.app, maria.reference):
        if method in SAFE:
            responses.append(await adam.client.request(method, path))
    for method, path in changing(site.app, maria.reference, CONSOLE):
        if not path.endswith(("sign-out", "everywhere", "delete", "anonymise", "off")):
            responses.append(await adam.client.request(method, path, data=fields))
    assert all_wrong(responses) == []
    succeeded = {response.url.path for response in responses if response.status_code < 400}
    assert len(succeeded) > 30


async def test_a_refusal_carries_the_headers(site: Site, people: dict[str, Person], maria: SavedLead) -> None:
    responses = []
    for method, path in ways(site.app, maria.reference):
        for role in ("nobody", "content"):
            responses.append(await people[role].client.request(method, path))
        responses.append(await site.client.request("PATCH", path))
    for path in ("/nothing", "/api/v1/nothing", "/console/nothing", "/static/nothing", "/widget/../app.py"):
        responses.append(await site.client.get(path))
    assert all_wrong(responses) == []
    assert {303, 401, 403, 404, 405} <= {response.status_code for response in responses}


async def test_an_error_carries_the_headers(site: Site, adam: Person, maria: SavedLead) -> None:
    async def fail(request: Request, **values: Any) -> HTTPResponse:
        raise RuntimeError("planted")

    for route in site.app.router.routes:
        route.handler = fail
    asked = ways(site.app, maria.reference)
    responses = [await adam.client.request(method, path) for method, path in asked]
    assert {response.status_code for response in responses} == {500}
    assert all_wrong(responses) == []


async def test_a_response_without_its_headers_is_caught(site: Site) -> None:
    response = await site.client.get("/contact")
    for name in ("content-security-policy", "cache-control", "referrer-policy"):
        lacking = httpx.Response(200, headers=response.headers, request=response.request)
        del lacking.headers[name]
        assert wrong_headers(lacking) == [name]


@pytest.fixture
async def pending(site: Site, accounts: dict[str, Account]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which the password was right and the second step is still to do."""
    with site.app.ctx.database.transaction() as session:
        row = session.get_one(tables.StaffMember, accounts["staff"].id)
        token = start_session(session, row, utc_now(), is_pending=True).token
    async with httpx.AsyncClient(base_url=site.url, trust_env=False) as client:
        client.cookies.set("console_session", token, domain="127.0.0.1", path="/")
        yield client


async def unprotected(
    app: Sanic[Any, Any], signed_in: httpx.AsyncClient, pending: httpx.AsyncClient, token: str
) -> list[tuple[str, str]]:
    """The ways to change something in the console that take a form with a token that is not its own."""
    found = []
    for method, path in changing(app, "nothing", CONSOLE):
        client = pending if path == "/console/second-step" else signed_in
        form = {"form_token": token, "email": "nora@example.org", "password": PASSWORD, "code": "123456"}
        response = await client.request(method, path, data=form)
        if response.status_code != 403 or "This form is out of date" not in response.text:
            found.append((method, path))
    return found


async def test_no_change_in_the_console_without_the_forms_token(
    site: Site, people: dict[str, Person], pending: httpx.AsyncClient, maria: SavedLead
) -> None:
    others_token = await people["staff"].form_token()
    before = stored(site.app.ctx.database)
    assert len(changing(site.app, "nothing", CONSOLE)) > 25
    for token in ("", "x" * 43, others_token):
        assert await unprotected(site.app, people["admin"].client, pending, token) == []
    assert stored(site.app.ctx.database) == before


def stored(database: Database) -> dict[str, Any]:
    """Checksums of all tables but the sessions', which note when they were last used."""
    return {name: sums for name, sums in checksum_tables(database).items() if name != "staff_sessions"}


async def change_something(request: Request) -> HTTPResponse:
    return text("changed")


async def test_a_planted_route_without_protection_is_caught(
    site: Site, adam: Person, pending: httpx.AsyncClient
) -> None:
    with site.app.amend():
        site.app.add_route(change_something, "/console/planted", methods=["POST", "DELETE"], name="planted")
    found = await unprotected(site.app, adam.client, pending, "x")
    assert found == [("DELETE", "/console/planted"), ("POST", "/console/planted")]


async def test_the_guard_asks_for_the_token_with_every_method_that_changes(site: Site, adam: Person) -> None:
    @needs("own_account")
    async def guarded(request: Request, visit: Visit) -> HTTPResponse:
        return await change_something(request)

    methods = ["POST", "PUT", "PATCH", "DELETE"]
    with site.app.amend():
        site.app.add_route(guarded, "/console/guarded", methods=methods, name="guarded")
    for method in methods:
        wrong = await adam.client.request(method, "/console/guarded", data={"form_token": "x"})
        right = {"form_token": await adam.form_token()}
        assert "changed" not in wrong.text, method
        assert (await adam.client.request(method, "/console/guarded", data=right)).text == "changed", method


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": HOSTILE},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_website_changes_nothing_anywhere(
    site: Site, adam: Person, maria: SavedLead, headers: dict[str, str]
) -> None:
    token = await adam.form_token()
    before = stored(site.app.ctx.database)
    for method, path in changing(site.app, maria.reference):
        response = await adam.client.request(method, path, data={"form_token": token}, headers=headers)
        assert response.status_code == 403, (method, path)
    assert stored(site.app.ctx.database) == before


async def test_behind_https_every_cookie_is_for_this_host_alone(settings: Settings) -> None:
    settings = settings.model_copy(update={"public_url": "https://chat.clinic.example"})
    async for site in serve(settings):
        cookies = []
        for method, path in ways(site.app, "nothing"):
            response = await site.client.request(method, path)
            cookies += response.headers.get_list("set-cookie")
            assert "max-age=31536000" in response.headers["strict-transport-security"], path
        assert cookies
        for cookie in cookies:
            is_dropped = "Max-Age=0" in cookie
            needed = {"Secure", "Path=/"} if is_dropped else {"Secure", "Path=/", "HttpOnly", "SameSite=Lax"}
            assert cookie.startswith("__Host-") and "Domain" not in cookie, cookie
            assert needed <= set(cookie.split("; ")), cookie
