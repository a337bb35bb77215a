"""How a camera is reached: addresses checked, credentials and the recorder's address sealed."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.addresses import AddressDenied, AddressPolicy, Denial
from portal.core.crypto import row_context
from portal.core.errors import Invalid, Problem
from portal.core.services import services
from portal.registry import values
from portal.registry.models import CameraAccess
from portal.registry.operations.quality import recheck
from portal.registry.operations.recording import about, note
from portal.registry.queries import ground_scope, lock_camera
from portal.registry.rules.access import is_address, is_mac, tidy_ipv6, tidy_mac
from portal.registry.values import AccessParticulars


def set_access(
    session: Session, *, actor: Identity, camera_id: UUID, access: AccessParticulars, now: datetime
) -> CameraAccess:
    """Store how a camera is reached. What is secret is sealed under the camera's id and never shown again;
    another address takes the login away.

    Raises Invalid for an address or a port that the operator does not let the portal reach.
    """
    camera = lock_camera(session, camera_id)
    require(actor, Permission.CREDENTIAL_EDIT, ground_scope(camera), read=Permission.CAMERA_READ)
    _check(services(session).address_policy, access)
    row = session.get(CameraAccess, camera.id, with_for_update=True)
    if row is None:
        row = CameraAccess(camera_id=camera.id, unit_id=camera.unit_id, district=camera.district)
        session.add(row)
    if access.host != row.host:
        # A login typed for one address is never sent to another: whoever may change the address would read it there.
        row.credentials_sealed = None
    row.host, row.rtsp_port, row.onvif_port, row.updated_at = access.host, access.rtsp_port, access.onvif_port, now
    row.ipv6, row.mac = tidy_ipv6(access.ipv6), tidy_mac(access.mac)
    envelope = services(session).envelope
    if access.password:
        secret = json.dumps({"user": access.user, "password": access.password}).encode()
        context = row_context("camera_access", "credentials_sealed", camera.id)
        row.credentials_sealed = envelope.seal(secret, context=context)
    if access.storage_address:
        context = row_context("camera_access", "storage_address_sealed", camera.id)
        row.storage_address_sealed = envelope.seal(access.storage_address.encode(), context=context)
    session.flush()
    recheck(session, camera, camera.system, now=now)
    changes = [
        FieldChange(name="host", new=access.host),
        FieldChange(name="credentials", new=bool(access.password), sensitive=True),
    ]
    note(session, actor, values.ACCESS_CHANGED, about(camera), camera, changes=changes, now=now)
    return row


def _check(policy: AddressPolicy, access: AccessParticulars) -> None:
    """Every forbidden field at once. Probing asks the policy again: the operator's list may change."""
    problems = []
    for name, ports in (("host", ()), ("rtsp_port", (access.rtsp_port,)), ("onvif_port", (access.onvif_port,))):
        try:
            policy.check(access.host, *ports)
        except AddressDenied as denied:
            if name == "host" or denied.denial is Denial.PORT:
                problems.append(Problem(name, f"address_{denied.denial}"))
    if access.ipv6 and not is_address(access.ipv6, 6):
        problems.append(Problem("ipv6", "address_not_ipv6"))
    if access.storage_address and not is_address(access.storage_address):
        problems.append(Problem("storage_address", "address_not_an_address"))
    if access.mac and not is_mac(access.mac):
        problems.append(Problem("mac", "mac_shape"))
    if problems:
        raise Invalid(problems)
