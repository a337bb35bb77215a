"""The address under which an inspector's own calendar reads his visits."""

from uuid import UUID

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, public_endpoint, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.inspection import operations, queries
from portal.inspection.files import calendar_file
from portal.inspection.views.blueprint import bp
from portal.web.session import db_session, repeatable

_TYPE = "text/calendar; charset=utf-8"
# Where the portal is reached from outside, whatever host a request names.
_outside: dict[str, str] = {"base_url": ""}


@bp.record_once
def _remember(state: BlueprintSetupState) -> None:
    _outside["base_url"] = str(state.app.extensions["portal_settings"].base_url).rstrip("/")


@bp.get("/visits/calendar")
@requires(Permission.CALENDAR_OWN)
def calendar() -> ResponseReturnValue:
    """Whether the reader has an address, since when, and when it was last fetched."""
    return _show()


@bp.post("/visits/calendar")
@requires(Permission.CALENDAR_OWN)
@repeatable("the secret is not remembered anywhere; asked twice, the first address ends")
def calendar_open() -> ResponseReturnValue:
    """A new address, shown this once."""
    _, secret = operations.open_calendar(db_session(), actor=current_identity(), now=utcnow())
    return _show(address=_address(url_for("inspection.calendar_feed", secret=secret)))


@bp.post("/visits/calendar/revoke")
@requires(Permission.CALENDAR_OWN)
def calendar_revoke() -> ResponseReturnValue:
    """The address ends."""
    operations.revoke_calendar(db_session(), actor=current_identity(), now=utcnow())
    flash(gettext("The calendar address is revoked."), "ok")
    return redirect(url_for("inspection.calendar"), 303)


@bp.get("/calendar/<string(minlength=20, maxlength=64):secret>.ics")
@public_endpoint("a calendar cannot sign in: the address holds a secret of its own, and can be revoked")
def calendar_feed(secret: str) -> ResponseReturnValue:
    """The visits behind a secret address."""
    now = utcnow()
    diary = operations.read_calendar(db_session(), secret=secret, address=request.remote_addr or "", now=now)
    if diary is None:
        # The wrong guess stays counted, although nothing is found.
        g.commit_anyway = True
        return Response("", 404, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
    body = calendar_file(diary, address_of=_address_of, now=now)
    return Response(body, content_type=_TYPE, headers={"Cache-Control": "private, no-store"})


def _address_of(acceptance_id: UUID) -> str:
    return _address(url_for("inspection.acceptance", acceptance_id=acceptance_id))


def _address(path: str) -> str:
    return _outside["base_url"] + path


def _show(address: str = "") -> ResponseReturnValue:
    feed = queries.own_calendar(db_session(), current_identity())
    return render_template("inspection/calendar.html", feed=feed, address=address)
