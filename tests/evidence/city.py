"""Who plays in the evidence tests: a branch bureau, a college under the Mianyang rules, an administrative centre."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity, OrganKind, Role
from portal.core.clock import city_day, utcnow
from portal.evidence.models import FootageRequest
from portal.evidence.operations import (
    FileDraft,
    assign_custodian,
    attach_paper,
    decide_request,
    draft_requests,
    register_file,
    seal_set,
    submit_request,
    unlock_footage,
)
from portal.evidence.values import (
    ActKind,
    CaseContent,
    IdKind,
    InstrumentKind,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.facts import AskFacts
from portal.registry.models import Camera
from portal.vault.models import StoredFile
from portal.workflow.queries import get_run
from portal.workflow.states import Verdict
from tests.support.world import NOW, PASSWORD, World

HOUR = timedelta(hours=1)
SHA = "a" * 64


class EvidenceCity(World):
    """The cast; every method that acts goes through the real operations."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bureau = self.organ("文峰分局", OrganKind.POLICE_BRANCH, "410502")
        self.far_bureau = self.organ("林州分局", OrganKind.POLICE_BRANCH, "410581")
        self.college = self.unit("安阳职业技术学院", house_profiles=["mianyang-college"])
        self.school = self.unit("文峰区实验小学", unit_type="school")
        self.centre = self.unit("市行政中心", unit_type="government", house_profiles=["shaoxing-centre"])
        self.gate = self.camera(self.system(self.college, self.bureau), "东门", gb_code="41050200001310000001")
        self.yard = self.camera(self.system(self.school, self.bureau), "操场")
        self.centre_system = self.system(self.centre, self.bureau)
        self.officer = self.person("officer", Role.INVESTIGATOR, name="王磊", organ=self.bureau, police_number="051234")
        self.partner = self.person("partner", Role.INVESTIGATOR, name="赵敏", organ=self.bureau, police_number="051235")
        self.head = self.person("head", Role.CASE_HEAD, organ=self.bureau, post="case_department_head")
        self.far_officer = self.person("far", Role.INVESTIGATOR, organ=self.far_bureau, police_number="058888")
        self.filer = self.person("filer", Role.UNIT_FILER, unit=self.college)
        self.security = self.person("security", Role.UNIT_SECURITY_HEAD, unit=self.college, post="security_director")
        self.leader = self.person("leader", Role.UNIT_APPROVER, unit=self.college, post="school_leader_safety")
        self.department = self.person("department", Role.UNIT_APPROVER, unit=self.college, post="department_head")
        self.order = self.person("order", Role.UNIT_APPROVER, unit=self.college, post="public_order_leader")
        self.custodian = self.person("custodian", Role.UNIT_CUSTODIAN, name="陈工", unit=self.college)
        self.second = self.person("second", Role.UNIT_CUSTODIAN, name="李工", unit=self.college)
        self.school_head = self.person("schoolhead", Role.UNIT_SECURITY_HEAD, unit=self.school)
        self.auditor = self.person(
            "auditor", Role.AUDITOR, organ=self.organ("市局督察", OrganKind.POLICE_CITY, citywide=True)
        )

    @property
    def fresh(self) -> tuple[datetime, datetime]:
        """An hour two days before the real day: pages go by the real clock."""
        until = utcnow().replace(microsecond=0) - timedelta(days=2)
        return until - HOUR, until

    def stored_file(self) -> UUID:
        """A paper that is already in the vault."""
        columns: dict[str, Any] = {
            "kind": "letter",
            "type": "pdf",
            "declared_name": "paper.pdf",
            "sha256": secrets.token_hex(32),
            "sm3": secrets.token_hex(32),
            "size": 1000,
            "secrecy": "internal",
            "created_by_name": "tests",
            "created_at": NOW,
        }
        paper = StoredFile(**{name: columns[name] for name in StoredFile.__table__.columns.keys() & columns.keys()})
        self.session.add(paper)
        self.session.flush()
        return paper.id

    def asked(self, *cameras: Camera, **changes: Any) -> RequestParticulars:
        """A faultless criminal retrieval: a copy of one hour, two days ago."""
        whole = RequestParticulars(
            requester_kind=RequesterKind.POLICE_CRIMINAL,
            requester_name="文峰分局刑警大队",
            instrument_kind=InstrumentKind.RETRIEVAL_NOTICE,
            instrument_number="安文公(刑)调证字〔2026〕118号",
            purpose=Purpose.CRIMINAL_CASE,
            act=ActKind.COPY,
            span_from=NOW - timedelta(days=2) - HOUR,
            span_to=NOW - timedelta(days=2),
            camera_ids=tuple(camera.id for camera in cameras or (self.gate,)),
            officers=(
                OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"),
                OfficerDraft("赵敏", IdKind.POLICE_NUMBER, "051235"),
            ),
            content=CaseContent("A4105020001202611001", "“11·18”盗窃案", "东门附近盗窃", "核查嫌疑人行踪", "固定证据"),
            undertaking=True,
            facts=AskFacts(issued_on=city_day(NOW), approver="刑侦大队大队长 郑国强"),
        )
        return replace(whole, **changes)

    def draft(self, who: Identity | None = None, *, now: datetime = NOW, **changes: Any) -> FootageRequest:
        """One draft by the officer."""
        (request,) = draft_requests(self.session, actor=who or self.officer, asked=self.asked(**changes), now=now)
        return request

    def submitted(
        self, *papers: Paper, who: Identity | None = None, now: datetime = NOW, **changes: Any
    ) -> FootageRequest:
        """A draft with its papers, submitted."""
        who = who or self.officer
        request = self.draft(who, now=now, **changes)
        for paper in papers or (Paper.RETRIEVAL_NOTICE,):
            attach_paper(
                self.session,
                actor=who,
                request_id=request.id,
                kind=paper,
                title=f"{paper}.pdf",
                stored_file_id=self.stored_file(),
                now=now,
            )
        return submit_request(self.session, actor=who, request_id=request.id, now=now)

    def decide(
        self, request: FootageRequest, who: Identity, verdict: Verdict = Verdict.APPROVE, comment: str = "同意"
    ) -> FootageRequest:
        """A verdict at whatever step waits."""
        run = get_run(self.session, request.run_id)  # type: ignore[arg-type]
        return decide_request(
            self.session,
            actor=who,
            request_id=request.id,
            step_key=run.awaits_step or "none",
            verdict=verdict,
            comment=comment,
            now=NOW + HOUR,
        )

    def approved(self, **changes: Any) -> FootageRequest:
        """A notice approved by the case head and acknowledged by the unit."""
        request = self.submitted(**changes)
        self.decide(request, self.head)
        return self.decide(request, self.security, Verdict.ACKNOWLEDGE)

    def assigned(self, **changes: Any) -> FootageRequest:
        """The same, assigned to the custodian."""
        request = self.approved(**changes)
        return assign_custodian(
            self.session,
            actor=self.security,
            request_id=request.id,
            custodian_id=self.custodian.person_id,  # type: ignore[arg-type]
            now=NOW + 2 * HOUR,
        )

    def unlock(self, request: FootageRequest, login: str = "second", password: str = PASSWORD, **changes: Any) -> None:
        """Opened by the custodian with a second key."""
        given = {
            "actor": self.custodian,
            "request_id": request.id,
            "second_login": login,
            "second_password": password,
            "second_totp": "",
            "workstation": "监控中心 2 号机",
            "no_phone_notice": True,
            "now": NOW + 3 * HOUR,
        }
        unlock_footage(self.session, **{**given, **changes})

    def file(self, **changes: Any) -> FileDraft:
        """One exported clip of the gate camera."""
        whole = FileDraft(
            camera_id=self.gate.id,
            name="东门_20261118.dav",
            size=73_400_320,
            sha256=SHA,
            format="dav",
            span_from=NOW - timedelta(days=2) - HOUR,
            span_to=NOW - timedelta(days=2),
            clock_offset_seconds=-37,
        )
        return replace(whole, **changes)

    def sealed(self, **changes: Any) -> FootageRequest:
        """Executed: one file registered and the set sealed."""
        request = self.assigned(**changes)
        self.unlock(request)
        register_file(self.session, actor=self.custodian, request_id=request.id, file=self.file(), now=NOW + 3 * HOUR)
        seal_set(self.session, actor=self.custodian, request_id=request.id, now=NOW + 4 * HOUR)
        return request


__all__ = ["HOUR", "SHA", "EvidenceCity"]
