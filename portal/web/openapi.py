"""Routes that answer programs rather than people, described from their own declarations as OpenAPI 3.1.

A view says what it answers with `@answers(...)`; rule, parameters and permission are read from the application, so the
description cannot drift from the routes. `/openapi.json` describes them all; portal.api describes and draws its own part.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict
from werkzeug.routing import Rule

import portal
from portal.config import Settings
from portal.web.errors import PROBLEM_JSON

View = TypeVar("View", bound=Callable[..., Any])
MARK = "__api__"

JSON = "application/json"
# werkzeug's converters by name, as JSON Schema.
PARAMETERS: dict[str, dict[str, Any]] = {
    "UUIDConverter": {"type": "string", "format": "uuid"},
    "IntegerConverter": {"type": "integer", "minimum": 0},
    "UnicodeConverter": {"type": "string"},
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "chosen by the caller; the same key is answered the same way and changes nothing a second time",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,80}$"},
}


class Answer(BaseModel):
    """What every declared answer inherits: it holds its fields and nothing else."""

    model_config = ConfigDict(extra="forbid")


class FieldProblem(Answer):
    """One fault of the input: the field, a stable code, and a sentence in the reader's language."""

    field: str
    code: str
    message: str


class ProblemAnswer(BaseModel):
    """Every refusal, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
    problems: list[FieldProblem] | None = None


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One view's own description: `takes` is its body, `asks` its query."""

    summary: Any
    model: type[BaseModel] | None
    media: str
    also: tuple[tuple[int, Any], ...]
    takes: type[BaseModel] | None = None
    asks: type[BaseModel] | None = None
    status: int = 200


def answers(
    summary: Any,
    model: type[BaseModel] | None = None,
    *,
    media: str = JSON,
    also: Mapping[int, Any] | None = None,
    takes: type[BaseModel] | None = None,
    asks: type[BaseModel] | None = None,
    status: int = 200,
) -> Callable[[View], View]:
    """Declare what a view answers: a model for JSON, or a media type for anything else; further statuses in `also`."""

    def mark(view: View) -> View:
        declared = Declared(
            summary=summary,
            model=model,
            media=media,
            also=tuple((also or {}).items()),
            takes=takes,
            asks=asks,
            status=status,
        )
        setattr(view, MARK, declared)
        return view

    return mark


@dataclass
class Document:
    """A description in the making."""

    cookie: str
    schemas: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Most answers name the same few models, and a model's schema takes milliseconds to make.
    _made: dict[tuple[type[BaseModel], str], dict[str, Any]] = field(default_factory=dict)

    def add(self, rule: Rule, view: Callable[..., Any], declared: Declared, *, by_token: bool) -> None:
        """Describe one route."""
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = self._operation(rule, view, declared, writes=method != "GET", by_token=by_token)
            self.paths.setdefault(_path_of(rule), {})[method.lower()] = operation

    def schema_of(self, model: type[BaseModel], *, mode: Any = "validation") -> dict[str, Any]:
        """A reference to a model's schema, which is entered among the components."""
        if (model, mode) not in self._made:
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}", mode=mode)
            self._made[model, mode] = schema.pop("$defs", {}) | {model.__name__: schema}
        self.schemas |= self._made[model, mode]
        return {"$ref": f"#/components/schemas/{model.__name__}"}

    def whole(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document."""
        return {
            "openapi": "3.1.0",
            "info": {"title": "CCTV registry and oversight portal", "version": portal.__version__},
            "paths": self.paths,
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": self.cookie},
                    "token": {"type": "http", "scheme": "bearer"},
                },
            },
        }

    def _operation(
        self, rule: Rule, view: Callable[..., Any], declared: Declared, *, writes: bool, by_token: bool
    ) -> dict[str, Any]:
        permission = getattr(view, "__permission__", None)
        operation: dict[str, Any] = {
            "operationId": rule.endpoint,
            "summary": str(declared.summary),
            "responses": self._responses(declared, guarded=permission is not None, by_token=by_token),
            "security": [],
        }
        if permission is not None:
            operation["x-permission"] = str(permission)
            operation["security"] = [{"token": []}, {"session": []}] if by_token else [{"session": []}]
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": PARAMETERS[type(converter).__name__]}
            for name, converter in sorted(rule._converters.items())
        ]
        parameters += self._asked(declared.asks)
        if writes and by_token:
            parameters.append(KEY_HEADER)
        if parameters:
            operation["parameters"] = parameters
        if declared.takes is not None:
            body = {JSON: {"schema": self.schema_of(declared.takes)}}
            operation["requestBody"] = {"required": True, "content": body}
        return operation

    def _asked(self, model: type[BaseModel] | None) -> list[dict[str, Any]]:
        if model is None:
            return []
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        self.schemas |= schema.pop("$defs", {})
        needed = schema.get("required", [])
        return [
            {"name": name, "in": "query", "required": name in needed, "schema": each}
            for name, each in schema["properties"].items()
        ]

    def _responses(self, declared: Declared, *, guarded: bool, by_token: bool) -> dict[str, Any]:
        good = {"description": str(declared.summary), "content": self._content(declared)}
        responses: dict[str, Any] = {str(declared.status): good}
        refusals = {status: str(text) for status, text in declared.also}
        if guarded:
            refusals.setdefault(401, "nobody is signed in")
            refusals.setdefault(403, "the person's roles do not carry the permission")
            refusals.setdefault(404, "not there, or out of the person's sight")
        if by_token:
            refusals.setdefault(422, "the input has faults, each named with its field")
            refusals.setdefault(429, "too many requests; Retry-After says how long to wait")
        for status, text in sorted(refusals.items()):
            refusal: dict[str, Any] = {"description": text}
            if by_token and status >= 400:
                refusal["content"] = {PROBLEM_JSON: {"schema": self.schema_of(ProblemAnswer)}}
            responses[str(status)] = refusal
        return responses

    def _content(self, declared: Declared) -> dict[str, Any]:
        if declared.model is None:
            return {declared.media: {"schema": {"type": "object"} if declared.media == JSON else {}}}
        return {declared.media: {"schema": self.schema_of(declared.model, mode="serialization")}}


def describe(app: Flask, *, cookie: str, under: str = "") -> dict[str, Any]:
    """The OpenAPI 3.1 document of every declared route, or of those whose path begins with `under`."""
    document = Document(cookie=cookie)
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        view = app.view_functions[rule.endpoint]
        declared = getattr(view, MARK, None)
        if isinstance(declared, Declared) and rule.rule.startswith(under):
            document.add(rule, view, declared, by_token=rule.rule.startswith("/api/"))
    return document.whole()


def cookie_name(settings: Settings) -> str:
    """The name of the session cookie, as security.init_app sets it."""
    return "__Host-portal" if settings.base_url.startswith("https:") else "portal"


def _path_of(rule: Rule) -> str:
    return "".join(f"{{{text}}}" if is_variable else text for is_variable, text in rule._trace).lstrip("|")


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the description. It is public: it tells what can be asked, never what is there."""
    cookie = cookie_name(settings)

    def openapi() -> ResponseReturnValue:
        return jsonify(describe(app, cookie=cookie))

    openapi.__public__ = "describes the interface; holds nothing about anybody"  # type: ignore[attr-defined]
    app.add_url_rule("/openapi.json", endpoint="openapi.document", view_func=openapi)
