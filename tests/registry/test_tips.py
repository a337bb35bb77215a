"""Reports of the public: sent without a sign-in, within limits, followed by reference, handled by the organ."""

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.db import narrow
from portal.core.errors import Invalid, NotFound, TooMany
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.models import PlaceReview, TipOff
from portal.registry.operations.tips import MOST_OF_ONE, new_reference
from portal.registry.queries.reviews import tip_by_reference
from portal.registry.states import ReviewAction
from portal.registry.values.zones import TipCategory, TipOutcome, TipParticulars
from tests.people import BEIGUAN, NOW, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import a_system

REPORT = {
    "category": "forbidden_place",
    "district": WENFENG,
    "place": "某浴池二楼",
    "told": "更衣柜上方装有摄像头",
    "contact": "13803720011",
}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_tip(session: Session, *, category: TipCategory = TipCategory.FORBIDDEN_PLACE, sender: str = "one") -> TipOff:
    given = TipParticulars(
        category=category, district=WENFENG, place="某浴池二楼", told="有摄像头", contact="13803720011"
    )
    return operations.receive_tip(session, particulars=given, sender=sender, photo_file_id=None, now=NOW)


@pytest.mark.requirement("CAT-07")
def test_a_report_opens_a_review_and_its_reference_tells_how_far_it_is(
    client: FlaskClient, session: Session, world: World
) -> None:
    """Nobody signs in; the answer names no place, no camera and no officer."""
    assert client.get("/public/tip-offs/new").status_code == 200
    bad = post(client, "/public/tip-offs/new", {**REPORT, "told": ""})
    assert bad.status_code == 422
    assert 'value="某浴池二楼"' in bad.text
    sent = post(client, "/public/tip-offs/new", REPORT)
    assert sent.status_code == 303
    reference = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", client.get("/public/tip-offs/sent").text)
    assert reference is not None
    narrow(session, EVERYTHING)
    tip = session.scalars(select(TipOff)).one()
    assert (tip.reference, tip.organ_id) == (reference.group(), world.branches[WENFENG].id)
    assert "13803720011" not in (tip.contact_sealed or "") + tip.contact_masked
    review = session.scalars(select(PlaceReview)).one()
    assert (review.kind, review.tip_off_id, review.camera_id) == ("tip_off", tip.id, None)

    registrar = world.person(Role.REGISTRAR)
    operations.take_tip(session, actor=registrar, tip_off_id=tip.id, seen_version=tip.version, now=NOW)
    session.flush()
    operations.close_tip(
        session, actor=registrar, tip_off_id=tip.id, seen_version=tip.version, outcome=TipOutcome.ORDERED,
        answer="已责令拆除。", now=NOW,
    )  # fmt: skip
    session.flush()
    page = post(client, "/public/tip-offs", {"reference": reference.group().lower()}).text
    assert post(client, "/public/tip-offs", {"reference": reference.group().replace("-", " ")}).status_code == 200
    assert "已责令拆除。" in page
    assert world.branches[WENFENG].name in page
    assert not any(word in page for word in ("某浴池", "更衣柜", registrar.name, "138"))
    assert post(client, "/public/tip-offs", {"reference": "BCDF-GHJK-MNPQ"}).status_code == 404


def test_one_address_sends_only_so_many_reports_within_the_hour(
    client: FlaskClient, session: Session, world: World
) -> None:
    for _ in range(MOST_OF_ONE):
        assert post(client, "/public/tip-offs/new", REPORT).status_code == 303
    page = post(client, "/public/tip-offs/new", REPORT)
    assert page.status_code == 429
    assert "提交次数过多" in page.text
    narrow(session, EVERYTHING)
    assert len(session.scalars(select(TipOff)).all()) == MOST_OF_ONE
    other = operations.admit_sender(session, address="203.0.113.9", now=NOW)
    assert other not in {tip.sender for tip in session.scalars(select(TipOff))}


