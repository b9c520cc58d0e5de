"""The action server, called as the engine calls it: recorded calls, the secret, harmless failures."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic

from actions.server import create_app
from actions.services import Services
from clinic.leads import Leads
from clinic.profile import Profile
from clinic.storage.database import Database

RECORDED = json.loads((Path(__file__).parent / "recorded_calls.json").read_text(encoding="utf-8"))
SECRET = "a-secret-only-for-tests"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    database.migrate()
    return database


@pytest.fixture
async def actions(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The real server on a free loopback port."""
    Sanic.test_mode = True
    app = create_app(Services(lambda: Profile(name="Belle Isle Pain Clinic"), Leads(database)), SECRET)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    await server.start_serving()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        yield client
    await server.close()
    Sanic._app_registry.clear()


async def call(actions: httpx.AsyncClient, name: str, **changes: Any) -> dict[str, Any]:
    body = {**RECORDED[name], **changes}
    reply = await actions.post("/webhook", json=body)
    assert reply.status_code == 200, reply.text
    result: dict[str, Any] = reply.json()
    return result


def slots(result: dict[str, Any]) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"}


def responses(result: dict[str, Any]) -> list[str]:
    return [reply["response"] for reply in result["responses"]]


async def test_a_name_is_taken(actions: httpx.AsyncClient) -> None:
    assert slots(await call(actions, "name"))["lead_name"] == "Maria Lopez"


async def test_a_bad_phone_number_is_explained_and_nothing_is_kept(actions: httpx.AsyncClient) -> None:
    result = await call(actions, "bad_phone")
    assert responses(result) == ["utter_problem_phone_too_short"]
    assert "lead_contact" not in slots(result)


async def test_a_question_in_the_middle_sets_no_slot(actions: httpx.AsyncClient) -> None:
    assert (await call(actions, "question"))["events"] == []


async def test_consent_is_kept_with_its_version_and_time(actions: httpx.AsyncClient) -> None:
    kept = slots(await call(actions, "consent"))
    assert kept["lead_consent"] is True
    assert kept["lead_consent_version"]
    assert kept["lead_consented_at"].endswith("+00:00")


async def test_a_submitted_request_is_stored_before_it_is_confirmed(
    actions: httpx.AsyncClient, database: Database
) -> None:
    result = await call(actions, "submit")
    assert responses(result) == ["utter_request_saved"]
    reference = result["responses"][0]["custom"]["lead_reference"]
    assert Leads(database).find_by_reference(reference).name == "Maria Lopez"


async def test_submitting_twice_makes_one_lead(actions: httpx.AsyncClient, database: Database) -> None:
    first, second = await call(actions, "submit"), await call(actions, "submit")
    assert slots(first)["lead_reference"] == slots(second)["lead_reference"]
    assert Leads(database).list().total == 1


async def test_it_never_says_saved_when_the_store_fails(
    actions: httpx.AsyncClient, database: Database, tmp_path: Path
) -> None:
    database.close()
    for file in tmp_path.glob("clinic.db*"):
        file.unlink()
    (tmp_path / "clinic.db").mkdir()
    result = await call(actions, "submit")
    assert responses(result) == ["utter_request_not_saved"]
    assert "lead_reference" not in slots(result)


async def test_without_the_secret_nothing_runs(actions: httpx.AsyncClient) -> None:
    reply = await actions.post("/webhook", json=RECORDED["submit"], headers={"Authorization": "Bearer wrong"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "secret_missing")


async def test_a_failing_action_reveals_nothing_of_the_conversation(actions: httpx.AsyncClient) -> None:
    broken = json.loads(json.dumps(RECORDED["submit"]))
    broken["tracker"]["slots"]["lead_consented_at"] = "not a time"
    reply = await actions.post("/webhook", json=broken)
    assert reply.status_code == 500
    assert "Maria" not in reply.text and "405" not in reply.text
