"""One's own webhooks: set up, looked at, tried, switched off and on."""

from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.web.session import db_session, repeatable
from portal.web.shell import hooks_of as shell_hooks
from portal.webhooks import operations, queries
from portal.webhooks.forms import HookForm
from portal.webhooks.labels import DELIVERY, DISABLED, ERROR, TOPIC_SHORT
from portal.webhooks.rules import GIVE_UP_AFTER
from portal.webhooks.values import Topic

bp = Blueprint("webhooks", __name__, template_folder="templates")


def init_app(app: Flask) -> None:
    """Put webhooks into the account menu."""
    shell_hooks(app).menu.append((_("Webhooks"), "webhooks.hooks"))


@bp.get("/account/webhooks")
@requires(Permission.WEBHOOK_OWN)
def hooks() -> ResponseReturnValue:
    """One's own webhooks."""
    found = queries.hooks_of(db_session(), current_identity())
    return render_template("webhooks/hooks.html", hooks=found, topics=TOPIC_SHORT, disabled=DISABLED)


@bp.route("/account/webhooks/new", methods=["GET", "POST"])
@requires(Permission.WEBHOOK_OWN)
@repeatable("a remembered answer would hold the secret in the open; a second one is seen in the list")
def hook_new() -> ResponseReturnValue:
    """Set one up; its secret is on the answer and nowhere else, ever."""
    form = HookForm()
    if request.method == "POST" and form.validate():
        try:
            hook, secret = operations.create_hook(
                db_session(),
                actor=current_identity(),
                name=form.name.data,
                url=form.url.data,
                topics=[Topic(topic) for topic in form.topics.data],
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return render_template("webhooks/secret.html", hook=hook, secret=secret, topics=TOPIC_SHORT)
    return render_template("webhooks/hook_new.html", form=form), 422 if form.errors else 200


@bp.get("/account/webhooks/<uuid:hook_id>")
@requires(Permission.WEBHOOK_OWN)
def hook(hook_id: UUID) -> ResponseReturnValue:
    """One webhook with what was sent."""
    session = db_session()
    found = queries.get_hook(session, current_identity(), hook_id)
    return render_template(
        "webhooks/hook.html",
        hook=found,
        page=queries.delivery_page(session, found, after=request.args.get("after")),
        topics=TOPIC_SHORT,
        disabled=DISABLED,
        statuses=DELIVERY,
        errors=ERROR,
        limit=GIVE_UP_AFTER,
    )


@bp.post("/account/webhooks/<uuid:hook_id>/ping")
@requires(Permission.WEBHOOK_OWN)
def hook_ping(hook_id: UUID) -> ResponseReturnValue:
    """Send a message without events."""
    operations.ping_hook(db_session(), actor=current_identity(), hook_id=hook_id, now=utcnow())
    flash(gettext("A trial message is on its way."), "ok")
    return redirect(url_for("webhooks.hook", hook_id=hook_id), 303)


@bp.post("/account/webhooks/<uuid:hook_id>/pause")
@requires(Permission.WEBHOOK_OWN)
def hook_pause(hook_id: UUID) -> ResponseReturnValue:
    """Switch it off."""
    operations.pause_hook(db_session(), actor=current_identity(), hook_id=hook_id, now=utcnow())
    flash(gettext("The webhook is switched off."), "ok")
    return redirect(url_for("webhooks.hook", hook_id=hook_id), 303)


@bp.post("/account/webhooks/<uuid:hook_id>/resume")
@requires(Permission.WEBHOOK_OWN)
def hook_resume(hook_id: UUID) -> ResponseReturnValue:
    """Switch it on again."""
    operations.resume_hook(db_session(), actor=current_identity(), hook_id=hook_id, now=utcnow())
    flash(gettext("The webhook is switched on."), "ok")
    return redirect(url_for("webhooks.hook", hook_id=hook_id), 303)


@bp.post("/account/webhooks/deliveries/<uuid:delivery_id>/again")
@requires(Permission.WEBHOOK_OWN)
def delivery_again(delivery_id: UUID) -> ResponseReturnValue:
    """Send a delivery once more."""
    sent = operations.send_again(db_session(), actor=current_identity(), delivery_id=delivery_id, now=utcnow())
    flash(gettext("The message is sent again."), "ok")
    return redirect(url_for("webhooks.hook", hook_id=sent.webhook_id), 303)
