"""What an inspector takes along, what was sealed on site, and what stands of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import Organ, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.inspection.models import Acceptance, Answer, FieldDevice, SealedEntry, Visit, VisitInspector, VisitPhoto
from portal.inspection.queries.access import handling_scope
from portal.inspection.rules.merging import Merged, Said, merge
from portal.inspection.rules.sealing import AnswerEntry, Entry, Link, SignatureEntry, parse_entry
from portal.inspection.states import EntryKind, VisitStatus
from portal.inspection.values import ItemAnswer

# Whom a row without a device belongs to as a chain: the portal's own page.
ONLINE = "online"


def own_visits(session: Session, identity: Identity) -> Sequence[Visit]:
    """The visits to come that the person is sent to, the next first, with acceptance, unit and system."""
    return session.scalars(
        select(Visit)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .where(
            VisitInspector.person_id == identity.person_id,
            ~VisitInspector.cancelled,
            Visit.status == VisitStatus.PLANNED,
        )
        .options(
            joinedload(Visit.acceptance).joinedload(Acceptance.system),
            joinedload(Visit.acceptance).joinedload(Acceptance.unit),
        )
        .order_by(Visit.starts_at, Visit.id)
        .limit(50)
    ).all()


def field_visit(
    session: Session, identity: Identity, visit_id: UUID, *, lock: bool = False
) -> tuple[Acceptance, Visit]:
    """A visit for an inspector who is sent to it, with its acceptance. To everybody else there is no such visit."""
    visit = session.scalars(
        select(Visit).where(Visit.id == visit_id).options(selectinload(Visit.inspectors))
    ).one_or_none()
    if visit is None:
        raise NotFound()
    statement = (
        select(Acceptance)
        .where(Acceptance.id == visit.acceptance_id)
        .options(joinedload(Acceptance.system), joinedload(Acceptance.unit))
    )
    found = session.scalars(statement.with_for_update(of=Acceptance) if lock else statement).one_or_none()
    assigned = [place.person_id for place in visit.inspectors if not place.cancelled]
    if found is None or not allows(identity, Permission.VISIT_SCORE, handling_scope(found, assigned)):
        raise NotFound()
    if lock:
        # Whoever waited for the lock may find the visit concluded.
        session.refresh(visit, ["status"])
    return found, visit


def devices_of(session: Session, identity: Identity) -> Sequence[tuple[FieldDevice, str, str]]:
    """The devices the person may end, those in use first: with the person's and the organ's name."""
    seen = visibility(identity, Permission.DEVICE_KEEP)
    rows = session.execute(
        select(FieldDevice, Person.name, Organ.name)
        .join(Person, Person.id == FieldDevice.person_id)
        .join(Organ, Organ.id == FieldDevice.organ_id)
        .where(visible(seen, organ=FieldDevice.organ_id, person=FieldDevice.person_id))
        .order_by(FieldDevice.revoked_at.is_not(None), FieldDevice.id.desc())
        .limit(200)
    )
    return [(device, person, organ) for device, person, organ in rows]


def head_of(session: Session, visit_id: UUID, *, device_id: UUID | None, person_id: UUID | None) -> Link:
    """The end of a chain: of a device, or of a person's work on the portal's own page."""
    own = SealedEntry.device_id == device_id if device_id else SealedEntry.device_id.is_(None)
    statement = select(SealedEntry.seq, SealedEntry.digest).where(SealedEntry.visit_id == visit_id, own)
    if device_id is None:
        statement = statement.where(SealedEntry.person_id == person_id)
    row = session.execute(statement.order_by(SealedEntry.seq.desc()).limit(1)).first()
    return Link(seq=row.seq, digest=row.digest) if row else Link()


def entries_of(session: Session, visit_id: UUID, kind: EntryKind | None = None) -> Sequence[SealedEntry]:
    """What was sealed at a visit, chain by chain."""
    statement = select(SealedEntry).where(SealedEntry.visit_id == visit_id)
    if kind is not None:
        statement = statement.where(SealedEntry.kind == kind)
    return session.scalars(statement.order_by(SealedEntry.person_name, SealedEntry.device_id, SealedEntry.seq)).all()


def said(rows: Iterable[SealedEntry]) -> Mapping[str, list[Said]]:
    """What counts of the rows, item by item."""
    found: dict[str, list[Said]] = defaultdict(list)
    for row in rows:
        entry = parse_entry(row.body)
        if row.fault or not isinstance(entry, AnswerEntry):
            continue
        found[entry.item].append(
            Said(
                digest=row.digest,
                person=str(row.person_id),
                chain=str(row.device_id or ONLINE),
                seq=row.seq,
                captured_at=entry.captured_at,
                answer=entry.answer,
                settles=frozenset(entry.settles),
            )
        )
    return found


def merged_of(rows: Iterable[SealedEntry]) -> Mapping[str, Merged]:
    """What stands by item, out of everything that was sealed."""
    return {item: merged for item, sides in said(rows).items() if (merged := merge(sides)) is not None}


def signatures_of(rows: Iterable[SealedEntry]) -> Sequence[tuple[SealedEntry, SignatureEntry]]:
    """The signatures of a visit with their rows, in the order they were given."""
    found: list[tuple[SealedEntry, Entry]] = [
        (row, parse_entry(row.body)) for row in rows if row.kind == EntryKind.SIGNATURE
    ]
    signed = [(row, entry) for row, entry in found if isinstance(entry, SignatureEntry) and not row.fault]
    return sorted(signed, key=lambda pair: (pair[0].captured_at, pair[0].digest))


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The entries of one person on one device: how many, where they end, how far its clock was off at most."""

    person: str
    device: str
    count: int
    head: str
    skew: int


