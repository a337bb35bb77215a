"""Quality of camera files: the three standing indicators by district, by unit, and down to the faulty file."""

from collections.abc import Sequence
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound
from portal.registry import queries
from portal.registry.labels import UNIT_TYPE
from portal.registry.labels.camera import CAMERA_FIELD, fault_text
from portal.registry.queries import Standing
from portal.registry.queries.lists import CAMERAS, Asked, read_page
from portal.registry.values.lists import Wanted
from portal.registry.views.blueprint import bp
from portal.registry.views.units import district_choices
from portal.web.links import asked
from portal.web.session import db_session


def fault_words(counted: Sequence[tuple[str, int]]) -> list[tuple[str, str, str, int]]:
    """Kinds of fault with their field, what is wrong, and how often."""
    return [(key, str(CAMERA_FIELD[key.partition(":")[0]]), str(fault_text(key)), count) for key, count in counted]


@bp.get("/quality")
@requires(Permission.QUALITY_READ)
def quality() -> ResponseReturnValue:
    """The indicators of every district in reach."""
    session, identity = db_session(), current_identity()
    rates = queries.standings_by_district(session, identity)
    total = Standing(
        **{
            name: sum(getattr(one, name) for one in rates.values())
            for name in ("cameras", "known", "online", "networked", "passing")
        }
    )
    districts = [(code, name, rates[code]) for code, name in district_choices() if code in rates]
    return render_template(
        "registry/quality.html",
        districts=[row for row in districts if queries.may_see_quality(identity, row[0])],
        total=total,
    )


@bp.get("/quality/districts/<district>")
@requires(Permission.QUALITY_READ)
def quality_district(district: str) -> ResponseReturnValue:
    """The units of a district, those with the most faulty files first."""
    session, identity = db_session(), current_identity()
    names = dict(district_choices())
    if district not in names or not queries.may_see_quality(identity, district):
        raise NotFound()
    after = request.args.get("after")
    return render_template(
        "registry/quality_district.html",
        district=district,
        name=names[district],
        standing=queries.standing_of(session, identity, district=district),
        page=queries.standings_by_unit(session, identity, district, after=after),
        faults=[] if after else fault_words(queries.faults_by_kind(session, identity, district=district)),
        unit_types=UNIT_TYPE,
    )


@bp.get("/units/<uuid:unit_id>/quality")
@requires(Permission.CAMERA_READ)
def quality_unit(unit_id: UUID) -> ResponseReturnValue:
    """The faulty files of a unit, and what is wrong with them; its departments."""
    session, identity = db_session(), current_identity()
    unit = queries.get_unit(session, identity, unit_id)
    require(identity, Permission.CAMERA_READ, queries.unit_scope(unit), read=Permission.UNIT_READ)
    fault, after = asked("fault", 40), asked("after", 400)
    faulty = Wanted(
        conditions={"unit": (str(unit_id),), "failing": ("1",)} | ({"fault": (fault,)} if fault else {}),
        columns=("name", "faults"),
        after=after,
    )
    standing = queries.standing_of(session, identity, unit_id=unit_id)
    faults = fault_words(queries.faults_by_kind(session, identity, unit_id=unit_id, limit=40))
    of_kind = next((number for key, *_, number in faults if key == fault), None)
    return render_template(
        "registry/quality_unit.html",
        unit=unit,
        standing=standing,
        faults=faults,
        fault=fault,
        page=read_page(Asked(session=session, identity=identity, today=city_day(utcnow())), CAMERAS, faulty),
        total=of_kind if fault else standing.failing,
        departments=queries.departments_of(session, identity, unit_id),
        field_label=CAMERA_FIELD,
        fault_text=fault_text,
    )
