"""Every response carries the security headers; only allowed websites may use the API."""

from __future__ import annotations

import httpx
import pytest

from clinic.settings import Settings
from tests.web.conftest import Site

CLINIC = "https://www.clinic.example"
HOSTILE = "https://hostile.example"
EXPECTED = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One allowed website, and no limit that many requests in one test could meet."""
    changes = {"allowed_origins": f"{CLINIC}, https://other.example/", "session_limit": "1000/hour"}
    return settings.model_copy(update=changes)


def assert_has_headers(response: httpx.Response) -> None:
    for name, value in EXPECTED.items():
        assert response.headers[name] == value, (response.request.url, name)
    assert "geolocation=()" in response.headers["permissions-policy"]
    assert response.headers["cache-control"], response.request.url
    if response.request.url.path.startswith(("/api", "/console/leads", "/contact", "/health")):
        assert response.headers["cache-control"] == "no-store", response.request.url
    assert "server" not in response.headers


async def test_every_route_with_every_method_carries_the_headers(site: Site) -> None:
    paths = {"/" + route.path.partition("<")[0] for route in site.app.router.routes}
    paths |= {"/static/site.css", "/static/missing.css", "/nothing", "/api/v1/nothing", "/widget/x.js"}
    assert len(paths) > 15
    for path in sorted(paths):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            assert_has_headers(await site.client.request(method, path))


async def test_plain_http_does_not_pin_https(site: Site) -> None:
    assert "strict-transport-security" not in (await site.client.get("/contact")).headers


class TestBehindHttps:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"public_url": "https://chat.clinic.example"})

    async def test_https_is_pinned_for_a_year(self, site: Site) -> None:
        for path in ("/contact", "/api/v1/openapi.json", "/nothing"):
            value = (await site.client.get(path)).headers["strict-transport-security"]
            assert value == "max-age=31536000; includeSubDomains"

    async def test_the_public_address_is_this_website(self, site: Site) -> None:
        response = await start(site, origin="https://chat.clinic.example")
        assert response.status_code == 201


async def start(site: Site, origin: str | None = None, **headers: str) -> httpx.Response:
    given = {"Origin": origin} if origin else {}
    return await site.client.post("/api/v1/sessions", json={}, headers={**given, **headers})


def is_shared(response: httpx.Response) -> bool:
    return any(name.startswith("access-control-") for name in response.headers)


@pytest.mark.parametrize("origin", [CLINIC, "https://other.example"])
async def test_an_allowed_website_may_use_the_api(site: Site, origin: str) -> None:
    response = await start(site, origin)
    assert response.status_code == 201
    assert response.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-credentials" not in response.headers
    assert response.headers["vary"] == "Origin"


async def test_an_allowed_website_may_ask_first(site: Site) -> None:
    preflight = {"Origin": CLINIC, "Access-Control-Request-Method": "POST"}
    response = await site.client.options("/api/v1/messages", headers=preflight)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == CLINIC
    assert response.headers["access-control-allow-headers"] == "Authorization, Content-Type"


async def test_an_allowed_website_can_read_an_error(site: Site) -> None:
    response = await site.client.get("/api/v1/messages", headers={"Origin": CLINIC})
    assert response.status_code == 401
    assert response.headers["access-control-allow-origin"] == CLINIC


@pytest.mark.parametrize(
    "origin",
    [HOSTILE, CLINIC + ".hostile.example", "http://www.clinic.example", CLINIC + ":444", CLINIC.upper()],
)
async def test_any_other_website_is_refused(site: Site, origin: str) -> None:
    refused = await start(site, origin)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin_not_allowed")
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked = await site.client.options("/api/v1/messages", headers=preflight)
    read = await site.client.get("/api/v1/openapi.json", headers={"Origin": origin})
    assert asked.status_code == 405
    assert not any(is_shared(response) for response in (refused, asked, read))


async def test_this_website_and_programs_without_an_origin_are_not_refused(site: Site) -> None:
    for origin in (None, site.url):
        response = await start(site, origin)
        assert response.status_code == 201
        assert not is_shared(response)


async def test_a_page_of_another_website_cannot_send_the_contact_form(site: Site) -> None:
    """A browser hides the origin of a form under `no-referrer`, but not that it comes from elsewhere."""
    for headers in (
        {"Origin": HOSTILE},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": CLINIC},
    ):
        response = await site.client.post("/contact", data={"name": "Maria"}, headers=headers)
        assert response.status_code == 403, headers
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await site.client.post("/contact", data={"name": "Maria"}, headers=own)).status_code == 400


async def test_pages_are_never_shared(site: Site) -> None:
    for path in ("/contact", "/console", "/health/ready"):
        assert not is_shared(await site.client.get(path, headers={"Origin": CLINIC}))
