"""DPW-07: every computer with the client stands in the register, is looked at in time, and others are found out."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.desk.queries import todos
from portal.upkeep.operations import workstations as acts
from portal.upkeep.queries import workstations as queries
from tests.evidence.city import EvidenceCity
from tests.support import booked
from tests.support.booked import DAY, TODAY
from tests.support.world import NOW, PASSWORD
from tests.upkeep.test_keys import assigned

pytestmark = pytest.mark.requirement("DPW-07")


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


def waiting(city: EvidenceCity, today: Any) -> set[str]:
    return {one.kind for one in todos(city.session, city.security, today=today)}


def test_a_workstation_is_registered_looked_at_and_told_when_overdue(city: EvidenceCity) -> None:
    row = booked.workstation(city)
    assert row.due_on is not None
    assert "workstation_check" not in waiting(city, row.due_on)
    late = row.due_on + DAY
    assert "workstation_check" in waiting(city, late)
    assert queries.workstation_counts(city.session, city.auditor, today=late) == (1, 1, 0, 0)
    with pytest.raises(Invalid) as refusal:
        booked.look(city, row, locked_down=False)
    assert refusal.value.problems[0].field == "note"
    booked.look(city, row, on=late, now=NOW + 60 * DAY)
    assert queries.workstation_counts(city.session, city.auditor, today=late) == (1, 0, 0, 0)
    booked.look(city, row, on=late, locked_down=False, note="装有游戏软件", now=NOW + 60 * DAY)
    assert queries.workstation_counts(city.session, city.auditor, today=late)[2] == 1
    assert len(queries.checks_of(city.session, row.id)) == 2
    acts.retire(
        city.session, actor=city.security, workstation_id=row.id, seen_version=row.version, reason="报废", now=NOW
    )
    with pytest.raises(IllegalTransition):
        booked.look(city, row)


def test_the_register_takes_one_number_once_and_real_addresses(city: EvidenceCity) -> None:
    booked.workstation(city)
    for changes, field in (
        ({"number": "JK-0002"}, "asset_number"),
        ({"number": "JK-0003", "address": "监控室"}, "address"),
        ({"number": "JK-0004", "responsible_id": city.school_head.person_id}, "responsible_id"),
    ):
        with pytest.raises(Invalid) as refusal:
            booked.workstation(city, **changes)
        assert refusal.value.problems[0].field == field
    with pytest.raises(NotAllowed):
        acts.register(
            city.session, actor=city.custodian, unit_id=city.college.id, now=NOW,
            draft=acts.WorkstationDraft(
                asset_number="X", room="a", client="b", client_version="1", address="10.0.0.1",
                responsible_id=city.custodian.person_id,
            ),
        )  # fmt: skip


def test_footage_opened_on_an_unregistered_computer_is_found(city: EvidenceCity) -> None:
    from portal.evidence.operations import unlock_footage

    def strangers(who: Any = None) -> list[str]:
        return [one.name for one in queries.unregistered(city.session, who or city.security, now=NOW + DAY)]

    booked.workstation(city, "jk-0002")
    request = assigned(city)
    for computer in ("JK-0002", "10.8.0.12", "办公室私人电脑"):
        unlock_footage(
            city.session, actor=city.custodian, request_id=request.id, second_login="second", second_password=PASSWORD,
            second_totp="", workstation=computer, no_phone_notice=True, now=NOW,
        )  # fmt: skip
    assert strangers() == ["办公室私人电脑"]
    assert strangers(city.school_head) == []
    assert "workstation_seen" in waiting(city, TODAY)
    booked.workstation(city, "办公室私人电脑", address="10.8.0.13")
    assert strangers() == []
