"""What the printed papers of a filing say."""

import json
from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Division, Organ
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.papers.operations import render
from portal.papers.values import FilingReceipt
from portal.papers.values.filing import Tally
from portal.papers.values.parts import Stamp, Verify
from portal.registry.models import Filing, FilingRevision

TYPES = {
    "ptz_dome": {"zh": "球机", "en": "PTZ dome"},
    "hemisphere": {"zh": "半球", "en": "hemisphere"},
    "fixed_bullet": {"zh": "固定枪机", "en": "fixed bullet"},
    "remote_bullet": {"zh": "遥控枪机", "en": "remote bullet"},
    "checkpoint_bullet": {"zh": "卡口枪机", "en": "checkpoint bullet"},
    "unknown": {"zh": "未注明", "en": "not stated"},
}


def receipt_pdf(
    session: Session,
    filing: Filing,
    *,
    officer: str,
    printed_by: str,
    base_url: str,
    now: datetime,
    lang: str,
) -> bytes:
    """The receipt of an accepted filing, as PDF: what was accepted, whatever the system has become since and whoever
    prints it. Raises NotFound before it is accepted."""
    organ, division = session.get(Organ, filing.organ_id), session.get(Division, filing.district)
    if organ is None or division is None or not filing.number or not filing.receipt_code or filing.submitted_at is None:
        raise NotFound()
    tongue = "zh" if lang.startswith("zh") else "en"
    accepted = _accepted(session, filing)
    counted = Counter(camera["camera_type"] for camera in accepted["cameras"])
    code = filing.receipt_code
    paper = FilingReceipt(
        stamp=Stamp(serial=code, printed_by=printed_by, printed_at=now, issuer=organ.name),
        verify=Verify(url=f"{base_url}/public/receipts/{code}", code=code),
        receipt_number=f"{filing.number}-{filing.revision}",
        filing_number=filing.number,
        national_number=filing.national_number or "",
        unit_name=accepted["unit"]["name"],
        uscc=accepted["unit"]["uscc"] or "",
        district=division.name,
        system_name=accepted["system"]["name"],
        address=accepted["system"]["address"],
        camera_count=counted.total(),
        device_types=tuple(Tally(name=TYPES[kind][tongue], count=count) for kind, count in sorted(counted.items())),
        retention_days=accepted["system"]["retention_days"] or 0,
        in_use_on=date.fromisoformat(in_use_on) if (in_use_on := accepted["system"]["in_use_on"]) else None,
        submitted_on=city_day(filing.submitted_at),
        accepted_on=city_day(filing.decided_at or now),
        organ=organ.name,
        officer=officer,
    )
    return render(paper.form, paper, lang=lang)


def _accepted(session: Session, filing: Filing) -> dict[str, Any]:
    """The content that was frozen when the accepted revision was submitted."""
    wanted = (FilingRevision.filing_id == filing.id, FilingRevision.revision == filing.revision)
    content = session.scalar(select(FilingRevision.content).where(*wanted))
    if content is None:
        raise NotFound()
    frozen: dict[str, Any] = json.loads(content)
    return frozen
