"""The register of those who must install as a list that leaves as a file, however many places there are."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from portal.accounts.permissions import Permission
from portal.mandates.models import MandatedUnit, MandateSource
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.register import entries_visible_to, named_so, stage_column
from portal.mandates.states import MISSING, Stage
from portal.registry.models import Unit
from portal.registry.queries.lists import Asked, Kind, ListColumn, ListFilter, ListSpec, Look, register_list
from portal.registry.queries.lists.spec import in_district, row

WITHOUT_SYSTEM = "missing"
_MISSING = tuple(str(stage) for stage in sorted(MISSING))


def _at_stage(_asked: Asked, chosen: Sequence[str]) -> ColumnElement[bool]:
    stages = {stage for one in chosen for stage in (_MISSING if one == WITHOUT_SYSTEM else (one,))}
    return stage_column().in_(sorted(stages))


def _matched(_asked: Asked, chosen: Sequence[str]) -> ColumnElement[bool]:
    link = MandatedUnit.unit_id
    return or_(*(link.is_not(None) if one == "1" else link.is_(None) for one in chosen))


def _categories(asked: Asked, locale: str) -> Mapping[str, Mapping[str, str]]:
    words = {key: one.in_language(locale) for key, one in dictionary(asked.session, on=asked.today).items()}
    return {"category": words}


def _name_of(model: Any, link: Any) -> Any:
    return select(model.name).where(model.id == link).correlate(MandatedUnit).scalar_subquery()


REGISTER = ListSpec(
    key="mandated",
    permission=Permission.MANDATE_EXPORT,
    model=MandatedUnit,
    rows=partial(entries_visible_to, permission=Permission.MANDATE_EXPORT),
    columns=(
        ListColumn(key="name", value=MandatedUnit.name, look=Look.LEAD, shown=True),
        ListColumn(key="uscc", value=MandatedUnit.uscc, look=Look.CODE, shown=True),
        ListColumn(key="category", value=MandatedUnit.category, shown=True),
        ListColumn(
            key="district", value=MandatedUnit.district, look=Look.DISTRICT, shown=True, sort=MandatedUnit.district
        ),
        ListColumn(key="address", value=MandatedUnit.address, shown=True),
        ListColumn(key="stage", value=stage_column(), look=Look.STATUS, shown=True),
        ListColumn(key="matched", value=_name_of(Unit, MandatedUnit.unit_id), shown=True),
        ListColumn(key="source", value=_name_of(MandateSource, MandatedUnit.source_id), shown=True),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=lambda _asked, words: named_so(words[0])),
        in_district(MandatedUnit.district),
        ListFilter(
            key="category",
            kind=Kind.CHOICE,
            longest=40,
            where=lambda _asked, keys: MandatedUnit.category.in_(keys),
        ),
        ListFilter(
            key="stage", kind=Kind.CHOICE, values=(*(str(stage) for stage in Stage), WITHOUT_SYSTEM), where=_at_stage
        ),
        row("source", MandatedUnit.source_id, (MandateSource.id, MandateSource.name)),
        ListFilter(key="matched", kind=Kind.CHOICE, values=("1", "0"), where=_matched),
    ),
    reach={"unit": MandatedUnit.unit_id, "district": MandatedUnit.district},
    usually=lambda _wanted: "district",
    told=_categories,
    file_only=True,
)

register_list(REGISTER)
