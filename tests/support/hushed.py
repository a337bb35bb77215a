"""Secret cases with a marker in every text somebody types, told through the real operations.

`CASE` stands in what the case is about: for those alone whom the case names. `WORK` stands in what the work on it leaves
behind (files, media, shelves, refusals): for those too who have a part in it, and for nobody else.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Account
from portal.accounts.values import Identity, OrganKind, Role
from portal.core.clock import city_day, real_now
from portal.evidence.models import FootageCopy, FootagePackage, FootageRequest, RequestDocument
from portal.evidence.operations import (
    acknowledge_hold,
    acknowledge_receipt,
    archive_request,
    ask_release,
    assign_custodian,
    book_outcome,
    contain_leak,
    end_copy,
    equipment,
    hand_over,
    make_copy,
    move_medium,
    put_off,
    refuse_supply,
    register_file,
    report_leak,
    seal_set,
    state_purpose_met,
    withdraw_request,
)
from portal.evidence.queries.copies import copies_of
from portal.evidence.states import CopyAction
from portal.evidence.values import CaseContent, MediumKind, Outcome, Paper
from portal.evidence.values.copies import CopyDraft, CopyRole, Ending
from portal.evidence.values.equipment import Condition, DeedKind
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR
from tests.support import on_site
from tests.support.matrix import Matrix, Persona, StoredCity, Thing, enter
from tests.support.world import NOW, PASSWORD

CASE, WORK = "鹊桥Q7案", "织女Z9件"
SECRET = CaseContent(*(f"{CASE}{number}" for number in range(5)))
LATER = NOW + timedelta(days=3)


@dataclass(frozen=True)
class Hushed:
    """What addresses need, and who may know."""

    arguments: dict[str, Any]
    requests: tuple[UUID, ...]
    numbers: tuple[str, ...]


def build(session: Session) -> Matrix:
    """A case of each fate and a use of equipment; who asks: those named, those with a part, one of every role without."""
    city = StoredCity(session)
    whole = _whole(city)
    session.flush()
    unsupplied = _secret(city)
    city.decide(unsupplied, city.head, comment=CASE)
    city.decide(unsupplied, city.security, Verdict.ACKNOWLEDGE, comment=CASE)
    refuse_supply(
        session, actor=city.security, request_id=unsupplied.id, outcome=Outcome.DEVICE_DOWN, reason=WORK, now=NOW + HOUR
    )
    returned = _secret(city)
    city.decide(returned, city.head, Verdict.RETURN, comment=CASE)
    withdrawn = _secret(city)
    withdraw_request(session, actor=city.officer, request_id=withdrawn.id, reason=CASE, now=NOW + HOUR)
    draft = city.draft(content=SECRET, secret=True, readers=(city.head.person_id,), instrument_number=WORK)
    use = _use(city)
    names = _names(city, whole, draft, use)
    told = (whole, unsupplied, returned, withdrawn, draft)
    names["hushed"] = Hushed(names, tuple(one.id for one in told), tuple(one.number for one in told if one.number))
    matrix = Matrix(city=city, things=[Thing(kind="secret", state="", arguments=names, scope=on_site_scope())])
    matrix.personas = list(_personas(city))
    for account in session.scalars(select(Account)):
        account.password_set_at = real_now()
    session.flush()
    return matrix


def on_site_scope() -> Any:
    """Nobody's: this world asks for texts, not for rights."""
    from portal.accounts.values import Scope

    return Scope()


def _secret(city: StoredCity) -> FootageRequest:
    return city.submitted(content=SECRET, secret=True, readers=(city.head.person_id,), instrument_number=WORK)


def _whole(city: StoredCity) -> FootageRequest:
    """From the first line to the archive, with everything that may happen to a copy on the way."""
    session, ident = city.session, city.custodian.person_id
    request = _secret(city)
    city.decide(request, city.head, comment=CASE)
    city.decide(request, city.security, Verdict.ACKNOWLEDGE, comment=CASE)
    acknowledge_hold(session, actor=city.security, request_id=request.id, now=NOW + HOUR)
    assert ident is not None
    assign_custodian(session, actor=city.security, request_id=request.id, custodian_id=ident, now=NOW + 2 * HOUR)
    city.unlock(request, workstation=WORK)
    mine: dict[str, Any] = {"actor": city.custodian, "request_id": request.id}
    register_file(session, **mine, file=city.file(name=f"{WORK}.dav", player=WORK), now=NOW + 3 * HOUR)
    book_outcome(session, **mine, camera_id=city.gate.id, outcome=Outcome.SUPPLIED, note=WORK, now=NOW + 3 * HOUR)
    seal_set(session, **mine, now=NOW + 4 * HOUR)
    master = CopyDraft(CopyRole.MASTER, "disc", WORK, shelf=WORK, keeper_name="陈工", archive_reason=WORK)
    kept = make_copy(session, **mine, draft=master, now=NOW + 4 * HOUR)
    handed = hand_over(
        session, **mine, receiver_place=1, second_login="security", second_password=PASSWORD, second_totp="",
        medium=MediumKind.DISC, medium_serial=WORK, destination=WORK, now=NOW + 5 * HOUR,
    )  # fmt: skip
    acknowledge_receipt(
        session, actor=city.officer, request_id=request.id, handover_id=handed.id,
        manifest_digest=handed.manifest_digest, now=NOW + 6 * HOUR,
    )  # fmt: skip
    _copies(city, request, kept)
    ask_release(session, actor=city.officer, request_id=request.id, reason=CASE, now=LATER)
    package = FootagePackage(
        request_id=request.id, serial=f"{request.number}-P01", recipient=WORK, root="0" * 64, sha256="0" * 64,
        made_by=city.officer.person_id, made_name=city.officer.name, made_at=LATER,
    )  # fmt: skip
    session.add(package)
    archive_request(
        session, actor=city.security, request_id=request.id, place=f"{WORK}1", second_place=f"{WORK}2", now=LATER
    )
    return request


