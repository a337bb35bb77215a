"""The printed papers: of a measure and its interview, of an order to correct, its refusal, a proposed fine."""

from datetime import datetime

from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.measures.models import CorrectionOrder, FineProposal, Measure, RefusalFinding
from portal.measures.rules.fines import thawed
from portal.papers.operations import render
from portal.papers.values import Attendant, InterviewMinutes, OfficialKind, OfficialPaper, Stamp
from portal.regulation.labels import cite
from portal.regulation.schema.base import Citation


def measure_pdf(measure: Measure, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """A letter, a summons or a circular; before it is signed, marked as a draft."""
    mark = "" if measure.signed_on else ("草稿" if lang.startswith("zh") else "DRAFT")
    paper = OfficialPaper(
        stamp=_stamp(measure, printed_by, now, measure.organ_name, mark),
        kind=OfficialKind(str(measure.kind)),
        number=measure.number or "",
        addressee=measure.addressee,
        basis=tuple(cite(Citation.of(*pair)) for pair in measure.basis),
        facts=measure.facts,
        demands=measure.demands,
        due_on=measure.due_on or measure.due_set,
        place=measure.place,
        meets_at=measure.meets_at,
        recipients=tuple(measure.recipients),
        served_on=measure.served_on,
        served_to=measure.served_to,
        organ=measure.organ_name,
        issued_on=measure.signed_on,
    )
    return render(paper.form, paper, lang=lang)


def minutes_pdf(measure: Measure, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The minutes of an interview that was held. Raises NotFound before."""
    if measure.held_at is None:
        raise NotFound()
    paper = InterviewMinutes(
        stamp=_stamp(measure, printed_by, now, measure.organ_name),
        number=measure.number or "",
        addressee=measure.addressee,
        organ=measure.organ_name,
        place=measure.place,
        held_at=measure.held_at,
        attendance=tuple(Attendant(name=name, capacity=capacity) for name, capacity in measure.attendance),
        facts=measure.facts,
        minutes=measure.minutes,
        demands=measure.demands,
        due_on=measure.due_on,
    )
    return render(paper.form, paper, lang=lang)


def correction_pdf(order: CorrectionOrder, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The order to correct as it is served."""
    violation = thawed(order.basis)
    paper = OfficialPaper(
        stamp=_stamp(order, printed_by, now, order.organ_name),
        kind=OfficialKind.CORRECTION,
        number=order.number,
        addressee=order.addressee,
        basis=_cited(order),
        violation=violation.in_language(lang),
        facts=order.facts,
        demands=order.demand,
        due_on=order.due_on or order.due_set,
        served_on=order.served_on,
        served_to=order.served_to,
        organ=order.organ_name,
        issued_on=order.issued_on,
    )
    return render(paper.form, paper, lang=lang)


def refusal_pdf(order: CorrectionOrder, finding: RefusalFinding, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The finding of refusal, once it is confirmed."""
    paper = OfficialPaper(
        stamp=_stamp(finding, printed_by, now, order.organ_name),
        kind=OfficialKind.REFUSAL,
        number=finding.number or "",
        addressee=order.addressee,
        basis=_cited(order),
        order_number=order.number,
        facts=finding.facts,
        due_on=finding.due_on,
        found_by=finding.found_by_name,
        confirmed_by=finding.decided_by_name,
        organ=order.organ_name,
        issued_on=city_day(finding.decided_at) if finding.decided_at else finding.found_on,
    )
    return render(paper.form, paper, lang=lang)


def fine_pdf(
    order: CorrectionOrder,
    fine: FineProposal,
    finding: RefusalFinding | None,
    *,
    printed_by: str,
    now: datetime,
    lang: str,
) -> bytes:
    """The proposal of a fine to whoever decides it."""
    violation = thawed(order.basis)
    before = [order.number, finding.number if finding and finding.number else ""]
    paper = OfficialPaper(
        stamp=_stamp(fine, printed_by, now, order.organ_name),
        kind=OfficialKind.FINE,
        number=fine.number,
        addressee=order.addressee,
        basis=_cited(order),
        violation=violation.in_language(lang),
        order_number="、".join(filter(None, before))[:80],
        facts=f"{order.facts}\n{fine.reasons}",
        against=f"{order.addressee}（{fine.person_name}）"[:80] if fine.person_name else order.addressee[:80],
        low=fine.low,
        high=fine.high,
        amount=fine.amount,
        organ=order.organ_name,
        issued_on=fine.proposed_on,
    )
    return render(paper.form, paper, lang=lang)


def _cited(order: CorrectionOrder) -> tuple[str, ...]:
    violation = thawed(order.basis)
    return tuple(cite(Citation.of(violation.profile, article)) for article in violation.articles)


def _stamp(
    row: Measure | CorrectionOrder | RefusalFinding | FineProposal,
    printed_by: str,
    now: datetime,
    issuer: str,
    watermark: str = "",
) -> Stamp:
    serial = row.id.hex[-12:].upper()
    return Stamp(serial=serial, printed_by=printed_by, printed_at=now, issuer=issuer, watermark=watermark)
