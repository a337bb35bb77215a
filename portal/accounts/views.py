"""Signing in and out, the own password and second factor; accounts under the two-key rule."""

from uuid import UUID

import pyotp
import segno
from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup

from portal.accounts import operations, queries
from portal.accounts.forms import DecisionForm, PasswordForm, ProposalForm, SignInForm, TotpForm
from portal.accounts.guards import current_identity, permission_of, public_endpoint, requires, viewer
from portal.accounts.labels import POST_LABELS, PURPOSE_LABELS, ROLE_LABELS
from portal.accounts.labels.rights import AREA_LABELS, PERMISSION_LABELS, REACH_LABELS, by_area
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, may_ever
from portal.accounts.policy.purposes import fits_purpose
from portal.accounts.rules import AT_ONCE
from portal.accounts.values import UNIT_ROLES, AccountPurpose, MembershipFact, Post, Role
from portal.core.clock import real_now, utcnow
from portal.core.errors import Invalid, NotFound, Problem
from portal.web.i18n import short_code
from portal.web.links import asked, safe_next
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session, repeatable
from portal.web.shell import Viewer, hooks_of, remember

bp = Blueprint("accounts", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SYSTEM,
        label=_("Accounts"),
        endpoint="accounts.accounts",
        permission=Permission.ACCOUNT_READ,
        covers=("accounts.proposal_", "accounts.concurrent", "upkeep.account_"),
    ),
)
add_to_navigation(
    bp,
    NavItem(
        section=Section.LAW,
        label=_("Roles and rights"),
        endpoint="accounts.roles",
        permission=Permission.RULES_READ,
        order=80,
    ),
)


def init_app(app: Flask) -> None:
    """Tell the shell who is signed in and what they may open."""
    hooks = hooks_of(app)
    hooks.viewer = _viewer
    hooks.allows = _may_open
    hooks.opens = lambda endpoint: _opens(app, endpoint)
    hooks.keep_language = _keep_language
    hooks.sign_in_endpoint = "accounts.sign_in"
    hooks.sign_out_endpoint = "accounts.sign_out"
    hooks.menu += [
        (_("Password"), "accounts.password"),
        (_("Second factor"), "accounts.totp"),
        (_("Sign-ins"), "accounts.sign_ins"),
    ]


def _viewer() -> Viewer | None:
    identity = viewer()
    if identity is None:
        return None
    roles = [str(ROLE_LABELS[role]) for role in sorted(identity.roles)]
    return Viewer(name=identity.name, place=identity.organ_name, roles=roles, key=str(identity.account_id))


def _keep_language(locale: str) -> None:
    """Called before the request is dispatched, so it commits by itself."""
    if viewer() is not None:
        operations.choose_language(db_session(), actor=current_identity(), locale=locale, now=real_now())
        db_session().commit()


def _may_open(permission: str) -> bool:
    identity = viewer()
    return identity is not None and not identity.must and may_ever(identity, Permission(permission))


def _opens(app: Flask, endpoint: str) -> bool:
    permission = permission_of(app, endpoint)
    identity = viewer()
    return permission is None or (identity is not None and may_ever(identity, permission))


@bp.get("/sign-in")
@public_endpoint("nobody is signed in yet")
def sign_in() -> ResponseReturnValue:
    """The sign-in sheet."""
    if viewer() is not None:
        return redirect(safe_next(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=SignInForm(data={"next": request.args.get("next", "")}))


@bp.post("/sign-in")
@public_endpoint("nobody is signed in yet")
@repeatable("a remembered answer would be a way in without a password")
def sign_in_try() -> ResponseReturnValue:
    """Try to sign in. Failures are committed: they count towards the lock."""
    form = SignInForm()
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    outcome = operations.sign_in(
        db_session(),
        login=form.login.data,
        password=form.password.data,
        totp=form.totp.data or "",
        address=request.remote_addr or "",
        agent=request.user_agent.string,
        request_id=g.request_id,
        lifetime=g.sign_in_lifetime,
        now=real_now(),
    )
    if outcome.token is None:
        g.commit_anyway = True
        where = "totp" if outcome.problem == "totp" else "password"
        form.take(Invalid([Problem(where, outcome.problem or "refused")]))
        return render_template("accounts/sign_in.html", form=form), 422
    cookie.clear()
    cookie.permanent = True
    cookie["sid"] = outcome.token
    response = redirect(safe_next(form.next.data), 303)
    if outcome.locale:
        # The cookie found here may be that of whoever used this browser before.
        remember(response, "lang", short_code(outcome.locale), secure=g.over_tls)
    return response


@bp.post("/sign-out")
@requires(Permission.PROFILE_OWN)
@repeatable("signing out twice is signing out")
def sign_out() -> ResponseReturnValue:
    """End this sign-in."""
    operations.sign_out(db_session(), actor=current_identity(), now=real_now())
    cookie.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.PROFILE_OWN)
