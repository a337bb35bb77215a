"""A sealed telephone number is shown on record, each time, and stays nowhere else."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.audit.models import AuditStage
from portal.registry import operations
from portal.registry.values import CONTACT_REVEALED, UnitParticulars, UnitType
from tests.people import NOW, WENFENG, World, make_world, post, sign_in

NUMBER = "13900002207"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.usefixtures("reveals_pass")
def test_each_look_is_recorded_and_no_answer_remembers_the_number(
    client: FlaskClient, session: Session, world: World
) -> None:
    registrar = world.person(Role.REGISTRAR)
    particulars = UnitParticulars(
        name="安阳市人民医院",
        unit_type=UnitType.HOSPITAL,
        district=WENFENG,
        address="解放大道1号",
        contact_name="李建国",
        contact_phone=NUMBER,
    )
    unit = operations.create_unit(session, actor=registrar, particulars=particulars, now=NOW)
    session.flush()
    sign_in(client, world.login_of(registrar))
    for key in ("press-press-press-1", "press-press-press-1", "press-press-press-2"):
        shown = post(client, f"/units/{unit.id}/phone/contact_phone", key=key)
        assert (shown.status_code, NUMBER in shown.text) == (200, True)
        assert "Idempotent-Replay" not in shown.headers
    looks = session.scalars(select(AuditStage).where(AuditStage.tag == str(CONTACT_REVEALED))).all()
    assert [(look.subject_id, look.actor_person) for look in looks] == [(str(unit.id), registrar.person_id)] * 3

    # Nowhere in the database, in no column of any table, does the number stand in the open.
    readable = "relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_table_privilege(oid, 'select')"
    tables = session.scalars(text(f"select relname from pg_class where {readable}")).all()
    assert {"idempotency_record", "unit", "audit_stage", "outbox"} <= set(tables)
    holding = [
        table
        for table in tables
        if session.scalar(
            text(f"select exists (select from {table} t where t::text like :number)"), {"number": f"%{NUMBER}%"}
        )
    ]
    assert holding == []

    nobody = post(client, f"/units/{unit.id}/phone/duty_phone")
    assert nobody.status_code == 404
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.UNIT_FILER, unit_id=world.unit().id)))
    assert post(client, f"/units/{unit.id}/phone/contact_phone").status_code == 404
    assert len(session.scalars(select(AuditStage).where(AuditStage.tag == str(CONTACT_REVEALED))).all()) == 3
