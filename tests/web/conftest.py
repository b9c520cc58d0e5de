"""The real application on a free loopback port, with a scripted engine behind it."""

from __future__ import annotations

import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic

from clinic.settings import Settings
from tests.web.scripted_engine import ScriptedEngine
from web.app import create_app

PROFILE = """\
name: Belle Isle Pain Clinic
phone: 405-555-0100
"""
WELCOME = """\
version: "3.1"
responses:
  utter_welcome:
  - text: Welcome to {clinic_name}. Ask me about acupuncture.
    buttons:
    - title: How long is a session?
      payload: /ask_session_length
    - title: What does it cost?
      payload: '/ask_cost{"insurer": "none"}'
    metadata:
      kind: question
"""
PROBLEMS = Path(__file__).parents[2] / "data" / "consultation" / "problems.yml"


@pytest.fixture
def settings(tmp_path: Path, scripted_engine: ScriptedEngine) -> Settings:
    """Settings that keep everything in the test's own folder and point at the scripted engine."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "welcome.yml").write_text(WELCOME, "utf-8")
    (data / "problems.yml").write_text(PROBLEMS.read_text("utf-8"), "utf-8")
    (tmp_path / "profile.yml").write_text(PROFILE, "utf-8")
    return Settings(
        var_directory=tmp_path / "var",
        data_directory=data,
        profile_path=tmp_path / "profile.yml",
        engine_port=scripted_engine.port,
        engine_secret=scripted_engine.secret,
        signing_key="a-key-for-tests-only",
    )


@pytest.fixture
async def scripted_engine() -> AsyncIterator[ScriptedEngine]:
    """A running scripted engine; change its `behaviour` in the test."""
    engine = ScriptedEngine(secret="engine-secret")
    await engine.start()
    yield engine
    await engine.stop()


@dataclass
class Site:
    """The served application: its address, its parts in `app.ctx`, and a browser-like client."""

    app: Sanic
    url: str
    client: httpx.AsyncClient

    async def start_session(self) -> dict[str, Any]:
        """Start a conversation; returns the API's body with `token` and `messages`."""
        response = await self.client.post("/api/v1/sessions", json={})
        assert response.status_code == 201, response.text
        body: dict[str, Any] = response.json()
        return body

    async def send(self, token: str, text: str | None = None, **fields: Any) -> httpx.Response:
        """Send one message of the conversation that `token` belongs to."""
        body: dict[str, Any] = {"client_message_id": uuid.uuid4().hex, **fields}
        if text is not None:
            body["text"] = text
        return await self.client.post("/api/v1/messages", json=body, headers=bearer(token))


def bearer(token: str) -> dict[str, str]:
    """The header that carries a session token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    """The real application for `settings`, served in this test's event loop."""
    async for served in serve(settings):
        yield served


async def serve(settings: Settings) -> AsyncIterator[Site]:
    """Serve the real application on a free loopback port until the iteration goes on."""
    app = create_app(settings)
    # At start Sanic rewrites its own code to be faster: that works for one application per process only.
    app.config.TOUCHUP = False
    listener = socket.create_server(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.after_start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield Site(app, url, client)
    server.close()
    for connection in list(server.connections):
        connection.close()
    await server.before_stop()
    await server.after_stop()
    app.shutdown_tasks(0)
    Sanic.unregister_app(app)
