"""Changing many cameras at once: planned and shown, then made whole or not at all, with one reason, each on record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record, speak_for
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.codes import masked_phone
from portal.core.crypto import row_context
from portal.core.errors import Invalid, Problem, Stale
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Camera, Filing, ListRun, System
from portal.registry.operations.cameras import must_say_why
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.exports import finish_run, queue_run
from portal.registry.operations.quality import ask_marks, recheck_these
from portal.registry.operations.reviews import look_over
from portal.registry.queries.lists import CAMERAS, Asked, keys_of
from portal.registry.rules import rules_for
from portal.registry.rules.bulk import BULK_BY_KEY, Before, Plan, Planned, changes_problems, column_of, plan
from portal.registry.rules.changes import cameras_changes
from portal.registry.rules.fields import Home, column_value
from portal.registry.rules.points import JUDGED
from portal.registry.values.lists import ListRunKind, Wanted
from portal.registry.values.zones import ReviewSource

NOW_EDITS = 500
MOST_EDITS = 20_000
# What another look at the neighbours hangs on.
_SEEN_BY_TWINS = frozenset({"azimuth", "direction", "status"})
# What a review of a point hangs on.
_QUESTIONED = frozenset({*JUDGED, "status"})
REVIEWED = 500


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The cameras a change is for: those named, or all that a list finds."""

    keys: tuple[UUID, ...] = ()
    wanted: Wanted | None = None

    def read(self, session: Session, actor: Identity, today: date) -> list[UUID]:
        """Their ids in a fixed order, as far as the person may read them. Raises Invalid for too many, or for none."""
        asked = Asked(session=session, identity=actor, today=today)
        if self.wanted is not None:
            found = keys_of(asked, CAMERAS, self.wanted, limit=MOST_EDITS + 1)
        else:
            readable = CAMERAS.rows(actor).where(Camera.id.in_(self.keys)).with_only_columns(Camera.id)
            found = list(session.scalars(readable.order_by(Camera.id)))
        if len(found) > MOST_EDITS:
            raise Invalid([Problem("", "bulk_too_many", {"most": MOST_EDITS})])
        if not found:
            raise Invalid([Problem("", "bulk_none")])
        return found


def plan_bulk(
    session: Session, *, actor: Identity, selection: Selection, changes: Mapping[str, Any], now: datetime
) -> Plan:
    """What the change would do, camera by camera; nothing is written. Raises Invalid naming each bad field."""
    require(actor, Permission.CAMERA_EDIT)
    problems = changes_problems(changes)
    if problems:
        raise Invalid(problems)
    masked = {key: masked_phone(value) for key, value in changes.items() if BULK_BY_KEY[key].home is Home.SEALED}
    today = city_day(now)
    return plan(_before(session, actor, selection.read(session, actor, today), changes, today), changes, masked)


def bulk_edit(
    session: Session,
    *,
    actor: Identity,
    selection: Selection,
    changes: Mapping[str, Any],
    reason: str,
    seen: str,
    leave_out: bool,
    now: datetime,
) -> int:
    """Make the change that was shown: all of it, in one statement, or none. How many cameras are another now.

    `seen` is the plan's seal: what changed meanwhile raises Stale. Refused cameras stop everything, unless they are
    left out. Raises Invalid, Stale.
    """
    require(actor, Permission.CAMERA_EDIT)
    keys = selection.read(session, actor, city_day(now))
    session.execute(select(Camera.id).where(Camera.id.in_(keys)).order_by(Camera.id).with_for_update())
    made = plan_bulk(session, actor=actor, selection=selection, changes=changes, now=now)
    if made.seal != seen:
        raise Stale("changed_meanwhile")
    if made.refused and not leave_out:
        raise Invalid([Problem("", "bulk_refused", {"count": len(made.refused)})])
    if not made.changed:
        raise Invalid([Problem("change", "bulk_changes_nothing")])
    must_say_why(reason, filed=made.needs_reason)
    speak_for(session, actor.actor, reason)
    _write(session, made.changed, changes, now=now)
    _put_on_record(session, actor, made.changed, changes, reason=reason, now=now)
    changed = [row.camera.id for row in made.changed]
    _run_clocks(session, made.changed, now=now)
    recheck_these(session, changed, now=now)
    if _QUESTIONED & set(changes):
        _look_over(session, changed, actor=actor, now=now)
    if _SEEN_BY_TWINS & set(changes):
        # The files are judged; what is left is who shares a view with whom, beyond the reach of who changed them.
        systems = session.scalars(select(Camera.system_id).where(Camera.id.in_(changed)).distinct()).all()
        ask_marks(session, occasion=f"bulk:{now.isoformat()}:{changed[0]}", system_ids=systems)
    return len(changed)


