"""What happened to one request, in the order and grouping its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinic.audit import AuditEntry

LOOK = "viewed"


@dataclass(frozen=True)
class Step:
    """One event. `person` is the staff member's name, empty for the visitor and for the system.

    `before` and `after` are what changed from what to what: states, or names of owners. `detail` holds the
    rest, such as the outcome of a call.
    """

    action: str
    at: datetime
    person: str
    before: str = ""
    after: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """The events of one request, newest first; the many looks at it stand apart from what changed it."""

    changes: list[Step]
    looks: list[Step]


def arrange_history(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> History:
    """Return the history in `entries` (oldest first); `names` are the staff members' names by their id."""
    steps = [_to_step(entry, names) for entry in entries]
    steps.reverse()
    return History(
        changes=[step for step in steps if step.action != LOOK],
        looks=[step for step in steps if step.action == LOOK],
    )


def _to_step(entry: AuditEntry, names: Mapping[str, str]) -> Step:
    before, after = entry.detail.get("from") or "", entry.detail.get("to") or ""
    if entry.action == "owner_changed":
        before, after = names.get(before, ""), names.get(after, "")
    return Step(entry.action, entry.at, names.get(entry.actor, ""), before, after, entry.detail)
