"""Jobs of the registry."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.operations import News, notify_people, notify_units, people_with
from portal.accounts.values import Identity, Role
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.errors import Invalid, PortalError
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.registry import operations
from portal.registry.files import FILE_TYPE, Export, file_name, write_list
from portal.registry.labels.sheets import spoken
from portal.registry.models import Filing, FilingClock, ListRun, PlaceReview, System, TipOff
from portal.registry.queries.archive import expiries_between
from portal.registry.queries.duties import lapsed_of_organs
from portal.registry.queries.lists import LISTS, Asked
from portal.registry.rules.validity import WARN_BEFORE, remind_today
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from portal.regulation.calendar import WorkCalendar
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey
from portal.vault.queries import blob_store
from portal.vault.sandbox import job_directory

BATCH, INDEXED = 500, 20_000
# What ran out longer ago than this has been told; nobody is told again.
REMIND_BACK_TO = timedelta(days=14)
FILERS = (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD)
HANDLERS = (Role.REGISTRAR, Role.INSPECTOR)


@job(TaskName.REGISTRY_NOTIFY)
def notify(session: Session, *, now: datetime, filing_id: str, **_: object) -> None:
    """Tell the unit that its filing is decided."""
    filing = session.get(Filing, UUID(filing_id))
    if filing is None:
        return
    notify_people(
        session,
        people=people_with(session, FILERS, unit_id=filing.unit_id),
        kind="registry.filing",
        subject_id=filing.id,
        occasion=f"{filing.status}:{filing.revision}",
        now=now,
    )


@job(TaskName.REGISTRY_NOTIFY_POINT)
def notify_point(session: Session, *, now: datetime, kind: str, subject_id: str, occasion: str, **_: object) -> None:
    """Tell a unit of the verdict on its point, or an organ of a report that came to it."""
    if kind == "review":
        review = session.get(PlaceReview, UUID(subject_id))
        roles, home = FILERS, {"unit_id": review.unit_id if review else None}
    else:
        tip = session.get(TipOff, UUID(subject_id))
        roles, home = HANDLERS, {"organ_id": tip.organ_id if tip else None}
    if any(home.values()):
        people = people_with(session, roles, **home)
        notify_people(
            session, people=people, kind=f"registry.{kind}", subject_id=UUID(subject_id), occasion=occasion, now=now
        )


@job(TaskName.REGISTRY_REMIND_DEADLINES, holds_transaction=False)
def remind_deadlines(database: Database, *, now: datetime, **_: object) -> None:
    """Bring every clock in step with the rules of today, mark what was not confirmed in time, remind units of what falls
    due and organs of what was missed. Batch by batch, each in its own transaction: a city has more systems than one should lock at once."""
    today, after = city_day(now), None
    while True:
        with database.transaction() as session:
            after = settle_batch(session, after=after, now=now)
        if after is None:
            break
    while True:
        with database.transaction() as session:
            lapsed = operations.lapse_filings(session, today=today, now=now)
            news = [
                News(unit_id=each.unit_id, kind="registry.filing", subject_id=each.id, occasion=f"lapsed:{today}")
                for each in lapsed
            ]
            notify_units(session, FILERS, news, now=now)
        if not lapsed:
            break
    while True:
        with database.transaction() as session:
            after = remind(session, today=today, after=after, now=now)
        if after is None:
            break
    with database.transaction() as session:
        remind_organs(session, today=today, now=now)


def settle_batch(session: Session, *, after: UUID | None, now: datetime) -> UUID | None:
    """Settle the use and the clocks of the next systems; the last one's key, or nothing when there are no more."""
    statement = select(System).options(joinedload(System.unit)).order_by(System.id).limit(BATCH)
    systems = session.scalars(statement.where(System.id > after) if after else statement).all()
    if systems:
        operations.follow_declared_use(session, systems, now=now)
        operations.settle_clocks(session, systems, calendar=WorkCalendar(), now=now)
    return systems[-1].id if len(systems) == BATCH else None


