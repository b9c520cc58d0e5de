"""Shows the contact page in each of its states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sanic.response import HTTPResponse

from clinic.consent import ConsentText, current_consent
from clinic.lead_topics import topic_titles
from web.contact.form import Entered
from web.contact.form_ids import FormIds
from web.live_content import LiveContent
from web.pages import Pages
from web.words import read_words


class ContactPage:
    """The form, empty or with what was typed and what is wrong with it, and the page after it was saved."""

    def __init__(self, pages: Pages, live: LiveContent, form_ids: FormIds) -> None:
        """Take the templates, the live content, and what issues form ids."""
        self._pages = pages
        self._live = live
        self._form_ids = form_ids
        self._words = read_words(Path(__file__).with_name("words.yml"))

    def consent(self) -> ConsentText:
        """Return the consent text in force."""
        return current_consent(self._live.now.profile.name)

    def show_form(
        self,
        status: int = 200,
        entered: Entered | None = None,
        problems: Mapping[str, str] | None = None,
        alert: str | None = None,
        is_not_saved: bool = False,
    ) -> HTTPResponse:
        """Return the form with `status`.

        problems: field → problem code; alert: code of a problem of the whole form;
        is_not_saved: say that the request was not stored.
        """
        entered = entered or Entered()
        consent = self.consent()
        return self._pages.show(
            "contact.html",
            status,
            words=self._words,
            entered=entered,
            problems={name: self._describe(code) for name, code in (problems or {}).items()},
            alert=self._describe(alert) if alert else None,
            is_not_saved=is_not_saved,
            consent=consent,
            form_id=entered.form_id or self._form_ids.issue(consent.version),
            topics=topic_titles(),
            reply_time=self._live.now.profile.reply_time,
        )

    def show_saved(self, reference: str) -> HTTPResponse:
        """Return the page that says the request is stored under `reference`."""
        return self._pages.show("contact_saved.html", words=self._words, reference=reference)

    def _describe(self, code: str) -> str:
        sentence = self._words["problems"].get(code)
        return sentence or self._live.now.responses.find(f"utter_problem_{code}").text
