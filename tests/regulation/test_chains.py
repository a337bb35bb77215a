"""Every approval chain of domain 7.5, asked by requester, act and zone."""

import pytest

from portal.regulation.chains import ChainFinding, approval_zones, choose_chain
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from tests.regulation.contexts import rules


def chosen(
    house: str = "", regime: Regime = Regime.PUBLIC_UNIT, unit_type: str | None = None, **facts: str | tuple[str, ...]
) -> ChainFinding:
    houses = (house,) if house else ()
    return choose_chain(rules(house_profiles=houses, regime=regime, unit_type=unit_type, facts=facts))


def posts(found: ChainFinding) -> list[str | None]:
    assert found.chain is not None
    return [step.post for step in found.steps]


@pytest.mark.requirement("APR-01")
@pytest.mark.requirement("APR-02")
@pytest.mark.parametrize("kind", ["own_department", "own_member"])
def test_on_campus_the_department_head_then_the_leader_for_public_order(kind: str) -> None:
    found = chosen("mianyang-college", requester_kind=kind, act="view")
    assert posts(found) == ["department_head", "public_order_leader"]
    assert found.chain is not None
    assert found.chain.requester_excluded
    assert found.chain.distinct_people


@pytest.mark.requirement("APR-04")
@pytest.mark.parametrize("kind", ["police", "procuratorate", "court", "state_security"])
def test_judicial_organs_without_a_notice_need_director_and_school_leader(kind: str) -> None:
    found = chosen("mianyang-college", requester_kind=kind, act="copy")
    assert posts(found) == ["security_director", "school_leader_safety"]


@pytest.mark.requirement("APR-05")
def test_other_government_organs_bring_a_certificate_besides() -> None:
    assert posts(chosen("mianyang-college", requester_kind="government_organ", act="view")) == [
        "security_director",
        "school_leader_safety",
    ]
    facts = {"requester_kind": "government_organ", "act": "view"}
    asked = rules(house_profiles=("mianyang-college",), facts=facts)
    assert "psb_certificate" in asked.terms(RuleKey.EVIDENCE_PAPERS)
    police = rules(house_profiles=("mianyang-college",), facts=facts | {"requester_kind": "police"})
    assert "psb_certificate" not in police.terms(RuleKey.EVIDENCE_PAPERS)


@pytest.mark.requirement("APR-06")
def test_outside_units_bring_letter_and_id() -> None:
    assert posts(chosen("mianyang-college", requester_kind="outside_unit", act="view")) == [
        "security_director",
        "school_leader_safety",
    ]
    asked = rules(house_profiles=("mianyang-college",), facts={"requester_kind": "outside_unit", "act": "view"})
    assert {"introduction_letter", "handler_id", "approval_slip"} <= set(asked.terms(RuleKey.EVIDENCE_PAPERS))


@pytest.mark.requirement("APR-07")
@pytest.mark.parametrize("act", ["live", "view"])
def test_the_section_consents_to_viewing(act: str) -> None:
    assert posts(chosen("petroleum-university", requester_kind="own_department", act=act)) == [
        "public_order_section_chief"
    ]


@pytest.mark.requirement("APR-08")
@pytest.mark.parametrize("act", ["copy", "film_screen", "original"])
def test_the_police_office_approves_copying(act: str) -> None:
    assert posts(chosen("petroleum-university", requester_kind="own_department", act=act)) == ["police_office_head"]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param("a", ["logistics_deputy_security"], marks=pytest.mark.requirement("APR-09")),
        pytest.param("b", ["logistics_deputy_canteen"], marks=pytest.mark.requirement("APR-10")),
        pytest.param(
            "c",
            ["resident_unit_head", "logistics_deputy", "logistics_director", "centre_deputy_director"],
            marks=pytest.mark.requirement("APR-11"),
        ),
        pytest.param(
            "key",
            [
                "resident_unit_head",
                "logistics_deputy",
                "logistics_director",
                "centre_deputy_director",
                "centre_principal",
            ],
            marks=pytest.mark.requirement("APR-12"),
        ),
        (
            "none",
            ["resident_unit_head", "logistics_deputy", "logistics_director", "centre_deputy_director"],
        ),
    ],
)
def test_the_zone_decides_who_approves(zone: str, expected: list[str]) -> None:
    found = chosen("shaoxing-centre", requester_kind="resident_unit", act="view", zone=zone)
    assert posts(found) == expected
    assert rules(house_profiles=("shaoxing-centre",)).flag(RuleKey.EVIDENCE_DEDICATED_ACCOUNT)


def test_where_zones_mix_the_strictest_decides() -> None:
    asked = rules(house_profiles=("shaoxing-centre",))
    assert approval_zones(asked, ["gate", "plant"]) == ("a",)
    assert approval_zones(asked, ["gate", "canteen"]) == ("a", "b")
    assert approval_zones(asked, ["gate", "corridor"]) == ("c",)
    assert approval_zones(asked, ["gate", "key_floor", "corridor"]) == ("key",)
    assert approval_zones(asked, [None]) == ("c",)
    assert approval_zones(asked, ["atm", "gate"]) == ("c",)
    assert approval_zones(asked, []) == ("c",)
    assert approval_zones(rules(), ["gate"]) == ("none",)
    both = chosen("shaoxing-centre", requester_kind="own_department", act="view", zone=("a", "b"))
    assert posts(both) == ["logistics_deputy_security", "logistics_deputy_canteen"]


