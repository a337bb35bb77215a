"""The printed record of a use of equipment."""

from datetime import datetime

from portal.evidence.labels import CONDITION, DEED, USE_STATUS
from portal.evidence.models import EquipmentDeed, EquipmentUse
from portal.evidence.states import UseStatus
from portal.evidence.values.equipment import Condition, DeedKind
from portal.evidence.views.filters import span_text
from portal.papers.operations import render
from portal.papers.values import BookedDeed, EquipmentUsePaper, Obstructed, Stamp, shortened


def use_pdf(use: EquipmentUse, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The record as it stands. What a secret case is about, and what was written of it, is never on it."""
    shown = not use.secret
    paper = EquipmentUsePaper(
        stamp=Stamp(serial=use.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=use.organ_name),
        number=use.number,
        status=str(USE_STATUS[UseStatus(use.status)][1]),
        unit=use.unit.name,
        organ=use.organ_name,
        secret=use.secret,
        case_number=use.case_number if shown else "",
        reason=use.reason if shown else "",
        cameras=shortened("、".join(one.label for one in use.cameras)),
        planned_from=use.planned_from,
        planned_to=use.planned_to,
        officers=tuple(f"{one.name} {one.number}" for one in use.officers),
        applicant=use.applicant_name,
        approver=use.decided_name,
        approved_at=use.decided_at,
        equipment=shortened(use.equipment),
        handed_by=use.handed_name,
        received_by=use.received_name,
        started_at=use.started_at,
        returned_by=use.returned_name,
        returned_at=use.returned_at,
        summary=shortened(use.returned_note) if shown else "",
        taken_by=use.taken_name,
        ended_at=use.ended_at,
        condition=str(CONDITION[Condition(use.condition)]) if use.condition else "",
        damage=use.damage,
        deeds=tuple(
            BookedDeed(
                at=one.at, what=str(DEED[DeedKind(one.kind)]), camera=one.label, note=_note(one) if shown else "",
                medium=one.medium if shown else "", sha256=one.sha256,
            )
            for one in use.deeds[:200]
        ),
        obstructions=tuple(
            Obstructed(at=one.at, who=one.person_name, place=one.place, facts=one.facts, evidence=one.evidence)
            for one in use.obstructions[:20]
            if shown
        ),
    )  # fmt: skip
    return render(paper.form, paper, lang=lang)


def _note(deed: EquipmentDeed) -> str:
    of = span_text(deed.span_from, deed.span_to) if deed.span_from and deed.span_to else ""
    return shortened(" ".join(filter(None, (of, deed.note))))
