"""What an account is for: set by the security administrator, with the zones that the person's units know."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.labels import ROLE_LABELS
from portal.accounts.operations import dedicate_account
from portal.accounts.permissions import Permission
from portal.accounts.queries import get_account, homes_of
from portal.accounts.values import AccountPurpose
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.regulation.labels import fact_value
from portal.upkeep import forms
from portal.upkeep.queries.zones import zones_known
from portal.upkeep.views.blueprint import bp
from portal.web.session import db_session


@bp.route("/accounts/<uuid:account_id>/purpose", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_DECIDE)
def account_purpose(account_id: UUID) -> ResponseReturnValue:
    """General use, viewing in certain zones, or checks without playback."""
    session, identity, now = db_session(), current_identity(), utcnow()
    account = get_account(session, account_id)
    if account is None:
        raise NotFound()
    form = forms.PurposeForm(data={"purpose": account.purpose, "zones": account.zones})
    groups, zones = zones_known(session, account.person_id, on=city_day(now))
    lang = str(get_locale())
    known = [(key, fact_value("zone", key)) for key in groups]
    known += [(key, text.in_language(lang)) for key, text in zones.items()]
    form.zones.choices = known + [(key, key) for key in account.zones if key not in dict(known)]
    if request.method == "POST" and form.validate():
        purpose = AccountPurpose(str(form.purpose.data))
        chosen = [str(key) for key in form.zones.data or ()] if purpose is AccountPurpose.VIEWING else []
        try:
            dedicate_account(
                session,
                actor=identity,
                account_id=account.id,
                purpose=purpose,
                zones=chosen,
                reason=form.reason.data,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("accounts.accounts"), 303)
    page = render_template(
        "upkeep/account_purpose.html",
        form=form,
        account=account,
        held=homes_of(session, [account.person_id]).get(account.person_id, []),
        roles=ROLE_LABELS,
    )
    return page, 422 if form.problems() else 200
