"""Oversight of requests: robust outliers as a pure rule, each kind of sign found and the usual left alone, explanations."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.ids import new_id
from portal.core.outbox import OutboxRow, TaskName
from portal.evidence.models import FootageRequest, OversightQuestion, RequestCamera, UnlockSession
from portal.evidence.operations.watching import ask_explanation, give_explanation, judge_explanation
from portal.evidence.queries.statistics import year_figures, years_known
from portal.evidence.queries.watching import get_question, office_hours, question_page, sign_page
from portal.evidence.rules.statistics import hushed, told, told_of_wholes
from portal.evidence.rules.watching import always_together, measured, off_hours, outlier, rest_days
from portal.evidence.tasks import notify_question
from portal.evidence.values import CaseContent
from portal.evidence.values.watching import Sign, SignKind
from portal.regulation.calendar import WorkCalendar
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW

LATER = NOW + timedelta(days=3)
CALENDAR = WorkCalendar()


def signs(session: Session, who: Identity, kind: SignKind, *, now: datetime = LATER, **asked: Any) -> list[Sign]:
    """What a reader is shown of a kind."""
    return list(sign_page(session, who, kind, now=now, **asked).items)


def bare(city: EvidenceCity) -> FootageRequest:
    """One without a case number, as one of before the form asked for it would be."""
    (key,) = many(city.session, city.submitted(), 1, case_number="")
    return city.session.get_one(FootageRequest, key)


def many(session: Session, request: FootageRequest, n: int, *, cases: bool = False, **changes: Any) -> list[UUID]:
    """The same request n times more, under numbers and, if told, case numbers of their own."""
    session.flush()
    row = dict(
        session.execute(select(FootageRequest.__table__).where(FootageRequest.id == request.id)).mappings().one()
    )
    cameras = session.execute(select(RequestCamera.__table__).where(RequestCamera.request_id == request.id)).mappings()
    copies, named, status = [], [dict(one) for one in cameras], row["status"]
    for number in range(n):
        own = {
            "id": new_id(),
            "number": f"X{secrets.token_hex(8)}",
            "submitted_at": LATER - timedelta(hours=1, minutes=number),
        }
        copies.append({**row, **own, **({"case_number": f"A{number}"} if cases else {}), **changes, "status": "draft"})
    session.execute(insert(FootageRequest), copies)
    session.execute(insert(RequestCamera), [{**one, "request_id": copy["id"]} for copy in copies for one in named])
    # What a submitted request names is frozen: they are drafts until their cameras are there.
    keys = [one["id"] for one in copies]
    session.execute(update(FootageRequest).where(FootageRequest.id.in_(keys)).values(status=status))
    return keys


def test_a_volume_stands_out_against_the_own_past_and_against_peers() -> None:
    peers = [2, 3, 3, 4, 2, 5, 3]
    found = outlier(30, [2, 3, 2, 4], peers, least=10, score=4)
    assert found is not None
    assert (found.own.usual, found.peers.usual) == (2.5, 3.0)  # type: ignore[union-attr]
    assert found.peers == measured(30, peers)
    assert measured(30, peers).spread == 1.48  # type: ignore[union-attr]  # 1.4826 times the median deviation of one
    assert outlier(30, [28, 31, 29, 30], peers, least=10, score=4) is None  # usual for this person
    assert outlier(30, [2, 3, 2], [28, 31, 29, 30], least=10, score=4) is None  # usual for everybody
    assert outlier(9, [0, 0, 0], [1, 1, 1], least=10, score=4) is None  # too few to compare
    assert outlier(30, [], [], least=10, score=4) is None  # nothing to compare with is no finding


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=3, max_size=30), st.integers(0, 500))
def test_one_wild_number_moves_the_measure_but_little(others: list[int], count: int) -> None:
    plain, wild = measured(count, others), measured(count, [*others, 10**6])
    assert plain is not None
    assert wild is not None
    assert min(others) <= plain.usual <= wild.usual <= max(others)
    assert plain.spread >= 1


def test_hours_and_holidays_of_the_city() -> None:
    hours = office_hours(NOW)
    assert hours is not None
    friday = NOW  # 9:00 in the city
    assert not off_hours(friday, CALENDAR, hours)
    assert off_hours(friday + timedelta(hours=14), CALENDAR, hours)  # 23:00
    assert off_hours(friday + timedelta(days=1), CALENDAR, hours)  # Saturday
    assert not off_hours(datetime.fromisoformat("2026-10-10T01:00:00+00:00"), CALENDAR, hours)  # a Saturday worked
    assert off_hours(datetime.fromisoformat("2026-10-01T01:00:00+00:00"), CALENDAR, hours)  # the national holiday
    assert [one.day for one in rest_days(CALENDAR, friday, friday + timedelta(days=4))] == [21, 22]


def test_the_same_two_are_a_sign_only_where_others_could() -> None:
    told = {"percent": 90, "least": 5}
    assert always_together(9, 10, 4, **told)
    assert not always_together(8, 10, 4, **told)
    assert not always_together(4, 4, 4, **told)
    assert not always_together(10, 10, 2, **told)


def test_requests_without_a_case_number_are_listed_and_secret_ones_never(session: Session, city: EvidenceCity) -> None:
    request = bare(city)
    city.submitted()
    city.submitted(content=CaseContent("", "", "", "密", "密"), secret=True, readers=(city.head.person_id,))
    (sign,) = signs(session, city.auditor, SignKind.NO_CASE)
    assert (sign.key, sign.label, sign.person_id) == (str(request.id), request.number, city.officer.person_id)
    leader = city.person("bureaulead", Role.BUREAU_LEADER, organ=city.bureau)
    far = city.person("farlead", Role.BUREAU_LEADER, organ=city.far_bureau)
    assert len(signs(session, leader, SignKind.NO_CASE)) == 1
    assert signs(session, far, SignKind.NO_CASE) == []
    assert signs(session, city.officer, SignKind.NO_CASE) == []
    assert signs(session, city.auditor, SignKind.NO_CASE, now=LATER + timedelta(days=120)) == []


def test_what_is_opened_or_decided_at_night_is_listed(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    city.unlock(request)
    assert signs(session, city.auditor, SignKind.OFF_HOURS) == []
    opened = session.scalars(select(UnlockSession)).one()
    night = {"id": new_id(), "opened_at": NOW + timedelta(hours=15)}
    row = dict(session.execute(select(UnlockSession.__table__).where(UnlockSession.id == opened.id)).mappings().one())
    session.execute(insert(UnlockSession), [{**row, **night}])
    (sign,) = signs(session, city.auditor, SignKind.OFF_HOURS)
    assert (sign.person_name, sign.facts) == ("陈工", {"value": "opened"})
    # The organ's leader watches over the organ's own people.
    assert signs(session, city.person("lead", Role.BUREAU_LEADER, organ=city.bureau), SignKind.OFF_HOURS) == []


def test_an_approval_within_seconds_of_its_turn_is_listed(session: Session, city: EvidenceCity) -> None:
    slow = city.approved()
    city.submitted(now=NOW + HOUR)
    quick = session.scalars(select(FootageRequest).where(FootageRequest.id != slow.id)).one()
    city.decide(quick, city.head)  # an hour after NOW, as it was submitted
    found = signs(session, city.auditor, SignKind.QUICK)
    # Both of the first request were given at one moment: the second within seconds of its turn.
    assert {(one.request_id, one.person_id) for one in found} == {
        (slow.id, city.security.person_id), (quick.id, city.head.person_id),
    }  # fmt: skip
    leader = city.person("lead", Role.BUREAU_LEADER, organ=city.bureau)
    assert {one.person_id for one in signs(session, leader, SignKind.QUICK)} == {city.head.person_id}


def test_a_hold_that_nobody_confirms_is_listed(session: Session, city: EvidenceCity) -> None:
    city.submitted()
    assert signs(session, city.auditor, SignKind.HOLD, now=NOW + HOUR) == []
    (sign,) = signs(session, city.auditor, SignKind.HOLD)
    assert sign.person_id == city.security.person_id


def test_volumes_repeats_and_pairs_are_counted(session: Session, city: EvidenceCity) -> None:
    request = city.submitted()
    many(session, request, 27, cases=True)
    assert signs(session, city.auditor, SignKind.VOLUME) == []  # nobody to compare with
    for number in range(3):
        other = city.person(f"peer{number}", Role.INVESTIGATOR, organ=city.bureau, police_number=f"06{number}")
        many(session, request, 1, requester_id=other.person_id)
    (volume,) = signs(session, city.auditor, SignKind.VOLUME)
    assert (volume.person_id, volume.facts["count"], volume.facts["peers_usual"]) == (city.officer.person_id, 28, 1.0)
    assert "own_usual" not in volume.facts
    (repeat,) = signs(session, city.auditor, SignKind.REPEATS)
    assert (repeat.label, repeat.facts["cases"]) == ("东门", 28)
    assert signs(session, city.auditor, SignKind.PAIR) == []
    for number in range(5):
        done = city.assigned(content=CaseContent(f"B{number}", "案", "", "核查", "固定"))
        city.unlock(done)
    (pair,) = signs(session, city.auditor, SignKind.PAIR)
    assert pair.facts["able"] > 2
    assert (pair.facts["count"], pair.facts["total"], pair.label) == (5, 5, "安阳职业技术学院")


def test_pages_follow_on_each_other_without_a_gap(session: Session, city: EvidenceCity) -> None:
    many(session, bare(city), 6)
    seen, after = [], ""
    while True:
        page = sign_page(session, city.auditor, SignKind.NO_CASE, now=LATER, after=after, size=3)
        assert page.total == 7
        seen += [one.key for one in page.items]
        if page.next_cursor is None:
            break
        after = page.next_cursor
    assert len(seen) == len(set(seen)) == 7


def explained(session: Session, who: Identity, now: datetime) -> tuple[int, ...]:
    """Of the year: asked for, not given in time, not accepted."""
    counted = year_figures(session, who, 2026, now=now).groups["count"]
    return tuple(counted[key] for key in ("explained", "explained_late", "explained_further"))


def test_an_explanation_is_asked_given_and_judged_by_another(session: Session, city: EvidenceCity) -> None:
    request = bare(city)
    told: dict[str, Any] = {"kind": SignKind.NO_CASE, "key": str(request.id), "now": LATER}
    with pytest.raises(Invalid):
        ask_explanation(session, actor=city.auditor, question=" ", **told)
    with pytest.raises(NotFound):
        ask_explanation(session, actor=city.officer, question="为何未填案号？", **told)
    asked = ask_explanation(session, actor=city.auditor, question="为何未填案号？", **told)
    assert explained(session, city.auditor, LATER) == (1, 0, 0)
    assert explained(session, city.auditor, LATER + timedelta(days=10)) == (1, 1, 0)
    assert (asked.status, asked.due_on.isoformat()) == ("asked", "2026-11-30")  # five working days after a Monday
    with pytest.raises(Invalid, match="asked_already"):
        ask_explanation(session, actor=city.auditor, question="再问", **told)
    with pytest.raises(NotFound):
        get_question(session, city.partner, asked.id)
    with pytest.raises(IllegalTransition):
        judge_explanation(session, actor=city.auditor, question_id=asked.id, accepted=True, note="", now=LATER)
    with pytest.raises(NotAllowed):
        give_explanation(session, actor=city.auditor, question_id=asked.id, answer="代答", now=LATER)
    give_explanation(session, actor=city.officer, question_id=asked.id, answer="漏填，已补。", now=LATER)
    with pytest.raises(NotAllowed):
        judge_explanation(session, actor=city.officer, question_id=asked.id, accepted=True, note="", now=LATER)
    with pytest.raises(Invalid):
        judge_explanation(session, actor=city.auditor, question_id=asked.id, accepted=False, note="", now=LATER)
    judge_explanation(session, actor=city.auditor, question_id=asked.id, accepted=False, note="转纪检", now=LATER)
    assert question_page(session, city.officer, None).total == 1
    assert question_page(session, city.partner, None).total == 0
    assert (asked.status, asked.decided_name) == ("escalated", city.auditor.name)
    tags = session.scalars(select(AuditStage.tag).where(AuditStage.subject_id == str(asked.id)).order_by(AuditStage.id))
    assert list(tags) == ["evidence:question:ask", "evidence:question:answer", "evidence:question:escalate"]
    # Told by a job: an answer in its giver's own scope could write nothing on the asker's list.
    sent = select(OutboxRow.payload).where(OutboxRow.kind == TaskName.EVIDENCE_NOTIFY_QUESTION)
    assert session.scalars(select(Notice.id).where(Notice.subject_id == asked.id)).all() == []
    for payload in session.scalars(sent.order_by(OutboxRow.id)).all():
        notify_question(session, now=LATER, **payload)
    heard = session.scalars(select(Notice.person_id).where(Notice.subject_id == asked.id).order_by(Notice.id)).all()
    assert heard == [city.officer.person_id, city.auditor.person_id, city.officer.person_id]
    assert session.get(OversightQuestion, asked.id) is asked
    assert explained(session, city.auditor, LATER + timedelta(days=10)) == (1, 0, 1)
    far = city.person("farlead", Role.BUREAU_LEADER, organ=city.far_bureau)
    assert explained(session, far, LATER) == (0, 0, 0)


def test_small_numbers_are_left_out_and_no_gap_can_be_worked_out() -> None:
    assert hushed({"a": 12, "b": 3, "c": 7, "d": 0}, least=5) == {"a": 12, "b": None, "c": None, "d": 0}
    # Two gaps of which two are known in all are one each: the next goes, too.
    assert hushed({"a": 12, "b": 1, "c": 1, "d": 20}, least=5) == {"a": None, "b": None, "c": None, "d": 20}
    assert hushed({"a": 12, "b": 0}, least=5) == {"a": 12, "b": 0}
    assert hushed({"b": 3}, least=5) == {"b": None}
    assert hushed({"a": 12, "b": 3}, least=0) == {"a": 12, "b": 3}
    counted = told_of_wholes({"all": 30, "in_time": 28, "leaks": 2}, {"in_time": "all"}, least=5)
    assert counted == {"all": 30, "in_time": None, "leaks": None}  # two late ones would follow from thirty and 28
    assert (told(4, least=5), told(5, least=5), told(0, least=5)) == (None, 5, 0)


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 40), max_size=8))
def test_of_a_published_group_no_gap_follows_from_the_sum(cells: dict[str, int]) -> None:
    shown = hushed(cells, least=5)
    assert all(number is None or number == cells[key] for key, number in shown.items())
    assert not [key for key, number in shown.items() if number is not None and 0 < number < 5]
    gaps = [cells[key] for key, number in shown.items() if number is None]
    left = [number for number in shown.values() if number]
    assert not gaps or not left or (len(gaps) > 1 and sum(gaps) - len(gaps) >= 5)


def test_the_figures_of_a_year_count_what_happened(session: Session, city: EvidenceCity) -> None:
    city.sealed()
    refused = city.submitted()
    city.decide(refused, city.head, Verdict.REFUSE, "无关")
    city.submitted(secret=True, readers=(city.head.person_id,))
    many(session, refused, 2, submitted_at=NOW - timedelta(days=365))
    session.flush()
    found = year_figures(session, city.auditor, 2026, now=LATER)
    assert (found.groups["count"]["all"], found.groups["count"]["holds"], found.secret) == (2, 2, 1)
    assert {key: n for key, n in found.groups["outcome"].items() if n} == {"supplied": 1, "refused": 1}
    assert found.groups["requester"]["police_criminal"] == 2
    assert found.groups["district"] == {"410502": 2}
    assert found.groups["organ"] == {"文峰分局": 2}
    assert found.hours_median == 2.0  # approved at ten, opened at noon
    assert year_figures(session, city.auditor, 2025, now=LATER).groups["count"]["all"] == 2
    assert year_figures(session, city.auditor, 2026, district="410581", now=LATER).groups["count"]["all"] == 0
    assert years_known(session, city.auditor, now=LATER) == [2026, 2025]
    far = city.person("farlead", Role.BUREAU_LEADER, organ=city.far_bureau)
    assert year_figures(session, far, 2026, now=LATER).groups["count"]["all"] == 0
