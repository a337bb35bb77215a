"""Yearly figures of footage requests: page, print and sheet, whole for the reader or fit to be published."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day, utcnow
from portal.core.sheets import write_csv
from portal.evidence.labels import ACT, OUTCOME, PURPOSE, REQUESTER
from portal.evidence.queries.statistics import YearFigures, small_cell, year_figures, years_known
from portal.evidence.rules.statistics import hushed, told, told_of_wholes
from portal.evidence.values import ActKind, Outcome, Purpose, RequesterKind
from portal.evidence.values.watching import STATISTICS_READ
from portal.evidence.views.blueprint import bp
from portal.papers.operations import render
from portal.papers.values import Ledger, LedgerColumn, Stamp
from portal.web.formats import district as district_name
from portal.web.session import db_session

GROUP: Mapping[str, LazyString] = {
    "count": _("In all"),
    "requester": _("By requester"),
    "act": _("By way of use"),
    "purpose": _("By purpose"),
    "outcome": _("By outcome"),
    "reason": _("Cameras not supplied, by reason"),
    "district": _("By district"),
    "organ": _("By asking organ"),
}
LINE: Mapping[str, LazyString] = {
    "all": _("Requests submitted"),
    "overdue": _("Supplied late or still owed"),
    "lost": _("Cameras overwritten before supply"),
    "urgent": _("Urgent, by phone"),
    "urgent_no_paper": _("Urgent, paper still missing"),
    "individual": _("Applications by individuals"),
    "individual_in_time": _("… decided in time"),
    "holds": _("Orders to keep footage"),
    "copies": _("Copies made for receivers"),
    "leaks": _("Leaks"),
    "on_site": _("Uses of equipment on site"),
    "explained": _("Explanations asked for by oversight"),
    "explained_late": _("… not given in time"),
    "explained_further": _("… not accepted"),
    "supplied": _("Supplied or shown"),
    "not_supplied": _("Not supplied, reason booked"),
    "refused": _("Refused"),
    "lapsed": _("Approval lapsed"),
    "withdrawn": _("Withdrawn"),
    "open": _("Still open"),
}


WHOLES: Mapping[str, str] = {
    "overdue": "all",
    "urgent": "all",
    "individual": "all",
    "urgent_no_paper": "urgent",
    "individual_in_time": "individual",
    "explained_late": "explained",
    "explained_further": "explained",
}


@dataclass(frozen=True)
class Line:
    """One figure of this year and of the year before; None where it is left out."""

    label: str
    now: int | None
    before: int | None

    @property
    def change(self) -> str:
        """How it went on, where both are known."""
        if self.now is None or self.before is None or self.before == 0:
            return "—"
        return f"{(self.now - self.before) / self.before:+.0%}"


@bp.get("/evidence/statistics")
@requires(Permission.WATCH_READ)
def statistics() -> ResponseReturnValue:
    """A year beside the year before."""
    shown = _shown()
    return render_template(
        "evidence/statistics.html",
        **shown,
        districts=_districts(),
        year_choices=[(str(one), str(one)) for one in shown["years"]],
        conditions=_conditions(shown),
    )


@bp.get("/evidence/statistics.csv")
@requires(Permission.WATCH_READ)
def statistics_sheet() -> ResponseReturnValue:
    """The same as a sheet; taken out, so recorded."""
    shown, out = _shown(), io.StringIO()
    _taken(shown)
    write_csv(out, [_head(shown), *_rows(shown)])
    encoding = "gb18030" if request.args.get("format") == "csv_gb" else "utf-8-sig"
    answer = Response(out.getvalue().encode(encoding), mimetype="text/csv")
    return _attached(answer, f"request-figures-{shown['year']}.csv")


@bp.get("/evidence/statistics.pdf")
@requires(Permission.WATCH_READ)
def statistics_print() -> ResponseReturnValue:
    """The same on paper."""
    shown, identity = _shown(), current_identity()
    _taken(shown)
    paper = Ledger(
        stamp=Stamp(serial="DYTJ", printed_by=identity.name, printed_at=utcnow(), issuer=identity.organ_name),
        title=gettext("Yearly figures of footage requests"),
        organisation=identity.organ_name or identity.name,
        period=str(shown["year"]),
        scope=gettext("Fit to be published") if shown["public"] else gettext("Internal"),
        columns=tuple(
            LedgerColumn(head=head, share=share)
            for head, share in zip(_head(shown), (2.4, 3.6, 1.4, 1.4, 1.2), strict=True)
        ),
        rows=tuple(tuple(row) for row in _rows(shown)),
    )
    answer = Response(render(paper.form, paper, lang=str(get_locale())), mimetype="application/pdf")
    return _attached(answer, f"request-figures-{shown['year']}.pdf")


def _shown() -> dict[str, Any]:
    """What page, sheet and paper alike hold."""
    session, identity, now = db_session(), current_identity(), utcnow()
    years = years_known(session, identity, now=now)
    typed = request.args.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and int(typed) in years else years[0]
    public, least = request.args.get("public") == "1", small_cell(city_day(now))
    # One district's figures, taken from the city's, would tell what was left out of the others'.
    district = "" if public else request.args.get("district", "")[:6]
    both = [year_figures(session, identity, one, district=district, now=now) for one in (year, year - 1)]
    return {
        "year": year,
        "years": years,
        "district": district,
        "public": public,
        "least": least,
        "groups": [(GROUP[key], _lines(key, both, least if public else 0)) for key in GROUP],
        # Even inside the service a few secret cases of a year would point at them.
        "secret": [told(one.secret, least=least) for one in both],
        "hours": [_hours(one, least if public else 0) for one in both],
    }


def _lines(group: str, both: list[YearFigures], least: int) -> list[Line]:
    now, before = (_fit(group, one.groups[group], least) for one in both)
    keys = [key for key in {**now, **before} if now.get(key, 0) != 0 or before.get(key, 0) != 0 or group == "count"]
    return [Line(_label(group, key), now.get(key, 0), before.get(key, 0)) for key in keys]


def _fit(group: str, cells: Mapping[str, int], least: int) -> dict[str, int | None]:
    """A group without its small numbers. What is counted in all are no parts of one sum."""
    if group == "count":
        return told_of_wholes(cells, WHOLES, least=least)
    return hushed(cells, least=least)


def _hours(figures: YearFigures, least: int) -> tuple[float | None, float | None]:
    """What is usual of a few is theirs: their hours are not published."""
    if figures.groups["outcome"]["supplied"] < least:
        return None, None
    return figures.hours_median, figures.hours_tenth


def _label(group: str, key: str) -> str:
    match group:
        case "requester":
            return str(REQUESTER[RequesterKind(key)])
        case "act":
            return str(ACT[ActKind(key)])
        case "purpose":
            return str(PURPOSE[Purpose(key)])
        case "reason":
            return str(OUTCOME[Outcome(key)][1])
        case "district":
            return district_name(key)
        case _:
            return str(LINE.get(key, key))


def _figure(number: int | None) -> str:
    return gettext("left out") if number is None else str(number)


def _few(number: int | None, least: int) -> str:
    return f"<{least}" if number is None else str(number)


def _head(shown: dict[str, Any]) -> list[str]:
    return [
        gettext("Group"),
        gettext("Figure"),
        str(shown["year"]),
        str(shown["year"] - 1),
        gettext("Against last year"),
    ]


def _rows(shown: dict[str, Any]) -> list[list[str]]:
    rows = [
        [str(title), line.label, _figure(line.now), _figure(line.before), line.change]
        for title, lines in shown["groups"]
        for line in lines
    ]
    rows.append(
        [gettext("In all"), gettext("Secret cases"), *(_few(one, shown["least"]) for one in shown["secret"]), "—"]
    )
    for place, title in enumerate((gettext("Hours to supply, median"), gettext("Hours to supply, nine in ten below"))):
        hours = [pair[place] for pair in shown["hours"]]
        rows.append([gettext("Time to supply"), title, *("—" if one is None else f"{one:g}" for one in hours), "—"])
    return rows


def _districts() -> list[tuple[str, str]]:
    return [(row.code, district_name(row.code)) for row in divisions(db_session())]


def _conditions(shown: dict[str, Any]) -> dict[str, str]:
    found = {"year": str(shown["year"]), "district": shown["district"], "public": "1" if shown["public"] else ""}
    return {name: text for name, text in found.items() if text}


def _taken(shown: dict[str, Any]) -> None:
    changes = [FieldChange(name=name, new=text) for name, text in _conditions(shown).items()]
    record(
        db_session(), actor=current_identity().actor, tag=STATISTICS_READ, subject=SubjectRef("request_statistics"),
        changes=changes, now=utcnow(),
    )  # fmt: skip


def _attached(answer: Response, name: str) -> Response:
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