@repeatable("the second try fails on the present password")
def password() -> ResponseReturnValue:
    """Change the own password; a first password must be changed before anything else."""
    form = PasswordForm()
    identity = current_identity()
    if request.method == "POST" and form.validate():
        try:
            if form.password.data != form.again.data:
                raise Invalid([Problem("again", "password_differs")])
            operations.change_password(
                db_session(), actor=identity, current=form.current.data, new=form.password.data, now=real_now()
            )
        except Invalid as refusal:
            g.commit_anyway = bool(refusal.data.get("commit"))
            form.take(refusal)
        else:
            flash(gettext("Your password is changed."), "ok")
            return redirect("/", 303)
    forced = identity.must == "change_password"
    return render_template("accounts/password.html", form=form, forced=forced), 422 if form.errors else 200


@bp.route("/account/second-factor", methods=["GET", "POST"])
@requires(Permission.PROFILE_OWN)
@repeatable("a code is accepted once only")
def totp() -> ResponseReturnValue:
    """Set up the second factor: show the secret once, take it after one right code."""
    form = TotpForm()
    identity = current_identity()
    secret = cookie.get("totp_secret")
    if request.method == "POST" and secret and form.validate():
        try:
            operations.confirm_totp(
                db_session(),
                actor=identity,
                secret=secret,
                code=form.code.data,
                current=form.current.data or "",
                now=real_now(),
            )
        except Invalid as refusal:
            g.commit_anyway = bool(refusal.data.get("commit"))
            form.take(refusal)
        else:
            cookie.pop("totp_secret", None)
            flash(gettext("Your second factor is set up."), "ok")
            return redirect("/", 303)
    if not secret:
        secret = cookie["totp_secret"] = operations.start_totp(db_session(), actor=identity, now=real_now())
    address = pyotp.TOTP(secret).provisioning_uri(name=identity.name, issuer_name="CCTV Portal")
    drawing = Markup(segno.make(address, error="m").svg_inline(scale=5, border=2, omitsize=True))  # noqa: S704
    forced = identity.must == "enrol_totp"
    page = render_template(
        "accounts/totp.html",
        form=form,
        secret=secret,
        drawing=drawing,
        forced=forced,
        replaces=operations.has_second_factor(db_session(), actor=identity),
    )
    return page, 422 if form.errors else 200


@bp.get("/account/sign-ins")
@requires(Permission.PROFILE_OWN)
def sign_ins() -> ResponseReturnValue:
    """The own sign-ins that are open, and what was found about them."""
    session, identity, now = db_session(), current_identity(), real_now()
    if identity.account_id is None:
        raise NotFound()
    return render_template(
        "accounts/sign_ins.html",
        open_ones=queries.live_sessions(session, identity.account_id, now=now),
        found=queries.concurrent_page(session, account_id=identity.account_id),
        current=identity.session_id,
        now=now,
    )


@bp.post("/account/sign-ins/end-others")
@requires(Permission.PROFILE_OWN)
@repeatable("ended sign-ins stay ended")
def sign_ins_end() -> ResponseReturnValue:
    """Sign out everywhere else."""
    identity = current_identity()
    if identity.account_id is None:
        raise NotFound()
    operations.revoke_sessions(
        db_session(), actor=identity, account_id=identity.account_id, keep=identity.session_id, now=real_now()
    )
    flash(gettext("Every other sign-in is ended."), "ok")
    return redirect(url_for("accounts.sign_ins"), 303)


