"""What portal.mandates keeps, for the matrix (one of each in its states) and for the crowd (n of each)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.accounts.values import Identity, Scope, system_identity
from portal.core.clock import city_day
from portal.mandates.models import MandatedUnit, MandateMatch, MandateSource, PublicMove
from portal.mandates.operations import complaints, entries, orders, parts, projects, relocations
from portal.mandates.operations.dictionary import add_provision
from portal.mandates.values import (
    ComplaintAbout,
    EntryDraft,
    ProjectParticulars,
    ProjectStatus,
    Provision,
    RelocationKind,
    RelocationParticulars,
    ServiceMethod,
)
from portal.registry.models import Camera, System
from portal.regulation.calendar import WorkCalendar
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing

HERE = "410502"
SELF = system_identity("tests")
FIVE = WorkCalendar()


def entry(city: EvidenceCity, name: str, *, matched: bool = True) -> MandatedUnit:
    """A place that must install, matched to the college unless told otherwise."""
    draft = EntryDraft(name=name, category="entertainment_hotels", district=HERE, unit_type="entertainment")
    made = entries.add_entry(city.session, actor=SELF, draft=draft, now=NOW)
    if matched:
        made.unit_id, made.matched_at, made.matched_how = city.college.id, NOW, "person"
    city.session.flush()
    return made


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One of each in its states, of the college or its district."""
    from tests.support.matrix import Thing

    session = city.session
    whole = Scope(unit_ids=frozenset({city.college.id}), districts=frozenset({HERE}), kind=lambda: "entertainment")
    here = Scope(districts=frozenset({HERE}))
    known, open_one = entry(city, "职院宾馆"), entry(city, "无主歌厅", matched=False)
    parts.save_part(
        session, actor=SELF, mandated_id=known.id, part="lobby", camera_ids=[], absent_reason="无大堂", now=NOW
    )
    yield Thing(kind="mandated", state="matched", arguments={"mandated_id": known.id}, scope=whole)
    yield Thing(kind="mandated", state="open", arguments={"mandated_id": open_one.id}, scope=here)
    match = MandateMatch(
        mandated_id=open_one.id, unit_id=city.school.id, district=HERE, by_code=False, similarity=Decimal("0.6"), found_at=NOW
    )  # fmt: skip
    session.add(match)
    source = MandateSource(name="名单", origin="局", dated_on=city_day(NOW), districts=[HERE], created_at=NOW)
    session.add(source)
    session.flush()
    yield Thing(kind="match", state="open", arguments={"match_id": match.id}, scope=here)
    yield Thing(kind="source", state="queued", arguments={"source_id": source.id}, scope=here)
    for state in ("issued", "served"):
        order = _order(city, state)
        yield Thing(kind="install-order", state=state, arguments={"order_id": order}, scope=whole)
    text = Provision(
        key="camps", zh="营地", en="Camps", basis_title="通知", basis_number="1号", valid_from=date(2026, 1, 1)
    )
    provision = add_provision(session, actor=SELF, provision=text, stored_file_id=None, now=NOW)
    yield Thing(kind="provision", state="", arguments={"provision_id": provision.id}, scope=Scope())
    own = Scope(unit_ids=frozenset({city.college.id}))
    yield Thing(kind="complaint", state="raised", arguments={"complaint_id": complaint(city)}, scope=own)
    yield from _public(city, whole)


def _order(city: EvidenceCity, state: str) -> Any:
    order = ordered(city, f"{state}宾馆")
    if state == "served":
        orders.serve_order(
            city.session, actor=SELF, order_id=order.id, seen_version=order.version, served_on=city_day(NOW),
            how=ServiceMethod.DIRECT, to="经理", calendar=FIVE, now=NOW,
        )  # fmt: skip
    return order.id


def ordered(city: EvidenceCity, name: str) -> Any:
    """An order to a place that turned out to be the college only afterwards: it has filed long since."""
    place = entry(city, name, matched=False)
    order = orders.issue_order(city.session, actor=SELF, mandated_id=place.id, demand="安装", now=NOW)
    place.unit_id = order.unit_id = city.college.id
    place.matched_at, place.matched_how = NOW, "person"
    city.session.flush()
    return order


