"""Acceptances and findings as lists that leave as files, under the conditions of their pages."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select, true

from portal.accounts.models import Organ, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.inspection.models import Acceptance, ConclusionOverride, Finding, FindingCure, Visit, VisitInspector
from portal.inspection.queries.access import acceptances_visible_to
from portal.inspection.queries.findings import FindingFilter, findings_visible_to, narrow_findings
from portal.inspection.queries.lists import AcceptanceFilter, narrow_acceptances, overridden
from portal.inspection.rules.grades import grade_titles, item_texts, list_titles
from portal.inspection.states import (
    AcceptanceKind,
    AcceptanceStatus,
    ClockKind,
    FindingStatus,
    OverrideState,
    Severity,
    VisitStatus,
)
from portal.registry.models import System, Unit
from portal.registry.queries.lists import Asked, Kind, ListColumn, ListFilter, ListSpec, Look, register_list
from portal.registry.values.lists import Wanted

T = TypeVar("T")
TRIES = {"first": True, "later": False}


def _put_on_together(key: str, kind: Kind, **more: Any) -> ListFilter:
    """A condition that `narrowed` puts on with the others, as the page does."""
    return ListFilter(key=key, kind=kind, where=lambda _asked, _values: true(), **more)


def _closed(key: str, values: Any) -> ListFilter:
    return _put_on_together(key, Kind.EXACT, values=tuple(str(one) for one in values))


def _day(key: str, kind: Kind) -> ListFilter:
    return _put_on_together(key, kind, read=date.fromisoformat)


def _one_row(key: str, names: tuple[Any, Any]) -> ListFilter:
    return _put_on_together(key, Kind.ROW, read=UUID, names=names, offered=False)


def _value(wanted: Wanted, key: str, read: Callable[[str], T]) -> T | None:
    """What a condition is set to, if it is."""
    texts = wanted.values(key)
    return read(texts[0]) if texts else None


def _named(model: Any, link: Any, row: Any) -> Any:
    return select(model.name).where(model.id == link).correlate(row).scalar_subquery()


def _no_secret(row: Any) -> Callable[[Identity], Any]:
    """What a file may hold: what is of a secret system leaves with its own unit's people only."""
    open_one = select(System.id).where(System.id == row.system_id, ~System.secret).correlate(row).exists()
    unit_wide = row.system_id.is_(None)
    return lambda identity: or_(
        open_one, unit_wide, row.unit_id.in_(visibility(identity, Permission.ACCEPTANCE_READ).units)
    )


def _told(_asked: Asked, locale: str) -> Mapping[str, Mapping[str, str]]:
    grades = {key: title.in_language(locale) for key, title in grade_titles().items()}
    return {
        "grade": grades,
        "computed_grade": grades,
        "list": {key: title.in_language(locale) for key, title in list_titles().items()},
        "item": {
            key: " / ".join(dict.fromkeys(one.in_language(locale) for one in texts))
            for key, texts in item_texts().items()
        },
    }


def _filter_of_acceptances(asked: Asked, wanted: Wanted) -> AcceptanceFilter:
    return AcceptanceFilter(
        status=_value(wanted, "status", AcceptanceStatus),
        kind=_value(wanted, "kind", AcceptanceKind),
        keyword=_value(wanted, "q", str) or "",
        district=_value(wanted, "district", str) or "",
        unit_id=_value(wanted, "unit", UUID),
        overdue_on=asked.today if wanted.values("overdue") else None,
        override=_value(wanted, "override", OverrideState),
        concluded_from=_value(wanted, "from", date.fromisoformat),
        concluded_until=_value(wanted, "until", date.fromisoformat),
        first_try=_value(wanted, "try", TRIES.__getitem__),
        clock=_value(wanted, "clock", ClockKind),
        late=bool(wanted.values("late")),
        visited_by=_value(wanted, "inspector", UUID),
    )


