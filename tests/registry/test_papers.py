"""Papers of a system: who opens which, who sees who did, and what is not on file."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.audit.queries.reader import trail_for
from portal.core.errors import NotFound
from portal.core.services import services
from portal.demo.documents import paper
from portal.registry import operations
from portal.registry.models import Document, System
from portal.registry.operations.filings import gaps_of
from portal.registry.queries import lock_system
from portal.registry.queries.archive import ExpiryFilter, expiry_page
from portal.registry.values import SystemKind, SystemParticulars
from portal.regulation.schema.vocabulary import Regime
from portal.vault.operations import keep_paper
from portal.vault.queries import get_file
from portal.vault.values import Secrecy
from tests.people import NOW, TODAY, WENFENG, World, make_world, post, sign_in


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_system(session: Session, world: World) -> tuple[Identity, System]:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    stated = SystemParticulars(
        name="校园系统", kind=SystemKind.UNIT_INTERNAL, regime=Regime.PUBLIC_UNIT, district=WENFENG, address="一路"
    )
    system = operations.create_system(session, actor=filer, unit_id=unit.id, particulars=stated, now=NOW)
    system.use_status = "in_use"
    session.flush()
    session.expire(system)
    return filer, lock_system(session, system.id)


def stored(session: Session, actor: Identity, system: System) -> UUID:
    _, body = paper("formal_design", system.name, NOW)
    return keep_paper(
        session, actor=actor.actor, content=body, filename="图纸.pdf", unit_id=system.unit_id, district=WENFENG, now=NOW
    ).id


def attach(session: Session, actor: Identity, system: System, **more: Any) -> Document:
    wanted: dict[str, Any] = {
        "slot": "formal_design",
        "title": "正式设计图纸",
        "stored_file_id": stored(session, actor, system),
    }
    return operations.attach_document(session, actor=actor, system_id=system.id, now=NOW, **(wanted | more))


@pytest.mark.requirement("REG-09")
def test_a_paper_opens_to_its_level_and_its_owner_sees_who_opened_it(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id, name="陈主任")
    custodian = world.person(Role.UNIT_CUSTODIAN, unit_id=system.unit_id)
    inspector, registrar = world.person(Role.INSPECTOR, name="周警官"), world.person(Role.REGISTRAR, name="吴警官")
    elsewhere = world.person(Role.REGISTRAR, organ=world.branches["410503"])
    stranger = world.person(Role.UNIT_SECURITY_HEAD, unit_id=world.unit().id)
    everybody = {
        "filer": filer, "head": head, "custodian": custodian, "inspector": inspector, "registrar": registrar,
        "elsewhere": elsewhere, "stranger": stranger,
    }  # fmt: skip
    opens = {
        Secrecy.OPEN: {"filer", "head", "custodian", "inspector", "registrar"},
        Secrecy.INTERNAL: {"filer", "head", "inspector", "registrar"},
        Secrecy.SENSITIVE: {"filer", "head", "registrar"},
        Secrecy.SECRET: {"head"},
    }
    for secrecy, allowed in opens.items():
        document = attach(session, head, system, secrecy=secrecy, custodian="陈主任", place="档案室3柜")
        for name, person in everybody.items():
            if name in allowed:
                opened = operations.open_document(session, actor=person, document_id=document.id, now=NOW)
                assert opened.id == document.id
            else:
                with pytest.raises(NotFound):
                    operations.open_document(session, actor=person, document_id=document.id, now=NOW)
    sign_in(client, world.login_of(inspector))
    assert client.get(f"/documents/{document.id}").status_code == 404
    assert client.get(f"/documents/{document.id}/card").status_code == 404
    assert post(client, f"/documents/{document.id}/verify").status_code == 404
    assert "正式设计图纸" not in client.get(f"/systems/{system.id}/papers").text  # a secret one by its kind alone
    sign_in(client, world.login_of(head))
    page = client.get(f"/documents/{document.id}/card").text
    assert "档案室3柜" in page
    assert "陈主任" in page
    # Who was refused is told, too: an attempt is news to the owner.
    tried = trail_for(session, kind="document", subject_id=document.id)
    assert ("周警官", "denied") in {(act.actor_name, act.outcome) for act in tried}
    assert "周警官" in page
    assert post(client, f"/documents/{document.id}/verify").status_code == 303
    session.expire_all()
    assert session.get_one(Document, document.id).verified_at is not None


@pytest.mark.requirement("REG-09")
def test_no_drawings_on_file_is_told_and_versions_stay(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    found = {item.code: item for item in gaps_of(session, system, now=NOW)}
    assert found["no_drawings"].citations
    sign_in(client, world.login_of(filer))
    assert "未存有设计图纸" in client.get(f"/systems/{system.id}/papers").text
    first = attach(session, filer, system)
    second = attach(session, filer, system, title="正式设计图纸（修订）", expires_on=TODAY - timedelta(days=1))
    assert (first.version_no, second.version_no) == (1, 2)
    found = {item.code: item for item in gaps_of(session, system, now=NOW)}
    assert "no_drawings" not in found
    assert "expired_document" in found
    assert [each.name for each in expiry_page(session, filer, ExpiryFilter(), on=TODAY).items] == ["formal_design"]
    card = client.get(f"/documents/{second.id}/card").text
    assert get_file(session, second.stored_file_id).sha256 in card
    assert "正式设计图纸" in card
    kept = {"title": "正式设计图纸（修订）", "custodian": "李工", "place": "保卫处", "secrecy": "secret"} | {
        "version": str(second.version)
    }
    answer = post(client, f"/documents/{second.id}/card", kept)
    assert answer.headers["Location"].endswith("/papers")  # a filer who makes it secret has closed it to themself
    assert client.get(f"/documents/{second.id}").status_code == 404
    refused = post(
        client, f"/documents/{first.id}/card", {"title": "", "secrecy": "internal", "version": str(first.version)}
    )
    assert refused.status_code == 422


def test_a_stored_content_that_was_altered_is_found(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    document = attach(session, filer, system)
    assert operations.verify_document(session, actor=filer, document_id=document.id, now=NOW)
    digest = get_file(session, document.stored_file_id).sha256
    path = services(session).data_dir / "vault" / digest[:2] / digest[2:4] / digest
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        assert not operations.verify_document(session, actor=filer, document_id=document.id, now=NOW)
    finally:
        path.write_bytes(whole)


def test_what_a_paper_is_cannot_be_written_over(session: Session, world: World) -> None:
    """The application's role may change how a paper is kept, never its file, its version or its system."""
    filer, system = a_system(session, world)
    document = attach(session, filer, system)
    session.flush()
    for column, value in (("stored_file_id", "gen_random_uuid()"), ("version_no", "9"), ("slot", "'contract'")):
        with pytest.raises(ProgrammingError), session.begin_nested():
            session.execute(text(f"update document set {column} = {value} where id = :id"), {"id": document.id})
