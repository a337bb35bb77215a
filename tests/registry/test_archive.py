"""A system's archive through its operations and pages: parties, sites, compliance, connections, plan, what runs out."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Stale
from portal.registry import operations
from portal.registry.models import Site, System, SystemConnection, SystemParty
from portal.registry.operations import compliance, connections, parties, plans, sites
from portal.registry.operations.filings import gaps_of, missing_of
from portal.registry.queries import archive, lock_system
from portal.registry.queries.plans import matched_in, unplanned_cameras
from portal.registry.rules.plans import Built, compare
from portal.registry.states import ConnectionAction
from portal.registry.tasks import remind_expiries
from portal.registry.values import CameraParticulars, PartyRole, StorageKind, SystemKind, SystemParticulars
from portal.registry.values.archive import (
    CertificateKind,
    CertificateParticulars,
    ComplianceParticulars,
    ConnectionParticulars,
    ContactParticulars,
    DispatchMeans,
    ExpiryKind,
    FundingSource,
    MlpsLevel,
    PartyParticulars,
    PlanParticulars,
    SiteKind,
    SiteParticulars,
    Standard,
    TargetPlatform,
)
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, TODAY, WENFENG, World, make_world, post, sign_in

DAY = timedelta(days=1)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_system(session: Session, world: World, **more: Any) -> tuple[Identity, System]:
    unit = more.pop("unit", None) or world.unit(**more.pop("of_unit", {}))
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    stated: dict[str, Any] = {
        "name": "教学区视频监控系统",
        "kind": SystemKind.UNIT_INTERNAL,
        "regime": Regime.PUBLIC_UNIT,
        "district": WENFENG,
        "address": "文峰大道1号",
        "in_use_on": date(2026, 1, 5),
        "retention_days": 90,
        "storage_kind": StorageKind.NVR,
        "parties": {PartyRole.INVESTOR: "第一小学", PartyRole.USER: "第一小学"},
    }
    system = operations.create_system(
        session, actor=filer, unit_id=unit.id, particulars=SystemParticulars(**(stated | more)), now=NOW
    )
    system.use_status = "in_use"
    session.flush()
    session.expire(system)
    return filer, lock_system(session, system.id)


def codes(found: list[Any]) -> set[str]:
    return {item.code for item in found}


def a_party(name: str, start: date | None = None, end: date | None = None) -> PartyParticulars:
    return PartyParticulars(name=name, valid_from=start, valid_to=end)


@pytest.mark.requirement("REG-05")
def test_four_parties_each_for_a_time_and_a_missing_manager_is_told(session: Session, world: World) -> None:
    filer, system = a_system(session, world, funding=FundingSource.FISCAL)
    assert system.funding == "fiscal"

    def lacking() -> set[str]:
        return {
            str(item.data["party"]) for item in missing_of(session, system, now=NOW) if item.code == "party_missing"
        }

    def add(role: PartyRole, particulars: PartyParticulars) -> SystemParty:
        return parties.add_party(session, actor=filer, system_id=system.id, role=role, particulars=particulars, now=NOW)

    assert lacking() == {"builder", "manager"}
    add(PartyRole.BUILDER, a_party("河南安视"))
    first = add(PartyRole.MANAGER, a_party("甲物业", date(2026, 1, 1)))
    assert lacking() == set()
    # Who follows ends the time of who held the role; two at once are refused, by the form and by the database.
    add(PartyRole.MANAGER, a_party("乙物业", date(2026, 6, 1), TODAY - DAY))
    assert first.valid_to == date(2026, 5, 31)
    assert lacking() == {"manager"}
    with pytest.raises(Invalid) as overlap:
        add(PartyRole.MANAGER, a_party("丙物业", date(2026, 5, 1), date(2026, 7, 1)))
    assert overlap.value.problems[0].code == "party_overlaps"
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text(
                "insert into system_party (system_id, role, unit_id, district, name, valid_from) "
                "values (:system, 'manager', :unit, :district, '丁', '2026-06-15')"
            ),
            {"system": system.id, "unit": system.unit_id, "district": WENFENG},
        )
    add(PartyRole.MANAGER, a_party("丙物业", TODAY))
    assert lacking() == set()
    assert system.party_names["manager"] == "丙物业"
    with pytest.raises(Invalid):
        add(PartyRole.USER, PartyParticulars(name="第二小学", uscc="91410500MA0000000X", valid_from=TODAY))


def test_a_contact_is_sealed_and_a_filed_system_names_one_for_any_hour(
    session: Session, world: World, reveals_pass: None
) -> None:
    filer, system = a_system(session, world, of_unit={"duty_phone_masked": None})
    told = [item for item in missing_of(session, system, now=NOW) if item.code == "no_round_the_clock"]
    assert [item.blocking for item in told] == [True]
    with pytest.raises(Invalid):
        _contact(session, filer, system, "12345")
    _contact(session, filer, system, "03725912345")
    (row,) = parties.contacts_of(session, system.id)
    assert (row.phone_masked, "5912345" in row.phone_sealed) == ("037****2345", False)
    assert "no_round_the_clock" not in codes(missing_of(session, system, now=NOW))
    registrar = world.person(Role.REGISTRAR)
    assert parties.reveal_contact(session, actor=registrar, system_id=system.id, place=1, now=NOW) == "03725912345"
    custodian = world.person(Role.UNIT_CUSTODIAN, unit_id=system.unit_id)
    with pytest.raises(NotAllowed):
        parties.reveal_contact(session, actor=custodian, system_id=system.id, place=1, now=NOW)


def _contact(session: Session, actor: Identity, system: System, phone: str) -> None:
    given = ContactParticulars(name="值班室", phone=phone, round_the_clock=True)
    parties.set_contacts(session, actor=actor, system_id=system.id, contacts=[given, None], now=NOW)


@pytest.mark.requirement("REG-13")
def test_a_system_stands_at_a_site_of_its_own_unit(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    other = world.unit()
    at = SiteParticulars(name="东校区", kind=SiteKind.CAMPUS, district=WENFENG, address="东风路2号")
    site = sites.save_site(session, actor=filer, unit_id=system.unit_id, particulars=at, now=NOW)
    with pytest.raises(Invalid):
        sites.save_site(session, actor=filer, unit_id=system.unit_id, particulars=at, now=NOW)
    with pytest.raises(NotFound):
        sites.save_site(session, actor=filer, unit_id=other.id, particulars=at, now=NOW)
    foreign = Site(unit_id=other.id, name="南校区", district=WENFENG, address="南路")
    session.add(foreign)
    session.flush()
    sign_in(client, world.login_of(filer))
    form = {
        "name": system.name, "kind": "unit_internal", "regime": "a7_2", "district": WENFENG, "address": "东风路2号",
        "version": system.version, "retention_days": "90",
    }  # fmt: skip
    assert post(client, f"/systems/{system.id}/edit", form | {"site_id": str(foreign.id)}).status_code == 422
    assert post(client, f"/systems/{system.id}/edit", form | {"site_id": str(site.id)}).status_code == 303
    assert "东校区" in client.get(f"/units/{system.unit_id}").text
    listed = client.get(f"/units/{system.unit_id}/sites").text
    assert "东校区" in listed
    assert f"/systems/{system.id}" in listed
    session.expire_all()
    version = session.get_one(Site, site.id).version
    with pytest.raises(IllegalTransition):
        sites.remove_site(session, actor=filer, unit_id=system.unit_id, site_id=site.id, seen_version=version, now=NOW)
    # Even past the operation no system can name another unit's site.
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("update system set site_id = :site where id = :system"), {"site": foreign.id, "system": system.id}
        )


@pytest.mark.requirement("REG-16")
def test_compliance_is_stated_and_what_is_missing_or_expired_is_told(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    asked = {"no_mlps", "no_standards", "no_certificates"}
    assert asked <= codes(gaps_of(session, system, now=NOW))
    assert all(item.citations for item in gaps_of(session, system, now=NOW) if item.code in asked)
    stated = ComplianceParticulars(
        mlps_level=MlpsLevel.THREE,
        mlps_evaluated_on=TODAY - 400 * DAY,
        mlps_evaluation_to=TODAY - 35 * DAY,
        standards=(Standard.GB_50348, Standard.GB_28181_2022),
    )
    compliance.state_compliance(session, actor=filer, system_id=system.id, seen_version=0, particulars=stated, now=NOW)
    certificate = CertificateParticulars(kind=CertificateKind.CCC, product="网络摄像机", valid_to=TODAY - DAY)
    compliance.save_certificate(session, actor=filer, system_id=system.id, particulars=certificate, now=NOW)
    found = codes(gaps_of(session, system, now=NOW))
    assert not asked & found
    assert {"no_mlps_number", "expired_evaluation", "expired_certificate"} <= found
    assert not any(item.blocking for item in gaps_of(session, system, now=NOW))
    sign_in(client, world.login_of(filer))
    page = client.get(f"/systems/{system.id}/compliance").text
    assert "GB 50348-2018" in page
    assert page.count("已过期") >= 2
    listed = client.get("/expiries?expired=1").text
    assert "网络摄像机" in listed
    assert "已过期" in client.get(f"/units/{system.unit_id}").text
    assert system.name in client.get("/systems?lapsed=1").text
    system.use_status = "dismantled"
    session.flush()
    assert system.name not in client.get("/systems?lapsed=1").text


@pytest.mark.requirement("REG-18")
def test_a_connection_needs_consent_and_a_lawful_purpose(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR)

    def propose(purpose: str, **more: Any) -> SystemConnection:
        wanted = ConnectionParticulars(
            platform=TargetPlatform.POLICE_VIDEO,
            platform_name="安阳市公安视频图像共享平台",
            purpose=purpose,
            dispatch=DispatchMeans.LINE,
            dispatch_centre="文峰分局指挥室",
        )
        return connections.save_connection(
            session, actor=registrar, system_id=system.id, particulars=wanted, now=NOW, **more
        )

    with pytest.raises(Invalid):
        propose("advertising")
    row = propose("public_order")
    with pytest.raises(Invalid):  # one that is under way per platform
        propose("public_order")

    def move(actor: Identity, action: ConnectionAction, reason: str = "") -> None:
        session.flush()
        connections.move_connection(
            session, actor=actor, system_id=system.id, connection_id=row.id, seen_version=row.version,
            action=action, reason=reason, now=NOW,
        )  # fmt: skip

    with pytest.raises(IllegalTransition):  # never without the unit's consent
        move(registrar, ConnectionAction.CONNECT)
    with pytest.raises(NotAllowed):  # which the police cannot give for it
        move(registrar, ConnectionAction.CONSENT)
    session.flush()
    shown = row.version
    propose("road_traffic", connection_id=row.id, seen_version=shown)
    session.flush()
    with pytest.raises(Stale):  # nor to what was put there while the unit was reading
        connections.move_connection(
            session, actor=filer, system_id=system.id, connection_id=row.id, seen_version=shown,
            action=ConnectionAction.CONSENT, now=NOW,
        )  # fmt: skip
    propose("public_order", connection_id=row.id, seen_version=row.version)
    move(filer, ConnectionAction.CONSENT)
    session.flush()
    with pytest.raises(Invalid, match="connection_agreed"):  # nor does it agree to what is written there later
        propose("road_traffic", connection_id=row.id, seen_version=row.version)
    with pytest.raises(NotAllowed):
        move(filer, ConnectionAction.APPROVE)
    move(registrar, ConnectionAction.APPROVE)
    assert not system.networked
    move(registrar, ConnectionAction.CONNECT)
    assert system.networked
    assert "connection_untold" not in codes(gaps_of(session, system, now=NOW))
    assert (row.platform, row.dispatch, row.connected_on) == ("police_video", "line", TODAY)
    with pytest.raises(Invalid):
        move(filer, ConnectionAction.END)
    move(filer, ConnectionAction.END, "撤回同意")  # the unit may take its consent back
    assert not system.networked
    system.networked = True
    session.flush()
    assert "connection_untold" in codes(gaps_of(session, system, now=NOW))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            text("update system_connection set status = 'active', consented_on = null where id = :id"), {"id": row.id}
        )


@pytest.mark.requirement("REG-15")
def test_what_stands_is_compared_with_the_plan(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    unit_id = system.unit_id
    cameras = [
        operations.add_camera(
            session, actor=filer, system_id=system.id,
            particulars=CameraParticulars(name=name, lon=114.39 + number / 1000, lat=36.0976), now=NOW,
        )
        for number, name in enumerate(("南门入口-向北-球机", "南门入口-向南-枪机", "操场-枪机"))
    ]  # fmt: skip

    def plan(place: str, count: int, due: date | None = None) -> UUID:
        wanted = PlanParticulars(place=place, count=count, due_on=due)
        return plans.save_plan_item(session, actor=filer, unit_id=unit_id, particulars=wanted, now=NOW).id

    gate, canteen = plan("南门入口", 2), plan("食堂后厨", 3, TODAY - DAY)

    def match(item: UUID, chosen: list[Any]) -> None:
        plans.match_cameras(
            session, actor=filer, unit_id=unit_id, item_id=item, camera_ids={one.id for one in chosen}, now=NOW
        )

    match(gate, cameras[:2])
    with pytest.raises(Invalid):  # one camera, one item
        match(canteen, cameras[:1])
    _, foreign = a_system(session, world)
    strange = operations.add_camera(
        session, actor=world.person(Role.UNIT_FILER, unit_id=foreign.unit_id), system_id=foreign.id,
        particulars=CameraParticulars(name="别处", lon=114.41, lat=36.09), now=NOW,
    )  # fmt: skip
    with pytest.raises(Invalid):
        match(canteen, [strange])
    rows = {
        row.item.id: row for row in compare(_items(session, unit_id), matched_in(session, filer, unit_id), on=TODAY)
    }
    assert (rows[gate].state, rows[canteen].state, rows[canteen].missing) == (Built.BUILT, Built.OVERDUE, 3)
    unplanned, count = unplanned_cameras(session, filer, unit_id)
    assert ([camera.name for camera in unplanned], count) == (["操场-枪机"], 1)
    sign_in(client, world.login_of(filer))
    page = client.get(f"/units/{unit_id}/plan").text
    assert "操场-枪机" in page
    assert "逾期" in page
    offered = client.get(f"/units/{unit_id}/plan/{canteen}/cameras").text
    assert "操场-枪机" in offered
    assert "南门入口-向北-球机" not in offered


def _items(session: Session, unit_id: UUID) -> Any:
    from portal.registry.queries.plans import plan_of

    return plan_of(session, unit_id)


def test_what_runs_out_is_listed_for_whose_it_is_and_reminded_once(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    _, foreign = a_system(session, world)
    for one, days in ((system, 5), (foreign, 6)):
        actor = world.person(Role.UNIT_FILER, unit_id=one.unit_id)
        wanted = CertificateParticulars(kind=CertificateKind.GA, product="录像机", valid_to=TODAY + days * DAY)
        compliance.save_certificate(session, actor=actor, system_id=one.id, particulars=wanted, now=NOW)
    page = archive.expiry_page(session, filer, archive.ExpiryFilter(), on=TODAY)
    assert [(each.kind, each.system_id) for each in page.items] == [(ExpiryKind.CERTIFICATE, system.id)]
    registrar = world.person(Role.REGISTRAR)
    assert len(archive.expiry_page(session, registrar, archive.ExpiryFilter(), on=TODAY).items) == 2
    stranger = world.person(Role.REGISTRAR, organ=world.branches["410503"])
    assert not archive.expiry_page(session, stranger, archive.ExpiryFilter(), on=TODAY).items
    for _ in range(2):
        remind_expiries(session, now=NOW)
    mine = session.query(Notice).filter_by(person_id=filer.person_id, kind="registry.expiry").all()
    assert [(notice.subject_id, notice.occasion.split(":")[0]) for notice in mine] == [(system.id, "certificate")]


def test_a_form_refused_keeps_what_was_typed_and_names_the_field(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    url = f"/systems/{system.id}/parties/new/manager"
    refused = post(client, url, {"name": "甲物业", "valid_from": "2026-05-01", "valid_to": "2026-04-01"})
    assert refused.status_code == 422
    assert "截止日期早于起始日期" in refused.text
    assert 'value="甲物业"' in refused.text
    # Everything at once: a field's own fault keeps back none of those that the rules find.
    refused = post(client, url, {"name": "", "valid_from": "2026-05-01", "valid_to": "2026-04-01", "uscc": "9141"})
    assert all(f'id="{name}-error"' in refused.text for name in ("name", "uscc", "valid_to"))
    assert post(client, url, {"name": "甲物业", "valid_from": "2026-05-01"}).status_code == 303
    assert "甲物业" in client.get(f"/systems/{system.id}/parties").text
