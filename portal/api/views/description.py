"""What the interface offers: the OpenAPI document, and the same as a page of our own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, jsonify, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from portal.accounts.guards import public_endpoint, requires
from portal.accounts.permissions import Permission
from portal.api.labels import OPTION, SCOPE, field_text
from portal.api.views.blueprint import ROOT, bp
from portal.web.openapi import cookie_name, describe

_state: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    """One field as the page shows it."""

    name: str
    kind: str
    needed: bool
    text: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class OperationCard:
    """One address as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    scope: str
    asks: tuple[FieldLine, ...]
    takes: tuple[FieldLine, ...]
    gives: tuple[FieldLine, ...]
    answers: tuple[tuple[str, str], ...]


@bp.record_once
def _remember(state: BlueprintSetupState) -> None:
    _state["app"] = state.app


@bp.get(f"{ROOT}/openapi.json")
@public_endpoint("describes the interface; holds nothing about anybody")
def openapi() -> ResponseReturnValue:
    """The OpenAPI 3.1 document, its texts in the reader's language."""
    return jsonify(document(_state["app"]))


@bp.get("/account/interface")
@requires(Permission.TOKEN_OWN)
def interface() -> ResponseReturnValue:
    """The document as a page."""
    found = document(_state["app"])
    return render_template("api/interface.html", groups=_groups(found), root=ROOT)


def document(app: Flask) -> dict[str, Any]:
    """The description of what stands under /api/v1, every field and value with its words."""
    found = describe(app, cookie=cookie_name(app.extensions["portal_settings"]), under=f"{ROOT}/")
    named = {kind.__name__: words for kind, words in OPTION.items()}
    for name, schema in found["components"]["schemas"].items():
        for key, each in schema.get("properties", {}).items():
            each["title"] = field_text(key, each.pop("x-field", "")) or key
        if name in named:
            words = {str(value.value): str(label) for value, label in named[name].items()}
            schema["description"] = "; ".join(f"{value} {label}" for value, label in words.items())
            schema["x-labels"] = words
    for path in found["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                parameter["schema"]["title"] = field_text(parameter["name"]) or parameter["name"]
    return found


def _groups(found: Mapping[str, Any]) -> dict[str, list[OperationCard]]:
    """The addresses by what they are about: the first part of the path."""
    groups: dict[str, list[OperationCard]] = {}
    for path, methods in found["paths"].items():
        parts = path.removeprefix(f"{ROOT}/").split("/")
        about = parts[2] if len(parts) == 3 and parts[2] in {"systems", "cameras", "filings"} else parts[0]
        for method, operation in methods.items():
            groups.setdefault(about, []).append(_card(found, path, method, operation))
    order = ("me", "units", "systems", "cameras", "filings")
    return {about: groups[about] for about in order if about in groups}


def _card(found: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> OperationCard:
    permission = operation.get("x-permission", "")
    scope = SCOPE.get(Permission(permission)) if permission else None
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    given = good.get("content", {}).get("application/json", {}).get("schema")
    return OperationCard(
        id=operation["operationId"].replace(".", "-"),
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        scope=str(scope or ""),
        asks=tuple(
            _line(found, each["name"], each["schema"], each["required"]) for each in operation.get("parameters", ())
        ),
        takes=tuple(_lines(found, body)),
        gives=tuple(_lines(found, given)),
        answers=tuple((status, each["description"]) for status, each in operation["responses"].items()),
    )


def _resolved(found: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return found["components"]["schemas"][name] if name else schema


def _lines(found: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Iterator[FieldLine]:
    whole = _resolved(found, schema or {})
    for name, each in whole.get("properties", {}).items():
        yield _line(found, name, each, name in whole.get("required", ()))
        items = each.get("items", {})
        if name == "items" and items:
            for inner in _lines(found, items):
                yield FieldLine(
                    name=f"items[].{inner.name}",
                    kind=inner.kind,
                    needed=inner.needed,
                    text=inner.text,
                    options=inner.options,
                )


def _line(found: Mapping[str, Any], name: str, schema: Mapping[str, Any], needed: bool) -> FieldLine:
    kinds: list[str] = []
    options: tuple[tuple[str, str], ...] = ()
    for each in schema.get("anyOf", [schema]):
        whole = _resolved(found, each)
        inner = _resolved(found, whole.get("items", {}))
        labels = whole.get("x-labels") or inner.get("x-labels")
        options = tuple(labels.items()) if labels else options
        kinds.append(_kind(whole, inner))
    text = schema.get("title", "")
    return FieldLine(
        name=name,
        kind=" | ".join(dict.fromkeys(kinds)),
        needed=needed,
        text="" if text == name else text,
        options=options,
    )


def _kind(whole: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    kind = str(whole.get("type", "object"))
    if kind == "array" and inner:
        return f"{inner.get('type', 'object')}[]"
    return f"{kind}({whole['format']})" if "format" in whole else kind
