"""What every paper of an organ has in common: what number it bears, whom it tells."""

from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.values import OrganKind
from portal.core.errors import Problem
from portal.core.outbox import TaskName, enqueue
from portal.measures.models import MeasureNumber
from portal.measures.values import NumberKind, Service

# As an organ writes its papers: short name, word of the kind, year in hexagonal brackets.
_WORDS = {
    NumberKind.LETTER: "函",
    NumberKind.INTERVIEW: "约",
    NumberKind.CIRCULAR: "通",
    NumberKind.CORRECTION: "责改",
    NumberKind.REFUSAL: "拒认",
    NumberKind.FINE: "罚建",
}


def take_number(session: Session, kind: NumberKind, organ: Organ, year: int) -> str:
    """The next number of an organ's papers. The row is locked until the transaction ends, so that none is skipped."""
    key = {"kind": str(kind), "organ_id": organ.id, "year": year}
    session.execute(insert(MeasureNumber).values(**key).on_conflict_do_nothing())
    last = session.scalar(
        update(MeasureNumber)
        .where(MeasureNumber.kind == key["kind"], MeasureNumber.organ_id == organ.id, MeasureNumber.year == year)
        .values(last=MeasureNumber.last + 1)
        .returning(MeasureNumber.last)
    )
    return f"{_short(organ)}{_WORDS[kind]}〔{year}〕{last}号"


def _short(organ: Organ) -> str:
    word = "安教" if organ.kind == OrganKind.EDUCATION else "安公"
    place = organ.name.removeprefix("安阳市").removeprefix("公安局")
    for ending in ("公安局", "分局", "教育局", "教育体育局"):
        place = place.removesuffix(ending)
    if len(place) > 2:
        place = place.removesuffix("区")
    return f"{word}{place}"[:20]


def faults_of_service(service: Service, *, since: date, today: date) -> list[Problem]:
    """Service lies between the day of issue and today, and somebody took the paper."""
    found = [] if since <= service.on <= today else [Problem("served_on", "served_when")]
    return found if service.to.strip() else [*found, Problem("served_to", "required")]


def tell(session: Session, kind: str, row_id: UUID, occasion: str) -> None:
    """Let whom it concerns know how a paper stands."""
    session.flush()
    dedupe = f"measures:{kind}:{row_id}:{occasion}"
    enqueue(session, TaskName.MEASURES_NOTIFY, dedupe=dedupe, kind=kind, subject_id=row_id, occasion=occasion)
