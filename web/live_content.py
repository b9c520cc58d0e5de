"""What the site itself says to visitors, from the live release: welcome, clinic's facts, the page of answers.

Each web process looks every second whether another release went live, as it does for the engines.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from clinic.live_release import LivePlace, LiveReleaseUnknown, find_live
from clinic.profile import Profile, ProfileInvalid, load_profile
from clinic.settings import Settings
from content.answers_page import Question, read_questions
from content.files import ContentUnreadable
from content.responses import Response, ResponseMissing, Responses, ResponsesInvalid, read_responses

LOG = logging.getLogger("clinic.web.content")
LOOK_SECONDS = 1.0
WELCOME = "utter_welcome"
UNUSABLE = (LiveReleaseUnknown, ProfileInvalid, ResponsesInvalid, ResponseMissing, ContentUnreadable)


@dataclass(frozen=True)
class Content:
    """One release's content. questions: the topics with their answers, for the page `/answers`."""

    place: LivePlace
    profile: Profile
    responses: Responses
    welcome: Response
    questions: list[Question]


class LiveContent:
    """The content of the release that is live; `now` is exchanged whole."""

    def __init__(self, settings: Settings) -> None:
        """Read it. Raises what is in UNUSABLE: a start without a welcome, for one, must fail."""
        self._settings = settings
        self.now = read_content(find_live(settings))
        self._unusable: LivePlace | None = None
        self._following: asyncio.Task[None] | None = None

    def follow(self) -> None:
        """Begin to look for another release in the background."""
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop looking."""
        if self._following is not None:
            self._following.cancel()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Take the live release's content when it is another one; what cannot be used changes nothing."""
        try:
            place = await asyncio.to_thread(find_live, self._settings)
        except LiveReleaseUnknown as error:
            LOG.error("what the site says stays as it was: %s", error)
            return
        if place in (self.now.place, self._unusable):
            return
        try:
            self.now = await asyncio.to_thread(read_content, place)
            LOG.info("the site speaks as release %s", place.release)
        except UNUSABLE as error:
            self._unusable = place
            LOG.error("what the site says stays as it was: %s", error)


def read_content(place: LivePlace) -> Content:
    """Return the content at `place`; raises what is in UNUSABLE."""
    profile = load_profile(place.profile)
    responses = read_responses([place.data], profile.placeholders())
    return Content(place, profile, responses, responses.find(WELCOME), read_questions(place.data))
