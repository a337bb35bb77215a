"""Running numbers of an organ's papers in a year, without gap or double."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.mandates.models import MandateNumber
from portal.mandates.values import NumberKind

# As an organ writes its papers: short name, word of the kind, year in hexagonal brackets.
_WORDS = {NumberKind.ORDER: "责装", NumberKind.COMPLAINT: "权诉", NumberKind.RELOCATION: "迁改"}


def take_number(session: Session, kind: NumberKind, organ: Organ, year: int) -> str:
    """The next number. The row is locked until the transaction ends, so that none is skipped or given twice."""
    key = {"kind": str(kind), "organ_id": organ.id, "year": year}
    session.execute(insert(MandateNumber).values(**key).on_conflict_do_nothing())
    last = session.scalar(
        update(MandateNumber)
        .where(MandateNumber.kind == key["kind"], MandateNumber.organ_id == organ.id, MandateNumber.year == year)
        .values(last=MandateNumber.last + 1)
        .returning(MandateNumber.last)
    )
    return f"{_short(organ)}{_WORDS[kind]}〔{year}〕{last}号"


def _short(organ: Organ) -> str:
    return (
        f"安公{organ.name.removeprefix('安阳市').removeprefix('公安局').removesuffix('公安局').removesuffix('分局')}"[
            :20
        ]
    )
