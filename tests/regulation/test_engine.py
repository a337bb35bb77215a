"""Which texts govern, what they come to together, and what was overridden why."""

from datetime import date

import pytest

from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import Aside, Governed, WhyOverridden
from tests.regulation.contexts import HANDAN, rules

PUBLIC = [Regime.PUBLIC_GOVERNMENT, Regime.PUBLIC_UNIT]


def test_strictest_wins_and_keeps_what_it_overrode() -> None:
    """A counter-terrorism target keeps footage 90 days; the Decree's 30 stay visible beside it."""
    found = rules(facts={"counter_terror_target": "yes"}).explain(RuleKey.RETENTION_MIN_DAYS)
    assert found is not None
    assert found.value == 90
    assert [(cite.instrument, cite.article) for cite in found.citations] == [("counter-terrorism-law-2018", "32")]
    beaten = {over.statement.profile.key: over.why for over in found.overridden}
    assert beaten["decree-799-2025"] is WhyOverridden.LESS_STRICT
    assert rules().integer(RuleKey.RETENTION_MIN_DAYS) == 30


def test_texts_that_agree_are_all_named() -> None:
    found = rules(unit_type="school").explain(RuleKey.RETENTION_MIN_DAYS)
    assert found is not None
    assert {"decree-799-2025", "henan-2016", "guannan-schools-2018"} <= set(found.profile_keys)
    assert found.overridden == ()


@pytest.mark.requirement("GEN-06")
def test_individual_viewing_higher_law_prevails_over_a_house_refusal() -> None:
    """Decree 799 art. 21 is higher and later than the house rules that refuse individuals."""
    for house in ("petroleum-university", "shaoxing-centre"):
        found = rules(house_profiles=(house,)).explain(RuleKey.EVIDENCE_INDIVIDUAL_VIEW_ALLOWED)
        assert found is not None
        assert found.value is True
        assert [over.why for over in found.overridden] == [WhyOverridden.PRECEDENCE]
        assert found.overridden[0].precedence is not None
        assert found.overridden[0].precedence.key == "individual-viewing"


def test_before_the_decree_the_house_refusal_stood() -> None:
    early = rules(on=date(2025, 3, 31), house_profiles=("petroleum-university",))
    assert early.flag(RuleKey.EVIDENCE_INDIVIDUAL_VIEW_ALLOWED) is False


def test_individuals_never_get_copies() -> None:
    assert rules().flag(RuleKey.EVIDENCE_INDIVIDUAL_COPY_ALLOWED) is False
    assert rules(regime=Regime.NON_PUBLIC).flag(RuleKey.EVIDENCE_INDIVIDUAL_COPY_ALLOWED) is False


def test_connection_needs_consent_the_province_over_the_city() -> None:
    found = rules().explain(RuleKey.NETWORK_CONSENT_REQUIRED)
    assert found is not None
    assert found.value is True
    assert found.profile_keys == ("henan-2016",)
    assert [(o.statement.profile.key, o.why) for o in found.overridden] == [("anyang-2007", WhyOverridden.PRECEDENCE)]
    assert rules(on=date(2010, 1, 1)).flag(RuleKey.NETWORK_CONSENT_REQUIRED) is False


def test_filing_authority_follows_the_day() -> None:
    assert rules().term(RuleKey.FILING_AUTHORITY) == "county"
    assert rules(on=date(2025, 3, 31)).term(RuleKey.FILING_AUTHORITY) == "city_or_county"
    assert rules(regime=Regime.LOCAL_INTERNAL).term(RuleKey.FILING_AUTHORITY) == "city_or_county"


@pytest.mark.parametrize(
    ("regime", "filed", "signed", "retained", "register"),
    [
        (Regime.PUBLIC_GOVERNMENT, True, True, 30, True),
        (Regime.PUBLIC_UNIT, True, True, 30, True),
        (Regime.OTHER_PUBLIC, False, True, None, False),
        (Regime.NON_PUBLIC, False, False, None, False),
        (Regime.LOCAL_INTERNAL, False, False, None, False),
    ],
)
def test_obligations_follow_the_regime(
    regime: Regime, filed: bool, signed: bool, retained: int | None, register: bool
) -> None:
    """The matrix of domain 1.2, asked of the Decree alone (a place outside Henan)."""
    asked = rules(regime=regime, division_code=HANDAN, unit_type="shop")
    assert asked.flag(RuleKey.FILING_REQUIRED) is filed
    assert asked.flag(RuleKey.SIGN_REQUIRED) is signed
    assert asked.integer(RuleKey.RETENTION_MIN_DAYS) == retained
    decree = asked.explain(RuleKey.EVIDENCE_REGISTER_REQUIRED)
    assert decree is not None
    assert ("decree-799-2025" in decree.profile_keys) is register


