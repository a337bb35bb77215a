"""Explanations about what stood out: asked for, given by the person, accepted or taken further by somebody else."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence.models import OversightQuestion
from portal.evidence.queries.watching import get_question, sign_of, thresholds
from portal.evidence.values.watching import (
    EXPLANATION_ACCEPTED,
    EXPLANATION_ASKED,
    EXPLANATION_ESCALATED,
    EXPLANATION_GIVEN,
    QUESTION_SUBJECT,
    QuestionStatus,
    SignKind,
)
from portal.regulation.calendar import WorkCalendar

TOLD = "evidence.question"
ASKED_ALREADY = {"uq_oversight_question_sign": Problem("question", "evidence.asked_already")}


def ask_explanation(
    session: Session, *, actor: Identity, kind: SignKind, key: str, question: str, now: datetime
) -> OversightQuestion:
    """Ask the person about one sign, with what it showed at that moment kept beside the question. Once a sign."""
    sign = sign_of(session, actor, kind, key, now=now)
    scope = Scope(organ_ids=frozenset({sign.organ_id} if sign.organ_id else ()))
    require(actor, Permission.WATCH_ASK, scope, read=Permission.WATCH_READ)
    if not question.strip():
        raise Invalid([Problem("question", "required")])
    if sign.person_id is None or actor.person_id is None or sign.person_id == actor.person_id:
        raise Invalid([Problem("question", "evidence.nobody_to_ask")])
    asked = OversightQuestion(
        kind=kind, key=sign.key, label=sign.label[:120], working=dict(sign.facts), person_id=sign.person_id,
        person_name=sign.person_name[:40], organ_id=sign.organ_id, unit_id=sign.unit_id, request_id=sign.request_id,
        question=question.strip()[:2000], asked_by=actor.person_id, asked_name=actor.name, asked_at=now,
        due_on=_due(city_day(now), thresholds(now).explain_days), status=QuestionStatus.ASKED,
    )  # fmt: skip
    with told_apart(session, ASKED_ALREADY):
        session.add(asked)
    _record(session, actor, asked, EXPLANATION_ASKED, now=now)
    _tell(session, asked, asked.person_id)
    return asked


def give_explanation(
    session: Session, *, actor: Identity, question_id: UUID, answer: str, now: datetime
) -> OversightQuestion:
    """The person's own words, once."""
    asked = get_question(session, actor, question_id, lock=True)
    if asked.person_id != actor.person_id:
        raise NotAllowed("evidence.not_yours")
    if asked.status != QuestionStatus.ASKED:
        raise IllegalTransition("evidence.question.illegal", status=asked.status)
    if not answer.strip():
        raise Invalid([Problem("answer", "required")])
    asked.status, asked.answer, asked.answered_at = QuestionStatus.ANSWERED, answer.strip()[:4000], now
    session.flush()
    _record(session, actor, asked, EXPLANATION_GIVEN, now=now)
    _tell(session, asked, asked.asked_by)
    return asked


def judge_explanation(
    session: Session, *, actor: Identity, question_id: UUID, accepted: bool, note: str, now: datetime
) -> OversightQuestion:
    """Accept what was said, or take it further with the reason; never by the person it is about."""
    asked = get_question(session, actor, question_id, lock=True)
    scope = Scope(organ_ids=frozenset({asked.organ_id} if asked.organ_id else ()))
    if actor.person_id in {None, asked.person_id} or not allows(actor, Permission.WATCH_ASK, scope):
        raise NotAllowed("evidence.not_yours")
    if asked.status != QuestionStatus.ANSWERED:
        raise IllegalTransition("evidence.question.illegal", status=asked.status)
    if not accepted and not note.strip():
        raise Invalid([Problem("note", "required")])
    asked.status = QuestionStatus.ACCEPTED if accepted else QuestionStatus.ESCALATED
    asked.decided_by, asked.decided_name, asked.decided_at = actor.person_id, actor.name, now
    asked.decided_note = note.strip()[:2000]
    session.flush()
    _record(session, actor, asked, EXPLANATION_ACCEPTED if accepted else EXPLANATION_ESCALATED, now=now)
    _tell(session, asked, asked.person_id)
    return asked


def _due(day: date, working_days: int) -> date:
    calendar = WorkCalendar()
    for _ in range(working_days):
        day = calendar.next_working_day(day + timedelta(days=1))
    return day


def _tell(session: Session, asked: OversightQuestion, person: UUID) -> None:
    """By a job: whoever answers may put nothing on the asker's list."""
    dedupe = f"question:{asked.id}:{asked.status}"
    enqueue(
        session, TaskName.EVIDENCE_NOTIFY_QUESTION, dedupe=dedupe, question_id=asked.id, person_id=person,
        occasion=str(asked.status),
    )  # fmt: skip


def _record(session: Session, actor: Identity, asked: OversightQuestion, tag: AuditTag, *, now: datetime) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(QUESTION_SUBJECT, asked.id, f"{asked.person_name} {asked.label}".strip()),
        unit_id=asked.unit_id,
        changes=[FieldChange(name="kind", new=asked.kind), FieldChange(name="status", new=asked.status)],
        now=now,
    )
