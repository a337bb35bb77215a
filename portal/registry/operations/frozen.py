"""What a submission freezes: the whole content of a filing as canonical JSON. portal/demo/filings.py writes the same."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.geometry import lonlat
from portal.registry.models import Camera, Document, Filing, System, SystemComponent
from portal.registry.rules import FILED
from portal.registry.rules.changes import SYSTEM_DAYS, SYSTEM_FACTS, UNIT_FACTS
from portal.registry.rules.parties import holders

COMPONENT_FIELDS = ("part", "name", "maker", "model", "software_version", "count")


def frozen_content(session: Session, filing: Filing, system: System) -> str:
    """What is submitted, whole: unit, system, parties, equipment, every camera, every paper."""
    return canonical(content_of(session, filing, system))


def canonical(content: dict[str, Any]) -> str:
    """The one way such a content is written, so that its digest can be recomputed by anybody."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_of(session: Session, filing: Filing, system: System) -> dict[str, Any]:
    """The content of a filing as it would be frozen now."""
    cameras = session.scalars(select(Camera).where(Camera.system_id == system.id).order_by(Camera.id)).all()
    documents = session.scalars(
        select(Document).where(Document.system_id == system.id).order_by(Document.slot, Document.version_no)
    ).all()
    components = session.scalars(
        select(SystemComponent).where(SystemComponent.system_id == system.id).order_by(SystemComponent.id)
    ).all()
    unit, present = system.unit, holders(system.parties, on=city_day(filing.submitted_at or system.updated_at))
    return {
        "filing": {
            "id": str(filing.id),
            "kind": filing.kind,
            "revision": filing.revision,
            "handled_by": filing.handled_by,
            "declaration": filing.declaration,
        },
        "declared_by": filing.declared_by,
        "unit": _row(unit, UNIT_FACTS) | {"id": str(unit.id)},
        "system": _row(system, SYSTEM_FACTS)
        | {name: _iso(getattr(system, name)) for name in SYSTEM_DAYS}
        | {"position": _position(system.position)},
        "parties": {role: party.name for role, party in present.items()},
        "components": [_row(row, COMPONENT_FIELDS) | {"id": str(row.id)} for row in components],
        "cameras": [
            _row(camera, (*FILED, "version", "secret")) | {"id": str(camera.id), "position": _position(camera.position)}
            for camera in cameras
        ],
        "documents": [
            {"slot": row.slot, "version": row.version_no, "title": row.title, "file": str(row.stored_file_id)}
            for row in documents
        ],
    }


def _row(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _iso(day: Any) -> str | None:
    return day.isoformat() if day is not None else None


def _position(position: Any) -> list[str] | None:
    return None if position is None else [f"{degrees:.7f}" for degrees in lonlat(position)]
