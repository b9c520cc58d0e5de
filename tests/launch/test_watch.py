"""A process that lives but does not work is found and killed; one that works, or still starts, is not."""

from __future__ import annotations

from typing import Any

import pytest

from clinic.settings import Settings
from launch.watch import START_SECONDS, Watch, look, probe_address


class FakeSupervisor:
    """Knows one process, and remembers what was killed."""

    def __init__(self, pid: int = 7, age: float = 1000, state: str = "RUNNING") -> None:
        self.info = {"group": "web", "name": "web", "pid": pid, "statename": state, "start": 0, "now": age}
        self.killed: list[str] = []

    def processes(self) -> list[dict[str, Any]]:
        return [self.info, {**self.info, "group": "watch", "name": "watch", "pid": 99}]

    def kill(self, process: str) -> None:
        self.killed.append(process)


def looks(supervisor: FakeSupervisor, *results: bool) -> list[str]:
    """Look once for each result of the probe; returns what was killed."""
    watch = Watch()
    for is_well in results:
        look(supervisor, watch, lambda group, name, is_well=is_well: is_well)  # type: ignore[arg-type,misc]
    return supervisor.killed


def test_three_failures_in_a_row_end_a_process() -> None:
    assert looks(FakeSupervisor(), True, False, False, False) == ["web:web"]


def test_a_success_in_between_saves_it() -> None:
    assert looks(FakeSupervisor(), True, False, False, True, False, False) == []


def test_a_process_that_still_starts_is_left_in_peace() -> None:
    assert looks(FakeSupervisor(age=10), *[False] * 10) == []


def test_a_process_that_never_comes_up_is_ended_after_a_while() -> None:
    assert looks(FakeSupervisor(age=START_SECONDS + 1), *[False] * 3) == ["web:web"]


def test_a_process_that_was_well_gets_no_time_to_start_again_by_itself() -> None:
    assert looks(FakeSupervisor(age=10), True, False, False, False) == ["web:web"]


@pytest.mark.parametrize("state", ["STOPPED", "BACKOFF", "STOPPING"])
def test_a_process_that_does_not_run_is_supervisords_own_business(state: str) -> None:
    assert looks(FakeSupervisor(state=state), *[False] * 5) == []


def test_a_process_is_killed_once_while_supervisord_has_not_seen_it_yet() -> None:
    assert looks(FakeSupervisor(), True, False, False, False, False) == ["web:web"]


def test_each_part_is_asked_for_what_it_is_for() -> None:
    settings = Settings(port=1, actions_port=2, engine_port=3)
    assert probe_address(settings, "web", "web") == "http://127.0.0.1:1/health/live"
    assert probe_address(settings, "actions", "actions") == "http://127.0.0.1:2/health"
    for group in ("engine", "engine-next"):
        assert probe_address(settings, group, "5") == "http://127.0.0.1:5/webhooks/gateway/health/deep"
