"""The acts of building and filing one system, so that a story reads as its own list of steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from portal.accounts.values import Role, system_identity
from portal.core.clock import city_day
from portal.core.geometry import Datum
from portal.demo.stage import Stage
from portal.registry.models import Camera, Filing
from portal.registry.operations import (
    accept_filing,
    add_component,
    change_use,
    confirm_filing,
    create_system,
    decide_finding,
    edit_camera,
    move_system,
    open_filing,
    particulars_of,
    raise_finding,
    record_acceptance_step,
    remove_filing,
    return_filing,
    submit_filing,
    withdraw_filing,
)
from portal.registry.operations.standing import stand
from portal.registry.states import CameraStatus, FilingAction, UseAction
from portal.registry.values import (
    FILING_LAPSED,
    ComponentPart,
    ComponentParticulars,
    FilingKind,
    FindingBasis,
    Handler,
    PartyRole,
    StorageKind,
    SystemKind,
    SystemParticulars,
)
from portal.registry.values.archive import FundingSource
from portal.regulation.schema.vocabulary import Regime

EQUIPMENT = (
    (ComponentPart.CAPTURE, "网络摄像机", "海康威视", "DS-2CD3T46", "", 32),
    (ComponentPart.TRANSMISSION, "接入交换机", "华为", "S5735-L24P4", "", 3),
    (ComponentPart.CONTROL, "视频管理服务器", "联想", "SR588", "", 1),
    (ComponentPart.DISPLAY, "监视器", "海信", "DM66S9", "", 4),
    (ComponentPart.STORAGE, "网络录像机", "海康威视", "DS-8632N", "", 2),
    (ComponentPart.SOFTWARE, "安视云视频管理平台", "安视智能", "", "V4.1.2", 1),
)
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
    regime: str = ""  # the unit's own, unless this one stands elsewhere


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
        """Who decides on the system's filings: a registrar of the organ the newest one went to."""
        plan = self.stage.plans[self.build.unit]
        organs = {organ.id: key for key, organ in self.stage.residents.organs.items()}
        addressed = organs.get(self.filing.organ_id) if self.filings else None
        there = [one for one in self.stage.cast.people if one.role is Role.REGISTRAR and one.organ == addressed]
        return there[0].login if there else self.stage.cast.officer(Role.REGISTRAR, plan.place.district).login

    def enter(self, now: datetime, *, in_use_on: date | None = None) -> None:
        """Enter the system."""
        plan = self.stage.plans[self.build.unit]
        particulars = SystemParticulars(
            name=f"{plan.name}{self.build.name}",
            kind=SystemKind.UNIT_INTERNAL,
            regime=Regime(self.build.regime or plan.kind.regime),
            district=plan.place.district,
            address=plan.place.address,
            purpose="维护公共安全，预防和处置案（事）件",
            department="安全保卫部门",
            in_use_on=in_use_on,
            retention_days=plan.retention_days,
            storage_kind=StorageKind.NVR,
            software=plan.software,
            networked=self.build.wired,
            site_id=self.stage.sites.get(self.build.key),
            funding=FundingSource.FISCAL if plan.kind.regime == "a7_1" else FundingSource.OWN,
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

    def use(self, action: UseAction, now: datetime, *, reason: str = "") -> None:
        """Move it through its use."""
        change_use(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            system_id=self.stage.systems[self.build.key],
            action=action,
            on=city_day(now),
            reason=reason,
            now=now,
        )

    def open(
        self,
        now: datetime,
        kind: FilingKind | None = None,
        papers: Sequence[str] = PAPERS,
        handler: Handler = Handler.AGENT,
    ) -> None:
        """Begin a filing and upload its papers."""
        filing = open_filing(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            system_id=self.stage.systems[self.build.key],
            kind=kind,
            handled_by=handler,
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

    def pass_acceptance(self, now: datetime) -> None:
        """Enter use, as the conclusion of an acceptance lets it."""
        system = self.stage.systems[self.build.key]
        record_acceptance_step(
            self.stage.session,
            actor=self.stage.who(self.registrar, now),
            system_id=system,
            passed=True,
            on=city_day(now),
            now=now,
        )

    def confirm(self, now: datetime) -> None:
        """The unit's yearly word."""
        filing = self.filing
        confirm_filing(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            filing_id=filing.id,
            seen_version=filing.version,
            calendar=self.stage.calendar,
            now=now,
        )

    def lapse(self, now: datetime) -> None:
        """Nobody confirmed it in time: what the nightly job marks a year and more later."""
        filing = self.filing
        portal = system_identity("registry")
        name = self.stage.system(self.build.key).name
        stand(self.stage.session, portal, filing, FilingAction.LAPSE, FILING_LAPSED, name=name, reason="", now=now)

    def move(self, now: datetime, *, address: str, lon: float, lat: float, reason: str = "营业场所搬迁") -> None:
        """Move the system; the filing for the new place is begun with it."""
        system = self.stage.system(self.build.key)
        self.stage.session.flush()
        begun = move_system(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            system_id=system.id,
            seen_version=system.version,
            address=address,
            lon=lon,
            lat=lat,
            reason=reason,
            calendar=self.stage.calendar,
            now=now,
        )
        self.filings.append(begun.id)

    def keep_longer(self, now: datetime, *, by: int) -> None:
        """Say of its first camera that footage is kept longer than was filed."""
        hung = select(Camera).where(Camera.system_id == self.stage.systems[self.build.key]).order_by(Camera.name)
        camera = self.stage.session.scalars(hung.limit(1)).one()
        kept = particulars_of(camera)
        edit_camera(
            self.stage.session,
            actor=self.stage.who(self.filer, now),
            camera_id=camera.id,
            seen_version=camera.version,
            particulars=replace(kept, retention_days=(kept.retention_days or 0) + by),
            reason="更换大容量录像机",
            now=now,
        )

    def hang_again(self, now: datetime, *, lon: float, lat: float) -> None:
        """Put its cameras up at the new place, in a row along the front."""
        filer, session = self.stage.who(self.filer, now), self.stage.session
        hung = select(Camera).where(Camera.system_id == self.stage.systems[self.build.key]).order_by(Camera.name)
        for place, camera in enumerate(session.scalars(hung).all()):
            east = Decimal(str(round(lon + place / 10_000, 6)))
            kept = particulars_of(camera)
            edit_camera(
                session,
                actor=filer,
                camera_id=camera.id,
                seen_version=camera.version,
                particulars=replace(
                    kept, status=CameraStatus.IN_USE, lon=east, lat=Decimal(str(lat)), datum=Datum.WGS84
                ),
                reason="在新址重新安装",
                now=now,
            )

    def remove(self, now: datetime, reason: str = "系统已停止对外拍摄，不再登记。") -> None:
        """Have a voluntary registration taken out again."""
        filer = self.stage.who(self.filer, now)
        remove_filing(self.stage.session, actor=filer, filing_id=self.filing.id, reason=reason, now=now)

    def find(self, now: datetime, *, item: str, declared: str, found: str, upheld: bool | None = None) -> None:
        """The registrar notes a contradiction and, where `upheld` says how, decides on it the same day."""
        actor = self.stage.who(self.registrar, now)
        finding = raise_finding(
            self.stage.session,
            actor=actor,
            filing_id=self.filing.id,
            basis=FindingBasis.VISIT,
            item=item,
            declared=declared,
            found=found,
            now=now,
        )
        if upheld is not None:
            decide_finding(
                self.stage.session,
                actor=actor,
                finding_id=finding.id,
                seen_version=finding.version,
                upheld=upheld,
                reason="经现场复核属实，责令限期改正。" if upheld else "系设备检修期间的临时情况，不予认定。",
                correct_within=15 if upheld else None,
                now=now,
            )

    def equip(self, now: datetime) -> None:
        """Enter the equipment and software the system consists of."""
        for part, name, maker, model, version, count in EQUIPMENT:
            add_component(
                self.stage.session,
                actor=self.stage.who(self.filer, now),
                system_id=self.stage.systems[self.build.key],
                particulars=ComponentParticulars(
                    part=part, name=name, maker=maker, model=model, version=version, count=count
                ),
                now=now,
            )

    @property
    def filing(self) -> Filing:
        """The newest filing, with every change written: its version is what the next act must have seen."""
        self.stage.session.flush()
        return self.stage.session.get_one(Filing, self.filings[-1])
