"""One of everything that a system's archive holds, by rows, for tests that ask every address."""

from datetime import date
from typing import Any
from uuid import UUID

from portal.core.crypto import row_context
from portal.core.ids import new_id
from portal.core.services import services
from portal.registry.models import (
    Contractor,
    Engagement,
    EngagementTechnician,
    PlanItem,
    PlanMatch,
    ProductCertificate,
    Qualification,
    QualificationPaper,
    Site,
    System,
    SystemCompliance,
    SystemConnection,
    SystemContact,
    SystemParty,
    Technician,
)
from tests.support.world import NOW, World


def credit_code(number: int) -> str:
    """A credit code that checks."""
    from portal.core.codes import uscc_check_digit

    first = f"91410500MA{number:07d}"
    return first + uscc_check_digit(first)


def fill(city: World, system: System, stored_file_id: UUID, n: int) -> dict[str, Any]:
    """So many of each; the ids of the last."""
    session, place = city.session, {"unit_id": system.unit_id, "district": system.district}
    sealing = services(session).envelope
    contact = SystemContact(
        system_id=system.id,
        place=1,
        name="李建国",
        phone_sealed=sealing.seal(
            b"13800000000", context=row_context("system_contact", "phone_sealed", f"{system.id}:1")
        ),
        phone_masked="138****0000",
        updated_at=NOW,
        **place,
    )
    session.add_all([contact, SystemCompliance(system_id=system.id, updated_at=NOW, **place)])
    found: dict[str, Any] = {}
    for number in range(n):
        found = _each(city, system, stored_file_id, number, place)
    session.flush()
    return found | {"place": 1, "role": "manager"}


def _each(city: World, system: System, stored_file_id: UUID, number: int, place: dict[str, Any]) -> dict[str, Any]:
    session, filer = city.session, city.who("filer")
    firm = Contractor(
        id=new_id(), uscc=credit_code(city.counter * 1000 + number), name=f"多份安防{number}", kinds=["construction"],
        entered_by=filer.person_id, created_at=NOW,
    )  # fmt: skip
    session.add(firm)
    session.flush()
    certificate = Qualification(
        id=new_id(), contractor_id=firm.id, kind="construction", number=f"ZZ-{number}", valid_to=date(2026, 1, 1),
        entered_by=filer.person_id,
    )  # fmt: skip
    engagement = Engagement(id=new_id(), system_id=system.id, contractor_id=firm.id, kind="construction", **place)
    person_id = new_id()
    sealed = services(session).envelope.seal(
        b"11010519491231002X", context=row_context("technician", "id_number_sealed", person_id)
    )
    person = Technician(
        id=person_id, contractor_id=firm.id, name="王工", id_number_sealed=sealed, id_number_masked="1101**********002X",
        id_number_index=f"{number}", certificate_to=date(2026, 1, 1), **place,
    )  # fmt: skip
    session.add_all([certificate, engagement, person])
    session.flush()
    part = EngagementTechnician(id=new_id(), engagement_id=engagement.id, technician_id=person.id, role="lead", **place)
    paper = QualificationPaper(qualification_id=certificate.id, stored_file_id=stored_file_id, added_at=NOW, **place)
    start = date(2010 + number // 12, 1 + number % 12, 1)
    party = SystemParty(
        id=new_id(), system_id=system.id, role="manager", name="学院", valid_from=start, valid_to=start, **place
    )
    product = ProductCertificate(
        id=new_id(), system_id=system.id, kind="ccc", product="摄像机", valid_to=date(2026, 1, 1), **place
    )
    connection = SystemConnection(
        id=new_id(), system_id=system.id, platform="police_video", platform_name="共享平台", **place,
        status="proposed" if number == 0 else "ended",
    )  # fmt: skip
    site = Site(id=new_id(), name=f"校区{number}-{system.id.hex[-4:]}", address="一路", **place)
    session.add_all([part, paper, party, product, connection, site])
    session.flush()
    item = PlanItem(id=new_id(), place=f"南门{number}", count=2, site_id=site.id, created_at=NOW, **place)
    camera = city.camera(system, f"计划{number}")
    session.add(item)
    session.flush()
    session.add(PlanMatch(camera_id=camera.id, plan_item_id=item.id, matched_at=NOW, **place))
    return {
        "contractor_id": firm.id,
        "qualification_id": certificate.id,
        "engagement_id": engagement.id,
        "part_id": part.id,
        "party_id": party.id,
        "certificate_id": product.id,
        "connection_id": connection.id,
        "site_id": site.id,
        "item_id": item.id,
    }