def complaint(city: EvidenceCity) -> Any:
    """One complaint of the college."""
    made = complaints.raise_complaint(
        city.session,
        actor=SELF,
        unit_id=city.college.id,
        grievance=complaints.Grievance(about=ComplaintAbout.UNRECORDED_USE, about_organ="某所", text="未登记即调看"),
        calendar=FIVE,
        now=NOW,
    )
    return made.id


def public_system(city: EvidenceCity, cameras: int = 1) -> tuple[System, list[Camera]]:
    """A public system of the college's own account: ownership decides, not what the unit is called."""
    system = city.system(city.college, city.bureau)
    system.kind, system.name = "public", "雪亮工程"
    hung = [city.camera(system, f"路口{number}") for number in range(cameras)]
    city.session.flush()
    return system, hung


def project(city: EvidenceCity, number: str) -> Any:
    """One public project."""
    particulars = ProjectParticulars(
        number=number, name="雪亮工程二期", budget_year=2026, amount=Decimal(120000), planning_batch="2026 年第一批",
        status=ProjectStatus.BUILDING, funding="市级财政", financing_paper="安财预〔2026〕8号",
    )  # fmt: skip
    return projects.enter_project(
        city.session, actor=SELF, unit_id=city.college.id, particulars=particulars, now=NOW
    ).id


def relocation(city: EvidenceCity, camera: Camera, *, who: Identity = SELF) -> Any:
    """One proposed relocation of one camera."""
    particulars = RelocationParticulars(
        kind=RelocationKind.RELOCATION, cause="人民大道拓宽改造", cost=Decimal(8000), payer="市住建局", planned_on=date(2026, 12, 1)
    )  # fmt: skip
    return relocations.propose_relocation(
        city.session, actor=who, particulars=particulars, places={camera.id: (114.36, 36.11)}, now=NOW
    ).id


def _public(city: EvidenceCity, scope: Scope) -> "Iterator[Thing]":
    from tests.support.matrix import Thing

    system, (camera,) = public_system(city)
    key = project(city, "XL-2026-01")
    projects.link_system(city.session, actor=SELF, project_id=key, system_id=system.id, only_free=True, now=NOW)
    yield Thing(kind="project", state="building", arguments={"project_id": key}, scope=scope)
    yield Thing(kind="relocation", state="proposed", arguments={"relocation_id": relocation(city, camera)}, scope=scope)
    yield Thing(kind="move", state="open", arguments={"move_id": moved(city, camera)}, scope=scope)


def moved(city: EvidenceCity, camera: Camera) -> Any:
    """A camera moved by nobody's order; the database notes it."""
    camera.position = "SRID=4326;POINT(114.37 36.12)"  # type: ignore[assignment]
    city.session.flush()
    return city.session.scalars(select(PublicMove.id).where(PublicMove.camera_id == camera.id)).one()


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n of each, and the keys that lead to one page of each."""
    system, cameras = public_system(city, n)
    source = MandateSource(
        name="名单", origin="局", dated_on=city_day(NOW), districts=[HERE], status="done", created_at=NOW,
        faults=[{"row": row, "column": "A", "code": "list_no_name", "text": ""} for row in range(n)],
    )  # fmt: skip
    city.session.add(source)
    place = entry(city, "多份宾馆")
    for number in range(n):
        ordered(city, f"多份宾馆{number}")
        other = entry(city, f"多份歌厅{number}", matched=False)
        match = MandateMatch(
            mandated_id=other.id, unit_id=city.school.id, district=HERE, by_code=True, similarity=Decimal(1), found_at=NOW
        )  # fmt: skip
        city.session.add(match)
        complaint(city)
        key = project(city, f"XL-{number}")
    order = ordered(city, "多份歌舞厅")
    projects.link_system(city.session, actor=SELF, project_id=key, system_id=system.id, only_free=True, now=NOW)
    for camera in cameras:
        chosen = relocation(city, camera)
        moved(city, camera)
    hall = [city.camera(system, f"大堂{number}", zone="hall") for number in range(n)]
    parts.save_part(
        city.session, actor=SELF, mandated_id=place.id, part="lobby", camera_ids=[one.id for one in hall], now=NOW
    )
    return {
        "mandated_id": place.id, "order_id": order.id, "source_id": source.id, "complaint_id": complaint(city),
        "project_id": key, "relocation_id": chosen,
    }  # fmt: skip
