"""Delivers what waits in the outbox, adds due reminders, removes what is too old, wipes what was erased.

Run as a process of its own: `python -m clinic.notifier`. Two of them share the work.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from clinic.background import work_in_rounds
from clinic.clock import Clock, utc_now
from clinic.heartbeat import Heartbeats
from clinic.live_release import find_live
from clinic.logs import set_up_logging
from clinic.mail_channel import MailChannel
from clinic.notice import Channel, Notice, NoticeNotDelivered, NoticeWriter
from clinic.outbox import Notification, NotificationNotFound, Outbox
from clinic.profile import load_profile
from clinic.reminders import Reminders
from clinic.retention import Retention
from clinic.settings import Settings
from clinic.storage.database import Database, StorageUnavailable
from clinic.webhook_channel import WebhookChannel
from clinic.wiping import Wiping

LOG = logging.getLogger("clinic.notifier")
NAME = "notifier"
PAUSE_SECONDS = 5.0
REMOVAL_PAUSE = timedelta(hours=1)


class Notifier:
    """Does one round of the work at a time. Without channels notices wait, and nothing is lost."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clinic_name: str,
        channels: Sequence[Channel],
        now: Clock = utc_now,
        retention: Retention | None = None,
    ) -> None:
        """Take where notices go, and what removes old data (None: nothing does)."""
        self._retention = retention
        self._now = now
        self._next_removal = now()
        self._outbox = Outbox(database, now)
        self._reminders = Reminders(database, timedelta(hours=settings.call_within_hours), now)
        self._writer = NoticeWriter(database, settings, clinic_name)
        self._heartbeats = Heartbeats(database, now)
        self._channels = channels
        self._wiping = Wiping(database)

    def work_once(self) -> int:
        """Add due reminders, deliver what is due, wipe what was erased; return how many notices left.

        Raises `StorageUnavailable`.
        """
        self._reminders.add_due()
        left = 0
        if self._channels:
            left = sum(self._deliver(notification) for notification in self._outbox.claim_due())
        self._heartbeats.beat(NAME)
        self._remove_old()
        self._wiping.work_if_due()
        return left

    def _remove_old(self) -> None:
        if self._retention is None or self._now() < self._next_removal:
            return
        self._next_removal = self._now() + REMOVAL_PAUSE  # also after a failure: notices must not wait
        try:
            removed = self._retention.apply()
        except StorageUnavailable as error:
            LOG.error("old data waits to be removed: %s", error)
            return
        self._wiping.ask()
        LOG.info("too old and removed: %s", removed)

    def _deliver(self, notification: Notification) -> bool:
        notice = self._writer.write(notification)
        if notice is None:  # the lead was deleted, and its notification with it
            return False
        try:
            problems = self._send(notification, notice)
            if problems:
                self._outbox.record_failure(notification.id, " ".join(problems))
            else:
                self._outbox.record_delivery(notification.id)
        except NotificationNotFound:  # the lead was deleted while its notice was on its way
            return False
        return not problems

    def _send(self, notification: Notification, notice: Notice) -> list[str]:
        """Send by every channel that has not taken it yet; return what went wrong."""
        done = self._outbox.channels_done(notification.id)
        problems = []
        for channel in self._channels:
            if channel.name in done:
                continue
            try:
                channel.send(notice)
            except NoticeNotDelivered as error:
                LOG.warning("a notice did not leave by %s: %s", channel.name, error)
                problems.append(str(error))
            else:
                self._outbox.record_channel(notification.id, channel.name)
        return problems


def build_channels(settings: Settings) -> list[Channel]:
    """Return the channels that are set up."""
    channels: list[Channel] = []
    if settings.smtp_host:
        channels.append(MailChannel(settings))
    if settings.webhook_url:
        channels.append(WebhookChannel(settings))
    return channels


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    set_up_logging()
    settings = Settings()
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    name = load_profile(find_live(settings).profile).name
    retention = Retention(database, settings)
    notifier = Notifier(database, settings, name, build_channels(settings), retention=retention)
    work_in_rounds(notifier.work_once, PAUSE_SECONDS, "notices wait")
    database.close()


if __name__ == "__main__":
    main()
