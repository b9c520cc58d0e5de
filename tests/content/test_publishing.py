"""One request at a time, and the progress is always whole."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from content.publishing import AlreadyPublishing, PublishingDesk, Request, begin_progress

REQUEST = Request("publish", by="Carl", actor="staff-1", why="a new price")


@pytest.fixture
def desk(tmp_path: Path) -> PublishingDesk:
    return PublishingDesk(tmp_path / "publishing")


def test_a_request_is_taken_once(desk: PublishingDesk) -> None:
    desk.ask(REQUEST)
    with pytest.raises(AlreadyPublishing):
        desk.ask(REQUEST)
    assert desk.take_request() == REQUEST
    assert desk.take_request() is None and not desk.has_request()


def test_nothing_is_taken_while_something_is_published(desk: PublishingDesk) -> None:
    with desk.hold():
        assert desk.is_busy()
        with pytest.raises(AlreadyPublishing):
            desk.ask(REQUEST)
        with pytest.raises(AlreadyPublishing), desk.hold():
            pass
    assert not desk.is_busy()
    desk.ask(REQUEST)


def hold_for_ever(folder: Path, holds: Any) -> None:
    with PublishingDesk(folder).hold():
        holds.set()
        multiprocessing.Event().wait()


def test_a_killed_publisher_holds_nobody_up(desk: PublishingDesk) -> None:
    context = multiprocessing.get_context("spawn")
    holds = context.Event()
    process = context.Process(target=hold_for_ever, args=(desk.folder, holds))
    process.start()
    assert holds.wait(20) and desk.is_busy()
    process.kill()
    process.join(10)
    assert not desk.is_busy()


def test_progress_is_read_as_it_was_written(desk: PublishingDesk) -> None:
    assert desk.read() is None
    desk.folder.mkdir()
    progress = begin_progress(REQUEST)
    progress.steps[0].state, progress.steps[0].told = "done", "The content is in order."
    desk.write(progress)
    assert desk.read() == progress
