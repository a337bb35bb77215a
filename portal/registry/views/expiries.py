"""What has run out or soon will, over all systems in the reader's reach."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.registry import queries
from portal.registry.labels import PARTY
from portal.registry.labels.archive import EXPIRY_KIND, VALIDITY
from portal.registry.queries import archive
from portal.registry.rules.papers import slot_text
from portal.registry.rules.validity import validity
from portal.registry.values import PartyRole
from portal.registry.values.archive import Expiry, ExpiryKind
from portal.registry.views.blueprint import bp
from portal.registry.views.units import district_choices
from portal.regulation.loader import rulebook
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session

# The tab of a system on which each kind is put right.
TAB = {
    ExpiryKind.QUALIFICATION: "registry.system_contractors",
    ExpiryKind.TECHNICIAN: "registry.system_contractors",
    ExpiryKind.EVALUATION: "registry.system_compliance",
    ExpiryKind.CERTIFICATE: "registry.system_compliance",
    ExpiryKind.DOCUMENT: "registry.system_papers",
    ExpiryKind.PARTY: "registry.system_parties",
}


def named(each: Expiry) -> str:
    """What runs out, by the name a reader knows."""
    if each.kind is ExpiryKind.DOCUMENT:
        return slot_text(rulebook(), each.name).in_language(str(get_locale()))
    return str(PARTY[PartyRole(each.name)]) if each.kind is ExpiryKind.PARTY else each.name


@bp.get("/expiries")
@requires(Permission.SYSTEM_READ)
def expiries() -> ResponseReturnValue:
    """Qualifications, certificates, evaluations, papers and parties whose day has come or is near."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    kind = request.args.get("kind", "")
    wanted = archive.ExpiryFilter(
        kind=ExpiryKind(kind) if kind in set(ExpiryKind) else None,
        district=asked("district", 6),
        unit_id=uuid_or_none(asked("unit", 36)),
        expired=request.args.get("expired") == "1",
    )
    unit = queries.get_unit(session, identity, wanted.unit_id) if wanted.unit_id else None
    page = archive.expiry_page(session, identity, wanted, on=today, after=request.args.get("after"))
    return render_template(
        "registry/expiries.html",
        page=page,
        rows=[(each, named(each), VALIDITY[validity(each.until, today)]) for each in page.items],
        wanted=wanted,
        unit=unit,
        kinds=EXPIRY_KIND,
        tab=TAB,
        today=today,
        districts=district_choices(),
    )
