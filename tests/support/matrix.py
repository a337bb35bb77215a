"""One object of each kind in its states, and everybody who could ask for it from near and far.

Everything belongs to one college in one district. Ownership comes from who asks: the college's own staff, another
unit of the district, the district's police, another district's, the whole city's, and those without any part in it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Account, ApiToken, LoginSession, Notice, Organ
from portal.accounts.operations import propose_account
from portal.accounts.values import UNIT_ROLES, Identity, MembershipFact, OrganKind, Role, Scope
from portal.audit.operations import record
from portal.audit.operations.running import request_verification
from portal.audit.values import SubjectRef
from portal.core.clock import city_day, real_now
from portal.core.crypto import row_context
from portal.core.egress import Sent
from portal.core.geometry import Datum, point, to_element
from portal.core.ids import new_id
from portal.core.services import services
from portal.evidence.models import (
    FootageCopy,
    FootageItem,
    FootagePackage,
    FootageUpload,
    Handover,
    LeakCase,
    LeakMeasure,
    MissingFootage,
    OversightQuestion,
    RecordingSetting,
    RequestDocument,
    UploadWindow,
)
from portal.evidence.operations import hand_over, report_leak, state_purpose_met
from portal.evidence.queries.copies import copies_of
from portal.evidence.values import CaseContent, MediumKind
from portal.inspection import operations as inspecting
from portal.inspection.models import (
    Acceptance,
    ConclusionOverride,
    Finding,
    FindingCure,
    FindingProof,
    SelfAssessment,
    Visit,
)
from portal.inspection.rules import FrozenList
from portal.inspection.states import AcceptanceKind, ReadinessCause
from portal.reachability.models import ProbeRun
from portal.readiness.operations import run_checks
from portal.registry import operations as registry
from portal.registry.models import (
    Camera,
    CameraAccess,
    CameraImport,
    Document,
    Filing,
    ImportFault,
    ImportRow,
    ListChoice,
    ListRun,
    PlaceReview,
    SavedView,
    System,
    SystemParty,
    Unit,
)
from portal.registry.queries import lock_system
from portal.registry.rules import rules_for
from portal.registry.states import ImportStatus
from portal.registry.values import ComponentPart, ComponentParticulars, FilingKind, FindingBasis, PartyRole
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.vocabulary import Regime
from portal.vault.models import StoredFile
from portal.webhooks import operations as webhooks
from portal.webhooks.models import Webhook, WebhookDelivery
from portal.webhooks.values import Topic
from portal.workflow.states import Verdict as Decision
from tests.evidence.city import HOUR, EvidenceCity
from tests.support import acting, booked, connected, mandated, measured, on_site
from tests.support.campaigns import a_campaign, campaign_lines
from tests.support.neighbours import settle
from tests.support.premises import a_mask, a_review, a_sign, a_site, a_tip, a_zone, covers, follows
from tests.support.telephone import Telephone
from tests.support.visits import full_marks, photograph
from tests.support.world import BUILT, NOW, PASSWORD

CALENDAR = WorkCalendar()
HERE, THERE = "410502", "410581"
POLICE = (Role.REGISTRAR, Role.INSPECTOR, Role.INVESTIGATOR, Role.CASE_HEAD, Role.BUREAU_LEADER)
CITY_ROLES = (Role.AUDITOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody who asks. `where` says how they stand to the college."""

    key: str
    where: str
    identity: Identity | None = None
    token: str = ""

    @property
    def must_change(self) -> bool:
        """Nothing opens before the first password is changed."""
        return self.where == "must-change"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """An object that addresses name: where it stands, its state, and the arguments that lead to it."""

    kind: str
    state: str
    arguments: dict[str, Any]
    scope: Scope
    readers: frozenset[UUID] | None = None  # where reading hangs on persons, not on reach alone


@dataclass
class Matrix:
    """The world: who asks, for what."""

    city: EvidenceCity
    personas: list[Persona] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    def of(self, kind: str) -> list[Thing]:
        """The objects of a kind, in all their states."""
        return [thing for thing in self.things if thing.kind == kind]

    def persona(self, key: str) -> Persona:
        """Somebody by name."""
        return next(persona for persona in self.personas if persona.key == key)


class StoredCity(EvidenceCity):
    """Papers whose bytes the vault really holds, so that opening one opens something."""

    kept: UUID | None = None

    def stored_file(self) -> UUID:
        """The one paper behind them all."""
        self.kept = self.kept or _stored(self)
        return self.kept


