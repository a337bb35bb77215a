"""What a device seals is taken once, in its order, from its own person, and nothing else is."""

import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.digest import sha256_hex
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.inspection import operations, queries
from portal.inspection.models import Answer, SealedEntry, VisitPhoto
from portal.inspection.queries import planned_visit
from portal.inspection.states import Verdict
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from tests.inspection.test_acceptance import conclude, scheduled
from tests.people import NOW, World, make_world
from tests.support.telephone import Telephone


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def out(session: Session, world: World):
    """A visit with both inspectors' telephones, enrolled."""
    _, _, inspectors, acceptance = scheduled(session, world)
    visit = planned_visit(session, acceptance.id)
    first, second = (Telephone(who, visit.id) for who in inspectors)
    first.enrol(session)
    second.enrol(session)
    items = [item["key"] for item in acceptance.checklist["checklist"]["items"]]
    return acceptance, visit, first, second, items


def codes(outcomes) -> list[str]:
    return [outcome.code for outcome in outcomes]


def standing(session: Session, visit, item: str) -> Answer:
    return queries.answers_of(session, visit.id)[item]


def test_entries_are_taken_once_and_stand(session: Session, world: World) -> None:
    _, visit, phone, _, items = out(session, world)
    seals = [phone.judge(items[0]), phone.judge(items[1], "not_applicable")]
    assert codes(phone.send(session, *seals)) == ["taken", "taken"]
    # The answer was lost on the way: the same again, and one more.
    assert codes(phone.send(session, *seals, phone.judge(items[2]))) == ["known", "known", "taken"]
    rows = queries.entries_of(session, visit.id)
    assert [row.seq for row in rows] == [1, 2, 3]
    assert all(row.person_name and row.device_label == "测试手机" for row in rows)
    answer = standing(session, visit, items[1])
    assert (answer.verdict, answer.answered_by, answer.contested) == ("not_applicable", phone.who.person_id, False)
    assert answer.answered_at == rows[1].captured_at


def test_what_is_not_whole_is_refused_entry_by_entry(session: Session, world: World) -> None:
    _, visit, phone, other, items = out(session, world)
    good = phone.judge(items[0])
    phone.send(session, good)
    body = good.body.replace('"met"', '"not_met"')
    forged = replace(good, body=body, digest=sha256_hex(body.encode()))
    assert codes(phone.send(session, replace(good, body=body))) == ["digest_differs"]
    assert codes(phone.send(session, forged)) == ["forked"]
    lost, after = phone.judge(items[1]), phone.judge(items[2])
    assert codes(phone.send(session, after)) == ["gap"]
    assert codes(phone.send(session, replace(lost, signature=other.sign(lost.body)))) == ["bad_signature"]
    assert codes(phone.send(session, replace(lost, signature="=="))) == ["bad_signature"]
    assert codes(phone.send(session, replace(lost, body=lost.body.replace(":", ": ", 1)))) == ["not_canonical"]
    assert codes(phone.send(session, replace(lost, body="[" * 3000))) == ["malformed"]
    assert codes(phone.send(session, other.judge(items[1]))) == ["of_another"]
    assert codes(phone.send(session, lost, after)) == ["taken", "taken"]
    broken = Telephone(phone.who, visit.id, device=phone.device, key=phone.key, seq=3, prev="1" * 64)
    assert codes(phone.send(session, broken.judge(items[0]))) == ["chain_broken"]
    assert len(queries.entries_of(session, visit.id)) == 3


def test_what_is_sealed_well_but_says_nothing_fair_is_kept_and_does_not_count(session: Session, world: World) -> None:
    _, visit, phone, _, items = out(session, world)
    outcomes = phone.send(session, phone.judge(items[0], "not_met"), phone.judge("no_such_item"))
    assert [outcome.fault for outcome in outcomes] == ["note_needed", "unknown_item"]
    assert codes(outcomes) == ["taken", "taken"]
    assert queries.answers_of(session, visit.id) == {}


