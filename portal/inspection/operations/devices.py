"""The devices that seal on site: enrolled with their public key by their own person, ended by the person or the organ."""

import binascii
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.digest import sha256_hex
from portal.core.errors import Invalid, NotAllowed, NotFound, Problem
from portal.core.text import without_unseen
from portal.inspection import values
from portal.inspection.models import FieldDevice
from portal.inspection.operations.diary import hold_person
from portal.inspection.queries import live_devices
from portal.inspection.rules.sealing import from_base64url, read_key
from portal.inspection.values import MOST_DEVICES


def enrol_device(session: Session, *, actor: Identity, public_key: str, label: str, now: datetime) -> FieldDevice:
    """Know a device by its key; the same key again is the same device.

    Raises Invalid for a key that is none, one of another person or a revoked device, or one device too many.
    """
    person_id, organ_id = actor.person_id, actor.organ_id
    if person_id is None or organ_id is None:
        raise NotAllowed("permission", permission=str(Permission.VISIT_SCORE))
    require(actor, Permission.VISIT_SCORE, Scope(person_ids=frozenset({person_id})))
    try:
        read_key(public_key)
    except (ValueError, binascii.Error, UnicodeEncodeError) as fault:
        raise Invalid([Problem("public_key", "no_key")]) from fault
    hold_person(session, person_id)
    digest = sha256_hex(from_base64url(public_key))
    known = session.scalars(select(FieldDevice).where(FieldDevice.key_sha256 == digest)).one_or_none()
    if known is not None:
        if known.person_id != person_id or known.revoked_at is not None:
            raise Invalid([Problem("public_key", "device_revoked")])
        return known
    if live_devices(session, person_id) >= MOST_DEVICES:
        raise Invalid([Problem("label", "devices_full", {"most": MOST_DEVICES})])
    device = FieldDevice(
        person_id=person_id,
        organ_id=organ_id,
        label=" ".join(without_unseen(label).split())[:60] or "—",
        public_key=public_key,
        key_sha256=digest,
        enrolled_at=now,
    )
    session.add(device)
    session.flush()
    _record(session, actor, values.DEVICE_ENROLLED, device, now=now)
    return device


def revoke_device(session: Session, *, actor: Identity, device_id: UUID, now: datetime) -> FieldDevice:
    """End a device: nothing it seals is taken from now on. What it sealed before stays."""
    device = session.scalars(select(FieldDevice).where(FieldDevice.id == device_id).with_for_update()).one_or_none()
    if device is None:
        raise NotFound()
    where = Scope(person_ids=frozenset({device.person_id}), organ_ids=frozenset({device.organ_id}))
    require(actor, Permission.DEVICE_KEEP, where, read=Permission.DEVICE_KEEP)
    if device.revoked_at is None:
        device.revoked_at, device.revoked_by = now, actor.person_id
        _record(session, actor, values.DEVICE_REVOKED, device, now=now)
    return device


def _record(session: Session, actor: Identity, tag: str, device: FieldDevice, *, now: datetime) -> None:
    session.flush()
    subject = SubjectRef("field_device", device.id, device.label)
    record(session, actor=actor.actor, tag=tag, subject=subject, now=now)