def _copies(city: StoredCity, request: FootageRequest, kept: FootageCopy) -> None:
    """The working copy is put off, leaks and goes into the case file; the master moves."""
    session, ours = city.session, {"actor": city.security, "request_id": request.id, "now": LATER}
    copy = next(one for one in copies_of(session, request.id) if one.id != kept.id)
    until = city_day(LATER) + timedelta(days=30)
    put_off(session, **ours, copy_id=copy.id, until=until, reason=WORK)  # type: ignore[arg-type]
    leak = report_leak(session, actor=city.head, serial=copy.serial, found_on=city_day(NOW), found=CASE, now=LATER)
    contain_leak(session, actor=city.head, leak_id=leak.id, measures=CASE, liable=CASE, now=LATER)
    state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=city_day(LATER), now=LATER)
    end_copy(
        session, actor=city.officer, request_id=request.id, copy_id=copy.id, action=CopyAction.FILE,
        ending=Ending(city_day(LATER), WORK), now=LATER,
    )  # fmt: skip
    move_medium(
        session, **ours, copy_id=kept.id, shelf=f"{WORK}3", keeper_name="李工", archive_reason=WORK,  # type: ignore[arg-type]
    )  # fmt: skip


def _use(city: StoredCity) -> Any:
    """A secret use of equipment from the request to the return, with a deed and an obstruction."""
    from portal.evidence.operations import equipment as acts

    use = on_site.use(city, state="in_use", opinion=CASE, secret=True, case_number=CASE, reason=CASE)
    hour: dict[str, Any] = {"span_from": NOW - 2 * HOUR, "span_to": NOW - HOUR}
    on_site.deed(city, use, note=CASE)
    on_site.deed(city, use, kind=DeedKind.EXPORT, note=CASE, medium=WORK, sha256="a" * 64, **hour)
    on_site.obstructed(city, use, person_name=CASE, place=CASE, facts=CASE, evidence=CASE)
    city.session.flush()
    told: dict[str, Any] = {"use_id": use.id, "now": NOW + 2 * HOUR}
    acts.give_back(city.session, actor=city.officer, seen_version=use.version, summary=CASE, **told)
    city.session.flush()
    equipment.take_back(
        city.session, actor=city.custodian, seen_version=use.version, condition=Condition.DAMAGED, damage=WORK, **told
    )
    return use


def _names(city: StoredCity, whole: FootageRequest, draft: FootageRequest, use: Any) -> dict[str, Any]:
    from portal.evidence.models import FootageItem, Handover, LeakCase

    def first(model: Any) -> Any:
        return city.session.scalars(select(model.id).where(model.request_id == whole.id)).first()

    return {
        "request_id": whole.id,
        "draft_id": draft.id,
        "document_id": first(RequestDocument),
        "handover_id": first(Handover),
        "item_id": first(FootageItem),
        "leak_id": first(LeakCase),
        "copy_ids": [one.id for one in copies_of(city.session, whole.id)],
        "use_id": use.id,
        "camera_id": city.gate.id,
        "system_id": city.gate.system_id,
        "unit_id": city.college.id,
    }


def _personas(city: StoredCity) -> Any:
    """`named` may know all, `part` what the work leaves, everybody else nothing, from `near` (whose roles reach the unit,
    the organ or the city's requests) and from `far`."""
    bureau = city.organ("安阳市公安局", OrganKind.POLICE_CITY, "410502", citywide=True)
    schools = city.organ("文峰区教育局", OrganKind.EDUCATION, "410502")
    for where, logins in (("named", ("officer", "head")), ("part", ("custodian", "security"))):
        for login in logins:
            yield _persona(city, city.who(login), login, where)
    homes: list[tuple[Role, dict[str, Any]]] = [
        (Role.UNIT_FILER, {"unit": city.college}),
        *((role, {"unit": city.school}) for role in (Role.UNIT_SECURITY_HEAD, Role.UNIT_CUSTODIAN)),
        *((role, {"organ": city.bureau}) for role in (Role.REGISTRAR, Role.INSPECTOR, Role.INVESTIGATOR, Role.BUREAU_LEADER)),
        (Role.CASE_HEAD, {"organ": city.far_bureau}),
        (Role.SECTOR_SUPERVISOR, {"organ": schools}),
        *((role, {"organ": bureau}) for role in (Role.AUDITOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)),
    ]  # fmt: skip
    for role, home in homes:
        where = "near" if role in (Role.UNIT_FILER, Role.INVESTIGATOR, Role.AUDITOR) else "far"
        yield _persona(city, city.person(f"out.{role}".replace("_", ""), role, **home), str(role), where)


def _persona(city: StoredCity, identity: Identity, key: str, where: str) -> Persona:
    return Persona(key=key, where=where, identity=identity, token=enter(city.session, identity))


__all__ = ["CASE", "LATER", "WORK", "Hushed", "Paper", "build"]
