"""A decision is signed: password and second factor once more, counted, recorded, and nothing of them kept."""

from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.operations import confirm_totp
from portal.core.errors import Invalid
from portal.evidence.models import FootageRequest
from portal.evidence.operations import recall_request, sign_decision, submit_request, withdraw_request
from portal.evidence.states import RequestStatus
from portal.workflow.queries import get_run, runs_of
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_views import at, page
from tests.people import post
from tests.support.world import NOW, PASSWORD

CASE_HEAD = "case_department_head"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign(session: Session, city: EvidenceCity, request: FootageRequest, **changes: Any) -> FootageRequest:
    """The case head's approval with the right password."""
    given: dict[str, Any] = {
        "actor": city.head,
        "step_key": CASE_HEAD,
        "verdict": Verdict.APPROVE,
        "comment": "同意",
        "password": PASSWORD,
        "totp": "",
        "now": NOW + HOUR,
    }
    return sign_decision(session, request_id=request.id, **{**given, **changes})


def test_who_decides_shows_again_that_it_is_they(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    with pytest.raises(Invalid) as refused:
        sign(session, city, request, password="Yidingyaojizhu-2027")
    assert [(one.field, one.code) for one in refused.value.problems] == [("own_password", "password_wrong")]
    assert refused.value.data["commit"] is True
    assert city.accounts["head"].failures == 1
    noted = "select outcome from audit_stage where tag = 'accounts:password:refuse'"
    assert session.scalars(text(noted)).all() == ["denied"]
    assert get_run(session, request.run_id).decisions == []  # type: ignore[arg-type]
    sign(session, city, request)
    (decision,) = get_run(session, request.run_id).decisions  # type: ignore[arg-type]
    assert decision.signed_with == "password"
    assert city.accounts["head"].failures == 0


def test_wrong_passwords_lock_as_they_do_at_sign_in(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    for _ in range(5):
        with pytest.raises(Invalid):
            sign(session, city, request, password="wrong")
    assert city.accounts["head"].locked_until is not None
    with pytest.raises(Invalid) as refused:
        sign(session, city, request)
    assert [(one.field, one.code) for one in refused.value.problems] == [("own_password", "locked")]
    assert request.status == RequestStatus.IN_APPROVAL


def test_the_second_factor_is_asked_of_whoever_has_one(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    then = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    code = pyotp.TOTP(SECRET).at(int(NOW.timestamp()))
    confirm_totp(session, actor=city.head, secret=SECRET, code=code, now=NOW)
    cases = {"": "required", "000000": "totp_wrong"}
    for given, expected in cases.items():
        with pytest.raises(Invalid) as refused:
            sign(session, city, request, totp=given, now=then)
        assert [(one.field, one.code) for one in refused.value.problems] == [("own_totp", expected)]
    noted = "select outcome from audit_stage where tag = 'accounts:totp:refuse'"
    assert session.scalars(text(noted)).all() == ["denied"]
    fresh = pyotp.TOTP(SECRET).at(int(then.timestamp()))
    sign(session, city, request, totp=fresh, now=then)
    (decision,) = get_run(session, request.run_id).decisions  # type: ignore[arg-type]
    assert decision.signed_with == "two_factors"
    with pytest.raises(Invalid):  # a code counts once
        sign(session, city, city.submitted(), totp=fresh, now=then)


def test_by_the_page(client: FlaskClient, session: Session, city: EvidenceCity) -> None:
    request = city.submitted(span_from=city.fresh[0], span_to=city.fresh[1], now=city.fresh[1])
    session.flush()
    where = f"/evidence/requests/{request.id}/decide"
    at(client, "head")
    assert 'name="own_password"' in page(client, where)
    assert 'name="own_totp"' not in page(client, where)
    given = {"step": CASE_HEAD, "verdict": "approve", "comment": "同意调取"}
    assert post(client, where, given).status_code == 422
    wrong = post(client, where, {**given, "own_password": "Yidingyaojizhu-2027"})
    assert wrong.status_code == 422
    assert "own_password-error" in wrong.get_data(as_text=True)
    assert "Yidingyaojizhu" not in wrong.get_data(as_text=True)
    signed = post(client, where, {**given, "own_password": PASSWORD})
    assert signed.status_code == 303
    # Looked at before, sent after: the step is another's, and the answer says what became of it.
    stale = post(client, where, {**given, "own_password": PASSWORD})
    assert stale.status_code == 303
    shown = page(client, f"/evidence/requests/{request.id}")
    assert "head" in shown
    for table in ("audit_stage", "idempotency_record", "approval_decision", "outbox"):
        rows = session.execute(text(f"select * from {table}")).mappings().all()
        assert PASSWORD not in str([dict(row) for row in rows]), table


def test_a_page_that_went_stale_is_told_so(client: FlaskClient, session: Session, city: EvidenceCity) -> None:
    request = city.submitted(span_from=city.fresh[0], span_to=city.fresh[1], now=city.fresh[1])
    session.flush()
    where = f"/evidence/requests/{request.id}"
    at(client, "head")
    page(client, f"{where}/decide")
    withdraw_request(session, actor=city.officer, request_id=request.id, reason="另案处理", now=city.fresh[1])
    late = {"step": CASE_HEAD, "verdict": "approve", "comment": "", "own_password": PASSWORD}
    answer = post(client, f"{where}/decide", late)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(where)
    assert "未予记录" in page(client, where) or "not recorded" in page(client, where)


@pytest.mark.requirement("APR-04")
def test_what_was_approved_before_a_change_is_void_and_given_again(session: Session, city: EvidenceCity) -> None:
    """Returned, taken back, lapsed: the earlier approval stays readable as void, and the chain begins anew."""
    request = city.submitted()
    city.decide(request, city.head)
    recall_request(session, actor=city.officer, request_id=request.id, reason="补充时间段", now=NOW + 2 * HOUR)
    assert request.status == RequestStatus.RETURNED
    first = get_run(session, request.run_id)  # type: ignore[arg-type]
    assert (first.voided, first.ended_reason) == (True, "补充时间段")
    submit_request(session, actor=city.officer, request_id=request.id, now=NOW + 3 * HOUR)
    second = get_run(session, request.run_id)  # type: ignore[arg-type]
    assert (second.awaits_step, second.decisions) == (CASE_HEAD, [])
    history = runs_of(session, subject_kind="footage_request", subject_id=request.id)
    assert [len(run.decisions) for run in history] == [0, 1]
    with pytest.raises(Invalid):
        recall_request(session, actor=city.officer, request_id=request.id, reason=" ", now=NOW + 3 * HOUR)


def test_the_page_and_the_slip_show_a_void_approval_as_such(
    client: FlaskClient, session: Session, city: EvidenceCity
) -> None:
    from portal.evidence.views import printing

    request = city.submitted(span_from=city.fresh[0], span_to=city.fresh[1], now=city.fresh[1])
    city.decide(request, city.head, comment="同意")
    with client.application.test_request_context():
        before = printing._slip(session, city.head, request, NOW)
    assert before.applicant.name == "head"  # type: ignore[attr-defined]
    recall_request(session, actor=city.officer, request_id=request.id, reason="时间写错", now=NOW + 2 * HOUR)
    with client.application.test_request_context():
        after = printing._slip(session, city.head, request, NOW)
    assert after.applicant.name == ""  # type: ignore[attr-defined]
    session.flush()
    shown = page(at(client, "officer"), f"/evidence/requests/{request.id}")
    assert "已失效" in shown
    assert "时间写错" in shown
