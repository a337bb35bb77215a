"""LNK-01: three purposes and no fourth, the unit's consent or a law and two persons, the stop right, what is found out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, OrganKind, Role
from portal.connections import queries
from portal.connections.models import ConnectionOrder
from portal.connections.operations import proposing, running
from portal.connections.queries import OrderFilter
from portal.connections.tasks import notify
from portal.connections.values import ConnectionPurpose, Irregularity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Stale
from portal.core.outbox import OutboxRow, TaskName
from portal.desk.queries import todos
from portal.registry.models import SystemConnection
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from tests.evidence.city import EvidenceCity
from tests.support import connected
from tests.support.connected import TODAY, draft
from tests.support.world import NOW

DAY = timedelta(days=1)


class Cast:
    """The college and its system; who proposes, who approves, who seconds."""

    def __init__(self, session: Session) -> None:
        self.city = city = EvidenceCity(session)
        self.session = session
        self.system = city.system(city.college, city.bureau)
        self.camera = city.camera(self.system, "南门")
        self.registrar = city.person("registrar", Role.REGISTRAR, organ=city.bureau)
        self.chief = city.person("chief", Role.BUREAU_LEADER, organ=city.bureau)
        headquarters = city.organ("安阳市公安局", OrganKind.POLICE_CITY, "410502", citywide=True)
        self.deputy = city.person("deputy", Role.BUREAU_LEADER, organ=headquarters)

    def proposed(self, **changes: Any) -> ConnectionOrder:
        return proposing.propose_order(
            self.session, actor=self.registrar, system_id=self.system.id, draft=draft(self.camera, **changes), now=NOW
        )

    def do(self, act: Any, order: ConnectionOrder, who: Identity, **more: Any) -> ConnectionOrder:
        more.setdefault("now", NOW)
        done: ConnectionOrder = act(
            self.session, actor=who, connection_order_id=order.id, seen_version=order.version, **more
        )
        self.session.flush()
        return done

    def active(self) -> ConnectionOrder:
        order = self.proposed()
        self.do(proposing.consent, order, self.city.security, terms="仅限放学时段")
        self.do(proposing.approve, order, self.chief, reason="同意")
        return self.do(running.connect, order, self.registrar, on=TODAY)

    def waiting(self, who: Identity, today: Any = TODAY) -> set[str]:
        return {one.kind for one in todos(self.session, who, today=today)}


@pytest.fixture
def cast(session: Session) -> Cast:
    return Cast(session)


@pytest.mark.requirement("LNK-01")
def test_there_are_three_purposes_and_a_fourth_cannot_be_written(cast: Cast) -> None:
    named = rules_for(cast.city.college, cast.system, on=TODAY).terms(RuleKey.NETWORK_DIRECT_PURPOSES)
    assert set(named) == set(ConnectionPurpose)
    order = cast.proposed()
    with pytest.raises(IntegrityError, match="ck_connection_order_purpose"), cast.session.begin_nested():
        cast.session.execute(text("update connection_order set purpose = 'marketing'"))
    columns = {column["name"] for column in inspect(cast.session.connection()).get_columns("connection_order")}
    assert not {one for one in columns for word in ("fee", "price", "vendor", "firm", "brand", "maker") if word in one}
    assert order.basis == [["anyang-2007", "12 p2"], ["henan-2016", "15"]]


@pytest.mark.requirement("LNK-01")
def test_an_order_runs_with_the_units_consent(cast: Cast) -> None:
    order = cast.proposed()
    assert "connection_answer" in cast.waiting(cast.city.security)
    with pytest.raises(NotAllowed):
        cast.do(proposing.consent, order, cast.city.filer, terms="")
    with pytest.raises(IllegalTransition):
        cast.do(proposing.approve, order, cast.chief, reason="")
    cast.do(proposing.consent, order, cast.city.leader, terms="")
    assert (order.consented_by_name, order.consented_at) == (cast.city.leader.name, NOW)
    assert "connection_approve" in cast.waiting(cast.chief)
    with pytest.raises(NotAllowed):
        cast.do(proposing.approve, order, cast.registrar, reason="")
    cast.do(proposing.approve, order, cast.chief, reason="同意")
    assert "connection_connect" in cast.waiting(cast.registrar)
    with pytest.raises(Invalid):
        cast.do(running.connect, order, cast.registrar, on=TODAY + DAY)
    cast.do(running.connect, order, cast.registrar, on=TODAY)
    assert order.status == "active"
    with pytest.raises(NotFound):
        queries.get_order(cast.session, cast.city.school_head, order.id)
    assert queries.get_order(cast.session, cast.city.custodian, order.id) is order


@pytest.mark.requirement("LNK-01")
def test_without_consent_a_law_is_named_and_two_leaders_agree(cast: Cast) -> None:
    order = cast.proposed()
    cast.do(proposing.refuse, order, cast.city.security, reason="涉及学生隐私")
    assert "connection_refused" in cast.waiting(cast.registrar)
    with pytest.raises(Invalid) as refused:
        cast.do(proposing.claim_law, order, cast.registrar, article="反恐怖主义法第二十七条", reason=" ")
    assert [one.field for one in refused.value.problems] == ["why"]
    cast.do(proposing.claim_law, order, cast.registrar, article="反恐怖主义法第二十七条", reason="属重点目标")
    both = text("update connection_order set approved_by = :it, claimed_by = :it")
    with pytest.raises(IntegrityError, match="ck_connection_order_approver"), cast.session.begin_nested():
        cast.session.execute(both, {"it": cast.chief.person_id})
    cast.do(proposing.approve, order, cast.chief, reason="同意")
    assert order.status == "seconding"
    with pytest.raises(IllegalTransition, match="second_is_first"):
        cast.do(proposing.second, order, cast.chief, reason="同意")
    with pytest.raises(IntegrityError, match="second_person"), cast.session.begin_nested():
        cast.session.execute(text("update connection_order set seconded_by = approved_by"))
    with pytest.raises(IntegrityError, match="consent_or_law"), cast.session.begin_nested():
        cast.session.execute(text("update connection_order set status = 'approved'"))
    assert "connection_second" in cast.waiting(cast.deputy)
    assert "connection_second" not in cast.waiting(cast.chief)
    cast.do(proposing.second, order, cast.deputy, reason="情况属实")
    assert order.status == "approved"
    cast.do(running.connect, order, cast.registrar, on=TODAY)
    with pytest.raises(IllegalTransition, match="connection_rests_on_law"):
        cast.do(proposing.withdraw_consent, order, cast.city.security, reason="不同意")


@pytest.mark.requirement("LNK-01")
def test_consent_taken_back_stops_the_order_at_once(cast: Cast) -> None:
    order = cast.active()
    cast.do(proposing.withdraw_consent, order, cast.city.security, reason="超出约定时段调看", now=NOW + DAY)
    assert (order.status, order.suspended_at, order.consented_at) == ("suspended", NOW + DAY, None)
    assert "connection_cut" in cast.waiting(cast.registrar)
    told = cast.session.scalars(
        select(OutboxRow).where(OutboxRow.kind == TaskName.CONNECTIONS_NOTIFY).order_by(OutboxRow.id.desc())
    ).first()
    assert told is not None
    notify(cast.session, now=NOW + DAY, **told.payload)
    people = set(cast.session.scalars(select(Notice.person_id).where(Notice.subject_id == order.id)))
    assert people == {cast.registrar.person_id, cast.chief.person_id}
    with pytest.raises(IllegalTransition, match="connection_needs_consent"):
        cast.do(running.resume, order, cast.registrar, now=NOW + DAY)
    with pytest.raises(IntegrityError, match="consent_or_law"), cast.session.begin_nested():
        cast.session.execute(text("update connection_order set status = 'active'"))
    wanted = OrderFilter(irregular=Irregularity.NOT_CUT)
    assert queries.order_page(cast.session, cast.city.auditor, wanted, today=TODAY).items == [order]
    with pytest.raises(Invalid):
        cast.do(running.find_cut, order, cast.registrar, on=TODAY, now=NOW + DAY)
    cast.do(running.find_cut, order, cast.registrar, on=TODAY + DAY, now=NOW + DAY)
    assert queries.order_page(cast.session, cast.city.auditor, wanted, today=TODAY).items == []
    cast.do(proposing.consent, order, cast.city.security, terms="限工作日", now=NOW + 2 * DAY)
    cast.do(running.resume, order, cast.registrar, now=NOW + 2 * DAY)
    assert (order.status, order.cut_on) == ("active", None)


def test_consent_taken_back_before_the_line_is_made_voids_the_approval(cast: Cast) -> None:
    order = cast.proposed()
    cast.do(proposing.consent, order, cast.city.security, terms="")
    cast.do(proposing.approve, order, cast.chief, reason="")
    cast.do(proposing.withdraw_consent, order, cast.city.security, reason="未征求家长意见")
    assert (order.status, order.approved_at) == ("refused", None)
    with pytest.raises(IllegalTransition):
        cast.do(running.connect, order, cast.registrar, on=TODAY)


@pytest.mark.requirement("LNK-01")
def test_what_is_not_as_ordered_is_found(cast: Cast) -> None:
    """Active past its end, cameras that came later, joined without an order: for the organ, the auditor and the owner."""
    order = cast.active()
    late = order.ends_on + DAY

    def found(who: Identity, today: Any = TODAY) -> dict[Irregularity, int]:
        return {key: n for key, n in queries.irregular_tally(cast.session, who, today=today).items() if n}

    assert found(cast.city.auditor) == {}
    assert found(cast.city.auditor, late) == {Irregularity.PAST_END: 1}
    for who in (cast.registrar, cast.city.security):
        assert "connection_over" in cast.waiting(who, late)
    running.remind_over(cast.session, now=NOW + 366 * DAY)
    occasions = cast.session.scalars(select(OutboxRow.payload["occasion"].astext))
    assert any(one and one.startswith("over:") for one in occasions)
    new = cast.city.camera(cast.system, "新装")
    new.created_at = NOW + DAY
    secret = cast.city.camera(cast.system, "涉密点", secret=True)
    secret.created_at = NOW + DAY
    cast.session.flush()
    for who in (cast.registrar, cast.city.auditor, cast.city.custodian):
        assert found(who) == {Irregularity.CAMERAS_LATER: 1}
    assert [name for _, name in queries.later_cameras(cast.session, cast.registrar, order)] == ["新装"]
    assert {name for _, name in queries.later_cameras(cast.session, cast.city.custodian, order)} == {"新装", "涉密点"}
    assert queries.wrong_with(cast.session, cast.registrar, order, today=TODAY) == [Irregularity.CAMERAS_LATER]
    cast.do(running.check_cameras, order, cast.registrar, reason="平台侧核对未接入", now=NOW + 2 * DAY)
    assert found(cast.registrar) == {}


@pytest.mark.requirement("LNK-01", "REG-18")
def test_a_system_joined_without_an_order_is_found(cast: Cast) -> None:
    joined = SystemConnection(
        system_id=cast.system.id, unit_id=cast.system.unit_id, district=cast.system.district, platform="police_video",
        platform_name="共享平台", status="active", consented_on=TODAY, connected_on=TODAY,
    )  # fmt: skip
    cast.session.add(joined)
    cast.session.flush()
    for who in (cast.registrar, cast.city.auditor, cast.city.custodian):
        assert [one.system_id for one in queries.unordered(cast.session, who)] == [cast.system.id]
    assert queries.unordered(cast.session, cast.city.school_head) == []
    order = cast.active()
    assert queries.unordered(cast.session, cast.registrar) == []
    cast.do(running.suspend, order, cast.registrar, reason="检修")
    assert len(queries.unordered(cast.session, cast.registrar)) == 1


def test_neither_a_public_nor_a_secret_system_is_connected_by_order(cast: Cast) -> None:
    for column, value in (("kind", "public"), ("secret", True)):
        system = cast.city.system(cast.city.college, cast.city.bureau)
        setattr(system, column, value)
        cast.session.flush()
        with pytest.raises(IllegalTransition, match="connection_not_orderable"):
            proposing.propose_order(
                cast.session, actor=cast.registrar, system_id=system.id, draft=draft(cast.camera), now=NOW
            )


def test_an_order_names_cameras_of_its_system_and_days_to_come(cast: Cast) -> None:
    hidden = cast.city.camera(cast.system, "涉密点", secret=True)
    for changes, field in (
        ({"camera_ids": (cast.city.yard.id, hidden.id)}, "camera_ids"),
        ({"starts_on": TODAY - DAY}, "starts_on"),
        ({"ends_on": TODAY - DAY}, "ends_on"),
        ({"officer_name": " "}, "officer_name"),
    ):
        with pytest.raises(Invalid) as refused:
            cast.proposed(**changes)
        assert [one.field for one in refused.value.problems] == [field]


def test_what_changed_meanwhile_is_not_decided_blindly(cast: Cast) -> None:
    order = cast.proposed()
    seen = order.version
    cast.do(proposing.consent, order, cast.city.security, terms="")
    with pytest.raises(Stale):
        proposing.refuse(
            cast.session, actor=cast.city.leader, connection_order_id=order.id, seen_version=seen, reason="否", now=NOW
        )


def test_the_end_is_the_end(cast: Cast) -> None:
    order = connected.order(cast.city, cast.system, cast.camera, state="active")
    cast.do(running.end, order, cast.registrar, on=TODAY, reason="期满")
    assert (order.status, order.cut_on, order.ended_on) == ("ended", TODAY, TODAY)
    with pytest.raises(IllegalTransition):
        cast.do(running.resume, order, cast.registrar)
