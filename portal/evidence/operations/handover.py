"""A copy changes hands, the receiver answers for its digest, the file is archived in two places and closed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import verify_second_person
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.audit.values import Outcome as AuditOutcome
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import FootageRequest, Handover, RequestOfficer
from portal.evidence.operations.custody import book
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import lock_request
from portal.evidence.queries.execution import handovers_of, lock_handover, manifest_of
from portal.evidence.rules import same_digest
from portal.evidence.states import RequestAction, RequestStatus, next_status
from portal.evidence.values import CustodyAct, MediumKind


class ManifestMismatch(Invalid):
    """The digest the receiver gives is not the sealed one: what they hold is not what was sealed."""


def hand_over(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    receiver_place: int,
    second_login: str,
    second_password: str,
    second_totp: str,
    medium: MediumKind,
    medium_serial: str,
    destination: str,
    now: datetime,
) -> Handover:
    """Give the sealed set to one of the officers named in the request, before a witness of the unit.

    Giver, receiver and witness are three different people; the witness signs on this very form.
    """
    request = _sealed_by(session, actor, request_id)
    status = next_status(RequestStatus(request.status), RequestAction.HAND_OVER)
    receiver = _receiver(request, receiver_place)
    _check_filled(medium_serial=medium_serial, destination=destination)
    witness = verify_second_person(
        session, actor=actor, login=second_login, password=second_password, totp=second_totp, now=now
    )
    _check_witness(witness, receiver, request)
    handover = _given(session, actor, request, receiver, destination=destination.strip()[:200], now=now)
    handover.witness_id, handover.witness_name = _person(witness), witness.name
    handover.medium, handover.medium_serial = medium, medium_serial.strip()[:80]
    session.add(handover)
    request.status, request.updated_at = status, now
    _record(session, actor, request, now=now, tag=values.HANDED_OVER_BOOKED, copy=handover.copy_serial)
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"handover:{handover.copy_serial}", request_id=request.id)
    session.flush()
    return handover


def acknowledge_receipt(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    handover_id: UUID,
    manifest_digest: str,
    now: datetime,
) -> Handover:
    """The receiver states the digest they computed or read off the copy. Raises ManifestMismatch when it differs.

    A receiver without an account signs on paper; then the witness enters the digest from the signed receipt.
    """
    request = lock_request(session, actor, request_id)
    handover = lock_handover(session, request.id, handover_id)
    expected = handover.receiver_id or handover.witness_id
    if actor.person_id != expected:
        raise NotAllowed("evidence.not_the_receiver")
    status = next_status(RequestStatus(request.status), RequestAction.ACKNOWLEDGE)
    if not same_digest(manifest_digest, handover.manifest_digest):
        _record(
            session, actor, request, now=now, tag=values.RECEIPT_DIFFERS, outcome=AuditOutcome.FAILED,
            copy=handover.copy_serial,
        )  # fmt: skip
        raise ManifestMismatch([Problem("manifest_digest", "evidence.digest_differs")], commit=True)
    handover.acknowledged_by, handover.acknowledged_name, handover.acknowledged_at = actor.person_id, actor.name, now
    book(
        session,
        actor=actor,
        request=request,
        act=CustodyAct.RECEIVED,
        destination=handover.destination,
        note=handover.manifest_digest,
        now=now,
    )
    request.status, request.updated_at = status, now
    _record(session, actor, request, now=now, tag=values.RECEIPT_BOOKED, copy=handover.copy_serial)
    session.flush()
    return handover


def archive_request(
    session: Session, *, actor: Identity, request_id: UUID, place: str, second_place: str, now: datetime
) -> FootageRequest:
    """Book where the two copies of the slip lie (000 form note 4) and close the request."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_status(RequestStatus(request.status), RequestAction.ARCHIVE)
    if not place.strip():
        raise Invalid([Problem("archive_place", "required")])
    if place.strip() == second_place.strip():
        raise Invalid([Problem("archive_place_b", "evidence.same_archive")])
    request.archive_place, request.archive_place_b = place.strip()[:200], second_place.strip()[:200]
    request.status, request.updated_at, request.closed_at = status, now, now
    book(session, actor=actor, request=request, act=CustodyAct.ARCHIVED, destination=request.archive_place, now=now)
    _record(session, actor, request, now=now, tag=values.REQUEST_ARCHIVED, place=request.archive_place)
    session.flush()
    return request


def _sealed_by(session: Session, actor: Identity, request_id: UUID) -> FootageRequest:
    """The request under lock, for the custodian who carries it out."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_EXECUTE, scope_of(request), read=Permission.REQUEST_READ)
    if actor.person_id != request.custodian_id:
        raise NotAllowed("evidence.not_assigned")
    return request


def _given(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    receiver: RequestOfficer,
    *,
    destination: str,
    now: datetime,
) -> Handover:
    """The handover with its register line, still without witness and medium."""
    manifest = manifest_of(session, request.id)
    if manifest is None:
        raise IllegalTransition("evidence.not_sealed", status=request.status)
    where = f"{receiver.name} · {destination}"
    entry = book(
        session,
        actor=actor,
        request=request,
        act=CustodyAct.HANDED_OVER,
        destination=where,
        note=manifest.digest,
        now=now,
    )
    return Handover(
        request_id=request.id,
        entry_id=entry.id,
        manifest_digest=manifest.digest,
        giver_id=_person(actor),
        giver_name=actor.name,
        receiver_id=receiver.person_id,
        receiver_name=receiver.name,
        copy_serial=f"{request.number}-{len(handovers_of(session, request.id)) + 1:02d}",
        destination=destination,
        given_at=now,
    )


def _person(identity: Identity) -> UUID:
    """The person behind an identity; the portal itself hands nothing over."""
    if identity.person_id is None:
        raise NotAllowed("evidence.no_person")
    return identity.person_id


def _check_filled(**texts: str) -> None:
    problems = [Problem(name, "required") for name, text in texts.items() if not text.strip()]
    if problems:
        raise Invalid(problems)


def _receiver(request: FootageRequest, place: int) -> RequestOfficer:
    found = next((officer for officer in request.officers if officer.place == place), None)
    if found is None:
        raise Invalid([Problem("receiver", "required")])
    return found


def _check_witness(witness: Identity, receiver: RequestOfficer, request: FootageRequest) -> None:
    if not allows(witness, Permission.REQUEST_UNLOCK, scope_of(request)):
        raise Invalid([Problem("second_login", "evidence.second_not_authorised")])
    if witness.person_id in {receiver.person_id, request.requester_id}:
        raise Invalid([Problem("second_login", "evidence.second_is_requester")])


def _record(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    *,
    now: datetime,
    tag: str,
    outcome: AuditOutcome = AuditOutcome.OK,
    **new: str,
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        outcome=outcome,
        changes=[FieldChange(name=name, new=value) for name, value in new.items()],
        now=now,
    )
