"""What the tests of imports share: a unit with cameras on record, a sheet taken in, the worker's turn."""

import io
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import portal.registry.tasks  # noqa: F401 - registers the job
from portal.accounts.values import Identity, Role
from portal.core.db import Database
from portal.core.geometry import Datum, to_element
from portal.jobs import Runner
from portal.registry import operations
from portal.registry.models import Camera, CameraImport, ImportFault, System
from portal.registry.values import CameraParticulars, Direction
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from tests.people import BEIGUAN, NOW, World
from tests.registry.sheets.library import HOME, NAMED, NAMED_AT, ON_RECORD, TAKEN
from tests.registry.test_filing import particulars


def stocked(session: Session, world: World) -> tuple[Identity, System]:
    """A filer and their system with two cameras, one of them without a code; another unit holds a third."""
    from shapely.geometry import Point

    unit = world.unit(position=to_element(Point(*HOME)))
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    system = operations.create_system(session, actor=filer, unit_id=unit.id, particulars=particulars(), now=NOW)
    kept = CameraParticulars(
        name="东门-向东-枪机", lon=HOME[0], lat=HOME[1], gb_code=ON_RECORD, direction=Direction.EAST, model="IPC-1",
        managing_phone="13900002207",
    )  # fmt: skip
    operations.add_camera(session, actor=filer, system_id=system.id, particulars=kept, now=NOW)
    plain = CameraParticulars(name=NAMED, lon=float(NAMED_AT[0]), lat=float(NAMED_AT[1]))
    operations.add_camera(session, actor=filer, system_id=system.id, particulars=plain, now=NOW)
    other = world.unit(district=BEIGUAN)
    theirs = world.person(Role.UNIT_FILER, unit_id=other.id)
    foreign = operations.create_system(
        session, actor=theirs, unit_id=other.id, particulars=particulars(district=BEIGUAN), now=NOW
    )
    held = CameraParticulars(name="他们的", lon=114.36, lat=36.12, gb_code=TAKEN)
    operations.add_camera(session, actor=theirs, system_id=foreign.id, particulars=held, now=NOW)
    session.flush()
    return filer, system


def brought(
    session: Session,
    filer: Identity,
    system: System,
    name: str,
    content: bytes,
    *,
    datum: Datum = Datum.WGS84,
    **more: Any,
) -> CameraImport:
    """A sheet taken in, waiting for the worker."""
    stored = store_upload(
        session,
        actor=filer.actor,
        stream=io.BytesIO(content),
        filename=name,
        kind=FileKind.SHEET,
        unit_id=system.unit_id,
        district=system.district,
        now=NOW,
    )
    more = {"preview_first": True, **more}
    run = operations.start_import(
        session, actor=filer, system_id=system.id, stored_file_id=stored.id, datum=datum, now=NOW, **more
    )
    session.flush()
    return run


def drain(database: Database, session: Session, run: CameraImport) -> CameraImport:
    """The worker does what waits; the import as it stands then."""
    session.flush()
    Runner(database).drain("import")
    session.expire_all()
    return session.get_one(CameraImport, run.id)


def checked(database: Database, session: Session, *sheet: Any, **more: Any) -> CameraImport:
    """A sheet brought, as `brought` takes it, and read."""
    return drain(database, session, brought(session, *sheet, **more))


def faults(session: Session, run: CameraImport) -> list[ImportFault]:
    """The open faults of an import, in the order of the sheet."""
    wanted = select(ImportFault).where(ImportFault.import_id == run.id, ImportFault.decision.is_(None))
    return list(session.scalars(wanted.order_by(ImportFault.row_number, ImportFault.id)))


def report(session: Session, run: CameraImport) -> list[str]:
    """The same as lines."""
    return [
        f"{one.column_letters}{one.row_number} {one.field} {one.code} {one.cure_code or '-'}"
        for one in faults(session, run)
    ]


def cameras(session: Session, system: System) -> list[Camera]:
    """The cameras of a system by name."""
    return list(session.scalars(select(Camera).where(Camera.system_id == system.id).order_by(Camera.name)))
