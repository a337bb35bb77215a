"""One search over units, systems, cameras and filings, each under its own permission."""

from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.desk.values import Hit
from portal.registry.models import Filing, System, Unit
from portal.registry.queries import (
    camera_named,
    filings_visible_to,
    systems_visible_to,
    units_visible_to,
    visible_cameras,
)

EACH = 10


def search(session: Session, identity: Identity, word: str) -> list[Hit]:
    """The first few of each kind that fit. Footage requests are not searched: they may be secret."""
    word = word.strip()
    if len(word) < 2:
        return []
    found: list[Hit] = []
    if may_ever(identity, Permission.UNIT_READ):
        found += _units(session, identity, word)
    if may_ever(identity, Permission.SYSTEM_READ):
        statement: Select[System] = systems_visible_to(identity).where(System.name.contains(word, autoescape=True))
        rows = session.scalars(statement.order_by(System.id.desc()).limit(EACH))
        found += [Hit(kind="system", id=row.id, text=row.name, note=row.address) for row in rows]
    if may_ever(identity, Permission.CAMERA_READ):
        found += _cameras(session, identity, word)
    if may_ever(identity, Permission.FILING_READ):
        filings = filings_visible_to(identity).where(
            or_(Filing.number == word, Filing.number.endswith(word, autoescape=True), Filing.national_number == word)
        )
        rows_of_filings = session.scalars(filings.order_by(Filing.id.desc()).limit(EACH))
        found += [Hit(kind="filing", id=row.id, text=row.number or "") for row in rows_of_filings]
    return found


def _units(session: Session, identity: Identity, word: str) -> list[Hit]:
    fits = or_(
        Unit.name.contains(word, autoescape=True),
        Unit.initials.startswith(word.lower(), autoescape=True),
        Unit.uscc == word.upper(),
    )
    rows = session.scalars(units_visible_to(identity).where(fits).order_by(Unit.id.desc()).limit(EACH))
    return [Hit(kind="unit", id=row.id, text=row.name, note=row.address) for row in rows]


def _cameras(session: Session, identity: Identity, word: str) -> list[Hit]:
    rows = session.scalars(visible_cameras(identity).where(camera_named(word)).limit(EACH))
    return [Hit(kind="camera", id=row.id, text=row.name, note=row.gb_code or "") for row in rows]