def test_a_mandated_unit_outside_the_decree_still_keeps_30_days_in_henan() -> None:
    asked = rules(regime=Regime.LOCAL_INTERNAL, unit_type="bank")
    assert asked.integer(RuleKey.RETENTION_MIN_DAYS) == 30
    assert asked.citations(RuleKey.RETENTION_MIN_DAYS)[0].instrument == "henan-2016"


def test_a_text_governs_its_own_territory_only() -> None:
    here, there = rules(), rules(division_code=HANDAN)
    assert "anyang-2007" in here.profile_keys
    assert "anyang-2007" not in there.profile_keys
    aside = {entry.profile.key: entry.why for entry in there.aside}
    assert aside["anyang-2007"] is Aside.OTHER_TERRITORY
    assert rules(division_code="410928").flag(RuleKey.NETWORK_CONSENT_REQUIRED)  # Puyang is in Henan too


@pytest.mark.requirement("GEN-04")
@pytest.mark.parametrize(
    ("key", "instrument", "day"),
    [
        ("decree-799-2025", "decree-799", date(2025, 4, 1)),
        ("anyang-2007", "anyang", date(2007, 8, 1)),
        ("petroleum-university-2013", "petroleum-university", date(2013, 11, 13)),
    ],
)
def test_a_text_governs_from_the_day_it_takes_effect(key: str, instrument: str, day: date) -> None:
    houses = (instrument,) if instrument == "petroleum-university" else ()
    assert key in rules(on=day, house_profiles=houses).profile_keys
    before = rules(on=date.fromordinal(day.toordinal() - 1), house_profiles=houses)
    assert key not in before.profile_keys
    assert {e.profile.key: e.why for e in before.aside}[key] is Aside.NOT_IN_FORCE


@pytest.mark.requirement("GEN-02")
def test_a_new_version_replaces_the_old_on_its_day() -> None:
    old, new = rules(on=date(2025, 12, 31)), rules(on=date(2026, 1, 1))
    assert old.citations(RuleKey.LOGS_MIN_MONTHS)[0].instrument == "cybersecurity-law-2017"
    assert new.citations(RuleKey.LOGS_MIN_MONTHS)[0].instrument == "cybersecurity-law-2026"
    college = next(p for p in new.book.profiles if p.key == "mianyang-college-2022")
    assert college.supersedes[0].document_no == "绵职院发〔2012〕21号"


def test_house_rules_govern_only_where_adopted() -> None:
    assert not any(entry.why is Governed.HOUSE for entry in rules(unit_type="college").governing)
    adopted = rules(unit_type="college", house_profiles=("mianyang-college",))
    assert ("mianyang-college-2022", Governed.HOUSE) in [(e.profile.key, e.why) for e in adopted.governing]
    with pytest.raises(KeyError):
        rules(house_profiles=("nobody",))


def test_a_deployment_may_adopt_a_text_from_elsewhere_and_says_so() -> None:
    found = next(e for e in rules(unit_type="school").governing if e.profile.key == "guannan-schools-2018")
    assert found.why is Governed.ADOPTED
    assert found.adoption is not None
    assert "guannan-schools-2018" not in rules(unit_type="hospital").profile_keys


def test_an_old_system_owes_the_decrees_window_not_the_new_systems_limit() -> None:
    old = rules(in_use_on=date(2015, 5, 1))
    assert old.period(RuleKey.FILING_DUE_DAYS) is None
    window = old.period(RuleKey.FILING_EXISTING_DUE)
    assert window is not None
    assert (window.days, window.starts_on) == (90, date(2025, 4, 1))
    new = rules(in_use_on=date(2026, 10, 1))
    assert new.period(RuleKey.FILING_EXISTING_DUE) is None
    assert new.period(RuleKey.FILING_DUE_DAYS) is not None


def test_the_window_of_the_decree_prevails_over_the_older_one() -> None:
    ancient = rules(in_use_on=date(2006, 5, 1)).explain(RuleKey.FILING_EXISTING_DUE)
    assert ancient is not None
    assert ancient.profile_keys == ("decree-799-2025",)
    assert [o.statement.profile.key for o in ancient.overridden] == ["anyang-2007"]
    internal = rules(in_use_on=date(2006, 5, 1), regime=Regime.LOCAL_INTERNAL)
    assert internal.flag(RuleKey.FILING_REQUIRED)
    assert internal.citations(RuleKey.FILING_EXISTING_DUE)[0].instrument == "anyang-2007"


def test_acceptance_before_use_is_for_systems_newer_than_the_measure() -> None:
    assert rules(regime=Regime.LOCAL_INTERNAL, unit_type="shop").flag(RuleKey.ACCEPTANCE_BEFORE_USE)
    old = rules(regime=Regime.LOCAL_INTERNAL, unit_type="shop", construction_began_on=date(2007, 7, 31))
    assert not old.flag(RuleKey.ACCEPTANCE_BEFORE_USE)
    assert not rules(regime=Regime.NON_PUBLIC, unit_type="other").flag(RuleKey.ACCEPTANCE_BEFORE_USE)


