"""Entries sealed on site: taken along, received, checked one by one, merged with what others judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, FieldDevice, SealedEntry, Visit
from portal.inspection.operations.merging import put_standing, sealed_row
from portal.inspection.operations.recording import record_act
from portal.inspection.queries import field_visit, head_of
from portal.inspection.rules import FrozenList
from portal.inspection.rules.judging import answer_problems
from portal.inspection.rules.sealing import (
    AnswerEntry,
    Entry,
    Link,
    Seal,
    SealBroken,
    check_link,
    check_signature,
    read_entry,
)
from portal.inspection.states import VisitStatus
from portal.inspection.values import MOST_ENTRIES, MOST_OF_VISIT

TAKEN, KNOWN = "taken", "known"


@dataclass(frozen=True)
class Outcome:
    """What became of one entry: taken, known already, or the code why it was refused; a fault where it does not count."""

    seq: int
    code: str
    fault: str = ""


def take_along(
    session: Session, *, actor: Identity, visit_id: UUID, device_id: UUID, now: datetime
) -> tuple[Acceptance, Visit, FieldDevice]:
    """A visit for the field, by one of its inspectors with a device of his own; the look is recorded.

    Raises NotFound for everybody else, IllegalTransition when it is over or the system is secret: what is secret does
    not lie on telephones.
    """
    acceptance, visit = field_visit(session, actor, visit_id)
    device = own_device(session, actor, device_id)
    if visit.status != VisitStatus.PLANNED:
        raise IllegalTransition("visit_over", status=visit.status)
    if acceptance.system.secret:
        raise IllegalTransition("secret_stays", status=visit.status)
    changes = [FieldChange(name="device", new=device.label)]
    record_act(session, actor, values.TAKEN_ALONG, acceptance, acceptance.system, changes=changes, now=now)
    return acceptance, visit, device


def own_device(session: Session, actor: Identity, device_id: UUID) -> FieldDevice:
    """A device of the person's own that was not ended. Raises NotFound."""
    device = session.get(FieldDevice, device_id)
    if device is None or device.person_id != actor.person_id or device.revoked_at is not None:
        raise NotFound()
    return device


def receive_entries(
    session: Session,
    *,
    actor: Identity,
    visit_id: UUID,
    device_id: UUID,
    seals: Sequence[Seal],
    device_now: datetime,
    now: datetime,
) -> Sequence[Outcome]:
    """Take what a device sealed, in its order; each entry is answered for by itself, and the first that breaks the
    chain ends what can be taken. The same entries again change nothing.

    Raises NotFound for a visit or device that is not the person's, Invalid for more than can be sent at once.
    """
    if len(seals) > MOST_ENTRIES:
        raise Invalid([Problem("entries", "too_many", {"most": MOST_ENTRIES})])
    acceptance, visit = field_visit(session, actor, visit_id, lock=True)
    device = session.scalars(select(FieldDevice).where(FieldDevice.id == device_id).with_for_update()).one_or_none()
    if device is None or device.person_id != actor.person_id:
        raise NotFound()
    intake = _Intake(session, actor, acceptance, visit, device, skew_s=_skew(device_now, now), now=now)
    verdicts = [intake.take(seal, place) for place, seal in enumerate(seals, 1)]
    if intake.taken:
        device.seen_at, device.skew_s = now, intake.skew_s
        session.flush()
        put_standing(session, acceptance, visit, items={row.item for row in intake.taken if row.item})
        changes = [
            FieldChange(name="device", new=device.label),
            FieldChange(name="entries", new=len(intake.taken)),
            FieldChange(name="head", new=intake.head.digest),
        ]
        record_act(session, actor, values.SEALED, acceptance, acceptance.system, changes=changes, now=now)
    return verdicts


def _skew(device_now: datetime, now: datetime) -> int:
    # A device whose clock is years off is shown as far off as the column can say.
    return round(max(-2_000_000_000, min(2_000_000_000, (device_now - now).total_seconds())))


class _Intake:
    """One handing over: the chain as far as it is known, and what was taken."""

    def __init__(
        self,
        session: Session,
        actor: Identity,
        acceptance: Acceptance,
        visit: Visit,
        device: FieldDevice,
        *,
        skew_s: int,
        now: datetime,
    ) -> None:
        self.session, self.actor, self.acceptance, self.visit, self.device = session, actor, acceptance, visit, device
        self.skew_s, self.now = skew_s, now
        self.frozen = FrozenList.from_json(acceptance.checklist or {})
        self.head = head_of(session, visit.id, device_id=device.id, person_id=None)
        self.name = next((p.name for p in visit.inspectors if p.person_id == actor.person_id), actor.name)
        self.taken: list[SealedEntry] = []
        held = select(func.count()).where(SealedEntry.visit_id == visit.id)
        self.room = MOST_OF_VISIT - (session.scalar(held) or 0)

    def take(self, seal: Seal, place: int) -> Outcome:
        """Take one entry, or say why not."""
        try:
            entry = read_entry(seal)
        except SealBroken as broken:
            return Outcome(place, broken.code)
        try:
            if self._known(entry, seal):
                return Outcome(entry.seq, KNOWN)
            self._check(entry, seal)
        except SealBroken as broken:
            return Outcome(entry.seq, broken.code)
        row = sealed_row(self.acceptance, self.visit, entry, seal, person_name=self.name, now=self.now)
        row.device_id, row.device_label, row.skew_s = self.device.id, self.device.label, self.skew_s
        row.fault = self._fault(entry)
        self.session.add(row)
        self.taken.append(row)
        self.head = Link(seq=entry.seq, digest=seal.digest)
        return Outcome(entry.seq, TAKEN, row.fault)

    def _known(self, entry: Entry, seal: Seal) -> bool:
        if entry.device != self.device.id or entry.seq > self.head.seq:
            return False
        found = self.session.scalar(
            select(SealedEntry.digest).where(
                SealedEntry.visit_id == self.visit.id,
                SealedEntry.device_id == self.device.id,
                SealedEntry.seq == entry.seq,
            )
        )
        # Another entry at a place that is taken: two copies of one device, or a past made anew.
        if found != seal.digest:
            raise SealBroken("forked")
        return True

    def _check(self, entry: Entry, seal: Seal) -> None:
        if (entry.visit, entry.device, entry.person) != (self.visit.id, self.device.id, self.actor.person_id):
            raise SealBroken("of_another")
        if self.device.revoked_at is not None:
            raise SealBroken("device_revoked")
        if self.visit.status != VisitStatus.PLANNED:
            raise SealBroken("visit_over")
        if len(self.taken) >= self.room:
            raise SealBroken("visit_full")
        check_link(self.head, entry)
        check_signature(self.device.public_key, seal)

    def _fault(self, entry: Entry) -> str:
        """Why an entry that is sealed well does not count: it answers what is not asked, or not as it is asked."""
        if not isinstance(entry, AnswerEntry):
            return ""
        item = next((known for known in self.frozen.checklist.items if known.key == entry.item), None)
        if item is None:
            return "unknown_item"
        # Whether the item is a question at all depends on answers that may come later; that is judging's to say.
        problems = answer_problems(item, entry.answer)
        return problems[0].code if problems else ""
