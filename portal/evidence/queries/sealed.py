"""Opening what is sealed in a request. Whoever calls has checked that the reader may, and records that they did."""

import json
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.crypto import row_context
from portal.core.services import services
from portal.evidence.models import FootageManifest, FootageRequest, RequestBreadth, RequestOfficer
from portal.evidence.queries.facts import facts_of
from portal.evidence.rules import manifest_text
from portal.evidence.values import (
    ActKind,
    CaseContent,
    IdKind,
    InstrumentKind,
    ManifestLine,
    OfficerDraft,
    Purpose,
    Relation,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.breadth import Drawn


def content_context(request_id: UUID) -> str:
    """Where a sealed content belongs."""
    return row_context("footage_request", "content", request_id)


def officer_context(request_id: UUID, place: int) -> str:
    """Where a sealed number belongs."""
    return row_context("footage_request_officer", "number", f"{request_id}:{place}")


def content_of(session: Session, request: FootageRequest) -> CaseContent:
    """What the case is about."""
    if request.content_sealed is None:
        return CaseContent(**{one.name: getattr(request, one.name) or "" for one in fields(CaseContent)})
    plain = services(session).envelope.open(request.content_sealed, context=content_context(request.id))
    return CaseContent(**json.loads(plain))


def sealed_lines(manifest: FootageManifest) -> list[dict[str, Any]]:
    """The files of a sealed set exactly as its digest covers them, line by line."""
    moments = ("span_from", "span_to")
    lines = [
        ManifestLine(**{**line, **{name: datetime.fromisoformat(line[name]) for name in moments}})
        for line in manifest.lines
    ]
    return [json.loads(manifest_text(line)) for line in lines]


def number_of(session: Session, officer: RequestOfficer) -> str:
    """The number on a person's paper."""
    context = officer_context(officer.request_id, officer.place)
    return services(session).envelope.open(officer.number_sealed, context=context).decode()


def particulars_of(session: Session, request: FootageRequest) -> RequestParticulars:
    """The request as it was typed, its sealed parts opened: for its writer's form, and for judging it again."""
    counted = session.get(RequestBreadth, request.id)
    return RequestParticulars(
        requester_kind=RequesterKind(request.requester_kind),
        requester_name=request.requester_name,
        instrument_kind=InstrumentKind(request.instrument_kind),
        instrument_number=request.instrument_number,
        purpose=Purpose(request.purpose),
        act=ActKind(request.act),
        span_from=request.span_from,
        span_to=request.span_to,
        camera_ids=tuple(camera.camera_id for camera in request.cameras),
        officers=tuple(
            OfficerDraft(
                name=officer.name,
                id_kind=IdKind(officer.id_kind),
                number=number_of(session, officer),
                person_id=officer.person_id,
            )
            for officer in request.officers
        ),
        content=content_of(session, request),
        secret=request.secret,
        readers=tuple(reader.person_id for reader in request.readers),
        relation=Relation(request.relation) if request.relation else None,
        urgent_by_phone=request.urgent_by_phone,
        supply_due=request.supply_due,
        undertaking=request.undertaking_at is not None,
        facts=facts_of(session, request),
        grave=counted is not None and counted.grave,
        drawn=tuple(Drawn.from_json(one) for one in counted.drawn) if counted else (),
    )
