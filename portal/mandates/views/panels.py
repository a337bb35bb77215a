"""What the pages of a unit, a system and a camera say of this package's matters."""

from flask import render_template

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import city_day, utcnow
from portal.mandates.labels import RELOCATION_STATUS, STAGE
from portal.mandates.queries.projects import moves_of_camera, project_of_camera, relocations_of_camera
from portal.mandates.queries.register import entries_of_unit, stages_of
from portal.mandates.queries.uses import use_summary
from portal.mandates.views.blueprint import bp, categories_in_force, category_names
from portal.registry.models import Camera, System, Unit
from portal.registry.queries import camera_scope, system_scope, unit_scope
from portal.registry.values import SystemKind
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def mandate_of_unit(unit: Unit) -> str:
    """Which mandated places the unit is, and how far each has come."""
    identity = current_identity()
    if not allows(identity, Permission.MANDATE_READ, unit_scope(unit)):
        return ""
    entries = entries_of_unit(db_session(), unit.id)
    if not entries:
        return ""
    return render_template(
        "mandates/_of_unit.html",
        entries=entries,
        stages=stages_of(db_session(), [entry.id for entry in entries]),
        words=STAGE,
        names=category_names(categories_in_force(city_day(utcnow()))),
    )


def uses_of_unit(unit: Unit) -> str:
    """How often the police used the unit's footage, for its owner."""
    if not allows(current_identity(), Permission.USES_READ, unit_scope(unit)):
        return ""
    return render_template("mandates/_uses_of_unit.html", unit=unit, summary=use_summary(db_session(), unit.id))


def relocation_of_system(system: System) -> str:
    """The way to propose a relocation of a public system's cameras."""
    if system.kind != SystemKind.PUBLIC or not allows(
        current_identity(), Permission.PROJECT_EDIT, system_scope(system)
    ):
        return ""
    return render_template("mandates/_of_system.html", system=system)


def project_of(camera: Camera) -> str:
    """A public camera's project, its relocations, and moves that nobody ordered."""
    if camera.system.kind != SystemKind.PUBLIC or not allows(
        current_identity(), Permission.PROJECT_READ, camera_scope(camera)
    ):
        return ""
    session = db_session()
    return render_template(
        "mandates/_of_camera.html",
        camera=camera,
        project=project_of_camera(session, camera.id),
        relocations=relocations_of_camera(session, camera.id),
        moves=moves_of_camera(session, camera.id),
        statuses=RELOCATION_STATUS,
    )


add_panels(
    bp,
    Panel(place="registry.unit", draw=mandate_of_unit, order=30),
    Panel(place="registry.unit", draw=uses_of_unit, order=35),
    Panel(place="registry.system", draw=relocation_of_system, order=60),
    Panel(place="registry.camera", draw=project_of, order=30),
)
