"""What an attack on footage requests came through with once, and does no more."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.core.geometry import BadGeometry
from portal.evidence.models import CustodyEntry, FootageRequest, Handover
from portal.evidence.operations import (
    acknowledge_receipt,
    contain_leak,
    hand_over,
    make_copy,
    register_file,
    report_leak,
    seal_set,
    state_purpose_met,
)
from portal.evidence.operations.backups import make_backup
from portal.evidence.operations.execution import asking
from portal.evidence.queries import get_request
from portal.evidence.queries.copies import copies_of
from portal.evidence.rules import count_people
from portal.evidence.rules.shapes import shape_from_map, shape_from_text
from portal.evidence.states import CopyAction
from portal.evidence.values import CaseContent, IdKind, MediumKind, OfficerDraft
from portal.evidence.values import Paper as RequestPaper
from portal.evidence.values.backups import BackupDraft, BackupKind, BackupMedium
from portal.evidence.values.copies import CopyDraft, CopyRole
from portal.evidence.values.facts import AskFacts
from portal.evidence.views.printing import PRINTED
from portal.papers.values import Paper, ViewingDecision, ViewingSlip
from portal.registry.models import Operator
from portal.upkeep.views.printing import operators_pdf
from portal.vault.models import StoredFile
from portal.workflow.states import Verdict
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_asks import INDIVIDUAL
from tests.evidence.test_leaks import LATER, TODAY, ended
from tests.evidence.test_missing import refused
from tests.evidence.test_must_fail import problems
from tests.evidence.test_signing import CASE_HEAD
from tests.evidence.test_views import at
from tests.people import post
from tests.support import on_site
from tests.support.world import NOW, PASSWORD


def looks(session: Session, tag: str) -> int:
    """How often a look of this kind stands in the log."""
    return session.scalar(text("select count(*) from audit_stage where tag = :tag"), {"tag": tag}) or 0


def over(city: EvidenceCity, request: FootageRequest, **changes: Any) -> Handover:
    """A copy handed over at the counter."""
    whole: dict[str, Any] = {
        "receiver_place": 1,
        "second_login": "security",
        "second_password": PASSWORD,
        "second_totp": "",
        "medium": MediumKind.DISC,
        "medium_serial": "DVD-1",
        "destination": "案卷",
        "now": NOW + 5 * HOUR,
    }
    return hand_over(city.session, actor=city.custodian, request_id=request.id, **{**whole, **changes})


def test_no_look_escapes_the_log_by_a_form_that_is_refused(
    client: FlaskClient, session: Session, city: EvidenceCity
) -> None:
    request = city.submitted(span_from=city.fresh[0], span_to=city.fresh[1], now=city.fresh[1])
    at(client, "auditor")
    for act, status in (("beside/explain", 422), ("content", 200)):
        before = looks(session, "evidence:request:read")
        answer = post(client, f"/evidence/requests/{request.id}/{act}", {})
        assert (answer.status_code, "核查嫌疑人行踪" in answer.get_data(as_text=True)) == (status, True)
        assert looks(session, "evidence:request:read") == before + 1, act
    at(client, "head")
    before = looks(session, "evidence:request:read")
    assert post(client, f"/evidence/requests/{request.id}/decide", {"step": CASE_HEAD}).status_code == 422
    assert looks(session, "evidence:request:read") == before + 1


def test_nor_by_that_of_a_leak_a_finding_or_a_use(client: FlaskClient, session: Session, city: EvidenceCity) -> None:
    finding = refused(city)
    use = on_site.use(city, state="approved")
    request = city.sealed()
    handed = over(city, request)
    leak = report_leak(
        session, actor=city.security, serial=handed.copy_serial, found_on=NOW.date(), found="论坛", now=NOW
    )
    contain_leak(session, actor=city.head, leak_id=leak.id, measures="下架", liable="", now=NOW)
    session.flush()
    at(client, "head")
    for tag, where, status in (
        ("evidence:leak:read", f"leaks/{leak.id}/contain", 422),
        ("evidence:leak:read", f"leaks/{leak.id}/content", 200),
        ("evidence:missing:read", f"missing/{finding.id}/close", 422),
        ("evidence:use:read", f"equipment/{use.id}/decide", 422),
    ):
        before = looks(session, tag)
        assert post(client, f"/evidence/{where}", {}).status_code == status, where
        assert looks(session, tag) == before + 1, where


def test_no_password_is_judged_for_whoever_may_not_decide_anyway(
    client: FlaskClient, session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their refusal took the count of a wrong one back: on that page anybody could try for ever."""
    request = city.submitted(span_from=city.fresh[0], span_to=city.fresh[1], now=city.fresh[1])
    judged: list[object] = []
    monkeypatch.setattr("portal.evidence.operations.signing.prove_presence", lambda *_args, **more: judged.append(more))
    at(client, "security")
    given = {"step": CASE_HEAD, "verdict": "approve", "own_password": "Zai-Shi-Yi-Ci-1"}
    assert post(client, f"/evidence/requests/{request.id}/decide", given).status_code == 403
    assert not judged


