"""The city in a real database: complete in one transaction, checked by the features' own rules."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Division, Membership, Organ, PostDelegation
from portal.accounts.operations import sign_in
from portal.accounts.values import OrganKind, Post, Role
from portal.audit.models import AuditStage
from portal.core.clock import city_day
from portal.core.codes import device_code_problem, uscc_problem
from portal.core.crypto import row_context
from portal.core.scope import EVERYTHING
from portal.core.services import services
from portal.demo.cast import DEMO, cast_of
from portal.demo.files import LAPSES
from portal.demo.loading import NotEmpty, Wishes, load_city
from portal.demo.plan import Behaviour, device_plan
from portal.evidence.models import EquipmentUse, FootageRequest, PreservationHold
from portal.evidence.states import HoldStatus, RequestStatus
from portal.inspection.models import Acceptance, AcceptanceClock, PublishedResult, Visit
from portal.inspection.states import AcceptanceStatus
from portal.reachability.models import ProbeTarget
from portal.reachability.operations.targets import reconcile_targets
from portal.registry.models import (
    Camera,
    CameraAccess,
    Filing,
    FilingNumber,
    FilingRevision,
    PlaceReview,
    RowHistory,
    System,
    SystemZone,
    TipOff,
    Unit,
)
from portal.registry.operations import mark_twins, recheck_all
from portal.registry.operations.filings import frozen_content, next_number
from portal.registry.queries import lock_system
from portal.registry.queries.zones import zones_of
from portal.registry.rules.zones import state_of
from portal.registry.states import FilingStatus, ReviewStatus, TipStatus, UseStatus
from portal.registry.values.zones import ReviewKind, TipCategory
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.states import RunStatus
from tests.support.city import CAMERAS, SEED
from tests.support.database import database_for

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WISHES = Wishes(cameras=CAMERAS, seed=SEED)


@pytest.fixture(scope="module")
def city(services, loaded_city, worker_name, worker_number, tmp_path_factory) -> Iterator:
    """A copy of the city, for this module alone."""
    name = f"test_{worker_name}_city"
    database = database_for(loaded_city.copy(services, name, tmp_path_factory.mktemp("city"), broker=worker_number))
    yield database
    database.dispose()
    services.drop(name)


@pytest.fixture(scope="module")
def now(loaded_city) -> datetime:
    """The moment of the load."""
    return loaded_city.now


@pytest.fixture
def session(city) -> Iterator[Session]:
    with city.session(EVERYTHING) as made:
        yield made
        made.rollback()


def test_what_was_taken_off_for_the_load_is_back_as_it_was(loaded_city):
    assert loaded_city.before
    assert loaded_city.after == loaded_city.before


def test_a_second_load_changes_nothing(city, session):
    before = session.scalar(select(func.count()).select_from(Camera))
    again = load_city(city, WISHES, now=NOW)
    assert again.already
    assert session.scalar(select(func.count()).select_from(Camera)) == before


def test_a_registry_with_other_units_is_left_alone(own_database):
    with own_database.transaction() as session:
        session.info["audited"] = True
        session.execute(
            text("insert into division values ('410502','文峰区','Wenfeng','district',null,"
                 "st_multi(st_makeenvelope(114,36,115,37,4326)))")
        )  # fmt: skip
        session.execute(
            text("insert into unit (id, name, unit_type, district, address, created_at, updated_at, version) "
                 "values (gen_random_uuid(), '某单位', 'school', '410502', '', now(), now(), 1)")
        )  # fmt: skip
    with pytest.raises(NotEmpty):
        load_city(own_database, WISHES, now=NOW)
    with own_database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Organ)) == 0


def test_the_number_of_cameras_asked_for_is_there_each_in_its_district(session):
    assert session.scalar(select(func.count()).select_from(Camera)) == WISHES.cameras
    outside = session.scalar(
        select(func.count())
        .select_from(Camera)
        .join(Division, Division.code == Camera.district)
        .where(~Division.outline.ST_Covers(Camera.position))
    )
    assert outside == 0


def test_codes_hold_against_the_registrys_own_checks(session):
    for code in session.scalars(select(Camera.gb_code).where(Camera.passes)):
        assert device_code_problem(code, city_code="410500") is None
    for code in session.scalars(select(Unit.uscc)):
        assert uscc_problem(code) is None


def test_the_heap_lies_in_spatial_order(session):
    """Neighbours on disk are neighbours on the map: what makes tiles cheap at a million."""
    jump, anywhere = session.execute(
        text(
            "with c as (select position, lag(position) over (order by ctid) as before,"
            " first_value(position) over (order by md5(id::text)) as other from camera)"
            " select avg(st_distance(position, before)), avg(st_distance(position, other)) from c"
        )
    ).one()
    # The few cameras that stories moved or changed since lie where their last version was written.
    assert jump < anywhere / 8


def test_every_filing_state_and_use_state_occurs(session):
    found = set(session.scalars(select(Filing.status).distinct()))
    assert found == set(FilingStatus)
    assert set(session.scalars(select(System.use_status).distinct())) >= {
        UseStatus.TRIAL, UseStatus.AWAITING_ACCEPTANCE, UseStatus.IN_USE, UseStatus.PLANNED,
    }  # fmt: skip


def test_acceptances_stand_in_every_state_and_some_are_published(session, now):
    assert set(session.scalars(select(Acceptance.status).distinct())) == set(AcceptanceStatus)
    published = session.scalars(select(PublishedResult)).all()
    assert {row.result for row in published} >= {AcceptanceStatus.PASSED, AcceptanceStatus.FAILED}
    assert any(row.grade for row in published)
    assert session.scalar(select(func.count()).select_from(Visit).where(Visit.starts_at > now)) == 1


def test_every_acceptance_has_the_time_limits_that_ran_for_it(session):
    rows = session.execute(
        select(Acceptance.status, Acceptance.due_on, AcceptanceClock)
        .outerjoin(AcceptanceClock, AcceptanceClock.acceptance_id == Acceptance.id)
        .where(~Acceptance.reinspection)
    ).all()
    assert all(clock is not None for _, _, clock in rows)
    running = {
        status: {clock.kind for one, _, clock in rows if one == status and clock.ended_on is None}
        for status in AcceptanceStatus
    }
    assert running == {
        status: {"requested": {"review"}, "checked": {"decision"}, "scheduled": {"decision"}}.get(status, set())
        for status in AcceptanceStatus
    }
    for _, due, clock in rows:
        assert clock.why is None or clock.why["due"] == clock.due_on.isoformat()
        assert clock.ended_on is not None or due == clock.due_on
        if clock.due_on is not None and clock.ended_on is not None:
            assert clock.late_days == max(0, (clock.ended_on - clock.due_on).days)
    assert any(clock.late_days for *_, clock in rows), "some limits were missed, as in life"


def test_zones_reviews_and_tip_offs_stand_in_every_state(session):
    assert set(session.scalars(select(PlaceReview.status))) == {str(one) for one in ReviewStatus if one != "mask_asked"}
    assert set(session.scalars(select(PlaceReview.kind))) == {str(one) for one in ReviewKind}
    assert set(session.scalars(select(TipOff.status))) == {str(one) for one in TipStatus}
    assert set(session.scalars(select(TipOff.category))) == {str(one) for one in TipCategory}
    campus = session.scalars(
        select(System).join(SystemZone, SystemZone.system_id == System.id).where(SystemZone.name != "")
    ).one()
    shown = {str(state_of(zone.facts)) for zone in zones_of(session, campus.id)}
    assert {"covered", "partial", "absent", "gap"} <= shown


def test_footage_requests_stand_in_every_state_a_chain_without_a_time_limit_can_reach(session):
    found = set(session.scalars(select(FootageRequest.status).distinct()))
    assert found == set(RequestStatus) - {RequestStatus.LAPSED}
    assert set(session.scalars(select(PreservationHold.status).distinct())) >= {
        HoldStatus.PLACED, HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASED,
    }  # fmt: skip
    assert session.scalar(select(func.count()).select_from(FootageRequest).where(FootageRequest.secret)) == 1


def test_whoever_tries_a_role_finds_something_to_sign(session, now):
    """Every post of the four unit regulations' chains and the principals, a stand-in at work, void approvals."""
    waits = set(session.scalars(select(ApprovalRun.awaits_post).where(ApprovalRun.status == RunStatus.RUNNING)))
    assert waits >= {
        "department_head", "public_order_leader", "security_director", "school_leader_safety", "unit_principal",
        "public_order_section_chief", "police_office_head", "logistics_deputy_security", "logistics_deputy_canteen",
        "resident_unit_head", "logistics_deputy", "logistics_director", "centre_deputy_director", "centre_principal",
    }  # fmt: skip
    lent = session.scalars(select(PostDelegation)).all()
    assert {row.state(city_day(now)) for row in lent} == {"planned", "running", "over", "revoked"}
    behalf = select(ApprovalRun.status).join(ApprovalDecision).where(ApprovalDecision.behalf_id.is_not(None))
    assert set(session.scalars(behalf)) >= {RunStatus.RUNNING, RunStatus.CLEARED}
    void = select(ApprovalRun.status).join(ApprovalDecision).where(ApprovalDecision.verdict == "approve")
    assert set(session.scalars(void)) >= {RunStatus.RETURNED, RunStatus.WITHDRAWN}
    ends = session.scalars(select(EquipmentUse.planned_to).where(EquipmentUse.status == "asked")).all()
    assert ends
    assert min(ends) > now


