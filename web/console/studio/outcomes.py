"""What became of wordings that were written: still in the draft, live since a day, or taken out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sanic import Request

from clinic.inbox import InboxWording
from content.live_wordings import WrittenWording, is_in_draft, live_since
from content.releases import Releases
from web.console.desk import desk_of
from web.console.studio.drafts import root_of


@dataclass(frozen=True)
class Fate:
    """state: draft, live, or gone (somebody took the wording out of the draft again)."""

    state: str
    place: str
    since: datetime
    asked_again: bool


def note_what_is_live(request: Request) -> None:
    """Note since when written wordings are live. Blocking; says the same whenever it is asked.

    It is asked by the pages that show it: the record of releases keeps the day, so nothing is lost meanwhile.
    """
    decisions = desk_of(request).inbox_decisions
    written = [WrittenWording(*one) for one in decisions.waiting_for_live()]
    if written and (since := live_since(Releases(request.app.ctx.settings.releases_directory), written)):
        decisions.note_live(since)


def find_fates(request: Request, wordings: Iterable[InboxWording]) -> dict[str, Fate]:
    """Return what became of each wording that was written, by its id. Blocking."""
    root = root_of(request)
    found = {}
    for one in wordings:
        if one.outcome is None:
            continue
        place, live_at = one.outcome.place, one.outcome.live_at
        if live_at is not None:
            found[one.id] = Fate("live", place, live_at, one.last_asked_at > live_at)
            continue
        is_there = is_in_draft(root, WrittenWording(one.id, place, one.outcome.wording))
        found[one.id] = Fate("draft" if is_there else "gone", place, one.outcome.written_at, False)
    return found
