"""The dictionary of categories on a day, and every provision there was."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.mandates.models import MandateProvision
from portal.mandates.rules.dictionary import categories_on
from portal.mandates.values import Category, Provision


def dictionary(session: Session, *, on: date) -> Mapping[str, Category]:
    """Every category that holds on a day."""
    rows = session.scalars(
        select(MandateProvision).where(
            MandateProvision.valid_from <= on,
            or_(MandateProvision.valid_to.is_(None), MandateProvision.valid_to > on),
        )
    )
    return categories_on(on, [provision_of(row) for row in rows])


def provisions(session: Session) -> Sequence[MandateProvision]:
    """Every provision, the newest day first: those to come, those in force, those ended."""
    return session.scalars(
        select(MandateProvision).order_by(MandateProvision.valid_from.desc(), MandateProvision.key)
    ).all()


def provision_of(row: MandateProvision) -> Provision:
    """A row as a value."""
    return Provision(
        key=row.key,
        zh=row.zh,
        en=row.en,
        parts=tuple((part["key"], part["zh"], part["en"]) for part in row.parts),
        unit_types=tuple(row.unit_types),
        industries=tuple(row.industries),
        basis_title=row.basis_title,
        basis_number=row.basis_number,
        basis_article=row.basis_article,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
