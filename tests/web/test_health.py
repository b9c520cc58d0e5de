"""Health tells apart a process that lives from a service that can do its work."""

from __future__ import annotations

import pytest

from tests.web.conftest import Site
from tests.web.scripted_engine import ScriptedEngine


async def test_a_working_service_is_ready(site: Site) -> None:
    response = await site.client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {"ready": True, "database": True, "engine": True}


@pytest.mark.parametrize("fault", ["refuse", "not_ready", "hang"])
async def test_a_service_without_its_engine_lives_but_is_not_ready(
    site: Site, scripted_engine: ScriptedEngine, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.chat.engine.HEALTH_SECONDS", 0.2)
    if fault == "refuse":
        await scripted_engine.refuse()
    scripted_engine.ready = fault != "not_ready"
    scripted_engine.behaviour = fault
    response = await site.client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "database": True, "engine": False}
    assert (await site.client.get("/health/live")).json() == {"live": True}


async def test_a_database_that_takes_no_writes_is_not_ready(site: Site) -> None:
    with site.app.ctx.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    response = await site.client.get("/health/ready")
    assert response.json() == {"ready": False, "database": False, "engine": True}
