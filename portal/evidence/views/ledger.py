"""The statutory call register: page, sheet, print."""

import io
from datetime import date, datetime, time, timedelta

import xlsxwriter
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.errors import NotFound
from portal.evidence import queries
from portal.evidence.labels import CUSTODY, PURPOSE
from portal.evidence.models import CustodyEntry
from portal.evidence.values import LEDGER_EXPORTED, LEDGER_READ
from portal.evidence.views.blueprint import bp
from portal.evidence.views.printing import LEDGER_PDF_ROWS, ledger_columns, ledger_pdf
from portal.web.formats import date_
from portal.web.session import db_session
from portal.web.widgets import read_day

EXPORT_ROWS = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/evidence/ledger")
@requires(Permission.LEDGER_READ)
def ledger() -> ResponseReturnValue:
    """The register within the reader's reach, the newest first."""
    session, identity = db_session(), current_identity()
    wanted, first, last = _wanted()
    page = queries.ledger_page(session, identity, wanted, after=request.args.get("after", ""))
    _noted(identity, LEDGER_READ, first, last)
    return render_template(
        "evidence/ledger.html",
        page=page,
        wanted=wanted,
        first=date_(first) if first else "",
        last=date_(last) if last else "",
        acts=CUSTODY,
        purposes=PURPOSE,
        # By name: whatever else stands in the address would become an argument of the link, its scheme included.
        conditions={name: request.args[name] for name in ("q", "act", "from", "to") if name in request.args},
        may_export=may_ever(identity, Permission.LEDGER_EXPORT),
    )


@bp.get("/evidence/ledger.<kind>")
@requires(Permission.LEDGER_EXPORT)
def ledger_export(kind: str) -> ResponseReturnValue:
    """The register as a sheet or as a printed book; the export itself is recorded."""
    if kind not in {"xlsx", "pdf"}:
        raise NotFound()
    session, identity, now = db_session(), current_identity(), utcnow()
    wanted, first, last = _wanted()
    limit = LEDGER_PDF_ROWS if kind == "pdf" else EXPORT_ROWS
    rows = list(queries.ledger_rows(session, identity, wanted, limit=limit))
    _noted(identity, LEDGER_EXPORTED, first, last, rows=len(rows))
    if kind == "xlsx":
        return _attachment(_sheet(rows), XLSX, f"call-register-{city_day(now)}.xlsx")
    content = ledger_pdf(
        identity,
        rows,
        period=" – ".join(date_(day) if day else "…" for day in (first, last)) if first or last else "",
        organisation=identity.organ_name or (rows[0].unit_name if rows else identity.name),
        lang=str(get_locale()),
        now=now,
    )
    return _attachment(content, "application/pdf", f"call-register-{city_day(now)}.pdf")


def _wanted() -> tuple[queries.LedgerFilter, date | None, date | None]:
    first, last = (read_day(request.args.get(name, "")[:20]) for name in ("from", "to"))
    act = request.args.get("act", "")
    return (
        queries.LedgerFilter(
            calls_only=act == "calls",
            act=act if act in CUSTODY else "",
            text=request.args.get("q", "").strip()[:60],
            since=_midnight(first) if first else None,
            until=_midnight(last + timedelta(days=1)) if last else None,
        ),
        first,
        last,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CITY_TZ)


def _noted(
    identity: Identity, tag: AuditTag, first: date | None, last: date | None, *, rows: int | None = None
) -> None:
    changes = [FieldChange(name="first_day", new=first), FieldChange(name="last_day", new=last)]
    if rows is not None:
        changes.append(FieldChange(name="rows", new=rows))
    record(
        db_session(), actor=identity.actor, tag=tag, subject=SubjectRef("call_register"), changes=changes, now=utcnow()
    )


def _sheet(rows: list[CustodyEntry]) -> bytes:
    out = io.BytesIO()
    # Text stays text: a name that begins with "=" must not become a formula in somebody's spreadsheet.
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(gettext("Call register")[:31])
    head = book.add_format({"bold": True, "bg_color": "#e9f1fb", "border": 1, "text_wrap": True})
    for column, (title, share, _text) in enumerate(ledger_columns()):
        sheet.set_column(column, column, 9 * share)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 0)
    texts = [text for _title, _share, text in ledger_columns()]
    for number, entry in enumerate(rows, start=1):
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text(entry))
    book.close()
    return out.getvalue()


def _attachment(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
