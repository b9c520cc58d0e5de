"""Who may do what: every address of the console for every role, and for nobody."""

from __future__ import annotations

import re

import httpx
import pyotp
import pytest

from clinic.account import Account
from clinic.leads import SavedLead
from tests.web.conftest import Site
from tests.web.console.conftest import PASSWORD, Person, sign_in
from web.console.desk import Desk

ROLES = ("nobody", "content", "viewer", "staff", "admin")
OPEN = "open"  # for everybody, signed in or not
SIGNED_IN = "content viewer staff admin"
READERS = "viewer staff admin"
WORKERS = "staff admin"
WRITERS = "content admin"
ADMIN = "admin"

# address → (method, who may). {lead}: a request's reference, {person}: an account, {talk}: a conversation.
ROUTES = {
    "GET /console": SIGNED_IN,
    "GET /console/sign-in": OPEN,
    "POST /console/sign-in": OPEN,
    "GET /console/second-step": OPEN,
    "POST /console/second-step": OPEN,
    "POST /console/sign-out": OPEN,
    "GET /console/welcome/<link:str>": OPEN,
    "POST /console/welcome/<link:str>": OPEN,
    "GET /console/account": SIGNED_IN,
    "GET /console/account/second-step": SIGNED_IN,
    "POST /console/account/second-step/confirm": SIGNED_IN,
    "POST /console/account/second-step/off": SIGNED_IN,
    "POST /console/account/recovery-codes": SIGNED_IN,
    "POST /console/account/password": SIGNED_IN,
    "POST /console/account/sign-out-everywhere": SIGNED_IN,
    "GET /console/people": ADMIN,
    "POST /console/people": ADMIN,
    "POST /console/people/<person:str>/link": ADMIN,
    "POST /console/people/<person:str>/role": ADMIN,
    "POST /console/people/<person:str>/<change:str>": ADMIN,
    "GET /console/leads": READERS,
    "POST /console/leads/search": READERS,
    "GET /console/leads/found": READERS,
    "POST /console/leads/bulk": WORKERS,
    "POST /console/views": READERS,
    "POST /console/views/<view:str>/delete": READERS,
    "GET /console/leads/export/<file_format:str>": WORKERS,
    "GET /console/leads/found/export/<file_format:str>": WORKERS,
    "GET /console/leads/<reference:str>": READERS,
    "POST /console/leads/<reference:str>/state": WORKERS,
    "POST /console/leads/<reference:str>/calls": WORKERS,
    "POST /console/leads/<reference:str>/next-call": WORKERS,
    "POST /console/leads/<reference:str>/notes": WORKERS,
    "POST /console/leads/<reference:str>/tags": WORKERS,
    "POST /console/leads/<reference:str>/owner": WORKERS,
    "POST /console/leads/<reference:str>/spam": WORKERS,
    "POST /console/leads/<reference:str>/merge": WORKERS,
    "POST /console/leads/<reference:str>/notices/<notice:str>/resend": WORKERS,
    "POST /console/leads/<reference:str>/withdrawal": WORKERS,
    "POST /console/leads/<reference:str>/person": ADMIN,
    "POST /console/leads/<reference:str>/anonymise": ADMIN,
    "POST /console/leads/<reference:str>/delete": ADMIN,
    "GET /console/conversations": SIGNED_IN,
    "POST /console/conversations/search": SIGNED_IN,
    "GET /console/conversations/<conversation:str>": SIGNED_IN,
    "GET /console/numbers": SIGNED_IN,
    "GET /console/numbers/<name:str>/csv": SIGNED_IN,
    "GET /console/numbers/learning": SIGNED_IN,
    "GET /console/numbers/learning/<name:str>/csv": SIGNED_IN,
    "GET /console/studio": WRITERS,
    "GET /console/studio/new": WRITERS,
    "POST /console/studio/new": WRITERS,
    "GET /console/studio/topics/<folder:str>/<topic:str>": WRITERS,
    "POST /console/studio/topics/<folder:str>/<topic:str>": WRITERS,
    "POST /console/studio/topics/<folder:str>/<topic:str>/check": WRITERS,
    "GET /console/studio/try": WRITERS,
    "POST /console/studio/try": WRITERS,
    "POST /console/studio/try/keep": WRITERS,
    "GET /console/studio/keep/<conversation:str>": WRITERS,
    "POST /console/studio/keep/<conversation:str>": WRITERS,
    "GET /console/studio/review": WRITERS,
    "GET /console/studio/review/print": WRITERS,
    "POST /console/studio/review/<folder:str>/<topic:str>/approve": ADMIN,
    "GET /console/studio/publish": WRITERS,
    "POST /console/studio/publish": WRITERS,
    "GET /console/studio/publish/progress": WRITERS,
    "GET /console/studio/publish/comparison": WRITERS,
    "GET /console/studio/releases": WRITERS,
    "POST /console/studio/releases/<release:str>/roll-back": WRITERS,
    "GET /console/studio/inbox": WRITERS,
    "POST /console/studio/inbox": WRITERS,
    "GET /console/studio/inbox/write": WRITERS,
    "POST /console/studio/inbox/write": WRITERS,
    "GET /console/notices": WORKERS,
    "POST /console/notices/<notice:str>/resend": WORKERS,
}
GUARDED = {route: who for route, who in ROUTES.items() if who != OPEN}


