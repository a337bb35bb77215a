"""The city's register of firms, and the technicians each unit keeps to itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.registry import operations
from portal.registry.models import Contractor, EngagementTechnician, System
from portal.registry.operations import contractors, engagements
from portal.registry.operations.filings import gaps_of
from portal.registry.queries import contractors as queries
from portal.registry.queries import lock_system
from portal.registry.rules.contractors import engagement_standing
from portal.registry.values import SystemKind, SystemParticulars
from portal.registry.values.archive import (
    ContractorKind,
    ContractorParticulars,
    EngagementParticulars,
    QualificationParticulars,
    TechnicianParticulars,
    TechnicianRole,
    Validity,
)
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, TODAY, WENFENG, World, make_world, sign_in
from tests.support.archive import credit_code

PERSON = "11010519491231002X"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_system(session: Session, world: World) -> tuple[Identity, System]:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    stated = SystemParticulars(
        name=f"{unit.name}系统", kind=SystemKind.UNIT_INTERNAL, regime=Regime.PUBLIC_UNIT, district=WENFENG, address="一路"
    )  # fmt: skip
    system = operations.create_system(session, actor=filer, unit_id=unit.id, particulars=stated, now=NOW)
    system.use_status = "in_use"
    session.flush()
    session.expire(system)
    return filer, lock_system(session, system.id)


def a_firm(session: Session, actor: Identity, number: int = 1, **certificate: Any) -> Contractor:
    wanted = ContractorParticulars(name="河南安视", uscc=credit_code(number), kinds=(ContractorKind.MAINTENANCE,))
    firm = contractors.save_contractor(session, actor=actor, particulars=wanted, now=NOW)
    if certificate:
        stated = QualificationParticulars(kind=ContractorKind.MAINTENANCE, number="YA-01", grade="一级", **certificate)
        contractors.save_qualification(session, actor=actor, contractor_id=firm.id, particulars=stated, now=NOW)
    session.expire(firm)
    return firm


def engage(session: Session, actor: Identity, system: System, firm: Contractor, **more: Any) -> Any:
    wanted = EngagementParticulars(kind=ContractorKind.MAINTENANCE, **more)
    return engagements.save_engagement(
        session, actor=actor, system_id=system.id, contractor_id=firm.id, particulars=wanted, now=NOW
    )


def name_technician(session: Session, actor: Identity, system: System, engagement: Any) -> EngagementTechnician:
    wanted = TechnicianParticulars(
        name="王工", role=TechnicianRole.MAINTAINER, id_number=PERSON, certificate="安装维护员", certificate_to=TODAY
    )
    return engagements.save_technician(
        session, actor=actor, system_id=system.id, engagement_id=engagement.id, particulars=wanted, now=NOW
    )


@pytest.mark.requirement("REG-10")
@pytest.mark.requirement("REG-16")
def test_a_firm_a_named_technician_and_an_expired_qualification_told(
    client: FlaskClient, session: Session, world: World, reveals_pass: None
) -> None:
    filer, system = a_system(session, world)
    wanted = ContractorParticulars(name="某公司", uscc="91410500MA0000000X", kinds=(ContractorKind.DESIGN,))
    with pytest.raises(Invalid) as bad:
        contractors.save_contractor(session, actor=filer, particulars=wanted, now=NOW)
    assert bad.value.problems[0].code == "uscc_check"
    firm = a_firm(session, filer, valid_from=date(2023, 1, 1), valid_to=TODAY - timedelta(days=1))
    with pytest.raises(Invalid):  # one firm, one entry
        a_firm(session, filer)
    engagement = engage(session, filer, system, firm, valid_from=date(2026, 1, 1))
    with pytest.raises(Invalid):  # once for the same days
        engage(session, filer, system, firm, valid_from=date(2026, 5, 1))
    found = {item.code: item for item in gaps_of(session, system, now=NOW)}
    assert found["expired_qualification"].citations
    part = name_technician(session, filer, system, engagement)
    person = part.technician_id
    stored = session.execute(
        text("select id_number_sealed, id_number_masked, id_number_index from technician where id = :id"),
        {"id": person},
    ).one()
    assert PERSON not in " ".join(stored)
    assert stored.id_number_masked == "1101**********002X"
    again = name_technician(session, filer, system, engage(session, filer, system, a_firm(session, filer, 2)))
    assert again.technician_id != person  # known by firm: another firm's is another entry
    shown = engagements.reveal_id_number(session, actor=filer, system_id=system.id, part_id=part.id, now=NOW)
    assert shown == PERSON
    sign_in(client, world.login_of(filer))
    page = client.get(f"/systems/{system.id}/contractors").text
    assert "1101**********002X" in page
    assert PERSON not in page
    assert "已过期" in page
    lapsed = client.get("/contractors?lapsed=1").text
    assert "河南安视" in lapsed
    assert "河南安视" in client.get("/expiries?expired=1").text
    renewed = QualificationParticulars(kind=ContractorKind.MAINTENANCE, number="YA-02", valid_from=TODAY)
    contractors.save_qualification(session, actor=filer, contractor_id=firm.id, particulars=renewed, now=NOW)
    session.expire_all()
    system = lock_system(session, system.id)
    (current, *_) = [each for each in queries.engagements_of(session, system.id) if each.contractor_id == firm.id]
    assert engagement_standing(current, on=TODAY) is Validity.VALID
    assert "expired_qualification" not in {item.code for item in gaps_of(session, system, now=NOW)}


@pytest.mark.requirement("REG-10")
def test_a_firm_is_shared_and_what_a_unit_knows_of_it_is_not(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    stranger, other = a_system(session, world)
    firm = a_firm(session, filer, valid_to=TODAY + timedelta(days=400))
    engagement = engage(session, filer, system, firm)
    part = name_technician(session, filer, system, engagement)
    (certificate,) = queries.get_contractor(session, filer, firm.id).qualifications
    contractors.keep_qualification_paper(
        session, actor=filer, qualification_id=certificate.id, stored_file_id=world.stored_file(),
        unit_id=system.unit_id, now=NOW,
    )  # fmt: skip
    engage(session, stranger, other, firm)  # the same entry serves the other unit
    assert [one for _, one in queries.engagements_with(session, stranger, firm.id)] == [other]
    assert [one for _, one in queries.engagements_with(session, filer, firm.id)] == [system]
    registrar = world.person(Role.REGISTRAR)
    assert len(queries.engagements_with(session, registrar, firm.id)) == 2
    assert queries.papers_of(session, filer, firm.id) == {certificate.id}
    assert queries.papers_of(session, stranger, firm.id) == frozenset()
    with pytest.raises(NotFound):
        contractors.open_qualification_paper(
            session, actor=stranger, contractor_id=firm.id, qualification_id=certificate.id, now=NOW
        )
    with pytest.raises(NotFound):
        engagements.reveal_id_number(session, actor=stranger, system_id=system.id, part_id=part.id, now=NOW)
    with pytest.raises(NotFound):  # nor over a system of one's own
        engagements.reveal_id_number(session, actor=stranger, system_id=other.id, part_id=part.id, now=NOW)
    wanted = ContractorParticulars(name="改名", uscc=firm.uscc, kinds=(ContractorKind.MAINTENANCE,))
    changed = {"contractor_id": firm.id, "seen_version": firm.version, "particulars": wanted, "now": NOW}
    with pytest.raises(NotAllowed):  # only who entered it corrects it, and the registrars
        contractors.save_contractor(session, actor=stranger, **changed)
    sign_in(client, world.login_of(stranger))
    page = client.get(f"/contractors/{firm.id}").text
    assert system.name not in page
    assert "王工" not in page
    assert other.name in page
    contractors.save_contractor(session, actor=registrar, **changed)
    assert firm.name == "改名"
