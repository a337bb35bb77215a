"""The History tab of cameras, systems and units: every change, and the record as it was on any past day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Scope
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.registry import operations, queries
from portal.registry.forms import PastForm
from portal.registry.labels.past import differences, told
from portal.registry.values import HistoryKind
from portal.registry.views.blueprint import bp
from portal.web.session import db_session
from portal.web.widgets import read_day


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whose history is shown, for a reader already let in to it."""

    kind: HistoryKind
    id: UUID
    name: str
    unit_id: UUID
    district: str
    created_at: datetime
    secret: bool
    outside: bool  # the reader is not of its unit: what it was while it was secret is not theirs to see
    trail: list[tuple[str, str | None]]
    urls: Mapping[str, str]


@bp.get("/cameras/<uuid:camera_id>/history")
@requires(Permission.CAMERA_READ)
def camera_history(camera_id: UUID) -> ResponseReturnValue:
    """A camera's changes, or the camera as it was."""
    camera = queries.get_camera(db_session(), current_identity(), camera_id)
    urls = {
        "home": url_for("registry.camera", camera_id=camera_id),
        "history": url_for("registry.camera_history", camera_id=camera_id),
    }
    trail: list[tuple[str, str | None]] = [
        (camera.system.name, url_for("registry.system", system_id=camera.system_id)),
        (camera.name, urls["home"]),
    ]
    return _page(_subject(HistoryKind.CAMERA, camera, trail, urls))


@bp.get("/systems/<uuid:system_id>/history")
@requires(Permission.SYSTEM_READ)
def system_history(system_id: UUID) -> ResponseReturnValue:
    """A system's changes, or the system as it was."""
    system = queries.get_system(db_session(), current_identity(), system_id)
    urls = {
        "home": url_for("registry.system", system_id=system_id),
        "components": url_for("registry.components", system_id=system_id),
        "history": url_for("registry.system_history", system_id=system_id),
    }
    trail: list[tuple[str, str | None]] = [
        (system.unit.name, url_for("registry.unit", unit_id=system.unit_id)),
        (system.name, urls["home"]),
    ]
    return _page(_subject(HistoryKind.SYSTEM, system, trail, urls))


@bp.get("/units/<uuid:unit_id>/history")
@requires(Permission.UNIT_READ)
def unit_history(unit_id: UUID) -> ResponseReturnValue:
    """A unit's changes, or the unit as it was."""
    unit = queries.get_unit(db_session(), current_identity(), unit_id)
    urls = {
        "home": url_for("registry.unit", unit_id=unit_id),
        "history": url_for("registry.unit_history", unit_id=unit_id),
    }
    return _page(_subject(HistoryKind.UNIT, unit, [(unit.name, urls["home"])], urls))


def _subject(kind: HistoryKind, row: Any, trail: list[tuple[str, str | None]], urls: Mapping[str, str]) -> Subject:
    unit_id = row.id if kind is HistoryKind.UNIT else row.unit_id
    inside = Scope(unit_ids=frozenset({unit_id}), districts=frozenset({row.district}), unit_only=True)
    return Subject(
        kind=kind,
        id=row.id,
        name=row.name,
        unit_id=unit_id,
        district=row.district,
        created_at=row.created_at,
        secret=kind is not HistoryKind.UNIT and row.secret,
        outside=not allows(current_identity(), Permission.CAMERA_READ, inside),
        trail=trail,
        urls=urls,
    )


def _page(subject: Subject) -> ResponseReturnValue:
    session, now = db_session(), utcnow()
    if subject.secret:
        operations.note_past_view(
            session,
            actor=current_identity(),
            kind=subject.kind,
            row_id=subject.id,
            label=subject.name,
            unit_id=subject.unit_id,
            district=subject.district,
            now=now,
        )
    form = PastForm(formdata=request.args if "as_of" in request.args else None)
    if "as_of" in request.args and form.validate():
        return _past(subject, form, _day(form), now)
    changes = queries.changes_of(session, subject.kind, subject.id, after=request.args.get("after"))
    page = render_template(
        "registry/history.html",
        subject=subject,
        form=form,
        changes=[
            (change, differences(subject.kind, change.before, change.after))
            for change in changes.items
            if not (subject.outside and (change.before.get("secret") or change.after.get("secret")))
        ],
        next_cursor=changes.next_cursor,
    )
    return page, 422 if form.errors else 200


def _day(form: PastForm) -> date:
    day = read_day(str(form.as_of.data)) if not isinstance(form.as_of.data, date) else form.as_of.data
    if day is None:
        abort(422)
    return day


def _past(subject: Subject, form: PastForm, day: date, now: datetime) -> ResponseReturnValue:
    """The record as it read when the day ended; a day that has not ended is told as of now."""
    session = db_session()
    end = datetime.combine(day + timedelta(days=1), time(), CITY_TZ)
    content = queries.content_at(session, subject.kind, subject.id, min(end, now))
    is_present = content is None
    if content is None:
        content = queries.present_content(session, subject.kind, subject.id)
    withheld = subject.outside and bool(content.get("secret"))
    return render_template(
        "registry/past.html",
        subject=subject,
        form=form,
        day=min(day, city_day(now)),
        withheld=withheld,
        rows=list(told(subject.kind, content)) if content and not withheld else [],
        is_present=is_present,
    )