def _look_over(session: Session, keys: Sequence[UUID], *, actor: Identity, now: datetime) -> None:
    """A point that reads differently now is questioned now, as it is when one camera is changed."""
    for start in range(0, len(keys), REVIEWED):
        batch = session.scalars(select(Camera).where(Camera.id.in_(keys[start : start + REVIEWED])).order_by(Camera.id))
        look_over(session, batch.all(), actor=actor.actor, source=ReviewSource.ENTRY, now=now)


def _run_clocks(session: Session, rows: Sequence[Planned], *, now: datetime) -> None:
    """What was filed of these cameras is another now: each system's time for reporting it begins."""
    pairs: dict[UUID, list[Mapping[str, tuple[Any, Any]]]] = {}
    filed = {row.camera.id: row.changes for row in rows if row.camera.filed}
    for key, system_id in session.execute(select(Camera.id, Camera.system_id).where(Camera.id.in_(filed))):
        pairs.setdefault(system_id, []).append(filed[key])
    for system_id, system in sorted(_systems(session, pairs).items()):
        run_change_clock(session, system, cameras_changes(pairs[system_id]), now=now)


def start_bulk_edit(
    session: Session,
    *,
    actor: Identity,
    selection: Selection,
    changes: Mapping[str, Any],
    reason: str,
    seen: str,
    leave_out: bool,
    now: datetime,
) -> ListRun:
    """Leave a large change to a worker; it is refused there if the cameras are no longer those that were shown."""
    made = plan_bulk(session, actor=actor, selection=selection, changes=changes, now=now)
    must_say_why(reason, filed=made.needs_reason)
    if made.refused and not leave_out:
        raise Invalid([Problem("", "bulk_refused", {"count": len(made.refused)})])
    wanted = selection.wanted or Wanted()
    run = queue_run(
        session,
        actor=actor,
        kind=ListRunKind.EDIT,
        spec=CAMERAS,
        reason=reason,
        wanted={**wanted.as_json(), "keys": [str(key) for key in selection.keys], "seen": seen, "leave_out": leave_out},
        now=now,
    )
    # A telephone number may be among them: the worker's order is as secret as the record will be.
    plain = {key: column_value(BULK_BY_KEY[key], value) for key, value in changes.items()}
    text = json.dumps(plain, default=str).encode()
    sealed = services(session).envelope.seal(text, context=row_context("list_run", "changes", run.id))
    run.wanted = {**run.wanted, "changes": sealed}
    run.rows_total = len(made.changed)
    enqueue(session, TaskName.REGISTRY_EDIT_CAMERAS, dedupe=f"list:{run.id}", run_id=run.id)
    return run


def run_bulk_edit(session: Session, *, actor: Identity, run: ListRun, now: datetime) -> None:
    """Make a change that was left to the worker: it and the mark that it is made are one transaction."""
    kept = dict(run.wanted)
    context = row_context("list_run", "changes", run.id)
    plain = json.loads(services(session).envelope.open(str(kept["changes"]), context=context))
    keys = tuple(UUID(text) for text in kept["keys"])
    selection = Selection(keys=keys, wanted=None if keys else Wanted.from_json(kept))
    count = bulk_edit(
        session,
        actor=actor,
        selection=selection,
        changes={key: _typed(key, value) for key, value in plain.items()},
        reason=run.reason,
        seen=str(kept["seen"]),
        leave_out=bool(kept["leave_out"]),
        now=now,
    )
    finish_run(session, run_id=run.id, rows=count, now=now)


def _typed(key: str, value: Any) -> Any:
    """A value as the form would have given it."""
    each = BULK_BY_KEY[key]
    if each.shape == "day" and value:
        return date.fromisoformat(value)
    if each.shape == "decimal" and value is not None:
        return float(value)
    return value


