"""What a conclusion does: to the system's use, and to the certificate."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.inspection.models import Acceptance
from portal.inspection.states import AcceptanceAction, AcceptanceStatus
from portal.registry.operations import record_acceptance_step

CONCLUSIONS = {"pass": AcceptanceAction.PASS, "basic": AcceptanceAction.BASIC, "fail": AcceptanceAction.FAIL}


def enter_use(session: Session, actor: Identity, acceptance: Acceptance, *, now: datetime) -> None:
    """What passed is put into use; where it stood before is kept, for the pass may be overridden."""
    acceptance.result = {**(acceptance.result or {}), "use_before": acceptance.system.use_status}
    record_acceptance_step(session, actor=actor, system_id=acceptance.system_id, passed=True, on=city_day(now), now=now)


def give_certificate(acceptance: Acceptance) -> None:
    """What did not fail has a certificate, with a code that cannot be guessed; of a secret system nobody is to check
    one. A code once given stays: the check page says what became of it."""
    if acceptance.status != AcceptanceStatus.FAILED and not acceptance.system.secret:
        acceptance.certificate_code = acceptance.certificate_code or secrets.token_hex(6).upper()
