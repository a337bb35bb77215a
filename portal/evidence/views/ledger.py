"""The statutory call register: page and print; it leaves as a sheet like any list."""

from datetime import date, timedelta

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import city_day, utcnow
from portal.evidence import queries
from portal.evidence.labels import CUSTODY, PURPOSE
from portal.evidence.queries.listing import CALLS_ONLY, midnight
from portal.evidence.values import LEDGER_EXPORTED, LEDGER_READ
from portal.evidence.views.blueprint import bp
from portal.evidence.views.printing import LEDGER_PDF_ROWS, ledger_pdf
from portal.web.formats import date_
from portal.web.session import db_session
from portal.web.widgets import read_day


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
        # As it was understood: a file must not hold more than the page was narrowed to.
        conditions={name: text for name, text in _understood(wanted, first, last).items() if text},
        may_export=may_ever(identity, Permission.LEDGER_EXPORT),
    )


@bp.get("/evidence/ledger.pdf")
@requires(Permission.LEDGER_EXPORT)
def ledger_print() -> ResponseReturnValue:
    """The first lines of the register as a printed book; the print is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    wanted, first, last = _wanted()
    rows = list(queries.ledger_rows(session, identity, wanted, limit=LEDGER_PDF_ROWS))
    _noted(identity, LEDGER_EXPORTED, first, last, rows=len(rows))
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
            calls_only=act == CALLS_ONLY,
            act=act if act in CUSTODY else "",
            text=request.args.get("q", "").strip()[:60],
            since=midnight(first) if first else None,
            until=midnight(last + timedelta(days=1)) if last else None,
        ),
        first,
        last,
    )


def _understood(wanted: queries.LedgerFilter, first: date | None, last: date | None) -> dict[str, str]:
    return {
        "q": wanted.text,
        "act": CALLS_ONLY if wanted.calls_only else wanted.act,
        "from": first.isoformat() if first else "",
        "to": last.isoformat() if last else "",
    }


def _noted(
    identity: Identity, tag: AuditTag, first: date | None, last: date | None, *, rows: int | None = None
) -> None:
    changes = [FieldChange(name="first_day", new=first), FieldChange(name="last_day", new=last)]
    if rows is not None:
        changes.append(FieldChange(name="rows", new=rows))
    record(
        db_session(), actor=identity.actor, tag=tag, subject=SubjectRef("call_register"), changes=changes, now=utcnow()
    )


def _attachment(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
