"""DPW-01: who keeps which password, never the password; two signatures by two people; who left, what is overdue."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, Notice
from portal.accounts.values import Identity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Stale
from portal.desk.queries import todos
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import forms
from portal.upkeep.models import PasswordCustody
from portal.upkeep.operations import custody as acts
from portal.upkeep.queries import custody as queries
from portal.upkeep.tasks import notify
from portal.upkeep.values import CustodyFlaw
from portal.web.widgets import Password
from tests.evidence.city import EvidenceCity
from tests.support import booked
from tests.support.booked import DAY, TODAY
from tests.support.world import NOW

pytestmark = pytest.mark.requirement("DPW-01")


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


def do(city: EvidenceCity, act: Any, row: PasswordCustody, who: Identity, **more: Any) -> Any:
    more.setdefault("now", NOW)
    return act(city.session, actor=who, custody_id=row.id, seen_version=row.version, **more)


def waiting(city: EvidenceCity, who: Identity, today: Any = TODAY) -> set[str]:
    return {one.kind for one in todos(city.session, who, today=today)}


def test_the_register_has_no_place_for_a_password(city: EvidenceCity) -> None:
    for table in ("password_custody", "custody_handover"):
        columns = {column["name"] for column in inspect(city.session.connection()).get_columns(table)}
        assert not {one for one in columns if any(word in one for word in ("secret", "hash", "sealed", "text"))}
        assert {one for one in columns if "password" in one} <= {"password_changed"}
    for name in ("CustodyForm", "RotateForm", "OfferForm", "TakeForm"):
        kinds = {getattr(field, "field_class", None) for field in vars(getattr(forms, name)).values()}
        assert len(kinds) > 2
        assert Password not in kinds


def test_entering_needs_two_people_of_the_unit_and_a_fresh_envelope(city: EvidenceCity) -> None:
    row = booked.custody(city)
    days = rules_for(city.college, None, on=TODAY).integer(RuleKey.PEOPLE_ROTATION_DAYS)
    assert days
    assert row.due_on == TODAY - 10 * DAY + days * DAY
    for changes, field in (
        ({"second_id": city.custodian.person_id}, "second_id"),
        ({"second_id": city.school_head.person_id}, "second_id"),
        ({"envelope_on": TODAY - 11 * DAY}, "envelope_on"),
        ({"rotated_on": TODAY + DAY, "envelope_on": TODAY + DAY}, "rotated_on"),
        ({"system_id": city.centre_system.id}, "system_id"),
        ({"scope": " "}, "scope"),
    ):
        with pytest.raises(Invalid) as refusal:
            booked.custody(city, **changes)
        assert refusal.value.problems[0].field == field
    with pytest.raises(NotAllowed):
        acts.enter_custody(
            city.session, actor=city.custodian, unit_id=city.college.id,
            draft=booked.custody_draft(city.custodian, city.second), now=NOW,
        )  # fmt: skip


def test_a_handover_is_two_acts_by_two_people(city: EvidenceCity) -> None:
    row = booked.custody(city)
    given = {"second": False, "taker_id": city.leader.person_id, "reason": "调岗"}
    with pytest.raises(NotAllowed):  # the custodian is still here: nobody gives in his place
        do(city, acts.offer, row, city.security, **given)
    with pytest.raises(Invalid):
        do(city, acts.offer, row, city.custodian, **{**given, "taker_id": city.second.person_id})
    handover = do(city, acts.offer, row, city.custodian, **given)
    assert (row.status, row.custodian_id) == ("offered", city.custodian.person_id)
    assert "custody_take" in waiting(city, city.leader)
    assert "custody_take" not in waiting(city, city.second)
    notify(city.session, now=NOW, kind="custody", row_id=str(row.id), occasion="x")
    told = city.session.scalars(select(Notice.person_id).where(Notice.kind == "upkeep.custody")).all()
    assert told == [city.leader.person_id]
    done = {"changed": True, "envelope_place": "保密柜3层"}
    for who in (city.custodian, city.security, city.second):
        with pytest.raises(NotAllowed):
            do(city, acts.take, row, who, **done)
    with pytest.raises(Invalid):
        do(city, acts.take, row, city.leader, **{**done, "changed": False})
    with pytest.raises(IllegalTransition):
        do(city, acts.rotate, row, city.custodian, on=TODAY, envelope_place="别处")
    do(city, acts.take, row, city.leader, **done)
    assert (row.status, row.custodian_id, row.since, row.rotated_on) == ("held", city.leader.person_id, TODAY, TODAY)
    assert (handover.giver_id, handover.taker_id, handover.taken_at) == (
        city.custodian.person_id, city.leader.person_id, NOW,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="two_people"), city.session.begin_nested():
        city.session.execute(text("update custody_handover set taker_id = giver_id"))


def test_a_recalled_handover_changes_nothing_and_another_may_follow(city: EvidenceCity) -> None:
    row = booked.custody(city)
    given = {"second": True, "taker_id": city.leader.person_id, "reason": "轮换"}
    do(city, acts.offer, row, city.second, **given)
    with pytest.raises(IllegalTransition):
        do(city, acts.offer, row, city.second, **given)
    with pytest.raises(NotAllowed):
        do(city, acts.recall, row, city.leader, reason="不要")
    do(city, acts.recall, row, city.second, reason="人选有变")
    assert (row.status, row.second_id) == ("held", city.second.person_id)
    do(city, acts.offer, row, city.second, **given)
    do(city, acts.take, row, city.leader, changed=True, envelope_place="保密柜")
    assert (row.second_id, row.custodian_id) == (city.leader.person_id, city.custodian.person_id)
    assert len(queries.handovers_of(city.session, row.id)) == 2


def test_a_custodian_who_left_is_told_and_replaced_by_the_head(city: EvidenceCity) -> None:
    row = booked.custody(city)
    flaws = queries.custody_flaws(city.session, city.security, today=TODAY)
    assert set(flaws.values()) == {0}
    assert "custody_left" not in waiting(city, city.security)
    city.session.execute(
        update(Membership).where(Membership.person_id == city.custodian.person_id).values(valid_to=TODAY - DAY)
    )
    assert queries.custody_flaws(city.session, city.security, today=TODAY)[CustodyFlaw.KEEPER_LEFT] == 1
    assert "custody_left" in waiting(city, city.security)
    wanted = queries.CustodyFilter(flaw=CustodyFlaw.KEEPER_LEFT)
    assert [one.id for one in queries.custody_page(city.session, city.auditor, wanted, today=TODAY).items] == [row.id]
    handover = do(
        city, acts.offer, row, city.security, second=False, taker_id=city.leader.person_id, reason="原保管人离岗"
    )
    assert (handover.instead, handover.giver_id) == (True, city.security.person_id)
    do(city, acts.take, row, city.leader, changed=True, envelope_place="保密柜")
    assert queries.flaws_of(city.session, row, today=TODAY) == []


def test_a_closed_account_is_a_post_that_ended(city: EvidenceCity) -> None:
    row = booked.custody(city)
    city.accounts["second"].disabled_at = NOW
    city.session.flush()
    assert queries.flaws_of(city.session, row, today=TODAY) == [CustodyFlaw.KEEPER_LEFT]


def test_an_overdue_change_is_told_until_it_is_made(city: EvidenceCity) -> None:
    row = booked.custody(city)
    assert row.due_on is not None
    late = row.due_on + DAY
    assert "custody_rotate" not in waiting(city, city.custodian, row.due_on)
    assert "custody_rotate" in waiting(city, city.custodian, late)
    assert "custody_rotate" in waiting(city, city.security, late)
    assert queries.flaws_of(city.session, row, today=late) == [CustodyFlaw.ROTATION_OVERDUE]
    for who in (city.security, city.leader):
        with pytest.raises(NotAllowed):
            do(city, acts.rotate, row, who, on=TODAY, envelope_place="保密柜")
    do(city, acts.rotate, row, city.second, on=late, envelope_place="保密柜", now=NOW + timedelta(days=200))
    assert queries.flaws_of(city.session, row, today=late) == []
    assert (row.rotated_on, row.envelope_on) == (late, late)


def test_another_units_book_does_not_exist_and_a_stale_line_is_not_overwritten(city: EvidenceCity) -> None:
    row = booked.custody(city)
    with pytest.raises(NotFound):
        queries.get_custody(city.session, city.school_head, row.id)
    with pytest.raises(NotFound):
        do(city, acts.end_custody, row, city.school_head, reason="x")
    with pytest.raises(Stale):
        acts.end_custody(
            city.session, actor=city.security, custody_id=row.id, seen_version=row.version + 1, reason="报废", now=NOW
        )
    do(city, acts.end_custody, row, city.security, reason="设备报废")
    with pytest.raises(IllegalTransition):
        do(city, acts.rotate, row, city.custodian, on=TODAY, envelope_place="保密柜")
