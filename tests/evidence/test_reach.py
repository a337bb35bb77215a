"""Who sees which request: the list and the row agree, and the database itself hides what is out of scope."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.db import narrow
from portal.core.scope import EVERYTHING, NOTHING, DataScope
from portal.evidence.models import FootageRequest
from portal.evidence.operations import send_notices
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import visible_requests
from portal.evidence.values import CaseContent
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

TABLES = (
    "footage_request",
    "footage_request_camera",
    "footage_request_officer",
    "footage_request_reader",
    "footage_request_document",
    "footage_unlock",
    "footage_item",
    "footage_manifest",
    "footage_notice",
    "custody_entry",
    "preservation_hold",
    "approval_run",
    "approval_decision",
)


def test_the_list_and_the_row_agree_for_every_person(session: Session, city: EvidenceCity) -> None:
    rows = [city.submitted(), city.assigned(), city.submitted(camera_ids=(city.yard.id,)), city.draft()]
    people = [city.officer, city.partner, city.head, city.far_officer, city.filer, city.security, city.leader]
    people += [city.custodian, city.second, city.school_head, city.auditor]
    for who in people:
        listed = set(session.scalars(select(FootageRequest.id).where(visible_requests(who))))
        for row in rows:
            own = row.requester_id == who.person_id
            expected = (own or allows(who, Permission.REQUEST_READ, scope_of(row))) and (row.status != "draft" or own)
            assert (row.id in listed) == expected, (who.name, row.status)


@pytest.mark.requirement("EVI-20")
def test_a_secret_row_is_listed_for_those_with_a_part_only(session: Session, city: EvidenceCity) -> None:
    request = city.assigned(content=CaseContent("x"), secret=True, readers=(city.head.person_id,))
    seen = {
        who.name: session.scalar(select(FootageRequest.id).where(visible_requests(who))) == request.id
        for who in (city.officer, city.head, city.security, city.custodian, city.second, city.filer, city.auditor)
    }
    assert seen == {
        "王磊": True, "head": True, "security": True, "陈工": True, "李工": False, "filer": False, "auditor": False,
    }  # fmt: skip


def test_the_database_hides_what_is_out_of_scope(session: Session, city: EvidenceCity) -> None:
    request = city.sealed(secret=True, readers=(city.head.person_id,))
    send_notices(session, request_id=request.id, now=NOW)
    session.flush()

    def counts(scope: DataScope) -> dict[str, int]:
        narrow(session, scope)
        try:
            return {table: session.scalar(text(f"select count(*) from {table}")) or 0 for table in TABLES}
        finally:
            narrow(session, EVERYTHING)

    whole = counts(EVERYTHING)
    assert all(whole.values()), whole
    assert not any(counts(NOTHING).values())
    assert not any(counts(city.school_head.data_scope).values())
    assert not any(counts(city.far_officer.data_scope).values())
    for scope in (city.security.data_scope, city.officer.data_scope):
        seen = counts(scope)
        assert {table for table, count in seen.items() if not count} <= {"footage_notice"}