def build(session: Session) -> Matrix:
    """The whole world through the real operations; the caller commits."""
    city = StoredCity(session)
    matrix = Matrix(city=city)
    city_bureau = city.organ("安阳市公安局", OrganKind.POLICE_CITY, HERE, THERE, citywide=True)
    matrix.things += _registry(city)
    matrix.things += _inspection(city)
    schools = {
        "here": city.organ("文峰区教育局", OrganKind.EDUCATION, HERE),
        "there": city.organ("林州市教育局", OrganKind.EDUCATION, THERE),
    }
    matrix.things.append(_campaign(city, schools["here"]))
    matrix.things += _evidence(city)
    matrix.things += _administration(city, city_bureau)
    matrix.things += mandated.things(city)
    matrix.things += measured.things(city)
    matrix.things += connected.things(city)
    matrix.things += acting.things(city)
    matrix.things += on_site.things(city)
    matrix.things += booked.things(city)
    matrix.things.append(_question(city))
    far = settle(city)
    matrix.personas += _personas(city, city_bureau, schools, far)
    matrix.things += _notices(matrix)
    matrix.things += _tokens(matrix)
    matrix.things += _webhooks(matrix)
    now = real_now()
    session.execute(update(Account).values(password_set_at=now))
    changer = matrix.persona("must-change").identity
    assert changer is not None
    session.execute(update(Account).where(Account.id == changer.account_id).values(must_change=True))
    session.flush()
    return matrix


def _personas(city: EvidenceCity, city_bureau: Organ, schools: dict[str, Organ], far: Unit) -> Iterator[Persona]:
    places = (("here", city.bureau), ("there", city.far_bureau), ("city", city_bureau))
    for role in sorted(UNIT_ROLES):
        yield _person(city, role, "own", unit=city.college)
        yield _person(city, role, "other-unit", unit=city.school)
    yield _person(city, Role.UNIT_SECURITY_HEAD, "far-unit", unit=far)
    for where, organ in places:
        for role in POLICE:
            yield _person(city, role, where, organ=organ)
    for where, organ in schools.items():
        yield _person(city, Role.SECTOR_SUPERVISOR, where, organ=organ)
    for role in CITY_ROLES:
        yield _person(city, role, "city", organ=city_bureau)
    yield _person(city, Role.REGISTRAR, "must-change", organ=city.bureau, key="must-change")
    # The very people of the stories: rights that hang on the person, not on the role alone.
    for login in ("officer", "head", "security", "custodian", "second", "inspector1"):
        yield _known(city, login)
    yield Persona(key="signed-out", where="signed-out")


def _person(city: EvidenceCity, role: Role, where: str, *, key: str = "", **home: Any) -> Persona:
    identity = city.person(key or f"{role}.{where}".replace("_", ""), role, **home)
    return Persona(key=key or f"{role}@{where}", where=where, identity=identity, token=enter(city.session, identity))


def _known(city: EvidenceCity, login: str) -> Persona:
    identity = city.who(login)
    return Persona(key=login, where="story", identity=identity, token=enter(city.session, identity))


def enter(session: Session, identity: Identity) -> str:
    """A sign-in without the second that its password hash would cost."""
    from hashlib import sha256

    token, now = secrets.token_urlsafe(32), real_now()
    session.add(
        LoginSession(
            account_id=identity.account_id,
            token_sha256=sha256(token.encode()).digest(),
            created_at=now,
            # Past every request of the run: none notes once more that the sign-in is in use.
            seen_at=now + timedelta(hours=1),
            expires_at=now + timedelta(hours=8),
            address="127.0.0.1",
            agent="matrix",
        )
    )
    session.flush()
    return token


def _at(
    unit: Unit,
    *,
    organ: UUID | None = None,
    districts: bool = True,
    people: frozenset[UUID] = frozenset(),
    unit_only: bool = False,
) -> Scope:
    return Scope(
        unit_ids=frozenset({unit.id}),
        districts=frozenset({unit.district} if districts else ()),
        organ_ids=frozenset({organ} if organ else ()),
        person_ids=people,
        unit_only=unit_only,
        kind=lambda: unit.unit_type,
    )


def _a_system(city: EvidenceCity, name: str = "", **columns: Any) -> System:
    use_status = columns.pop("use_status", "in_use")
    system = city.system(city.college, city.bureau, **columns)
    system.name, system.use_status = name or system.name, use_status
    return system


def _stored(city: EvidenceCity) -> UUID:
    """A file whose bytes the vault really holds, so that opening it opens something."""
    from portal.demo.documents import paper
    from portal.vault.operations import keep_paper

    _, content = paper("authorisation_letter", "安阳职业技术学院", NOW)
    kept: StoredFile = keep_paper(
        city.session,
        actor=city.filer.actor,
        content=content,
        filename="授权书.pdf",
        unit_id=city.college.id,
        district=HERE,
        organ_id=None,
        now=NOW,
    )
    return kept.id


