"""Schemathesis asks the served API all that its description allows, and what it does not: nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import FailureGroup, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.browser.running_site import EngineThread, RunningSite

pytestmark = pytest.mark.timeout(240)
EXAMPLES = 200  # for each operation and mode
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
OPERATIONS = [
    ("POST", "/api/v1/sessions", POSITIVE),
    ("POST", "/api/v1/sessions", NEGATIVE),
    ("DELETE", "/api/v1/sessions", POSITIVE),
    ("DELETE", "/api/v1/consent", POSITIVE),
    ("POST", "/api/v1/messages", POSITIVE),
    ("POST", "/api/v1/messages", NEGATIVE),
    ("GET", "/api/v1/messages", POSITIVE),
    ("GET", "/api/v1/messages", NEGATIVE),
    ("POST", "/api/v1/feedback", POSITIVE),
    ("POST", "/api/v1/feedback", NEGATIVE),
    ("GET", "/api/v1/openapi.json", POSITIVE),
]
CHECKS = [not_a_server_error, response_schema_conformance, status_code_conformance]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """The real application in a process of its own, with a scripted engine."""
    engine = EngineThread()
    running = RunningSite(tmp_path_factory.mktemp("site"), engine)
    running.start()
    yield running
    running.stop()
    engine.stop()


@pytest.fixture(scope="module")
def schema(site: RunningSite) -> Any:
    with httpx.Client(base_url=site.url, trust_env=False) as client:
        return schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())


def test_every_operation_is_asked(schema: Any) -> None:
    described = {
        (operation.ok().method.upper(), operation.ok().path) for operation in schema.get_all_operations()
    }
    assert described == {(method, path) for method, path, _ in OPERATIONS}


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_no_request_breaks_it(
    site: RunningSite, schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    asked = 0
    with httpx.Client(base_url=site.url, trust_env=False) as client:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
        def ask(case: Any, is_known: bool) -> None:
            nonlocal asked
            if is_known:
                token = client.post("/api/v1/sessions", json={}).json()["token"]
                case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
            response = case.call(base_url=site.url)
            case.validate_response(response, checks=CHECKS)
            asked += 1

        ask()
    assert asked >= 1
    assert "Traceback" not in site.read_log()


def test_a_broken_operation_is_seen(schema: Any) -> None:
    """The planted fault: an answer that the description does not know, and an error of the server."""
    case = schema["/api/v1/openapi.json"]["GET"].Case()
    for status in (500, 418):
        answer = httpx.Response(status, json={}, request=httpx.Request("GET", "http://127.0.0.1/"))
        answer.elapsed = timedelta(0)
        with pytest.raises(FailureGroup):
            case.validate_response(answer, checks=CHECKS)
