"""How the registry's values read on a page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext
from werkzeug.routing import BuildError

from portal.registry.labels import PARTY, SHORTFALL, STEP
from portal.registry.models import Document
from portal.registry.values import PartyRole, Shortfall
from portal.registry.views.blueprint import bp
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Citation, Text


@bp.app_template_filter("shortfall")
def shortfall(item: Shortfall) -> str:
    """What is missing, in words."""
    data: dict[str, object] = {}
    for name, value in item.data.items():
        if isinstance(value, Text):
            data[name] = value.in_language(str(get_locale()))
        elif name == "party":
            data[name] = PARTY[PartyRole(str(value))]
        else:
            data[name] = value
    return str(SHORTFALL[item.code]) % data


@bp.app_template_filter("citation")
def citation(cited: Citation) -> str:
    """Short title of the instrument and the article, as a reader of the page's language writes them."""
    short = rulebook().profile(cited.instrument).short.in_language(str(get_locale()))
    if not cited.article.isdigit():
        return short
    return gettext("%(instrument)s art. %(article)s", instrument=short, article=cited.article)


@bp.app_template_filter("deadline_working")
def deadline_working(why: Mapping[str, Any] | None) -> str:
    """The steps that led to a due day."""
    if not why:
        return ""
    told = [
        str(STEP[step["code"]]) % {"day": date.fromisoformat(step["day"]), "number": step["number"]}
        for step in why["steps"]
        if step["code"] in STEP
    ]
    return str(gettext("; ")).join(told)


@bp.app_template_filter("deadline_source")
def deadline_source(why: Mapping[str, Any] | None) -> str:
    """The texts a due day rests on."""
    cited = [citation(Citation.of(*pair)) for pair in (why or {}).get("citations", [])]
    return str(gettext(", ")).join(dict.fromkeys(cited))


@bp.app_template_filter("document_row")
def document_row(document: Document, readable: bool) -> dict[str, Any]:
    """A paper as the file list shows it."""
    url = url_for_known("registry.document", document_id=document.id) if readable else ""
    return {
        "name": document.title,
        "url": url,
        "kind_label": gettext("version %(number)s", number=document.version_no),
        "at": document.uploaded_at,
        "size": 0,
        "digest": "",
        "status": None,
    }


@bp.app_template_global("url_for_known")
def url_for_known(endpoint: str, **values: Any) -> str:
    """The address of an endpoint, or nothing where its package is not part of this portal."""
    try:
        return url_for(endpoint, **values)
    except BuildError as missing:
        if missing.suggested is not None and missing.suggested.endpoint == endpoint:
            return "#"
        return ""
