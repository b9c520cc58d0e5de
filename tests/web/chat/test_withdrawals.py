"""A visitor says in the chat's menu that the clinic must not contact them."""

from __future__ import annotations

import asyncio

from clinic.leads import Leads
from tests.clinic.conftest import new_lead
from tests.web.conftest import Site, bearer
from web.chat.openapi import BASE

CONSENT = f"{BASE}/consent"


async def send_request(site: Site, token: str, **changes: str) -> str:
    """A request of this conversation; returns its id."""
    talk = await asyncio.to_thread(site.app.ctx.conversations.find_by_token, token)
    leads: Leads = site.app.ctx.leads
    return (await asyncio.to_thread(leads.save, new_lead(engine_id=talk.engine_id, **changes))).id


async def test_the_request_is_closed_for_calls_and_the_chat_says_so(site: Site) -> None:
    token = (await site.start_session())["token"]
    lead_id = await send_request(site, token)
    response = await site.client.delete(CONSENT, headers=bearer(token))
    [said] = response.json()["messages"]
    assert (response.status_code, said["author"], said["kind"]) == (200, "assistant", "notice")
    assert "will not contact you" in said["text"]
    lead = site.app.ctx.leads.find(lead_id)
    assert lead.state == "not_interested" and lead.contact_withdrawn_at
    listed = (await site.client.get(f"{BASE}/messages", headers=bearer(token))).json()["messages"]
    assert listed[-1] == said  # still there after a reload


async def test_without_a_request_it_says_that_there_is_nothing_to_stop(site: Site) -> None:
    token = (await site.start_session())["token"]
    [said] = (await site.client.delete(CONSENT, headers=bearer(token))).json()["messages"]
    assert "You have not sent a request in this chat" in said["text"]
    assert "405-555-0100" in said["text"]


async def test_nobody_withdraws_for_somebody_else(site: Site) -> None:
    """The same number in another chat: who knows a number must not be able to stop its owner's call."""
    marias, strangers = [(await site.start_session())["token"] for _ in range(2)]
    maria = await send_request(site, marias)
    await send_request(site, strangers, request_key="strangers")
    assert (await site.client.delete(CONSENT, headers=bearer(strangers))).status_code == 200
    assert site.app.ctx.leads.find(maria).contact_withdrawn_at is None
    for headers in ({}, bearer("unknown")):
        refused = await site.client.delete(CONSENT, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "session_missing")
