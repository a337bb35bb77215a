"""What the short way to file tells before it is too late, and what a declared first day of use does to a system."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.registry import operations, tasks
from portal.registry.models import Filing, System
from portal.registry.rules import declared_use
from portal.registry.states import UseAction, UseStatus
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, TODAY, World, make_world, post, sign_in
from tests.registry.test_filing import particulars

DAY = timedelta(days=1)
TYPED = {
    "name": "超市视频监控系统",
    "address": "文峰大道1号",
    "position": "114.3924, 36.0976",
    "fixed_bullet": "3",
    "retention_days": "15",
    "in_use_on": "2026-11-02",
    "handled_by": "principal",
    "truth": "y",
}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def owner(session: Session, world: World) -> Identity:
    return world.person(Role.UNIT_FILER, unit_id=world.unit("洹滨便民超市", unit_type="shop").id, name="李建国")


def test_footage_kept_too_short_is_told_before_it_is_handed_in(
    client: FlaskClient, session: Session, world: World, owner: Identity
) -> None:
    sign_in(client, world.login_of(owner))
    (unit_id,) = owner.unit_ids
    way = f"/units/{unit_id}/quick?public_place=yes&place=venues&responsible=yes"
    page = client.get(way).text
    assert 'min="30"' in page
    assert "第十七条" in page.split('id="retention_days-hint"')[1].split("</p>")[0]
    refused = post(client, way, TYPED)
    assert refused.status_code == 422
    assert 'id="retention_days-error"' in refused.text
    assert "short-of told" in refused.text
    assert not session.scalars(select(Filing)).all()
    assert post(client, way, TYPED | {"kept_shorter": "y"}).status_code == 303
    assert session.scalars(select(System.retention_days)).all() == [15]
    assert post(client, way, TYPED | {"retention_days": "30"}).status_code == 303


@pytest.mark.parametrize(
    ("status", "day", "first", "action"),
    [
        (UseStatus.PLANNED, TODAY, False, UseAction.START_USE),
        (UseStatus.TRIAL, TODAY - DAY, False, UseAction.START_USE),
        (UseStatus.AWAITING_ACCEPTANCE, TODAY, False, UseAction.START_USE),
        (UseStatus.PLANNED, TODAY + DAY, False, None),
        (UseStatus.PLANNED, None, False, None),
        (UseStatus.PLANNED, TODAY, True, UseAction.ASK_ACCEPTANCE),
        (UseStatus.TRIAL, TODAY, True, None),
        (UseStatus.AWAITING_ACCEPTANCE, TODAY, True, None),
        (UseStatus.SUSPENDED, TODAY, False, None),
        (UseStatus.DISMANTLED, TODAY, False, None),
        (UseStatus.IN_USE, TODAY, True, None),
    ],
)
def test_a_system_stands_where_its_first_day_of_use_has_it(
    status: UseStatus, day: date | None, first: bool, action: UseAction | None
) -> None:
    assert declared_use(status, in_use_on=day, acceptance_first=first, on=TODAY) is action


def test_the_state_of_use_follows_the_declaration_through_every_door(session: Session, owner: Identity) -> None:
    (unit_id,) = owner.unit_ids

    def entered(day: date | None, **more) -> System:
        given = particulars(in_use_on=day, **more)
        return operations.create_system(session, actor=owner, unit_id=unit_id, particulars=given, now=NOW)

    free = {"regime": Regime.NON_PUBLIC}  # no text wants acceptance first
    assert entered(date(2026, 11, 2), **free).use_status == UseStatus.IN_USE
    assert entered(date(2026, 11, 2)).use_status == UseStatus.AWAITING_ACCEPTANCE
    planned = entered(None)
    assert planned.use_status == UseStatus.PLANNED
    operations.edit_system(
        session,
        actor=owner,
        system_id=planned.id,
        seen_version=planned.version,
        particulars=particulars(in_use_on=date(2026, 11, 2), **free),
        now=NOW,
    )
    assert planned.use_status == UseStatus.IN_USE
    coming = entered(TODAY + DAY)
    assert coming.use_status == UseStatus.PLANNED
    tasks.settle_batch(session, after=None, now=NOW + 2 * DAY)
    assert coming.use_status == UseStatus.AWAITING_ACCEPTANCE
