"""The signatures of a request's chain, as printed forms show them."""

from collections.abc import Sequence

from portal.core.clock import city_day
from portal.papers.values import SignLine, SignState, shortened
from portal.workflow.labels import signed_by
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.states import PASSING


def given_at(run: ApprovalRun | None) -> dict[str, list[ApprovalDecision]]:
    """The approvals of a run by step, only while they count: a void one is no signature on paper."""
    given: dict[str, list[ApprovalDecision]] = {}
    for decision in run.decisions if run is not None and not run.voided else ():
        if decision.verdict in PASSING:
            given.setdefault(decision.step_key, []).append(decision)
    return given


def signed_line(decisions: Sequence[ApprovalDecision], *, title: str = "", opinion: str = "") -> SignLine:
    """Everybody who signed, and in whose stead; the day and hour of the last.

    Comments stay off the paper: they may say what the case is about.
    """
    last = max(one.decided_at for one in decisions)
    names = "、".join(signed_by(one) for one in decisions)
    return SignLine(
        title=title, state=SignState.SIGNED, name=shortened(names, 80), on=city_day(last), moment=last, opinion=opinion
    )


def signatures(run: ApprovalRun | None) -> dict[str, SignLine]:
    """The signature given at each step."""
    return {key: signed_line(decisions) for key, decisions in given_at(run).items()}
