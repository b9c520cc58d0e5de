from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.lead_removal import LeadRemoval
from clinic.leads import Leads
from clinic.outbox import NotificationNotFound, Outbox
from clinic.storage.database import Database
from tests.clinic.conftest import SettableClock, new_lead


@pytest.fixture
def outbox(database: Database, clock: SettableClock) -> Outbox:
    return Outbox(database, now=clock)


def test_it_gives_what_waits_longest_first(outbox: Outbox, leads: Leads, clock: SettableClock) -> None:
    first = leads.save(new_lead())
    clock.advance(minutes=1)
    second = leads.save(new_lead(request_key="tom"))
    assert [entry.lead_id for entry in outbox.list_due()] == [first.id, second.id]
    assert [entry.lead_id for entry in outbox.list_due(limit=1)] == [first.id]


def test_it_is_done_when_delivered(outbox: Outbox, leads: Leads, clock: SettableClock) -> None:
    saved = leads.save(new_lead())
    [entry] = outbox.list_due()
    outbox.record_failure(entry.id, "the mail server did not answer")
    clock.advance(minutes=1)
    outbox.record_delivery(entry.id)
    assert outbox.list_due() == []
    [done] = outbox.list_for(saved.id)
    assert (done.delivered_at, done.attempts, done.last_error) == (clock(), 2, None)


def test_it_waits_longer_after_each_failure_and_at_most_an_hour(
    outbox: Outbox, leads: Leads, clock: SettableClock
) -> None:
    saved = leads.save(new_lead())
    waits = []
    for _ in range(8):
        [entry] = outbox.list_due()
        outbox.record_failure(entry.id, "no answer " * 100)
        assert outbox.list_due() == []
        [entry] = outbox.list_for(saved.id)
        assert entry.last_error is not None and len(entry.last_error) == 300
        waits.append((entry.next_attempt_at - clock()) / timedelta(minutes=1))
        clock.moment = entry.next_attempt_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_it_says_that_a_notification_does_not_exist(outbox: Outbox) -> None:
    with pytest.raises(NotificationNotFound):
        outbox.record_delivery("nothing")
    with pytest.raises(NotificationNotFound):
        outbox.record_failure("nothing", "no answer")


def test_it_lists_nothing_for_a_lead_without_notifications(outbox: Outbox) -> None:
    assert outbox.list_for("nothing") == []


def test_a_lead_that_is_erased_while_its_notice_leaves_is_not_an_error(
    outbox: Outbox, leads: Leads, database: Database
) -> None:
    lead = leads.save(new_lead())
    [notice] = outbox.claim_due()
    LeadRemoval(database).delete(lead.id, lead.version, "nora")
    with pytest.raises(NotificationNotFound):
        outbox.record_channel(notice.id, "mail")
    assert outbox.channels_done(notice.id) == set()