def test_what_does_not_apply_says_which_fact_is_missing() -> None:
    dormant = {(entry.statement.profile.key, entry.statement.rule.key): entry.unmet for entry in rules().dormant}
    assert dormant["counter-terrorism-law-2018", "retention.min_days"] == ("counter_terror_target",)


def test_lists_add_up_in_the_vocabularys_order() -> None:
    asked = rules(house_profiles=("mianyang-college",), facts={"requester_kind": "government_organ", "act": "view"})
    assert asked.terms(RuleKey.EVIDENCE_PAPERS) == (
        "work_id", "introduction_letter", "handler_id", "psb_certificate", "approval_slip", "undertaking",
    )  # fmt: skip


@pytest.mark.requirement("EVI-12")
def test_police_and_state_security_need_no_certificate_where_the_house_rule_says_so() -> None:
    def papers(kind: str) -> tuple[str, ...]:
        facts = {"requester_kind": kind, "act": "view"}
        return rules(house_profiles=("petroleum-university",), facts=facts).terms(RuleKey.EVIDENCE_PAPERS)

    assert "unit_certificate" not in papers("police")
    assert "unit_certificate" not in papers("state_security")
    assert "unit_certificate" in papers("procuratorate")
    assert "work_id" in papers("police")


@pytest.mark.parametrize(
    ("house", "kind", "act", "people"),
    [
        ("petroleum-university", "police", "view", 2),
        ("petroleum-university", "own_department", "view", None),
        ("shaoxing-centre", "resident_unit", "view", None),
        ("shaoxing-centre", "resident_unit", "copy", 2),
        ("mianyang-college", "police", "view", None),
        ("mianyang-college", "police", "copy", 2),
    ],
)
def test_the_number_of_officers_depends_on_house_requester_and_act(
    house: str, kind: str, act: str, people: int | None
) -> None:
    asked = rules(house_profiles=(house,), facts={"requester_kind": kind, "act": act})
    assert asked.integer(RuleKey.EVIDENCE_MIN_OFFICERS) == people


def test_a_misspelt_question_is_refused() -> None:
    with pytest.raises(ValueError, match=r"retention\.days"):
        rules().value("retention.days")


def test_a_question_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(TypeError):
        rules().integer(RuleKey.FILING_AUTHORITY)


def test_the_snapshot_is_json_and_names_the_sources() -> None:
    import json

    frozen = json.loads(json.dumps(rules(unit_type="school").snapshot(), ensure_ascii=False))
    assert frozen["rules"]["retention.min_days"]["value"] == 30
    assert "decree-799-2025 17" in frozen["rules"]["retention.min_days"]["from"]
    assert frozen["rules"]["grade.bands"]["value"]["bands"][0]["at_least"] == "90"
    assert frozen["on"] == "2026-11-20"


def test_documents_of_an_act_name_every_text_that_asks() -> None:
    papers = {paper.document: paper for paper in rules(unit_type="bank").documents("acceptance")}
    assert papers["test_report"].required
    assert {cite.instrument for cite in papers["test_report"].citations} == {"henan-2016", "ga-308-2001"}
    assert not papers["contract"].required
    assert not papers["contract"].verified
    filing = {paper.document for paper in rules().documents("filing")}
    assert "secret_unit_consent" not in filing
    beside = rules(facts={"near_secret_unit": "yes"}).documents("filing")
    assert next(paper for paper in beside if paper.document == "secret_unit_consent").required


def test_deadlines_carry_their_article() -> None:
    from portal.regulation.calendar import WorkCalendar

    asked = rules(unit_type="bank", in_use_on=date(2026, 10, 8))
    due = asked.filing_deadline(calendar=WorkCalendar())
    assert due is not None
    assert due.due == date(2026, 11, 7)
    assert [(c.instrument, c.article) for c in due.citations] == [("decree-799-2025", "14")]
    decide = asked.deadline(RuleKey.ACCEPTANCE_DECIDE_WORKING_DAYS, start=date(2026, 2, 9), calendar=WorkCalendar())
    assert decide is not None
    assert decide.due == date(2026, 3, 6)
    assert rules(regime=Regime.NON_PUBLIC).filing_deadline(calendar=WorkCalendar()) is None


def test_remembered_answers_still_belong_to_the_system_asked_about() -> None:
    """Systems put to use between the same two texts share an answer, never a date."""
    from portal.regulation.calendar import WorkCalendar

    one, other = rules(in_use_on=date(2026, 3, 2)), rules(in_use_on=date(2026, 4, 2))
    assert one.rules is other.rules
    dues = [asked.filing_deadline(calendar=WorkCalendar()) for asked in (one, other)]
    assert [due and due.due for due in dues] == [date(2026, 4, 1), date(2026, 5, 2)]
    before, after = rules(in_use_on=date(2025, 3, 31)), rules(in_use_on=date(2025, 4, 1))
    assert before.period(RuleKey.FILING_EXISTING_DUE) is not None
    assert after.period(RuleKey.FILING_EXISTING_DUE) is None
