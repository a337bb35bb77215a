"""Footage that is not there: gaps found at the seal, findings with who answers for them; and how cameras are recorded."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.desk.queries.missing import missing_waiting
from portal.evidence.models import MissingFootage, RecordingSetting
from portal.evidence.operations import book_outcome, refuse_supply, register_file, seal_set
from portal.evidence.operations.missing import close_missing, state_missing
from portal.evidence.operations.recording import set_recording
from portal.evidence.queries.asks import supply_of
from portal.evidence.queries.missing import completeness_of, get_missing, missing_of, missing_page
from portal.evidence.queries.recording import recordings_of
from portal.evidence.rules.overwriting import was_owed
from portal.evidence.rules.recording import ImageFloor, RecordingFault, recording_faults
from portal.evidence.states import MissingStatus
from portal.evidence.values import Outcome
from portal.evidence.values.missing import Consequence, MissingCause
from portal.evidence.values.overwriting import KeptBy, Said
from portal.evidence.values.recording import RecordingMode
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_views import at, page
from tests.people import post
from tests.support.world import NOW

MINUTE = timedelta(minutes=1)


def refused(city: EvidenceCity, outcome: Outcome = Outcome.OVERWRITTEN) -> MissingFootage:
    """A notice that the unit answers with nothing."""
    request = city.approved()
    refuse_supply(
        city.session, actor=city.security, request_id=request.id, outcome=outcome, reason="硬盘更换后被覆盖", now=NOW
    )
    (found,) = missing_of(city.session, request.id)
    return found


@pytest.mark.requirement("EVI-17", "RET-08")
def test_a_sealed_set_says_what_it_does_not_hold(session: Session, city: EvidenceCity) -> None:
    other, third = (city.camera(city.system(city.college, city.bureau), name) for name in ("西门", "北门"))
    request = city.assigned(camera_ids=(city.gate.id, other.id, third.id))
    city.unlock(request)
    begins, ends = request.span_from, request.span_to
    pieces = [(begins, begins + 20 * MINUTE), (begins + 20 * MINUTE + timedelta(seconds=4), begins + 40 * MINUTE)]
    for number, (start, stop) in enumerate(pieces):
        part = city.file(name=f"{number}.dav", sha256=f"{number:064x}", span_from=start, span_to=stop)
        register_file(session, actor=city.custodian, request_id=request.id, file=part, now=NOW)
    whole = city.file(camera_id=other.id, name="w.dav", sha256="b" * 64)
    register_file(session, actor=city.custodian, request_id=request.id, file=whole, now=NOW)
    book_outcome(
        session,
        actor=city.custodian,
        request_id=request.id,
        camera_id=third.id,
        outcome=Outcome.DISTORTED,
        note="画面花屏",
        now=NOW,
    )
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW)
    said = completeness_of(session, request.id)
    assert said is not None
    # The four seconds between two files are none; the last twenty minutes are.
    assert [(one["camera"], one["from"], one["to"]) for one in said.gaps] == [
        ("东门", (begins + 40 * MINUTE).isoformat(), ends.isoformat())
    ]
    assert said.stated_name == city.custodian.name
    duty = supply_of(session, request.id)  # the unit's statement on its supply is the same reckoning
    assert duty is not None
    assert [(one["label"], one["begins"], one["ends"]) for one in duty.gaps] == [
        (one["camera"], one["from"], one["to"]) for one in said.gaps
    ]
    found = {one.label: one for one in missing_of(session, request.id)}
    assert {label: one.cause for label, one in found.items()} == {"北门": "distorted", "东门": "gap"}
    assert (found["东门"].span_from, found["东门"].span_to) == (begins + 40 * MINUTE, ends)
    assert sorted(one.number for one in found.values()) == [f"{request.number}-Q01", f"{request.number}-Q02"]
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_completeness set gaps = '[]'"))


def test_a_set_without_a_gap_says_so(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    said = completeness_of(session, request.id)
    assert said is not None
    assert said.gaps == []
    assert missing_of(session, request.id) == []


@pytest.mark.requirement("RET-08")
def test_missing_footage_is_explained_by_the_unit_and_closed_by_another(session: Session, city: EvidenceCity) -> None:
    found = refused(city)
    assert (found.cause, found.was_owed, found.held, found.note) == ("overwritten", True, True, "硬盘更换后被覆盖")
    assert [line.kind for line in missing_waiting(session, city.custodian, most=9)] == ["missing_state"]
    given: dict[str, Any] = {"missing_id": found.id, "now": NOW}
    ending = {"consequence": Consequence.DISCIPLINED, "result": "通报批评，更换硬盘"}
    with pytest.raises(IllegalTransition):
        close_missing(session, actor=city.head, **ending, **given)
    with pytest.raises(Invalid):
        state_missing(session, actor=city.custodian, responsible="陈工", statement=" ", **given)
    with pytest.raises(NotAllowed):
        state_missing(session, actor=city.head, responsible="x", statement="y", **given)
    state_missing(session, actor=city.custodian, responsible="陈工", statement="换盘时未备份", **given)
    assert missing_waiting(session, city.custodian, most=9) == []
    assert [line.kind for line in missing_waiting(session, city.head, most=9)] == ["missing_close"]
    # The unit does not close what an organ holds against it, and nobody closes what they stated.
    with pytest.raises(NotAllowed, match="own_statement"):
        close_missing(session, actor=city.security, **ending, **given)
    with pytest.raises(DBAPIError, match="closed_by_another"), session.begin_nested():
        session.execute(
            text(
                "update footage_missing set status = 'closed', consequence = 'none', closed_at = now(), closed_by = stated_by"
            )
        )
    close_missing(session, actor=city.head, **ending, **given)
    assert (found.status, found.closed_by) == (MissingStatus.CLOSED, city.head.person_id)
    with pytest.raises(IllegalTransition):
        state_missing(session, actor=city.custodian, responsible="陈工", statement="改口", **given)


def test_findings_go_where_their_requests_go(session: Session, city: EvidenceCity) -> None:
    found = refused(city, Outcome.DEVICE_DOWN)
    seen = {
        name: [row.id for row in missing_page(session, who).items] == [found.id]
        for name, who in {
            "unit": city.security,
            "head": city.head,
            "far": city.far_officer,
            "school": city.school_head,
        }.items()
    }
    assert seen == {"unit": True, "head": True, "far": False, "school": False}
    assert missing_page(session, city.head, cause=MissingCause.GAP).items == []
    with pytest.raises(NotFound):
        get_missing(session, city.far_officer, found.id)


def test_a_refusal_is_no_missing_footage(session: Session, city: EvidenceCity) -> None:
    request = city.approved()
    refuse_supply(session, actor=city.security, request_id=request.id, outcome=Outcome.REFUSED, reason="拒绝", now=NOW)
    assert missing_of(session, request.id) == []


@given(st.integers(0, 90), st.integers(-50, 50), st.booleans(), st.booleans())
def test_what_was_owed(required: int, past: int, overwritten: bool, held: bool) -> None:
    end = NOW - timedelta(days=required) - past * HOUR
    owed = was_owed(end, required, overwritten=overwritten, held=held, now=NOW)
    assert owed == (held or (past < 0 if overwritten else required > 0))


# ---- how cameras are recorded ----

FLOOR = ImageFloor(width=352, height=288, live_lines=380, playback_lines=240)


@pytest.mark.requirement("RET-02", "RET-06")
@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"mode": None}, []),
        ({"mode": RecordingMode.ON_MOTION}, [RecordingFault.NOT_REAL_TIME]),
        ({"mode": RecordingMode.SCHEDULED, "real_time": False}, []),
        ({"resolution": "320×240"}, [RecordingFault.LOW_RESOLUTION]),
        ({"resolution": "288x352"}, []),
        ({"resolution": "379TVL"}, [RecordingFault.LOW_RESOLUTION]),
        ({"resolution": "380线"}, []),
        ({"picture": (352, 240)}, [RecordingFault.LOW_RESOLUTION]),
        ({"resolution": "", "picture": None}, []),
        ({"said": [Said(KeptBy.ON_FILE, 29), Said(KeptBy.REQUIRED, 30, counts=False)]}, [RecordingFault.SHORT]),
    ],
)
def test_what_falls_short(changes: dict[str, Any], faults: list[RecordingFault]) -> None:
    whole: dict[str, Any] = {
        "said": [Said(KeptBy.ON_FILE, 30), Said(KeptBy.REQUIRED, 30, counts=False)],
        "mode": RecordingMode.CONTINUOUS,
        "real_time": True,
        "resolution": "1920×1080",
        "picture": (1920, 1080),
        "floor": FLOOR,
    } | changes
    said = whole.pop("said")
    assert recording_faults(said, **whole) == faults


@pytest.mark.requirement("RET-02", "RET-06")
def test_a_schools_cameras_are_judged_by_its_own_text(session: Session, city: EvidenceCity) -> None:
    school = city.unit("灌南县实验中学", unit_type="school", house_profiles=["guannan-schools"])
    system = city.system(school, city.bureau)
    bad, good = city.camera(system, "后门"), city.camera(system, "前门")
    bad.resolution, good.resolution = "320×240", "1920×1080"
    head = city.person("guannan", city.school_head.memberships[0].role, unit=school)
    set_recording(
        session,
        actor=head,
        camera_id=bad.id,
        mode=RecordingMode.ON_MOTION,
        retention_days=7,
        hours="",
        whole_system=False,
        now=NOW,
    )
    with pytest.raises((NotAllowed, NotFound)):
        set_recording(
            session,
            actor=city.school_head,
            camera_id=bad.id,
            mode=RecordingMode.CONTINUOUS,
            retention_days=90,
            hours="",
            whole_system=False,
            now=NOW,
        )
    session.refresh(system, ["unit"])
    faults = {row.camera.name: set(row.faults) for row in recordings_of(session, system, [bad, good], on=NOW.date())}
    assert faults == {"后门": set(RecordingFault), "前门": set()}
    count = set_recording(
        session,
        actor=head,
        camera_id=good.id,
        mode=RecordingMode.CONTINUOUS,
        retention_days=30,
        hours="",
        whole_system=True,
        now=NOW,
    )
    assert (count, len(session.scalars(select(RecordingSetting)).all())) == (2, 2)


@pytest.mark.requirement("RET-08", "RET-02", "RET-06")
def test_the_pages_of_findings_and_recording(client: FlaskClient, city: EvidenceCity) -> None:
    found = refused(city)
    city.gate.resolution = "320×240"
    city.session.flush()
    at(client, "custodian")
    assert found.number in page(client, "/evidence/missing?cause=overwritten")
    assert found.number not in page(client, "/evidence/missing?status=closed")
    address = f"/evidence/missing/{found.id}"
    assert "硬盘更换后被覆盖" in page(client, address)
    assert post(client, f"{address}/state", {"responsible": "陈工", "statement": ""}).status_code == 422
    assert post(client, f"{address}/state", {"responsible": "陈工", "statement": "换盘时未备份"}).status_code == 303
    at(client, "head")
    assert post(client, f"{address}/close", {"consequence": "instructed", "result": "整改完成"}).status_code == 303
    closed = page(client, address)
    assert "换盘时未备份" in closed
    assert "整改完成" in closed
    assert client.get(f"{address}/finding.pdf").data.startswith(b"%PDF")
    at(client, "security")
    setting = f"/evidence/cameras/{city.gate.id}/recording"
    page(client, setting)
    assert post(client, setting, {"mode": "on_motion", "retention_days": "99999"}).status_code == 422
    assert post(client, setting, {"mode": "on_motion", "retention_days": "7"}).status_code == 303
    assert "短于规定" in page(client, f"/cameras/{city.gate.id}")
    assert "东门" in page(client, f"/evidence/systems/{city.gate.system_id}/recording?fault=short")
