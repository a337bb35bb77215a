"""A visit judged in a test: answers with all that the list asks to be brought back."""

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.ids import new_id
from portal.inspection import queries
from portal.inspection.models import Acceptance, VisitPhoto
from portal.inspection.rules import FrozenList
from portal.inspection.states import Verdict
from portal.inspection.values import Deduction, ItemAnswer
from portal.vault.models import StoredFile
from portal.vault.values import FileKind, FileType, Secrecy


def full_marks(frozen: FrozenList) -> dict[str, ItemAnswer]:
    """Every item met, each paper named."""
    return {
        item.key: ItemAnswer(verdict=Verdict.MET, note="已查阅原件" if item.proof == "document" else "")
        for item in frozen.checklist.items
    }


def lost(points: str | int | Decimal, *, verdict: Verdict = Verdict.PARTLY) -> ItemAnswer:
    """An item that lost points, in one go."""
    return ItemAnswer(verdict=verdict, deductions=(Deduction(Decimal(points), "不足"),))


def photograph(session: Session, actor: Identity, acceptance: Acceptance, *, now: datetime) -> None:
    """A photo at each item that asks for one and has none. No bytes: nobody looks at it."""
    session.flush()
    visit = queries.planned_visit(session, acceptance.id)
    if visit is None:
        return
    for item in FrozenList.from_json(acceptance.checklist or {}).checklist.items:
        if item.proof != "photo" or item.key in queries.photographed(session, visit.id):
            continue
        key = new_id()
        stored = StoredFile(
            id=key, kind=FileKind.PHOTO, type=FileType.JPEG, declared_name="现场.jpg", sha256=sha256(key.bytes).hexdigest(),
            sm3=sha256(key.bytes).hexdigest(), size=1, secrecy=Secrecy.INTERNAL, unit_id=acceptance.unit_id,
            created_by_name=actor.name, created_at=now,
        )  # fmt: skip
        session.add(stored)
        session.flush()
        session.add(
            VisitPhoto(
                visit_id=visit.id,
                item=item.key,
                unit_id=acceptance.unit_id,
                district=acceptance.district,
                stored_file_id=key,
                taken_by=actor.person_id,
                taken_at=now,
            )
        )
    session.flush()
