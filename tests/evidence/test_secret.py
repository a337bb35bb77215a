"""A secret case leaves no word of itself anywhere but in its envelope: a planted marker is looked for everywhere."""

import logging
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import NotFound
from portal.evidence.models import FootageRequest
from portal.evidence.operations import open_content, send_notices
from portal.evidence.queries import (
    LedgerFilter,
    ListFilter,
    content_of,
    get_request,
    ledger_page,
    may_read_content,
    request_page,
)
from portal.evidence.values import CaseContent
from portal.workflow.states import Verdict
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

MARK = "鹊桥九号"
SECRET = CaseContent(MARK + "-1", MARK + "-2", MARK + "-3", MARK + "-4", MARK + "-5")


@pytest.fixture
def secret(session: Session, city: EvidenceCity) -> FootageRequest:
    """A secret request approved and acknowledged, every comment carrying the marker."""
    request = city.submitted(content=SECRET, secret=True, readers=(city.head.person_id,))
    city.decide(request, city.head, comment=MARK)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE, comment=MARK)
    session.flush()
    return request


@pytest.mark.requirement("EVI-20")
def test_the_marker_stands_in_no_column_of_any_table(
    session: Session, city: EvidenceCity, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    request = city.assigned(content=SECRET, secret=True, readers=(city.head.person_id,))
    city.unlock(request)
    send_notices(session, request_id=request.id, now=NOW)
    session.flush()
    tables = session.scalars(
        text(
            "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
    ).all()
    readable = [
        name for name in tables if session.scalar(text("select has_table_privilege(:t, 'select')"), {"t": name})
    ]
    assert {"footage_request", "custody_entry", "audit_stage", "outbox", "footage_notice"} <= set(readable)
    for table in readable:
        found = session.scalar(text(f"select count(*) from {table} t where t::text like :mark"), {"mark": f"%{MARK}%"})
        assert found == 0, table
    assert MARK not in caplog.text


@pytest.mark.requirement("EVI-20")
def test_only_those_named_open_the_content(session: Session, city: EvidenceCity, secret: FootageRequest) -> None:
    for reader in (city.officer, city.head):
        assert open_content(session, actor=reader, request=secret, now=NOW) == SECRET
    assert content_of(session, secret).case_number == SECRET.case_number
    for other in (city.security, city.custodian, city.auditor, city.partner):
        assert not may_read_content(other, secret)
        assert open_content(session, actor=other, request=secret, now=NOW) is None
    opened = session.scalar(text("select count(*) from audit_stage where tag = 'evidence:request:read_secret'"))
    assert opened == 2


def test_a_colleague_without_a_part_does_not_even_see_that_it_is_there(
    session: Session, city: EvidenceCity, secret: FootageRequest
) -> None:
    colleague = city.person("colleague", Role.INVESTIGATOR, organ=city.bureau)
    for outsider in (colleague, city.auditor, city.filer):
        with pytest.raises(NotFound):
            get_request(session, outsider, secret.id)
        assert request_page(session, outsider, ListFilter()).total == 0
    for part in (city.officer, city.head, city.security):
        assert get_request(session, part, secret.id).id == secret.id


def test_the_list_cannot_be_searched_for_it(session: Session, city: EvidenceCity, secret: FootageRequest) -> None:
    assert request_page(session, city.officer, ListFilter(text=MARK)).total == 0
    assert request_page(session, city.officer, ListFilter(text=secret.number or "")).total == 1


@pytest.mark.requirement("EVI-14")
def test_the_register_books_the_call_and_not_the_case(session: Session, city: EvidenceCity) -> None:
    request = city.assigned(content=SECRET, secret=True, readers=(city.head.person_id,))
    city.unlock(request)
    for reader in (city.security, city.auditor, city.head):
        (line,) = ledger_page(session, reader, LedgerFilter()).items
        assert (line.secret, line.reason, line.content) == (True, "", "")
        assert line.operator_name == "陈工"
    assert ledger_page(session, city.school_head, LedgerFilter()).total == 0


def test_an_envelope_opens_in_its_own_row_only(session: Session, city: EvidenceCity, secret: FootageRequest) -> None:
    from portal.core.crypto import SealBroken

    other = city.draft(content=replace(SECRET, case_name="另案"), secret=True, readers=(city.head.person_id,))
    other.content_sealed = secret.content_sealed
    with pytest.raises(SealBroken):
        content_of(session, other)
