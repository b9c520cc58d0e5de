"""The description of the chat API is valid, and says exactly what there is."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.web.conftest import Site
from tests.web.scripted_engine import ScriptedEngine


@pytest.fixture
async def description(site: Site) -> dict[str, Any]:
    body: dict[str, Any] = (await site.client.get("/api/v1/openapi.json")).json()
    return body


async def test_the_description_is_valid_openapi(description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1")


async def test_every_operation_is_described_and_every_described_operation_exists(
    site: Site, description: dict[str, Any]
) -> None:
    described = {
        (method.upper(), path) for path, methods in description["paths"].items() for method in methods
    }
    existing = {
        (method, f"/{route.path}")
        for route in site.app.router.routes
        if route.path.startswith("api/")
        for method in route.methods
    }
    assert described == existing


async def test_real_replies_match_the_description(
    site: Site, description: dict[str, Any], scripted_engine: ScriptedEngine
) -> None:
    def check(model: str, body: object) -> None:
        resource = DRAFT202012.create_resource(description)
        registry: Registry[Any] = Registry().with_resource("urn:api", resource)
        schema = {"$ref": f"urn:api#/components/schemas/{model}"}
        Draft202012Validator(schema, registry=registry).validate(body)

    started = await site.start_session()
    check("SessionStarted", started)
    check("Replies", (await site.send(started["token"], "Hello")).json())
    check("ErrorReply", (await site.send(started["token"], "")).json())
    headers = {"Authorization": f"Bearer {started['token']}"}
    check("Transcript", (await site.client.get("/api/v1/messages", headers=headers)).json())


async def test_the_length_of_a_text_is_described(description: dict[str, Any]) -> None:
    text = description["components"]["schemas"]["MessageRequest"]["properties"]["text"]
    assert text["maxLength"] == 500
