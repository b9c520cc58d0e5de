"""What a monitor reads: `/metrics` in Prometheus' format, only with the secret of the settings."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

from clinic.storage.database import StorageUnavailable
from clinic.workload import Workload, read_workload
from web.chat.engine_pool import EngineState
from web.errors import Refusal
from web.storage_calls import call_storage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 3.0, 5.0)


class Metrics:
    """Counts of one web process. No label ever holds anything about a person."""

    def __init__(self, engines: Callable[[], list[EngineState]]) -> None:
        """Take what tells the state of the engines."""
        self.registry = CollectorRegistry()
        self._turns = Counter("optc_turns", "Turns by outcome", ["outcome"], registry=self.registry)
        self._decisions = Counter("optc_decisions", "How messages were understood", ["decision"],
                                  registry=self.registry)  # fmt: skip
        self._turn_seconds = Histogram("optc_turn_seconds", "From the message to the stored reply",
                                       buckets=SECONDS, registry=self.registry)  # fmt: skip
        self._engine_seconds = Histogram("optc_engine_seconds", "The engine's part of a turn",
                                         buckets=SECONDS, registry=self.registry)  # fmt: skip
        self._queue = Gauge("optc_turns_queue", "Turns now, by state", ["state"], registry=self.registry)
        ProcessCollector(registry=self.registry)
        self.registry.register(_Engines(engines))

    def count_turn(self, outcome: str, decision: str | None, seconds: float, engine_seconds: float) -> None:
        """Count one turn: answered, or the name of the notice given; and the time it took."""
        self._turns.labels(outcome).inc()
        self._decisions.labels(decision or "none").inc()
        self._turn_seconds.observe(seconds)
        self._engine_seconds.observe(engine_seconds)

    def watch_queue(self, waiting: Callable[[], float], under_way: Callable[[], float]) -> None:
        """Take what tells how many turns wait and how many are under way."""
        self._queue.labels("waiting").set_function(waiting)
        self._queue.labels("under_way").set_function(under_way)


class _Engines(Collector):
    """The engines as the pool sees them; numbered, since addresses are nobody's business."""

    def __init__(self, engines: Callable[[], list[EngineState]]) -> None:
        self._engines = engines

    def collect(self) -> Iterable[GaugeMetricFamily]:
        takes = GaugeMetricFamily("optc_engine_takes_turns", "0 while its circuit is open", labels=["engine"])
        busy = GaugeMetricFamily("optc_engine_turns", "Turns an engine has under way", labels=["engine"])
        for number, engine in enumerate(self._engines()):
            takes.add_metric([str(number)], float(engine.takes_turns))
            busy.add_metric([str(number)], engine.under_way)
        return [takes, busy]


class _Stored(Collector):
    """What waits in the database; the same in every process, so an alert takes the largest."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload

    def collect(self) -> Iterable[GaugeMetricFamily]:
        waiting = self._workload
        leads = GaugeMetricFamily("optc_leads", "Consultation requests by state", labels=["state"])
        for state, count in sorted(waiting.leads.items()):
            leads.add_metric([state], count)
        return [
            leads,
            _gauge("optc_outbox_waiting", "Notifications that have not left yet", waiting.outbox_waiting),
            _gauge("optc_outbox_oldest_seconds", "Age of the oldest of them", waiting.outbox_oldest_seconds),
        ]


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


async def show_metrics(request: Request) -> HTTPResponse:
    """Answer with all counts; without the secret there is no such page. A broken database leaves gaps."""
    token = request.app.ctx.settings.metrics_token
    if not token or not hmac.compare_digest((request.token or "").encode(), token.encode()):
        raise Refusal("not_found")
    output = generate_latest(request.app.ctx.metrics.registry)
    stored = CollectorRegistry()
    try:
        stored.register(_Stored(await call_storage(read_workload, request.app.ctx.database)))
        output += generate_latest(stored) + b"optc_database_up 1\n"
    except StorageUnavailable:
        output += b"optc_database_up 0\n"
    return text(output.decode(), content_type=CONTENT_TYPE)


def setup_metrics(app: Sanic[Any, Any]) -> None:
    """Add /metrics."""
    app.add_route(show_metrics, "/metrics", name="metrics")