@pytest.mark.requirement("APR-13")
@pytest.mark.parametrize("kind", ["outside_unit", "own_member"])
def test_the_centre_refuses_those_not_resident_and_personal_names(kind: str) -> None:
    found = chosen("shaoxing-centre", requester_kind=kind, act="view")
    assert found.chain is None
    assert [rule.key for rule in found.refusals] == ["evidence.requester_refused"]
    assert found.refusals[0].citations[0].instrument == "shaoxing-centre-2021"


@pytest.mark.requirement("APR-14")
@pytest.mark.parametrize("kind", ["police", "procuratorate", "court", "government_organ"])
def test_the_principal_leader_approves_organs(kind: str) -> None:
    assert posts(chosen("shaoxing-centre", requester_kind=kind, act="view")) == ["centre_principal"]


@pytest.mark.requirement("APR-15")
def test_copying_at_the_centre_needs_two_people_letter_and_promise() -> None:
    facts = {"requester_kind": "resident_unit", "act": "copy", "zone": "a"}
    asked = rules(house_profiles=("shaoxing-centre",), facts=facts)
    assert asked.integer(RuleKey.EVIDENCE_MIN_OFFICERS) == 2
    assert {"work_id", "unit_certificate", "undertaking"} <= set(asked.terms(RuleKey.EVIDENCE_PAPERS))
    assert posts(choose_chain(asked)) == ["logistics_deputy_security"]


@pytest.mark.requirement("APR-17")
def test_a_school_asks_its_leader_in_charge() -> None:
    found = chosen(unit_type="school", requester_kind="own_department", act="view")
    assert posts(found) == ["school_leader_safety"]


@pytest.mark.requirement("APR-18")
@pytest.mark.parametrize("house", ["", "mianyang-college", "petroleum-university", "shaoxing-centre"])
def test_a_statutory_notice_is_a_duty_whatever_the_house_rules(house: str) -> None:
    """The case department's head approves; the unit acknowledges and cannot refuse."""
    found = chosen(house, requester_kind="police", act="copy", statutory="yes")
    assert found.chain is not None
    assert found.chain.key == "statutory-retrieval"
    head, unit = found.steps
    assert (head.holder, unit.holder) == ("requester_organ", "unit")
    assert "refuse" in head.verdicts
    assert unit.verdicts == ("acknowledge",)
    asked = rules(house_profiles=(house,) if house else (), facts=dict(found.facts))
    assert asked.flag(RuleKey.EVIDENCE_DUTY_TO_SUPPLY)
    assert asked.flag(RuleKey.EVIDENCE_NOTICE_REQUIRED)
    assert all(chain.key != "statutory-retrieval" for _, chain in found.passed_over)


@pytest.mark.requirement("APR-19")
@pytest.mark.parametrize("house", ["", "petroleum-university", "shaoxing-centre", "mianyang-college"])
def test_an_individual_may_view_with_consent_and_never_copy(house: str) -> None:
    view = chosen(house, requester_kind="individual", act="view")
    assert view.chain is not None
    assert view.chain.key == "individual-viewing"
    for act in ("copy", "film_screen", "original", "live"):
        copy = chosen(house, requester_kind="individual", act=act)
        assert copy.chain is None
        assert [rule.key for rule in copy.refusals] == ["evidence.individual_copy_allowed"]


def test_in_a_non_public_place_the_house_refusal_of_individuals_stands() -> None:
    refused = chosen("petroleum-university", Regime.LOCAL_INTERNAL, requester_kind="individual", act="view")
    assert [rule.key for rule in refused.refusals] == ["evidence.individual_view_allowed"]
    allowed = chosen("", Regime.LOCAL_INTERNAL, requester_kind="individual", act="view")
    assert allowed.chain is not None
    assert allowed.chain.key == "individual-default"


def test_a_unit_without_rules_of_its_own_uses_the_default() -> None:
    found = chosen(requester_kind="police", act="view")
    assert found.chain is not None
    assert found.chain.key == "unit-default"
    assert [step.holder for step in found.steps] == ["requester_organ", "unit"]
    assert [step.holder for step in chosen(requester_kind="own_department", act="view").steps] == ["unit"]


def test_the_chains_that_stood_behind_are_named() -> None:
    found = chosen("mianyang-college", requester_kind="police", act="copy", statutory="yes")
    assert [chain.key for _, chain in found.passed_over] == ["mianyang-organs", "unit-default"]


def test_a_request_that_says_neither_who_nor_what_finds_no_chain() -> None:
    found = chosen()
    assert found.chain is None
    assert found.refusals == ()


def test_the_system_administrator_operates_and_the_office_stands_highest() -> None:
    asked = rules(house_profiles=("petroleum-university",))
    assert asked.term(RuleKey.EVIDENCE_OPERATING_POST) == "system_administrator"


def test_the_section_chief_assigns_the_operator() -> None:
    asked = rules(house_profiles=("mianyang-college",))
    assert asked.term(RuleKey.EVIDENCE_ASSIGNMENT_POST) == "public_order_section_chief"
    assert asked.flag(RuleKey.EVIDENCE_ASSIGNED_OPERATOR_ONLY)
