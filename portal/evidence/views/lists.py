"""The list of requests and the page of one request."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import utcnow
from portal.evidence import operations, queries
from portal.evidence.labels import GROUP, REQUESTER, STATUS
from portal.evidence.queries.breadth import part_numbers
from portal.evidence.views.blueprint import bp
from portal.evidence.views.presenting import request_view
from portal.web.session import db_session, repeatable


@bp.get("/evidence/requests")
@requires(Permission.REQUEST_READ)
def requests() -> ResponseReturnValue:
    """Requests the reader sees, the newest first, with the count of each state."""
    session, identity, now = db_session(), current_identity(), utcnow()
    wanted = queries.ListFilter(
        group=request.args.get("group", "")[:20],
        text=request.args.get("q", "").strip()[:60],
        requester_kind=request.args.get("kind", "")[:24],
        mine=request.args.get("mine") == "1",
        lost=request.args.get("lost") == "1",
    )
    page = queries.request_page(session, identity, wanted, after=request.args.get("after", ""))
    return render_template(
        "evidence/requests.html",
        page=page,
        wanted=wanted,
        counts=queries.tally(session, identity, wanted),
        parts=part_numbers(session, identity, [row.id for row in page.items]),
        held=queries.holds_of(session, [row.id for row in page.items]),
        groups=GROUP,
        statuses=STATUS,
        kinds=REQUESTER,
        now=now,
        may_draft=may_ever(identity, Permission.REQUEST_DRAFT),
    )


@bp.get("/evidence/requests/<uuid:request_id>")
@requires(Permission.REQUEST_READ)
def request_(request_id: UUID) -> ResponseReturnValue:
    """One request: the clock on top, facts left, chain and custody right."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = operations.open_request(session, actor=identity, request_id=request_id, now=now)
    view = request_view(session, identity, found, now=now)
    session.commit()
    return render_template("evidence/request.html", seen=view, request_=found)


@bp.post("/evidence/requests/<uuid:request_id>/officers/<int:place>/number")
@requires(Permission.REQUEST_READ)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def officer_number(request_id: UUID, place: int) -> ResponseReturnValue:
    """Show the number on somebody's paper; the look is recorded before it is shown."""
    number = operations.reveal_officer(
        db_session(), actor=current_identity(), request_id=request_id, place=place, now=utcnow()
    )
    return render_template("evidence/_revealed.html", number=number)
