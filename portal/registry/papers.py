"""What the printed papers of a filing say."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Division, Organ
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.papers.operations import render
from portal.papers.values import FilingReceipt
from portal.papers.values.filing import Tally
from portal.papers.values.parts import Stamp, Verify
from portal.registry.models import Camera, Filing, System

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
    system: System,
    *,
    officer: str,
    printed_by: str,
    base_url: str,
    now: datetime,
    lang: str,
) -> bytes:
    """The receipt of an accepted filing, as PDF. Raises NotFound before it is accepted."""
    organ, division = session.get(Organ, filing.organ_id), session.get(Division, filing.district)
    if organ is None or division is None or not filing.number or not filing.receipt_code or filing.submitted_at is None:
        raise NotFound()
    tongue = "zh" if lang.startswith("zh") else "en"
    counted = session.execute(
        select(Camera.camera_type, func.count()).where(Camera.system_id == system.id).group_by(Camera.camera_type)
    ).all()
    code = filing.receipt_code
    paper = FilingReceipt(
        stamp=Stamp(serial=code, printed_by=printed_by, printed_at=now, issuer=organ.name),
        verify=Verify(url=f"{base_url}/public/receipts/{code}", code=code),
        receipt_number=f"{filing.number}-{filing.revision}",
        filing_number=filing.number,
        national_number=filing.national_number or "",
        unit_name=filing.unit.name,
        uscc=filing.unit.uscc or "",
        district=division.name,
        system_name=system.name,
        address=system.address,
        camera_count=sum(count for _, count in counted),
        device_types=tuple(Tally(name=TYPES[kind][tongue], count=count) for kind, count in counted),
        retention_days=system.retention_days or 0,
        in_use_on=system.in_use_on,
        submitted_on=city_day(filing.submitted_at),
        accepted_on=city_day(filing.decided_at or now),
        organ=organ.name,
        officer=officer,
    )
    return render(paper.form, paper, lang=lang)
