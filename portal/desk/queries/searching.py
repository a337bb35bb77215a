"""One search over units, systems, cameras, filings and footage requests, each under its own permission."""

import re
from collections.abc import Mapping
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
from portal.registry.queries import best_matches
from portal.registry.queries.searching import FoundRow, Kind

EACH = 20
_CODE = re.compile(r"(?=.*\d)[0-9A-Za-z-]{6,}")
_DIGIT = re.compile(r"\d")
_YEARS_BACK = 10
_NAME = {Kind.UNIT: "unit", Kind.SYSTEM: "system", Kind.CAMERA: "camera", Kind.FILING: "filing"}


def search(session: Session, identity: Identity, word: str, *, today: date) -> Found:
    """The best of each kind, and the one record whose code or number was typed whole."""
    word = word.strip()
    best = best_matches(session, identity, word, most=EACH + 1)
    hits = {_NAME[kind]: [_hit(_NAME[kind], row) for row in those.rows] for kind, those in sorted(best.items())}
    exact = [hits[_NAME[kind]][0] for kind, those in sorted(best.items()) if those.exact]
    if numbered := _requests(session, identity, word, today):
        hits["request"] = [Hit(kind="request", id=key, text=number) for number, key in numbered.items()]
        exact += hits["request"] if len(numbered) == 1 else []
    return Found(
        exact=exact[0] if exact and _CODE.fullmatch(word) else None,
        groups={kind: those[:EACH] for kind, those in hits.items()},
        more=frozenset(kind for kind, those in hits.items() if len(those) > EACH),
    )


def _hit(kind: str, row: FoundRow) -> Hit:
    return Hit(kind=kind, id=row.id, text=row.name, note=row.note, code=row.code)


def _requests(session: Session, identity: Identity, word: str, today: date) -> Mapping[str, UUID]:
    """Footage requests by their serial alone, never by content: it may be secret.

    A serial of the year's running number is spelt out for each year, so that the index on numbers finds it.
    """
    if not _DIGIT.search(word) or not may_ever(identity, Permission.REQUEST_READ):
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
