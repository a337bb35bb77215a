"""A court package: its root goes into the audit log, is signed outside, and only then does the package leave."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record, record_and_prove
from portal.audit.rules.canonical import utc_text
from portal.audit.values import FieldChange, SubjectRef
from portal.core.digest import sha256_hex
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.evidence.models import FootagePackage, FootageRequest
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import lock_request, may_read_content
from portal.evidence.queries.execution import manifest_of
from portal.evidence.queries.packages import count_packages
from portal.evidence.rules.packing import Head, json_part, pack
from portal.evidence.rules.packing import manifest_of as manifest_over
from portal.evidence.values.packages import PACKAGE_KEPT, PACKAGE_MADE, PACKAGE_SUBJECT

Parts = Callable[[str, str], Mapping[str, bytes]]


def make_package(
    session: Session, *, actor: Identity, request_id: UUID, recipient: str, parts: Parts, now: datetime
) -> tuple[FootagePackage, bytes]:
    """The package as bytes, with what is kept of it. `parts` makes its parts for a serial and a recipient.

    The record of its root stands sealed and signed before a byte leaves; its proof is the last part of the package.
    Of a secret case nobody makes one but who may read the content. Raises PaperFailed for a paper that is no PDF/A-2b,
    Unavailable where nothing is signed in time.
    """
    request = _sealed_for(session, actor, request_id)
    if not recipient.strip():
        raise Invalid([Problem("recipient", "required")])
    serial = f"{request.number}-P{count_packages(session, request.id) + 1:02d}"
    head = Head(
        request=request.number or "",
        serial=serial,
        made_at=utc_text(now),
        made_by=actor.name,
        recipient=recipient.strip()[:60],
    )
    made = dict(parts(serial, head.recipient))
    _check_papers(made)
    manifest = manifest_over(head, made)
    key, proof = record_and_prove(
        session,
        actor=actor.actor,
        tag=PACKAGE_MADE,
        subject=SubjectRef(PACKAGE_SUBJECT, request.id, serial),
        unit_id=request.unit_id,
        changes=[FieldChange(name="root", new=manifest["root"])],
        now=now,
    )
    archive = pack(manifest, made, json_part({"key": key, "proof": json.loads(proof)}))
    return _keep(session, actor, request, head, root=manifest["root"], archive=archive, now=now), archive


def _check_papers(parts: Mapping[str, bytes]) -> None:
    """Refuse to pack a paper that is not what the package says it is, before anything is recorded of it."""
    # The typesetter and the PDF library weigh tens of megabytes: only where a package is made.
    from portal.papers.archival import archival_faults
    from portal.papers.operations import PaperFailed

    for name, data in parts.items():
        faults = archival_faults(data) if name.endswith(".pdf") else []
        if faults:
            raise PaperFailed("paper_not_archival", part=name, reason="; ".join(faults)[:400])


def _sealed_for(session: Session, actor: Identity, request_id: UUID) -> FootageRequest:
    """The request under lock, its set sealed, for one who may make a package of it."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.PACKAGE_MAKE, scope_of(request), read=Permission.REQUEST_READ)
    if not may_read_content(actor, request) or actor.person_id is None:
        raise NotAllowed("evidence.readers_only")
    if manifest_of(session, request.id) is None:
        raise IllegalTransition("evidence.not_sealed", status=request.status)
    return request


def _keep(
    session: Session, actor: Identity, request: FootageRequest, head: Head, *, root: str, archive: bytes, now: datetime
) -> FootagePackage:
    """The package's row. Its root was recorded before there was an archive; what that digests to is recorded here."""
    package = FootagePackage(
        request_id=request.id,
        serial=head.serial,
        recipient=head.recipient,
        root=root,
        sha256=sha256_hex(archive),
        made_by=actor.person_id,
        made_name=actor.name,
        made_at=now,
    )
    session.add(package)
    record(
        session,
        actor=actor.actor,
        tag=PACKAGE_KEPT,
        subject=SubjectRef(PACKAGE_SUBJECT, request.id, head.serial),
        unit_id=request.unit_id,
        changes=[FieldChange(name="sha256", new=package.sha256)],
        now=now,
    )
    session.flush()
    return package