# ---- registry ----


def _kept_of_lists(city: EvidenceCity) -> Iterator[Thing]:
    """What the college's head of security keeps of lists: a view shared with the college, columns, an export under way."""
    person, account = city.security.person_id, city.security.account_id
    view = SavedView(list_key="units", name="全部", person_id=person, unit_id=city.college.id, query="", created_at=NOW)
    city.session.add_all([view, ListChoice(person_id=person, list_key="cameras", columns=["name"])])
    run = ListRun(
        kind="export", list_key="units", person_id=person, account_id=account, wanted={"format": "csv"}, created_at=NOW
    )
    city.session.add(run)
    city.session.flush()
    owner = frozenset({person} if person else ())
    yield Thing(kind="list-run", state="queued", arguments={"list_run_id": run.id}, scope=Scope(person_ids=owner))


def _registry(city: EvidenceCity) -> Iterator[Thing]:
    session, college = city.session, city.college
    scope = _at(college)
    sealing = services(session).envelope
    context = row_context("unit", "contact_phone_sealed", college.id)
    college.contact_phone_sealed = sealing.seal(b"13800000000", context=context)
    system = _a_system(city, "校园视频监控系统")
    archive = keep_archive(city, system)
    college_plan = {name: archive[name] for name in ("site_id", "item_id")}
    which = {"unit_id": college.id, "which": "contact_phone"}
    yield Thing(kind="unit", state="", arguments=which | college_plan, scope=scope)
    firm = {name: archive[name] for name in ("contractor_id", "qualification_id")}
    entered = Scope(person_ids=frozenset({city.filer.person_id} if city.filer.person_id else ()))
    yield Thing(kind="contractor", state="", arguments=firm, scope=entered)
    zone, sign = a_zone(city, system, photo=city.stored_file()), a_sign(city, system, city.stored_file())
    a_zone(city, system, "laboratory", number=9)
    follows(city, system)
    system_names = {"system_id": system.id, "action": "suspend", "zone_id": zone.id, "sign_id": sign.id, **archive}
    yield Thing(kind="system", state="", arguments=system_names, scope=scope)
    camera = city.camera(system, "图书馆", zone=None)
    session.add(
        CameraAccess(
            camera_id=camera.id, unit_id=college.id, district=HERE, host="127.70.3.1", rtsp_port=18554, updated_at=NOW
        )
    )
    covers(city, zone, camera)
    names = {"camera_id": camera.id, "mask_id": a_mask(city, camera, city.stored_file()).id}
    yield Thing(kind="camera", state="", arguments=names, scope=scope)
    secret = city.camera(system, "密室", secret=True)
    names = {"camera_id": secret.id, "mask_id": a_mask(city, secret, city.stored_file()).id}
    yield Thing(kind="camera", state="secret", arguments=names, scope=_at(college, unit_only=True))
    yield from _points(city, camera)
    document = Document(
        system_id=system.id,
        unit_id=college.id,
        district=HERE,
        slot="authorisation_letter",
        version_no=1,
        title="授权书",
        stored_file_id=city.stored_file(),
        uploaded_at=NOW,
    )
    session.add(document)
    session.flush()
    yield Thing(kind="document", state="", arguments={"document_id": document.id}, scope=scope)
    for secrecy, slot in (("open", "duty_rules"), ("sensitive", "formal_design"), ("secret", "coverage_plan")):
        other = _paper(city, system, secrecy, slot)
        closed = _at(college, unit_only=secrecy == "secret")
        yield Thing(kind="document", state=secrecy, arguments={"document_id": other.id}, scope=closed)
    yield from _imports(city, system)
    yield from _filings(city)
    yield from _kept_of_lists(city)
    run = ProbeRun(camera_id=camera.id, unit_id=college.id, district=HERE, asked_at=NOW, status="done", finished_at=NOW)
    session.add(run)
    session.flush()
    yield Thing(kind="probe-run", state="done", arguments={"run_id": run.id}, scope=scope)


def _paper(city: EvidenceCity, system: System, secrecy: str, slot: str) -> Document:
    """A paper of another kind, held as closely as told."""
    paper = Document(
        system_id=system.id,
        unit_id=system.unit_id,
        district=HERE,
        slot=slot,
        version_no=1,
        title="图纸",
        stored_file_id=city.stored_file(),
        secrecy=secrecy,
        uploaded_at=NOW,
    )
    city.session.add(paper)
    city.session.flush()
    return paper


