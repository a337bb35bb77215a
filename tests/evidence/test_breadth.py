"""How broad an ask is: the arithmetic, the limits, the second approver, and asks that were split."""

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.db import Database
from portal.core.errors import Invalid, NotAllowed
from portal.core.geometry import distance_m, offset
from portal.evidence.models import FootageRequest, RequestBreadth
from portal.evidence.operations import attach_paper, draft_requests, submit_request, withdraw_request
from portal.evidence.rules.breadth import area_m2, breadth_of, class_of, length_m
from portal.evidence.rules.shapes import area_from, route, shape_from_map, shape_from_text, typed_line
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    CaseContent,
    IdKind,
    InstrumentKind,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
)
from portal.evidence.values.breadth import CaseClass, Drawn, Part
from portal.registry.models import Camera
from portal.workflow.queries import get_run
from portal.workflow.states import Verdict
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

HERE = (114.35, 36.1)
PLACES = st.tuples(st.floats(113.7, 114.9), st.floats(35.7, 36.4))
CASE = CaseContent("A4105020001202611001", "盗窃案", "东门附近盗窃", "核查嫌疑人行踪", "固定证据")
WIDE = CaseContent(
    *(getattr(CASE, one) for one in ("case_number", "case_name", "summary", "reason", "copy_reason")),
    "嫌疑人驾车逃窜，途经多处",
)


# -- the arithmetic, against formulas of its own -----------------------------------------------------------------------


@given(place=PLACES, reach=st.integers(10, 500), away=st.floats(0, 900), turn=st.floats(0, 360))
@settings(max_examples=60, deadline=None)
def test_two_rounds_cover_what_geometry_says(place: tuple[float, float], reach: int, away: float, turn: float) -> None:
    one, other = place, offset(*place, turn, away)
    apart = distance_m(one, other)
    lens = 0.0
    if apart < 2 * reach:
        half = apart / (2 * reach)
        lens = 2 * reach**2 * math.acos(half) - apart / 2 * math.sqrt(4 * reach**2 - apart**2)
    expected = 2 * math.pi * reach**2 - lens
    assert area_m2([one, other], [], reach_m=reach) == pytest.approx(expected, rel=0.004)


