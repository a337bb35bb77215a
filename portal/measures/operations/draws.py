"""A draw: committed to before its period with the population frozen, revealed in it, reckoned again by anybody."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.crypto import row_context
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.core.services import services
from portal.measures import values
from portal.measures.models import Draw, DrawMember
from portal.measures.queries.draws import another_waits, draw_scope, lock_draw, population_of
from portal.measures.rules.drawing import commitment_of, digest_of, drawn, pseudonym, published
from portal.measures.states import DrawAction, DrawStatus, next_draw_status
from portal.measures.values import DrawDraft

MOST_MEMBERS = 100_000


def commit_draw(session: Session, *, actor: Identity, draft: DrawDraft, now: datetime) -> Draw:
    """Freeze the population and commit to a seed that nobody has seen. Raises Invalid for a period that has begun, a
    public number that is known by then, or a population smaller than the sample."""
    require(actor, Permission.DRAW_MAKE)
    if actor.organ_id is None:
        raise NotAllowed("permission", permission=str(Permission.DRAW_MAKE))
    organ = session.get_one(Organ, actor.organ_id)
    today = city_day(now)
    members = population_of(session, actor, draft.kind, most=MOST_MEMBERS)
    _check(session, organ, draft, len(members), today)
    seed, mask, key = secrets.token_hex(32), secrets.token_bytes(32), new_id()
    named = {pseudonym(mask, subject): (subject, unit_id) for subject, unit_id in members}
    population = published(named)
    envelope = services(session).envelope
    draw = Draw(
        id=key,
        organ_id=organ.id,
        organ_name=organ.name,
        kind=draft.kind,
        title=draft.title.strip(),
        sample_size=draft.sample_size,
        period_from=draft.period_from,
        period_to=draft.period_to,
        entropy_source=draft.entropy_source.strip(),
        entropy_on=draft.entropy_on,
        population=population,
        population_hash=digest_of(population),
        population_size=len(named),
        commitment=commitment_of(seed),
        committed_on=today,
        committed_at=now,
        committed_by_name=actor.name,
        seed_sealed=envelope.seal(seed.encode(), context=row_context("draw", "seed_sealed", key)),
        mask_sealed=envelope.seal(mask, context=row_context("draw", "mask_sealed", key)),
    )
    session.add(draw)
    session.flush()
    of_units = draft.kind is values.DrawKind.UNITS
    session.add_all(
        DrawMember(
            draw_id=key, pseudonym=name, organ_id=organ.id, unit_id=unit_id, acceptance_id=None if of_units else subject
        )
        for name, (subject, unit_id) in named.items()
    )
    changes = [
        FieldChange(name="commitment", new=draw.commitment),
        FieldChange(name="population", new=draw.population_hash),
    ]
    _note(session, actor, draw, tag=values.DRAW_COMMITTED, changes=changes, now=now)
    return draw


def _check(session: Session, organ: Organ, draft: DrawDraft, size: int, today: date) -> None:
    problems = [Problem(name, "required") for name in ("title", "entropy_source") if not getattr(draft, name).strip()]
    if draft.entropy_on <= today:
        problems.append(Problem("entropy_on", "entropy_known"))
    if draft.period_from < draft.entropy_on:
        problems.append(Problem("period_from", "period_before_entropy"))
    if draft.period_to < draft.period_from:
        problems.append(Problem("period_to", "ends_before_begins"))
    # Of several that wait for the same number the organ could follow the one that pleases.
    if another_waits(session, organ.id, draft):
        problems.append(Problem("period_from", "draw_waits"))
    if not 1 <= draft.sample_size <= size:
        problems.append(Problem("sample_size", "sample_too_large", {"size": size}))
    if problems:
        raise Invalid(problems)


def reveal_draw(session: Session, *, actor: Identity, draw_id: UUID, entropy: str, now: datetime) -> Draw:
    """Put the public number beside the seed and draw. Raises IllegalTransition before the period has begun."""
    draw = lock_draw(session, draw_id)
    require(actor, Permission.DRAW_MAKE, draw_scope(draw), read=Permission.DRAW_READ)
    status, today = next_draw_status(DrawStatus(draw.status), DrawAction.REVEAL), city_day(now)
    if today < draw.period_from:
        raise IllegalTransition("draw_too_early")
    number = " ".join(entropy.split())
    if not number:
        raise Invalid([Problem("entropy", "required")])
    context = row_context("draw", "seed_sealed", draw.id)
    seed = services(session).envelope.open(draw.seed_sealed, context=context).decode()
    draw.status, draw.seed, draw.entropy = status, seed, number[:200]
    draw.sample = list(drawn(draw.population, seed=seed, entropy=draw.entropy, size=draw.sample_size))
    draw.revealed_on, draw.revealed_at, draw.revealed_by_name = today, now, actor.name
    changes = [FieldChange(name="entropy", new=draw.entropy), FieldChange(name="sample", new=tuple(draw.sample[:20]))]
    _note(session, actor, draw, tag=values.DRAW_REVEALED, changes=changes, now=now)
    return draw


def _note(
    session: Session, actor: Identity, draw: Draw, *, tag: str, changes: Sequence[FieldChange], now: datetime
) -> None:
    session.flush()
    subject = SubjectRef("draw", draw.id, draw.title)
    record(session, actor=actor.actor, tag=tag, subject=subject, changes=list(changes), now=now)