def keep_archive(city: EvidenceCity, system: System, n: int = 1) -> dict[str, Any]:
    """One of everything an archive holds, and so many firms, parties, certificates and the like; ids of the last."""
    from tests.support.archive import fill

    return fill(city, system, city.stored_file(), n)


def _points(city: EvidenceCity, camera: Camera) -> Iterator[Thing]:
    """Reviews with and without a camera, a protected site and a tip-off, here and in another district."""
    review = a_review(city, camera, photo=city.stored_file())
    yield Thing(kind="review", state="open", arguments={"review_id": review.id}, scope=_at(city.college))
    tip = a_tip(city, city.bureau.id, HERE, photo=city.stored_file())
    place = Scope(districts=frozenset({HERE}))
    found = city.session.scalars(select(PlaceReview).where(PlaceReview.tip_off_id == tip.id)).one()
    yield Thing(kind="review", state="unlinked", arguments={"review_id": found.id}, scope=place)
    yield Thing(kind="tip-off", state="received", arguments={"tip_off_id": tip.id}, scope=place)
    site = a_site(city, city.bureau.id, HERE)
    kept = Scope(organ_ids=frozenset({city.bureau.id}))
    yield Thing(kind="protected", state="", arguments={"protected_id": site.id}, scope=kept)
    a_site(city, city.far_bureau.id, THERE)
    a_tip(city, city.far_bureau.id, THERE)


def _imports(city: EvidenceCity, system: System) -> Iterator[Thing]:
    for status in (ImportStatus.QUEUED, ImportStatus.FAILED):
        run = CameraImport(
            system_id=system.id,
            unit_id=system.unit_id,
            district=HERE,
            stored_file_id=city.stored_file(),
            datum=Datum.WGS84,
            status=status,
            created_at=NOW,
        )
        city.session.add(run)
        city.session.flush()
        where = {"import_id": run.id, "unit_id": run.unit_id, "district": run.district}
        city.session.add(ImportRow(number=2, outcome="parked", **where))
        city.session.add(ImportFault(row_number=2, field="name", code="sheet_empty", **where))
        city.session.flush()
        yield Thing(kind="import", state=status, arguments={"import_id": run.id}, scope=_at(city.college))


def _filings(city: EvidenceCity) -> Iterator[Thing]:
    registrar = city.person("registrar", Role.REGISTRAR, organ=city.bureau)
    for state in ("draft", "submitted", "returned", "accepted", "withdrawn"):
        filing = _filing(city, state, registrar)
        scope = _at(city.college, unit_only=state == "draft")
        yield Thing(kind="filing", state=state, arguments={"filing_id": filing.id, "revision": 1}, scope=scope)


def _filing(city: EvidenceCity, state: str, registrar: Identity) -> Filing:
    session, filer = city.session, city.filer
    system = _a_system(
        city, f"{state}系统", regime=Regime.PUBLIC_UNIT, storage_kind="nvr", purpose="治安防范", department="保卫处"
    )
    _hang(city, system)
    filing = registry.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    if state in ("submitted", "returned", "accepted"):
        _satisfy(city, system)
        registry.submit_filing(
            session,
            actor=filer,
            filing_id=filing.id,
            seen_version=filing.version,
            declared_by="李建国",
            calendar=CALENDAR,
            now=NOW,
        )
    decided = {"actor": registrar, "filing_id": filing.id, "seen_version": filing.version, "now": NOW}
    if state == "returned":
        registry.return_filing(session, **decided, reason="请补充点位图", field_comments={})
    if state == "accepted":
        registry.accept_filing(session, **decided, national_number="")
    if state == "accepted":
        _entailed(city, filing, registrar)
    if state == "withdrawn":
        registry.withdraw_filing(session, actor=filer, filing_id=filing.id, reason="", now=NOW)
    session.flush()
    return filing


def _entailed(city: EvidenceCity, filing: Filing, registrar: Identity) -> None:
    """What an accepted filing entails: a confirmation, a finding, a part of its system."""
    session, filer = city.session, city.filer
    session.flush()
    registry.confirm_filing(
        session, actor=filer, filing_id=filing.id, seen_version=filing.version, calendar=CALENDAR, now=NOW
    )
    registry.raise_finding(
        session,
        actor=registrar,
        filing_id=filing.id,
        basis=FindingBasis.VISIT,
        item="录像保存天数",
        declared="90 日",
        found="实际 21 日",
        now=NOW,
    )
    server = ComponentParticulars(part=ComponentPart.SOFTWARE, name="管理平台", version="V4.1")
    registry.add_component(session, actor=filer, system_id=filing.system_id, particulars=server, now=NOW)


