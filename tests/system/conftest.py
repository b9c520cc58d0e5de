"""The whole system, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system.running_system import RunningSystem, Visitor


@pytest.fixture(scope="session")
def started_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    running = RunningSystem(tmp_path_factory.mktemp("system"))
    running.start()
    yield running
    assert running.stop() == 0, running.read_output()


@pytest.fixture
def system(started_system: RunningSystem) -> RunningSystem:
    """All parts up, also after a test that killed one."""
    started_system.wait_until_ready()
    return started_system


@pytest.fixture
def maria(system: RunningSystem) -> Iterator[Visitor]:
    visitor = Visitor.arrive(system.url)
    yield visitor
    visitor.leave()


@pytest.fixture
def tom(system: RunningSystem) -> Iterator[Visitor]:
    visitor = Visitor.arrive(system.url)
    yield visitor
    visitor.leave()
