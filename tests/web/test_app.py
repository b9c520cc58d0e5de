"""The application as a process: it starts with nothing but settings, and stops cleanly when told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sanic import Sanic

from clinic.profile import ProfileInvalid
from clinic.settings import Settings
from content.responses import ResponseMissing
from web.app import create_app

ROOT = Path(__file__).parents[2]


@contextmanager
def start_process(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `python -m web` with `settings` as its environment on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    wanted = {**settings.model_dump(exclude={"public_url", "database_url"}), "port": port}
    environment = {f"OPTC_{name.upper()}": str(value) for name, value in wanted.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "web"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def wait_until_live(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health/live", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the process did not start")


def test_the_process_serves_and_stops_cleanly_when_told_to(settings: Settings) -> None:
    with start_process(settings) as (process, url):
        wait_until_live(process, url)
        started = httpx.post(f"{url}/api/v1/sessions", json={}, trust_env=False)
        assert started.status_code == 201
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 0, output
        assert "Traceback" not in output
        assert started.json()["token"] not in output
        assert "/api/v1/sessions" not in output


def test_a_key_is_made_when_none_is_set_and_kept(settings: Settings) -> None:
    settings = settings.model_copy(update={"signing_key": ""})
    first, second = [create_app(settings).ctx.signing_key for _ in range(2)]
    assert first == second
    assert len(first) >= 32


def test_a_start_without_a_profile_fails(settings: Settings) -> None:
    with pytest.raises(ProfileInvalid):
        create_app(settings.model_copy(update={"profile_path": Path("missing.yml")}))


def test_a_start_without_a_welcome_fails(settings: Settings) -> None:
    (settings.data_directory / "welcome.yml").unlink()
    with pytest.raises(ResponseMissing, match="utter_welcome"):
        create_app(settings)


@pytest.fixture(autouse=True)
def unregister_applications() -> Iterator[None]:
    """Sanic keeps every application it has seen; forget those made here."""
    yield
    Sanic._app_registry.clear()
