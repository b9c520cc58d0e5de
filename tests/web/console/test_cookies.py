"""The console's cookies: as strict as the address allows."""

from __future__ import annotations

import pytest

from clinic.account import Account
from clinic.settings import Settings
from tests.web.conftest import Site
from tests.web.console.conftest import PASSWORD

FORM = {"email": "nora@example.org", "password": PASSWORD}


class TestBehindHttps:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"public_url": "https://chat.clinic.example"})

    async def test_every_cookie_belongs_to_this_host_over_https_alone(
        self, site: Site, accounts: dict[str, Account]
    ) -> None:
        page = await site.client.get("/console/sign-in")
        token = page.text.split('name="form_token" value="')[1].split('"')[0]
        # the client would not send a Secure cookie over the test's plain http
        signed_in = await site.client.post(
            "/console/sign-in",
            data={**FORM, "form_token": token},
            headers={"Cookie": f"__Host-console_form={token}"},
        )
        assert signed_in.status_code == 303
        made = [*page.headers.get_list("set-cookie"), *signed_in.headers.get_list("set-cookie")]
        assert any(cookie.startswith("__Host-console_session=") for cookie in made)
        for cookie in made:
            assert cookie.startswith("__Host-console_"), cookie
            assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie, cookie
            assert "HttpOnly" in cookie or "Max-Age=0" in cookie, cookie

    async def test_a_cookie_without_the_prefix_is_not_read(
        self, site: Site, accounts: dict[str, Account]
    ) -> None:
        """Another host of the same domain can plant a plain cookie, but none with the prefix."""
        planted = await site.client.post(
            "/console/sign-in",
            data={**FORM, "form_token": "planted"},
            headers={"Cookie": "console_form=planted"},
        )
        assert planted.status_code == 403
        assert "This form is out of date" in planted.text