def _hang(city: EvidenceCity, system: System) -> Camera:
    camera = city.camera(system, "南门", azimuth=10, zone="gate")
    camera.position = to_element(point(114.3924, 36.0976))
    return camera


def _satisfy(city: EvidenceCity, system: System) -> None:
    """Supply whatever the rules still ask for."""
    for role in PartyRole:
        party = SystemParty(system_id=system.id, role=role, unit_id=system.unit_id, district=HERE, name="学院")
        city.session.add(party)
    city.session.flush()
    city.session.expire(system)
    held = lock_system(city.session, system.id)
    rules = rules_for(held.unit, held, on=city_day(NOW))
    for slot in rules.documents("filing"):
        paper = Document(
            system_id=system.id,
            unit_id=system.unit_id,
            district=HERE,
            slot=slot.document,
            version_no=1,
            title="附件",
            stored_file_id=city.stored_file(),
            uploaded_at=NOW,
        )
        city.session.add(paper)
    city.session.flush()


# ---- campaigns ----


def _campaign(city: EvidenceCity, bureau: Organ) -> Thing:
    """A campaign of the schools and colleges here, with a line of the bureau's and one of the college's."""
    campaign = a_campaign(bureau.id, HERE, [city.college.unit_type])
    city.session.add(campaign)
    city.session.flush()
    lines = [line for unit in (None, city.college.id) for line in campaign_lines(campaign, unit)]
    city.session.add_all(lines)
    city.session.flush()
    fitting = select(Unit.id).where(Unit.district == HERE, Unit.unit_type == city.college.unit_type)
    return Thing(
        kind="campaign",
        state="open",
        arguments={"campaign_id": campaign.id, "member_id": lines[0].id},
        scope=Scope(
            unit_ids=frozenset(city.session.scalars(fitting)),
            districts=frozenset({HERE}),
            organ_ids=frozenset({bureau.id}),
        ),
    )


# ---- inspection ----


def _inspection(city: EvidenceCity) -> Iterator[Thing]:
    inspectors = [city.person(f"inspector{n}", Role.INSPECTOR, organ=city.bureau) for n in (1, 2)]
    leader = city.person("districtleader", Role.BUREAU_LEADER, organ=city.bureau)
    _inspectors_kept(city, inspectors, leader)
    phone = Telephone(inspectors[0], new_id()).enrol(city.session, now=NOW)
    where = Scope(person_ids=frozenset({phone.person_id}), organ_ids=frozenset({phone.organ_id}))
    yield Thing(kind="field-device", state="in-use", arguments={"device_id": phone.id}, scope=where)
    kept = city.session.scalars(select(System).where(System.unit_id == city.college.id).limit(1)).one()
    own = SelfAssessment(system_id=kept.id, unit_id=kept.unit_id, district=kept.district, checklist={}, begun_at=NOW)
    city.session.add(own)
    for number, state in enumerate(
        ("requested", "returned", "checked", "scheduled", "passed", "published", "withdrawn")
    ):
        found = _acceptance(city, state, inspectors, leader, number)
        run_checks(city.session, acceptance_id=found.id, cause=ReadinessCause.NIGHT, now=NOW)
        if state == "checked":
            reason = {"reason": "督办事项，先行验收"}
            inspecting.waive_readiness(city.session, actor=inspectors[0], acceptance_id=found.id, now=NOW, **reason)
        assigned = (
            frozenset(one.person_id for one in inspectors if one.person_id) if state == "scheduled" else frozenset()
        )
        yield Thing(
            kind="acceptance",
            state=state,
            arguments={"acceptance_id": found.id, "paper": "record"},
            scope=_at(city.college, people=assigned),
        )
        if state == "published":
            yield from _findings(city, found, leader)


