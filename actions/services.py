"""What the actions work with: the clinic's profile and its leads. Set once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.leads import Leads
from clinic.profile import Profile


@dataclass(frozen=True)
class Services:
    """The clinic's side of an action."""

    profile: Profile
    leads: Leads


_current: Services | None = None


def use(new: Services) -> None:
    """Set what the actions work with; Rasa's SDK builds actions without arguments, hence this one place."""
    global _current
    _current = new


def services() -> Services:
    """What was set with `use`; raises RuntimeError before that."""
    if _current is None:
        raise RuntimeError("actions.services.use() was not called")
    return _current
