"""Stock Rasa behind the same load: DIET and TED on our data, its own REST channel, no gateway, no store."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from launch.model import ENGINE_PYTHON
from tests.load.processes import use_of
from tests.load.report import Bar
from tests.load.visitors import ROOT, Api, open_loop, percentile, read_wordings
from tests.system.running_system import find_free_port, wait_until

TRAINS_WITHIN_SECONDS = 1800
STARTS_WITHIN_SECONDS = 300
NO_ACTIONS = 'action_endpoint:\n  url: "http://127.0.0.1:9/webhook"\n'


class StockApi(Api):
    """Rasa's REST channel; a conversation is whatever the caller says it is."""

    async def start(self) -> str:
        """Make up a conversation."""
        return uuid.uuid4().hex

    async def say(self, token: str, text: str) -> str:
        """Send a message; Rasa hides an exception behind an empty list."""
        _, replies = await self.post("/webhooks/rest/webhook", {"sender": token, "message": text}, "")
        return "answered" if replies else "unanswered"


def measure_stock(rate: float, seconds: float) -> dict[str, float]:
    """Return p50 and p95 (seconds), processor seconds a message, and unanswered messages of stock Rasa."""
    with running_stock() as (url, process):
        return asyncio.run(_measure(url, process, rate, seconds))


async def _measure(url: str, process: int, rate: float, seconds: float) -> dict[str, float]:
    api = StockApi(url, read_wordings())
    await open_loop(api.ask, 2, 10)  # first calls are slower
    before = use_of(process).cpu_seconds
    samples = await open_loop(api.ask, rate, seconds)
    used = use_of(process).cpu_seconds - before
    api.close()
    answered = [sample.seconds for sample in samples if sample.outcome == "answered"]
    return {
        "p50": percentile(answered, 0.5),
        "p95": percentile(answered, 0.95),
        "cpu": used / len(samples),
        "unanswered": float(len(samples) - len(answered)),
        "memory": use_of(process).memory_mb,
    }


@contextmanager
def running_stock() -> Iterator[tuple[str, int]]:
    """Train and start it; gives its address and its process id."""
    python = [str(ENGINE_PYTHON), "-W", "ignore"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RASA_TELEMETRY_ENABLED": "false"}
    with tempfile.TemporaryDirectory() as folder:
        trained = subprocess.run(
            [*python, "-m", "evaluation.benchmark.stock_assistant", folder],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
            timeout=TRAINS_WITHIN_SECONDS,
        )  # fmt: skip
        model = trained.stdout.split()[-1]
        channels, endpoints = Path(folder) / "credentials.yml", Path(folder) / "endpoints.yml"
        channels.write_text("rest:\n", "utf-8")
        endpoints.write_text(NO_ACTIONS, "utf-8")
        port = find_free_port()
        files = ["--credentials", str(channels), "--endpoints", str(endpoints), "--model", model]
        running = subprocess.Popen(
            [*python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port), *files],
            cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(url), STARTS_WITHIN_SECONDS, lambda: "stock Rasa did not start")
            yield url, running.pid
        finally:
            running.terminate()
            running.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def compare(ours: dict[str, float], stock: dict[str, float]) -> list[Bar]:
    """The lines of the report: stock Rasa's figures, and ours as a part of them."""

    def line(what: str, key: str, unit: str, factor: float) -> Bar:
        value = f"{factor * stock[key]:.0f} {unit}; ours is {ours[key] / stock[key]:.2f} of it"
        return Bar(what, value, "", None)

    return [
        line("Stock Rasa, the same messages at the same rate: p50", "p50", "ms", 1000),
        line("Stock Rasa: p95", "p95", "ms", 1000),
        line("Stock Rasa: processor time a message, against our engine", "cpu", "ms", 1000),
        Bar("Stock Rasa: messages without an answer", f"{stock['unanswered']:.0f}", "", None),
        line("Stock Rasa: memory, against our engine", "memory", "MB", 1),
    ]
