"""Which leads a person wants to see: queues, and filters that can be combined."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from clinic.lead import OPEN_STATES, SOURCES, STATES, TOPICS
from clinic.lead_search import match_search
from clinic.storage import tables

QUEUES = ("open", "overdue", "unowned", "mine")
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
CONTACT_KINDS = ("phone", "email", "both")
NOBODY = "nobody"
_LONGEST_VALUE = 100


@dataclass(frozen=True)
class LeadFilter:
    """What has to be true of a lead; an empty field asks for nothing.

    queue: one of QUEUES; owner: a staff id or NOBODY; age: not older than a key of AGES, or "older";
    consent: a version of the consent text; spam: "only" or "hide"; due: "due" (a call is planned).
    """

    queue: str = ""
    state: str = ""
    owner: str = ""
    age: str = ""
    topic: str = ""
    contact: str = ""
    consent: str = ""
    source: str = ""
    tag: str = ""
    spam: str = ""
    search: str = ""

    def check(self) -> None:
        """Raise `ValueError` on a value that cannot be, such as one typed into the address by hand."""
        allowed = {
            "queue": QUEUES,
            "state": STATES,
            "age": (*AGES, "older"),
            "topic": TOPICS,
            "contact": CONTACT_KINDS,
            "source": SOURCES,
            "spam": ("only", "hide"),
        }
        values = asdict(self)
        wrong = [name for name, words in allowed.items() if values[name] and values[name] not in words]
        wrong += [name for name, value in values.items() if len(value) > _LONGEST_VALUE]
        if wrong:
            raise ValueError("not a filter: " + ", ".join(wrong))

    def without_search(self) -> dict[str, str]:
        """Return the filters that are set, by name. The search is left out: it may be somebody's name."""
        return {name: value for name, value in asdict(self).items() if value and name != "search"}


def filter_conditions(
    wanted: LeadFilter, viewer_id: str, now: datetime, call_within: timedelta
) -> list[ColumnElement[bool]]:
    """Return what `wanted` asks for as SQL conditions; `viewer_id` is who "mine" means.

    Leads that were merged into another are never shown. Raises `ValueError`.
    """
    wanted.check()
    lead = tables.Lead
    conditions: list[ColumnElement[bool]] = [lead.merged_into_id.is_(None)]
    if wanted.queue:
        conditions += _queue(wanted.queue, viewer_id, now, call_within)
    equal = {lead.state: wanted.state, lead.topic: wanted.topic, lead.source: wanted.source}
    equal[lead.consent_version] = wanted.consent
    conditions += [column == value for column, value in equal.items() if value]
    if wanted.owner:
        conditions.append(
            lead.owner_id.is_(None) if wanted.owner == NOBODY else lead.owner_id == wanted.owner
        )
    if wanted.age:
        conditions.append(_age(wanted.age, now))
    if wanted.contact:
        conditions += _contact(wanted.contact)
    if wanted.spam:
        conditions.append(lead.suspected_spam.is_(wanted.spam == "only"))
    if wanted.tag:
        conditions.append(lead.id.in_(select(tables.LeadTag.lead_id).where(tables.LeadTag.tag == wanted.tag)))
    if wanted.search.strip():
        conditions.append(match_search(wanted.search))
    return conditions


def overdue_condition(now: datetime, call_within: timedelta) -> ColumnElement[bool]:
    """Return the condition of an overdue lead: a planned call is due, or nobody called within the time."""
    lead = tables.Lead
    never_called = and_(
        lead.state == "new",
        lead.next_call_at.is_(None),
        lead.created_at <= now - call_within,
        lead.suspected_spam.is_(False),
    )
    return and_(lead.state.in_(OPEN_STATES), or_(lead.next_call_at <= now, never_called))


def _queue(queue: str, viewer_id: str, now: datetime, call_within: timedelta) -> list[ColumnElement[bool]]:
    lead = tables.Lead
    is_open = lead.state.in_(OPEN_STATES)
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "open": [is_open],
        "overdue": [overdue_condition(now, call_within)],
        "unowned": [is_open, lead.owner_id.is_(None)],
        "mine": [is_open, lead.owner_id == viewer_id],
    }
    return conditions[queue]


def _age(age: str, now: datetime) -> ColumnElement[bool]:
    if age == "older":
        return tables.Lead.created_at < now - AGES["month"]
    return tables.Lead.created_at >= now - AGES[age]


def _contact(kind: str) -> list[ColumnElement[bool]]:
    columns = {"phone": [tables.Lead.phone], "email": [tables.Lead.email]}
    columns["both"] = columns["phone"] + columns["email"]
    return [column.is_not(None) for column in columns[kind]]
