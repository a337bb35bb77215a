"""What the printed papers of an acceptance say."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.inspection.models import Acceptance, Visit
from portal.inspection.operations import given_answers
from portal.inspection.queries import assessment_of, findings_of, overrides_of, published_of, visits_of
from portal.inspection.rules import FrozenList, judge, shown_items
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, SchoolType, Verdict
from portal.inspection.values import ItemAnswer
from portal.papers.operations import render
from portal.papers.values import AcceptanceCertificate, AcceptanceConclusion, SchoolApplication
from portal.papers.values.inspection import CheckedItem
from portal.papers.values.parts import Grade, SignLine, SignState, Stamp, Verify
from portal.registry.models import Camera
from portal.registry.queries import latest_filing
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey

GRADES = {
    AcceptanceStatus.PASSED: Grade.PASS,
    AcceptanceStatus.BASICALLY_PASSED: Grade.BASIC_PASS,
    AcceptanceStatus.FAILED: Grade.FAIL,
}
CONCLUDED_AS = {
    "pass": {"zh": "通过", "en": "pass"},
    "basic": {"zh": "基本通过", "en": "basically pass"},
    "fail": {"zh": "不通过", "en": "fail"},
}
SCHOOL_TYPES = {
    SchoolType.PUBLIC: {"zh": "公办", "en": "public"},
    SchoolType.PRIVATE: {"zh": "民办", "en": "private"},
}
FOUND = {
    Verdict.MET: {"zh": "符合", "en": "met"},
    Verdict.PARTLY: {"zh": "基本符合", "en": "partly met"},
    Verdict.NOT_MET: {"zh": "不符合", "en": "not met"},
    Verdict.NOT_APPLICABLE: {"zh": "不适用", "en": "does not apply"},
}


def record_pdf(
    session: Session, acceptance: Acceptance, *, printed_by: str, base_url: str, now: datetime, lang: str
) -> bytes:
    """The acceptance conclusion with every item, as PDF. Raises NotFound without a finished visit."""
    frozen, visit, organ = _parts(session, acceptance)
    tongue = "zh" if lang.startswith("zh") else "en"
    signed = [
        SignLine(state=SignState.SIGNED, name=place.name, on=city_day(visit.ends_at))
        for place in visit.inspectors
        if not place.cancelled
    ]
    paper = AcceptanceConclusion(
        stamp=_stamp(acceptance, organ, printed_by, now),
        verify=_verify(acceptance, base_url),
        number=_number(session, acceptance),
        unit_name=acceptance.unit.name,
        system_name=acceptance.system.name,
        filing_number=_filing_number(session, acceptance),
        address=acceptance.system.address,
        camera_count=_cameras(session, acceptance),
        visited_on=city_day(visit.starts_at),
        items=_items(session, frozen, visit, tongue),
        total=acceptance.score,
        full_marks=judge(frozen, {}).possible,
        grade=GRADES[AcceptanceStatus(acceptance.status)],
        level=_level(frozen, acceptance, tongue),
        conclusion=acceptance.opinion or FOUND[Verdict.MET][tongue],
        computed=_computed(session, frozen, acceptance, tongue),
        defects=_defects(session, acceptance),
        rectify_by=max((one.due_on for one in findings_of(session, acceptance.id) if one.due_on), default=None),
        basis=frozen.checklist.title.in_language(lang),
        inspectors=tuple(signed),
        organ=organ.name,
        concluded_on=city_day(acceptance.concluded_at or now),
    )
    return render(paper.form, paper, lang=lang)


def certificate_pdf(
    session: Session, acceptance: Acceptance, *, printed_by: str, base_url: str, now: datetime, lang: str
) -> bytes:
    """The certificate for the wall, as PDF, with the address at which anybody checks it."""
    frozen, _visit, organ = _parts(session, acceptance)
    tongue = "zh" if lang.startswith("zh") else "en"
    paper = AcceptanceCertificate(
        stamp=_stamp(acceptance, organ, printed_by, now),
        verify=_verify(acceptance, base_url),
        standard=acceptance.kind == AcceptanceKind.STANDARD,
        number=_number(session, acceptance),
        unit_name=acceptance.unit.name,
        system_name=acceptance.system.name,
        filing_number=_filing_number(session, acceptance),
        grade=GRADES[AcceptanceStatus(acceptance.status)],
        level=_level(frozen, acceptance, tongue),
        total=acceptance.score,
        item_count=len(frozen.checklist.items),
        camera_count=_cameras(session, acceptance),
        retention_days=acceptance.system.retention_days or 0,
        organ=organ.name,
        issued_on=city_day(acceptance.concluded_at or now),
    )
    return render(paper.form, paper, lang=lang)


def application_pdf(session: Session, acceptance: Acceptance, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The school's application form (F4) as PDF. Raises NotFound for an application without a self-assessment."""
    own, organ = assessment_of(session, acceptance), session.get(Organ, acceptance.organ_id)
    if own is None or own.signed_at is None or organ is None:
        raise NotFound()
    tongue = "zh" if lang.startswith("zh") else "en"
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(acceptance.requested_at))
    reviewed = acceptance.check_note if acceptance.status not in {"requested", "returned"} else ""
    paper = SchoolApplication(
        stamp=_stamp(acceptance, organ, printed_by, now),
        copies=rules.integer(RuleKey.GRADE_APPLICATION_COPIES) or 1,
        campaign=FrozenList.from_json(own.checklist).checklist.title.in_language(lang),
        school=acceptance.unit.name,
        applied_on=city_day(acceptance.requested_at),
        principal=own.principal,
        deputy=own.deputy,
        school_type=SCHOOL_TYPES[SchoolType(own.school_type)][tongue] if own.school_type else "",
        students=own.students,
        staff=own.staff,
        teachers=own.teachers,
        self_assessment=own.statement,
        self_signature=SignLine(state=SignState.SIGNED, name=own.signed_by, on=city_day(own.signed_at)),
        bureau=organ.name,
        review=reviewed,
    )
    return render(paper.form, paper, lang=lang)