def chains_of(rows: Iterable[SealedEntry]) -> Sequence[Chain]:
    """The chains that a visit's entries form."""
    found: dict[tuple[UUID, UUID | None], list[SealedEntry]] = defaultdict(list)
    for row in rows:
        found[row.person_id, row.device_id].append(row)
    return [
        Chain(
            person=chain[-1].person_name,
            device=chain[-1].device_label,
            count=len(chain),
            head=max(chain, key=lambda row: row.seq).digest,
            skew=max(abs(row.skew_s) for row in chain),
        )
        for chain in found.values()
    ]


def contested_items(session: Session, visit_id: UUID) -> Sequence[str]:
    """The items on which inspectors still differ."""
    return session.scalars(
        select(Answer.item).where(Answer.visit_id == visit_id, Answer.contested).order_by(Answer.item)
    ).all()


def sealed_photos(session: Session, visit_id: UUID) -> Mapping[tuple[UUID, str], Sequence[VisitPhoto]]:
    """What arrived of the photos that were sealed, by entry and sealed digest; the true one first."""
    found: dict[tuple[UUID, str], list[VisitPhoto]] = defaultdict(list)
    for row in session.scalars(
        select(VisitPhoto)
        .where(VisitPhoto.visit_id == visit_id, VisitPhoto.entry_id.is_not(None))
        .order_by(VisitPhoto.altered)
    ):
        if row.entry_id and row.sealed_sha256:
            found[row.entry_id, row.sealed_sha256].append(row)
    return found


def live_devices(session: Session, person_id: UUID) -> int:
    """How many devices of a person may seal."""
    statement = select(func.count()).where(FieldDevice.person_id == person_id, FieldDevice.revoked_at.is_(None))
    return session.scalar(statement) or 0


def contested_sides(session: Session, visit_id: UUID) -> Mapping[str, Sequence[tuple[str, str, ItemAnswer]]]:
    """By contested item, what each inspector says: the entry's digest, the name, the answer."""
    items = contested_items(session, visit_id)
    if not items:
        return {}
    rows = session.scalars(
        select(SealedEntry).where(SealedEntry.visit_id == visit_id, SealedEntry.item.in_(items))
    ).all()
    names = {str(row.person_id): row.person_name for row in rows}
    return {
        item: [(side.digest, names[side.person], side.answer) for side in merged.sides]
        for item, merged in merged_of(rows).items()
    }
