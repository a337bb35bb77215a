"""The dictionary: what the city government adds to it, on a paper, from a day (CAT-03)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.mandates import values
from portal.mandates.models import MandateProvision
from portal.mandates.values import Provision


def add_provision(
    session: Session, *, actor: Identity, provision: Provision, stored_file_id: UUID | None, now: datetime
) -> MandateProvision:
    """Add to the dictionary from a day on. What held of the category before ends the day it begins.

    Raises Invalid where the day is not after the present provision's, or the key is not one.
    """
    require(actor, Permission.DICTIONARY_EDIT)
    problems = _problems(provision)
    if problems:
        raise Invalid(problems)
    session.execute(select(MandateProvision.id).with_for_update())
    before = session.scalars(
        select(MandateProvision).where(MandateProvision.key == provision.key, MandateProvision.valid_to.is_(None))
    ).one_or_none()
    if before is not None:
        if before.valid_from >= provision.valid_from:
            raise Invalid([Problem("valid_from", "provision_not_later", {"day": before.valid_from})])
        before.valid_to = provision.valid_from
        session.flush()
    row = _row(provision, actor, stored_file_id, now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as clash:
        if "ex_mandate_provision_once" in str(clash.orig):
            raise Invalid([Problem("valid_from", "provision_overlaps")]) from clash
        raise
    changes = [
        FieldChange(name="basis", new=f"{provision.basis_title} {provision.basis_number}".strip()),
        FieldChange(name="valid_from", new=provision.valid_from),
        FieldChange(name="parts", new=tuple(key for key, _, _ in provision.parts)),
    ]
    subject = SubjectRef("mandate_provision", row.id, provision.zh)
    record(session, actor=actor.actor, tag=values.PROVISION_ADDED, subject=subject, changes=changes, now=now)
    return row


def _row(provision: Provision, actor: Identity, stored_file_id: UUID | None, now: datetime) -> MandateProvision:
    return MandateProvision(
        key=provision.key,
        zh=provision.zh,
        en=provision.en,
        parts=[{"key": key, "zh": zh, "en": en} for key, zh, en in provision.parts],
        unit_types=list(provision.unit_types),
        industries=list(provision.industries),
        basis_title=provision.basis_title,
        basis_number=provision.basis_number,
        basis_article=provision.basis_article,
        stored_file_id=stored_file_id,
        valid_from=provision.valid_from,
        valid_to=provision.valid_to,
        entered_by_name=actor.name,
        entered_at=now,
    )


def _problems(provision: Provision) -> list[Problem]:
    problems = []
    if not (provision.key and provision.key.replace("_", "").isalnum() and provision.key.isascii()):
        problems.append(Problem("key", "category_key"))
    if not provision.basis_title.strip() or not provision.basis_number.strip():
        problems.append(Problem("basis_number", "basis_needed"))
    if provision.valid_to is not None and provision.valid_to <= provision.valid_from:
        problems.append(Problem("valid_to", "ends_before_start"))
    return problems


def end_provision(
    session: Session, *, actor: Identity, provision_id: UUID, last_day: date, basis: str, now: datetime
) -> MandateProvision:
    """End a provision; what the law itself names stays. Entries of a category that ended keep their place and are told."""
    require(actor, Permission.DICTIONARY_EDIT)
    row = session.get(MandateProvision, provision_id, with_for_update=True)
    if row is None:
        raise NotFound()
    today = city_day(now)
    if row.valid_to is not None and row.valid_to <= today:
        raise IllegalTransition("illegal_transition")
    problems = []
    if not basis.strip():
        problems.append(Problem("basis", "basis_needed"))
    if last_day < row.valid_from:
        problems.append(Problem("last_day", "ends_before_start"))
    if problems:
        raise Invalid(problems)
    row.valid_to = last_day + timedelta(days=1)
    subject = SubjectRef("mandate_provision", row.id, row.zh)
    changes = [FieldChange(name="last_day", new=last_day)]
    tag = values.PROVISION_ENDED
    record(session, actor=actor.actor, tag=tag, subject=subject, reason=basis.strip(), changes=changes, now=now)
    return row
