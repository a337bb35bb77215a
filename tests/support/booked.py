"""The unit's books, for the matrix (each line in its states) and for the crowd (n of each)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.values import Identity, Role, Scope
from portal.core.clock import city_day
from portal.registry.models import Operator, Unit
from portal.upkeep.models import PasswordCustody, Workstation, WorkTicket
from portal.upkeep.operations import custody as keeping
from portal.upkeep.operations import operators, tickets
from portal.upkeep.operations import workstations as computers
from portal.upkeep.values import (
    CustodyDraft,
    DeviceGroup,
    OperatorDraft,
    TicketDraft,
    TicketKind,
    WorkstationDraft,
)
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing

TODAY = city_day(NOW)
DAY = timedelta(days=1)
HERE = "410502"


def custody_draft(first: Identity, second: Identity, **changes: Any) -> CustodyDraft:
    """Two keepers of the recorders, the password changed ten days ago."""
    whole: dict[str, Any] = {
        "group": DeviceGroup.RECORDER, "scope": "1至4号录像机管理员账号", "system_id": None, "custodian_id": first.person_id,
        "second_id": second.person_id, "since": TODAY - 40 * DAY, "rotated_on": TODAY - 10 * DAY,
        "envelope_place": "保卫处保密柜2层", "envelope_on": TODAY - 10 * DAY,
    }  # fmt: skip
    return CustodyDraft(**{**whole, **changes})


def custody(city: EvidenceCity, unit: Unit | None = None, **changes: Any) -> PasswordCustody:
    """A password of the college, kept by its custodian and the second one."""
    unit = unit or city.college
    return keeping.enter_custody(
        city.session, actor=city.security, unit_id=unit.id, draft=custody_draft(city.custodian, city.second, **changes),
        now=NOW,
    )  # fmt: skip


def ticket_draft(**changes: Any) -> TicketDraft:
    """A resolution to be raised within four hours from now."""
    whole: dict[str, Any] = {
        "kind": TicketKind.PARAMETER, "system_id": None, "camera_id": None, "device": "图书馆2号录像机", "what": "录像分辨率",
        "old_value": "1280x720", "new_value": "1920x1080", "reason": "画面模糊，无法辨认人员。", "starts_at": NOW,
        "ends_at": NOW + 4 * HOUR,
    }  # fmt: skip
    return TicketDraft(**{**whole, **changes})


def ticket(city: EvidenceCity, *, state: str = "asked", **changes: Any) -> WorkTicket:
    """A ticket of the college as far as told: asked, refused, disputed, approved, or done (a permission only)."""
    made = tickets.ask(
        city.session, actor=city.custodian, unit_id=city.college.id, draft=ticket_draft(**changes), now=NOW
    )
    yes: list[tuple[Any, Identity, dict[str, Any]]] = [
        (tickets.decide, city.security, {"approve": True, "note": "同意"}),
        (tickets.carry_out, city.custodian, {"signer": "", "note": "已恢复"}),
    ]
    no: list[tuple[Any, Identity, dict[str, Any]]] = [
        (tickets.decide, city.security, {"approve": False, "note": "暂不需要"}),
        (tickets.take_higher, city.custodian, {"reason": "影响辨认"}),
    ]
    steps = {"asked": [], "approved": yes[:1], "done": yes, "refused": no[:1], "disputed": no}[state]
    for act, who, more in steps:
        act(city.session, actor=who, ticket_id=made.id, seen_version=made.version, **more, now=NOW)
    return made


def workstation(city: EvidenceCity, number: str = "JK-0002", **changes: Any) -> Workstation:
    """A computer in the college's control room."""
    whole: dict[str, Any] = {
        "asset_number": number, "room": "监控中心", "client": "iVMS-4200", "client_version": "3.11", "address": "10.8.0.12",
        "responsible_id": city.custodian.person_id,
    }  # fmt: skip
    return computers.register(
        city.session,
        actor=city.security,
        unit_id=city.college.id,
        draft=WorkstationDraft(**{**whole, **changes}),
        now=NOW,
    )


def look(city: EvidenceCity, row: Workstation, **changes: Any) -> None:
    """Somebody looked today: locked down."""
    whole: dict[str, Any] = {"on": TODAY, "locked_down": True, "client_version": "3.11", "note": "", "now": NOW}
    computers.check(
        city.session, actor=city.custodian, workstation_id=row.id, seen_version=row.version, **{**whole, **changes}
    )


def operator(city: EvidenceCity, who: Identity, **changes: Any) -> Operator:
    """Somebody on the college's list since thirty days ago."""
    whole: dict[str, Any] = {
        "person_id": who.person_id, "professional": False, "appointed_on": TODAY - 30 * DAY, "trained_on": None,
        "pledged_on": None,
    }  # fmt: skip
    return operators.appoint(
        city.session, actor=city.security, unit_id=city.college.id, draft=OperatorDraft(**{**whole, **changes}), now=NOW
    )


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One of each, in the states that let somebody act."""
    from tests.support.matrix import Thing

    scope = Scope(unit_ids=frozenset({city.college.id}), districts=frozenset({HERE}), kind=lambda: "college")
    held = custody(city)
    yield Thing(kind="custody", state="held", arguments={"custody_id": held.id}, scope=scope)
    given = custody(city)
    keeping.offer(
        city.session, actor=city.custodian, custody_id=given.id, seen_version=given.version, second=False,
        taker_id=city.leader.person_id or given.id, reason="调岗", now=NOW,
    )  # fmt: skip
    yield Thing(kind="custody", state="offered", arguments={"custody_id": given.id}, scope=scope)
    computer = workstation(city)
    look(city, computer)
    account = {"account_id": city.accounts["filer"].id}
    yield Thing(kind="account", state="", arguments=account, scope=Scope())
    yield Thing(kind="workstation", state="", arguments={"workstation_id": computer.id}, scope=scope)
    # Those who open footage in the stories stay on the list that this begins.
    entries = [operator(city, who) for who in (city.custodian, city.second, city.security)]
    yield Thing(kind="operator", state="", arguments={"operator_id": entries[-1].id}, scope=scope)
    for state in ("asked", "approved", "disputed"):
        key = ticket(city, state=state).id
        yield Thing(kind="ticket", state=state, arguments={"ticket_id": key}, scope=scope)


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n of each, of the college."""
    for _ in range(n):
        held = custody(city, rotated_on=TODAY - 200 * DAY, envelope_on=TODAY - 200 * DAY, since=TODAY - 300 * DAY)
        keeping.offer(
            city.session, actor=city.custodian, custody_id=held.id, seen_version=held.version, second=False,
            taker_id=city.leader.person_id or held.id, reason="调岗", now=NOW,
        )  # fmt: skip
        made = ticket(city, state="approved")
        ticket(city, state="done", kind=TicketKind.SOFTWARE)
    # Those who open footage in the crowd stay on the list that this begins.
    for who in (city.custodian, city.second, city.security, city.leader, city.department, city.order):
        operator(city, who)
    for number in range(n):
        computer = workstation(city, f"JK-{number:04d}")
        look(city, computer)
        entry = operator(city, city.person(f"operator{number}", Role.UNIT_CUSTODIAN, unit=city.college))
    city.session.flush()
    return {
        "custody_id": held.id, "ticket_id": made.id, "workstation_id": computer.id, "operator_id": entry.id,
        "account_id": city.accounts["custodian"].id,
    }  # fmt: skip
