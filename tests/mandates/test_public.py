"""REG-07 and REG-08: public projects with their cameras and money; public cameras move by order, or are found out."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.core.geometry import distance_m, lonlat
from portal.mandates.models import PublicMove, RelocationOrder
from portal.mandates.operations import projects, relocations
from portal.mandates.queries import projects as queries
from portal.mandates.values import ProjectParticulars, ProjectStatus, RelocationKind, RelocationParticulars
from portal.registry.models import Camera, RowHistory, System
from portal.registry.operations import edit_camera
from portal.registry.rules.moves import SURVEY_TOLERANCE_M, moves_without_order
from portal.registry.values import CameraParticulars
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

PROJECT = ProjectParticulars(
    number="XL-2026-01", name="雪亮工程二期", budget_year=2026, amount=Decimal("1200000.50"), planning_batch="2026 年第一批",
    status=ProjectStatus.BUILDING, funding="市级一般公共预算", financing_paper="安财预〔2026〕8号",
)  # fmt: skip
MOVE = RelocationParticulars(
    kind=RelocationKind.RELOCATION, cause="人民大道拓宽改造", cost=Decimal(8000), payer="市住房城乡建设局", planned_on=date(2026, 12, 1)
)  # fmt: skip
THERE = (114.36, 36.11)


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


@pytest.fixture
def street(city: EvidenceCity) -> dict[str, Any]:
    """A public system of the branch with three cameras, and who looks after it."""
    unit = city.unit("文峰分局视频专班", unit_type="police")
    system = city.system(unit, city.bureau)
    system.kind = "public"
    cameras = [city.camera(system, f"人民大道{number}") for number in range(3)]
    city.session.expire_all()  # positions come back as the database keeps them
    return {
        "unit": unit, "system": system, "cameras": cameras,
        "registrar": city.person("registrar", Role.REGISTRAR, organ=city.bureau),
        "leader": city.person("bureauleader", Role.BUREAU_LEADER, organ=city.bureau),
        "far": city.person("farregistrar", Role.REGISTRAR, organ=city.far_bureau),
    }  # fmt: skip


@pytest.mark.requirement("REG-07")
def test_a_public_camera_without_a_project_is_flagged_and_money_is_summed_by_year(
    session: Session, city: EvidenceCity, street: dict[str, Any]
) -> None:
    registrar, system = street["registrar"], street["system"]
    (share,), free = queries.public_systems(session, registrar, limit=10)
    assert (share.cameras, share.free, free) == (3, 3, 3)
    # What is not shown still counts.
    other = city.system(street["unit"], city.bureau)
    other.kind = "public"
    city.camera(other, "另一处")
    rows, free = queries.public_systems(session, registrar, limit=1)
    assert ([row.id for row in rows], free) == ([system.id], 4)
    other.kind = "unit_internal"
    session.flush()
    first = projects.enter_project(session, actor=registrar, unit_id=street["unit"].id, particulars=PROJECT, now=NOW)
    with pytest.raises(Invalid, match="project_taken"):
        projects.enter_project(session, actor=registrar, unit_id=street["unit"].id, particulars=PROJECT, now=NOW)
    linked = {"actor": registrar, "system_id": system.id, "now": NOW}
    assert projects.link_system(session, project_id=first.id, only_free=True, **linked) == 3
    assert queries.public_systems(session, registrar, limit=10) == ([], 0)
    assert queries.project_of_camera(session, street["cameras"][0].id) == first
    # A camera hung afterwards belongs to none until somebody says so; the others stay where they are.
    late = city.camera(system, "新增点位")
    assert queries.public_systems(session, registrar, limit=10)[0][0].free == 1
    second = projects.enter_project(
        session, actor=registrar, unit_id=street["unit"].id, now=NOW,
        particulars=replace(PROJECT, number="XL-2026-02", amount=Decimal(200000)),
    )  # fmt: skip
    assert projects.link_system(session, project_id=second.id, only_free=True, **linked) == 1
    assert queries.project_of_camera(session, late.id) == second
    assert queries.camera_counts_of(session, [first.id, second.id]) == {first.id: 3, second.id: 1}
    assert queries.totals_by_year(session, registrar) == [queries.YearTotal(2026, 2, Decimal("1400000.50"))]
    assert queries.totals_by_year(session, street["far"]) == []
    own = session.scalars(select(System).where(System.unit_id == city.college.id).limit(1)).one()
    with pytest.raises(Invalid, match="not_public"):
        projects.link_system(session, project_id=second.id, only_free=True, actor=registrar, system_id=own.id, now=NOW)
    with pytest.raises(NotFound):
        projects.link_system(
            session, project_id=second.id, only_free=True, actor=street["far"], system_id=system.id, now=NOW
        )


def particulars(camera: Camera, lon: str, lat: str) -> CameraParticulars:
    return CameraParticulars(name=camera.name, lon=Decimal(lon), lat=Decimal(lat), gb_code=camera.gb_code)


@pytest.mark.requirement("REG-08")
def test_a_public_camera_is_not_moved_by_editing_its_file(
    session: Session, city: EvidenceCity, street: dict[str, Any]
) -> None:
    camera = street["cameras"][0]
    edit = {"actor": street["registrar"], "camera_id": camera.id, "reason": "挪杆", "now": NOW}
    with pytest.raises(Invalid, match="public_move_needs_order"):
        edit_camera(session, seen_version=camera.version, particulars=particulars(camera, "114.37", "36.1"), **edit)
    session.refresh(camera)
    assert lonlat(camera.position) == (114.35, 36.1)
    # A survey's error is no move, and a unit moves its own cameras in their files.
    edit_camera(session, seen_version=camera.version, particulars=particulars(camera, "114.3501", "36.1"), **edit)
    assert session.scalars(select(PublicMove)).all() == []
    far = (114.36, 36.1)
    assert moves_without_order((114.35, 36.1), far)
    assert distance_m((114.35, 36.1), (114.3501, 36.1)) < SURVEY_TOLERANCE_M


@pytest.mark.requirement("REG-08")
def test_a_relocation_is_approved_by_another_carried_out_and_named_in_the_cameras_history(
    session: Session, city: EvidenceCity, street: dict[str, Any]
) -> None:
    registrar, leader, (camera, second, _) = street["registrar"], street["leader"], street["cameras"]
    project = projects.enter_project(session, actor=registrar, unit_id=street["unit"].id, particulars=PROJECT, now=NOW)
    projects.link_system(
        session, actor=registrar, project_id=project.id, system_id=street["system"].id, only_free=True, now=NOW
    )
    with pytest.raises(Invalid, match="payer_needed"):
        relocations.propose_relocation(
            session, actor=registrar, particulars=replace(MOVE, payer=""), places={camera.id: THERE}, now=NOW
        )
    with pytest.raises(Invalid, match="not_public_camera"):
        relocations.propose_relocation(
            session, actor=registrar, particulars=MOVE, places={city.gate.id: THERE}, now=NOW
        )
    order = relocations.propose_relocation(
        session, actor=registrar, particulars=MOVE, places={camera.id: THERE, second.id: THERE}, now=NOW
    )
    assert (order.project_id, order.number) == (project.id, "安公文峰迁改〔2026〕1号")
    done = {"actor": registrar, "relocation_id": order.id, "done_on": date(2026, 11, 20), "now": NOW}
    with pytest.raises(IllegalTransition):
        relocations.carry_out_relocation(session, seen_version=order.version, **done)
    relocations.decide_relocation(
        session,
        actor=leader,
        relocation_id=order.id,
        seen_version=order.version,
        approved=True,
        opinion="同意",
        now=NOW,
    )
    session.flush()
    relocations.carry_out_relocation(session, seen_version=order.version, **done)
    session.flush()
    assert tuple(round(part, 6) for part in lonlat(camera.position)) == THERE
    assert order.status == "carried_out"
    moves = session.scalars(select(PublicMove)).all()
    assert {move.order_id for move in moves} == {order.id}
    assert queries.open_moves(session, leader, limit=10) == ([], 0)
    assert queries.relocations_of_camera(session, camera.id) == [order]
    past = session.scalars(select(RowHistory).where(RowHistory.row_id == camera.id)).one()
    assert past.reason == "安公文峰迁改〔2026〕1号 人民大道拓宽改造"


def test_whoever_proposed_does_not_approve(session: Session, city: EvidenceCity, street: dict[str, Any]) -> None:
    """One person with both posts, too."""
    registrar = street["registrar"]
    city.join(registrar.person_id, Role.BUREAU_LEADER, organ=city.bureau)
    both = city.who("registrar")
    places = {street["cameras"][0].id: THERE}
    order = relocations.propose_relocation(session, actor=both, particulars=MOVE, places=places, now=NOW)
    with pytest.raises(IllegalTransition, match="decider_is_proposer"):
        relocations.decide_relocation(
            session,
            actor=both,
            relocation_id=order.id,
            seen_version=order.version,
            approved=True,
            opinion="同意",
            now=NOW,
        )
    assert session.scalars(select(RelocationOrder.status)).one() == "proposed"


@pytest.mark.requirement("REG-08")
def test_a_move_past_the_forms_is_noted_whoever_made_it(
    session: Session, city: EvidenceCity, street: dict[str, Any]
) -> None:
    """An import, a bulk change, a bare statement: the database itself notes it."""
    camera, own = street["cameras"][0], city.gate
    moved = text("update camera set position = st_setsrid(st_makepoint(114.37, 36.12), 4326) where id = any(:keys)")
    session.execute(moved, {"keys": [camera.id, own.id]})
    (move,), count = queries.open_moves(session, street["registrar"], limit=10)
    assert (move.camera_id, count) == (camera.id, 1)
    assert move.distance_m == pytest.approx(distance_m((114.35, 36.1), (114.37, 36.12)), rel=0.01)
    assert queries.open_moves(session, street["far"], limit=10) == ([], 0)
    with pytest.raises(NotFound):
        relocations.explain_move(session, actor=street["far"], move_id=move.id, explanation="误", now=NOW)
    for secret in (True, False):
        camera.secret = secret
        session.flush()
        assert bool(queries.open_moves(session, street["registrar"], limit=10)[0]) != secret, "its name is its unit's"
    relocations.explain_move(
        session, actor=street["registrar"], move_id=move.id, explanation="导入误改，已恢复", now=NOW
    )
    assert queries.open_moves(session, street["registrar"], limit=10) == ([], 0)
    with pytest.raises(IllegalTransition):
        relocations.explain_move(session, actor=street["registrar"], move_id=move.id, explanation="再", now=NOW)
