"""Measures and orders to correct that wait: for the organ's people, for a signature, for the unit's answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.desk.values import Todo
from portal.measures.models import CorrectionOrder, Measure, RefusalFinding
from portal.measures.states import AWAITING_REPLY, RUNNING, CorrectionStatus, MeasureStatus, RefusalStatus


def measures_waiting(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What the organ's people are to sign, serve, decide or confirm, and what their unit is to answer."""
    found = []
    if may_ever(identity, Permission.MEASURE_HANDLE):
        seen = visibility(identity, Permission.MEASURE_HANDLE)
        own = visible(seen, organ=Measure.organ_id)
        for kind, waits in (
            ("measure_next", Measure.proposed_on.is_not(None)),
            ("measure_reply", Measure.status == MeasureStatus.REPLIED),
            ("measure_serve", Measure.status == MeasureStatus.SIGNED),
        ):
            found += _papers(session, kind, Measure, (own, waits), today=today, most=most)
    if may_ever(identity, Permission.MEASURE_SIGN):
        seen = visibility(identity, Permission.MEASURE_SIGN)
        drafted = (visible(seen, organ=Measure.organ_id), Measure.status == MeasureStatus.DRAFTED)
        others = Measure.drafted_by.is_distinct_from(identity.person_id)
        found += _papers(session, "measure_sign", Measure, (*drafted, others), today=today, most=most)
    return [*found, *_corrections(session, identity, today, most), *_of_unit(session, identity, today, most)]


def _corrections(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    found = []
    if may_ever(identity, Permission.CORRECTION_ISSUE):
        own = visible(visibility(identity, Permission.CORRECTION_ISSUE), district=CorrectionOrder.district)
        for kind, waits in (
            ("correction_verify", CorrectionOrder.status == CorrectionStatus.REPORTED),
            ("correction_late", (CorrectionOrder.status == CorrectionStatus.SERVED) & (CorrectionOrder.due_on < today)),
        ):
            found += _papers(session, kind, CorrectionOrder, (own, waits), today=today, most=most)
    if may_ever(identity, Permission.REFUSAL_CONFIRM):
        own = visible(visibility(identity, Permission.REFUSAL_CONFIRM), district=CorrectionOrder.district)
        waiting = select(RefusalFinding.order_id).where(RefusalFinding.status == RefusalStatus.FOUND)
        found += _papers(
            session, "refusal_confirm", CorrectionOrder, (own, CorrectionOrder.id.in_(waiting)), today=today, most=most
        )
    return found


def _of_unit(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    if not identity.unit_ids or not may_ever(identity, Permission.MEASURE_REPLY):
        return []
    units = visibility(identity, Permission.MEASURE_REPLY).units
    asked = (Measure.unit_id.in_(units), Measure.status.in_(AWAITING_REPLY))
    ordered = (CorrectionOrder.unit_id.in_(units), CorrectionOrder.status.in_(RUNNING))
    return [
        *_papers(session, "measure_answer", Measure, asked, today=today, most=most),
        *_papers(session, "correction_do", CorrectionOrder, ordered, today=today, most=most),
    ]


def _papers(
    session: Session, kind: str, paper: Any, wanted: Sequence[ColumnElement[bool]], *, today: date, most: int
) -> list[Todo]:
    rows = session.execute(
        select(paper.id, paper.number, paper.addressee, paper.due_on)
        .where(*wanted)
        .order_by(paper.due_on.nulls_last(), paper.id)
        .limit(most)
    )
    return [
        Todo(
            kind=kind,
            id=key,
            text=" ".join(filter(None, (number, addressee))),
            due=due,
            late=due is not None and due < today,
        )
        for key, number, addressee, due in rows
    ]
