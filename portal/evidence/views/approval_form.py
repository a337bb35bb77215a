"""F3, the approval form of an administrative centre (002 annex): each level in its own box, an unneeded one prints so."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.evidence.models import FootageRequest
from portal.evidence.values import SUBJECT
from portal.evidence.views.signatures import given_at, signed_line
from portal.papers.values import Paper, SignLine, SignState, Stamp, ViewingApproval
from portal.web.formats import datetime_
from portal.workflow.labels import step_title
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import runs_of

# The unit whose own text prescribes the form, and who signs in which box, by the posts of its chains.
HOUSE = "shaoxing-centre"
REVIEWING_BODY = "后勤保障中心"
REVIEWS: Mapping[str, Sequence[str]] = {
    "安保科": ("logistics_security_section",),
    "分管副主任": ("logistics_deputy", "logistics_deputy_security", "logistics_deputy_canteen"),
    "主任": ("logistics_director",),
}
APPLICANTS = ("resident_unit_head", "department_head")
APPROVALS: Mapping[str, Sequence[str]] = {
    "服务中心分管副主任审批": ("centre_deputy_director",),
    "服务中心主要领导审批": ("centre_principal",),
}


def prescribed_for(request: FootageRequest) -> bool:
    """Whether this unit's text has the form."""
    return HOUSE in request.unit.house_profiles


def approval_form(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    """The form as far as it is signed. Of a secret case it names neither reason nor place."""
    runs = runs_of(session, subject_kind=SUBJECT, subject_id=request.id)
    run = runs[0] if runs else None
    first = request.officers[0].name if request.officers else ""
    places = "、".join(camera.label for camera in request.cameras)[:260]
    return ViewingApproval(
        stamp=Stamp(
            serial=f"{request.number or ''} F3".strip(),
            printed_by=identity.name,
            printed_at=now,
            issuer=identity.organ_name,
        ),
        organisation=request.unit.name,
        number=request.number or "",
        secret=request.secret,
        reason="" if request.secret else (request.reason or ""),
        points="" if request.secret else f"{places}；{datetime_(request.span_from)} 至 {datetime_(request.span_to)}",
        unit=request.requester_name,
        applicant=first,
        applied_on=city_day(request.submitted_at) if request.submitted_at else None,
        reviewing_body=REVIEWING_BODY,
        reviews=tuple(_box(run, title, posts) for title, posts in REVIEWS.items()),
        applicant_head=_box(run, "", APPLICANTS),
        approvals=(*(_box(run, title, posts) for title, posts in APPROVALS.items()), *_others(run)),
    )


def _box(run: ApprovalRun | None, title: str, posts: Collection[str | None]) -> SignLine:
    """Who signed at this level; a level that the points asked for do not need says so.

    Where points of two zones come together two deputies share a box: it names both, or the one who is still to sign.
    """
    if run is None:
        return SignLine(title=title)
    needed = [step for step in run.frozen_chain.steps_for(run.facts) if step.post in posts]
    if not needed:
        return SignLine(title=title, state=SignState.NOT_REQUIRED)
    given = given_at(run)
    signed = [decision for step in needed for decision in given.get(step.key, ())]
    if not signed:
        return SignLine(title=title)
    missing = "、".join(step_title(step) for step in needed if step.key not in given)
    return signed_line(signed, title=title, opinion=f"尚待：{missing}" if missing else "同意")


def _others(run: ApprovalRun | None) -> Iterator[SignLine]:
    """Needed steps that the printed form has no box for: an ask beyond the usual breadth, a statutory notice."""
    boxed = {*APPLICANTS, *(post for posts in (*REVIEWS.values(), *APPROVALS.values()) for post in posts)}
    for step in run.frozen_chain.steps_for(run.facts) if run is not None else ():
        if step.post not in boxed:
            signed = given_at(run).get(step.key)
            title = step_title(step)
            yield signed_line(signed, title=title, opinion="同意") if signed else SignLine(title=title)
