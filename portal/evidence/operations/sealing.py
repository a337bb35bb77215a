"""Sealing what must not lie open in the database: the content of secret cases, the numbers on people's papers."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.codes import tidy
from portal.core.services import services
from portal.evidence.models import FootageRequest, RequestOfficer
from portal.evidence.queries.sealed import content_context, officer_context
from portal.evidence.values import CaseContent, IdKind, OfficerDraft


def write_content(session: Session, request: FootageRequest, content: CaseContent, *, secret: bool) -> None:
    """Put the content into the open columns, or all of it into the envelope bound to this request."""
    request.secret = secret
    texts = {name: text.strip() or None for name, text in asdict(content).items()}
    for name, text in texts.items():
        setattr(request, name, None if secret else text)
    request.content_sealed = None
    if secret and any(texts.values()):
        plain = json.dumps({name: text or "" for name, text in texts.items()}, ensure_ascii=False)
        request.content_sealed = services(session).envelope.seal(plain.encode(), context=content_context(request.id))


def seal_officers(session: Session, request_id: UUID, officers: Sequence[OfficerDraft]) -> list[RequestOfficer]:
    """The officers in order, each number sealed under its own place, with the masked form pages show."""
    envelope = services(session).envelope
    return [
        RequestOfficer(
            place=place,
            name=officer.name.strip(),
            id_kind=officer.id_kind,
            number_sealed=envelope.seal(tidy(officer.number).encode(), context=officer_context(request_id, place)),
            number_masked=masked_number(officer.id_kind, officer.number),
            person_id=officer.person_id,
        )
        for place, officer in enumerate(officers, start=1)
    ]


def masked_number(kind: IdKind, number: str) -> str:
    """A police number stays readable, as on the uniform; of any other paper only its ends show."""
    plain = tidy(number)
    if kind is IdKind.POLICE_NUMBER:
        return plain
    return f"{plain[:3]}{'*' * max(len(plain) - 6, 3)}{plain[-3:]}" if len(plain) > 6 else "*" * len(plain)