@given(
    place=PLACES,
    radii=st.lists(st.floats(100, 3000), min_size=3, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_an_outline_covers_what_surveyors_reckon(place: tuple[float, float], radii: list[float]) -> None:
    turns = [360.0 * at / len(radii) for at in range(len(radii))]
    corners = [offset(*place, turn, far) for turn, far in zip(turns, radii, strict=True)]
    # Triangles about the middle: half the product of two radii and the sine between them.
    wedge = math.sin(math.radians(360.0 / len(radii)))
    expected = sum(one * radii[at - 1] * wedge / 2 for at, one in enumerate(radii))
    drawn = Drawn.from_json({"via": "area", "rings": [[*corners, corners[0]]], "m": 0})
    assert area_m2([], [drawn], reach_m=100) == pytest.approx(expected, rel=0.003, abs=2)


@given(place=PLACES, turn=st.floats(0, 360), metres=st.floats(50, 8000), buffer=st.integers(10, 500))
@settings(max_examples=60, deadline=None)
def test_a_straight_route_is_as_long_as_it_is_and_as_broad_as_a_stadium(
    place: tuple[float, float], turn: float, metres: float, buffer: int
) -> None:
    end = offset(*place, turn, metres)
    radius = 6371008.8
    lat1, lat2 = math.radians(place[1]), math.radians(end[1])
    chord = math.sin((lat2 - lat1) / 2) ** 2
    chord += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(end[0] - place[0]) / 2) ** 2
    haversine = 2 * radius * math.asin(math.sqrt(chord))
    assert length_m([place, end]) == pytest.approx(haversine, rel=0.006, abs=0.5)
    drawn = route([place, end], buffer)
    expected = 2 * buffer * metres + math.pi * buffer**2
    assert area_m2([], [drawn], reach_m=100) == pytest.approx(expected, rel=0.006)


def test_the_areas_are_those_of_postgis(session: Session) -> None:
    square = area_from(
        {
            "type": "Polygon",
            "coordinates": [[[114.3, 36.0], [114.4, 36.0], [114.4, 36.1], [114.3, 36.1], [114.3, 36.0]]],
        }
    )
    line = [(114.3, 36.0), (114.35, 36.08), (114.42, 36.05)]
    wkt = "POLYGON((114.3 36,114.4 36,114.4 36.1,114.3 36.1,114.3 36))"
    there = session.scalar(text("select st_area(cast(:wkt as geography))"), {"wkt": wkt})
    assert area_m2([], [square], reach_m=100) == pytest.approx(there, rel=1e-3)
    wkt = f"LINESTRING({','.join(f'{lon} {lat}' for lon, lat in line)})"
    there = session.scalar(text("select st_length(cast(:wkt as geography))"), {"wkt": wkt})
    assert length_m(line) == pytest.approx(there, rel=1e-5)


def test_what_two_parts_share_counts_once() -> None:
    cameras = {UUID(int=1): HERE, UUID(int=2): offset(*HERE, 90, 1000)}
    hour = timedelta(hours=1)
    drawn = [route([HERE, offset(*HERE, 0, 2000)], 50)]
    first = Part(cameras=cameras, span_from=NOW - 5 * hour, span_to=NOW - 3 * hour, drawn=drawn)
    again = Part(cameras=cameras, span_from=NOW - 4 * hour, span_to=NOW - 2 * hour, drawn=drawn)
    whole = breadth_of([first, again], reach_m=100, now=NOW)
    assert (whole.cameras, whole.hours, whole.days_back) == (2, 6.0, 1)
    assert whole.route_m == pytest.approx(2000, rel=1e-3)
    assert whole.area_ha == pytest.approx(breadth_of([first], reach_m=100, now=NOW).area_ha)


@pytest.mark.parametrize(
    "bad",
    [
        "", "[]", "{}", "[" * 5000, '{"type":"Polygon","coordinates":[[[1,2],[3,4]]]}', '{"type":"LineString"}',
        '{"type":"LineString","coordinates":[[114.3,36.0]]}', '{"type":"LineString","coordinates":[["a",1],[1,2]]}',
        '{"type":"LineString","coordinates":[[36.0,114.3],[36.1,114.3]]}', '{"via":"route","rings":[[]],"m":50}',
        '{"via":"route","rings":[[[114.3,36.0],[114.4,36.0]]],"m":100000}', '{"type":"LineString","coordinates":[[114.3,36.0],[116.4,36.0]]}',
        '{"type":"Polygon","coordinates":[[[114,36],[115,37],[115,36],[114,37],[114,36]]]}',
    ],
)  # fmt: skip
def test_a_shape_that_is_none_is_refused_and_never_an_error(bad: str) -> None:
    for read in (lambda: shape_from_map(bad, buffer_m=50), lambda: shape_from_text(bad)):
        with pytest.raises(ValueError, match=r"\w"):
            read()


def test_a_shape_comes_back_from_the_form_as_it_was() -> None:
    line = route(typed_line("114.30,36.10；114.31，36.11\n114.32 36.12"), 60)
    assert shape_from_text(line.as_text()) == line
    assert Drawn.from_json(line.as_json()) == line


def test_the_class_follows_from_who_asks_for_what() -> None:
    def of(kind: RequesterKind, purpose: Purpose, *, grave: bool = False) -> CaseClass:
        return class_of(kind, purpose, grave=grave)

    criminal, office = RequesterKind.POLICE_CRIMINAL, RequesterKind.OTHER_ORGAN
    assert of(criminal, Purpose.CRIMINAL_CASE) is CaseClass.CRIME
    assert of(criminal, Purpose.CRIMINAL_CASE, grave=True) is CaseClass.GRAVE_CRIME
    assert of(office, Purpose.LAW_ENFORCEMENT, grave=True) is CaseClass.ADMINISTRATIVE
    assert of(RequesterKind.COURT, Purpose.JUDICIAL) is CaseClass.JUDICIAL
    assert of(RequesterKind.INDIVIDUAL, Purpose.EMERGENCY) is CaseClass.INDIVIDUAL
    assert of(RequesterKind.OWN_DEPARTMENT, Purpose.EMERGENCY) is CaseClass.INTERNAL


# -- the second approver -------------------------------------------------------------------------------------------------


def many(city: EvidenceCity, count: int, *, name: str = "点位", metres: float = 30) -> list[Camera]:
    """So many cameras of the college, in a row."""
    system = city.system(city.college, city.bureau)
    made = []
    for at in range(count):
        lon, lat = offset(*HERE, 90, metres * at)
        made.append(
            Camera(
                system_id=system.id,
                unit_id=system.unit_id,
                district=system.district,
                name=f"{name}{at}",
                address=f"{name}{at}处",
                position=f"SRID=4326;POINT({lon} {lat})",
                created_at=NOW,
                updated_at=NOW,
            )
        )
    city.session.add_all(made)
    city.session.flush()
    return made


def ask(city: EvidenceCity, *cameras: Camera, who: Identity | None = None, **changes: Any) -> FootageRequest:
    """Drafted, its paper attached, and submitted."""
    who = who or city.officer
    asked = city.asked(*cameras, **{"content": CASE, **changes})
    (request,) = draft_requests(city.session, actor=who, asked=asked, now=NOW)
    return hand_in(city, request, who)


def hand_in(city: EvidenceCity, request: FootageRequest, who: Identity | None = None) -> FootageRequest:
    """The paper, and the submission."""
    who = who or city.officer
    attach_paper(
        city.session, actor=who, request_id=request.id, kind=Paper.RETRIEVAL_NOTICE, title="n.pdf",
        stored_file_id=city.stored_file(), now=NOW,
    )  # fmt: skip
    return submit_request(city.session, actor=who, request_id=request.id, now=NOW)


def steps(city: EvidenceCity, request: FootageRequest) -> list[str]:
    """The steps this request must pass."""
    run = get_run(city.session, request.run_id)  # type: ignore[arg-type]
    return [step.key for step in run.frozen_chain.steps_for(run.facts)]


def kept(city: EvidenceCity, request: FootageRequest) -> RequestBreadth:
    """By what it is counted."""
    found = city.session.get(RequestBreadth, request.id, populate_existing=True)
    assert found is not None
    return found


def test_at_the_limit_nothing_more_is_asked_and_beyond_it_reason_and_second_approver(city: EvidenceCity) -> None:
    cameras = many(city, 41)
    within = ask(city, *cameras[:40])
    assert steps(city, within) == ["case_department_head", "unit_acknowledges"]
    withdraw_request(city.session, actor=city.officer, request_id=within.id, reason="", now=NOW)
    with pytest.raises(Invalid) as refused:
        ask(city, *cameras)
    assert [(one.field, one.code) for one in refused.value.problems] == [("necessity", "evidence.necessity_needed")]
    beyond = ask(city, *cameras, content=WIDE)
    assert steps(city, beyond) == ["case_department_head", "second_approver", "unit_acknowledges"]
    lines = kept(city, beyond).judged["lines"]
    assert lines["cameras"] == {"yours": 41, "limit": 40}
    assert kept(city, beyond).beyond


def test_the_second_approver_is_another_person_of_a_higher_post(city: EvidenceCity) -> None:
    leader = city.person("bureau", Role.BUREAU_LEADER, organ=city.bureau, post="bureau_leader")
    other_head = city.person("head2", Role.CASE_HEAD, organ=city.bureau, post="case_department_head")
    request = ask(city, *many(city, 41), content=WIDE)
    city.decide(request, city.head)
    for refused in (city.head, other_head, city.officer):
        with pytest.raises(NotAllowed):
            city.decide(request, refused)
    city.decide(request, leader)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    assert request.status == RequestStatus.APPROVED


def test_a_wider_class_has_wider_limits(city: EvidenceCity) -> None:
    cameras = many(city, 41)
    assert "second_approver" not in steps(city, ask(city, *cameras, grave=True))
    with pytest.raises(Invalid) as refused:
        ask(
            city, *cameras, grave=True, requester_kind=RequesterKind.POLICE_ADMINISTRATIVE,
            instrument_kind=InstrumentKind.ADMINISTRATIVE_NOTICE, purpose=Purpose.PUBLIC_ORDER,
        )  # fmt: skip
    assert {one.field for one in refused.value.problems} == {"grave", "necessity"}


def test_footage_of_long_ago_and_of_many_hours_is_broad_too(city: EvidenceCity) -> None:
    for camera in many(city, 6):
        camera.retention_days = 30
    (one, *rest) = city.session.scalars(select(Camera).where(Camera.name.like("点位%"))).all()
    day = timedelta(days=1)
    asked = {"span_from": NOW - 3 * day, "span_to": NOW - day}
    assert "second_approver" not in steps(city, ask(city, one, *rest[:4], **asked))
    far = {**asked, "content": WIDE, "officers": city.asked().officers}
    assert "second_approver" in steps(city, ask(city, one, *rest, **far))


def test_at_the_counter_of_the_unit_its_principal_decides(city: EvidenceCity) -> None:
    own = {
        "requester_kind": RequesterKind.OWN_DEPARTMENT, "instrument_kind": InstrumentKind.INTERNAL_SLIP,
        "instrument_number": "", "requester_name": "后勤处", "purpose": Purpose.PUBLIC_ORDER,
        "officers": (OfficerDraft("钱进", IdKind.WORK_ID, "H-1"), OfficerDraft("周全", IdKind.WORK_ID, "H-2")),
        "content": WIDE,
    }  # fmt: skip
    (request,) = draft_requests(city.session, actor=city.filer, asked=city.asked(*many(city, 11), **own), now=NOW)
    for paper in (Paper.DEPARTMENT_STAMP, Paper.UNIT_CERTIFICATE):
        attach_paper(
            city.session, actor=city.filer, request_id=request.id, kind=paper, title="p", now=NOW,
            stored_file_id=city.stored_file(),
        )  # fmt: skip
    submit_request(city.session, actor=city.filer, request_id=request.id, now=NOW)
    assert steps(city, request) == ["department_head", "public_order_leader", "principal_approves"]


# -- asks that were split ------------------------------------------------------------------------------------------------


def test_two_halves_of_one_case_are_one_ask(city: EvidenceCity) -> None:
    cameras = many(city, 50)
    first = ask(city, *cameras[:25])
    assert "second_approver" not in steps(city, first)
    later = {"span_from": NOW - timedelta(hours=20), "span_to": NOW - timedelta(hours=19)}
    spaced = CaseContent("a4105 0200 0120 2611-001", *(WIDE.case_name, WIDE.summary, WIDE.reason, WIDE.copy_reason))
    with pytest.raises(Invalid):
        ask(city, *cameras[25:], who=city.partner, **later, content=spaced)
    second = ask(city, *cameras[25:], who=city.partner, **later, content=WIDE)
    assert "second_approver" in steps(city, second)
    assert kept(city, second).series_id == kept(city, first).series_id
    assert kept(city, second).judged["parts"] == 2
    assert kept(city, second).judged["lines"]["cameras"]["yours"] == 50


def test_another_case_number_for_the_same_hours_hides_nothing(city: EvidenceCity) -> None:
    cameras = many(city, 50)
    ask(city, *cameras[:25])
    second = ask(city, *cameras[25:], content=CaseContent("B-2", "另案", "", "核查", "固定", "同一逃跑路线"))
    assert "second_approver" in steps(city, second)
    far = {"span_from": NOW - timedelta(hours=9), "span_to": NOW - timedelta(hours=8)}
    third = ask(city, cameras[0], content=CaseContent("C-3", "又案", "", "核查", "固定"), **far)
    assert kept(city, third).judged["parts"] == 1


def test_what_came_to_nothing_or_is_long_ago_counts_no_more(city: EvidenceCity, session: Session) -> None:
    cameras = many(city, 50)
    first = ask(city, *cameras[:25])
    withdraw_request(session, actor=city.officer, request_id=first.id, reason="", now=NOW)
    second = ask(city, *cameras[25:])
    assert kept(city, second).judged["parts"] == 1
    second.submitted_at = NOW - timedelta(days=31)
    session.flush()
    assert kept(city, ask(city, *cameras[:25])).judged["parts"] == 1


def test_the_parts_of_one_ask_over_several_units_are_counted_before_the_first_is_submitted(city: EvidenceCity) -> None:
    far = city.system(city.school, city.bureau)
    there = [city.camera(far, f"校{at}") for at in range(20)]
    asked = city.asked(*many(city, 21), *there, content=WIDE)
    drafts = draft_requests(city.session, actor=city.officer, asked=asked, now=NOW)
    assert len(drafts) == 2
    for draft in drafts:
        assert "second_approver" in steps(city, hand_in(city, draft))
        assert kept(city, draft).judged["parts"] == 2


def test_open_and_secret_never_tell_of_each_other(city: EvidenceCity) -> None:
    cameras = many(city, 50)
    hidden = {"secret": True, "readers": (city.head.person_id,)}
    first = ask(city, *cameras[:25], **hidden)
    second = ask(city, *cameras[25:])
    assert kept(city, second).judged["parts"] == 1
    third = ask(city, *cameras[25:], **hidden, content=WIDE)
    assert "second_approver" in steps(city, third)
    assert kept(city, third).series_id == kept(city, first).series_id
    assert CASE.case_number not in (kept(city, first).case_key or "")


def test_what_was_judged_is_frozen_in_the_database(city: EvidenceCity, session: Session) -> None:
    request = ask(city, *many(city, 41), content=WIDE)
    for column, value in (("beyond", "false"), ("judged", "'{}'"), ("grave", "true")):
        with pytest.raises(InternalError, match="frozen"), session.begin_nested():
            session.execute(
                text(f"update footage_breadth set {column} = {value} where request_id = :id"), {"id": request.id}
            )
    with pytest.raises(InternalError, match="frozen"), session.begin_nested():
        session.execute(text("update footage_request set necessity = 'x' where id = :id"), {"id": request.id})


def test_two_halves_submitted_at_once_do_not_both_slip_under_the_limit(own_database: Database) -> None:
    """The second waits for the first to be on record, and is then told that both are one."""
    with own_database.transaction() as session:
        city = EvidenceCity(session)
        cameras = many(city, 50)
        halves = []
        for half in (cameras[:25], cameras[25:]):
            (draft,) = draft_requests(session, actor=city.officer, asked=city.asked(*half, content=CASE), now=NOW)
            attach_paper(
                session, actor=city.officer, request_id=draft.id, kind=Paper.RETRIEVAL_NOTICE, title="n.pdf",
                stored_file_id=city.stored_file(), now=NOW,
            )  # fmt: skip
            halves.append(draft.id)
        officer = city.officer

    def hand_in_half(key: UUID) -> str:
        try:
            with own_database.transaction(officer.data_scope) as session:
                submit_request(session, actor=officer, request_id=key, now=NOW)
        except Invalid as refused:
            return refused.problems[0].code
        return "submitted"

    waits = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    with ThreadPoolExecutor(1) as pool:
        with own_database.transaction(officer.data_scope) as session:
            submit_request(session, actor=officer, request_id=halves[0], now=NOW)
            second = pool.submit(hand_in_half, halves[1])
            for _look in range(2000):
                with own_database.transaction() as looking:
                    if second.done() or looking.scalar(waits):
                        break
        assert second.result(timeout=20) == "evidence.necessity_needed"
