"""The audit pages: who may open them, that each look is recorded, that secrets come only after the seal."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.audit.models import AuditRun, AuditStage
from portal.audit.operations import gate, record
from portal.audit.values import LOG_READ, Actor, FieldChange, Outcome, SubjectRef
from portal.core.errors import Unavailable
from tests.people import NOW, World, make_world, post, sign_in

PAGES = ("/audit", "/audit/verification", "/audit/export")
SOMEBODY = Actor(person_id=UUID(int=77), name="陈海涛", organ_name="北关分局", roles=("registrar",), address="10.1.2.3")


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def auditor(client: FlaskClient, session: Session, world: World) -> Iterator[FlaskClient]:
    """A browser in which the city's auditor is signed in."""
    person = world.person(Role.AUDITOR, organ=world.city, name="周审计")
    session.flush()
    assert sign_in(client, world.login_of(person)).status_code == 303
    return client


def an_act(session: Session, **given: object) -> UUID:
    values: dict[str, object] = {
        "actor": SOMEBODY, "tag": LOG_READ, "subject": SubjectRef("filing", "F1", "市第一人民医院"), "now": NOW,
        "district": "410502",
    }  # fmt: skip
    return record(session, **{**values, **given})  # type: ignore[arg-type]


def looks(session: Session, tag: str) -> int:
    return session.scalar(select(func.count()).where(AuditStage.tag == tag, AuditStage.actor_name == "周审计")) or 0


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(role, role in (Role.AUDITOR, Role.AUDIT_ADMIN)) for role in Role if not str(role).startswith("unit_")],
)
def test_the_log_opens_to_auditor_and_audit_administrator_only(
    client: FlaskClient, session: Session, world: World, role: Role, allowed: bool
) -> None:
    person = world.person(role, organ=world.city)
    session.flush()
    sign_in(client, world.login_of(person))
    for url in PAGES:
        assert client.get(url).status_code == (200 if allowed else 403), url


def test_nobody_reads_without_signing_in(client: FlaskClient) -> None:
    for url in PAGES:
        assert client.get(url).status_code == 302


def test_the_list_shows_acts_and_records_that_it_was_read(auditor: FlaskClient, session: Session) -> None:
    an_act(session, outcome=Outcome.DENIED)
    page = auditor.get("/audit?q=陈海涛&district=410502")
    assert page.status_code == 200
    assert "陈海涛" in page.text
    assert "市第一人民医院" in page.text
    assert looks(session, "audit:log:read") == 1
    read = session.scalars(
        select(AuditStage).where(AuditStage.actor_name == "周审计", AuditStage.tag == LOG_READ)
    ).one()
    assert read.subject_label == "person_name=陈海涛, district=410502"
    assert "市第一人民医院" not in auditor.get("/audit?q=无此人").text