def _accept_narrowed(asked: Asked, statement: Select[Any], wanted: Wanted) -> Select[Any]:
    return narrow_acceptances(statement, _filter_of_acceptances(asked, wanted))


_first_override = (
    select(ConclusionOverride.from_grade)
    .where(ConclusionOverride.acceptance_id == Acceptance.id, ConclusionOverride.approved.is_(True))
    .order_by(ConclusionOverride.id)
    .limit(1)
    .correlate(Acceptance)
    .scalar_subquery()
)
_went = (
    select(func.string_agg(VisitInspector.name, "、"))
    .join(Visit, Visit.id == VisitInspector.visit_id)
    .where(Visit.acceptance_id == Acceptance.id, Visit.status == VisitStatus.DONE, ~VisitInspector.cancelled)
    .correlate(Acceptance)
    .scalar_subquery()
)

ACCEPTANCES = ListSpec(
    key="acceptances",
    permission=Permission.ACCEPTANCE_READ,
    model=Acceptance,
    rows=acceptances_visible_to,
    columns=(
        ListColumn(key="name", value=_named(System, Acceptance.system_id, Acceptance), look=Look.LEAD, shown=True),
        ListColumn(key="unit", value=_named(Unit, Acceptance.unit_id, Acceptance), shown=True),
        ListColumn(key="kind", value=Acceptance.kind, look=Look.STATUS, shown=True),
        ListColumn(key="project_class", value=Acceptance.project_class, look=Look.STATUS, shown=True),
        ListColumn(key="district", value=Acceptance.district, look=Look.DISTRICT, shown=True),
        ListColumn(key="organ", value=_named(Organ, Acceptance.organ_id, Acceptance), shown=True),
        ListColumn(key="attempt", value=Acceptance.attempt, look=Look.NUMBER, shown=True),
        ListColumn(key="status", value=Acceptance.status, look=Look.STATUS, shown=True),
        ListColumn(key="requested_at", value=Acceptance.requested_at, look=Look.MOMENT, shown=True),
        ListColumn(key="due_on", value=Acceptance.due_on, look=Look.DAY, shown=True),
        ListColumn(key="concluded_at", value=Acceptance.concluded_at, look=Look.MOMENT, shown=True),
        ListColumn(key="score", value=Acceptance.score, look=Look.NUMBER, shown=True),
        ListColumn(key="self_score", value=Acceptance.self_score, look=Look.NUMBER, shown=True),
        ListColumn(key="grade", value=Acceptance.grade, shown=True),
        ListColumn(key="computed", value=Acceptance.result["conclusion"].astext, look=Look.STATUS, shown=True),
        ListColumn(
            key="computed_grade", value=case((overridden(), _first_override), else_=Acceptance.grade), shown=True
        ),
        ListColumn(key="overridden", value=overridden(), look=Look.FLAG, shown=True),
        ListColumn(key="rectification", value=Acceptance.rectification, shown=True),
        ListColumn(key="published_at", value=Acceptance.published_at, look=Look.MOMENT, shown=True),
        # Who went where, by the thousand: for those who answer for the inspectors' load.
        ListColumn(key="inspectors", value=_went, shown=True, needs=Permission.FIGURES_READ),
    ),
    filters=(
        _closed("status", AcceptanceStatus),
        _put_on_together("q", Kind.WORD),
        _put_on_together("district", Kind.EXACT, longest=6),
        _closed("kind", AcceptanceKind),
        _put_on_together("overdue", Kind.FLAG, values=("1",)),
        _closed("override", OverrideState),
        _day("from", Kind.FROM),
        _day("until", Kind.UNTIL),
        _closed("try", TRIES),
        _closed("clock", ClockKind),
        _put_on_together("late", Kind.FLAG, values=("1",)),
        _one_row("unit", (Unit.id, Unit.name)),
        _one_row("inspector", (Person.id, Person.name)),
    ),
    reach={"unit": Acceptance.unit_id, "district": Acceptance.district},
    leaves=_no_secret(Acceptance),
    told=_told,
    narrowed=_accept_narrowed,
    file_only=True,
)


