"""What a person decides about wordings of the inbox: all of what was chosen, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

STATES = ("open", "urgent", "ignored")


class QuestionNotFound(Exception):
    """There is no such wording in the inbox; the only visitor who asked it may have been forgotten."""


class QuestionChangedMeanwhile(Exception):
    """Somebody else decided about one of the wordings after it was shown."""


@dataclass(frozen=True)
class Chosen:
    """A wording as it was shown."""

    id: str
    version: int


@dataclass(frozen=True)
class Confirmed:
    """A wording as it was shown, and the words that a person has read and confirmed to be written."""

    chosen: Chosen
    wording: str


class InboxDecisions:
    """Decides about wordings. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def decide(self, chosen: Sequence[Chosen], state: str, actor: str) -> list[Chosen]:
        """Set the state of wordings; return them with their new versions.

        What is ignored stays ignored, also when it is asked again. "open" also takes back that a wording was
        written somewhere: the file is not changed. The same decision sent twice is one.
        Raises `QuestionNotFound`, `QuestionChangedMeanwhile`, `ValueError` on another state or no wording.
        """
        if state not in STATES or not chosen:
            raise ValueError(f"not a decision: {state!r} about {len(chosen)} wordings")
        with self._database.transaction() as session:
            rows = _lock(session, chosen)
            outcomes = _read_outcomes(session, rows)
            waiting = [row for row in rows.values() if row.state != state or row.id in outcomes]
            _check_versions(waiting, chosen)
            for row in waiting:
                detail = {"from": "handled" if row.id in outcomes else row.state, "to": state}
                if row.id in outcomes:
                    session.delete(outcomes[row.id])
                row.state = state
                row.version += 1
                add_audit(session, self._now(), actor, "state_changed", ("unanswered", row.id), detail)
            return [Chosen(row.id, row.version) for row in rows.values()]

    @contextmanager
    def writing(self, confirmed: Sequence[Confirmed], place: str, actor: str) -> Iterator[None]:
        """Note that wordings are written into the content file `place`, which the block does.

        When the block fails, nothing is noted. The same writing noted twice is one.
        Raises `QuestionNotFound`, `QuestionChangedMeanwhile`, `ValueError` without a wording.
        """
        if not confirmed:
            raise ValueError("no wording")
        words = {one.chosen.id: one.wording for one in confirmed}
        with self._database.transaction() as session:
            rows = _lock(session, [one.chosen for one in confirmed])
            outcomes = _read_outcomes(session, rows)
            known = {key for key, one in outcomes.items() if (one.place, one.wording) == (place, words[key])}
            waiting = [row for row in rows.values() if row.id not in known]
            _check_versions(waiting, [one.chosen for one in confirmed])
            now = self._now()
            for row in waiting:
                written = tables.UnansweredOutcome(
                    question_id=row.id, place=place, wording=words[row.id], written_at=now, live_at=None
                )
                session.merge(written)
                row.version += 1
                add_audit(session, now, actor, "wording_written", ("unanswered", row.id), {"place": place})
            session.flush()
            yield

    def waiting_for_live(self) -> list[tuple[str, str, str]]:
        """Return (id, place, wording) of everything that was written and is not known to be live."""
        outcome = tables.UnansweredOutcome
        query = select(outcome.question_id, outcome.place, outcome.wording).where(outcome.live_at.is_(None))
        with self._database.transaction(read_only=True) as session:
            return [(key, place, wording) for key, place, wording in session.execute(query)]

    def note_live(self, since: dict[str, datetime]) -> None:
        """Note since when wordings, given by their ids, are live; what was noted before stays."""
        outcome = tables.UnansweredOutcome
        with self._database.transaction() as session:
            for row in session.scalars(select(outcome).where(outcome.question_id.in_(since))):
                row.live_at = row.live_at or since[row.question_id]


def _lock(session: Session, chosen: Sequence[Chosen]) -> dict[str, tables.UnansweredQuestion]:
    question = tables.UnansweredQuestion
    query = select(question).where(question.id.in_([one.id for one in chosen])).order_by(question.id)
    rows = {row.id: row for row in session.scalars(query.with_for_update())}
    if any(one.id not in rows for one in chosen):
        raise QuestionNotFound
    return rows


def _read_outcomes(
    session: Session, rows: dict[str, tables.UnansweredQuestion]
) -> dict[str, tables.UnansweredOutcome]:
    outcome = tables.UnansweredOutcome
    found = session.scalars(select(outcome).where(outcome.question_id.in_(rows)))
    return {row.question_id: row for row in found}


def _check_versions(rows: Sequence[tables.UnansweredQuestion], chosen: Sequence[Chosen]) -> None:
    shown = {one.id: one.version for one in chosen}
    if any(row.version != shown[row.id] for row in rows):
        raise QuestionChangedMeanwhile
