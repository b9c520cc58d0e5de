"""One change to many leads at once: give them to a person, or close them."""

from __future__ import annotations

from sqlalchemy import select

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.lead import OPEN_STATES
from clinic.lead_desk import check_owner
from clinic.storage import tables
from clinic.storage.database import Database

MOST_AT_ONCE = 200


class LeadBulk:
    """Changes many leads in one transaction. Raises `ValueError` over MOST_AT_ONCE, `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def assign(self, chosen: dict[str, int], owner_id: str | None, actor: str) -> list[str]:
        """Give leads to a person (None: to nobody); `chosen` is the version each lead had, by reference.

        Returns the references that were left alone because somebody changed or removed them meanwhile.
        Raises `OwnerNotPossible`.
        """
        return self._change(chosen, actor, "owner_changed", {"to": owner_id}, owner_id=owner_id)

    def close(self, chosen: dict[str, int], actor: str) -> list[str]:
        """Close the leads that are open. Returns the references that were left alone, as `assign` does."""
        return self._change(chosen, actor, "state_changed", {"to": "closed"}, state="closed")

    def _change(
        self,
        chosen: dict[str, int],
        actor: str,
        action: str,
        detail: dict[str, str | None],
        **values: str | None,
    ) -> list[str]:
        if len(chosen) > MOST_AT_ONCE:
            raise ValueError(f"more than {MOST_AT_ONCE} leads at once")
        now = self._now()
        query = select(tables.Lead).where(tables.Lead.reference.in_(chosen)).order_by(tables.Lead.id)
        left_alone = set(chosen)
        with self._database.transaction() as session:
            check_owner(session, values.get("owner_id"))
            for row in session.scalars(query.with_for_update()):
                if row.version != chosen[row.reference]:
                    continue
                left_alone.discard(row.reference)
                if "state" in values and row.state not in OPEN_STATES:
                    continue
                before = row.state if "state" in values else row.owner_id
                add_audit(session, now, actor, action, ("lead", row.id), {"from": before, **detail})
                for name, value in values.items():
                    setattr(row, name, value)
                if "state" in values:
                    row.next_call_at = None
                row.version += 1
                row.updated_at = now
        return sorted(left_alone)
