"""Requester, unit and oversight hold the same receipt and each can check it; a secret case is told of to none without a part."""

import hashlib

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.evidence.models import RequestReceipt
from portal.evidence.queries.receipts import get_receipt, receipt_by, receipts_of
from portal.evidence.rules.receipts import receipt_bytes, receipt_digest
from portal.papers.archival import archival_faults
from tests.evidence.city import EvidenceCity
from tests.evidence.test_copies import given
from tests.evidence.test_views import at, page
from tests.support.reading import text_of


def test_one_is_issued_at_each_stage_and_all_three_check_the_same(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    handover = given(city, request)
    submitted, cleared, handed = receipts_of(session, request.id)
    assert [one.stage for one in (submitted, cleared, handed)] == ["submitted", "cleared", "handed_over"]
    assert (handed.content["copy"], handed.content["manifest"]) == (handover.copy_serial, handover.manifest_digest)
    for party in (city.officer, city.security, city.auditor):
        receipt = get_receipt(session, party, handed.id)
        assert hashlib.sha256(receipt_bytes(receipt.content)).hexdigest() == handed.digest
        assert receipt_by(session, party, handed.digest.upper()) == (handed, True)
    assert receipt_by(session, city.officer, "0" * 64) is None
    with pytest.raises(NotFound):
        get_receipt(session, city.far_officer, handed.id)
    said = receipt_bytes(handed.content).decode()
    assert [word for word in ("盗窃", "东门", "行踪", "安文公") if word in said] == []
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_receipt set stage = 'cleared'"))


def test_the_page_says_which_copy_was_handed_over(session: Session, city: EvidenceCity, client: FlaskClient) -> None:
    request = city.sealed()
    given(city, request)
    session.flush()
    submitted, _, handed = receipts_of(session, request.id)
    at(client, "officer")
    shown = page(client, f"/evidence/receipts?digest={handed.digest}")
    assert all(text in shown for text in (handed.content["copy"], handed.content["manifest"]))
    paper = client.get(f"/evidence/receipts/{handed.id}.pdf")
    said = text_of(paper.data)
    assert paper.status_code == 200
    assert all(
        text in said for text in ("视频图像调用回执", handed.content["copy"], handed.digest[:32], handed.digest[32:])
    )
    assert [word for word in ("盗窃", "东门", "安文公") if word in said] == []
    assert archival_faults(paper.data) == []
    assert client.get(f"/evidence/receipts/{request.id}.pdf").status_code == 404
    first = page(client, f"/evidence/receipts?digest={submitted.digest}")
    assert "built-in" not in first + shown
    assert "复制件编号" in shown
    assert "复制件编号" not in first


def test_any_other_word_makes_another_digest(session: Session, city: EvidenceCity) -> None:
    city.submitted()
    receipt = session.scalars(select(RequestReceipt)).one()
    for name, value in receipt.content.items():
        other = {**receipt.content, name: value + 1 if isinstance(value, int) else f"{value} "}
        assert receipt_digest(other) != receipt.digest


def test_of_a_secret_case_the_page_says_only_that_it_was_issued(
    session: Session, city: EvidenceCity, client: FlaskClient
) -> None:
    request = city.submitted(secret=True, readers=(city.head.person_id,))
    (receipt,) = receipts_of(session, request.id)
    session.flush()
    shown = page(at(client, "auditor"), f"/evidence/receipts?digest={receipt.digest}")
    assert 'class="notice ok"' in shown or "unchanged" in shown or "未被改动" in shown
    assert str(request.number) not in shown
    with pytest.raises(NotFound):
        get_receipt(session, city.auditor, receipt.id)
    told = page(at(client, "officer"), f"/evidence/receipts?digest={receipt.digest}")
    assert str(request.number) in told
    assert receipt.digest[:12] in page(client, f"/evidence/requests/{request.id}")
    assert page(client, "/evidence/receipts?digest=nothing").count(str(request.number)) == 0
