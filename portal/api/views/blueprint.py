"""The blueprint, and the way in and out of every address for programs: JSON read into a model, a model written as JSON."""

from typing import TypeVar
from uuid import UUID

from flask import Blueprint, Flask, Response, abort, g, request
from flask_babel import lazy_gettext as _
from pydantic import BaseModel, ValidationError

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.api.bodies import Asked
from portal.api.queries import Wanted
from portal.core.errors import Invalid, Problem
from portal.registry import queries as registry
from portal.registry.models import System
from portal.web.openapi import JSON
from portal.web.session import db_session
from portal.web.shell import hooks_of

Model = TypeVar("Model", bound=BaseModel)

ROOT = "/api/v1"

bp = Blueprint("api", __name__, template_folder="../templates")

# pydantic's kinds of error as the portal's codes, with what each tells of the bound that was missed.
_CODES: dict[str, tuple[str, dict[str, str]]] = {
    "missing": ("required", {}),
    "extra_forbidden": ("api_unknown_field", {}),
    "string_too_long": ("too_long", {"max": "max_length"}),
    "too_long": ("too_long", {"max": "max_length"}),
    "enum": ("api_choice", {"choices": "expected"}),
    "literal_error": ("api_choice", {"choices": "expected"}),
    "greater_than_equal": ("api_least", {"low": "ge"}),
    "less_than_equal": ("api_most", {"high": "le"}),
    "string_pattern_mismatch": ("invalid", {}),
    "phone_shape": ("phone_shape", {}),
    "json_invalid": ("api_json", {}),
}


def body_of(model: type[Model]) -> Model:
    """The request's JSON body. Raises Invalid naming every faulty field; 415 for another kind of body."""
    if request.mimetype != JSON:
        abort(415)
    try:
        return model.model_validate_json(request.get_data(cache=True))
    except ValidationError as bad:
        raise Invalid(_problems(bad)) from bad


def query_of(model: type[Model]) -> Model:
    """The filters in the address. Raises Invalid naming every faulty one."""
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as bad:
        raise Invalid(_problems(bad)) from bad


def held_system(system_id: UUID, permission: Permission) -> System:
    """A system held for what a program wants to do with it. Raises NotFound or NotAllowed before a body is looked at."""
    found = registry.lock_system(db_session(), system_id)
    require(current_identity(), permission, registry.system_scope(found), read=Permission.SYSTEM_READ)
    return found


def wanted(asked: Asked, *besides: str) -> Wanted:
    """A list's query as its reading function takes it; `besides` are filters that are no plain columns."""
    equal = asked.model_dump(exclude={"limit", "after", *besides}, exclude_none=True)
    return Wanted(equal=equal, limit=asked.limit, after=asked.after)


def _problems(bad: ValidationError) -> list[Problem]:
    found = []
    for error in bad.errors(include_url=False, include_input=False)[:100]:
        code, names = _CODES.get(error["type"], ("api_shape", {}))
        context = error.get("ctx", {})
        data = {name: str(context.get(source, "")) for name, source in names.items()}
        # A choice that may also be null is told as a union; its members are no fields.
        place = [str(part) for part in error["loc"] if not isinstance(part, str) or part.isidentifier()]
        found.append(Problem(".".join(place)[:120], code, data))
    return found


def reply(answer: BaseModel, *, status: int = 200, location: str = "") -> Response:
    """A model as JSON; what was made tells where it stands."""
    made = Response(answer.model_dump_json(), status, content_type=JSON)
    if location:
        made.headers["Location"] = location
    return made


def init_app(app: Flask) -> None:
    """Tell programs how much they may still ask, and how to come in; put tokens into the account menu."""
    hooks_of(app).menu += [(_("Personal tokens"), "api.tokens"), (_("Interface for programs"), "api.interface")]

    def tell(response: Response) -> Response:
        if request.path.startswith("/api/"):
            limit: tuple[int, int, int] | None = g.get("rate_limit")
            if limit is not None:
                for name, value in zip(("Limit", "Remaining", "Reset"), limit, strict=True):
                    response.headers[f"RateLimit-{name}"] = str(value)
            if response.status_code == 401:
                response.headers["WWW-Authenticate"] = 'Bearer realm="portal"'
        return response

    app.after_request(tell)
