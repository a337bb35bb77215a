"""One busy college and everything around it `n` times over, for tests that ask whether a page's cost grows with rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Notice
from portal.accounts.operations import propose_account
from portal.accounts.values import Identity, MembershipFact, OrganKind, Role, Scope
from portal.audit.models import AuditRun
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.clock import city_day, real_now
from portal.core.egress import Sent
from portal.core.geometry import Datum
from portal.core.ids import new_id
from portal.evidence.models import FootageCopy, FootageRequest, Handover
from portal.evidence.operations import (
    acknowledge_receipt,
    attach_paper,
    hand_over,
    register_file,
    report_leak,
    seal_set,
)
from portal.evidence.values import MediumKind, Paper
from portal.inspection import operations as inspecting
from portal.inspection.models import Acceptance, InspectorConflict, PublishedResult, ReadinessWaiver
from portal.inspection.states import AcceptanceKind, ReadinessCause
from portal.reachability.models import DeviceStateChange, ProbeRun
from portal.reachability.operations.targets import reconcile_targets
from portal.readiness.operations import run_checks
from portal.registry.models import (
    Camera,
    CameraAccess,
    CameraImport,
    Document,
    Filing,
    FilingClock,
    FilingFinding,
    FilingRevision,
    ImportFault,
    ImportRow,
    ListRun,
    SavedView,
    System,
    SystemComponent,
    Unit,
)
from portal.registry.states import ImportStatus
from portal.registry.values import FilingKind
from portal.regulation.loader import rulebook
from portal.regulation.schema.vocabulary import Regime
from portal.webhooks import operations as webhooks
from portal.webhooks.rules import MAX_HOOKS
from tests.evidence.city import HOUR
from tests.support import acting, booked, connected, mandated, measured, on_site
from tests.support.campaigns import a_campaign, campaign_lines
from tests.support.matrix import (
    CALENDAR,
    CITY_ROLES,
    HERE,
    Matrix,
    Persona,
    StoredCity,
    Thing,
    a_question,
    a_token,
    a_webhook,
    enter,
    keep_archive,
)
from tests.support.premises import a_mask, a_review, a_sign, a_site, a_tip, a_zone, covers, follows
from tests.support.world import BUILT, NOW, PASSWORD

WORD = "多份"
ENOUGH = 5
STAFF = ("filer", "security", "custodian", "leader", "officer", "head")


def crowd(session: Session, n: int) -> Matrix:
    """Build it; the caller commits. The matrix holds one thing, whose arguments lead to every page."""
    city = StoredCity(session)
    matrix = Matrix(city=city)
    bureau = city.organ("安阳市公安局", OrganKind.POLICE_CITY, HERE, citywide=True)
    staff = {role: city.person(role.replace("_", ""), role, organ=city.bureau) for role in (
        Role.REGISTRAR, Role.INSPECTOR, Role.BUREAU_LEADER,
    )}  # fmt: skip
    staff |= {role: city.person(f"{role}s".replace("_", ""), role, organ=bureau) for role in CITY_ROLES}
    system = city.system(city.college, city.bureau, regime=Regime.PUBLIC_UNIT)
    system.use_status = "trial"
    cameras = [_camera(city, system, f"{WORD}{number}") for number in range(n)]
    names: dict[str, Any] = {"unit_id": city.college.id, "system_id": system.id, "camera_id": cameras[0].id}
    names |= keep_archive(city, system, n)
    names |= (
        _filed(city, system, n) | _inspected(city, system, staff[Role.INSPECTOR], n) | _watched(city, cameras[0], n)
    )
    names |= _kept(city, n, staff[Role.SYSTEM_ADMIN]) | _lists_kept(city, n)
    names |= _premises(city, system, cameras)
    names |= _hooked(city, n)
    for number in range(n):
        _one_more_unit(city, number, bureau)
    names |= mandated.rows(city, n) | _campaigns(city, n)
    names |= measured.rows(city, n) | connected.rows(city, n) | on_site.rows(city, n) | booked.rows(city, n)
    names |= measured.rows(city, n) | connected.rows(city, n) | on_site.rows(city, n) | acting.rows(city, n)
    named = [SubjectRef(kind, names[f"{kind}_id"]) for kind in ("unit", "system", "camera", "filing", "acceptance")]
    for subject in named * n:
        record(session, actor=city.filer.actor, tag=BUILT, subject=subject, unit_id=city.college.id, now=NOW)
    # Every file is registered by its own operation: some are enough to tell two from more.
    requests = _asked(city, cameras[:ENOUGH], n)
    asked_about = [a_question(city, number).id for number in range(n)]
    names["question_id"] = asked_about[0]
    reconcile_targets(session, now=NOW)
    session.execute(update(Account).values(password_set_at=real_now()))
    known = {login: city.who(login) for login in STAFF} | {str(role): identity for role, identity in staff.items()}
    matrix.personas = [
        Persona(key=key, where="own", identity=identity, token=enter(session, identity))
        for key, identity in known.items()
    ]
    _told(city, known, names, n)
    matrix.things = [Thing(kind="all", state="", arguments=names | {"requests": requests}, scope=Scope())]
    session.flush()
    return matrix


def _camera(city: StoredCity, system: System, name: str) -> Camera:
    camera = city.camera(system, name, live=3)
    access = CameraAccess(
        camera_id=camera.id,
        unit_id=camera.unit_id,
        district=camera.district,
        host="127.70.5.1",
        rtsp_port=18554,
        updated_at=NOW,
    )
    city.session.add(access)
    return camera


def _campaigns(city: StoredCity, n: int) -> dict[str, Any]:
    """Campaigns of the schools here, with many places in the group and lines in the log of the first."""
    made = [a_campaign(city.bureau.id, HERE, ["school"], f"{WORD}{number}") for number in range(n)]
    city.session.add_all(made)
    city.session.flush()
    lines = [line for _ in range(n) for line in campaign_lines(made[0], None)]
    city.session.add_all(lines)
    city.session.flush()
    return {"campaign_id": made[0].id, "member_id": lines[0].id}


def _premises(city: StoredCity, system: System, cameras: list[Camera]) -> dict[str, Any]:
    """As many zones, signs, masks, reviews, protected sites and tip-offs as cameras."""
    rows: list[tuple[Any, ...]] = []
    photo = city.stored_file()
    for number, camera in enumerate(cameras):
        zone = a_zone(city, system, f"own-{number}", photo=photo, profile="", name=f"{WORD}区{number}", number=None)
        covers(city, zone, camera)
        sign, mask = a_sign(city, system, photo, zone_key=zone.key), a_mask(city, cameras[0], photo)
        review = a_review(city, camera, photo=photo)
        site, tip = a_site(city, city.bureau.id, HERE), a_tip(city, city.bureau.id, HERE, photo=photo)
        camera.faces_homes = True
        rows.append((zone, sign, mask, review, site, tip))
    for standard in rulebook().reference.standard[: len(cameras)]:
        follows(city, system, standard.key)
    named = ("zone_id", "sign_id", "mask_id", "review_id", "protected_id", "tip_off_id")
    return {name: row.id for name, row in zip(named, rows[0], strict=True)}


def _filing(city: StoredCity, system: System, status: str, number: str | None = None) -> Filing:
    filing = Filing(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=system.organ_id,
        kind=FilingKind.NEW,
        status=status,
        number=number,
        due_on=city_day(NOW - timedelta(days=2)),
        decided_at=NOW if number else None,
        created_at=NOW,
    )
    city.session.add(filing)
    city.session.flush()
    return filing


def _clock(system: System, kind: str) -> FilingClock:
    return FilingClock(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=system.organ_id,
        kind=kind,
        started_on=city_day(NOW - timedelta(days=40)),
        due_on=city_day(NOW - timedelta(days=10)) if kind == "new" else None,
        why={},
    )


def _filed(city: StoredCity, system: System, n: int) -> dict[str, Any]:
    """The main system's filing with n revisions, findings and versions of a paper, and n parts of the system."""
    filing = _filing(city, system, "submitted")
    owned = {"unit_id": system.unit_id, "district": system.district}
    for number in range(n):
        said = {"item": "录像", "declared": "90", "found": "21", "raised_by_name": "王敏", "raised_at": NOW}
        city.session.add(FilingFinding(filing_id=filing.id, basis="visit", **said, **owned))
        city.session.add(SystemComponent(system_id=system.id, part="software", name=f"平台{number}", **owned))
    document = None
    for number in range(1, n + 1):
        document = Document(
            system_id=system.id,
            unit_id=system.unit_id,
            district=system.district,
            slot="authorisation_letter",
            version_no=number,
            title="授权书",
            stored_file_id=city.stored_file(),
            uploaded_at=NOW,
        )
        revision = FilingRevision(
            filing_id=filing.id,
            unit_id=system.unit_id,
            district=system.district,
            revision=number,
            content="{}",
            digest="0" * 64,
            submitted_at=NOW,
        )
        city.session.add_all([document, revision])
    city.session.flush()
    assert document is not None
    return {"filing_id": filing.id, "document_id": document.id}


