"""Errors come in one JSON shape under /api and as a plain page elsewhere, and say nothing they should not."""

from __future__ import annotations

import asyncio
import logging

import pytest

from clinic.storage.database import StorageUnavailable
from tests.web.conftest import Site

SECRET = "Maria Lopez 405-555-0134"


@pytest.fixture
def failure() -> Exception:
    """An unexpected failure that quotes a visitor."""
    return RuntimeError(SECRET)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """A service with one operation of the API and one page that end in the failure."""

    async def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("web.chat.routes.ChatApi.describe", fail)
    monkeypatch.setattr("web.contact.routes.ContactForm.show", fail)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("PUT", "/api/v1/messages", 405, "method_not_allowed"),
        ("POST", "/api/v1/openapi.json", 405, "method_not_allowed"),
        ("GET", "/api/v1/messages", 401, "session_missing"),
        ("POST", "/api/v1/sessions", 415, "unsupported_media_type"),
    ],
)
async def test_an_api_error_has_the_one_shape(
    site: Site, method: str, path: str, status: int, code: str
) -> None:
    response = await site.client.request(method, path)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    if status == 405:
        assert response.headers["Allow"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/contact", 405), ("GET", "/static/../app.py", 404)],
)
async def test_any_other_error_is_a_plain_page(site: Site, method: str, path: str, status: int) -> None:
    response = await site.client.request(method, path)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Belle Isle Pain Clinic" in response.text
    assert 'href="/contact"' in response.text
    assert "tel:911" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/%00",
        "/static/site.css%00",
        "/console/assets/%0a",
        "/widget/%7f.js",
        "/console/leads/%00",
        "/%1F",
    ],
)
async def test_an_address_with_a_control_character_is_not_found(site: Site, path: str) -> None:
    """A file of such a name would be an error of the system, and so of ours."""
    assert (await site.client.get(path)).status_code == 404


async def test_a_form_that_is_too_large_gets_a_plain_page(site: Site) -> None:
    response = await site.client.post("/contact", data={"name": "x" * 300_000})
    assert response.status_code == 413
    assert "shorten it" in response.text


@pytest.mark.usefixtures("broken")
async def test_an_unexpected_error_tells_the_visitor_and_the_log_nothing_personal(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        api = await site.client.get("/api/v1/openapi.json")
        page = await site.client.get("/contact")
    assert (api.status_code, api.json()["error"]["code"]) == (500, "internal")
    assert page.status_code == 500
    assert "911" in page.text
    assert "RuntimeError at " in caplog.text
    for text in (api.text, page.text, caplog.text):
        assert "Maria" not in text
        assert "0134" not in text
        assert "Traceback" not in text


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("failure", [StorageUnavailable("planted")])
async def test_a_database_that_fails_is_told_to_the_visitor(site: Site) -> None:
    for path in ("/contact", "/api/v1/openapi.json"):
        response = await site.client.get(path)
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        assert "cannot save" in response.text
        assert "911" in response.text


async def test_bytes_that_are_no_http_do_not_stop_the_service(site: Site) -> None:

    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rsplit(":", 1)[1]))
    writer.write(b"\x00\xff nonsense\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400")
    assert (await site.client.get("/health/live")).status_code == 200