def test_the_stories_are_recorded_in_the_order_they_happened(session, now):
    moments = session.scalars(select(AuditStage.at).order_by(AuditStage.id)).all()
    acted = [moment for moment in moments if moment < now]
    assert len(acted) > 150
    later = sum(1 for one, other in pairwise(acted) if other < one - timedelta(hours=2))
    assert later == 0


def test_filings_carry_a_due_day_with_its_working_and_some_are_overdue(session, now):
    rows = session.execute(select(Filing.due_on, Filing.due_why).where(Filing.due_on.is_not(None))).all()
    assert rows
    for due, why in rows:
        assert why["due"] == due.isoformat()
        assert why["citations"]
    overdue = select(func.count()).where(
        Filing.status.in_(["draft", "returned", "submitted"]), Filing.due_on < city_day(now)
    )
    assert session.scalar(overdue) > 0


def test_frozen_content_is_what_the_operation_would_freeze(session):
    changed = select(Camera.system_id).join(RowHistory, RowHistory.row_id == Camera.id)
    filings = session.scalars(
        select(Filing)
        .join(FilingRevision, FilingRevision.filing_id == Filing.id)
        .where(FilingRevision.submitted_by.is_(None))  # the bulk: a story's filing went through the operation itself
        .where(Filing.system_id.not_in(changed))  # what was moved or put right since reads otherwise by now
        .order_by(func.md5(func.cast(Filing.id, Filing.number.type)))
        .limit(25)
    ).all()
    assert len(filings) == 25
    with_cameras = 0
    for filing in filings:
        kept = session.scalars(select(FilingRevision).where(FilingRevision.filing_id == filing.id)).one()
        assert kept.content == frozen_content(session, filing, lock_system(session, filing.system_id))
        with_cameras += bool(json.loads(kept.content)["cameras"])
    assert with_cameras > 15