def _before(
    session: Session, actor: Identity, keys: Sequence[UUID], changes: Mapping[str, Any], today: date
) -> list[Before]:
    columns = [getattr(Camera, column_of(BULK_BY_KEY[key])).label(f"value_{key}") for key in changes]
    statement = select(
        Camera.id,
        Camera.name,
        Camera.version,
        Camera.system_id,
        Camera.unit_id,
        Camera.district,
        Camera.secret,
        Camera.managing_unit,
        *columns,
    )
    rows = session.execute(statement.where(Camera.id.in_(keys)).order_by(Camera.id)).mappings().all()
    systems = _systems(session, {row["system_id"] for row in rows})
    filed = set(
        session.scalars(
            select(Filing.system_id).where(Filing.system_id.in_(systems), Filing.number.is_not(None)).distinct()
        )
    )
    zones = {key: _zones(system, today) for key, system in systems.items()} if "zone" in changes else {}
    return [
        Before(
            id=row["id"],
            name=row["name"],
            unit_name=systems[row["system_id"]].unit.name if row["system_id"] in systems else "",
            version=row["version"],
            values={key: row[f"value_{key}"] for key in changes},
            filed=row["system_id"] in filed,
            may_edit=allows(actor, Permission.CAMERA_EDIT, _scope(row)),
            zones=zones.get(row["system_id"], frozenset()),
        )
        for row in rows
    ]


def _scope(row: RowMapping) -> Scope:
    return Scope(
        unit_ids=frozenset({row["unit_id"]}), districts=frozenset({row["district"]}), unit_only=bool(row["secret"])
    )


def _systems(session: Session, keys: Iterable[UUID]) -> dict[UUID, System]:
    statement = select(System).where(System.id.in_(list(keys))).options(joinedload(System.unit))
    return {system.id: system for system in session.scalars(statement)}


def _zones(system: System, today: date) -> frozenset[str]:
    return frozenset(cited.zone.key for cited in rules_for(system.unit, system, on=today).zones())


def _write(session: Session, rows: Sequence[Planned], changes: Mapping[str, Any], *, now: datetime) -> None:
    plain = {
        key: column_value(BULK_BY_KEY[key], value)
        for key, value in changes.items()
        if BULK_BY_KEY[key].home is not Home.SEALED
    }
    keys = [row.camera.id for row in rows]
    table = Camera.__table__
    changed = update(Camera).where(Camera.id.in_(keys))
    session.execute(
        changed.values(**plain, updated_at=now, version=Camera.version + 1),
        execution_options={"synchronize_session": False},
    )
    envelope = services(session).envelope
    for key in changes.keys() - plain.keys():
        number = str(changes[key])
        sealed = [
            {
                "row": row_id,
                "sealed": envelope.seal(number.encode(), context=row_context("camera", f"{key}_sealed", row_id)),
                "masked": masked_phone(number),
            }
            for row_id in keys
        ]
        statement = (
            table.update()  # type: ignore[attr-defined]
            .where(table.c.id == bindparam("row"))
            .values({f"{key}_sealed": bindparam("sealed"), f"{key}_masked": bindparam("masked")})
        )
        session.execute(statement, sealed)
    # What the caller has loaded of other things stays loaded.
    for row in [row for row in session.identity_map.values() if isinstance(row, Camera)]:
        session.expire(row)


def _put_on_record(
    session: Session,
    actor: Identity,
    rows: Sequence[Planned],
    changes: Mapping[str, Any],
    *,
    reason: str,
    now: datetime,
) -> None:
    """One act for the whole, and one with each camera: its own history tells it without a look elsewhere."""
    record(
        session,
        actor=actor.actor,
        tag=values.CAMERAS_CHANGED,
        subject=SubjectRef("cameras"),
        changes=[
            FieldChange(name="cameras", new=len(rows)),
            FieldChange(name="fields", new=", ".join(sorted(changes))),
        ],
        reason=reason or None,
        now=now,
    )
    scopes = session.execute(
        select(Camera.id, Camera.unit_id, Camera.district).where(Camera.id.in_([row.camera.id for row in rows]))
    )
    places = {key: (unit_id, district) for key, unit_id, district in scopes}
    for row in rows:
        unit_id, district = places[row.camera.id]
        record(
            session,
            actor=actor.actor,
            tag=values.CAMERA_CHANGED,
            subject=SubjectRef("camera", row.camera.id, row.camera.name),
            unit_id=unit_id,
            district=district,
            changes=[FieldChange(name=key, old=_told(old), new=_told(new)) for key, (old, new) in row.changes.items()],
            reason=reason or None,
            now=now,
        )


def _told(value: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else value