def test_an_ended_device_and_a_visit_that_is_over_take_nothing_more(session: Session, world: World) -> None:
    acceptance, visit, phone, other, items = out(session, world)
    first = phone.judge(items[0])
    phone.send(session, first)
    with pytest.raises(NotFound):
        operations.revoke_device(session, actor=other.who, device_id=phone.device, now=NOW)
    operations.revoke_device(session, actor=phone.who, device_id=phone.device, now=NOW)
    assert codes(phone.send(session, first, phone.judge(items[1]))) == ["known", "device_revoked"]
    with pytest.raises(Invalid, match="device_revoked"):
        phone.enrol(session)
    with pytest.raises(NotFound):
        operations.take_along(session, actor=phone.who, visit_id=visit.id, device_id=phone.device, now=NOW)
    leader = world.person(Role.BUREAU_LEADER)
    operations.cancel_visit(session, actor=phone.who, acceptance_id=acceptance.id, reason="停电", now=NOW)
    with pytest.raises(NotFound):  # called off: nobody is sent there any more
        other.send(session, other.judge(items[0]))
    operations.revoke_device(session, actor=leader, device_id=other.device, now=NOW)


def test_a_visit_goes_along_with_its_own_inspectors_alone(session: Session, world: World) -> None:
    acceptance, visit, phone, other, items = out(session, world)
    stranger = Telephone(world.person(Role.INSPECTOR), visit.id)
    stranger.enrol(session)
    with pytest.raises(NotFound):
        operations.take_along(session, actor=stranger.who, visit_id=visit.id, device_id=stranger.device, now=NOW)
    with pytest.raises(NotFound):
        stranger.send(session, stranger.judge(items[0]))
    with pytest.raises(NotFound):  # the device is another's
        operations.take_along(session, actor=phone.who, visit_id=visit.id, device_id=other.device, now=NOW)
    found, _, _ = operations.take_along(session, actor=phone.who, visit_id=visit.id, device_id=phone.device, now=NOW)
    told = session.execute(text("select count(*) from audit_stage where tag = 'inspection:visit:take'")).scalar_one()
    assert (found, told) == (acceptance, 1)
    acceptance.system.secret = True
    with pytest.raises(IllegalTransition, match="secret_stays"):
        operations.take_along(session, actor=phone.who, visit_id=visit.id, device_id=phone.device, now=NOW)


def test_a_wrong_clock_is_kept_beside_every_entry(session: Session, world: World) -> None:
    _, visit, phone, _, items = out(session, world)
    phone.send(session, phone.judge(items[0]), now=NOW, device_now=NOW + timedelta(minutes=7))
    (row,) = queries.entries_of(session, visit.id)
    assert (row.skew_s, row.received_at) == (420, NOW)


def test_nobody_changes_what_was_sealed(session: Session, world: World) -> None:
    _, _, phone, _, items = out(session, world)
    phone.send(session, phone.judge(items[0]))
    for statement in (
        "update sealed_entry set item = 'x'",
        "delete from sealed_entry",
        "truncate sealed_entry cascade",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_two_who_differ_keep_a_visit_open_until_it_is_settled(session: Session, world: World) -> None:
    acceptance, visit, phone, other, items = out(session, world)
    mine, theirs = phone.judge(items[0]), other.judge(items[0], "partly", note="支架松动")
    other.send(session, theirs)
    phone.send(session, mine)
    answer = standing(session, visit, items[0])
    assert (answer.verdict, answer.contested, answer.answered_by) == ("partly", True, other.who.person_id)
    assert queries.contested_items(session, visit.id) == [items[0]]
    with pytest.raises(Invalid) as refused:
        conclude(session, phone.who, acceptance)
    assert (items[0], "item_contested") in {(problem.field, problem.code) for problem in refused.value.problems}
    phone.send(session, phone.judge(items[0], "met", settles=[mine.digest, theirs.digest]))
    answer = standing(session, visit, items[0])
    assert (answer.verdict, answer.contested, answer.answered_by) == ("met", False, phone.who.person_id)


def test_what_is_typed_at_a_desk_is_sealed_and_merged_alike(session: Session, world: World) -> None:
    acceptance, visit, phone, other, items = out(session, world)
    phone.send(session, phone.judge(items[0]), phone.judge(items[1]))
    kept = dict(operations.given_answers(session, visit.id))
    changed = kept | {items[1]: replace(kept[items[1]], verdict=Verdict.PARTLY, note="画面偏暗")}

    def save(who, answers, **more):
        phone.clock += timedelta(minutes=1)
        return operations.save_answers(
            session, actor=who, acceptance_id=acceptance.id, answers=answers, now=phone.clock, **more
        )

    save(other.who, changed)
    # The first item went back as it stood: that was nobody's new word.
    assert [row.item for row in queries.entries_of(session, visit.id) if row.device_id is None] == [items[1]]
    assert queries.contested_items(session, visit.id) == [items[1]]
    named = {row.digest for row in queries.entries_of(session, visit.id) if row.item == items[1]}
    save(phone.who, {items[1]: kept[items[1]]}, settles={items[1]: named})
    assert queries.contested_items(session, visit.id) == []
    assert standing(session, visit, items[1]).verdict == "met"


def jpeg(shade: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), shade).save(made, "JPEG")
    return made.getvalue()