def test_pictures_that_are_refused_are_counted_too(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each costs its examination; without a report nothing else would count it."""
    monkeypatch.setattr("portal.accounts.operations.signin.ADDRESS_MAX_FAILURES", 2)

    def sent() -> int:
        return post(
            client, "/public/tip-offs/new", {**REPORT, "photo": (io.BytesIO(b"no picture"), "x.jpg")}
        ).status_code

    assert [sent(), sent(), sent()] == [422, 422, 429]
    narrow(session, EVERYTHING)
    assert session.scalars(select(TipOff)).all() == []


def test_the_limit_passes_with_time(session: Session, world: World) -> None:
    sender = operations.admit_sender(session, address="203.0.113.7", now=NOW)
    for _ in range(MOST_OF_ONE):
        a_tip(session, sender=sender)
    with pytest.raises(TooMany):
        operations.admit_sender(session, address="203.0.113.7", now=NOW)
    later = NOW + timedelta(hours=1, seconds=1)
    assert operations.admit_sender(session, address="203.0.113.7", now=later) == sender


def test_who_draws_a_new_ipv6_address_for_each_report_is_one_sender(session: Session, world: World) -> None:
    """Otherwise one of them sends what the whole city may within the hour, and shuts everybody else out."""
    drawn = {operations.admit_sender(session, address=f"2001:db8:0:7::{last}", now=NOW) for last in range(3)}
    assert len(drawn) == 1


def test_a_report_goes_to_the_organ_of_the_place_and_is_out_of_every_units_sight(
    session: Session, world: World
) -> None:
    tip = a_tip(session, category=TipCategory.INTRUSION)
    registrar, far = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    filer, _ = a_system(session, world)
    taken = {"tip_off_id": tip.id, "now": NOW}
    for stranger in (far, filer):
        with pytest.raises(NotFound):
            operations.take_tip(session, actor=stranger, seen_version=tip.version, **taken)
    with pytest.raises(Invalid):
        operations.forward_tip(session, actor=registrar, seen_version=tip.version, district=WENFENG, **taken)
    narrow(session, registrar.data_scope)
    operations.forward_tip(session, actor=registrar, seen_version=tip.version, district=BEIGUAN, **taken)
    moved_id = tip.id
    session.expunge(tip)
    assert session.get(TipOff, moved_id) is None  # gone from where it does not belong
    narrow(session, far.data_scope)
    moved = session.get(TipOff, moved_id)
    assert moved is not None
    assert (moved.district, moved.organ_id, moved.status) == (BEIGUAN, world.branches[BEIGUAN].id, "received")
    assert session.scalars(select(PlaceReview.district)).one() == BEIGUAN
    narrow(session, filer.data_scope)
    assert session.scalars(select(TipOff)).all() == []
    narrow(session, EVERYTHING)


@pytest.mark.requirement("CAT-07")
def test_a_report_whose_camera_is_found_becomes_a_review_of_that_point(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR)
    tip = a_tip(session)
    review = session.scalars(select(PlaceReview)).one()
    sign_in(client, world.login_of(registrar))
    wrong = post(client, f"/reviews/{review.id}/camera", {"camera": "没有的"})
    assert wrong.status_code == 422
    assert post(client, f"/reviews/{review.id}/camera", {"camera": "南门入口-向北-球机"}).status_code == 303
    session.expire_all()
    assert (review.system_id, review.unit_id) == (system.id, system.unit_id)
    operations.decide_review(
        session, actor=registrar, review_id=review.id, seen_version=review.version, action=ReviewAction.ASK_MASK,
        reason="请遮挡二层窗户", photo_file_id=None, now=NOW,
    )  # fmt: skip
    client.get("/sign-out")
    sign_in(client, world.login_of(filer))
    page = client.get(f"/reviews/{review.id}")
    assert "请遮挡二层窗户" in page.text
    assert not any(word in page.text for word in ("某浴池", "举报", tip.reference))


def test_references_are_drawn_not_counted() -> None:
    drawn = {new_reference() for _ in range(500)}
    assert len(drawn) == 500
    assert all(re.fullmatch(r"([B-DF-HJKMNP-RTV-Y2-46-9]{4}-){2}[B-DF-HJKMNP-RTV-Y2-46-9]{4}", one) for one in drawn)


def test_nothing_is_told_for_a_reference_that_was_never_given(session: Session, world: World) -> None:
    assert tip_by_reference(session, "BCDF-GHJK-MNPQ") is None
