"""The blueprint of the advance checks, and a report as its pages read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, g, url_for
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.inspection import queries
from portal.inspection.models import Acceptance, ReadinessReport, ReadinessWaiver
from portal.readiness.labels import CURE, SOURCE, found_of, short_of, shown_of, title_of
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import Check
from portal.registry.queries import system_scope
from portal.regulation.labels import cite_all

bp = Blueprint("readiness", __name__, template_folder="../templates")

_K = CheckKey
AT_CAMERAS = frozenset(
    {
        _K.RETENTION_DECLARED, _K.RETENTION_MEASURED, _K.RECORDING, _K.RESOLUTION_DECLARED, _K.RESOLUTION_MEASURED,
        _K.RESOLUTION_AGREES, _K.ONLINE, _K.CLOCK, _K.PASSWORDS, _K.DEVICE_CODES, _K.FILES,
    }
)  # fmt: skip
# Where each is put right, with what the list there is narrowed to.
_PLACES: Mapping[CheckKey, tuple[str, Mapping[str, str]]] = {
    _K.ZONES: ("registry.zones", {}),
    _K.INTERIORS: ("registry.privacy", {}),
    _K.MASKS: ("registry.privacy", {}),
    _K.SIGNS: ("registry.privacy", {}),
    _K.RETENTION_DECLARED: ("registry.system", {}),
    _K.RETENTION_MEASURED: ("reachability.overview", {}),
    _K.RECORDING: ("reachability.overview", {"reason": "not_recording"}),
    _K.RESOLUTION_DECLARED: ("registry.cameras", {}),
    _K.RESOLUTION_MEASURED: ("reachability.overview", {}),
    _K.RESOLUTION_AGREES: ("registry.cameras", {}),
    _K.ONLINE: ("reachability.overview", {"state": "offline"}),
    _K.CLOCK: ("reachability.overview", {"reason": "clock_drift"}),
    _K.PASSWORDS: ("reachability.overview", {}),
    _K.DEVICE_CODES: ("registry.cameras", {"failing": "1"}),
    _K.FILES: ("registry.cameras", {"failing": "1"}),
    _K.DOCUMENTS: ("registry.system_papers", {}),
    _K.QUALIFICATION: ("registry.system_contractors", {}),
    _K.FILED: ("registry.system", {}),
}
_LISTS = frozenset({"reachability.overview", "registry.cameras"})


@dataclass(frozen=True)
class Row:
    """One check as a page shows it."""

    check: Check
    title: str
    shown: tuple[str, LazyString]
    found: str
    source: LazyString
    short: Sequence[tuple[str, str, str]]
    cure: LazyString | None
    url: str
    cited: str
    barring: bool


@dataclass(frozen=True)
class Told:
    """The last report of an acceptance with what bars its visit now."""

    report: ReadinessReport | None
    waivers: Sequence[ReadinessWaiver]
    checks: Mapping[CheckKey, Check]
    barring: tuple[str, ...]

    @property
    def failing(self) -> int:
        """How many checks fall short, whether they bar anything or not."""
        return sum(check.verdict is CheckVerdict.NOT_MET for check in self.checks.values())


def told_of(session: Session, acceptance_id: UUID) -> Told:
    """The last report, read once a request however many parts of a page ask."""
    kept: dict[UUID, Told] = g.setdefault("readiness_told", {})
    if acceptance_id not in kept:
        report = queries.last_readiness(session, acceptance_id)
        waivers = queries.waivers_of(session, acceptance_id)
        checks = [Check.from_json(each) for each in (report.checks if report else ())]
        kept[acceptance_id] = Told(
            report, waivers, {check.key: check for check in checks}, queries.barring_checks(report, waivers)
        )
    return kept[acceptance_id]


def rows_of(told: Told, acceptance: Acceptance, identity: Identity) -> list[Row]:
    """Every check: what bars the visit first, then what falls short, what cannot be told, what is in order."""
    opens = allows(identity, Permission.SYSTEM_READ, system_scope(acceptance.system))
    names = names_cameras(acceptance, identity)
    rows = [_row(check, told, acceptance, opens, names) for check in told.checks.values()]
    order = [CheckVerdict.NOT_MET, CheckVerdict.UNKNOWN, CheckVerdict.MET]
    return sorted(rows, key=lambda row: (not row.barring, order.index(row.check.verdict)))


def names_cameras(acceptance: Acceptance, identity: Identity) -> bool:
    """Whether the reader is told which cameras fall short; who merely supervises is told how many."""
    inside = replace(system_scope(acceptance.system), unit_only=acceptance.system.secret)
    return allows(identity, Permission.CAMERA_READ, inside)


def _row(check: Check, told: Told, acceptance: Acceptance, opens: bool, names: bool) -> Row:
    failing = check.verdict is CheckVerdict.NOT_MET
    return Row(
        check=check,
        title=title_of(check.key),
        shown=shown_of(check),
        found=found_of(check),
        source=SOURCE[check.source],
        short=_linked(check, opens) if names or check.key not in AT_CAMERAS else (),
        cure=CURE[check.key] if failing else None,
        url=_url(check.key, acceptance) if failing and opens else "",
        cited=cite_all(tuple(check.citations)),
        barring=check.key in told.barring,
    )


def _linked(check: Check, opens: bool) -> list[tuple[str, str, str]]:
    """What falls short, each camera with the way to its file."""
    at_cameras = opens and check.key in AT_CAMERAS
    return [
        (name, how, url_for("registry.camera", camera_id=UUID(one.key)) if at_cameras and one.key else "")
        for one, (name, how) in zip(check.short, short_of(check), strict=True)
    ]


def _url(key: CheckKey, acceptance: Acceptance) -> str:
    endpoint, narrowed = _PLACES[key]
    name = "system" if endpoint in _LISTS else "system_id"
    values: dict[str, Any] = {name: acceptance.system_id, **narrowed}
    return url_for(endpoint, **values)
