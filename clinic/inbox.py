"""The inbox of what was not answered: what is to do first, by clusters of wordings that mean the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, distinct, exists, func, select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.database import Database

SHOWN = ("open", "urgent", "declined", "handled", "ignored")
ON_A_PAGE = 25
_NEAREST = 3


@dataclass(frozen=True)
class Outcome:
    """Where a wording was written: `place` is the content file's folder and name, such as "faq/cost"."""

    place: str
    wording: str
    written_at: datetime
    live_at: datetime | None


@dataclass(frozen=True)
class InboxWording:
    """One wording. `reasons` counts how often each applied; `understood` is from the last time."""

    id: str
    text: str
    state: str
    version: int
    visitors: int
    times: int
    last_asked_at: datetime
    reasons: dict[str, int]
    understood: dict[str, Any]
    outcome: Outcome | None = None


@dataclass(frozen=True)
class InboxCluster:
    """Wordings that mean the same, the most telling one first: that of most visitors, then the longest."""

    id: str
    wordings: list[InboxWording]
    visitors: int
    times: int
    last_asked_at: datetime

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Return how often each reason applied, the most frequent first."""
        counts = Counter[str]()
        for wording in self.wordings:
            counts.update(wording.reasons)
        return counts.most_common()

    @property
    def nearest(self) -> list[str]:
        """Return the intents that the engine found nearest, by how often and how high they ranked."""
        points = Counter[str]()
        for wording in self.wordings:
            for rank, intent in enumerate(wording.understood.get("nearest") or []):
                points[str(intent)] += wording.times * (_NEAREST - rank)
        return [intent for intent, _ in points.most_common(_NEAREST)]


@dataclass(frozen=True)
class InboxPage:
    """Some clusters, those of most visitors first; `has_more` says whether another page follows."""

    clusters: list[InboxCluster]
    has_more: bool


class Inbox:
    """All wordings of the inbox. Raises `StorageUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, show: str = "open", page: int = 1) -> InboxPage:
        """Return clusters by distinct visitors, then by the latest; `page` starts at 1.

        `show` is one of SHOWN. A cluster holds only its wordings that are of this kind: those that were
        decided about one by one stand where they belong. Raises `ValueError` on anything else.
        """
        if show not in SHOWN or page < 1:
            raise ValueError(f"not a page of the inbox: {show!r}, {page}")
        with self._database.transaction(read_only=True) as session:
            rows = session.execute(_select_clusters(show, page)).all()
            wordings = _read_wordings(session, [row[0] for row in rows[:ON_A_PAGE]], show)
        clusters = [
            InboxCluster(cluster, wordings[cluster], visitors, times, last)
            for cluster, visitors, times, last in rows[:ON_A_PAGE]
        ]
        return InboxPage(clusters, len(rows) > ON_A_PAGE)

    def count(self, show: str) -> int:
        """Return how many wordings are of the kind `show`, one of "urgent" and "handled"."""
        question = tables.UnansweredQuestion
        query = select(func.count(question.id)).where(*_conditions(show))
        with self._database.transaction(read_only=True) as session:
            return session.scalar(query) or 0

    def find(self, question_ids: Iterable[str]) -> list[InboxWording]:
        """Return these wordings, of any kind, as far as they are still there; the most telling one first."""
        question = tables.UnansweredQuestion
        with self._database.transaction(read_only=True) as session:
            found = _describe(session, [question.id.in_(set(question_ids))])
        return [wording for _, wording in found]


def _cluster_of() -> ColumnElement[str]:
    """A wording whose vector is still to come stands by itself."""
    question = tables.UnansweredQuestion
    return func.coalesce(question.cluster_id, question.id)


def _conditions(show: str) -> list[ColumnElement[bool]]:
    question, outcome = tables.UnansweredQuestion, tables.UnansweredOutcome
    is_handled = exists().where(outcome.question_id == question.id).correlate(question)
    if show == "handled":
        return [is_handled]
    return [question.state == ("open" if show == "declined" else show), ~is_handled]


def _select_clusters(show: str, page: int) -> Select[Any]:
    question, entry = tables.UnansweredQuestion, tables.UnansweredEntry
    cluster, visitors, last = _cluster_of(), func.count(distinct(entry.visitor_key)), func.max(entry.asked_at)
    query = (
        select(cluster, visitors, func.count(), last)
        .select_from(question)
        .join(entry, entry.question_id == question.id)
        .where(*_conditions(show))
        .group_by(cluster)
        .order_by(visitors.desc(), last.desc(), cluster)
        .limit(ON_A_PAGE + 1)
        .offset((page - 1) * ON_A_PAGE)
    )
    if show in ("open", "declined"):  # what was declined on purpose each time is no fault
        faults = func.sum(case((entry.reason != "declined", 1), else_=0))
        query = query.having(faults > 0 if show == "open" else faults == 0)
    return query


def _read_wordings(session: Session, clusters: list[str], show: str) -> dict[str, list[InboxWording]]:
    found: dict[str, list[InboxWording]] = defaultdict(list)
    for cluster, wording in _describe(session, [_cluster_of().in_(clusters), *_conditions(show)]):
        found[cluster].append(wording)
    return found


def _describe(session: Session, conditions: list[ColumnElement[bool]]) -> list[tuple[str, InboxWording]]:
    """Return (cluster, wording) of all that fit, in four reads however many they are."""
    question, entry, outcome = tables.UnansweredQuestion, tables.UnansweredEntry, tables.UnansweredOutcome
    rows = {row.id: row for row in session.scalars(select(question).where(*conditions))}
    counted = {
        question_id: numbers
        for question_id, *numbers in session.execute(
            select(
                entry.question_id,
                func.count(distinct(entry.visitor_key)),
                func.count(),
                func.max(entry.asked_at),
            )
            .where(entry.question_id.in_(rows))
            .group_by(entry.question_id)
        )
    }
    reasons: dict[str, dict[str, int]] = defaultdict(dict)
    by_reason = select(entry.question_id, entry.reason, func.count()).where(entry.question_id.in_(rows))
    for question_id, reason, number in session.execute(by_reason.group_by(entry.question_id, entry.reason)):
        reasons[question_id][reason] = number
    understood = _read_latest(session, list(rows))
    outcomes = {
        row.question_id: Outcome(row.place, row.wording, row.written_at, row.live_at)
        for row in session.scalars(select(outcome).where(outcome.question_id.in_(rows)))
    }
    found = [
        (
            rows[question_id].cluster_id or question_id,
            InboxWording(
                id=question_id,
                text=rows[question_id].text,
                state=rows[question_id].state,
                version=rows[question_id].version,
                visitors=visitors,
                times=times,
                last_asked_at=last,
                reasons=reasons[question_id],
                understood=understood[question_id],
                outcome=outcomes.get(question_id),
            ),
        )
        for question_id, (visitors, times, last) in counted.items()
    ]
    return sorted(found, key=lambda one: (-one[1].visitors, -one[1].times, -len(one[1].text), one[1].id))


def _read_latest(session: Session, question_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return what the engine understood the last time, by question."""
    entry = tables.UnansweredEntry
    place = func.row_number().over(partition_by=entry.question_id, order_by=(entry.asked_at.desc(), entry.id))
    ranked = select(entry.id, place.label("place")).where(entry.question_id.in_(question_ids)).subquery()
    latest = select(ranked.c.id).where(ranked.c.place == 1)
    query = select(entry.question_id, entry.understood).where(entry.id.in_(latest))
    return {question_id: understood for question_id, understood in session.execute(query)}
