"""Receipts of requests: the file each party keeps, and the page on which each checks it."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.evidence import models
from portal.evidence.labels import ACT
from portal.evidence.queries.receipts import get_receipt, receipt_by, receipts_of
from portal.evidence.rules.receipts import receipt_bytes, receipt_digest
from portal.evidence.values import ActKind
from portal.evidence.values.receipts import Stage
from portal.evidence.views.blueprint import bp
from portal.evidence.views.printing import STATUTORY_LANGUAGE
from portal.papers.operations import render
from portal.papers.values import RequestReceipt, Stamp
from portal.web.session import db_session

STAGE: Mapping[Stage, LazyString] = {
    Stage.SUBMITTED: _("Submitted"),
    Stage.CLEARED: _("Approved or acknowledged"),
    Stage.HANDED_OVER: _("Copy handed over"),
}


@bp.app_template_filter("receipts_of")
def receipts_shown(request_id: UUID) -> list[tuple[LazyString, models.RequestReceipt]]:
    """The receipts of a request whose page is being shown."""
    return [(STAGE[Stage(one.stage)], one) for one in receipts_of(db_session(), request_id)]


@bp.get("/evidence/receipts")
@requires(Permission.REQUEST_READ)
def receipt_check() -> ResponseReturnValue:
    """Look a digest up: whether the portal issued it, when, and for those with a part in the request what it says."""
    digest = request.args.get("digest", "")[:200]
    found = receipt_by(db_session(), current_identity(), digest) if digest.strip() else None
    receipt, opens = found or (None, False)
    return render_template(
        "evidence/receipt_check.html",
        digest=digest,
        receipt=receipt,
        opens=opens,
        stages=STAGE,
        # Worked out again from what is kept: a row that was touched would not fit its own digest.
        whole=receipt is not None and receipt_digest(receipt.content) == receipt.digest,
    )


@bp.get("/evidence/receipts/<uuid:receipt_id>.pdf")
@requires(Permission.REQUEST_READ)
def receipt_paper(receipt_id: UUID) -> Response:
    """The receipt as a paper for the file, in Chinese as every paper of a request; the digest on it is the file's."""
    identity, now = current_identity(), utcnow()
    receipt = get_receipt(db_session(), identity, receipt_id)
    said = receipt.content
    with force_locale(STATUTORY_LANGUAGE):
        paper = RequestReceipt(
            stamp=Stamp(
                serial=f"{said['number']}-{receipt.digest[:8]}",
                printed_by=identity.name,
                printed_at=now,
                issuer=said["unit"],
            ),
            number=said["number"],
            stage=str(STAGE[Stage(receipt.stage)]),
            issued_at=receipt.issued_at,
            unit=said["unit"],
            requester=said["requester"],
            act=str(ACT[ActKind(said["act"])]),
            cameras=said["cameras"],
            copy_number=said["copy"],
            manifest=said["manifest"] or None,
            receipt=receipt.digest,
        )
        made = render(paper.form, paper, lang=STATUTORY_LANGUAGE)
    answer = Response(made, mimetype="application/pdf")
    name = f"{said['number']}-{receipt.stage}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/evidence/receipts/<uuid:receipt_id>/file")
@requires(Permission.REQUEST_READ)
def receipt_file(receipt_id: UUID) -> ResponseReturnValue:
    """The file whose SHA-256 is the digest: the same bytes for every party."""
    receipt = get_receipt(db_session(), current_identity(), receipt_id)
    answer = Response(receipt_bytes(receipt.content), mimetype="application/json")
    name = f"{receipt.content['number']}-{receipt.stage}.json"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