def remind(session: Session, *, today: date, after: UUID | None = None, now: datetime) -> UUID | None:
    """One line on the unit's desks for what falls due within days, and one a week for what is overdue; the last limit's
    key, or nothing when there are no more."""
    days = city_rules(today).integer(RuleKey.FILING_REMIND_DAYS) or 0
    week = today - timedelta(days=today.weekday())
    prompt = FilingClock.due_on.is_(None) & (FilingClock.started_on <= today - timedelta(days=days))
    statement = select(FilingClock).where(
        FilingClock.ended_on.is_(None), prompt | (FilingClock.due_on <= today + timedelta(days=days))
    )
    if after:
        statement = statement.where(FilingClock.id > after)
    clocks = session.scalars(statement.order_by(FilingClock.id).limit(BATCH)).all()
    news = []
    for clock in clocks:
        late = clock.due_on is None or clock.due_on < today
        occasion = f"{clock.kind}:{'late' if late else 'due'}:{week if late else clock.due_on}"
        news.append(News(unit_id=clock.unit_id, kind="registry.system", subject_id=clock.system_id, occasion=occasion))
    notify_units(session, FILERS, news, now=now)
    return clocks[-1].id if len(clocks) == BATCH else None


def remind_organs(session: Session, *, today: date, now: datetime) -> None:
    """One line a week on the desks of an organ's registrars where units failed to file, report or confirm in time."""
    waits = city_rules(today).integer(RuleKey.FILING_CHANGE_WAITS_DAYS) or 0
    running = session.scalars(select(FilingClock.organ_id).where(FilingClock.ended_on.is_(None)).distinct()).all()
    for organ_id in lapsed_of_organs(session, running, today=today, waits_days=waits):
        notify_people(
            session,
            people=people_with(session, (Role.REGISTRAR,), organ_id=organ_id),
            kind="registry.overdue",
            subject_id=organ_id,
            occasion=f"overdue:{today - timedelta(days=today.weekday())}",
            now=now,
        )


@job(TaskName.REGISTRY_REMIND_EXPIRIES)
def remind_expiries(session: Session, *, now: datetime, **_: object) -> None:
    """Remind units of what of their systems runs out: weeks before, days before, and when it has. Each reminder once,
    however often the job runs, and however long it did not."""
    today = city_day(now)
    news = [
        News(
            unit_id=each.unit_id,
            kind="registry.expiry",
            subject_id=each.system_id,
            # Kept short enough for its column, and apart for two things of one system.
            occasion=f"{each.kind}:{each.id.hex[-12:]}:{each.until}:{before.days}",
        )
        for each in expiries_between(session, today - REMIND_BACK_TO, today + WARN_BEFORE)
        if (before := remind_today(each.until, today)) is not None
    ]
    for start in range(0, len(news), BATCH):
        notify_units(session, FILERS, news[start : start + BATCH], now=now)


@job(TaskName.REGISTRY_RECHECK_CAMERAS, holds_transaction=False)
def recheck_cameras(
    database: Database,
    *,
    now: datetime,
    unit_id: str | None = None,
    system_id: str | None = None,
    twins_of: Sequence[str] = (),
    **_: object,
) -> None:
    """Judge the files of all cameras, or of a unit's or system's; then their zones and the points in doubt.

    With `twins_of` only the shared places and devices of these systems are marked.
    """
    if twins_of:
        operations.mark_twins_of(database, [UUID(each) for each in twins_of])
        return
    unit, system = UUID(unit_id) if unit_id else None, UUID(system_id) if system_id else None
    operations.recheck_all(database, now=now, unit_id=unit, system_id=system)
    operations.lay_all(database, now=now, unit_id=unit, system_id=system)
    operations.check_points(database, now=now, unit_id=unit, system_id=system)


@job(TaskName.REGISTRY_CHECK_POINTS, holds_transaction=False)
def check_points(database: Database, *, now: datetime, site_id: str, **_: object) -> None:
    """Look over the cameras around a protected site that was entered or changed."""
    operations.check_points(database, now=now, site_id=UUID(site_id))


