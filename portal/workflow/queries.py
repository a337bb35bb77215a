"""Reading runs: one run, a subject's history, and what waits for a person."""

from collections.abc import Iterator, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import ActingPost, Identity, Scope, Visibility
from portal.core.crypto import row_context
from portal.core.errors import NotFound
from portal.core.services import services
from portal.regulation.schema import ApprovalStep
from portal.workflow.models import ApprovalDecision, ApprovalRun, facts_of
from portal.workflow.rules import barriers, current_step, step_states
from portal.workflow.states import PASSING, RunStatus, Verdict
from portal.workflow.values import Barrier, Party, StepState

# A step waits at a unit or at an organ; the empty one of the two matches no clause.
_AWAITS_UNIT = cast(ColumnElement[UUID], ApprovalRun.awaits_unit_id)


def get_run(session: Session, run_id: UUID) -> ApprovalRun:
    """A run with its decisions. Raises NotFound."""
    run = session.scalars(
        select(ApprovalRun).options(selectinload(ApprovalRun.decisions)).where(ApprovalRun.id == run_id)
    ).one_or_none()
    if run is None:
        raise NotFound()
    return run


def lock_run(session: Session, run_id: UUID) -> ApprovalRun:
    """The run as it is once nobody else holds it: whoever waited for the lock sees what the other decided."""
    run = session.scalars(
        select(ApprovalRun).where(ApprovalRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if run is None:
        raise NotFound()
    session.refresh(run, ["decisions"])
    return run


def runs_of(session: Session, *, subject_kind: str, subject_id: UUID) -> Sequence[ApprovalRun]:
    """Every run of a subject with its decisions, the newest first: the whole history, voided approvals included."""
    return session.scalars(
        select(ApprovalRun)
        .options(selectinload(ApprovalRun.decisions))
        .where(ApprovalRun.subject_kind == subject_kind, ApprovalRun.subject_id == subject_id)
        .order_by(ApprovalRun.started_at.desc(), ApprovalRun.id.desc())
    ).all()


def holder_of(step: ApprovalStep, party: Party) -> tuple[UUID | None, UUID | None]:
    """The (unit, organ) whose person decides at this step. A unit asking of itself is its own requester."""
    match step.holder:
        case "organ":
            return None, party.organ_id
        case "requester_organ" if party.requester_organ_id is not None:
            return None, party.requester_organ_id
        case _:
            return party.unit_id, None


def standings(identity: Identity, step: ApprovalStep, party: Party) -> tuple[ActingPost | None, ...]:
    """In whose right the person could decide at the step: in their own (None), or by which appointments; empty: in none.

    The step's permission is the person's own in every case, so that an appointment never gives more than the post.
    """
    unit_id, organ_id = holder_of(step, party)
    if unit_id is None and organ_id is None:
        return ()
    scope = Scope(unit_ids=frozenset({unit_id} if unit_id else ()), organ_ids=frozenset({organ_id} if organ_id else ()))
    if not allows(identity, Permission(step.permission), scope):
        return ()
    if step.post is None or identity.holds_post(step.post, unit_id=unit_id, organ_id=organ_id):
        return (None,)
    return identity.acts_as(step.post, unit_id=unit_id, organ_id=organ_id)


def judged(
    run: ApprovalRun, identity: Identity, verdict: Verdict | None = None
) -> tuple[list[Barrier], ActingPost | None]:
    """Why the person may not decide now, and in whose stead they would: the first standing that nothing bars."""
    step = waiting_step(run)
    if identity.person_id is None:
        return [Barrier.NOT_HOLDER], None
    could = standings(identity, step, run.party) if step else ()
    found = [
        (
            barriers(
                run.frozen_chain,
                run.facts,
                facts_of(run.decisions),
                person_id=identity.person_id,
                barred=run.party.barred,
                holds=lambda _step: bool(could),
                verdict=verdict,
                acting=acting,
            ),
            acting,
        )
        for acting in could or (None,)
    ]
    return next((one for one in found if not one[0]), found[0])


def barriers_for(run: ApprovalRun, identity: Identity) -> list[Barrier]:
    """Why this person may not decide on the run now; empty when they may."""
    return judged(run, identity)[0]


def acting_for(run: ApprovalRun, identity: Identity) -> ActingPost | None:
    """Whom the person would stand in for by deciding now, where it is not in their own right."""
    return judged(run, identity)[1]


def waiting_step(run: ApprovalRun) -> ApprovalStep | None:
    """The step that waits for somebody, while the run goes on."""
    return current_step(run.frozen_chain, run.facts, facts_of(run.decisions)) if run.running else None


def states_of(run: ApprovalRun) -> dict[str, StepState]:
    """How each step of the run's own chain stands."""
    return step_states(run.frozen_chain, run.facts, facts_of(run.decisions), running=run.running)


def awaits(identity: Identity) -> ColumnElement[bool]:
    """Runs that wait for this very person: the SQL twin of `barriers_for`, for lists and counts."""
    if identity.person_id is None:
        return false()
    return and_(
        ApprovalRun.status == RunStatus.RUNNING,
        *_steps_open_to(identity),
        ApprovalRun.requester_id != identity.person_id,
        ~ApprovalRun.excluded_ids.contains([identity.person_id]),
        ~_spoken(identity.person_id),
    )


def _spoken(person_id: UUID) -> ColumnElement[bool]:
    """The person, or a stand-in for them, has already given a word that stands in the way of another."""
    return exists().where(
        ApprovalDecision.run_id == ApprovalRun.id,
        or_(ApprovalDecision.person_id == person_id, ApprovalDecision.behalf_id == person_id),
        ApprovalDecision.verdict.in_(PASSING),
        or_(ApprovalDecision.distinct_people, ApprovalDecision.step_key == ApprovalRun.awaits_step),
    )


def count_signed_under(session: Session, delegation_id: UUID) -> int:
    """How many decisions a stand-in has given under an appointment, of those in sight."""
    given = select(func.count()).where(ApprovalDecision.delegation_id == delegation_id)
    return session.scalar(given) or 0


def comment_of(session: Session, decision: ApprovalDecision) -> str:
    """What the person wrote. Whoever calls has made sure that the reader may see it."""
    if decision.comment_sealed is None:
        return decision.comment or ""
    context = row_context("approval_decision", "comment", decision.id)
    return services(session).envelope.open(decision.comment_sealed, context=context).decode()


def _steps_open_to(identity: Identity) -> Iterator[ColumnElement[bool]]:
    """The waiting step asks for a permission held there, and for no post or one of the person's own."""
    # Every page of a person with a say counts these: permissions that reach equally far share one clause.
    alike: dict[Visibility, list[str]] = {}
    for permission in Permission:
        if may_ever(identity, permission):
            alike.setdefault(visibility(identity, permission), []).append(str(permission))
    yield or_(
        false(),
        *(
            and_(
                ApprovalRun.awaits_permission.in_(permissions),
                visible(seen, unit=_AWAITS_UNIT, organ=ApprovalRun.awaits_organ_id),
            )
            for seen, permissions in alike.items()
        ),
    )
    posts = [
        and_(
            ApprovalRun.awaits_post == str(fact.post),
            ApprovalRun.awaits_unit_id == fact.unit_id
            if fact.unit_id
            else ApprovalRun.awaits_organ_id == fact.organ_id,
        )
        for fact in identity.memberships
        if fact.post is not None
    ]
    yield or_(ApprovalRun.awaits_post.is_(None), *posts, *_posts_lent_to(identity))


def _posts_lent_to(identity: Identity) -> Iterator[ColumnElement[bool]]:
    """Steps of a post the person fills for its holder, unless the holder has spoken or is behind the request."""
    lent = {(fact.unit_id, fact.organ_id, acting) for fact in identity.memberships for acting in fact.acting}
    for unit_id, organ_id, acting in lent:
        yield and_(
            ApprovalRun.awaits_post == str(acting.post),
            ApprovalRun.awaits_unit_id == unit_id if unit_id else ApprovalRun.awaits_organ_id == organ_id,
            ApprovalRun.requester_id.not_in(acting.behind),
            ~ApprovalRun.excluded_ids.overlap(sorted(acting.behind)),
            ~_spoken(acting.holder_id),
        )
