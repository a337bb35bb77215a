"""Who may be commended in a year, who may not and why; reckoned from the papers, taken out as a file."""

from datetime import date
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.measures.files import FIRST_YEAR, commendation_sheet
from portal.measures.forms import TakeOutForm
from portal.measures.operations.bars import MOST_ROWS, note_commendations
from portal.measures.queries import bars as queries
from portal.measures.views.blueprint import bp, district_choices
from portal.regulation.labels import term
from portal.vault.values import FileType
from portal.web.links import asked
from portal.web.session import db_session, repeatable


def _wanted(today: date) -> queries.CommendationFilter:
    typed = request.values.get("year", "")
    known = len(typed) == 4 and typed.isdecimal() and FIRST_YEAR <= int(typed) <= today.year
    year = int(typed) if known else today.year
    return queries.CommendationFilter(
        year=year,
        barred=request.values.get("show", "") != "eligible",
        keyword=asked("q"),
        district=asked("district", 6),
    )


@bp.get("/commendations")
@requires(Permission.COMMENDATION_READ)
def bars() -> ResponseReturnValue:
    """Units of the reader's reach in a year: those barred with every reason, or those that may be commended."""
    return _show(TakeOutForm(formdata=None))


def _show(form: Any, status: int = 200) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    wanted = _wanted(today)
    page = queries.commendation_page(session, identity, wanted, today=today, after=request.args.get("after"))
    on = queries.day_of_year(wanted.year, today=today)
    shown = render_template(
        "measures/bars.html",
        page=page,
        reasons=queries.bars_of(session, [unit.id for unit in page.items], on=on) if wanted.barred else {},
        counts=queries.commendation_counts(session, identity, wanted, today=today),
        wanted=wanted,
        on=on,
        years=[(str(year), str(year)) for year in range(today.year, FIRST_YEAR - 1, -1)],
        districts=district_choices(),
        reason_word=lambda key: term("bar_reason", key),
        form=form,
    )
    return shown, status


@bp.post("/commendations/file")
@requires(Permission.COMMENDATION_READ)
@repeatable("answers with a file, which must not be kept beside the key; every file is recorded anew")
def bars_file() -> ResponseReturnValue:
    """The list as a workbook, for what it is needed."""
    session, identity, now = db_session(), current_identity(), utcnow()
    require(identity, Permission.LIST_EXPORT)
    form, wanted = TakeOutForm(), _wanted(city_day(now))
    if not form.validate():
        return _show(form, 422)
    try:
        units = queries.commendable_rows(session, identity, wanted, today=city_day(now), most=MOST_ROWS)
        note_commendations(session, actor=identity, wanted=wanted, rows=len(units), reason=form.purpose.data, now=now)
    except Invalid as refusal:
        form.take(refusal)
        return _show(form, 422)
    on = queries.day_of_year(wanted.year, today=city_day(now))
    reasons = queries.bars_of(session, [unit.id for unit in units], on=on) if wanted.barred else {}
    answer = Response(commendation_sheet(wanted, units, reasons), content_type=FileType.XLSX.media_type)
    name = f"commendation-{wanted.year}-{'barred' if wanted.barred else 'eligible'}.xlsx"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