def test_numbers_run_without_gaps_and_the_next_one_follows(session):
    for organ_id, year, last in session.execute(select(FilingNumber.organ_id, FilingNumber.year, FilingNumber.last)):
        numbers = session.scalars(
            # A change keeps the number of its record, with a mark.
            select(Filing.number).where(
                Filing.organ_id == organ_id, Filing.number.like(f"%-{year}-%"), Filing.edition == 1
            )
        ).all()
        assert sorted(int(number.rsplit("-", 1)[1]) for number in numbers) == list(range(1, last + 1))
    busiest = session.execute(
        select(FilingNumber.organ_id, FilingNumber.last)
        .where(FilingNumber.year == 2025)
        .order_by(FilingNumber.last.desc())
    ).first()
    assert next_number(session, busiest[0], now=datetime(2025, 12, 1, tzinfo=UTC)).endswith(f"{busiest[1] + 1:06d}")


def test_devices_are_registered_with_the_password_their_unit_believes(session):
    devices = {device.address: device for device in device_plan(WISHES.seed, WISHES.devices)}
    rows = session.scalars(select(CameraAccess).where(CameraAccess.host != "")).all()
    assert len(rows) > 40
    assert {device.address for device in device_plan(WISHES.seed, 40)} <= {row.host for row in rows} <= set(devices)
    for row in rows:
        sealed = services(session).envelope.open(
            row.credentials_sealed, context=row_context("camera_access", "credentials_sealed", row.camera_id)
        )
        device = devices[row.host]
        assert json.loads(sealed) == {"user": device.username, "password": device.registered_password}
        assert (row.onvif_port is None) == (device.behaviour is Behaviour.RTSP_ONLY)


