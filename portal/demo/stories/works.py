"""Public projects with their cameras, relocations in every state, and a camera that nobody's order moved."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.geometry import lonlat
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.mandates.operations import projects, relocations
from portal.mandates.values import ProjectParticulars, ProjectStatus, RelocationKind, RelocationParticulars
from portal.registry.models import Camera, System, Unit
from portal.registry.values import SystemKind


def _public_systems(session: Session, district: str = "") -> Sequence[tuple[System, Unit]]:
    statement = select(System, Unit).join(Unit, Unit.id == System.unit_id).where(System.kind == SystemKind.PUBLIC)
    if district:
        statement = statement.where(System.district == district)
    return [
        (system, unit) for system, unit in session.execute(statement.order_by(System.district, System.name, System.id))
    ]


def _projects(stage: Stage) -> Story:
    """One project for each public system; the newest of two districts have none yet."""
    yield (now := stage.ago(350, 9, 0))
    actor = stage.who("cityregistrar", now)
    unpaid = {"410503", "410527"}
    for number, (system, unit) in enumerate(_public_systems(stage.session), start=1):
        newest = "提升" in system.name
        if newest and system.district in unpaid:
            continue
        year = (system.in_use_on or stage.today).year
        project = projects.enter_project(
            stage.session,
            actor=actor,
            unit_id=unit.id,
            particulars=ProjectParticulars(
                number=f"AYGG-{year}-{number:03d}", name=system.name[:120], budget_year=year,
                amount=Decimal(860_000 + 137_500 * (number % 9)), planning_batch=f"{year} 年第{'一' if number % 2 else '二'}批",
                status=ProjectStatus.BUILDING if newest else ProjectStatus.COMPLETED, funding="一般公共预算",
                financing_paper=f"安财预〔{year}〕{10 + number}号", builder="河南中原安防工程有限公司",
            ),
            now=now,
        )  # fmt: skip
        projects.link_system(
            stage.session, actor=actor, project_id=project.id, system_id=system.id, only_free=True, now=now
        )
    unit = _public_systems(stage.session)[0][1]
    projects.enter_project(
        stage.session,
        actor=actor,
        unit_id=unit.id,
        particulars=ProjectParticulars(
            number=f"AYGG-{stage.today.year + 1}-001", name="重点路口补盲工程", budget_year=stage.today.year + 1,
            amount=Decimal(2_400_000), planning_batch=f"{stage.today.year + 1} 年第一批", status=ProjectStatus.PLANNED,
            funding="一般公共预算", financing_paper="已列入部门预算草案",
        ),
        now=now,
    )  # fmt: skip


def stories(stage: Stage) -> list[Story]:
    """The projects, a relocation in each state, and one camera that was moved by nobody's order."""
    return [
        _projects(stage),
        _relocation(stage, 0, "人民大道拓宽改造工程", 5, "proposed"),
        _relocation(stage, 1, "老火车站片区棚户区改造", 30, "approved"),
        _relocation(stage, 2, "文峰大道地下管廊工程", 75, "carried_out"),
        _relocation(stage, 3, "某商业广场外立面更新", 50, "refused"),
        _relocation(stage, 4, "东风路雨污分流工程", 60, "cancelled"),
        _moved_silently(stage),
    ]


def _street_camera(stage: Stage, place: int) -> Camera | None:
    """The n-th camera of the public systems of the district whose people act; a small city begins anew."""
    systems = [system.id for system, _ in _public_systems(stage.session, "410502")]
    hung = select(Camera).where(Camera.system_id.in_(systems))
    count = stage.session.scalar(select(func.count()).select_from(hung.subquery())) or 0
    ordered = hung.order_by(Camera.name, Camera.id).offset(place % count if count else 0).limit(1)
    return stage.session.scalars(ordered).one_or_none()


def _relocation(stage: Stage, place: int, cause: str, days: int, until: str) -> Story:
    session = stage.session
    yield (now := stage.ago(days, 10, 0))
    camera = _street_camera(stage, place)
    if camera is None:
        return
    registrar, leader = stage.who("registrar", now), stage.who("leader", now)
    lon, lat = lonlat(camera.position)
    order = relocations.propose_relocation(
        session,
        actor=registrar,
        particulars=RelocationParticulars(
            kind=RelocationKind.RELOCATION, cause=cause, cause_number=f"安住建〔{stage.today.year}〕{30 + place}号",
            cost=Decimal(6_800 + 1_200 * place), payer="项目建设单位（列入拆迁改造预算）", planned_on=city_day(now + timedelta(days=20)),
        ),
        places={camera.id: (round(lon + 0.0004, 6), round(lat + 0.0003, 6))},
        now=now,
    )  # fmt: skip
    acts: dict[str, Any] = {"relocation_id": order.id, "now": now}
    if until == "proposed":
        return
    if until == "cancelled":
        relocations.cancel_relocation(
            session, actor=registrar, seen_version=order.version, reason="工程方案调整，点位不受影响。", **acts
        )
        return
    yield (now := stage.ago(days - 3, 15, 0))
    approved = until != "refused"
    relocations.decide_relocation(
        session, actor=leader, relocation_id=order.id, seen_version=order.version, approved=approved,
        opinion="同意，费用列入拆迁改造预算。" if approved else "原杆位可保留，不予批准。", now=now,
    )  # fmt: skip
    if until == "carried_out":
        yield (now := stage.ago(days - 25, 17, 0))
        session.flush()
        relocations.carry_out_relocation(
            session, actor=registrar, relocation_id=order.id, seen_version=order.version, done_on=city_day(now), now=now
        )


def _moved_silently(stage: Stage) -> Story:
    """What an import with wrong coordinates does: the database notes it."""
    yield stage.ago(9, 14, 0)
    camera = _street_camera(stage, 6)
    if camera is not None:
        stage.session.execute(
            text("update camera set position = st_translate(position, 0.0021, 0.0012) where id = :key"),
            {"key": camera.id},
        )
