"""`/openapi.json`: every route that answers programs rather than people, described from its own declaration.

A view says what it answers with `@answers(...)`; rule, parameters and permission are read from the application, so the
description cannot drift from the routes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict
from werkzeug.routing import Rule

import portal
from portal.config import Settings

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__api__"

JSON = "application/json"
# werkzeug's converters by name, as JSON Schema.
PARAMETERS: dict[str, dict[str, Any]] = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "IntegerConverter": {"type": "integer", "minimum": 0},
    "UnicodeConverter": {"type": "string"},
}


class Answer(BaseModel):
    """What every declared answer inherits: it holds its fields and nothing else."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One view's own description."""

    summary: str
    model: type[BaseModel] | None
    media: str
    also: tuple[tuple[int, str], ...]


def answers(
    summary: str, model: type[BaseModel] | None = None, *, media: str = JSON, also: dict[int, str] | None = None
) -> Callable[[View], View]:
    """Declare what a view answers: a model for JSON, or a media type for anything else; further statuses in `also`."""

    def mark(view: View) -> View:
        declared = Declared(summary=summary, model=model, media=media, also=tuple((also or {}).items()))
        setattr(view, MARK, declared)
        return view

    return mark


def describe(app: Flask, *, cookie: str) -> dict[str, Any]:
    """The whole OpenAPI 3.1 document."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        view = app.view_functions[rule.endpoint]
        declared = getattr(view, MARK, None)
        if isinstance(declared, Declared):
            path = _path_of(rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                paths.setdefault(path, {})[method.lower()] = _operation(rule, view, declared, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "CCTV registry and oversight portal", "version": portal.__version__},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": cookie}},
        },
    }


def _path_of(rule: Rule) -> str:
    return "".join(f"{{{text}}}" if is_variable else text for is_variable, text in rule._trace).lstrip("|")


def _operation(rule: Rule, view: Callable[..., Any], declared: Declared, schemas: dict[str, Any]) -> dict[str, Any]:
    permission = getattr(view, "__permission__", None)
    responses: dict[str, Any] = {"200": {"description": declared.summary, "content": _content(declared, schemas)}}
    responses |= {str(status): {"description": text} for status, text in declared.also}
    if permission is not None:
        responses.setdefault("401", {"description": "nobody is signed in"})
        responses.setdefault("403", {"description": "the person's roles do not carry the permission"})
        responses.setdefault("404", {"description": "not there, or out of the person's sight"})
    operation: dict[str, Any] = {
        "operationId": rule.endpoint,
        "summary": declared.summary,
        "responses": responses,
        "security": [{"session": []}] if permission is not None else [],
    }
    if permission is not None:
        operation["x-permission"] = str(permission)
    if rule.arguments:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": PARAMETERS[type(converter).__name__]}
            for name, converter in sorted(rule._converters.items())
        ]
    return operation


def _content(declared: Declared, schemas: dict[str, Any]) -> dict[str, Any]:
    if declared.model is None:
        return {declared.media: {"schema": {"type": "object"} if declared.media == JSON else {}}}
    schema = declared.model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs", {})
    schemas[declared.model.__name__] = schema
    return {declared.media: {"schema": {"$ref": f"#/components/schemas/{declared.model.__name__}"}}}


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the description. It is public: it tells what can be asked, never what is there."""
    cookie = "__Host-portal" if settings.base_url.startswith("https:") else "portal"

    def openapi() -> ResponseReturnValue:
        return jsonify(describe(app, cookie=cookie))

    openapi.__public__ = "describes the interface; holds nothing about anybody"  # type: ignore[attr-defined]
    app.add_url_rule("/openapi.json", endpoint="openapi.document", view_func=openapi)