def test_the_table_names_every_route(site: Site) -> None:
    served = {
        f"{method} /{route.path}"
        for route in site.app.router.routes
        if route.path.startswith("console") and "assets" not in route.path and "address" not in route.path
        for method in route.methods - {"HEAD", "OPTIONS"}
    }
    assert served == set(ROUTES)


def fill(route: str, maria: SavedLead) -> tuple[str, str]:
    """The method and a real address of the route."""
    method, path = route.split()
    path = path.removeprefix("/console")
    path = path.replace("<reference:str>", maria.reference).replace("<file_format:str>", "csv")
    path = path.replace("<name:str>", "topics").replace("<change:str>", "sign-out")
    return method, re.sub(r"<\w+:str>", "nothing", path)


async def ask(person: Person, method: str, path: str) -> httpx.Response:
    return await (person.get(path) if method == "GET" else person.post(path))


# These remove the request or end the session, so they come after all others, in this order.
LAST = ("anonymise", "delete", "sign-out-everywhere")


def is_last(route: str) -> int:
    return next((place for place, end in enumerate(LAST, 1) if route.endswith(end)), 0)


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_opens_what_it_may_and_nothing_else(
    role: str, people: dict[str, Person], maria: SavedLead
) -> None:
    wrong = []
    for route in sorted(GUARDED, key=is_last):
        method, path = fill(route, maria)
        response = await ask(people[role], method, path)
        wanted = "sign in" if role == "nobody" else "in" if role in GUARDED[route].split() else "refused"
        if outcome_of(response) != wanted:
            wrong.append((route, wanted, response.status_code))
    assert wrong == []


def outcome_of(response: httpx.Response) -> str:
    """What became of a request: "in", "refused", "sign in", or "failed"."""
    if response.headers.get("location", "").startswith("/console/sign-in") and response.status_code == 303:
        return "in" if "left=1" in response.headers["location"] else "sign in"
    if response.status_code >= 500:
        return "failed"
    return "refused" if is_refused(response) else "in"


def is_refused(response: httpx.Response) -> bool:
    return response.status_code == 403 and "Your account cannot open this" in response.text


@pytest.mark.parametrize("token", ["", "wrong", "🩺"])
async def test_no_form_is_taken_without_its_token(
    token: str, people: dict[str, Person], maria: SavedLead
) -> None:
    for route in GUARDED:
        method, path = fill(route, maria)
        if method == "POST":
            response = await people["admin"].post(path, form_token=token)
            assert response.status_code == 403, (route, token)
            assert "This form is out of date" in response.text


OPEN_FORMS = sorted(route for route, who in ROUTES.items() if who == OPEN and route.startswith("POST"))


@pytest.mark.parametrize("route", OPEN_FORMS)
async def test_no_form_for_everybody_is_taken_without_its_token(
    route: str, site: Site, accounts: dict[str, Account], people: dict[str, Person], desk: Desk
) -> None:
    """Signed out where the form is for that; signed in where it needs a session."""
    path = route.removeprefix("POST /console").replace("<link:str>", desk.staff.invite("staff", "admin"))
    person = people["staff" if path == "/sign-out" else "nobody"]
    if path == "/second-step":
        app = pyotp.TOTP(desk.second_step.begin(accounts["staff"].id).secret)
        desk.second_step.confirm(accounts["staff"].id, app.now())
        person = await sign_in(site, "nora@example.org")
    for token in ("", "wrong"):
        response = await person.post(path, form_token=token, email="nora@example.org", password=PASSWORD)
        assert (response.status_code, "This form is out of date" in response.text) == (403, True)
    await person.client.aclose()


async def test_no_form_is_taken_from_another_website(people: dict[str, Person], maria: SavedLead) -> None:
    """With the right token too: the browser says where the form comes from."""
    admin = people["admin"]
    token = await admin.form_token()
    for route in sorted(ROUTES):
        method, path = fill(route, maria)
        if method == "POST":
            response = await admin.client.post(
                f"/console{path}", data={"form_token": token}, headers={"Origin": "https://hostile.example"}
            )
            assert response.status_code == 403, route
    assert (await admin.get("/account")).status_code == 200