@pytest.mark.parametrize("query", ["from=昨天", "to=2026-13-01", "person=x", "unit=1", "from=2026-11-20&to=2026-11-01"])
def test_a_faulty_condition_is_said_and_kept(auditor: FlaskClient, session: Session, query: str) -> None:
    an_act(session)
    page = auditor.get(f"/audit?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    name, _, typed = query.split("&", maxsplit=1)[0].partition("=")
    assert f'name="{name}" value="{typed}"' in page.text


def test_markup_in_a_name_stays_text(auditor: FlaskClient, session: Session) -> None:
    evil = "<script>alert(1)</script>"
    key = an_act(session, actor=Actor(name=evil), subject=SubjectRef("filing", evil[:30], evil), reason=evil)
    for url in ("/audit", f"/audit/{key}"):
        text = auditor.get(url).text
        assert evil not in text
        assert "&lt;script&gt;" in text


def test_one_record_with_its_changes(auditor: FlaskClient, session: Session) -> None:
    changes = [
        FieldChange(name="retention_days", old=30, new=90),
        FieldChange(name="contact_phone", old=None, new="13900002207", sensitive=True),
    ]
    key = an_act(session, changes=changes, reason="材料齐全")
    page = auditor.get(f"/audit/{key}")
    assert page.status_code == 200
    for text in ("retention_days", "<del>30</del>", "<ins>90</ins>", "材料齐全", "10.1.2.3"):
        assert text in page.text, text
    assert "13900002207" not in page.text
    assert looks(session, "audit:entry:read") == 1
    assert auditor.get(f"/audit/{UUID(int=5)}").status_code == 404
    # Nothing is sealed in this test, so there is no proof yet.
    assert auditor.get(f"/audit/{key}/proof").status_code == 422


def test_a_sealed_reason_is_shown_only_after_its_own_record_is_sealed(
    auditor: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = an_act(session, reason="案件2026-17", secret=True)
    assert "案件2026-17" not in auditor.get(f"/audit/{key}").text

    def refuse(*_args: object, **_more: object) -> int:
        raise Unavailable("audit_not_sealed")

    monkeypatch.setattr(gate, "wait_until_sealed", refuse)
    answer = post(auditor, f"/audit/{key}/reason")
    assert answer.status_code == 503
    assert "案件2026-17" not in answer.text
    monkeypatch.setattr(gate, "wait_until_sealed", lambda *_args, **_more: 1)
    answer = post(auditor, f"/audit/{key}/reason")
    assert answer.status_code == 200
    assert "案件2026-17" in answer.text
    assert looks(session, "audit:reason:reveal") >= 1
    assert post(auditor, f"/audit/{an_act(session)}/reason").status_code == 404


def test_the_audit_administrator_keeps_the_log_but_reads_no_secret_reason(
    client: FlaskClient, session: Session, world: World
) -> None:
    key = an_act(session, reason="案件2026-17", secret=True)
    person = world.person(Role.AUDIT_ADMIN, organ=world.city)
    session.flush()
    sign_in(client, world.login_of(person))
    page = client.get(f"/audit/{key}")
    assert page.status_code == 200
    assert f"/audit/{key}/reason" not in page.text
    assert post(client, f"/audit/{key}/reason").status_code == 403


def test_verification_is_asked_for_and_followed(auditor: FlaskClient, session: Session) -> None:
    asked = post(auditor, "/audit/verification")
    assert asked.status_code == 303
    address = asked.headers["Location"]
    waiting = auditor.get(address, headers={"HX-Request": "true"})
    assert (waiting.status_code, "hx-get" in waiting.text) == (200, True)
    run = session.scalars(select(AuditRun)).one()
    run.state, run.finished_at, run.first_bad, run.problem = "failed", NOW, 12, "content_changed"
    session.flush()
    done = auditor.get(address, headers={"HX-Request": "true"})
    assert (done.status_code, "hx-get" in done.text) == (286, False)
    assert auditor.get(address).status_code == 200
    assert "12" in auditor.get("/audit/verification").text
    assert auditor.get(f"/audit/runs/{UUID(int=3)}").status_code == 404


def test_an_export_without_a_reason_is_refused_at_the_field(auditor: FlaskClient) -> None:
    answer = post(auditor, "/audit/export", {"first": "3", "last": "many", "reason": ""})
    assert answer.status_code == 422
    assert 'value="3"' in answer.text
    assert 'value="many"' in answer.text
    assert 'id="reason-error"' in answer.text
    answer = post(auditor, "/audit/export", {"reason": "年度检查"})
    assert answer.status_code == 422  # nothing is signed in this test


def test_the_number_of_queries_does_not_grow_with_the_rows(auditor: FlaskClient, session: Session) -> None:
    for _ in range(3):
        an_act(session, unit_id=UUID(int=4))
    assert auditor.get("/audit").status_code == 200
    few = statements(session, lambda: auditor.get("/audit"))
    for number in range(40):
        an_act(session, unit_id=UUID(int=number + 10))
    assert statements(session, lambda: auditor.get("/audit")) == few


def statements(session: Session, act: Callable[[], object]) -> int:
    """How many statements reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_reads_in_both_languages(auditor: FlaskClient, session: Session, language: str) -> None:
    key = an_act(session, changes=[FieldChange(name="days", old=1, new=2)])
    auditor.get(f"/?lang={language}")
    for url in (*PAGES, f"/audit/{key}", "/audit?q=x&act=audit:log:read&outcome=ok&from=2026-01-01&to=2026-12-31"):
        page = auditor.get(url)
        assert page.status_code == 200, url
        assert f'<html lang="{"zh-Hans-CN" if language == "zh" else "en"}"' in page.text