def _filter_of_findings(asked: Asked, wanted: Wanted) -> FindingFilter:
    return FindingFilter(
        status=_value(wanted, "status", FindingStatus),
        severity=_value(wanted, "severity", Severity),
        keyword=_value(wanted, "q", str) or "",
        district=_value(wanted, "district", str) or "",
        unit_id=_value(wanted, "unit", UUID),
        acceptance_id=_value(wanted, "acceptance", UUID),
        list_key=_value(wanted, "list", str) or "",
        item=_value(wanted, "item", str) or "",
        kind=_value(wanted, "kind", AcceptanceKind),
        stated_from=_value(wanted, "from", date.fromisoformat),
        stated_until=_value(wanted, "until", date.fromisoformat),
        overdue_on=asked.today if wanted.values("overdue") else None,
    )


def _findings_narrowed(asked: Asked, statement: Select[Any], wanted: Wanted) -> Select[Any]:
    return narrow_findings(statement, _filter_of_findings(asked, wanted))


def _last_cure(column: Any) -> Any:
    return (
        select(column)
        .where(FindingCure.finding_id == Finding.id)
        .order_by(FindingCure.id.desc())
        .limit(1)
        .correlate(Finding)
        .scalar_subquery()
    )


FINDINGS = ListSpec(
    key="findings",
    permission=Permission.ACCEPTANCE_READ,
    model=Finding,
    rows=findings_visible_to,
    columns=(
        ListColumn(key="unit", value=_named(Unit, Finding.unit_id, Finding), look=Look.LEAD, shown=True),
        ListColumn(key="system", value=_named(System, Finding.system_id, Finding), shown=True),
        ListColumn(key="district", value=Finding.district, look=Look.DISTRICT, shown=True),
        ListColumn(key="organ", value=_named(Organ, Finding.organ_id, Finding), shown=True),
        ListColumn(key="list", value=Finding.list_key, shown=True),
        ListColumn(key="number", value=Finding.number, look=Look.NUMBER, shown=True),
        ListColumn(key="asks", value=Finding.asked, look=Look.SAID, shown=True),
        ListColumn(key="found", value=Finding.found, shown=True),
        ListColumn(key="severity", value=Finding.severity, look=Look.STATUS, shown=True),
        ListColumn(key="status", value=Finding.status, look=Look.STATUS, shown=True),
        ListColumn(key="stated_on", value=Finding.stated_on, look=Look.DAY, shown=True),
        ListColumn(key="due_on", value=Finding.due_on, look=Look.DAY, shown=True),
        ListColumn(key="cure", value=_last_cure(FindingCure.words), shown=True),
        ListColumn(key="cured_at", value=_last_cure(FindingCure.cured_at), look=Look.MOMENT, shown=True),
        ListColumn(key="closed_on", value=Finding.closed_on, look=Look.DAY, shown=True),
    ),
    filters=(
        _closed("status", FindingStatus),
        _put_on_together("q", Kind.WORD),
        _put_on_together("district", Kind.EXACT, longest=6),
        _closed("severity", Severity),
        _put_on_together("overdue", Kind.FLAG, values=("1",)),
        _closed("kind", AcceptanceKind),
        _put_on_together("list", Kind.EXACT),
        _put_on_together("item", Kind.EXACT),
        _day("from", Kind.FROM),
        _day("until", Kind.UNTIL),
        _one_row("unit", (Unit.id, Unit.name)),
        _one_row("acceptance", (Acceptance.id, _named(System, Acceptance.system_id, Acceptance))),
    ),
    reach={"unit": Finding.unit_id, "district": Finding.district},
    leaves=_no_secret(Finding),
    told=_told,
    narrowed=_findings_narrowed,
    file_only=True,
)

register_list(ACCEPTANCES)
register_list(FINDINGS)
