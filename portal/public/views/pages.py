"""Results and receipts."""

import re

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import public_endpoint
from portal.accounts.queries import divisions
from portal.inspection.labels import ACCEPTANCE_STATUS
from portal.inspection.queries import published_page
from portal.public import queries
from portal.public.labels import CERTIFICATE_STANDING
from portal.public.views.blueprint import as_pasted, bp
from portal.registry.labels import FILING_STATUS
from portal.web import formats
from portal.web.session import db_session


@bp.get("/results")
@public_endpoint("acceptance results and grades are published (Anyang 2007 art. 10)")
def results() -> ResponseReturnValue:
    """Published acceptance results: unit, project, result, grade, day."""
    session = db_session()
    keyword, district = request.args.get("q", "")[:60], request.args.get("district", "")[:6]
    page = published_page(session, keyword=keyword, district=district, after=request.args.get("after"))
    return render_template(
        "public/results.html",
        page=page,
        keyword=keyword,
        district=district,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        statuses=ACCEPTANCE_STATUS,
    )


@bp.get("/receipts")
@bp.get("/receipts/<code>")
@public_endpoint("whoever is shown a receipt may check that it is genuine")
def receipts(code: str = "") -> ResponseReturnValue:
    """Whether a filing receipt is genuine. Twelve hexadecimal characters cannot be guessed through."""
    code = as_pasted(code or request.args.get("code", ""))
    well_formed = bool(re.fullmatch(r"[0-9A-F]{12}", code))
    found = queries.receipt_by_code(db_session(), code) if well_formed else None
    status = 404 if code and found is None else 200
    return render_template("public/receipts.html", code=code[:20], found=found, statuses=FILING_STATUS), status


@bp.get("/certificates")
@bp.get("/certificates/<code>")
@public_endpoint("whoever is shown a certificate may check that it is genuine and in force")
def certificates(code: str = "") -> ResponseReturnValue:
    """Whether an acceptance certificate is genuine, and what has become of it."""
    code = as_pasted(code or request.args.get("code", ""))
    well_formed = bool(re.fullmatch(r"[0-9A-F]{12}", code))
    found = queries.certificate_by_code(db_session(), code) if well_formed else None
    status = 404 if code and found is None else 200
    page = render_template(
        "public/certificates.html",
        code=code[:20],
        found=found,
        statuses=ACCEPTANCE_STATUS,
        standings=CERTIFICATE_STANDING,
    )
    return page, status