@bp.get("/accounts/concurrent")
@requires(Permission.ACCOUNT_READ)
def concurrent() -> ResponseReturnValue:
    """Accounts that were in use on two devices at once."""
    return render_template(
        "accounts/concurrent.html",
        page=queries.concurrent_page(db_session(), after=request.args.get("after")),
        minutes=int(AT_ONCE.total_seconds() // 60),
    )


@bp.get("/accounts/roles")
@requires(Permission.RULES_READ)
def roles() -> ResponseReturnValue:
    """Who may do what, read off the permission table itself."""
    chosen = request.args.get("role", "")
    shown = [Role(chosen)] if chosen in set(Role) else []
    return render_template(
        "accounts/roles.html",
        groups=[(area, [(one, PERMISSION_LABELS.get(one, one)) for one in rows]) for area, rows in by_area()],
        grants=GRANTS,
        roles=ROLE_LABELS,
        reaches=REACH_LABELS,
        areas=AREA_LABELS,
        barred={
            purpose: frozenset(one for one in Permission if not fits_purpose(purpose, one))
            for purpose in (AccountPurpose.VIEWING, AccountPurpose.INSPECTION)
        },
        shown=shown,
    )


@bp.get("/accounts")
@requires(Permission.ACCOUNT_READ)
def accounts() -> ResponseReturnValue:
    """Accounts and open proposals."""
    session = db_session()
    keyword = asked("q", 40)
    page = queries.account_page(session, keyword=keyword, after=request.args.get("after"))
    homes = queries.homes_of(session, [account.person_id for account in page.items])
    return render_template(
        "accounts/accounts.html",
        page=page,
        homes=homes,
        proposals=queries.open_proposals(session),
        keyword=keyword,
        now=real_now(),
        roles=ROLE_LABELS,
        purposes=PURPOSE_LABELS,
        may_dedicate=may_ever(current_identity(), Permission.ACCOUNT_DECIDE),
        may_propose=may_ever(current_identity(), Permission.ACCOUNT_PROPOSE),
    )


@bp.route("/accounts/proposals/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_PROPOSE)
def proposal_new() -> ResponseReturnValue:
    """First key: ask for an account of an organ's person."""
    form = ProposalForm()
    session = db_session()
    form.role.choices = [(str(role), ROLE_LABELS[role]) for role in Role if role not in UNIT_ROLES]
    form.post.choices = [("", ""), *((str(post), POST_LABELS[post]) for post in Post)]
    form.home.choices = [(str(organ.id), organ.name) for organ in session.scalars(queries.all_organs())]
    if request.method == "POST" and form.validate():
        fact = MembershipFact(
            role=Role(str(form.role.data)),
            post=Post(form.post.data) if form.post.data else None,
            organ_id=UUID(str(form.home.data)),
        )
        try:
            operations.propose_account(
                session,
                actor=current_identity(),
                login=form.login.data,
                person_name=form.person_name.data,
                police_number=form.police_number.data or None,
                memberships=[fact],
                reason=form.reason.data,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The proposal waits for the security administrator."), "ok")
            return redirect(url_for("accounts.accounts"), 303)
    return render_template("accounts/proposal_new.html", form=form), 422 if form.errors else 200


@bp.route("/accounts/proposals/<uuid:proposal_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_DECIDE)
def proposal_decide(proposal_id: UUID) -> ResponseReturnValue:
    """Second key: approve with a first password, or refuse with the reason."""
    session = db_session()
    proposal = queries.get_proposal(session, proposal_id)
    if proposal is None:
        raise NotFound()
    form = DecisionForm()
    if request.method == "POST" and form.validate():
        try:
            operations.decide_proposal(
                session,
                actor=current_identity(),
                proposal_id=proposal_id,
                approve=form.verdict.data == "approve",
                reason=form.reason.data,
                password=form.password.data or "",
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The decision is recorded."), "ok")
            return redirect(url_for("accounts.accounts"), 303)
    facts = [(ROLE_LABELS[Role(fact["role"])], fact.get("post")) for fact in proposal.memberships]
    return (
        render_template("accounts/proposal.html", form=form, proposal=proposal, facts=facts, posts=POST_LABELS),
        422 if form.errors else 200,
    )
