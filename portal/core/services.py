"""What operations may use besides the database: plain values, built once by the composition root."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from portal.core.addresses import AddressPolicy
from portal.core.crypto import Envelope
from portal.core.egress import EgressPolicy


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Where audit checkpoints stand outside the database, and the key that proves them."""

    directories: tuple[Path, ...] = ()
    origin: str = ""
    public_key_file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Services:
    """Keys and places. Carried by every session, so that no operation reads settings or the environment."""

    envelope: Envelope
    data_dir: Path
    city_code: str
    address_policy: AddressPolicy = field(default_factory=AddressPolicy)
    egress: EgressPolicy = field(default_factory=EgressPolicy)
    probe_interval: timedelta = timedelta(minutes=10)
    history_months: int = 36
    witness: Witness = field(default_factory=Witness)
    clamd_socket: str = ""


def services(session: Session) -> Services:
    """The services of the session's database."""
    found = session.info.get("services")
    if not isinstance(found, Services):
        raise LookupError("this session was not made by portal.core.db.Database")
    return found
