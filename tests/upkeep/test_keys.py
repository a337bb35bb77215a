"""DPW-04, DPW-05, DPW-09: dedicated accounts and the list of operators at the opening of footage, where it is tried."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import dedicate_account
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, allows, may_ever
from portal.accounts.policy.purposes import PLAYBACK
from portal.accounts.values import AccountPurpose, Identity, Role, Scope
from portal.audit.models import AuditStage
from portal.core.errors import Invalid, NotAllowed
from portal.desk.queries import todos
from portal.evidence.models import FootageRequest
from portal.evidence.operations import assign_custodian, unlock_footage
from portal.evidence.operations.keys import OPENED_UNLISTED
from portal.evidence.queries.people import custodians_of
from portal.registry.models import Operator
from portal.upkeep.operations import operators as listing
from portal.upkeep.queries import operators as queries
from portal.upkeep.values import OperatorDraft
from tests.evidence.city import EvidenceCity
from tests.support.booked import DAY, TODAY
from tests.support.world import NOW, PASSWORD


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


def admin(city: EvidenceCity) -> Identity:
    if "secadmin" not in city.accounts:
        city.person("secadmin", Role.SECURITY_ADMIN, organ=city.bureau)
    return city.who("secadmin")


def dedicate(city: EvidenceCity, login: str, purpose: AccountPurpose, *zones: str) -> Identity:
    dedicate_account(
        city.session, actor=admin(city), account_id=city.accounts[login].id, purpose=purpose, zones=zones,
        reason="专人专用", now=NOW,
    )  # fmt: skip
    return city.who(login)


def opened(city: EvidenceCity, request: FootageRequest, who: Identity, second: str = "second") -> Any:
    return unlock_footage(
        city.session, actor=who, request_id=request.id, second_login=second, second_password=PASSWORD, second_totp="",
        workstation="监控室2号机", no_phone_notice=True, now=NOW,
    )  # fmt: skip


def assigned(city: EvidenceCity) -> FootageRequest:
    request = city.approved()
    assign_custodian(
        city.session, actor=city.security, request_id=request.id, custodian_id=city.custodian.person_id, now=NOW
    )
    return request


def listed(city: EvidenceCity, *people: Identity, **changes: Any) -> list[Operator]:
    return [
        listing.appoint(
            city.session, actor=city.security, unit_id=city.college.id, now=NOW,
            draft=OperatorDraft(**{
                "person_id": who.person_id, "professional": False, "appointed_on": TODAY - 30 * DAY, "trained_on": None,
                "pledged_on": None, **changes,
            }),
        )
        for who in people
    ]  # fmt: skip


@pytest.mark.requirement("DPW-05")
def test_an_inspection_account_plays_nothing_back(city: EvidenceCity) -> None:
    request = assigned(city)
    who = dedicate(city, "custodian", AccountPurpose.INSPECTION)
    scope = Scope(unit_ids=frozenset({city.college.id}), districts=frozenset({city.college.district}))
    assert not any(allows(who, one, scope) or may_ever(who, one) for one in PLAYBACK)
    assert allows(who, Permission.SYSTEM_READ, scope)
    with pytest.raises(NotAllowed):
        opened(city, request, who)
    assert who.person_id not in dict(custodians_of(city.session, city.college.id, today=TODAY))
    dedicate(city, "custodian", AccountPurpose.GENERAL)
    dedicate(city, "second", AccountPurpose.INSPECTION)
    with pytest.raises(Invalid) as refusal:
        opened(city, request, city.who("custodian"))
    assert refusal.value.problems[0].code == "evidence.key_inspection"


@pytest.mark.requirement("DPW-04")
def test_a_viewing_account_opens_its_zones_and_nothing_else(city: EvidenceCity) -> None:
    city.gate.zone = "gates"
    request = assigned(city)
    for zones in (("kitchen",), ("gates_of_others", "b")):
        with pytest.raises(NotAllowed, match="key_zone"):
            opened(city, request, dedicate(city, "custodian", AccountPurpose.VIEWING, *zones))
    who = dedicate(city, "custodian", AccountPurpose.VIEWING, "gates")
    dedicate(city, "second", AccountPurpose.VIEWING, "kitchen")
    with pytest.raises(Invalid) as refusal:
        opened(city, request, who)
    assert refusal.value.problems[0].code == "evidence.key_zone"
    dedicate(city, "second", AccountPurpose.VIEWING, "gates")
    assert opened(city, request, who).executor_id == who.person_id
    scope = Scope(unit_ids=frozenset({city.college.id}))
    for barred in (Permission.TICKET_ASK, Permission.REQUEST_DRAFT, Permission.REQUEST_ACKNOWLEDGE):
        assert Role.UNIT_CUSTODIAN in GRANTS[barred]
        assert not allows(who, barred, scope)


@pytest.mark.requirement("DPW-04")
def test_an_approval_zone_stands_for_its_zones(city: EvidenceCity) -> None:
    """Under the administrative centre's rules a gate belongs to zone a; a camera without a zone counts as its rules say."""
    from portal.evidence.operations.keys import _in_zones
    from portal.registry.rules import rules_for

    named = {cited.zone.approval_zone: cited.zone.key for cited in rules_for(city.centre, None, on=TODAY).zones()}
    camera = city.camera(city.centre_system, "大门", zone=named["a"])
    key = city.person("centrekey", Role.UNIT_CUSTODIAN, unit=city.centre)
    request = FootageRequest(unit=city.centre)
    from portal.evidence.models import RequestCamera

    request.cameras = [RequestCamera(camera_id=camera.id, place=1)]
    for zones, opens in ((("a",), True), (("b",), False), ((named["a"],), True), (("a", "b"), True)):
        who = dedicate(city, "centrekey", AccountPurpose.VIEWING, *zones)
        assert _in_zones(city.session, who, request, now=NOW) is opens
    city.session.expunge(request) if request in city.session else None
    assert key.purpose is AccountPurpose.GENERAL


