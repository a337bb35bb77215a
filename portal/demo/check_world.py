"""The fixture world of outside checks: small, complete, and told in full as JSON (reliability.md section 5).

Three units in two districts, every role at least twice, objects in every state, one secret case and one secret system a
district, a known second factor for the police and the administrators, and a canary in every field that must not leak.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import confirm_totp, enter_divisions
from portal.accounts.values import SECOND_FACTOR_ROLES
from portal.core.clock import city_day
from portal.core.crypto import row_context
from portal.core.db import Base, Database
from portal.core.geometry import lonlat
from portal.core.services import services
from portal.demo.cameras import CameraMaker
from portal.demo.canaries import made
from portal.demo.cast import CHECK, cast_of
from portal.demo.equipment import connections
from portal.demo.files import FileClerk
from portal.demo.loading import NotEmpty
from portal.demo.model_units import enter_model_units, plan_model_units
from portal.demo.plan import device_plan
from portal.demo.residents import Residents
from portal.demo.stage import Stage
from portal.demo.stories import check
from portal.demo.streets import street_map
from portal.demo.timeline import play
from portal.evidence.models import FootageRequest, PreservationHold
from portal.inspection.models import Acceptance, Visit
from portal.maps.operations import rebuild
from portal.registry.models import Camera, CameraAccess, Document, Filing, System, Unit

SEED = 20
FILE = "seed-check.json"
_DEVICES = 20
_OWNED: Sequence[tuple[type[Base], str, str]] = (
    (Unit, "unit", ""),
    (System, "system", "use_status"),
    (Camera, "camera", "status"),
    (Filing, "filing", "status"),
    (Document, "document", "slot"),
    (Acceptance, "acceptance", "status"),
    (Visit, "visit", "status"),
    (FootageRequest, "footage_request", "status"),
    (PreservationHold, "preservation_hold", "status"),
)
# No chain of the loaded rules names a time limit for a step, so nothing lapses by itself.
_UNREACHABLE = {"footage_request": ["lapsed"]}


def check_world(database: Database, *, now: datetime) -> dict[str, Any]:
    """Load the world into an empty registry, or answer what was loaded before. Raises NotEmpty for anything else."""
    told = services_file(database)
    if told.exists():
        kept: dict[str, Any] = json.loads(told.read_text("utf-8"))
        return kept
    with database.transaction() as session:
        if session.scalar(select(Unit.id).limit(1)) is not None:
            raise NotEmpty
        world = _load(session, now)
    told.touch(mode=0o600)
    told.write_text(json.dumps(world, ensure_ascii=False, indent=1), "utf-8")
    return world


def services_file(database: Database) -> Path:
    """Where the description of the loaded world lies."""
    return database.services.data_dir / FILE


def totp_seed(login: str) -> str:
    """The second factor of a login, the same in every run."""
    return base64.b32encode(hashlib.sha256(f"totp:{login}".encode()).digest()[:20]).decode()


def _load(session: Session, now: datetime) -> dict[str, Any]:
    today = city_day(now)
    cast, streets = cast_of(CHECK), street_map(SEED)
    enter_divisions(session, city_code="410500")
    residents = Residents(session, cast, streets, now)
    residents.enter_organs(stations=False)
    residents.enter_people([person for person in cast.people if person.organ], {})
    plans = plan_model_units(cast, SEED, streets, today)
    units = enter_model_units(session, plans, residents=residents, today=today)
    residents.enter_people([person for person in cast.people if person.unit], units)
    stage = Stage(
        session=session,
        seed=SEED,
        today=today,
        moment=now,
        residents=residents,
        units=units,
        plans=plans,
        maker=CameraMaker(SEED, streets),
        connections=iter(connections(device_plan(SEED, _DEVICES))),
        clerk=FileClerk(SEED),
    )
    play(check.stories(stage), until=now)
    _enrol(stage, now)
    rebuild(session)
    return _told(stage)


def _enrol(stage: Stage, now: datetime) -> None:
    """Second factors come last: the stories sign with passwords only."""
    for person in stage.cast.people:
        if person.role in SECOND_FACTOR_ROLES:
            secret = totp_seed(person.login)
            # A code of the past: the first one made by whoever reads the seed must still be good.
            before = now - timedelta(minutes=5)
            confirm_totp(
                stage.session,
                actor=stage.who(person.login, before),
                secret=secret,
                code=pyotp.TOTP(secret).at(before),
                now=before,
            )


def _told(stage: Stage) -> dict[str, Any]:
    session = stage.session
    session.flush()
    return {
        "password": stage.cast.password,
        "districts": sorted({unit.district for unit in stage.cast.units}),
        "organs": [
            {"key": key, "id": str(organ.id), "kind": organ.kind, "name": organ.name, "code": organ.code}
            for key, organ in stage.residents.organs.items()
        ],
        "units": [
            {"key": unit.key, "id": str(stage.units[unit.key]), "name": unit.name, "district": unit.district}
            for unit in stage.cast.units
        ],
        "accounts": list(_accounts(stage)),
        "objects": list(_objects(session)),
        "canaries": [*_texts(), *_phones(stage), *_devices(session), *_positions(session)],
        "unreachable_states": _UNREACHABLE,
    }


def _accounts(stage: Stage) -> Iterator[dict[str, Any]]:
    for person in stage.cast.people:
        account = stage.residents.accounts[person.login]
        yield {
            "login": person.login,
            "password": stage.cast.password,
            "totp": totp_seed(person.login) if person.role in SECOND_FACTOR_ROLES else None,
            "account_id": str(account.id),
            "person_id": str(account.person_id),
            "name": person.name,
            "role": person.role,
            "post": person.post,
            "unit": person.unit,
            "organ": person.organ,
        }


def _objects(session: Session) -> Iterator[dict[str, Any]]:
    """Everything with an owner and a state."""
    for model, kind, state in _OWNED:
        rows: Sequence[Any] = session.scalars(select(model)).all()
        for row in rows:
            yield {
                "kind": kind,
                "id": str(getattr(row, "id", None) or row.request_id),
                "state": getattr(row, state) if state else None,
                "unit": str(row.id if kind == "unit" else row.unit_id),
                "district": getattr(row, "district", None),
                "secret": bool(getattr(row, "secret", False)),
            }


def _texts() -> Iterator[dict[str, Any]]:
    for value, (field, owner, which) in made().items():
        yield {"field": field, "owner": owner, "instance": which, "value": value}


def _phones(stage: Stage) -> Iterator[dict[str, Any]]:
    """Telephone numbers: invented, sealed in the database, each in one row."""
    for key, plan in stage.plans.items():
        yield {"field": "unit.contact_phone", "owner": key, "instance": "", "value": plan.filer.phone}
        yield {"field": "unit.duty_phone", "owner": key, "instance": "", "value": plan.duty_phone}
    envelope = services(stage.session).envelope
    for login, account in stage.residents.accounts.items():
        sealed = account.person.phone_sealed
        if sealed:
            context = row_context("person", "phone_sealed", account.person_id)
            phone = envelope.open(sealed, context=context).decode()
            yield {"field": "person.phone", "owner": login, "instance": "", "value": phone}


def _devices(session: Session) -> Iterator[dict[str, Any]]:
    """Addresses and passwords of devices; the password leaves the database towards a probe only."""
    envelope = services(session).envelope
    for access in session.scalars(select(CameraAccess)):
        context = row_context("camera_access", "credentials_sealed", access.camera_id)
        secret = json.loads(envelope.open(access.credentials_sealed or "", context=context))
        owner = {"owner": str(access.unit_id), "instance": str(access.camera_id)}
        yield {"field": "camera_access.password", **owner, "value": secret["password"]}
        yield {"field": "camera_access.host", **owner, "value": access.host}


def _positions(session: Session) -> Iterator[dict[str, Any]]:
    """Where cameras stand, to six decimals: exact enough to be found in an answer that should not hold it."""
    for camera in session.scalars(select(Camera)):
        lon, lat = lonlat(camera.position)
        owner = {"owner": str(camera.unit_id), "instance": str(camera.id)}
        yield {"field": "camera.position", **owner, "value": f"{lon:.6f},{lat:.6f}"}
