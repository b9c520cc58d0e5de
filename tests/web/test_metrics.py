"""The monitor's page: counts what happens, names nobody, and is not there for the public."""

from __future__ import annotations

import re

import pytest

from clinic.settings import Settings
from tests.clinic.conftest import new_lead
from tests.web.conftest import Site, bearer
from tests.web.scripted_engine import ScriptedEngine

TOKEN = "a-token-of-the-monitor"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"metrics_token": TOKEN})


async def read(site: Site) -> dict[str, float]:
    response = await site.client.get("/metrics", headers=bearer(TOKEN))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in response.text.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


async def test_turns_and_decisions_are_counted(site: Site, scripted_engine: ScriptedEngine) -> None:
    token = (await site.start_session())["token"]
    await site.send(token, "Hello")
    scripted_engine.behaviour = "empty"
    await site.send(token, "Hello again")
    counts = await read(site)
    assert counts['optc_turns_total{outcome="answered"}'] == 1
    assert counts['optc_turns_total{outcome="notice_unanswered"}'] == 1
    assert counts['optc_decisions_total{decision="answer"}'] == 1
    assert counts["optc_turn_seconds_count"] == 2
    assert counts['optc_turns_queue{state="under_way"}'] == 0
    assert counts['optc_engine_takes_turns{engine="0"}'] == 1
    assert counts["process_resident_memory_bytes"] > 0


async def test_leads_and_the_age_of_the_outbox_are_shown(site: Site) -> None:
    site.app.ctx.leads.save(new_lead())
    counts = await read(site)
    assert counts['optc_leads{state="new"}'] == 1
    assert counts["optc_outbox_waiting"] == 1
    assert 0 <= counts["optc_outbox_oldest_seconds"] < 60
    assert counts["optc_database_up"] == 1


async def test_nothing_about_a_person_is_in_it(site: Site) -> None:
    token = (await site.start_session())["token"]
    await site.send(token, "I am Maria Lopez, 405-555-0134")
    text = (await site.client.get("/metrics", headers=bearer(TOKEN))).text
    assert not re.search(r"Maria|Lopez|5550134|555-0134|127\.0\.0\.1", text)


async def test_a_broken_database_leaves_a_gap_and_not_an_error(site: Site) -> None:
    with site.app.ctx.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE outbox RENAME TO away")
    counts = await read(site)
    assert counts["optc_database_up"] == 0
    assert "optc_outbox_waiting" not in counts


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"Authorization": "Basic x"}])
async def test_the_public_finds_no_such_page(site: Site, headers: dict[str, str]) -> None:
    assert (await site.client.get("/metrics", headers=headers)).status_code == 404


class TestWithoutAToken:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"metrics_token": ""})

    async def test_nobody_finds_the_page(self, site: Site) -> None:
        for headers in ({}, {"Authorization": "Bearer"}, bearer("x")):
            assert (await site.client.get("/metrics", headers=headers)).status_code == 404
