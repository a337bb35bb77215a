"""A paper names the findings it follows, the finding leads back to it, and what is overdue calls for the next step."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.inspection.models import Finding
from portal.inspection.queries import get_finding, handles_finding
from portal.measures.models import Measure
from portal.measures.operations import corrections, ladder
from portal.measures.queries.following import (
    findings_followed,
    findings_to_follow,
    papers_following,
    proposal_for,
    waiting_findings,
    waiting_units,
)
from portal.measures.rules.ladder import Proposal, Step, step_for
from portal.measures.states import MeasureStatus
from portal.measures.values import CorrectionDraft, MeasureDraft, MeasureKind, Service, ServiceMethod
from portal.registry.models import Unit
from portal.regulation.calendar import WorkCalendar
from tests.people import BEIGUAN, NOW, TODAY, World, make_world, post, sign_in

DAY = timedelta(days=1)
LETTER = MeasureDraft(kind=MeasureKind.LETTER, facts="西门无标识", demands="补设")


@pytest.fixture
def world(session: Session) -> World:
    world = make_world(session)
    world.extra["unit"] = unit = world.unit("第一实验小学")
    for name, role in (("inspector", Role.INSPECTOR), ("leader", Role.BUREAU_LEADER)):
        world.extra[name] = world.person(role)
    world.extra["head"] = world.person(Role.UNIT_SECURITY_HEAD, unit_id=unit.id)
    return world


def found(world: World, unit: Unit, number: int = 1, *, late: int = 3, status: str = "open") -> Finding:
    """A finding of a routine visit, so many days past its day."""
    made = Finding(
        unit_id=unit.id, district=unit.district, organ_id=world.branches[unit.district].id, list_key="routine-supervision",
        item=f"item{number}", number=number, asked={"zh": "提示标识显著", "en": "The sign is conspicuous"}, found="西门无标识",
        severity="major", status=status, stated_on=TODAY - 30 * DAY, due_on=TODAY - late * DAY,
        closed_on=TODAY if status == "closed" else None,
    )  # fmt: skip
    world.session.add(made)
    world.session.flush()
    return made


def served(world: World, draft: MeasureDraft, *, previous: UUID | None = None) -> Measure:
    session, held = world.session, {"now": NOW}
    unit = world.extra["unit"]
    measure = ladder.draft_measure(
        session, actor=world.extra["inspector"], unit_id=unit.id, draft=draft, previous_id=previous, **held
    )
    session.flush()
    named: dict[str, Any] = {"measure_id": measure.id, **held}
    ladder.sign_measure(session, actor=world.extra["leader"], seen_version=measure.version, **named)
    session.flush()
    service = Service(on=TODAY, how=ServiceMethod.DIRECT, to="校长")
    ladder.serve_measure(
        session,
        actor=world.extra["inspector"],
        seen_version=measure.version,
        service=service,
        calendar=WorkCalendar(),
        **named,
    )
    session.flush()
    return measure


def test_the_step_follows_from_what_was_taken() -> None:
    """The first step, nothing while one is in hand or may still be answered, else the one after the highest that stands."""
    key = uuid4()

    def step(kind: MeasureKind, status: MeasureStatus, *, late: bool = False) -> Step:
        return Step(id=key, kind=kind, status=status, late=late)

    letter, interview, circular = MeasureKind
    first = Proposal(kind=letter)
    assert step_for([]) == first
    assert step_for([step(letter, MeasureStatus.CLOSED), step(interview, MeasureStatus.WITHDRAWN)]) == first
    for status in (MeasureStatus.DRAFTED, MeasureStatus.SIGNED, MeasureStatus.SERVED, MeasureStatus.HELD):
        assert step_for([step(letter, status)]) is None
    assert step_for([step(letter, MeasureStatus.SERVED, late=True)]) == Proposal(kind=interview, after=key)
    assert step_for([step(letter, MeasureStatus.REPLIED)]) == Proposal(kind=interview, after=key)
    both = [step(letter, MeasureStatus.REPLIED), step(interview, MeasureStatus.HELD, late=True)]
    assert step_for(both) == Proposal(kind=circular, after=key)
    assert step_for([step(circular, MeasureStatus.REPLIED)]) == Proposal(kind=None, after=key)


def test_a_paper_names_findings_of_its_unit_alone(world: World, session: Session) -> None:
    unit, other = world.extra["unit"], world.unit("乙")
    own, strange, over = found(world, unit), found(world, other), found(world, unit, 2, status="closed")
    assert [one.id for one in findings_to_follow(session, unit.id)] == [own.id]
    with pytest.raises(Invalid) as refused:
        served(world, replace(LETTER, finding_ids=[own.id, strange.id]))
    assert [one.field for one in refused.value.problems] == ["findings"]
    order = CorrectionDraft(violation="decree-799-2025:not_filed", facts="x", demand="y", finding_ids=[strange.id])
    issue: dict[str, Any] = {"actor": world.extra["inspector"], "unit_id": unit.id, "now": NOW}
    with pytest.raises(Invalid):
        corrections.issue_correction(session, draft=order, **issue)
    made = corrections.issue_correction(session, draft=replace(order, finding_ids=[own.id, over.id]), **issue)
    assert made.finding_ids == [own.id, over.id]


@pytest.mark.requirement("PEN-08")
def test_an_overdue_finding_climbs_the_ladder_step_by_step(world: World, session: Session) -> None:
    """It leads to the papers that name it; the unit learns of one once it was served on it; none is passed over."""
    finding, today = found(world, world.extra["unit"]), TODAY
    inspector, head = world.extra["inspector"], world.extra["head"]

    def proposed(who: Any = inspector, on: Any = today) -> Proposal | None:
        return proposal_for(finding, papers_following(session, who, finding.id), today=on)

    def waits(who: Any = inspector) -> list[str]:
        return [unit.name for unit in waiting_units(session, who, today=today).items]

    assert proposed(on=finding.due_on) is None, "its day is not past"
    assert proposed() == Proposal(kind=MeasureKind.LETTER)
    assert waits() == ["第一实验小学"]
    assert waits(world.person(Role.INSPECTOR, organ=world.branches[BEIGUAN])) == []
    drafted = ladder.draft_measure(
        session,
        actor=inspector,
        unit_id=world.extra["unit"].id,
        draft=replace(LETTER, finding_ids=[finding.id]),
        now=NOW,
    )
    session.flush()
    assert (proposed(), waits()) == (None, [])
    assert papers_following(session, head, finding.id).measures == []
    ladder.withdraw_measure(
        session, actor=inspector, measure_id=drafted.id, seen_version=drafted.version, reason="重拟", now=NOW
    )
    session.flush()
    letter = served(world, replace(LETTER, finding_ids=[finding.id]))
    assert [one.id for one in papers_following(session, head, finding.id).measures] == [letter.id]
    assert [one.id for one in findings_followed(session, head, letter.finding_ids)] == [finding.id]
    assert (proposed(), waits()) == (None, []), "the unit still has time to answer"
    ladder.reply_to_measure(session, actor=head, measure_id=letter.id, text="正在办理", stored_file_id=None, now=NOW)
    session.flush()
    assert proposed() == Proposal(kind=MeasureKind.INTERVIEW, after=letter.id)
    waiting = waiting_findings(session, inspector, [world.extra["unit"].id], today=today)
    (one,) = waiting.values()
    assert (one.findings, one.proposal.after) == ([finding.id], letter.id)
    finding.status, finding.closed_on = "closed", TODAY
    session.flush()
    assert (proposed(), waits()) == (None, [])


def test_the_pages_lead_from_the_finding_to_its_letter_and_back(
    world: World, session: Session, client: FlaskClient
) -> None:
    finding = found(world, world.extra["unit"])
    session.execute(update(Finding).values(due_on=city_day(utcnow()) - DAY))
    sign_in(client, world.login_of(world.extra["inspector"]))
    shown = client.get(f"/findings/{finding.id}").text
    draft = f"/units/{finding.unit_id}/measures/new?finding={finding.id}"
    assert draft in shown
    assert "现建议采取：函告" in shown
    listed = client.get("/measures/proposed").text
    assert draft in listed
    form = client.get(draft).text
    assert f'value="{finding.id}" checked' in form.replace("  ", " ")
    assert "西门无标识" in form
    page = post(client, draft, {"kind": "letter", "facts": "f", "demands": "d", "findings": str(finding.id)}).location
    assert f"/findings/{finding.id}" in client.get(page).text
    assert page in client.get(f"/findings/{finding.id}").text
    assert "暂无应采取的措施" in client.get("/measures/proposed").text
    assert (
        post(client, draft, {"kind": "letter", "facts": "f", "demands": "d", "findings": str(uuid4())}).status_code
        == 422
    )


def test_what_an_organ_found_on_a_routine_visit_is_its_own_to_judge(world: World, session: Session) -> None:
    """The police of the place read what the education bureau found, and leave its cure to the bureau."""
    bureau = world.education()
    officer = world.person(Role.SECTOR_SUPERVISOR, organ=bureau)
    finding = found(world, world.extra["unit"], status="cured")
    finding.organ_id = bureau.id
    session.flush()
    loaded = get_finding(session, world.extra["inspector"], finding.id)
    assert handles_finding(officer, loaded)
    assert not handles_finding(world.extra["inspector"], loaded)
