"""The acts of one footage request, so that a story reads as its own list of steps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.demo.documents import letter
from portal.demo.stage import Stage
from portal.evidence import operations
from portal.evidence.models import FootageRequest, Handover
from portal.evidence.operations import FileDraft
from portal.evidence.operations.calls import verify_call
from portal.evidence.queries.copies import copies_of
from portal.evidence.states import CopyAction
from portal.evidence.values import (
    ORGANS,
    ActKind,
    CaseContent,
    IdKind,
    InstrumentKind,
    MediumKind,
    OfficerDraft,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.copies import CopyDraft, CopyRole, Ending
from portal.evidence.values.facts import AskFacts, Interest, Proof
from portal.registry.models import Camera
from portal.vault.values import FileKind
from portal.workflow.models import ApprovalRun
from portal.workflow.states import Verdict

# As they stand in the units' registers; what is opened elsewhere is found to stand in none.
WORKSTATIONS = {"school": "SX-JK-0002", "bank": "ZH-JK-0001"}
_PROOFS = {
    Relation.SELF: Proof.POLICE_RECEIPT,
    Relation.CLOSE_RELATIVE: Proof.HOUSEHOLD_REGISTER,
    Relation.GUARDIAN: Proof.HOUSEHOLD_REGISTER,
}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What somebody asks for."""

    asker: str
    system: str
    kind: RequesterKind
    instrument: InstrumentKind
    purpose: Purpose
    act: ActKind = ActKind.COPY
    necessity: str = ""  # of an ask beyond the usual breadth
    number: str = ""
    case: str = ""
    name: str = ""
    reason: str = "调查案件事实，固定视频证据。"
    cameras: int = 2
    zone: str = ""
    span: tuple[int, int, int] = (26, 19, 23)  # days ago, from hour, to hour
    officers: tuple[str, ...] = ()  # logins of police; the asker comes first by itself
    visitor: tuple[str, str] | None = None  # name and identity number of somebody without an account
    papers: tuple[Paper, ...] = ()
    requester: str = ""
    relation: Relation | None = None
    secret: bool = False
    readers: tuple[str, ...] = ()  # logins, besides the officers
    urgent: bool = False


