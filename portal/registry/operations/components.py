"""REG-01: the equipment and software a system consists of, each in a record of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import Invalid, NotFound, Problem
from portal.registry import values
from portal.registry.models import System, SystemComponent
from portal.registry.operations.acts import system_to_change
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.recording import about, note
from portal.registry.rules.changes import FiledChange
from portal.registry.values import ComponentPart, ComponentParticulars

MOST_PIECES = 100_000


def add_component(
    session: Session, *, actor: Identity, system_id: UUID, particulars: ComponentParticulars, now: datetime
) -> SystemComponent:
    """Enter a piece of equipment or a program. A program without its version is not accepted."""
    system = system_to_change(session, actor, system_id)
    problems = [] if particulars.name.strip() else [Problem("name", "required")]
    if particulars.part is ComponentPart.SOFTWARE and not particulars.version.strip():
        problems.append(Problem("version", "required"))
    if not 0 < particulars.count <= MOST_PIECES:
        problems.append(Problem("count", "out_of_range", {"low": 1, "high": MOST_PIECES}))
    if problems:
        raise Invalid(problems)
    component = SystemComponent(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        part=particulars.part,
        name=particulars.name.strip(),
        maker=particulars.maker.strip(),
        model=particulars.model.strip(),
        software_version=particulars.version.strip(),
        count=particulars.count,
    )
    session.add(component)
    session.flush()
    _changed(session, actor, system, FieldChange(name=str(particulars.part), old=None, new=component.name), now=now)
    return component


def remove_component(session: Session, *, actor: Identity, system_id: UUID, component_id: UUID, now: datetime) -> None:
    """Take an entry out again; the log keeps what it said."""
    system = system_to_change(session, actor, system_id)
    component = session.get(SystemComponent, component_id)
    if component is None or component.system_id != system.id:
        raise NotFound()
    session.delete(component)
    _changed(session, actor, system, FieldChange(name=component.part, old=component.name, new=None), now=now)


def _changed(session: Session, actor: Identity, system: System, change: FieldChange, *, now: datetime) -> None:
    subject = str(change.new or change.old)
    run_change_clock(session, system, [FiledChange(fact="component", subject=subject)], now=now)
    note(session, actor, values.COMPONENT_CHANGED, about(system), system, changes=[change], now=now)