def test_a_copy_is_acknowledged_once(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    first, _second = over(city, request), over(city, request, medium_serial="DVD-2", receiver_place=2)
    given: dict[str, Any] = {
        "request_id": request.id,
        "handover_id": first.id,
        "manifest_digest": first.manifest_digest,
    }
    acknowledge_receipt(session, actor=city.officer, **given, now=NOW + 6 * HOUR)
    lines = session.scalar(select(func.count()).select_from(CustodyEntry))
    with pytest.raises(IllegalTransition):
        acknowledge_receipt(session, actor=city.officer, **given, now=NOW + 7 * HOUR)
    assert session.scalar(select(func.count()).select_from(CustodyEntry)) == lines
    assert first.acknowledged_at == NOW + 6 * HOUR


def test_who_comes_for_the_footage_is_not_the_witness_of_the_unit(session: Session, city: EvidenceCity) -> None:
    both = city.person("both", Role.UNIT_CUSTODIAN, unit=city.college, police_number="057777")
    officers = (
        OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"),
        OfficerDraft("借调", IdKind.POLICE_NUMBER, "057777"),
    )
    request = city.sealed(officers=officers)
    assert both.person_id in asking(request)
    with pytest.raises(Invalid) as caught:
        over(city, request, second_login="both")
    assert problems(caught) == {("second_login", "evidence.second_is_requester")}


def test_a_copy_made_for_one_is_not_given_to_a_namesake(session: Session, city: EvidenceCity) -> None:
    same = city.person("namesake", Role.INVESTIGATOR, name="王磊", organ=city.bureau, police_number="059999")
    request = city.sealed(
        officers=(
            OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"),
            OfficerDraft("王磊", IdKind.POLICE_NUMBER, "059999"),
        )
    )
    assert request.officers[1].person_id == same.person_id
    draft = CopyDraft(CopyRole.WORKING, "disc", "DVD-1", receiver_place=1)
    make_copy(session, actor=city.custodian, request_id=request.id, draft=draft, now=NOW + 4 * HOUR)
    (copy,) = copies_of(session, request.id)
    with pytest.raises(Invalid) as caught:
        over(city, request, receiver_place=2, copy_id=copy.id)
    assert problems(caught) == {("copy", "evidence.copy_of_another")}


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"LineString","coordinates":[[%s,36.1],[116.1,36.2]]}',
        '{"type":"Polygon","coordinates":[[[%s,36.1],[116.2,36.1],[116.2,36.2],[116.1,36.1]]]}',
        '{"via":"route","rings":[[[%s,36.1],[116.1,36.2]]],"m":50}',
    ],
)
def test_a_number_that_no_measure_holds_is_refused_as_one(text: str) -> None:
    for read in (shape_from_text, lambda given: shape_from_map(given, buffer_m=50)):
        with pytest.raises(BadGeometry):
            read(text % ("9" * 400))


def test_what_is_published_of_one_district_tells_nothing_of_another(
    client: FlaskClient, session: Session, city: EvidenceCity
) -> None:
    city.sealed(now=NOW)
    session.flush()
    at(client, "auditor")
    where = "/evidence/statistics.csv?year=2026&district=410502"
    inside = client.get(where).get_data(as_text=True)
    public = client.get(f"{where}&public=1").get_data(as_text=True)
    assert public == client.get("/evidence/statistics.csv?year=2026&public=1").get_data(as_text=True)
    # One supply took so many hours: inside it is told, outside it would be that one's.
    last = [line for line in inside.splitlines() if "2.0" in line or ",2," in line]
    assert last
    assert not [line for line in public.splitlines() if line in last]


@pytest.mark.requirement("APR-01")
def test_who_comes_with_another_paper_than_the_police_number_does_not_approve(
    session: Session, city: EvidenceCity
) -> None:
    officers = (
        OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"),
        OfficerDraft(" ".join(city.head.name), IdKind.WORK_ID, "G-77"),
    )
    request = city.submitted(officers=officers)
    with pytest.raises(NotAllowed) as refused_:
        city.decide(request, city.head)
    assert refused_.value.data["barriers"] == ["requester"]


