"""Loads the whole demonstration city in one transaction: it is there complete, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Account
from portal.accounts.operations import enter_divisions
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.clock import city_day
from portal.core.db import Database
from portal.demo.bare import as_application, bare
from portal.demo.bulk import Bulk
from portal.demo.cameras import CameraMaker
from portal.demo.campaigns import play_campaigns
from portal.demo.cast import DEMO, cast_of
from portal.demo.equipment import connections, share_out, split
from portal.demo.filings import plan_filings
from portal.demo.model_units import enter_model_units, plan_model_units
from portal.demo.plan import DEFAULT_DEVICES, device_plan
from portal.demo.residents import LOADER, Residents
from portal.demo.stage import Stage
from portal.demo.stories import all_stories
from portal.demo.stories.premises import HUNG
from portal.demo.stories.registry import BUILDS
from portal.demo.stories.sheets import BROUGHT
from portal.demo.streets import street_map
from portal.demo.systems import SystemPlan, police_units, public_systems, unit_systems
from portal.demo.timeline import play
from portal.demo.units import UnitPlan, plan_units
from portal.maps.operations import rebuild
from portal.registry.models import Camera, System, Unit
from portal.registry.operations import index_cameras, lay_for, recount_cameras, settle_clocks
from portal.registry.values import CAMERAS_IMPORTED
from portal.regulation.calendar import WorkCalendar

DEFAULT_SEED = 1
# The model units alone have most of these; a smaller city would be nothing but them.
FEWEST_CAMERAS = 1_000
# Two loads at once would both find the registry empty.
_LOCK = 0x64656D6F
_CLOCKS = 1_000


class NotEmpty(Exception):
    """The registry holds units that are no demonstration's: nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What to load."""

    cameras: int
    seed: int = DEFAULT_SEED
    devices: int = DEFAULT_DEVICES


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a load found or made."""

    already: bool
    counts: Mapping[str, int]


def load_city(
    database: Database, wishes: Wishes, *, now: datetime, progress: Callable[[str, int], None] = lambda _w, _n: None
) -> Loaded:
    """Fill an empty registry with the city. A second call changes nothing and says so. Raises NotEmpty."""
    with database.transaction() as session:
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if is_loaded(session):
            return Loaded(already=True, counts={})
        if session.scalar(select(Unit.id).limit(1)) is not None:
            raise NotEmpty
        owner = as_application(session)
        counts = _Load(session, wishes, now, progress, owner=owner).run()
        # The log is the city's, and so is its language; what an operator watched go by was told on the terminal.
        subject = SubjectRef("city", None, f"演示城市（种子 {wishes.seed}，摄像机 {counts['all cameras']} 路）")
        record(session, actor=LOADER.actor, tag=CAMERAS_IMPORTED, subject=subject, now=now)
        return Loaded(already=False, counts=counts)


def is_loaded(session: Session) -> bool:
    """Whether this registry holds the demonstration: its people are there, under their own logins.

    All but a few: a city loaded by an earlier version does not know those who have joined the cast since.
    """
    logins = {person.login for person in cast_of(DEMO).people}
    found = session.scalar(select(func.count()).where(Account.login.in_(logins))) or 0
    return found > len(logins) * 0.8


class _Load:
    """One run, step by step."""

    def __init__(
        self,
        session: Session,
        wishes: Wishes,
        now: datetime,
        progress: Callable[[str, int], None],
        *,
        owner: bool,
    ) -> None:
        self.session = session
        self.owner = owner
        self.wishes = wishes
        self.now = now
        self.today = city_day(now)
        self.streets = street_map(wishes.seed)
        self.progress = progress
        self.counts: dict[str, int] = {}
        self.maker = CameraMaker(wishes.seed, self.streets)
        self.for_models, self.for_bulk = split(
            connections(device_plan(wishes.seed, wishes.devices)), sum(build.cameras for build in BUILDS if build.wired)
        )

    def run(self) -> Mapping[str, int]:
        self._done("divisions", enter_divisions(self.session, city_code="410500"))
        cast = cast_of(DEMO)
        residents = Residents(self.session, cast, self.streets, self.now)
        self._done("organs", residents.enter_organs())
        residents.enter_people([person for person in cast.people if person.organ], {})
        units, systems, bulk = self._load_bulk(residents)
        plans = plan_model_units(cast, self.wishes.seed, self.streets, self.today)
        entered = enter_model_units(self.session, plans, residents=residents, today=self.today)
        residents.enter_people([person for person in cast.people if person.unit], entered)
        self._done("accounts", len(cast.people))
        stage = Stage(
            session=self.session,
            seed=self.wishes.seed,
            today=self.today,
            moment=self.now,
            residents=residents,
            units=entered,
            plans=plans,
            maker=self.maker,
            connections=iter(self.for_models),
            clerk=bulk.clerk,
        )
        self._done("acts", play(all_stories(stage), until=self.now))
        # After the stories, since the log is in the order of what happened.
        systems_of_all = self.session.scalars(select(System).options(joinedload(System.unit))).all()
        self._done("zones", lay_for(self.session, systems_of_all, now=self.now))
        self._done("limits", self._settle_clocks())
        # After the stories, which have inspectors of the same districts out at hours of their own.
        self._done("acceptances", bulk.load_acceptances(units, systems, residents.inspectors()))
        rebuild(self.session)
        recount_cameras(self.session)
        # The bulk and what the model units hung themselves.
        self._done("all cameras", self.session.scalar(select(func.count()).select_from(Camera)) or 0)
        return self.counts

    def _load_bulk(self, residents: Residents) -> tuple[Sequence[UnitPlan], Sequence[SystemPlan], Bulk]:
        seed = self.wishes.seed
        of_stories = sum(build.cameras for build in BUILDS) + HUNG + BROUGHT
        cameras = max(self.wishes.cameras, FEWEST_CAMERAS) - of_stories
        units = plan_units(seed, cameras, self.today)
        police = police_units(self.streets, first=len(units))
        systems: list[SystemPlan] = [
            *unit_systems(seed, units),
            *public_systems(self.streets, police, cameras, first=len(units), today=self.today),
        ]
        bulk = Bulk(self.session, seed, self.streets, residents.competent(), self.today, self.now, self.maker)
        wired = share_out(seed, self.for_bulk, systems)
        try:
            self._done("units", bulk.load_units(units, police))
            self._done("systems", bulk.load_systems(systems))
            # The triggers keep the map's counts, which are made anew at the end.
            with bare(self.session, "camera", owner=self.owner):
                loaded = bulk.load_cameras(units, systems, wired)
                self.session.execute(text("select portal_settle_borders()"))
            if self.owner:
                with bare(self.session, "search_entry", owner=True):
                    self.session.execute(text("select portal_search_put(3::smallint)"))
            index_cameras(self.session, most=2**31 - 1)
            self._done("cameras", loaded)
            self._done("past versions", play_campaigns(self.session, self.today, cameras=loaded))
            self._done("filings", bulk.load_filings(units, police, plan_filings(seed, systems, self.today)))
        finally:
            bulk.freezer.close()
        return units, systems, bulk

    def _settle_clocks(self) -> int:
        """Begin every clock the rules want, as the nightly job does; and leave no session full of a whole city."""
        count, after = 0, None
        while True:
            statement = select(System).options(joinedload(System.unit)).order_by(System.id).limit(_CLOCKS)
            systems = self.session.scalars(statement.where(System.id > after) if after else statement).all()
            if not systems:
                return count
            count += settle_clocks(self.session, systems, calendar=WorkCalendar(), now=self.now)
            after = systems[-1].id
            self.session.expunge_all()

    def _done(self, what: str, count: int) -> None:
        self.counts[what] = count
        self.progress(what, count)