def _lists_kept(city: StoredCity, n: int) -> dict[str, Any]:
    """Views of every list and long work of one person, n times."""
    person, account = city.filer.person_id, city.filer.account_id
    place = {"person_id": person, "unit_id": city.college.id, "created_at": NOW}
    for number in range(n):
        for key in ("units", "systems", "cameras", "filings"):
            query = f"unit={city.college.id}" if key != "units" else "type=college"
            city.session.add(SavedView(list_key=key, name=f"{WORD}{number}", query=query, **place))
        run = ListRun(
            kind="export",
            list_key="units",
            person_id=person,
            account_id=account,
            wanted={"format": "csv"},
            created_at=NOW,
        )
        city.session.add(run)
    city.session.flush()
    return {"list_run_id": run.id}


def _inspected(city: StoredCity, system: System, inspector: Identity, n: int) -> dict[str, Any]:
    """A visit that is set, checked in advance n times and allowed each time although something new failed."""
    second = city.person("inspectortwo", Role.INSPECTOR, organ=city.bureau)
    found = inspecting.request_acceptance(
        city.session,
        actor=city.filer,
        system_id=system.id,
        kind=AcceptanceKind.NEW,
        statement="请予验收",
        calendar=CALENDAR,
        now=NOW,
    )
    inspecting.check_documents(
        city.session,
        actor=inspector,
        acceptance_id=found.id,
        complete=True,
        note="",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    people = [one.person_id for one in (inspector, second) if one.person_id]
    inspecting.schedule_visit(
        city.session,
        actor=inspector,
        acceptance_id=found.id,
        starts_at=NOW + 24 * HOUR,
        ends_at=NOW + 26 * HOUR,
        inspectors=people,
        override="已与单位商定",
        now=NOW,
    )
    for number in range(n):
        report = run_checks(city.session, acceptance_id=found.id, cause=ReadinessCause.NIGHT, now=NOW)
        waiver = ReadinessWaiver(
            acceptance_id=found.id,
            report_id=report.id,
            unit_id=found.unit_id,
            district=found.district,
            checks=[f"check-{number}"],
            reason="督办",
            waived_by=inspector.person_id,
            waived_by_name=inspector.name,
            waived_at=NOW,
        )
        city.session.add(waiver)
        interest = InspectorConflict(
            person_id=inspector.person_id,
            organ_id=city.bureau.id,
            unit_id=city.school.id,
            since=city_day(NOW) - timedelta(days=number),
            until=city_day(NOW),
            reason="亲属任职",
            entered_by=inspector.person_id,
            entered_at=NOW,
        )
        city.session.add(interest)
    return {"acceptance_id": found.id, "person_id": inspector.person_id}


def _watched(city: StoredCity, camera: Camera, n: int) -> dict[str, Any]:
    """One camera's probes: n changes of its state, n probes somebody asked for."""
    place = {"camera_id": camera.id, "unit_id": camera.unit_id, "district": camera.district}
    run = None
    for number in range(n):
        states = ("online", "offline") if number % 2 else ("offline", "online")
        at = NOW - timedelta(minutes=number)
        change = DeviceStateChange(at=at, old_state=states[0], new_state=states[1], reason="timeout", **place)
        run = ProbeRun(asked_at=at, status="done", finished_at=at, **place)
        city.session.add_all([change, run])
    sheet = CameraImport(
        system_id=camera.system_id,
        unit_id=camera.unit_id,
        district=camera.district,
        stored_file_id=city.stored_file(),
        datum=Datum.WGS84,
        status=ImportStatus.FAILED,
        rows_bad=n,
        head={"lines": [[1, ["名称", "经度", "纬度"]]], "places": {"name": 0, "lon": 1, "lat": 2}, "unread": []},
        created_at=NOW,
    )
    city.session.add(sheet)
    city.session.flush()
    for row in range(1, n + 1):
        where = {"import_id": sheet.id, "unit_id": camera.unit_id, "district": camera.district}
        city.session.add(ImportRow(number=row, outcome="parked", label=f"第{row}行", **where))
        city.session.add(ImportFault(row_number=row, column_letters="A", field="name", code="sheet_empty", **where))
    city.session.flush()
    assert run is not None
    return {"run_id": run.id, "import_id": sheet.id}


def _kept(city: StoredCity, n: int, admin: Identity) -> dict[str, Any]:
    """Accounts, organs, proposals, runs over the log."""
    proposal = None
    for number in range(n):
        organ = city.organ(f"派出所{number}", OrganKind.POLICE_STATION, HERE)
        city.person(f"clerk{number}", Role.INVESTIGATOR, organ=organ)
        proposal = propose_account(
            city.session,
            actor=admin,
            login=f"newcomer{number}",
            person_name="新人",
            police_number=None,
            memberships=[MembershipFact(role=Role.INSPECTOR, organ_id=city.bureau.id)],
            reason="入职",
            now=NOW,
        )
        a_token(city.session, admin, f"{number}")
        run = AuditRun(kind="verify", state="done", actor={"name": "tests"}, requested_at=NOW, finished_at=NOW)
        city.session.add(run)
    assert proposal is not None
    log = SubjectRef("unit", city.college.id)
    key = record(city.session, actor=admin.actor, tag=BUILT, subject=log, unit_id=city.college.id, now=NOW)
    return {"proposal_id": proposal.id, "record_id": key}


def _hooked(city: StoredCity, n: int) -> dict[str, Any]:
    """Webhooks of the filer, as many as one person may have, and n messages to one of them."""
    hooks = [a_webhook(city.session, city.filer, f"{number}")[0] for number in range(min(n, MAX_HOOKS))]
    for _ in range(n):
        sent = webhooks.ping_hook(city.session, actor=city.filer, hook_id=hooks[0].id, now=NOW)
        webhooks.note_try(city.session, delivery_id=sent.id, attempt=1, sent=Sent(status=204), now=NOW)
    return {"hook_id": hooks[0].id}


def _one_more_unit(city: StoredCity, number: int, bureau: Any) -> None:
    """A unit with a system, a camera, a filing accepted, an acceptance published; and one more system for the college."""
    unit: Unit = city.unit(f"{WORD}单位{number}", unit_type="school")
    for owner in (unit, city.college):
        system = city.system(owner, city.bureau)
        system.name = f"{WORD}系统{number}"
        _filing(city, system, "accepted", f"{owner.id.hex[-8:]}-{number}-{WORD}")
        waiting = city.system(owner, city.bureau)
        _filing(city, waiting, "submitted" if owner is unit else "draft")
        city.session.add_all([_clock(one, kind) for one in (system, waiting) for kind in ("new", "change")])
        acceptance = Acceptance(
            system_id=system.id,
            unit_id=owner.id,
            district=HERE,
            organ_id=city.bureau.id,
            status="passed",
            requested_at=NOW,
            concluded_at=NOW,
            published_at=NOW,
        )
        city.session.add(acceptance)
        city.session.flush()
        result = PublishedResult(
            acceptance_id=acceptance.id,
            number=f"{owner.id.hex[-8:]}-{number}",
            unit_name=owner.name,
            project_name=system.name,
            district=HERE,
            organ_name=city.bureau.name,
            result="passed",
            published_on=city_day(NOW),
        )
        city.session.add(result)
    _camera(city, city.system(unit, city.bureau), f"{WORD}单位{number}门")


def _told(city: StoredCity, known: dict[str, Identity], names: dict[str, Any], n: int) -> None:
    """News for everybody, of the same two things."""
    for identity in known.values():
        for number in range(n):
            for kind in ("filing", "acceptance"):
                notice = Notice(
                    person_id=identity.person_id,
                    kind=("registry.filing" if kind == "filing" else "inspection.acceptance"),
                    subject_id=names[f"{kind}_id"],
                    occasion=f"{number}",
                    created_at=NOW,
                )
                city.session.add(notice)


# ---- requests ----


def _asked(city: StoredCity, cameras: list[Camera], n: int) -> dict[str, dict[str, UUID]]:
    """For each state that has a page of its own, a request over some cameras with their files; and n requests besides."""
    every = {"camera_ids": tuple(camera.id for camera in cameras)}
    _copy(city, city.submitted(), n)
    draft = city.draft(**every)
    papers = [Paper.RETRIEVAL_NOTICE] * len(cameras)
    for number, kind in enumerate(papers):
        attach_paper(
            city.session,
            actor=city.officer,
            request_id=draft.id,
            kind=kind,
            title=f"{number}.pdf",
            stored_file_id=city.stored_file(),
            now=NOW,
        )
    executing = _executing(city, cameras, every)
    handed, received = _sealed(city, cameras, every), _sealed(city, cameras[:1], {"camera_ids": (cameras[0].id,)})
    found = {
        "draft": {"request_id": draft.id, "document_id": _first_paper(city, draft)},
        "in-approval": {"request_id": city.submitted(**every).id},
        "approved": {"request_id": city.approved(**every).id},
        "executing": {"request_id": executing.id},
        "handed-over": {"request_id": handed.id, "handover_id": _hand_over(city, handed).id},
    }
    copy = city.session.scalars(select(FootageCopy).where(FootageCopy.request_id == handed.id)).one()
    found["handed-over"]["copy_id"] = copy.id
    told = {"serial": copy.serial, "found_on": city_day(NOW), "found": "网上流传"}
    leaks = [report_leak(city.session, actor=city.security, **told, now=NOW + 6 * HOUR) for _ in range(n)]
    found["handed-over"]["leak_id"] = leaks[0].id
    handover = _hand_over(city, received)
    acknowledge_receipt(
        city.session,
        actor=city.officer,
        request_id=received.id,
        handover_id=handover.id,
        manifest_digest=handover.manifest_digest,
        now=NOW + 6 * HOUR,
    )
    return found | {"received": {"request_id": received.id}}


def _copy(city: StoredCity, request: FootageRequest, n: int) -> None:
    """The same request n times over, under numbers of their own: for lists, which read nothing but the row."""
    city.session.flush()
    table = FootageRequest.__table__
    row = city.session.execute(select(table).where(table.c.id == request.id)).mappings().one()
    copies = [{**row, "id": new_id(), "number": f"{row['number']}-{number}"[:24]} for number in range(n)]
    city.session.execute(insert(table), copies)


def _first_paper(city: StoredCity, request: FootageRequest) -> UUID:
    city.session.refresh(request, ["documents"])
    return request.documents[0].id


def _executing(city: StoredCity, cameras: list[Camera], every: dict[str, Any]) -> FootageRequest:
    request = city.assigned(**every)
    city.unlock(request)
    for number, camera in enumerate(cameras):
        file = city.file(camera_id=camera.id, name=f"{number}.dav", sha256=f"{number:064x}")
        register_file(city.session, actor=city.custodian, request_id=request.id, file=file, now=NOW + 3 * HOUR)
    return request


def _sealed(city: StoredCity, cameras: list[Camera], every: dict[str, Any]) -> FootageRequest:
    request = _executing(city, cameras, every)
    seal_set(city.session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    return request


def _hand_over(city: StoredCity, request: FootageRequest) -> Handover:
    return hand_over(
        city.session,
        actor=city.custodian,
        request_id=request.id,
        receiver_place=1,
        medium=MediumKind.DISC,
        medium_serial="DVD-1",
        destination="案卷",
        second_login="security",
        second_password=PASSWORD,
        second_totp="",
        now=NOW + 5 * HOUR,
    )