def test_telephone_numbers_are_sealed(session):
    unit = session.scalars(select(Unit).where(Unit.contact_phone_sealed.is_not(None)).limit(1)).one()
    context = row_context("unit", "contact_phone_sealed", unit.id)
    assert services(session).envelope.open(unit.contact_phone_sealed, context=context).decode().startswith("154")
    assert "154" not in unit.contact_phone_sealed


def test_everybody_can_sign_in_at_once(session, now, hashed_as_served):
    for person in list(cast_of(DEMO).people)[::9]:
        signed = sign_in(
            session,
            login=person.login,
            password=cast_of(DEMO).password,
            totp="",
            address="127.0.0.9",
            agent="test",
            request_id="",
            lifetime=timedelta(hours=1),
            now=now,
        )
        assert signed.problem is None, person.login
    assert session.scalar(select(func.count()).select_from(Account).where(Account.must_change)) == 0


def test_every_role_and_every_post_has_somebody(session):
    assert set(session.scalars(select(Membership.role))) == set(Role)
    posts = set(session.scalars(select(Membership.post).where(Membership.post.is_not(None))))
    assert posts >= set(Post) - {Post.UNIT_SECURITY_HEAD}


def test_stations_cut_their_branch_into_areas(session):
    stations = session.scalars(select(Organ).where(Organ.kind == OrganKind.POLICE_STATION)).all()
    assert len(stations) > 80
    covered = session.scalar(
        select(func.sum(func.ST_Area(Organ.jurisdiction))).where(Organ.kind == OrganKind.POLICE_STATION)
    )
    whole = session.scalar(select(func.sum(func.ST_Area(Division.outline))).where(Division.level == "district"))
    assert covered == pytest.approx(whole, rel=1e-6)


def test_every_file_is_judged_as_the_registry_judges_it(city, session, now):
    """Nothing is left to a job after the load, and twins are marked on both sides."""
    assert recheck_all(city, now=now) == 0
    judged = select(func.count()).where(Camera.status != "dismantled")
    assert session.scalar(judged.where(Camera.fault_keys.is_(None))) == 0
    rate = session.scalar(judged.where(Camera.passes)) / session.scalar(judged)
    assert 0.75 < rate < 0.97
    marked = dict(session.execute(select(Camera.id, Camera.fault_keys)).all())
    mark_twins(session)
    session.expire_all()
    assert dict(session.execute(select(Camera.id, Camera.fault_keys)).all()) == marked


def test_every_kind_of_fault_shows_somewhere(session):
    found = set(session.scalars(select(func.unnest(Camera.fault_keys)).distinct()))
    assert found >= {lapse.key for lapse in LAPSES}


def test_the_past_of_cameras_systems_and_units_is_told_with_reasons(session):
    rows = session.execute(select(RowHistory.kind, RowHistory.reason, RowHistory.actor_name)).all()
    told = {kind for kind, reason, actor in rows if reason and actor}
    assert told == {"camera", "system", "unit"}
    longest = session.scalars(
        select(func.count()).select_from(RowHistory).where(RowHistory.kind == "camera").group_by(RowHistory.row_id)
    ).all()
    assert max(longest) >= 4


def test_a_networked_camera_that_answers_nowhere_is_on_record_with_its_network_card(city, session, now):
    cards = session.scalars(select(CameraAccess).where(CameraAccess.host == "")).all()
    assert cards
    assert all(card.mac and card.credentials_sealed is None for card in cards)
    with city.transaction() as other:
        reconcile_targets(other, now=now)
        probed = set(other.scalars(select(ProbeTarget.camera_id)))
        other.rollback()
    assert probed
    assert probed.isdisjoint({card.camera_id for card in cards})