@dataclass
class Footage:
    """One request and what has been done with it so far."""

    stage: Stage
    ask: Ask
    ids: list[UUID] = field(default_factory=list)
    given: list[Handover] = field(default_factory=list)

    def draft(self, now: datetime) -> None:
        """Write it down, with its papers."""
        actor = self.stage.who(self.ask.asker, now)
        drafted = operations.draft_requests(self.stage.session, actor=actor, asked=self._particulars(now), now=now)
        self.ids = [request.id for request in drafted]
        for kind in self.ask.papers:
            title, content = letter(str(kind), now)
            stored = self.stage.store(
                content,
                actor=actor,
                filename=f"{title}.pdf",
                kind=FileKind.LETTER,
                unit_id=self.request.unit_id,
                district=self.request.district,
                now=now,
            )
            operations.attach_paper(
                self.stage.session,
                actor=actor,
                request_id=self.ids[0],
                kind=kind,
                title=title,
                stored_file_id=stored.id,
                now=now,
            )

    def submit(self, now: datetime) -> None:
        """Hand it in."""
        operations.submit_request(self.stage.session, actor=self._asker(now), request_id=self.ids[0], now=now)

    def decide(self, login: str, now: datetime, verdict: Verdict = Verdict.APPROVE, comment: str = "同意。") -> None:
        """Give a verdict at the step that waits."""
        run = self.stage.session.get(ApprovalRun, self.request.run_id)
        if run is None or run.awaits_step is None:
            raise LookupError(f"no step of {self.ask.number or self.ask.system} waits for {login}")
        operations.decide_request(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            step_key=run.awaits_step,
            verdict=verdict,
            comment=comment,
            now=now,
        )

    def take_up(self, login: str, now: datetime) -> None:
        """The unit confirms the hold and acknowledges its duty to supply."""
        self.keep(login, now)
        self.decide(login, now, Verdict.ACKNOWLEDGE, "收到，予以配合。")

    def keep(self, login: str, now: datetime) -> None:
        """The unit confirms the hold."""
        operations.acknowledge_hold(
            self.stage.session, actor=self.stage.who(login, now), request_id=self.ids[0], now=now
        )

    def assign(self, login: str, custodian: str, now: datetime) -> None:
        """Name who carries it out."""
        person = self.stage.residents.accounts[custodian].person_id
        operations.assign_custodian(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            custodian_id=person,
            now=now,
        )

    def unlock(self, custodian: str, second: str, now: datetime) -> None:
        """Open the recordings under two keys."""
        operations.unlock_footage(
            self.stage.session,
            actor=self.stage.who(custodian, now),
            request_id=self.ids[0],
            second_login=second,
            second_password=self.stage.cast.password,
            second_totp="",
            workstation=WORKSTATIONS.get(self.ask.system.partition("_")[0], "监控室 2 号操作台"),
            no_phone_notice=True,
            now=now,
        )

    def register(self, custodian: str, now: datetime, lacks: timedelta = timedelta()) -> None:
        """Enter one exported file for each camera; the last so much of the span is in none of them."""
        request = self.request
        for place, camera in enumerate(request.cameras, start=1):
            name = f"{camera.code or place}_{request.span_from:%Y%m%d%H%M}.mp4"
            operations.register_file(
                self.stage.session,
                actor=self.stage.who(custodian, now),
                request_id=request.id,
                file=FileDraft(
                    camera_id=camera.camera_id,
                    name=name,
                    size=412_316_860 + 7_919 * place,
                    sha256=hashlib.sha256(f"{request.number}{name}".encode()).hexdigest(),
                    format="mp4 / H.265",
                    span_from=request.span_from,
                    span_to=request.span_to - lacks,
                    clock_offset_seconds=3 * place - 4,
                ),
                now=now + timedelta(minutes=9 * place),
            )

    def seal(self, custodian: str, now: datetime) -> None:
        """Seal the set."""
        operations.seal_set(self.stage.session, actor=self.stage.who(custodian, now), request_id=self.ids[0], now=now)

    def seal_and_shelve(self, custodian: str, now: datetime) -> None:
        """Seal the set and keep its master in one go."""
        self.seal(custodian, now)
        self.shelve(custodian, now)

    def shelve(self, custodian: str, now: datetime) -> None:
        """Put the master into the medium register."""
        operations.make_copy(
            self.stage.session,
            actor=self.stage.who(custodian, now),
            request_id=self.ids[0],
            draft=CopyDraft(
                role=CopyRole.MASTER,
                medium=MediumKind.DISC,
                medium_serial=f"BD-{now:%y%m%d}-M",
                shelf="监控中心介质柜 2-3",
                keeper_name=self.stage.who(custodian, now).name,
            ),
            now=now,
        )

    def file_copy(self, login: str, now: datetime) -> None:
        """The receiver puts the newest copy into the case file."""
        self._end(login, CopyAction.FILE, Ending(on=city_day(now), note="刑事侦查卷第二卷 光盘袋 1"), now)

    def take_back(self, login: str, now: datetime) -> None:
        """The unit confirms that the newest copy came back."""
        self._end(login, CopyAction.RETURN, Ending(on=city_day(now), note="由办案民警送还，封条完好"), now)

    def _end(self, login: str, action: CopyAction, ending: Ending, now: datetime) -> None:
        copy = next(one for one in copies_of(self.stage.session, self.ids[0]) if one.handover_id == self.given[-1].id)
        operations.end_copy(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            copy_id=copy.id,
            action=action,
            ending=ending,
            now=now,
        )

    def hand_over(self, custodian: str, witness: str, now: datetime, due_back: date | None = None) -> None:
        """Give the set to the first officer before a witness."""
        handover = operations.hand_over(
            self.stage.session,
            actor=self.stage.who(custodian, now),
            request_id=self.ids[0],
            receiver_place=min(officer.place for officer in self.request.officers),
            second_login=witness,
            second_password=self.stage.cast.password,
            second_totp="",
            medium=MediumKind.DISC,
            medium_serial=f"BD-{now:%y%m%d}-{len(self.ask.number):02d}",
            destination="办案部门物证保管室",
            due_back=due_back,
            now=now,
        )
        self.given.append(handover)

    def receive(self, login: str, now: datetime) -> None:
        """The receiver states the digest."""
        operations.acknowledge_receipt(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            handover_id=self.given[-1].id,
            manifest_digest=self.given[-1].manifest_digest,
            now=now,
        )

    def conclude(self, custodian: str, now: datetime) -> None:
        """End a viewing."""
        operations.conclude_viewing(
            self.stage.session, actor=self.stage.who(custodian, now), request_id=self.ids[0], now=now
        )

    def archive(self, login: str, now: datetime) -> None:
        """Book where the two slips lie, and close."""
        operations.archive_request(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            place="安全保卫部门档案柜 3-2",
            second_place="监控中心台账柜 1-1",
            now=now,
        )

    def let_go(self, asker: str, second: str, now: datetime) -> None:
        """Lift the hold, by two people."""
        operations.ask_release(
            self.stage.session,
            actor=self.stage.who(asker, now),
            request_id=self.ids[0],
            reason="案件已移送审查起诉，相关图像已随案移交。",
            now=now,
        )
        if second:
            later = now + timedelta(minutes=40)
            operations.confirm_release(
                self.stage.session, actor=self.stage.who(second, later), request_id=self.ids[0], now=later
            )

    def cannot(self, login: str, outcome: Outcome, reason: str, now: datetime) -> None:
        """The unit supplies nothing."""
        operations.refuse_supply(
            self.stage.session,
            actor=self.stage.who(login, now),
            request_id=self.ids[0],
            outcome=outcome,
            reason=reason,
            now=now,
        )

    def verify(self, login: str, now: datetime) -> None:
        """The unit calls the caller's organ back."""
        how, actor = "回拨分局公开电话，由指挥室核实来电人身份。", self.stage.who(login, now)
        verify_call(self.stage.session, actor=actor, request_id=self.ids[0], how=how, now=now)

    def withdraw(self, now: datetime) -> None:
        """Take it back."""
        operations.withdraw_request(
            self.stage.session,
            actor=self._asker(now),
            request_id=self.ids[0],
            reason="经核实，所需图像由其他点位覆盖。",
            now=now,
        )

    @property
    def request(self) -> FootageRequest:
        """The request as it stands, with its cameras and officers."""
        related = [selectinload(FootageRequest.cameras), selectinload(FootageRequest.officers)]
        return self.stage.session.get_one(FootageRequest, self.ids[0], options=related, populate_existing=True)

    def _asker(self, now: datetime) -> Identity:
        return self.stage.who(self.ask.asker, now)

    def _particulars(self, now: datetime) -> RequestParticulars:
        ask = self.ask
        days, first, last = ask.span
        return RequestParticulars(
            requester_kind=ask.kind,
            requester_name=ask.requester or self.stage.who(ask.asker, now).organ_name,
            instrument_kind=ask.instrument,
            instrument_number=ask.number,
            purpose=ask.purpose,
            act=ask.act,
            span_from=self.stage.ago(days, first),
            span_to=self.stage.ago(days, last),
            camera_ids=tuple(self._cameras()),
            officers=tuple(self._officers()),
            content=CaseContent(
                case_number=ask.case,
                case_name=ask.name,
                summary=ask.name,
                reason=ask.reason,
                copy_reason="需作为证据使用，现场查看不能满足办案需要。" if ask.act is ActKind.COPY else "",
                necessity=ask.necessity,
            ),
            secret=ask.secret,
            readers=tuple(self._readers()),
            relation=ask.relation,
            urgent_by_phone=ask.urgent,
            undertaking=True,
            facts=self._facts(days),
        )

    def _facts(self, days: int) -> AskFacts:
        """What the paper says."""
        if self.ask.relation is not None:
            return AskFacts(proof=_PROOFS[self.ask.relation], interest=Interest.PROPERTY)
        if self.ask.kind not in ORGANS and self.ask.instrument is not InstrumentKind.INTRODUCTION_LETTER:
            return AskFacts()
        call = ("治安大队值班民警", "0372-5900110", "已口头告知保全录像。") if self.ask.urgent else ("", "", "")
        return AskFacts(city_day(self.stage.ago(days, 9)), "办案部门负责人", "", *call)

    def _cameras(self) -> Sequence[UUID]:
        """The first cameras of the system whose footage is kept for the system's own time."""
        statement = select(Camera.id).where(
            Camera.system_id == self.stage.systems[self.ask.system],
            Camera.retention_days == self.stage.plans[self.ask.system.partition("_")[0]].retention_days,
            Camera.status == "in_use",
        )
        if self.ask.zone:
            statement = statement.where(Camera.zone == self.ask.zone)
        return self.stage.session.scalars(statement.order_by(Camera.name).limit(self.ask.cameras)).all()

    def _officers(self) -> Sequence[OfficerDraft]:
        if self.ask.visitor:
            name, number = self.ask.visitor
            return [OfficerDraft(name=name, id_kind=IdKind.IDENTITY_CARD, number=number)]
        people = [self.stage.cast.person(login) for login in (self.ask.asker, *self.ask.officers)]
        return [
            OfficerDraft(name=p.name, id_kind=IdKind.POLICE_NUMBER, number=p.police)
            if p.police
            else OfficerDraft(name=p.name, id_kind=IdKind.WORK_ID, number=f"GZ{len(p.login):02d}{ord(p.login[0]):04d}")
            for p in people
        ]

    def _readers(self) -> Sequence[UUID]:
        if not self.ask.secret:
            return []
        return [self.stage.residents.accounts[login].person_id for login in (*self.ask.officers, *self.ask.readers)]