@job(TaskName.REGISTRY_IMPORT_CAMERAS, holds_transaction=False)
def import_cameras(database: Database, *, now: datetime, import_id: str, actor_name: str, **_: object) -> None:
    """Do what is next for a sheet of cameras: read and judge it, load it, take it out again."""
    operations.run_import(database, import_id=UUID(import_id), actor_name=actor_name, now=now, spoken=spoken())


@job(TaskName.REGISTRY_TIDY_IMPORTS, holds_transaction=False)
def tidy_imports(database: Database, *, now: datetime, **_: object) -> None:
    """Forget the rows of imports that have long been over, one import a transaction."""
    found = True
    while found:
        with database.transaction() as session:
            found = operations.tidy_import(session, now=now)


@job(TaskName.REGISTRY_EXPORT_LIST, holds_transaction=False)
def export_list(database: Database, *, now: datetime, run_id: str, **_: object) -> None:
    """Write a list into a file for whoever asked, as far as they may read it now."""
    key = UUID(run_id)
    with database.transaction() as session:
        begun = operations.begin_run(session, key, now=now)
        if begun is None:
            return
        run, identity = begun
        asked_for = dict(run.wanted)
    export = Export(
        spec=LISTS[run.list_key],
        wanted=Wanted.from_json(asked_for),
        format=ExportFormat(asked_for["format"]),
        layout=ExportLayout(asked_for["layout"]),
        locale=str(asked_for["locale"]),
    )
    try:
        _write_out(database, identity, export, key, now=now)
    except PortalError as refusal:
        with database.transaction() as session:
            operations.fail_run(session, run_id=key, failure=refusal.code, now=now)


def _write_out(database: Database, identity: Identity, export: Export, run_id: UUID, *, now: datetime) -> None:
    """The reading is over before the file is kept: a cursor held open over minutes is held no longer than it must."""
    with database.session(identity.data_scope) as session:
        scratch = blob_store(session).scratch
    with job_directory(scratch) as workdir:
        with database.session(identity.data_scope) as session:
            asked = Asked(session=session, identity=identity, today=city_day(now))
            most = operations.MOST_ROWS[export.format]
            rows = operations.rows_to_leave(asked, export.spec, export.wanted, most=most)
            if rows > most:
                raise Invalid("export_too_long", most=most)
            operations.tell_progress(database, run_id, 0, total=rows)
            written = write_list(
                asked, export, workdir / "export", told=lambda done: operations.tell_progress(database, run_id, done)
            )
        with database.transaction() as session:
            operations.finish_export(
                session,
                actor=identity,
                run_id=run_id,
                made=workdir / "export",
                type_=FILE_TYPE[export.format],
                filename=file_name(export, now),
                rows=written,
                now=now,
            )


@job(TaskName.REGISTRY_EDIT_CAMERAS, holds_transaction=False)
def edit_cameras(database: Database, *, now: datetime, run_id: str, **_: object) -> None:
    """Change many cameras for whoever asked, whole or not at all."""
    key = UUID(run_id)
    with database.transaction() as session:
        begun = operations.begin_run(session, key, now=now)
    if begun is None:
        return
    _run, identity = begun
    try:
        with database.transaction(identity.data_scope) as session:
            run = session.get(ListRun, key, with_for_update=True)
            if run is not None:
                operations.run_bulk_edit(session, actor=identity, run=run, now=now)
    except PortalError as refusal:
        with database.transaction() as session:
            operations.fail_run(session, run_id=key, failure=refusal.code, now=now)


@job(TaskName.REGISTRY_EXPIRE_FILES)
def expire_files(session: Session, *, now: datetime, **_: object) -> None:
    """Give up the files of exports whose time is over."""
    operations.expire_files(session, now=now)


@job(TaskName.REGISTRY_FOLD_COUNTS)
def fold_counts(session: Session, *, now: datetime, **_: object) -> None:  # noqa: ARG001
    """Sum up the counts of cameras, and index what a killed import left for the search."""
    operations.fold_counts(session)
    operations.index_cameras(session, most=INDEXED)