def _findings(city: EvidenceCity, acceptance: Acceptance, leader: Identity) -> Iterator[Thing]:
    """What fell short at the visit of an acceptance: one to cure, one reported cured with its proof, one closed."""
    session = city.session
    visit = session.scalars(select(Visit).where(Visit.acceptance_id == acceptance.id)).one()
    owned = {"unit_id": acceptance.unit_id, "district": acceptance.district}
    session.add(
        ConclusionOverride(
            acceptance_id=acceptance.id,
            from_conclusion="pass",
            to_conclusion="fail",
            reason="盲区",
            asked_by=acceptance.concluded_by,
            asked_by_name="李四",
            asked_at=NOW,
            approved=False,
            note="理由不足",
            decided_by=leader.person_id,
            decided_by_name="王五",
            decided_at=NOW,
            **owned,
        )
    )
    for number, state in enumerate(("open", "cured", "closed"), 1):
        found = Finding(
            acceptance_id=acceptance.id,
            visit_id=visit.id,
            system_id=acceptance.system_id,
            organ_id=acceptance.organ_id,
            list_key="acceptance-three-rates",
            item=f"item-{number}",
            number=number,
            asked={"zh": "时钟准确", "en": "Clock right"},
            found="时钟偏差",
            severity="minor",
            status=state,
            stated_on=city_day(NOW),
            due_on=city_day(NOW),
            closed_on=city_day(NOW) if state == "closed" else None,
            **owned,
        )
        session.add(found)
        session.flush()
        cure = FindingCure(
            finding_id=found.id,
            words="已校时",
            cured_by_name="张三",
            cured_at=NOW,
            decided_at=None if state == "cured" else NOW,
            accepted=None if state == "cured" else state == "closed",
            **owned,
        )
        proof = FindingProof(stored_file_id=_stored(city), **owned)
        cure.proofs = [proof]
        session.add(cure)
        session.flush()
        yield Thing(
            kind="shortfall",
            state=state,
            arguments={"shortfall_id": found.id, "proof_id": proof.id},
            scope=_at(city.college, organ=acceptance.organ_id),
        )


def _inspectors_kept(city: EvidenceCity, inspectors: list[Identity], leader: Identity) -> None:
    """What their organ keeps of two inspectors."""
    session, organ = city.session, city.bureau.id
    groups = (("construction", "documents"), ("technical",))
    for one, stands in zip(inspectors, groups, strict=True):
        assert one.person_id is not None
        particulars = inspecting.Particulars(groups=set(stands), expert=True)
        inspecting.open_calendar(session, actor=one, now=NOW)
        named = {"actor": leader, "person_id": one.person_id, "organ_id": organ, "now": NOW}
        inspecting.keep_inspector(session, **named, particulars=particulars, seen_version=None)
        later = NOW + timedelta(days=60)
        inspecting.enter_absence(session, **named, begins=later, ends=later + 8 * HOUR, reason="培训")
        inspecting.enter_conflict(
            session, **named, unit_id=city.school.id, since=city_day(NOW), until=None, reason="亲属任职"
        )


