"""Reading: filters, pages, trails, the state of the log, and the runs a page asks for."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.audit import tasks
from portal.audit.models import AuditRun, AuditStage
from portal.audit.operations.running import request_export, request_verification
from portal.audit.queries.reader import detail_of, page_of, signed_size, trail_for
from portal.audit.queries.status import status_of
from portal.audit.values import ENTRY_READ, LOG_READ, Actor, LogFilter, Outcome, SubjectRef
from portal.core.errors import Invalid, NotFound
from portal.core.outbox import TaskName
from portal.core.scope import EVERYTHING
from portal.jobs import REGISTRY, Runner
from tests.audit.conftest import ACTOR, NOW, LogRoom
from tests.audit.specimen import ORIGIN, Bench, signer

OTHER = Actor(person_id=UUID(int=9), name="李建国")


@pytest.fixture
def log(room: LogRoom) -> LogRoom:
    """Thirty acts a minute apart, of two people, some refused."""
    with room.database.transaction() as session:
        for number in range(30):
            room.add(
                session,
                actor=OTHER if number % 3 == 0 else ACTOR,
                tag=ENTRY_READ if number % 2 else LOG_READ,
                subject=SubjectRef("filing" if number % 2 else "camera", f"F{number % 4}", f"第{number}号"),
                unit_id=UUID(int=number % 5 + 1),
                district="410502" if number < 20 else "410503",
                outcome=Outcome.DENIED if number == 7 else Outcome.OK,
                now=NOW + timedelta(minutes=number),
            )
    room.settle()
    room.seal()
    return room


def labels(room: LogRoom, wanted: LogFilter, size: int = 50) -> list[int]:
    with room.database.session(EVERYTHING) as session:
        return [int(row.record.subject_label[1:-1]) for row in page_of(session, wanted, size=size).items]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LogFilter(), range(29, -1, -1)),
        (LogFilter(person_id=UUID(int=9)), range(27, -1, -3)),
        (LogFilter(person_name="李建国"), range(27, -1, -3)),
        (LogFilter(tag=ENTRY_READ), range(29, 0, -2)),
        (LogFilter(subject_kind="camera", subject="F2"), range(26, 1, -4)),
        (LogFilter(subject="第7号"), [7]),
        (LogFilter(subject="%"), []),
        (LogFilter(unit_id=UUID(int=1)), range(25, -1, -5)),
        (LogFilter(district="410503"), range(29, 19, -1)),
        (LogFilter(outcome=Outcome.DENIED), [7]),
        (LogFilter(outcome=Outcome.OK, person_id=UUID(int=9)), range(27, -1, -3)),
        (LogFilter(first_day=date(2026, 11, 20), last_day=date(2026, 11, 20)), range(29, -1, -1)),
        (LogFilter(first_day=date(2026, 11, 21)), []),
        (LogFilter(last_day=date(2026, 11, 19)), []),
    ],
)
def test_filters(log: LogRoom, wanted: LogFilter, found: range) -> None:
    assert labels(log, wanted) == list(found)


def test_pages_meet_without_gap_or_overlap(log: LogRoom) -> None:
    seen, cursor = [], None
    with log.database.session(EVERYTHING) as session:
        while True:
            page = page_of(session, LogFilter(), after=cursor, size=7)
            assert page.total == 30
            seen += [row.seq for row in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == list(range(30, 0, -1))
        with pytest.raises(Invalid):
            page_of(session, LogFilter(), after="WyJ4IiwieSJd")


def test_the_trail_of_a_thing(log: LogRoom) -> None:
    with log.database.session(EVERYTHING) as session:
        trail = trail_for(session, kind="camera", subject_id="F0", limit=3)
        assert [row.subject_label for row in trail] == ["第28号", "第24号", "第20号"]


def test_a_record_shows_whether_it_is_what_was_sealed(log: LogRoom) -> None:
    with log.database.session(EVERYTHING) as session:
        key = session.scalars(select(AuditStage.id).where(AuditStage.subject_label == "第7号")).one()
        found = detail_of(session, key)
        assert (found.seq, found.agrees) == (8, True)
        assert found.checkpoint is not None
        assert found.checkpoint.size == 30
    log.forge("update audit_stage set subject_label = '别处' where subject_label = '第7号'")
    with log.database.session(EVERYTHING) as session:
        assert not detail_of(session, key).agrees
        with pytest.raises(NotFound):
            detail_of(session, UUID(int=1))


def test_a_record_that_waits_has_no_number(room: LogRoom) -> None:
    (key,) = room.stage()
    with room.database.session(EVERYTHING) as session:
        found = detail_of(session, key)
        assert (found.seq, found.checkpoint, found.agrees) == (None, None, True)
        assert signed_size(session) == 0


def test_the_state_of_the_log(log: LogRoom) -> None:
    log.stage(2)
    log.places[1].checkpoints.unlink()
    with log.database.session(EVERYTHING) as session:
        status = status_of(session, log.places, log.key)
    assert (status.size, status.signed, status.waiting, status.waiting_capped) == (30, 30, 2, False)
    assert status.signed_at == NOW
    assert [place.checkpoint.size if place.checkpoint else None for place in status.places] == [30, None]
    assert status.oldest_waiting is not None
    assert status.is_late(status.oldest_waiting)  # a place lacks the newest checkpoint
    log.places[1].checkpoints.write_bytes(log.places[0].checkpoints.read_bytes())
    with log.database.session(EVERYTHING) as session:
        status = status_of(session, log.places, log.key)
    assert not status.is_late(status.oldest_waiting + timedelta(seconds=60))  # type: ignore[operator]
    assert status.is_late(status.oldest_waiting + timedelta(seconds=120))  # type: ignore[operator]


# ---- runs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def witnessed(log: LogRoom, monkeypatch: pytest.MonkeyPatch) -> LogRoom:
    """The room's database knows the room's places and key."""
    monkeypatch.setattr(tasks, "outside_of", lambda _services: (log.places, signer().key))
    return log


def run_jobs(room: LogRoom) -> None:
    assert TaskName.AUDIT_VERIFY in REGISTRY
    Runner(room.database).drain("default")


def test_a_verification_asked_for_on_a_page(witnessed: LogRoom) -> None:
    with witnessed.database.transaction() as session:
        key = request_verification(session, actor=ACTOR, now=NOW).id
    run_jobs(witnessed)
    with witnessed.database.session(EVERYTHING) as session:
        run = session.get_one(AuditRun, key)
        assert (run.state, run.checked, run.total, run.signed, run.problem) == ("done", 30, 30, 30, "")
        record = session.scalars(select(AuditStage).where(AuditStage.tag == "audit:log:verify")).one()
        assert (record.actor_name, record.actor_person, record.outcome) == ("王敏", ACTOR.person_id, "ok")


def test_a_failed_verification_names_the_entry(witnessed: LogRoom) -> None:
    witnessed.forge("update audit_entry set body = body || ' ' where seq = 12")
    with witnessed.database.transaction() as session:
        key = request_verification(session, actor=ACTOR, now=NOW).id
    run_jobs(witnessed)
    with witnessed.database.session(EVERYTHING) as session:
        run = session.get_one(AuditRun, key)
        assert (run.state, run.first_bad, run.problem) == ("failed", 12, "content_changed")
        record = session.scalars(select(AuditStage).where(AuditStage.tag == "audit:log:verify")).one()
        assert record.outcome == "failed"


def test_the_nightly_verification_needs_nobody(witnessed: LogRoom) -> None:
    tasks.verify(witnessed.database, now=NOW)
    with witnessed.database.session(EVERYTHING) as session:
        assert session.scalars(select(AuditRun)).one().state == "done"


def test_an_export_asked_for_on_a_page_holds(witnessed: LogRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    services = witnessed.database.services
    monkeypatch.setattr(
        witnessed.database, "services", replace(services, witness=replace(services.witness, origin=ORIGIN))
    )
    with witnessed.database.transaction() as session:
        key = request_export(session, actor=ACTOR, first=5, last=20, reason=" 年度检查 ", now=NOW).id
        assert (
            session.scalars(select(AuditStage.reason).where(AuditStage.tag == "audit:log:export")).one() == "年度检查"
        )
    run_jobs(witnessed)
    path = tasks.export_path(services.data_dir, key)
    with witnessed.database.session(EVERYTHING) as session:
        run = session.get_one(AuditRun, key)
        assert (run.state, run.checked) == ("done", 16)
        assert (run.file_sha256, run.file_size) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    newest = witnessed.places[0].newest(witnessed.key)
    assert newest is not None
    assert Bench([newest]).first_bad(path.read_bytes(), first=5, last=20) is None


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"first": 1, "last": 31, "reason": "x"}, ["audit_beyond_signed"]),
        ({"first": 9, "last": 8, "reason": "x"}, ["audit_range_backwards"]),
        ({"first": None, "last": None, "reason": "  "}, ["audit_reason_missing"]),
        (
            {"first": 40, "last": 39, "reason": ""},
            ["audit_reason_missing", "audit_beyond_signed", "audit_range_backwards"],
        ),
    ],
)
def test_impossible_exports_are_refused_with_every_fault(
    log: LogRoom, asked: dict[str, object], codes: list[str]
) -> None:
    with log.database.session(EVERYTHING) as session:
        with pytest.raises(Invalid) as refused:
            request_export(session, actor=ACTOR, now=NOW, **asked)  # type: ignore[arg-type]
        assert [problem.code for problem in refused.value.problems] == codes


def test_nothing_signed_nothing_to_export(room: LogRoom) -> None:
    with room.database.session(EVERYTHING) as session, pytest.raises(Invalid):
        request_export(session, actor=ACTOR, first=None, last=None, reason="x", now=NOW)
