"""The page of people, for administrators."""

from __future__ import annotations

import re

import httpx

from tests.web.conftest import Site
from tests.web.console.conftest import PASSWORD, Person, shown, sign_in
from web.console.desk import Desk


async def test_an_invitation_is_a_link_shown_once(site: Site, adam: Person) -> None:
    page = await adam.post("/people", role="staff")
    link = re.search(r"data-one-time-link>([^<]+)<", page.text)
    assert link and link[1].startswith(f"{site.app.ctx.settings.public_url}/console/welcome/")
    assert link[1] not in (await adam.get("/people")).text
    newcomer = Person(httpx.AsyncClient(base_url=site.url, trust_env=False), None)
    path = link[1].partition("/console")[2]
    form = {"name": "Sam", "email": "sam@example.org", "password": PASSWORD}
    assert (await newcomer.post(path, form_from=path, **form)).status_code == 303
    assert "Sam" in shown(await adam.get("/people"))
    assert (await newcomer.get("/leads")).status_code == 200
    await newcomer.client.aclose()


async def test_access_is_taken_away_and_given_back(people: dict[str, Person], adam: Person) -> None:
    nora = people["staff"]
    assert nora.account
    await adam.post(f"/people/{nora.account.id}/disable")
    assert (await nora.get("/leads")).status_code == 303
    assert "No access" in shown(await adam.get("/people"))
    await adam.post(f"/people/{nora.account.id}/enable")
    assert "No access" not in shown(await adam.get("/people"))


async def test_a_role_changes_what_one_sees(site: Site, people: dict[str, Person], adam: Person) -> None:
    nora = people["staff"]
    assert nora.account
    await adam.post(f"/people/{nora.account.id}/role", role="content")
    assert (await nora.get("/leads")).headers["location"] == "/console/sign-in?ended=1"
    again = await sign_in(site, "nora@example.org")
    assert (await again.get("/leads")).status_code == 403
    assert (await again.get("")).headers["location"] == "/console/conversations"
    await again.client.aclose()
    assert (await adam.post(f"/people/{nora.account.id}/role", role="owner")).status_code == 400


async def test_the_last_administrator_stays(adam: Person) -> None:
    assert adam.account
    for path, fields in (
        (f"/people/{adam.account.id}/disable", {}),
        (f"/people/{adam.account.id}/role", {"role": "staff"}),
    ):
        response = await adam.post(path, **fields)
        assert (response.status_code, "the only administrator" in shown(response)) == (409, True)


async def test_a_lost_phone_is_reset(site: Site, desk: Desk, people: dict[str, Person], adam: Person) -> None:
    nora = people["staff"]
    assert nora.account
    desk.second_step.begin(nora.account.id)
    await adam.post(f"/people/{nora.account.id}/reset-second-step")
    again = await sign_in(site, "nora@example.org")
    assert (await again.get("/leads")).status_code == 200
    await again.client.aclose()


async def test_a_person_nobody_knows(adam: Person) -> None:
    for path in ("disable", "role", "link", "sign-out"):
        response = await adam.post(f"/people/nothing/{path}", role="staff")
        assert (response.status_code, "There is no such person" in shown(response)) == (404, True)
    assert (await adam.post("/people/nothing/fly")).status_code == 404
