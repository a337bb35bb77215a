"""The facts of one system, gathered from its file and from what probes found. A fixed number of questions.

They are the same whoever asks: what another unit's register says of a firm, or a probe of a device, is read under
everybody's scope, and only what belongs to this system is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.inspection.models import Acceptance, ReadinessReport
from portal.inspection.rules import FrozenList, checklist_for
from portal.inspection.states import AcceptanceKind
from portal.reachability.queries import Measured, last_round_at, measured_of
from portal.readiness.rules import tally
from portal.readiness.values import CameraFact, Facts, FirmFound, ZoneFound
from portal.registry.models import Camera, System
from portal.registry.operations.premises import zone_names
from portal.registry.operations.reviews import point_facts
from portal.registry.queries import documents_of, is_filed
from portal.registry.queries.contractors import engagements_of
from portal.registry.queries.zones import hanging_signs, zones_of
from portal.registry.rules import rules_for
from portal.registry.rules.contractors import engagement_standing
from portal.registry.rules.validity import validity
from portal.registry.rules.zones import sign_places, state_of, template_of, unsigned
from portal.registry.states import CameraStatus, LiveState, UseStatus
from portal.registry.values.archive import ContractorKind, Validity
from portal.registry.values.zones import ZoneFacts, ZoneState
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.base import Text
from portal.regulation.schema.keys import RuleKey

# Recorders close a file at the hour: what is kept for thirty days reads as a little less.
_FILE = timedelta(hours=1)
_DAY = timedelta(hours=24)
_ANYWHERE = Text(zh="主要出入口", en="the main entrance")


def facts_of(session: Session, system: System, rules: EffectiveRules, *, now: datetime) -> Facts:
    """Everything the checks start from. `system` comes with its unit."""
    today = city_day(now)
    since = _counts_from(rules, now)
    probed_at = last_round_at(session)
    measured = measured_of(session, system.id)
    examined = [each.examined_at for each in measured.values() if _counts(each.examined_at, since)]
    pictures = [each.picture_at for each in measured.values() if _counts(each.picture_at, since)]
    fresh = _counts(probed_at, since)
    cameras = [_camera(row, measured.get(row.id), since, fresh, now) for row in _cameras(session, system.id)]
    zones, missing = _premises(session, system, rules)
    points = point_facts(session, system.id)
    return Facts(
        at=now,
        zones=zones,
        cameras=tally(cameras),
        declared_days=system.retention_days,
        probed_at=probed_at if any(each.state is not LiveState.UNKNOWN for each in cameras) else None,
        examined_at=min((at for at in examined if at), default=None),
        pictures_at=min((at for at in pictures if at), default=None),
        papers=_papers(session, system.id, today),
        forbidden=points.forbidden,
        waiting=points.waiting,
        unmasked=points.unmasked,
        unsigned=missing,
        firms=tuple(
            FirmFound(
                name=each.contractor.name, kind=ContractorKind(each.kind), standing=engagement_standing(each, on=today)
            )
            for each in engagements_of(session, system.id)
        ),
        filed=is_filed(session, system_id=system.id),
        in_use=system.use_status == UseStatus.IN_USE,
    )


def _counts_from(rules: EffectiveRules, now: datetime) -> datetime | None:
    hours = rules.integer(RuleKey.READINESS_PROBE_AGE_HOURS)
    return None if hours is None else now - timedelta(hours=hours)


def _counts(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and (since is None or at >= since)


def _cameras(session: Session, system_id: UUID) -> Sequence[Camera]:
    return session.scalars(
        select(Camera)
        .where(Camera.system_id == system_id, Camera.status != CameraStatus.DISMANTLED)
        .order_by(Camera.id)
    ).all()


def _camera(row: Camera, seen: Measured | None, since: datetime | None, fresh: bool, now: datetime) -> CameraFact:
    examined = seen is not None and _counts(seen.examined_at, since)
    return CameraFact(
        id=str(row.id),
        name="" if row.secret else row.name,
        declared_days=row.retention_days,
        pixels=row.resolution,
        faults=row.fault_keys,
        coded=row.gb_code is not None,
        state=seen.state if seen and fresh else LiveState.UNKNOWN,
        drift_s=seen.drift_s if seen and fresh else None,
        days_measured=_span(seen) if seen and examined else None,
        days_alive=(now - seen.first_live_at) // _DAY if seen and seen.first_live_at else 0,
        records=seen.recording if seen and examined else None,
        open_access=seen.open_access if seen and examined else None,
        measured_pixels=_size(seen) if seen and _counts(seen.picture_at, since) else "",
    )


def _size(seen: Measured) -> str:
    return f"{seen.picture[0]}×{seen.picture[1]}" if seen.picture else ""


def _span(seen: Measured) -> int | None:
    if seen.recorded_from is None or seen.recorded_until is None:
        return None
    return (seen.recorded_until - seen.recorded_from + _FILE) // _DAY


def _premises(
    session: Session, system: System, rules: EffectiveRules
) -> tuple[tuple[ZoneFound, ...], tuple[Text, ...] | None]:
    """The zones asked for, those too that nobody has laid yet, and where a sign is missing."""
    rows = zones_of(session, system.id)
    names = zone_names(rules, rows)
    laid = {row.facts.key: row.facts for row in rows}
    for zone in template_of(rules):
        if zone.required and not zone.if_present:
            asked = ZoneFacts(key=zone.key, required=True, full=zone.full, absent=False)
            laid.setdefault(zone.key, asked)
    told = {zone.zone.key: zone.zone.text for zone in rules.zones()}
    found = tuple(
        ZoneFound(key=key, name=names.get(key) or told[key], state=state_of(facts))
        for key, facts in laid.items()
        if facts.required and state_of(facts) is not ZoneState.ABSENT
    )
    missing = unsigned(sign_places(rules, laid.values()), hanging_signs(session, system.id))
    if missing is None:
        return found, None
    return found, tuple((names.get(key) or told.get(key) or _ANYWHERE) for key in missing)


def _papers(session: Session, system_id: UUID, today: date) -> Mapping[str, Validity]:
    """Each kind of paper on file, by its newest version."""
    found: dict[str, Validity] = {}
    for paper in documents_of(session, system_id):
        found.setdefault(paper.slot, validity(paper.expires_on, today))
    return found


def list_of(acceptance: Acceptance, *, now: datetime) -> FrozenList | None:
    """The list the visit will be judged by: the frozen one, else today's; None where no text has one."""
    if acceptance.checklist:
        return FrozenList.from_json(acceptance.checklist)
    rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
    try:
        return checklist_for(rules, AcceptanceKind(acceptance.kind))
    except LookupError:
        return None


def runs_of(session: Session, acceptance_id: UUID, *, limit: int = 10) -> Sequence[tuple[datetime, str, list[str]]]:
    """The last runs of an acceptance: when, what started them, which checks barred a visit."""
    rows = session.execute(
        select(ReadinessReport.made_at, ReadinessReport.cause, ReadinessReport.failing)
        .where(ReadinessReport.acceptance_id == acceptance_id)
        .order_by(ReadinessReport.id.desc())
        .limit(limit)
    )
    return [(made_at, cause, failing) for made_at, cause, failing in rows]