def test_two_papers_of_one_person_are_not_two_people() -> None:
    police, work = OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"), OfficerDraft("王 磊", IdKind.WORK_ID, "G-1")
    assert count_people((police, work)) == 1
    assert count_people((police, replace(work, name="赵敏"))) == 2
    assert count_people((police, replace(police, number="051235"))) == 2  # namesakes
    assert count_people((police, replace(police, name="赵敏"))) == 1
    assert count_people(()) == 0


def test_a_backup_finds_its_camera_among_many_of_like_names(session: Session, city: EvidenceCity) -> None:
    for number in range(3):
        city.camera(city.system(city.college, city.bureau), f"{number}号楼东门")
    draft = BackupDraft(
        camera=city.gate.name, kind=BackupKind.SUSPICIOUS, span_from=NOW - HOUR, span_to=NOW, what="有人翻越",
        medium=BackupMedium.HARD_DISK, medium_serial="D-1", shelf="甲柜",
    )  # fmt: skip
    assert make_backup(session, actor=city.custodian, draft=draft, now=NOW).camera_id == city.gate.id


def test_with_the_last_copy_the_uploaded_file_goes_too(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    city.unlock(request)
    kept = city.stored_file()
    register_file(
        session, actor=city.custodian, request_id=request.id, file=city.file(stored_file_id=kept), now=NOW + 3 * HOUR
    )
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    over(city, request)
    (copy,) = copies_of(session, request.id)
    state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=TODAY, now=LATER)
    assert session.get_one(StoredFile, kept).state == "kept"
    ended(city, copy, CopyAction.DESTROY, city.officer)
    assert session.get_one(StoredFile, kept).state == "erased"


def test_every_paper_holds_the_longest_that_may_be_typed(
    app: Any, session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reason of three hundred and one signs was a server error on the slip, and so in the package."""
    city.college.name, city.gate.name = "校" * 120, "门" * 120
    session.flush()
    officers = tuple(OfficerDraft(f"{'王' * 79}{sign}", IdKind.WORK_ID, f"{'G' * 39}{sign}") for sign in "1234")
    request = city.assigned(
        requester_name="局" * 120, instrument_number="号" * 80, officers=officers,
        content=CaseContent("A" * 80, "名" * 200, *["由" * 2000] * 4),
        facts=AskFacts(issued_on=NOW.date(), approver="批" * 120, items="项" * 1000),
    )  # fmt: skip
    city.unlock(request, workstation="机" * 80)
    file = city.file(name="文" * 200, format="f" * 40, player="p" * 80, clock_offset_seconds=-86_400 * 366, size=2**50)
    register_file(session, actor=city.custodian, request_id=request.id, file=file, now=NOW + 3 * HOUR)
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    over(city, request, medium_serial="盘" * 80, destination="卷" * 200)
    papers: list[Paper] = []
    monkeypatch.setattr("portal.upkeep.views.printing.render", lambda _form, paper, **_more: papers.append(paper))
    row = Operator(
        name="李" * 40, appointed_by_name="王" * 40, appointed_on=NOW.date(), ended_on=NOW.date(), ended_note="离" * 400
    )
    with app.test_request_context("/"):
        found = get_request(session, city.security, request.id)
        papers += [PRINTED[key](session, city.security, found, NOW) for key in set(PRINTED) - {"decision"}]
        operators_pdf(city.college, [row], printed_by="", now=NOW, lang="zh")
    slip = next(one for one in papers if isinstance(one, ViewingSlip))
    assert (len(slip.reason), slip.reason[-1]) == (300, "…")
    assert len(papers) == len(PRINTED)


@pytest.mark.requirement("EVI-20")
def test_what_an_approver_wrote_on_a_secret_case_is_read_by_nobody_else_and_never_unrecorded(
    app: Any, client: FlaskClient, session: Session, city: EvidenceCity
) -> None:
    """The answer to an individual printed it for whoever saw the request; for who may know it stood on the page at once."""
    given = {**INDIVIDUAL, "secret": True, "readers": (city.leader.person_id,)}
    request = city.submitted(RequestPaper.HANDLER_ID, RequestPaper.RELATION_PROOF, who=city.filer, **given)
    city.decide(request, city.security, Verdict.REFUSE, comment="织女十号")
    with app.test_request_context("/"):
        for who, said in ((city.security, ""), (city.filer, "织女十号")):
            before = looks(session, "evidence:request:read_secret")
            paper = PRINTED["decision"](session, who, get_request(session, who, request.id), NOW + 2 * HOUR)
            assert isinstance(paper, ViewingDecision)
            assert paper.reason == said
            assert looks(session, "evidence:request:read_secret") == before + bool(said)
    at(client, "filer")
    assert "织女十号" not in client.get(f"/evidence/requests/{request.id}").get_data(as_text=True)
    assert "织女十号" in post(client, f"/evidence/requests/{request.id}/content").get_data(as_text=True)
