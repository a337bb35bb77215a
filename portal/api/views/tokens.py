"""Personal tokens: one's own list, issuing, revoking; and everybody's for the security administrator."""

from datetime import timedelta
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.models import ApiToken
from portal.accounts.operations import issue_token, revoke_token
from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.policy import may_ever
from portal.accounts.queries import token_page
from portal.api.forms import TokenForm
from portal.api.labels import SCOPE
from portal.api.views.blueprint import bp
from portal.core.clock import real_now
from portal.core.errors import Invalid
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session, repeatable

add_to_navigation(
    bp,
    NavItem(
        section=Section.SYSTEM,
        label=_("Tokens in force"),
        endpoint="api.all_tokens",
        permission=Permission.TOKEN_REVOKE,
    ),
)


@bp.get("/account/tokens")
@requires(Permission.TOKEN_OWN)
def tokens() -> ResponseReturnValue:
    """One's own tokens."""
    page = token_page(db_session(), account_id=current_identity().account_id, after=request.args.get("after"))
    return render_template("api/tokens.html", page=page, scopes=SCOPE, now=real_now(), everybody=False)


@bp.route("/account/tokens/new", methods=["GET", "POST"])
@requires(Permission.TOKEN_OWN)
@repeatable("a remembered answer would hold the token in the open; a second one is seen in the list")
def token_new() -> ResponseReturnValue:
    """Ask for a token; its text is on the answer and nowhere else, ever."""
    identity = current_identity()
    form = TokenForm(data={"days": min(90, g.token_days_max)})
    form["scopes"].choices = [(str(scope), SCOPE[scope]) for scope in TOKEN_SCOPES if may_ever(identity, scope)]
    if request.method == "POST" and form.validate():
        try:
            row, text = issue_token(
                db_session(),
                actor=identity,
                name=form.name.data,
                scopes=[Permission(scope) for scope in form.scopes.data],
                lifetime=timedelta(days=form.days.data),
                longest=timedelta(days=g.token_days_max),
                current=form.current.data,
                code=form.code.data or "",
                now=real_now(),
            )
        except Invalid as refusal:
            g.commit_anyway = bool(refusal.data.get("commit"))
            form.take(refusal)
        else:
            return render_template("api/token_shown.html", token=row, text=text, scopes=SCOPE)
    page = render_template("api/token_new.html", form=form, longest=g.token_days_max)
    return page, 422 if form.errors else 200


@bp.post("/account/tokens/<uuid:token_id>/revoke")
@requires(Permission.TOKEN_OWN)
def token_revoke(token_id: UUID) -> ResponseReturnValue:
    """End one's own token."""
    return _revoked(token_id, "api.tokens")


@bp.get("/accounts/tokens")
@requires(Permission.TOKEN_REVOKE)
def all_tokens() -> ResponseReturnValue:
    """Everybody's tokens, for who answers for the accounts."""
    page = token_page(db_session(), after=request.args.get("after"))
    return render_template("api/tokens.html", page=page, scopes=SCOPE, now=real_now(), everybody=True)


@bp.post("/accounts/tokens/<uuid:token_id>/revoke")
@requires(Permission.TOKEN_REVOKE)
def any_token_revoke(token_id: UUID) -> ResponseReturnValue:
    """End anybody's token."""
    return _revoked(token_id, "api.all_tokens")


def _revoked(token_id: UUID, back: str) -> ResponseReturnValue:
    row: ApiToken = revoke_token(db_session(), actor=current_identity(), token_id=token_id, now=real_now())
    flash(gettext("The token %(name)s is revoked.", name=row.name), "ok")
    return redirect(url_for(back), 303)
