"""The OpenAPI 3.1 description of the chat API, built from its pydantic models and one list of operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.chat import models

BASE = "/api/v1"
VERSION = "1.0.0"
FAILURES = {
    "400": "The request cannot be read or its content is not valid.",
    "401": "The session token is missing, unknown or expired.",
    "403": "The calling website is not allowed.",
    "404": "There is no such message.",
    "413": "The body is larger than 8 KB.",
    "415": "The body is not JSON.",
    "429": "Too many requests; see Retry-After.",
    "500": "An error on our side.",
    "503": "Nothing can be stored right now; see Retry-After.",
}
READS_BODY = ("400", "403", "413", "415", "429")


@dataclass(frozen=True)
class Operation:
    """One method on one path: what it takes, what it returns when it works, and how it can fail."""

    method: str
    path: str
    name: str
    summary: str
    success: tuple[str, str, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    needs_token: bool = True
    failures: tuple[str, ...] = ()


OPERATIONS = (
    Operation(
        "post", "/sessions", "startSession", "Start a conversation.",
        ("201", "The conversation's token and the welcome.", models.SessionStarted),
        body=models.SessionRequest, needs_token=False, failures=READS_BODY,
    ),
    Operation(
        "delete", "/sessions", "forgetSession", "Forget the conversation.",
        ("204", "The conversation is deleted.", None), failures=("403",),
    ),
    Operation(
        "delete", "/consent", "withdrawConsent", "Take back that the clinic may contact the visitor.",
        ("200", "What the assistant says to it.", models.Transcript), failures=("403", "429"),
    ),
    Operation(
        "post", "/messages", "sendMessage", "Send one message.",
        ("200", "The assistant's replies.", models.Replies),
        body=models.MessageRequest, failures=READS_BODY,
    ),
    Operation(
        "get", "/messages", "listMessages", "List both sides' messages after a position.",
        ("200", "The messages in order.", models.Transcript), failures=("400",),
    ),
    Operation(
        "post", "/feedback", "giveFeedback", "Say whether an answer helped.",
        ("204", "The feedback is kept.", None),
        body=models.FeedbackRequest, failures=(*READS_BODY, "404"),
    ),
    Operation(
        "get", "/openapi.json", "describeApi", "This description.",
        ("200", "An OpenAPI document.", None), needs_token=False,
    ),
)  # fmt: skip

AFTER = {
    "name": "after",
    "in": "query",
    "description": "Only messages after this position.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
}


def describe_api(server_url: str, text_limit: int) -> dict[str, Any]:
    """Return the description of the API at `server_url`; a text has up to `text_limit` characters."""
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(BASE + operation.path, {})[operation.method] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chat API", "version": VERSION},
        "servers": [{"url": server_url}],
        "paths": paths,
        "components": {
            "schemas": _describe_models(text_limit),
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    status, meaning, model = operation.success
    failures = {*operation.failures, "500"} | ({"401", "503"} if operation.needs_token else set())
    if operation.body is not None:
        failures.add("503")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "responses": {status: _response(meaning, model, status != "204")}
        | {code: _response(FAILURES[code], models.ErrorReply, True) for code in sorted(failures)},
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    if operation.needs_token:
        described["security"] = [{"session": []}]
    if operation.name == "listMessages":
        described["parameters"] = [AFTER]
    return described


def _response(meaning: str, model: type[BaseModel] | None, has_body: bool) -> dict[str, Any]:
    return {"description": meaning, "content": _json(model)} if has_body else {"description": meaning}


def _json(model: type[BaseModel] | None) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model.__name__}"} if model else {"type": "object"}
    return {"application/json": {"schema": schema}}


def _describe_models(text_limit: int) -> dict[str, Any]:
    used: set[type[BaseModel] | None] = {models.ErrorReply}
    used |= {operation.body for operation in OPERATIONS}
    used |= {operation.success[2] for operation in OPERATIONS}
    wanted = sorted((model for model in used if model), key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in wanted], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = definitions["$defs"]
    message = schemas["MessageRequest"]
    message["properties"]["text"] = {"type": ["string", "null"], "minLength": 1, "maxLength": text_limit}
    message["oneOf"] = [{"required": ["text"]}, {"required": ["choice"]}]
    return schemas
