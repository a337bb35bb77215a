"""What the printed papers of a filing say: always what was submitted, whatever the system has become since."""

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Division, Organ
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.core.sheets import WorkbookWriter
from portal.papers.operations import render
from portal.papers.values import BasicInformation, FilingCertificate, FilingReceipt
from portal.papers.values.filing import PartyLine, Tally
from portal.papers.values.parts import SignLine, SignState, Stamp, Verify
from portal.registry.models import Filing, FilingRevision
from portal.registry.values import FilingKind

TYPES = {
    "fixed_bullet": {"zh": "固定枪机", "en": "fixed bullet"},
    "hemisphere": {"zh": "半球", "en": "hemisphere"},
    "ptz_dome": {"zh": "球机", "en": "PTZ dome"},
    "remote_bullet": {"zh": "遥控枪机", "en": "remote bullet"},
    "checkpoint_bullet": {"zh": "卡口枪机", "en": "checkpoint bullet"},
    "unknown": {"zh": "其他", "en": "other"},
}


@dataclass(frozen=True, kw_only=True)
class Print:
    """Who prints, in which language, under which address the paper is checked."""

    printed_by: str
    base_url: str
    now: datetime
    lang: str

    @property
    def tongue(self) -> str:
        """The language of the paper's own words."""
        return "zh" if self.lang.startswith("zh") else "en"


@dataclass(frozen=True, kw_only=True)
class Words:
    """How the vocabularies of a filing read on its papers."""

    kind: Mapping[str, str]
    unit_type: Mapping[str, str]
    system_kind: Mapping[str, str]
    regime: Mapping[str, str]
    storage: Mapping[str, str]
    party: Mapping[str, str]


def receipt_pdf(session: Session, filing: Filing, *, officer: str, how: Print) -> bytes:
    """The receipt of an accepted filing. Raises NotFound before it is accepted."""
    organ, division, accepted = _issued(session, filing)
    counted = devices_of(accepted)
    paper = FilingReceipt(
        stamp=_stamp(filing, organ, how),
        verify=_verify(filing, how),
        receipt_number=f"{filing.number}-{filing.revision}",
        filing_number=filing.number or "",
        national_number=filing.national_number or "",
        unit_name=accepted["unit"]["name"],
        uscc=accepted["unit"]["uscc"] or "",
        district=division.name,
        system_name=accepted["system"]["name"],
        address=accepted["system"]["address"],
        camera_count=sum(counted.values()),
        device_types=_tallies(counted, how),
        retention_days=accepted["system"]["retention_days"] or 0,
        in_use_on=_day(accepted["system"]["in_use_on"]),
        submitted_on=city_day(filing.submitted_at or how.now),
        accepted_on=city_day(filing.decided_at or how.now),
        organ=organ.name,
        officer=officer,
    )
    return render(paper.form, paper, lang=how.lang)


def certificate_pdf(session: Session, filing: Filing, *, how: Print) -> bytes:
    """The certificate for the wall. Raises NotFound before the filing is accepted."""
    organ, _division, accepted = _issued(session, filing)
    paper = FilingCertificate(
        stamp=_stamp(filing, organ, how),
        verify=_verify(filing, how),
        filing_number=filing.number or "",
        unit_name=accepted["unit"]["name"],
        uscc=accepted["unit"]["uscc"] or "",
        system_name=accepted["system"]["name"],
        address=accepted["system"]["address"],
        camera_count=sum(devices_of(accepted).values()),
        retention_days=accepted["system"]["retention_days"] or 0,
        accepted_on=city_day(filing.decided_at or how.now),
        organ=organ.name,
        voluntary=filing.kind == FilingKind.VOLUNTARY,
    )
    return render(paper.form, paper, lang=how.lang)


