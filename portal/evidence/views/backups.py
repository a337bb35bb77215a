"""The back-ups of the duty side: the list, a new one, and letting one go."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.evidence.forms.backups import BackupForm, EndBackupForm
from portal.evidence.labels.backups import BACKUP_KIND, BACKUP_MEDIUM
from portal.evidence.operations.backups import end_backup, make_backup
from portal.evidence.queries.backups import backup_page
from portal.evidence.views.blueprint import bp
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

add_to_navigation(
    bp,
    NavItem(
        section=Section.EVIDENCE,
        label=_("Back-ups of the duty side"),
        endpoint="evidence.backups",
        permission=Permission.LEDGER_READ,
        order=35,
        covers=("evidence.backups", "evidence.backup_"),
    ),
)


@bp.get("/evidence/backups")
@requires(Permission.LEDGER_READ)
def backups() -> ResponseReturnValue:
    """What the duty side backed up by itself."""
    return _page(BackupForm(formdata=None), EndBackupForm(formdata=None))


@bp.post("/evidence/backups")
@requires(Permission.REQUEST_ACKNOWLEDGE)
def backup_make() -> ResponseReturnValue:
    """Enter a back-up."""
    session, form = db_session(), BackupForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                make_backup(session, actor=current_identity(), draft=form.draft(), now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The back-up is entered."), "ok")
            return redirect(url_for("evidence.backups"), 303)
    return _page(form, EndBackupForm(formdata=None), opened="make")


@bp.post("/evidence/backups/end")
@requires(Permission.REQUEST_ACKNOWLEDGE)
def backup_end() -> ResponseReturnValue:
    """Let a back-up go: somebody other than who made it."""
    session, form = db_session(), EndBackupForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                end_backup(
                    session,
                    actor=current_identity(),
                    backup_id=_named(form.backup.data),
                    reason=form.reason.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The back-up is let go; its line stays."), "ok")
            return redirect(url_for("evidence.backups"), 303)
    return _page(BackupForm(formdata=None), form, opened="end")


def _named(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError as wrong:
        raise NotFound() from wrong


def _page(make: BackupForm, end: EndBackupForm, *, opened: str = "") -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    page = render_template(
        "evidence/backups.html",
        page=backup_page(session, identity, after=request.args.get("after", "")),
        make=make,
        end=end,
        opened=opened,
        kinds=BACKUP_KIND,
        media=BACKUP_MEDIUM,
        person=identity.person_id,
        may=may_ever(identity, Permission.REQUEST_ACKNOWLEDGE),
    )
    return page, 422 if opened else 200
