"""A device code that another camera holds.

Two cameras cannot hold one, so whoever enters it must be told, and is thereby told that some camera of the city does. It
is told at saving alone, without whose camera it is; each refusal is on record, and nobody is told many in an hour.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.queries.acts import acts_since
from portal.audit.values import FieldChange, Outcome, SubjectRef
from portal.core.errors import Invalid, TooMany
from portal.registry import values
from portal.registry.models import System

MOST_REFUSED, WITHIN = 20, timedelta(hours=1)


@contextmanager
def refusals_counted(
    session: Session, *, actor: Identity, system: System, code: str | None, now: datetime
) -> Iterator[None]:
    """Put on record that a code was refused as taken. Raises TooMany for who was refused too often already."""
    if code:
        _refuse_too_many(session, actor, now)
    try:
        yield
    except Invalid as refusal:
        if not any(problem.code == "gb_code_taken" for problem in refusal.problems):
            raise
        record(
            session,
            actor=actor.actor,
            tag=values.CODE_REFUSED,
            subject=SubjectRef("system", system.id, system.name),
            unit_id=system.unit_id,
            district=system.district,
            outcome=Outcome.DENIED,
            changes=[FieldChange(name="gb_code", new=code)],
            now=now,
        )
        raise Invalid(refusal.problems, commit=True) from refusal


def _refuse_too_many(session: Session, actor: Identity, now: datetime) -> None:
    if actor.person_id is None:
        return
    since = now - WITHIN
    count, oldest = acts_since(session, person_id=actor.person_id, tag=values.CODE_REFUSED, since=since)
    if count >= MOST_REFUSED and oldest is not None:
        raise TooMany("too_many_codes", retry_after=max(1, round((oldest + WITHIN - now).total_seconds())))
