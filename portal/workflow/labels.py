"""What verdicts, states and barriers are called, and a run as the links of the chain macro."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.regulation.schema import ApprovalStep
from portal.web.formats import datetime_
from portal.web.problems import add_texts
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.queries import states_of
from portal.workflow.states import PASSING, RunStatus, Verdict
from portal.workflow.values import Barrier, StepState

VERDICT_LABELS: Mapping[Verdict, LazyString] = {
    Verdict.APPROVE: _("Approved"),
    Verdict.ACKNOWLEDGE: _("Acknowledged"),
    Verdict.RETURN: _("Returned"),
    Verdict.REFUSE: _("Refused"),
}
VERDICT_ACTS: Mapping[Verdict, LazyString] = {
    Verdict.APPROVE: _("Approve"),
    Verdict.ACKNOWLEDGE: _("Acknowledge and supply"),
    Verdict.RETURN: _("Return"),
    Verdict.REFUSE: _("Refuse"),
}
RUN_LABELS: Mapping[RunStatus, tuple[str, LazyString]] = {
    RunStatus.RUNNING: ("info", _("In approval")),
    RunStatus.CLEARED: ("ok", _("Approved")),
    RunStatus.RETURNED: ("warn", _("Returned")),
    RunStatus.REFUSED: ("bad", _("Refused")),
    RunStatus.LAPSED: ("off", _("Lapsed")),
    RunStatus.WITHDRAWN: ("off", _("Withdrawn")),
}
STEP_LABELS: Mapping[StepState, tuple[str, LazyString]] = {
    StepState.NOT_REQUIRED: ("off", _("Not required")),
    StepState.WAITING: ("idle", _("Not yet reached")),
    StepState.CURRENT: ("info", _("Waiting for a decision")),
    StepState.MET: ("ok", _("Approved")),
    StepState.STOPPED: ("bad", _("Stopped here")),
}
BARRIER_LABELS: Mapping[Barrier, LazyString] = {
    Barrier.ENDED: _("Nothing is left to decide."),
    Barrier.REQUESTER: _("You asked for this yourself; somebody else must decide."),
    Barrier.REQUESTER_BEHIND: _(
        "You would stand in for somebody who asked for this, or whom they chose you for; somebody else must decide."
    ),
    Barrier.SIGNED_THIS_STEP: _("You have already decided at this step; another person must."),
    Barrier.SIGNED_EARLIER_STEP: _("You signed an earlier step; every step needs another person."),
    Barrier.NOT_HOLDER: _("This step belongs to another post or unit."),
    Barrier.OVERDUE: _("The time for this step is over."),
    Barrier.VERDICT_NOT_OFFERED: _("This step does not offer that decision."),
}
DELEGATION_STATES: Mapping[str, tuple[str, LazyString]] = {
    "planned": ("idle", _("Not yet begun")),
    "running": ("ok", _("Acting")),
    "over": ("off", _("Over")),
    "revoked": ("warn", _("Revoked before its end")),
}
VOID_LABELS: Mapping[RunStatus, LazyString] = {
    RunStatus.RETURNED: _("returned for correction"),
    RunStatus.LAPSED: _("not decided in time"),
    RunStatus.WITHDRAWN: _("taken back by the requester"),
}
_KINDS = {Verdict.APPROVE: "ok", Verdict.ACKNOWLEDGE: "ok", Verdict.RETURN: "warn", Verdict.REFUSE: "bad"}

add_texts(
    {
        "workflow.reason_required": _("Give the reason; the requester reads it"),
        "workflow.already_decided": _("Somebody else has decided this step. Open the item again"),
        "workflow.step_lapsed": _("The time for this step ended at %(due)s"),
        "workflow.run.illegal": _("This step is not possible in the present state"),
        **{f"workflow.barred.{barrier}": text for barrier, text in BARRIER_LABELS.items()},
    }
)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One step as the chain macro draws it."""

    title: str
    kind: str
    verdict: str
    who: str = ""
    at: datetime | None = None
    note: str = ""
    source: str = ""
    current: bool = False


def step_title(step: ApprovalStep) -> str:
    """The step's name in the reader's language."""
    return step.title.in_language(str(get_locale() or "zh"))


def chain_links(run: ApprovalRun, comments: Mapping[str, str], sources: Mapping[str, str]) -> list[ChainLink]:
    """Every step of the run's own chain, with each verdict given at it; of a voided run each approval as void.

    `comments` are by decision id, only those this reader may see; `sources` name the article of a step by its key.
    """
    links: list[ChainLink] = []
    states = states_of(run)
    for step in run.frozen_chain.steps:
        given = [decision for decision in run.decisions if decision.step_key == step.key]
        links += [_decided(run, step, decision, comments, sources) for decision in given]
        kind, text = STEP_LABELS[states[step.key]]
        if not given or states[step.key] is StepState.CURRENT:
            links.append(
                ChainLink(
                    title=step_title(step),
                    kind=kind,
                    verdict=str(text),
                    source=sources.get(step.key, ""),
                    current=states[step.key] is StepState.CURRENT,
                )
            )
    return links


def signed_by(decision: ApprovalDecision) -> str:
    """Who signed, and in whose stead."""
    if not decision.behalf_name:
        return decision.person_name
    return gettext("%(name)s, on behalf of %(holder)s", name=decision.person_name, holder=decision.behalf_name)


def void_since(run: ApprovalRun) -> str:
    """Since when what was approved in a run counts no more, and why; nothing where it counts."""
    if not run.voided or run.ended_at is None:
        return ""
    why = str(VOID_LABELS[RunStatus(run.status)])
    at = datetime_(run.ended_at)
    if run.ended_reason:
        return gettext("Void since %(at)s: %(why)s (%(reason)s)", at=at, why=why, reason=run.ended_reason)
    return gettext("Void since %(at)s: %(why)s", at=at, why=why)


def _decided(
    run: ApprovalRun,
    step: ApprovalStep,
    decision: ApprovalDecision,
    comments: Mapping[str, str],
    sources: Mapping[str, str],
) -> ChainLink:
    verdict = Verdict(decision.verdict)
    void = void_since(run) if verdict in PASSING else ""
    comment = comments.get(str(decision.id), "")
    return ChainLink(
        title=step_title(step),
        kind="off" if void else _KINDS[verdict],
        verdict=gettext("%(verdict)s, void", verdict=VERDICT_LABELS[verdict]) if void else str(VERDICT_LABELS[verdict]),
        who=signed_by(decision),
        at=decision.decided_at,
        note="\n".join(part for part in (comment, void) if part),
        source=sources.get(step.key, ""),
    )