@pytest.mark.requirement("DPW-04", "DPW-05")
def test_the_security_administrator_sets_a_purpose_and_never_their_own(city: EvidenceCity) -> None:
    account = city.accounts["custodian"].id
    given = {"purpose": AccountPurpose.VIEWING, "zones": ("gates",), "reason": "查阅专用", "now": NOW}
    for who in (city.security, city.auditor):
        with pytest.raises(NotAllowed):
            dedicate_account(city.session, actor=who, account_id=account, **given)
    for wrong, field in (
        ({"zones": ()}, "zones"),
        ({"purpose": AccountPurpose.INSPECTION}, "zones"),
        ({"reason": ""}, "reason"),
    ):
        with pytest.raises(Invalid) as refusal:
            dedicate_account(city.session, actor=admin(city), account_id=account, **{**given, **wrong})
        assert refusal.value.problems[-1].field == field
    with pytest.raises(Invalid):
        dedicate_account(city.session, actor=admin(city), account_id=city.accounts["secadmin"].id, **given)


@pytest.mark.requirement("DPW-09")
def test_only_listed_operators_hold_a_key_once_there_is_a_list(city: EvidenceCity) -> None:
    request = assigned(city)
    (mine,) = listed(city, city.custodian)
    with pytest.raises(Invalid) as refusal:
        opened(city, request, city.custodian)
    assert (refusal.value.problems[0].field, refusal.value.problems[0].code) == (
        "second_login",
        "evidence.key_unlisted",
    )
    listed(city, city.second, appointed_on=TODAY + 0 * DAY)
    assert opened(city, request, city.custodian).second_id == city.second.person_id
    listing.strike_off(
        city.session, actor=city.security, operator_id=mine.id, seen_version=mine.version, reason="违规操作", now=NOW
    )
    with pytest.raises(NotAllowed, match="key_unlisted"):
        opened(city, request, city.custodian)


@pytest.mark.requirement("DPW-09")
def test_without_a_list_supply_goes_on_and_every_opening_is_told(city: EvidenceCity) -> None:
    request = assigned(city)
    assert queries.opened_unlisted(city.session, city.security, now=NOW) == []
    opened(city, request, city.custodian)
    told = city.session.scalars(select(AuditStage).where(AuditStage.tag == str(OPENED_UNLISTED))).all()
    assert len(told) == 2
    names = {one.name for one in queries.opened_unlisted(city.session, city.security, now=NOW + DAY)}
    assert names == {city.custodian.name, city.second.name}
    assert queries.opened_unlisted(city.session, city.school_head, now=NOW + DAY) == []
    assert "operator_none" in {one.kind for one in todos(city.session, city.security, today=TODAY, now=NOW + DAY)}
    listed(city, city.custodian, city.second)
    assert queries.opened_unlisted(city.session, city.security, now=NOW + DAY) == []


@pytest.mark.requirement("DPW-09")
def test_the_list_says_who_appointed_whom_and_what_lacks(city: EvidenceCity) -> None:
    with pytest.raises(Invalid):
        listed(city, city.school_head)
    with pytest.raises(Invalid):
        listed(city, city.security, professional=True)
    (row,) = listed(city, city.custodian)
    with pytest.raises(Invalid):
        listed(city, city.custodian)
    assert (row.appointed_by_name, row.name) == (city.security.name, city.custodian.name)
    assert queries.operator_counts(city.session, city.auditor, today=TODAY) == (1, 1, 0, 0)
    listing.record_training(
        city.session, actor=city.security, operator_id=row.id, seen_version=row.version, trained_on=TODAY,
        pledged_on=TODAY, now=NOW,
    )  # fmt: skip
    city.accounts["custodian"].disabled_at = NOW
    city.session.flush()
    assert queries.operator_counts(city.session, city.auditor, today=TODAY) == (1, 0, 1, 0)
    assert "operator_left" in {one.kind for one in todos(city.session, city.security, today=TODAY)}
