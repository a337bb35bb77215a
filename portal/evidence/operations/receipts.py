"""Issuing the receipts that all three parties hold alike."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.evidence.models import FootageRequest, RequestReceipt
from portal.evidence.rules.receipts import receipt_digest
from portal.evidence.values.receipts import ReceiptFacts, Stage


def issue_receipt(
    session: Session, request: FootageRequest, stage: Stage, *, now: datetime, copy: str = "", manifest: str = ""
) -> RequestReceipt:
    """One receipt for what has just been recorded; the caller's act is in the log in the same transaction."""
    facts = ReceiptFacts(
        number=request.number or "",
        stage=stage,
        issued_at=now,
        unit=request.unit.name,
        requester=request.requester_name,
        act=request.act,
        cameras=request.camera_count,
        copy=copy,
        manifest=manifest,
    )
    content = facts.as_json()
    receipt = RequestReceipt(
        request_id=request.id, stage=stage, digest=receipt_digest(content), content=content, issued_at=now
    )
    session.add(receipt)
    session.flush()
    return receipt