def _parts(session: Session, acceptance: Acceptance) -> tuple[FrozenList, Visit, Organ]:
    visit = next((visit for visit in visits_of(session, acceptance.id) if visit.status == "done"), None)
    organ = session.get(Organ, acceptance.organ_id)
    if visit is None or organ is None or not acceptance.checklist:
        raise NotFound()
    return FrozenList.from_json(acceptance.checklist), visit, organ


def _items(session: Session, frozen: FrozenList, visit: Visit, tongue: str) -> tuple[CheckedItem, ...]:
    answers = given_answers(session, visit.id)
    reached = judge(frozen, answers).items
    return tuple(
        CheckedItem(
            name=str(item.number),
            standard=item.text.zh if tongue == "zh" else item.text.en,
            found=_found(answers[item.key], tongue),
            passed=answers[item.key].verdict in {Verdict.MET, Verdict.NOT_APPLICABLE},
            points=item.points,
            score=reached.get(item.key),
        )
        for item in shown_items(frozen.checklist, answers)
        if item.key in answers
    )


def _found(answer: ItemAnswer, tongue: str) -> str:
    """The verdict, each deduction with its reason, and what else was noted."""
    taken = [f"-{each.points:f} {each.reason}" for each in answer.deductions]
    return " ".join(part for part in (FOUND[answer.verdict][tongue], "; ".join(taken), answer.note) if part)


def _defects(session: Session, acceptance: Acceptance) -> tuple[str, ...]:
    """What must be put right in words, then each finding with its day."""
    said = [line for line in acceptance.rectification.splitlines() if line.strip()]
    found = [
        f"{one.number}. {one.found or one.asked['zh']}" + (f"（{one.due_on:%Y-%m-%d}）" if one.due_on else "")
        for one in findings_of(session, acceptance.id)
    ]
    return tuple(line[:300] for line in (*said, *found))[:60]


def _computed(session: Session, frozen: FrozenList, acceptance: Acceptance, tongue: str) -> str:
    """What the arithmetic gave, where two people decided otherwise, with their names and the reason."""
    row = next((one for one in overrides_of(session, acceptance.id) if one.approved), None)
    if row is None:
        return ""
    kept = acceptance.result or {}
    result = CONCLUDED_AS[str(kept.get("conclusion", row.from_conclusion))][tongue]
    band = next((b for b in frozen.bands.bands if b.key == kept.get("grade")), None) if frozen.bands else None
    result = getattr(band.title, tongue) if band else result
    if tongue == "zh":
        return f"计算结论为{result}；经{row.asked_by_name}申请、{row.decided_by_name}审定变更。理由：{row.reason}"
    return f"Computed: {result}. Changed as {row.asked_by_name} asked and {row.decided_by_name} decided: {row.reason}"


def _verify(acceptance: Acceptance, base_url: str) -> Verify | None:
    code = acceptance.certificate_code
    return Verify(url=f"{base_url}/public/certificates/{code}", code=code) if code else None


def _level(frozen: FrozenList, acceptance: Acceptance, tongue: str) -> str:
    band = next((b for b in frozen.bands.bands if b.key == acceptance.grade), None) if frozen.bands else None
    return getattr(band.title, tongue) if band else ""


def _number(session: Session, acceptance: Acceptance) -> str:
    published = published_of(session, acceptance.id)
    return published.number if published else f"YS-{acceptance.id.hex[-8:].upper()}"


def _filing_number(session: Session, acceptance: Acceptance) -> str:
    filing = latest_filing(session, acceptance.system_id)
    return (filing.number or "") if filing else ""


def _cameras(session: Session, acceptance: Acceptance) -> int:
    counted = select(func.count()).select_from(Camera).where(Camera.system_id == acceptance.system_id)
    return session.scalar(counted) or 0


def _stamp(acceptance: Acceptance, organ: Organ, printed_by: str, now: datetime) -> Stamp:
    return Stamp(serial=acceptance.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=organ.name)
