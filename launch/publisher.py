"""Carries out what the console asks for, one request at a time, and keeps the release before warm."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

from clinic.logs import set_up_logging
from clinic.settings import Settings
from content.publishing import AlreadyPublishing, PublishingDesk
from content.releases import Releases
from launch.groups import current_group, engine_ports
from launch.publish import IS_LIVE, UNTOUCHED, Publisher
from launch.release import HandOver
from launch.supervisor_calls import Supervisor, socket_path
from launch.watch import http_probe

LOG = logging.getLogger("clinic.publisher")
LOOK_SECONDS = 0.25  # a look is one file that is mostly not there
LIVE_WITHIN_SECONDS = 240


def main() -> None:
    """Look for requests for ever."""
    set_up_logging()
    settings = Settings()
    supervisor, desk = Supervisor(socket_path(settings)), PublishingDesk(settings.publishing_directory)
    # when `make publish` is at work, and only this process was restarted, nothing was interrupted
    with contextlib.suppress(AlreadyPublishing), desk.hold():
        end_interrupted(desk, Releases(settings.releases_directory))
        warm_up(settings, supervisor)
    while True:
        serve_one(settings, supervisor, desk)
        time.sleep(LOOK_SECONDS)


def serve_one(settings: Settings, supervisor: Supervisor, desk: PublishingDesk) -> None:
    """Carry out the waiting request, if there is one and nothing else is at work."""
    if not desk.has_request() or desk.is_busy():
        return
    request = desk.take_request()
    if request is None:
        return
    with contextlib.suppress(AlreadyPublishing):
        progress = Publisher(settings, request, supervisor).run()
        LOG.info("%s: %s", request.action, progress.outcome)


def end_interrupted(desk: PublishingDesk, releases: Releases) -> None:
    """Say of a request that was cut short (a killed process, a power cut) what became of it.

    It may have been cut short after the switch: what is live is asked, not assumed.
    """
    progress = desk.read()
    if progress is None or progress.outcome != "running":
        return
    for step in progress.steps:
        step.state = "failed" if step.state == "running" else step.state
    is_live = progress.release is not None and releases.state().live == progress.release
    told = f"It was stopped half way. {IS_LIVE if is_live else UNTOUCHED}"
    advice = "Look at the releases." if is_live else "Publish again."
    ended = datetime.now(UTC).isoformat()
    desk.write(replace(progress, outcome="failed", told=told, advice=advice, ended_at=ended))


def warm_up(settings: Settings, supervisor: Supervisor) -> None:
    """Once the live engines work, load the release before in the other set, unless it is loaded already."""
    probe, live = http_probe(settings), current_group(settings)
    deadline = time.monotonic() + LIVE_WITHIN_SECONDS
    while not all(probe(live, str(port)) for port in engine_ports(settings, live)):
        if time.monotonic() > deadline:
            return
        time.sleep(1.0)  # between two looks at a condition that has a deadline
    HandOver(settings, supervisor).keep_previous_warm()


if __name__ == "__main__":
    main()