def arrive(session: Session, phone: Telephone, sealed: str, content: bytes) -> VisitPhoto:
    """A picture handed in for a sealed digest, as the view does it."""
    who = {"actor": phone.who}
    acceptance, entry, kept = operations.photo_expected(
        session, **who, visit_id=phone.visit, sha256=sealed, arrived=sha256_hex(content)
    )
    if kept is not None:
        return kept
    stored = store_upload(
        session, actor=phone.who.actor, stream=io.BytesIO(content), filename="现场.jpg", kind=FileKind.PHOTO, now=NOW
    )
    return operations.keep_sealed_photo(
        session, **who, acceptance=acceptance, entry=entry, sha256=sealed, stored=stored, now=NOW
    )


def test_a_photo_that_differs_from_its_seal_is_kept_and_proves_nothing(session: Session, world: World) -> None:
    _, visit, phone, _, items = out(session, world)
    true, false = jpeg("grey"), jpeg("white")
    sealed = sha256_hex(true)
    phone.send(session, phone.judge(items[0], photos=[sealed]))
    altered = arrive(session, phone, sealed, false)
    assert (altered.altered, altered.item) == (True, items[0])
    assert arrive(session, phone, sealed, false) is altered
    assert queries.photographed(session, visit.id) == frozenset()
    kept = arrive(session, phone, sealed, true)
    assert not kept.altered
    assert queries.photographed(session, visit.id) == {items[0]}
    assert len(session.scalars(select(VisitPhoto)).all()) == 2
    with pytest.raises(IllegalTransition, match="photo_sealed"):
        operations.remove_photo(session, actor=phone.who, acceptance_id=visit.acceptance_id, photo_id=kept.id, now=NOW)
    with pytest.raises(NotFound):
        arrive(session, phone, sha256_hex(b"never sealed"), true)


def test_a_record_made_on_devices_is_signed_by_unit_and_inspectors(session: Session, world: World) -> None:
    acceptance, visit, phone, other, items = out(session, world)
    mine = [phone.judge(item) for item in items[:2]]
    phone.send(session, *mine)

    def missing() -> list[str]:
        return [problem.code for problem in operations.record_problems(session, acceptance, visit, now=NOW)]

    assert missing() == ["unit_signature_missing", "inspector_signature_missing", "inspector_signature_missing"]
    named = [seal.digest for seal in mine]
    phone.send(session, phone.write("周校长", named, capacity="unit"), phone.write(phone.who.name, named))
    other.send(session, other.write(other.who.name, named))
    assert missing() == []
    # What is judged after the signatures stands under none of them.
    more = phone.judge(items[2])
    phone.send(session, more)
    assert missing() == ["unit_signature_missing", "inspector_signature_missing"]
    phone.send(session, phone.write("周校长", [more.digest], capacity="unit", refused="不认可第三项"))
    phone.send(session, phone.write(phone.who.name, [more.digest]))
    assert missing() == []
    bad = phone.write("周校长", [more.digest], refused="检查人不能拒签")
    assert codes(phone.send(session, bad)) == ["malformed"]


def test_a_key_that_is_none_and_a_sixth_device_are_refused(session: Session, world: World) -> None:
    who = world.person(Role.INSPECTOR)
    for key in ("", "é", "AAAA", "=" * 80):
        with pytest.raises(Invalid, match="no_key"):
            operations.enrol_device(session, actor=who, public_key=key, label="x", now=NOW)
    phones = [Telephone(who, uuid4()) for _ in range(6)]
    for phone in phones[:5]:
        phone.enrol(session)
    assert phones[0].enrol(session).id == phones[0].device
    with pytest.raises(Invalid, match="devices_full"):
        phones[5].enrol(session)
    assert session.scalars(select(SealedEntry)).all() == []
