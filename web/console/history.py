"""What happened to one request, in the order and grouping its page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.audit import AuditEntry

LOOK = "viewed"


@dataclass(frozen=True)
class Step:
    """One event. `person` is the staff member's name, empty for the visitor and for the system."""

    action: str
    at: datetime
    person: str
    state_before: str | None = None
    state_after: str | None = None


@dataclass(frozen=True)
class History:
    """The events of one request, newest first; the many looks at it stand apart from what changed it."""

    changes: list[Step]
    looks: list[Step]


def arrange_history(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> History:
    """Return the history in `entries` (oldest first); `names` are the staff members' names by their id."""
    steps = [
        Step(
            action=entry.action,
            at=entry.at,
            person=names.get(entry.actor, ""),
            state_before=entry.detail.get("from"),
            state_after=entry.detail.get("to"),
        )
        for entry in entries
    ]
    steps.reverse()
    return History(
        changes=[step for step in steps if step.action != LOOK],
        looks=[step for step in steps if step.action == LOOK],
    )
