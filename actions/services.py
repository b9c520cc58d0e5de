"""What the actions work with: the clinic's live profile and its leads. Set once when the server starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clinic.leads import Leads
from clinic.profile import Profile


@dataclass(frozen=True)
class Services:
    """The clinic's side of an action. get_profile: tells the profile that is live now."""

    get_profile: Callable[[], Profile]
    leads: Leads

    @property
    def profile(self) -> Profile:
        """Return the clinic's profile."""
        return self.get_profile()


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