def basic_pdf(session: Session, filing: Filing, *, phone: str, words: Words, how: Print) -> bytes:
    """The basic information of Decree 799 article 14 on the national form's lines. Raises NotFound for a draft."""
    content, (organ, division) = submitted(session, filing), _places(session, filing)
    system, unit = content["system"], content["unit"]
    counted = devices_of(content)
    accepted = bool(filing.number and filing.decided_at)
    paper = BasicInformation(
        stamp=_stamp(filing, organ, how),
        verify=_verify(filing, how) if filing.receipt_code else None,
        filing_number=filing.number or "",
        kind=words.kind[filing.kind],
        unit_name=unit["name"],
        uscc=unit["uscc"] or "",
        unit_type=words.unit_type[unit["unit_type"]],
        unit_address=unit["address"],
        principal=unit["principal_name"],
        contact=unit["contact_name"],
        contact_phone=phone,
        handler=content["declared_by"],
        system_name=system["name"],
        system_kind=words.system_kind[system["kind"]],
        regime=words.regime[system["regime"]],
        purpose=system["purpose"],
        address=system["address"],
        district=division.name,
        in_use_on=_day(system["in_use_on"]),
        retention_days=system["retention_days"] or 0,
        storage_kind=words.storage.get(system["storage_kind"] or "", ""),
        records_audio=bool(system["records_audio"]),
        device_types=_tallies(counted, how),
        camera_count=sum(counted.values()),
        parties=tuple(PartyLine(role=words.party[role], name=name) for role, name in content["parties"].items()),
        attachments=tuple(dict.fromkeys(row["title"] for row in content["documents"]))[:30],
        declaration=_signed(content["declared_by"], filing.submitted_at),
        received=_signed(filing.decided_by_name, filing.decided_at) if accepted else SignLine(),
        organ=organ.name,
    )
    return render(paper.form, paper, lang=how.lang)


def basic_sheet(
    session: Session, filing: Filing, *, labels: Sequence[str], title: str, words: Words, how: Print
) -> bytes:
    """The same content as a workbook of one row: what Decree 799 article 14 asks for, and nothing else."""
    content, (organ, division) = submitted(session, filing), _places(session, filing)
    system, unit = content["system"], content["unit"]
    counted = devices_of(content)
    cells = (
        filing.number or "",
        filing.national_number or "",
        unit["name"],
        unit["uscc"] or "",
        words.unit_type[unit["unit_type"]],
        unit["address"],
        system["name"],
        system["address"],
        division.name,
        str(sum(counted.values())),
        "/".join(f"{tally.name} {tally.count}" for tally in _tallies(counted, how)),
        str(system["retention_days"] or ""),
        system["in_use_on"] or "",
        words.kind[filing.kind],
        city_day(filing.submitted_at).isoformat() if filing.submitted_at else "",
        organ.name,
    )
    out = io.BytesIO()
    widths = [max(12, min(40, 2 * len(cell) + 2)) for cell in cells]
    with WorkbookWriter(out, title, widths=widths) as sheet:
        sheet.title([title])
        sheet.head(labels)
        sheet.row(cells)
    return out.getvalue()


def devices_of(content: Mapping[str, Any]) -> Mapping[str, int]:
    """Numbers by type: as declared, or counted from the cameras' files where nothing was declared."""
    declared: Mapping[str, int] = content["system"].get("declared_devices") or {}
    found = declared or Counter(camera["camera_type"] for camera in content["cameras"])
    return {kind: found[kind] for kind in TYPES if found.get(kind)}


def submitted(session: Session, filing: Filing) -> dict[str, Any]:
    """The content that was frozen when the newest revision was submitted. Raises NotFound when none was."""
    wanted = (FilingRevision.filing_id == filing.id, FilingRevision.revision == filing.revision)
    content = session.scalar(select(FilingRevision.content).where(*wanted))
    if content is None:
        raise NotFound()
    frozen: dict[str, Any] = json.loads(content)
    return frozen


def _issued(session: Session, filing: Filing) -> tuple[Organ, Division, dict[str, Any]]:
    if not filing.number or not filing.receipt_code or filing.submitted_at is None:
        raise NotFound()
    organ, division = _places(session, filing)
    return organ, division, submitted(session, filing)


def _places(session: Session, filing: Filing) -> tuple[Organ, Division]:
    organ, division = session.get(Organ, filing.organ_id), session.get(Division, filing.district)
    if organ is None or division is None:
        raise NotFound()
    return organ, division


def _stamp(filing: Filing, organ: Organ, how: Print) -> Stamp:
    serial = filing.receipt_code or str(filing.id)[-12:].upper()
    return Stamp(serial=serial, printed_by=how.printed_by, printed_at=how.now, issuer=organ.name)


def _verify(filing: Filing, how: Print) -> Verify:
    code = filing.receipt_code or ""
    return Verify(url=f"{how.base_url}/public/receipts/{code}", code=code)


def _tallies(counted: Mapping[str, int], how: Print) -> tuple[Tally, ...]:
    return tuple(Tally(name=TYPES[kind][how.tongue], count=count) for kind, count in counted.items())


def _signed(name: str, at: datetime | None) -> SignLine:
    return SignLine(state=SignState.SIGNED, name=name, on=city_day(at)) if name and at else SignLine()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
