"""The inbox of what was not answered: what is to do first, and what a person decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, distinct, exists, func, select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

STATES = ("open", "urgent", "ignored")
SHOWN = ("open", "urgent", "declined", "ignored")
ON_A_PAGE = 25


class QuestionNotFound(Exception):
    """There is no such question in the inbox; the only visitor who asked it may have been forgotten."""


class QuestionChangedMeanwhile(Exception):
    """Somebody else decided about the question after it was shown."""


@dataclass(frozen=True)
class InboxQuestion:
    """One question. `reasons` counts how often each applied; `understood` is from the last time."""

    id: str
    text: str
    state: str
    version: int
    visitors: int
    times: int
    last_asked_at: datetime
    reasons: list[tuple[str, int]]
    understood: dict[str, Any]


@dataclass(frozen=True)
class InboxPage:
    """Some questions, those of most visitors first; `has_more` says whether another page follows."""

    questions: list[InboxQuestion]
    has_more: bool


class Inbox:
    """All questions of the inbox. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def list(self, show: str = "open", page: int = 1) -> InboxPage:
        """Return questions by distinct visitors, then by the latest; `page` starts at 1.

        `show` is one of SHOWN. Raises `ValueError` on anything else.
        """
        if show not in SHOWN or page < 1:
            raise ValueError(f"not a page of the inbox: {show!r}, {page}")
        question, entry = tables.UnansweredQuestion, tables.UnansweredEntry
        visitors, last = func.count(distinct(entry.visitor_key)), func.max(entry.asked_at)
        query = (
            select(question, visitors, func.count(), last)
            .join(entry, entry.question_id == question.id)
            .where(*_conditions(show))
            .group_by(question.id)
            .order_by(visitors.desc(), last.desc(), question.id)
            .limit(ON_A_PAGE + 1)
            .offset((page - 1) * ON_A_PAGE)
        )
        with self._database.transaction(read_only=True) as session:
            rows = session.execute(query).all()
            found = [_describe(session, *row) for row in rows[:ON_A_PAGE]]
        return InboxPage(found, len(rows) > ON_A_PAGE)

    def decide(self, question_id: str, version: int, state: str, actor: str) -> int:
        """Set the state of a question that was shown at `version`; return the new version.

        What is ignored stays ignored, also when it is asked again. The same decision sent twice is one.
        Raises `QuestionNotFound`, `QuestionChangedMeanwhile`, `ValueError` on another state.
        """
        if state not in STATES:
            raise ValueError(f"not a state: {state!r}")
        with self._database.transaction() as session:
            row = session.get(tables.UnansweredQuestion, question_id, with_for_update=True)
            if row is None:
                raise QuestionNotFound
            if row.state == state:
                return row.version
            if row.version != version:
                raise QuestionChangedMeanwhile
            detail = {"from": row.state, "to": state}
            row.state = state
            row.version += 1
            add_audit(session, self._now(), actor, "state_changed", ("unanswered", row.id), detail)
            return row.version


def _conditions(show: str) -> list[ColumnElement[bool]]:
    question, entry = tables.UnansweredQuestion, tables.UnansweredEntry
    if show in ("urgent", "ignored"):
        return [question.state == show]
    is_fault = (
        exists().where(entry.question_id == question.id, entry.reason != "declined").correlate(question)
    )
    return [question.state == "open", is_fault if show == "open" else ~is_fault]


def _describe(
    session: Session, row: tables.UnansweredQuestion, visitors: int, times: int, last: datetime
) -> InboxQuestion:
    entry, number = tables.UnansweredEntry, func.count()
    of_question = entry.question_id == row.id
    counted = session.execute(
        select(entry.reason, number).where(of_question).group_by(entry.reason).order_by(number.desc())
    )
    latest = select(entry.understood).where(of_question).order_by(entry.asked_at.desc(), entry.id).limit(1)
    return InboxQuestion(
        id=row.id,
        text=row.text,
        state=row.state,
        version=row.version,
        visitors=visitors,
        times=times,
        last_asked_at=last,
        reasons=[(reason, count) for reason, count in counted],
        understood=session.scalars(latest).one(),
    )
