"""What a filing owes, worked out without a database: regimes, organs, clocks, differences, mismatches."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.registry.models import Filing, System, SystemParty, Unit
from portal.registry.operations.filings import record_number, set_deadline
from portal.registry.rules import (
    Declared,
    Level,
    Seen,
    Standing,
    asked_of,
    clocks_of,
    compare,
    deadline_of,
    is_extended,
    kind_of,
    mismatches,
    national_problem,
    removal_refused,
    route_of,
    rules_for,
    stalled_days,
    tidy_national,
    working_of,
)
from portal.registry.rules.parties import party_problems
from portal.registry.states import FilingStatus, UseStatus
from portal.registry.values import ClockKind, FilingKind, PartyRole
from portal.registry.values.archive import PartyParticulars
from portal.regulation.calendar import DayKind, WorkCalendar
from portal.regulation.deadlines import StepCode, deadline, extended
from portal.regulation.effective import EffectiveRules
from portal.regulation.loader import rulebook
from portal.regulation.regimes import derive_regime
from portal.regulation.schema.values import Period
from portal.regulation.schema.vocabulary import Regime

CALENDAR = WorkCalendar()
TODAY = date(2026, 11, 20)
WENFENG, TANGYIN = "410502", "410523"


def rules(
    regime: str = "a7_2", *, on: date = TODAY, in_use_on: date | None = None, district: str = WENFENG, **facts: str
) -> EffectiveRules:
    unit = Unit(unit_type="shop", district=district, house_profiles=[], counter_terror_target=False)
    system = System(regime=regime, district=district, kind="unit_internal", in_use_on=in_use_on)
    return rules_for(unit, system, on=on, facts=facts)


def answered(**answers: str) -> Any:
    return derive_regime(answers, book=rulebook())


@pytest.mark.parametrize(
    ("answers", "regime", "kind", "asked"),
    [
        (
            {"public_place": "yes", "place": "venues", "responsible": "yes"},
            Regime.PUBLIC_UNIT,
            FilingKind.NEW,
            {"name", "address", "position", "devices", "in_use_on", "retention_days", "builder"},
        ),
        (
            {"public_place": "yes", "place": "other", "safety_duty": "yes"},
            Regime.OTHER_PUBLIC,
            FilingKind.VOLUNTARY,
            {"name", "address", "position", "devices"},
        ),
        (
            {"public_place": "no", "internal": "yes"},
            Regime.LOCAL_INTERNAL,
            FilingKind.VOLUNTARY,
            {"name", "address", "position", "devices"},
        ),
    ],
)
def test_a_few_answers_settle_the_regime_and_what_is_asked(
    answers: dict[str, str], regime: Regime, kind: FilingKind, asked: set[str]
) -> None:
    found = answered(**answers)
    assert found.regime is regime
    assert len(found.reasons) == len(answers) <= 3
    assert all(reason.citations for reason in found.reasons)
    held = rules(regime)
    assert kind_of(held, standing=False) is kind
    assert asked_of(held, kind) == asked


def test_nobody_files_what_may_not_be_installed() -> None:
    barred = answered(public_place="yes", place="venues", responsible="no")
    assert barred.barred
    assert barred.regime is None
    assert barred.reasons[-1].citations[0].article == "7 p3"


def test_who_files_himself_brings_no_papers() -> None:
    def wanted(handled_by: str) -> set[str]:
        return {paper.document for paper in rules(handled_by=handled_by).documents("filing") if paper.required}

    assert wanted("agent") - wanted("principal") == {"authorisation_letter", "handler_identity"}


@pytest.mark.requirement("REG-02")
@pytest.mark.requirement("REG-04")
def test_the_organ_follows_from_the_place_and_the_text_in_force() -> None:
    """The city measure sent urban districts to the city; since Decree 799 the county level receives them."""
    old = date(2007, 7, 1)  # in use before the measure, so that it is the measure that asks
    before, after = date(2025, 3, 31), date(2025, 4, 1)
    sent = {
        (on, district): route_of(rules(on=on, in_use_on=old, district=district), district=district)
        for on in (before, after)
        for district in (WENFENG, TANGYIN)
    }
    assert {key: route.level for key, route in sent.items()} == {
        (before, WENFENG): Level.CITY,
        (before, TANGYIN): Level.COUNTY,
        (after, WENFENG): Level.COUNTY,
        (after, TANGYIN): Level.COUNTY,
    }
    assert [(one.instrument, one.article) for one in sent[before, WENFENG].citations] == [("anyang-2007", "10 p2")]
    assert [(one.instrument, one.article) for one in sent[after, WENFENG].citations] == [("decree-799-2025", "14")]
    # A system the decree does not reach stays with the measure.
    internal = route_of(rules("local_internal", in_use_on=old), district=WENFENG)
    assert internal.level is Level.CITY


def due(regime: str, in_use_on: date, *, on: date) -> tuple[ClockKind, Any]:
    ((kind, counted),) = clocks_of(
        rules(regime, on=on, in_use_on=in_use_on), Standing(use_status=UseStatus.IN_USE), calendar=CALENDAR
    ).items()
    return kind, counted


@pytest.mark.requirement("REG-03")
def test_existing_systems_have_their_days_of_2007_and_2025() -> None:
    kind, counted = due("local_internal", date(2006, 5, 1), on=date(2007, 9, 1))
    assert (kind, counted.due) == (ClockKind.EXISTING, date(2007, 8, 31))
    assert counted.overdue(date(2007, 9, 1))
    assert not counted.overdue(date(2007, 8, 31))
    assert counted.citations[0].instrument == "anyang-2007"
    kind, counted = due("a7_2", date(2019, 5, 1), on=TODAY)
    assert (kind, counted.due) == (ClockKind.EXISTING, date(2025, 6, 30))
    kind, counted = due("a7_2", date(2026, 11, 2), on=TODAY)
    assert (kind, counted.due) == (ClockKind.NEW, date(2026, 12, 2))
    assert [step.code for step in counted.steps][:2] == [StepCode.STARTS, StepCode.EVENT_DAY_EXCLUDED]


@pytest.mark.requirement("REG-03")
def test_construction_that_never_ends_is_told() -> None:
    held = rules()
    began = TODAY - timedelta(days=400)
    assert stalled_days(held, use_status=UseStatus.UNDER_CONSTRUCTION, began_on=began, on=TODAY) == 400
    assert stalled_days(held, use_status=UseStatus.IN_USE, began_on=began, on=TODAY) is None
    assert stalled_days(held, use_status=UseStatus.UNDER_CONSTRUCTION, began_on=TODAY, on=TODAY) is None


def test_a_filing_in_force_runs_towards_its_confirmation_and_no_other_does() -> None:
    def running(**at: Any) -> dict[ClockKind, date | None]:
        standing = Standing(**{"use_status": UseStatus.IN_USE, **at})
        held = rules(in_use_on=date(2026, 1, 5))
        return {kind: counted.due for kind, counted in clocks_of(held, standing, calendar=CALENDAR).items()}

    filed = date(2026, 2, 1)
    assert running(filed=FilingStatus.ACCEPTED, filed_on=filed) == {ClockKind.CONFIRMATION: date(2027, 2, 1)}
    again = date(2026, 11, 1)
    assert running(filed=FilingStatus.STALE, filed_on=filed, confirmed_on=again) == {
        ClockKind.CONFIRMATION: date(2027, 11, 1)
    }
    assert running(filed=FilingStatus.SUSPENDED, filed_on=filed) == {}
    assert running(under_review=True) == {}
    assert running(use_status=UseStatus.DISMANTLED) == {}
    assert set(running()) == {ClockKind.NEW}


@given(start=st.dates(date(2008, 1, 1), date(2026, 6, 1)), days=st.integers(1, 60))
def test_working_days_count_what_the_state_council_moved(start: date, days: int) -> None:
    """Recounted here day by day: rest days are passed over, weekend days worked for a holiday are counted."""
    counted = deadline(Period(days=days, counting="working", counts_from="test_passed"), start=start, calendar=CALENDAR)
    assert counted.due is not None
    after = [start + timedelta(days=n) for n in range(1, (counted.due - start).days + 1)]
    assert sum(CALENDAR.works(day) for day in after) == days
    told = {day for step in counted.steps for day, _ in step.days}
    off = {day for day in after if not CALENDAR.works(day)}
    made_up = {day for day in after if CALENDAR.kind(day) is DayKind.MAKE_UP_WORKDAY}
    assert told == off | made_up
    assert deadline_of(json.loads(json.dumps(working_of(counted)))) == counted


@given(days=st.integers(1, 365))
def test_an_extension_stands_in_the_working_and_is_kept(days: int) -> None:
    first = due("a7_2", date(2026, 11, 2), on=TODAY)[1]
    later = extended(first, days=days, note="文峰分局：疫情")
    assert later.due == first.due + timedelta(days=days)
    assert later.steps[:-2] == first.steps[:-1]
    assert later.steps[-2].code is StepCode.EXTENDED
    assert is_extended(later)
    assert not is_extended(first)
    assert deadline_of(json.loads(json.dumps(working_of(later)))) == later


def test_a_change_is_due_promptly_and_names_no_day() -> None:
    filing = Filing(kind=FilingKind.CHANGE)
    unit = Unit(unit_type="shop", district=WENFENG, house_profiles=[], counter_terror_target=False)
    system = System(unit=unit, regime="a7_2", district=WENFENG, kind="unit_internal", in_use_on=date(2026, 1, 1))
    system.updated_at = now = datetime(2026, 11, 20, 2, tzinfo=UTC)
    set_deadline(filing, system, calendar=CALENDAR, now=now)
    kept = deadline_of(filing.due_why)
    assert filing.due_on is None
    assert kept is not None
    assert [step.code for step in kept.steps] == [StepCode.STARTS, StepCode.PROMPTLY]
    assert kept.citations[0].article == "14"


def test_what_was_voluntary_is_removed_and_what_is_owed_is_not() -> None:
    assert removal_refused(rules("a9")) is None
    assert removal_refused(rules("a33")) is None
    assert removal_refused(rules("local_internal", in_use_on=date(2020, 1, 1))) is None
    for held, article in (
        (rules("a7_2"), ("decree-799-2025", "14")),
        (rules("local_internal", in_use_on=date(2006, 1, 1)), ("anyang-2007", "10 p2")),
    ):
        refused = removal_refused(held)
        assert refused is not None
        assert [(one.instrument, one.article) for one in refused.citations] == [article]


CONTENT = {
    "unit": {"id": "u", "name": "洹滨超市", "address": "文峰大道1号"},
    "system": {"address": "文峰大道1号", "retention_days": 30, "declared_devices": {"fixed_bullet": 3}},
    "parties": {"manager": "洹滨超市"},
    "components": [],
    "cameras": [{"id": "a", "name": "门口", "azimuth": 10, "version": 1}, {"id": "b", "name": "收银", "azimuth": 20}],
    "documents": [{"slot": "sign_photo", "version": 1, "title": "提示标识照片", "file": "x"}],
}


def test_a_difference_names_what_where_before_and_after() -> None:
    after = json.loads(json.dumps(CONTENT))
    after["system"]["retention_days"] = 90
    after["parties"]["builder"] = "安视公司"
    after["cameras"] = [{"id": "a", "name": "门口", "azimuth": 90, "version": 7}, {"id": "c", "name": "仓库"}]
    after["documents"].append({"slot": "sign_photo", "version": 2, "title": "提示标识照片", "file": "y"})
    found = compare(CONTENT, after)
    assert [(line.part, line.subject, line.field, line.old, line.new) for line in found.lines] == [
        ("system", "", "retention_days", 30, 90),
        ("parties", "", "builder", None, "安视公司"),
        ("cameras", "门口", "azimuth", 10, 90),
    ]
    assert (found.came["cameras"], found.gone["cameras"]) == (["仓库"], ["收银"])
    assert found.came["documents"] == ["提示标识照片"]
    assert not found.gone["documents"]


@given(
    st.dictionaries(
        st.sampled_from(["address", "retention_days", "purpose"]), st.sampled_from([None, "", "文峰大道2号", "90"])
    )
)
def test_a_content_never_differs_from_itself_and_always_tells_a_change(changed: dict[str, str | None]) -> None:
    assert compare(CONTENT, CONTENT).same
    after = json.loads(json.dumps(CONTENT))
    after["system"] |= changed
    really = {name for name, value in changed.items() if (CONTENT["system"].get(name) or None) != (value or None)}
    assert {line.field for line in compare(CONTENT, after).lines} == really
    # Older submissions froze less; what they did not know is no fault.
    assert compare({"system": {}}, {"system": {}}).same


@pytest.mark.requirement("REG-19")
def test_what_probes_see_is_set_against_what_was_declared() -> None:
    declared = Declared(by_type={"fixed_bullet": 3, "ptz_dome": 1}, retention_days=90)
    true = Seen(by_type={"fixed_bullet": 3, "ptz_dome": 1}, live={"online": 4}, shortest_retention=90)
    assert mismatches(declared, true) == []
    assert mismatches(declared, Seen()) == []  # nothing is known yet, so nothing contradicts
    false = Seen(
        by_type={"fixed_bullet": 2, "hemisphere": 1},
        live={"online": 1, "offline": 2},
        with_sound=1,
        with_analysis=2,
        shortest_retention=21,
    )
    told = {(one.code, one.subject): (one.declared, one.seen, one.grave) for one in mismatches(declared, false)}
    assert told == {
        ("devices_differ", "fixed_bullet"): ("3", "2", True),
        ("devices_differ", "hemisphere"): ("0", "1", True),
        ("devices_differ", "ptz_dome"): ("1", "0", True),
        ("sound_undeclared", ""): ("0", "1", True),
        ("analysis_undeclared", ""): ("0", "2", True),
        ("retention_shorter", ""): ("90", "21", True),
        ("silent", ""): ("3", "1", False),
    }


def test_a_change_keeps_the_number_of_its_record() -> None:
    assert record_number("410502-2026-000001") == record_number("410502-2026-000001-3") == "410502-2026-000001"


@pytest.mark.parametrize(
    ("typed", "kept", "fault"),
    [
        ("41050201 0361", "410502010361", None),
        ("ga－2026－7788990", "GA-2026-7788990", None),
        ("GA\u20132026\u20147788990", "GA-2026-7788990", None),
        ("12345", "12345", "national_length"),
        ("9" * 41, "9" * 41, "national_length"),
        ("尚未取得，待补", "尚未取得,待补", "national_form"),
        ("ABCDEF", "ABCDEF", "national_form"),
        ("GA--20267788", "GA--20267788", "national_form"),
    ],
)
def test_a_number_of_the_national_platform_is_tidied_and_bounded(typed: str, kept: str, fault: str | None) -> None:
    assert tidy_national(typed) == kept
    problem = national_problem(kept)
    assert (problem.code if problem else None) == fault


def test_a_partys_faults_are_told_at_once() -> None:
    day = date(2026, 5, 1)
    there = SystemParty(id=uuid4(), role="manager", name="甲物业", valid_from=day, valid_to=None)
    ended = SystemParty(
        id=uuid4(), role="manager", name="乙物业", valid_from=date(2026, 1, 1), valid_to=date(2026, 4, 30)
    )

    def faults(
        start: date | None, end: date | None = None, *, uscc: str = "", party_id=None, reason: str = ""
    ) -> set[str]:
        party = PartyParticulars(name="丙", uscc=uscc, responsible="", valid_from=start, valid_to=end, note="")
        found = party_problems(
            party, [there, ended], role=PartyRole.MANAGER, party_id=party_id, reason=reason, filed=True
        )
        return {problem.code for problem in found}

    assert faults(date(2026, 3, 1), date(2026, 6, 1), uscc="9141") == {
        "change_reason_needed", "uscc_length", "party_overlaps",
    }  # fmt: skip
    assert faults(date(2026, 6, 1), reason="换人") == set()  # who holds the role gives it up the day before
    assert faults(day, party_id=there.id, reason="更正") == set()
    assert faults(date(2026, 4, 1), party_id=there.id, reason="更正") == {"party_overlaps"}
    assert faults(day, date(2026, 4, 1), reason="更正") == {"period_backwards"}
