"""The acts of building and filing one system, so that a story reads as its own list of steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.registry.models import Filing
from portal.registry.operations import (
    accept_filing,
    change_use,
    create_system,
    open_filing,
    return_filing,
    submit_filing,
    withdraw_filing,
)
from portal.registry.states import UseAction
from portal.registry.values import FilingKind, PartyRole, StorageKind, SystemKind, SystemParticulars
from portal.regulation.schema.vocabulary import Regime

PAPERS = ("filing_form", "authorisation_letter", "handler_identity")


@dataclass(frozen=True, kw_only=True)
class Build:
    """A system a model unit builds."""

    key: str
    unit: str
    name: str
    cameras: int
    begun: int  # days ago
    wired: bool = False
    secret: bool = False


@dataclass
class Paperwork:
    """One system of a model unit, and its filings."""

    stage: Stage
    build: Build
    filings: list[UUID] = field(default_factory=list)

    @property
    def filer(self) -> str:
        """Who files for the unit."""
        return self.stage.cast.holder(self.build.unit, Role.UNIT_FILER).login

    @property
    def registrar(self) -> str:
        """Who decides on the unit's filings."""
        return self.stage.cast.officer(Role.REGISTRAR, self.stage.plans[self.build.unit].place.district).login

    def enter(self, now: datetime, *, in_use_on: date | None = None) -> None:
        """Enter the system."""
        plan = self.stage.plans[self.build.unit]
        particulars = SystemParticulars(
            name=f"{plan.name}{self.build.name}",
            kind=SystemKind.UNIT_INTERNAL,
            regime=Regime(plan.kind.regime),
            district=plan.place.district,
            address=plan.place.address,
            purpose="维护公共安全，预防和处置案（事）件",
            department="安全保卫部门",
            in_use_on=in_use_on,
            retention_days=plan.retention_days,
            storage_kind=StorageKind.NVR,
            software=plan.software,
            networked=self.build.wired,
            records_audio=True,
            secret=self.build.secret,
            parties={
                PartyRole.INVESTOR: plan.name,
                PartyRole.BUILDER: "河南安视智能科技有限公司",
                PartyRole.USER: plan.name,
                PartyRole.MANAGER: plan.name,
            },
        )
        entered = create_system(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            unit_id=self.stage.units[self.build.unit],
            particulars=particulars,
            now=now,
        )
        self.stage.systems[self.build.key] = entered.id

    def hang(self, now: datetime) -> None:
        """Enter its cameras."""
        self.stage.hang_cameras(self.build.key, self.build.unit, self.build.cameras, wired=self.build.wired, now=now)

    def use(self, action: UseAction, now: datetime) -> None:
        """Move it through its use."""
        change_use(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            system_id=self.stage.systems[self.build.key],
            action=action,
            on=city_day(now),
            now=now,
        )

    def open(self, now: datetime, kind: FilingKind = FilingKind.NEW, papers: Sequence[str] = PAPERS) -> None:
        """Begin a filing and upload its papers."""
        filing = open_filing(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            system_id=self.stage.systems[self.build.key],
            kind=kind,
            calendar=self.stage.calendar,
            now=now,
        )
        self.filings.append(filing.id)
        self.attach(papers, now + timedelta(minutes=15))

    def attach(self, papers: Sequence[str], now: datetime) -> None:
        """Upload papers of the system."""
        self.stage.attach(self.build.key, self.filer, papers, now=now)

    def hand_in(self, now: datetime) -> None:
        """Submit the newest filing."""
        actor = self.stage.who(self.filer, now)
        filing = self.filing
        submit_filing(
            self.stage.session,
            actor=actor,
            filing_id=filing.id,
            seen_version=filing.version,
            declared_by=actor.name,
            calendar=self.stage.calendar,
            now=now,
        )

    def accept(self, now: datetime, national: str = "") -> None:
        """The registrar accepts it."""
        filing = self.filing
        accept_filing(
            self.stage.session,
            actor=self.stage.who(self.registrar, now),
            filing_id=filing.id,
            seen_version=filing.version,
            national_number=national,
            now=now,
        )

    def send_back(self, now: datetime, reason: str) -> None:
        """The registrar returns it."""
        filing = self.filing
        return_filing(
            self.stage.session,
            actor=self.stage.who(self.registrar, now),
            filing_id=filing.id,
            seen_version=filing.version,
            reason=reason,
            field_comments={"system": "安装位置请填写到门牌号", "documents": "身份证明无法辨认"},
            now=now,
        )

    def take_back(self, now: datetime, reason: str) -> None:
        """The unit withdraws it."""
        withdraw_filing(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            filing_id=self.filing.id,
            reason=reason,
            now=now,
        )

    @property
    def filing(self) -> Filing:
        """The newest filing, with every change written: its version is what the next act must have seen."""
        self.stage.session.flush()
        return self.stage.session.get_one(Filing, self.filings[-1])