def _acceptance(
    city: EvidenceCity, state: str, inspectors: list[Identity], leader: Identity, number: int
) -> Acceptance:
    session, first = city.session, inspectors[0]
    system = _a_system(city, f"{state}验收系统", regime=Regime.PUBLIC_UNIT, use_status="trial")
    found = inspecting.request_acceptance(
        session,
        actor=city.filer,
        system_id=system.id,
        kind=AcceptanceKind.NEW,
        statement="请予验收",
        calendar=CALENDAR,
        now=NOW,
    )
    if state == "withdrawn":
        inspecting.withdraw(session, actor=city.filer, acceptance_id=found.id, now=NOW)
    if state in ("requested", "withdrawn"):
        return found
    complete = state != "returned"
    inspecting.check_documents(
        session,
        actor=first,
        acceptance_id=found.id,
        complete=complete,
        note="缺图",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    if state in ("returned", "checked"):
        return found
    start = NOW + timedelta(days=1 + number)
    inspecting.schedule_visit(
        session,
        actor=first,
        acceptance_id=found.id,
        starts_at=start,
        ends_at=start + 2 * HOUR,
        inspectors=[one.person_id for one in inspectors if one.person_id],
        override="已与单位商定",
        now=NOW,
    )
    if state == "scheduled":
        return found
    frozen = FrozenList.from_json(found.checklist)
    inspecting.save_answers(session, actor=first, acceptance_id=found.id, answers=full_marks(frozen), now=NOW)
    photograph(session, first, found, now=NOW)
    inspecting.conclude(
        session,
        actor=first,
        acceptance_id=found.id,
        seen_version=found.version,
        opinion="合格",
        rectification="",
        now=start,
    )
    if state == "published":
        inspecting.publish_result(session, actor=leader, acceptance_id=found.id, now=start)
    return found


# ---- evidence ----


def _evidence(city: EvidenceCity) -> Iterator[Thing]:
    yield _asked(city, "draft", city.draft())
    yield _asked(city, "in-approval", city.submitted())
    returned = city.submitted()
    city.decide(returned, city.head, Decision.RETURN, "补充案由")
    yield _asked(city, "returned", returned)
    refused = city.submitted()
    city.decide(refused, city.head, Decision.REFUSE, "无关")
    yield _asked(city, "refused", refused)
    yield _asked(city, "approved", city.approved())
    yield _asked(city, "assigned", city.assigned())
    executing = city.assigned()
    city.unlock(executing)
    window = UploadWindow(
        request_id=executing.id, files_most=1, opened_by=city.custodian.person_id, opened_name="陈工",
        opened_at=NOW + 3 * HOUR, closes_at=NOW + 30 * HOUR,
    )  # fmt: skip
    city.session.add(window)
    city.session.flush()
    arriving = FootageUpload(
        window_id=window.id, request_id=executing.id, name="东门.dav", size=9, sent_name="陈工",
        begun_at=NOW + 3 * HOUR, last_at=NOW + 3 * HOUR,
    )  # fmt: skip
    city.session.add(arriving)
    yield _asked(city, "executing", executing)
    yield _asked(city, "sealed", city.sealed())
    handed = city.sealed()
    hand_over(
        city.session,
        actor=city.custodian,
        request_id=handed.id,
        receiver_place=1,
        medium=MediumKind.DISC,
        medium_serial="DVD-1",
        destination="案卷",
        second_login="security",
        second_password=PASSWORD,
        second_totp="",
        now=NOW + 5 * HOUR,
    )
    (copy,) = copies_of(city.session, handed.id)
    leak = report_leak(
        city.session,
        actor=city.security,
        serial=copy.serial,
        found_on=city_day(NOW),
        found="网上流传",
        now=NOW + 6 * HOUR,
    )
    measure = LeakMeasure(
        leak_id=leak.id, request_id=handed.id, taken_name=city.head.name, taken_at=NOW + 6 * HOUR, text="已责令删除"
    )
    city.session.add(measure)
    state_purpose_met(city.session, actor=city.officer, request_id=handed.id, met_on=city_day(NOW), now=NOW + 6 * HOUR)
    package = FootagePackage(
        request_id=handed.id, serial=f"{handed.number}-P01", recipient="检察院", root="0" * 64, sha256="0" * 64,
        made_by=city.officer.person_id, made_name=city.officer.name, made_at=NOW + 6 * HOUR,
    )  # fmt: skip
    city.session.add(package)
    setting = RecordingSetting(
        camera_id=city.gate.id, unit_id=city.gate.unit_id, district=city.gate.district, mode="continuous",
        retention_days=30, read_at=NOW, read_by=city.custodian.person_id, read_name=city.custodian.name,
    )  # fmt: skip
    city.session.add(setting)
    missing = MissingFootage(
        request_id=handed.id, unit_id=handed.unit_id, camera_id=city.gate.id, number=f"{handed.number}-Q01", cause="gap",
        label="东门", span_from=NOW - HOUR, span_to=NOW, required_days=30, was_owed=True, held=True,
        found_by=city.custodian.person_id, found_name=city.custodian.name, found_at=NOW,
    )  # fmt: skip
    city.session.add(missing)
    yield _asked(city, "handed-over", handed)
    hidden = city.submitted(
        content=CaseContent("A1", "密", "密", "密", "密"), secret=True, readers=(city.head.person_id,)
    )
    yield _asked(city, "secret", hidden)


def _asked(city: EvidenceCity, state: str, request: Any) -> Thing:
    session = city.session
    session.flush()
    given = session.scalars(select(RequestDocument.id).where(RequestDocument.request_id == request.id)).first()
    handed = session.scalars(select(Handover.id).where(Handover.request_id == request.id)).first()
    item = session.scalars(select(FootageItem.id).where(FootageItem.request_id == request.id)).first()
    copy = session.scalars(select(FootageCopy.id).where(FootageCopy.request_id == request.id)).first()
    leak = session.scalars(select(LeakCase.id).where(LeakCase.request_id == request.id)).first()
    own = frozenset({city.officer.person_id}) - {None}
    named = None
    if state == "draft":
        named = own
    if state == "secret":
        # Whose step waits and who will have to assign it see it, too: that hangs on their roles.
        named = frozenset({city.officer.person_id, city.head.person_id}) - {None}
    return Thing(
        kind="request",
        state=state,
        arguments={
            "request_id": request.id,
            "document_id": given or new_id(),
            "handover_id": handed or new_id(),
            "item_id": item or new_id(),
            "copy_id": copy or new_id(),
            "leak_id": leak or new_id(),
            "place": 1,
            "key": "slip",
        },
        scope=_at(city.college, organ=city.bureau.id, districts=False, people=own),
        readers=named,
    )


def a_question(city: EvidenceCity, number: int = 0) -> OversightQuestion:
    """An explanation asked of the officer of the stories."""
    asked = OversightQuestion(
        kind="volume", key=f"{number}", label="", working={"count": 30}, person_id=city.officer.person_id,
        person_name=city.officer.name, organ_id=city.bureau.id, question="请说明。", asked_by=city.auditor.person_id,
        asked_name=city.auditor.name, asked_at=NOW, due_on=city_day(NOW),
    )  # fmt: skip
    city.session.add(asked)
    city.session.flush()
    return asked


def _question(city: EvidenceCity) -> Thing:
    own = frozenset({city.officer.person_id}) - {None}
    scope = Scope(organ_ids=frozenset({city.bureau.id}), person_ids=own)
    return Thing(kind="question", state="asked", arguments={"question_id": a_question(city).id}, scope=scope)


# ---- administration ----


def _administration(city: EvidenceCity, city_bureau: Organ) -> Iterator[Thing]:
    session = city.session
    admin = city.person("proposer", Role.SYSTEM_ADMIN, organ=city_bureau)
    proposal = propose_account(
        session,
        actor=admin,
        login="newcomer",
        person_name="新人",
        police_number=None,
        memberships=[MembershipFact(role=Role.INSPECTOR, organ_id=city.bureau.id)],
        reason="入职",
        now=NOW,
    )
    anywhere = Scope()
    yield Thing(kind="proposal", state="proposed", arguments={"proposal_id": proposal.id}, scope=anywhere)
    session.flush()
    record_id = record(
        session, actor=city.auditor.actor, tag=BUILT, subject=SubjectRef("world"), reason="涉密", secret=True, now=NOW
    )
    session.flush()
    yield Thing(kind="audit-record", state="", arguments={"record_id": record_id}, scope=anywhere)
    run = request_verification(session, actor=city.auditor.actor, now=NOW)
    yield Thing(kind="audit-run", state="queued", arguments={"run_id": run.id}, scope=anywhere)


def _tokens(matrix: Matrix) -> Iterator[Thing]:
    """A token of the college's own filer: theirs to end, and the security administrator's."""
    filer = matrix.persona("unit_filer@own").identity
    assert filer is not None
    assert filer.person_id is not None
    token = a_token(matrix.city.session, filer)
    yield Thing(
        kind="token",
        state="",
        arguments={"token_id": token.id},
        scope=Scope(person_ids=frozenset({filer.person_id})),
    )
    yield Thing(kind="any-token", state="", arguments={"token_id": token.id}, scope=Scope())


def _webhooks(matrix: Matrix) -> Iterator[Thing]:
    """A webhook of the college's own filer with what was sent: nobody else's business, whatever their role."""
    filer = matrix.persona("unit_filer@own").identity
    assert filer is not None
    assert filer.person_id is not None
    own = Scope(person_ids=frozenset({filer.person_id}))
    hook, sent = a_webhook(matrix.city.session, filer)
    yield Thing(kind="webhook", state="", arguments={"hook_id": hook.id}, scope=own)
    yield Thing(kind="delivery", state="delivered", arguments={"delivery_id": sent.id}, scope=own)


def a_webhook(session: Session, owner: Identity, name: str = "学院平台") -> tuple[Webhook, WebhookDelivery]:
    """A webhook and one message that was taken."""
    hook, _ = webhooks.create_hook(
        session, actor=owner, name=name, url="https://example.com/in", topics=[Topic.CAMERA], now=NOW
    )
    sent = webhooks.ping_hook(session, actor=owner, hook_id=hook.id, now=NOW)
    webhooks.note_try(session, delivery_id=sent.id, attempt=1, sent=Sent(status=204), now=NOW)
    session.flush()
    return hook, sent


def a_token(session: Session, owner: Identity, name: str = "夜间比对") -> ApiToken:
    """A personal token by its row; nobody knows its text."""
    now = real_now()
    token = ApiToken(
        account_id=owner.account_id,
        name=name,
        token_sha256=secrets.token_bytes(32),
        ending="0000",
        scopes=["registry:camera:read"],
        created_at=now,
        expires_at=now + timedelta(days=30),
    )
    session.add(token)
    session.flush()
    return token


def _notices(matrix: Matrix) -> Iterator[Thing]:
    """One line of news for the college's own filer: nobody else's business, whatever their role."""
    filer = matrix.persona("unit_filer@own").identity
    assert filer is not None
    assert filer.person_id is not None
    filing = next(thing for thing in matrix.of("filing") if thing.state == "accepted")
    notice = Notice(
        person_id=filer.person_id,
        kind="registry.filing",
        subject_id=filing.arguments["filing_id"],
        occasion="accepted",
        created_at=NOW,
    )
    matrix.city.session.add(notice)
    matrix.city.session.flush()
    scope = Scope(person_ids=frozenset({filer.person_id}))
    yield Thing(kind="notice", state="", arguments={"notice_id": notice.id}, scope=scope)
