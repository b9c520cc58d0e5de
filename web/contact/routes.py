"""The contact page's two operations: show the form, and store what was sent with it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse

from clinic.clock import utc_now
from clinic.leads import LeadNotSaved, NewLead
from web.contact.form import Checked, Entered, check, read_entered
from web.contact.form_ids import FormExpired, FormId, FormIds
from web.contact.page import ContactPage
from web.errors import Refusal

LOG = logging.getLogger("clinic.web.contact")


class ContactForm:
    """The operations, with the parts they need."""

    def __init__(self, page: ContactPage, form_ids: FormIds) -> None:
        """Take what shows the page, and what reads form ids."""
        self._page = page
        self._form_ids = form_ids

    async def show(self, request: Request) -> HTTPResponse:
        """Show the empty form."""
        return self._page.show_form()

    async def submit(self, request: Request) -> HTTPResponse:
        """Store the request, or show the form again with what has to be changed; nothing typed is lost."""
        entered = read_entered(request)
        checked = check(entered)
        try:
            form_id = self._form_ids.read(entered.form_id)
        except FormExpired:
            fresh = dataclasses.replace(entered, form_id="")
            return self._page.show_form(400, fresh, checked.problems, alert="form_expired")
        if form_id.consent_version != self._page.consent().version:
            # The visitor agreed to a text that is no longer the one in force: ask again.
            fresh = dataclasses.replace(entered, form_id="", consent="")
            return self._page.show_form(400, fresh, {**checked.problems, "consent": "consent_changed"})
        if checked.problems:
            return self._page.show_form(400, entered, checked.problems)
        try:
            request.app.ctx.limits.check(request, "contact")
        except Refusal as refusal:
            response = self._page.show_form(429, entered, alert=refusal.code)
            response.headers["Retry-After"] = str(refusal.retry_after)
            return response
        return await self._save(request, entered, checked, form_id)

    async def _save(
        self, request: Request, entered: Entered, checked: Checked, form_id: FormId
    ) -> HTTPResponse:
        new = NewLead(
            request_key=form_id.request_key,
            source="contact_form",
            name=checked.name,
            phone=checked.phone,
            email=checked.email,
            preferred_time=checked.preferred_time,
            topic=checked.topic,
            consent=self._page.consent(),
            consented_at=utc_now(),
            # A person is never refused for this: staff see the mark and decide.
            suspected_spam=bool(entered.trap) or form_id.was_too_quick,
        )
        try:
            saved = await asyncio.to_thread(request.app.ctx.leads.save, new)
        except LeadNotSaved:
            LOG.error("a request from the contact page was not stored")
            return self._page.show_form(503, entered, is_not_saved=True)
        return self._page.show_saved(saved.reference)


def setup_contact(app: Sanic[Any, Any]) -> None:
    """Add /contact to `app`."""
    context = app.ctx
    form_ids = FormIds(context.signing_key)
    page = ContactPage(context.pages, context.live, form_ids)
    form = ContactForm(page, form_ids)
    app.add_route(form.show, "/contact", methods=["GET", "HEAD"], name="contact_show")
    app.add_route(form.submit, "/contact", methods=["POST"], name="contact_submit")
