"""One search over units, systems, cameras, filings and footage requests, each under its own permission."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.desk.values import Found, Hit
from portal.evidence.models import FootageRequest
from portal.evidence.queries.requests import visible_requests
from portal.registry.queries import filing_numbers, found_cameras, found_filings, found_systems, found_units
from portal.registry.queries.searching import FoundRow

EACH = 20
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z-]{6,}")
_YEARS_BACK = 10


def search(session: Session, identity: Identity, word: str, *, today: date) -> Found:
    """The best of each kind, and the one record whose code or number was typed whole."""
    word = word.strip()
    hits: dict[str, Sequence[Hit]] = {}
    exact: Hit | None = None
    for kind, found, just_this in _each(session, identity, word, today):
        hits[kind] = found
        if just_this and exact is None and _CODE.fullmatch(word):
            exact = found[0]
    return Found(
        exact=exact,
        groups={kind: found[:EACH] for kind, found in hits.items() if found},
        more=frozenset(kind for kind, found in hits.items() if len(found) > EACH),
    )


def _each(session: Session, identity: Identity, word: str, today: date) -> Iterator[tuple[str, Sequence[Hit], bool]]:
    most = EACH + 1
    units, exact = found_units(session, identity, word, most=most)
    yield "unit", [_hit("unit", row) for row in units], exact
    systems, exact = found_systems(session, identity, word, most=most)
    numbers = filing_numbers(session, identity, [row.id for row in systems])
    yield "system", [_hit("system", row._replace(code=numbers.get(row.id, ""))) for row in systems], exact
    cameras, exact = found_cameras(session, identity, word, most=most)
    yield "camera", [_hit("camera", row) for row in cameras], exact
    filings, exact = found_filings(session, identity, word, most=most)
    yield "filing", [_hit("filing", row) for row in filings], exact
    numbered = _requests(session, identity, word, today)
    yield "request", [Hit(kind="request", id=key, text=number) for number, key in numbered.items()], len(numbered) == 1


def _hit(kind: str, row: FoundRow) -> Hit:
    return Hit(kind=kind, id=row.id, text=row.name, note=row.note, code=row.code)


def _requests(session: Session, identity: Identity, word: str, today: date) -> Mapping[str, UUID]:
    """Footage requests by their serial alone, never by content: it may be secret.

    A serial of the year's running number is spelt out for each year, so that the index on numbers finds it.
    """
    if not may_ever(identity, Permission.REQUEST_READ):
        return {}
    number = word.upper()
    numbers = {number, f"DY{number}"}
    if re.fullmatch(r"\d{1,6}", number):
        numbers = {f"DY{today.year - back}-{int(number):06d}" for back in range(_YEARS_BACK)}
    rows = session.execute(
        select(FootageRequest.number, FootageRequest.id)
        .where(visible_requests(identity), FootageRequest.number.in_(numbers))
        .order_by(FootageRequest.id.desc())
    )
    return {number: key for number, key in rows if number}
