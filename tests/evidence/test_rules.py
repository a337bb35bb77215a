"""What may be asked, when footage is lost, and what a sealed set holds against tampering."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.evidence.rules import (
    RequestLimits,
    Urgency,
    overwrite_clock,
    paper_problems,
    requester_problems,
    same_digest,
    scope_problems,
    seal_manifest,
)
from portal.evidence.values import (
    ActKind,
    CameraFacts,
    CaseContent,
    IdKind,
    InstrumentKind,
    ManifestLine,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
    RequestParticulars,
)

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
CAMERA, UNIT, OTHER_UNIT = UUID(int=1), UUID(int=10), UUID(int=11)
LIMITS = RequestLimits(
    officers=2,
    acts=frozenset(ActKind),
    purposes=frozenset({Purpose.CRIMINAL_CASE, Purpose.LIFE_OR_PROPERTY}),
    papers=frozenset({Paper.RETRIEVAL_NOTICE}),
)


def camera(**changes: Any) -> CameraFacts:
    """A camera that keeps thirty days."""
    facts = {"camera_id": CAMERA, "unit_id": UNIT, "label": "东门", "zone": "gate", "retention_days": 30}
    return CameraFacts(**{**facts, **changes})  # type: ignore[arg-type]


def asked(**changes: Any) -> RequestParticulars:
    """A faultless criminal retrieval of an hour, two days ago."""
    whole = RequestParticulars(
        requester_kind=RequesterKind.POLICE_CRIMINAL,
        requester_name="文峰分局刑警大队",
        instrument_kind=InstrumentKind.RETRIEVAL_NOTICE,
        instrument_number="安文公(刑)调证字〔2026〕118号",
        purpose=Purpose.CRIMINAL_CASE,
        act=ActKind.COPY,
        span_from=NOW - timedelta(days=2, hours=1),
        span_to=NOW - timedelta(days=2),
        camera_ids=(CAMERA,),
        officers=(
            OfficerDraft("王磊", IdKind.POLICE_NUMBER, "051234"),
            OfficerDraft("赵敏", IdKind.POLICE_NUMBER, "051235"),
        ),
        content=CaseContent(case_number="A4105020001202611001", reason="核查嫌疑人行踪"),
        undertaking=True,
    )
    return replace(whole, **changes)


def codes(problems: list[Any]) -> list[tuple[str, str]]:
    """Field and code of each problem."""
    return [(problem.field, problem.code) for problem in problems]


def test_a_faultless_request_has_no_problem() -> None:
    assert scope_problems(asked(), [camera()], now=NOW) == []
    assert requester_problems(asked(), LIMITS, today=TODAY) == []


@pytest.mark.requirement("RET-03")
def test_footage_beyond_retention_is_refused_with_the_day_it_was_lost() -> None:
    span = {"span_from": NOW - timedelta(days=40), "span_to": NOW - timedelta(days=39)}
    (problem,) = scope_problems(asked(**span), [camera()], now=NOW)
    assert (problem.field, problem.code) == ("cameras", "evidence.footage_lost")
    assert problem.data["lost_on"] == NOW - timedelta(days=9)
    assert problem.data["camera"] == "东门"


def test_a_span_whose_beginning_is_gone_names_the_earliest_moment_left() -> None:
    span = {"span_from": NOW - timedelta(days=31), "span_to": NOW - timedelta(days=29)}
    (problem,) = scope_problems(asked(**span), [camera()], now=NOW)
    assert problem.code == "evidence.footage_partly_lost"
    assert problem.data["kept_from"] == NOW - timedelta(days=30)


@pytest.mark.requirement("EVI-03")
def test_each_camera_is_judged_by_its_own_retention() -> None:
    span = {"span_from": NOW - timedelta(days=40), "span_to": NOW - timedelta(days=39)}
    cameras = [camera(retention_days=90), camera(camera_id=UUID(int=2), label="西门")]
    problems = scope_problems(asked(camera_ids=(CAMERA, UUID(int=2)), **span), cameras, now=NOW)
    assert [problem.data["camera"] for problem in problems] == ["西门"]


@pytest.mark.requirement("RET-05")
def test_a_hold_keeps_footage_past_its_retention() -> None:
    span = {"span_from": NOW - timedelta(days=40), "span_to": NOW - timedelta(days=39)}
    held = camera(held_from=NOW - timedelta(days=41))
    assert scope_problems(asked(**span), [held], now=NOW) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"span_to": NOW - timedelta(days=3)}, "span_to", "evidence.span_backward"),
        ({"span_to": NOW + timedelta(hours=1)}, "span_to", "evidence.span_future"),
        ({"act": ActKind.LIVE}, "span_to", "evidence.live_is_past"),
        ({"camera_ids": (CAMERA, UUID(int=99))}, "cameras", "evidence.camera_unknown"),
    ],
)
def test_faulty_spans_and_cameras(changes: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in codes(scope_problems(asked(**changes), [camera()], now=NOW))


def test_live_viewing_runs_into_the_future_and_needs_no_kept_footage() -> None:
    live = asked(act=ActKind.LIVE, span_from=NOW, span_to=NOW + timedelta(hours=2))
    assert scope_problems(live, [camera(retention_days=0)], now=NOW) == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"instrument_number": " "}, "instrument_number", "evidence.instrument_number_needed"),
        ({"instrument_kind": InstrumentKind.COURT_ORDER}, "instrument_kind", "evidence.instrument_wrong_kind"),
        ({"urgent_by_phone": True}, "urgent_by_phone", "evidence.phone_not_open"),
        ({"purpose": Purpose.FOOD_SAFETY}, "purpose", "evidence.purpose_not_open"),
        ({"undertaking": False}, "undertaking", "evidence.undertaking_needed"),
        ({"content": CaseContent(reason="核查")}, "case_number", "evidence.case_number_needed"),
        ({"secret": True}, "readers", "evidence.readers_needed"),
        ({"content": CaseContent(case_number="A1")}, "reason", "evidence.reason_needed"),
        ({"content": CaseContent(reason="长" * 2001)}, "reason", "too_long"),
        ({"camera_ids": tuple(UUID(int=n) for n in range(201))}, "cameras", "evidence.too_many_cameras"),
        (
            {"officers": (OfficerDraft("王磊", IdKind.POLICE_NUMBER, "12"),)},
            "officers-0-number",
            "evidence.bad_police_number",
        ),
        ({"officers": (OfficerDraft("", IdKind.WORK_ID, "G-77"),)}, "officers-0-name", "evidence.officer_name_needed"),
    ],
)
def test_faults_name_their_field(changes: dict[str, Any], field: str, code: str) -> None:
    assert (field, code) in codes(requester_problems(asked(**changes), LIMITS, today=TODAY))


@pytest.mark.requirement("EVI-20")
def test_a_secret_case_needs_no_case_number_and_no_summary() -> None:
    secret = asked(secret=True, readers=(UUID(int=5),), content=CaseContent())
    assert requester_problems(secret, LIMITS, today=TODAY) == []


@pytest.mark.requirement("EVI-07")
def test_too_few_officers_and_one_officer_named_twice() -> None:
    one = asked().officers[:1]
    for officers in ((), one, (*one, replace(one[0], name="王 磊"))):
        problems = requester_problems(asked(officers=officers), LIMITS, today=TODAY)
        assert ("officers", "evidence.officers_too_few") in codes(problems)
    assert requester_problems(asked(officers=one), replace(LIMITS, officers=1), today=TODAY) == []


def test_an_identity_card_with_a_wrong_check_character_is_refused() -> None:
    officers = (OfficerDraft("李强", IdKind.IDENTITY_CARD, "410502199001011230"), asked().officers[0])
    fields = [problem.field for problem in requester_problems(asked(officers=officers), LIMITS, today=TODAY)]
    assert fields == ["officers-0-number"]


@pytest.mark.requirement("APR-19")
def test_an_individual_may_view_and_never_copy() -> None:
    limits = replace(LIMITS, officers=0, acts=frozenset({ActKind.PLAYBACK}))
    wish = asked(
        requester_kind=RequesterKind.INDIVIDUAL,
        instrument_kind=InstrumentKind.PERSONAL_APPLICATION,
        instrument_number="",
        purpose=Purpose.LIFE_OR_PROPERTY,
        officers=(),
    )
    assert ("act", "evidence.individual_views_only") in codes(requester_problems(wish, limits, today=TODAY))
    assert ("relation", "evidence.relation_needed") in codes(requester_problems(wish, limits, today=TODAY))


@pytest.mark.requirement("EVI-12")
def test_only_the_papers_the_rules_ask_for_are_asked_for() -> None:
    assert paper_problems(replace(LIMITS, papers=frozenset()), []) == []
    assert codes(paper_problems(LIMITS, [])) == [("papers", "evidence.paper_missing")]
    assert paper_problems(LIMITS, [Paper.RETRIEVAL_NOTICE]) == []


@pytest.mark.parametrize(
    ("age_days", "held", "safe", "urgency"),
    [
        (2, False, False, Urgency.CALM),
        (27, False, False, Urgency.SOON),
        (30, False, False, Urgency.LOST),
        (40, True, False, Urgency.HELD),
        (40, False, True, Urgency.SAFE),
    ],
)
def test_the_overwrite_clock(age_days: int, held: bool, safe: bool, urgency: Urgency) -> None:
    span_from = NOW - timedelta(days=age_days)
    clock = overwrite_clock(span_from, {"东门": 30, "西门": 90}, now=NOW, held=held, safe=safe)
    assert clock.urgency is urgency
    if not safe:
        assert clock.camera == "东门"
        assert clock.lost_at == span_from + timedelta(days=30)


def line(number: int) -> ManifestLine:
    """One file of a set."""
    return ManifestLine(
        name=f"dongmen-{number}.dav",
        size=1000 + number,
        sha256=f"{number:064x}",
        camera_code="41050200001310000001",
        span_from=NOW - timedelta(hours=2),
        span_to=NOW - timedelta(hours=1),
        clock_offset_seconds=-37,
        format="dav",
    )


SET = [line(number) for number in range(5)]


def test_the_digest_of_a_set_is_what_it_always_was() -> None:
    assert seal_manifest("DY2026-000001", SET) == seal_manifest("DY2026-000001", list(SET))
    assert seal_manifest("DY2026-000001", []) == "0ab332a35a4e5ba6da28a79329543a6467f4ca74db70e977cbf6cc958c24b9fb"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_change_of_a_set_changes_its_digest(data: st.DataObject) -> None:
    sealed = seal_manifest("DY2026-000001", SET)
    place = data.draw(st.integers(0, len(SET) - 1))
    victim = SET[place]
    changes: dict[str, Any] = {
        "name": "x.dav",
        "size": victim.size + 1,
        "sha256": "f" * 64,
        "camera_code": "x",
        "span_from": victim.span_from - timedelta(seconds=1),
        "span_to": victim.span_to + timedelta(seconds=1),
        "clock_offset_seconds": victim.clock_offset_seconds + 1,
        "format": "mp4",
    }
    field = data.draw(st.sampled_from(sorted(changes)))
    altered = [*SET[:place], replace(victim, **{field: changes[field]}), *SET[place + 1 :]]
    shorter = [*SET[:place], *SET[place + 1 :]]
    doubled = [*SET, victim]
    for other in (altered, shorter, doubled, SET[::-1]):
        assert seal_manifest("DY2026-000001", other) != sealed
    assert seal_manifest("DY2026-000002", SET) != sealed


def test_a_digest_may_be_typed_in_groups_of_any_case() -> None:
    sealed = seal_manifest("DY2026-000001", SET)
    grouped = " ".join(sealed[n : n + 8].upper() for n in range(0, 64, 8))
    assert same_digest(grouped, sealed)
    assert not same_digest(grouped[:-1] + ("0" if grouped[-1] != "0" else "1"), sealed)
    assert not same_digest("", sealed)
