"""The portal's own checks: what was planted is what is found, and the answers it proposes are the truth."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.inspection.rules import PAPERS_OF, checklist_for
from portal.inspection.states import AcceptanceKind, Verdict
from portal.reachability.rules import pixels_of
from portal.readiness.rules import checks_of, filled_by, outlook_of, proposals_of, tally
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import CameraFact, Check, Facts, FirmFound, ZoneFound
from portal.registry.rules import PRINTED_HERE
from portal.registry.states import LiveState
from portal.registry.values.archive import ContractorKind, Validity
from portal.registry.values.zones import ZoneState
from portal.regulation.effective import EffectiveRules
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Text
from tests.people import NOW
from tests.regulation.contexts import rules

GUANNAN = "320724"
SCHOOL = rules(unit_type="school", division_code=GUANNAN)
LIST = checklist_for(SCHOOL, AcceptanceKind.NEW)
PAPERS = [paper for paper in SCHOOL.documents(PAPERS_OF[AcceptanceKind.NEW]) if paper.document not in PRINTED_HERE]
GATE = Text(zh="大门", en="Gate")
KEPT_LONG = 400

CAMERAS = [
    CameraFact(
        id=str(number),
        name=f"点位{number}",
        declared_days=90,
        pixels="1920x1080",
        coded=True,
        state=LiveState.ONLINE,
        drift_s=1,
        days_measured=91,
        days_alive=KEPT_LONG,
        records=True,
        measured_pixels="1920x1080",
        open_access=False,
    )
    for number in range(4)
]
FACTS = Facts(
    at=NOW,
    zones=(ZoneFound(key="gate", name=GATE, state=ZoneState.COVERED),),
    cameras=tally(CAMERAS),
    declared_days=90,
    probed_at=NOW - timedelta(hours=1),
    examined_at=NOW - timedelta(hours=5),
    pictures_at=NOW - timedelta(hours=6),
    papers={paper.document: Validity.VALID for paper in PAPERS},
    unsigned=(),
    firms=(FirmFound(name="安防公司", kind=ContractorKind.CONSTRUCTION, standing=Validity.VALID),),
    filed=True,
    in_use=True,
)


def judged(facts: Facts, asked: EffectiveRules = SCHOOL) -> dict[CheckKey, Check]:
    return {check.key: check for check in checks_of(facts, asked, PAPERS)}


def verdicts(facts: Facts) -> dict[CheckKey, CheckVerdict]:
    return {key: check.verdict for key, check in judged(facts).items()}


def one_camera(**changes: Any) -> Callable[[Facts], Facts]:
    """The same system with one camera that is otherwise."""
    return lambda facts: facts.model_copy(update={"cameras": tally([replace(CAMERAS[0], **changes), *CAMERAS[1:]])})


def whole(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: facts.model_copy(update=changes)


FAULTS: list[tuple[Callable[[Facts], Facts], CheckKey]] = [
    (whole(zones=(ZoneFound(key="gate", name=GATE, state=ZoneState.GAP),)), CheckKey.ZONES),
    (whole(zones=(ZoneFound(key="gate", name=GATE, state=ZoneState.DARK),)), CheckKey.ZONES),
    (whole(forbidden=1), CheckKey.INTERIORS),
    (whole(unmasked=1), CheckKey.MASKS),
    (whole(unsigned=(GATE,)), CheckKey.SIGNS),
    (whole(declared_days=None), CheckKey.RETENTION_DECLARED),
    (whole(declared_days=29), CheckKey.RETENTION_DECLARED),
    (one_camera(declared_days=29), CheckKey.RETENTION_DECLARED),
    (one_camera(days_measured=22), CheckKey.RETENTION_MEASURED),
    (one_camera(records=False, days_measured=None), CheckKey.RECORDING),
    (one_camera(pixels="320x240"), CheckKey.RESOLUTION_DECLARED),
    (one_camera(measured_pixels="320×240"), CheckKey.RESOLUTION_MEASURED),
    (one_camera(measured_pixels="1280×720"), CheckKey.RESOLUTION_AGREES),
    (one_camera(state=LiveState.OFFLINE), CheckKey.ONLINE),
    (one_camera(drift_s=-2220), CheckKey.CLOCK),
    (one_camera(drift_s=6), CheckKey.CLOCK),
    (one_camera(open_access=True), CheckKey.PASSWORDS),
    (one_camera(faults=("gb_code:malformed",)), CheckKey.DEVICE_CODES),
    (one_camera(faults=("host:duplicate",)), CheckKey.DEVICE_CODES),
    (one_camera(faults=("lon:missing",)), CheckKey.FILES),
    (whole(papers={**FACTS.papers, "as_built": Validity.EXPIRED}), CheckKey.DOCUMENTS),
    (
        whole(papers={key: state for key, state in FACTS.papers.items() if key != "test_report"}),
        CheckKey.DOCUMENTS,
    ),
    (
        whole(firms=(FirmFound(name="甲", kind=ContractorKind.DESIGN, standing=Validity.EXPIRED),)),
        CheckKey.QUALIFICATION,
    ),
    (whole(firms=()), CheckKey.QUALIFICATION),
    (whole(filed=False), CheckKey.FILED),
]


def test_a_system_in_order_passes_every_check() -> None:
    assert set(verdicts(FACTS).values()) == {CheckVerdict.MET}
    assert set(verdicts(FACTS)) == set(CheckKey)


@pytest.mark.parametrize(("plant", "key"), FAULTS)
def test_what_is_planted_is_found_and_nothing_else(plant: Callable[[Facts], Facts], key: CheckKey) -> None:
    found = verdicts(plant(FACTS))
    assert [each for each, verdict in found.items() if verdict is CheckVerdict.NOT_MET] == [key]


def test_what_nobody_could_tell_is_neither_met_nor_failed() -> None:
    blank = [CameraFact(id="1", name="点位", declared_days=90, pixels="1920x1080")]
    found = verdicts(FACTS.model_copy(update={"cameras": tally(blank), "probed_at": None}))
    probed = {
        CheckKey.ONLINE, CheckKey.CLOCK, CheckKey.PASSWORDS, CheckKey.RECORDING, CheckKey.RETENTION_MEASURED,
        CheckKey.RESOLUTION_MEASURED, CheckKey.RESOLUTION_AGREES,
    }  # fmt: skip
    assert {key for key, verdict in found.items() if verdict is CheckVerdict.UNKNOWN} == probed


def test_a_device_that_has_not_run_for_so_long_disproves_nothing() -> None:
    young = [replace(each, days_measured=12, days_alive=12) for each in CAMERAS]
    check = judged(FACTS.model_copy(update={"cameras": tally(young)}))[CheckKey.RETENTION_MEASURED]
    assert (check.verdict, check.code) == (CheckVerdict.UNKNOWN, "young")


def test_an_old_probe_is_none() -> None:
    old = FACTS.model_copy(update={"probed_at": NOW - timedelta(days=3)})
    assert verdicts(old)[CheckKey.ONLINE] is CheckVerdict.UNKNOWN


@pytest.mark.parametrize(("text", "pixels"), [("1920x1080", (1920, 1080)), ("352 × 288", (352, 288)), ("高清", None)])
def test_a_resolution_is_read_as_people_write_it(text: str, pixels: tuple[int, int] | None) -> None:
    assert pixels_of(text) == pixels


def test_the_facts_of_a_report_are_judged_again_to_the_same() -> None:
    for plant, _ in FAULTS:
        facts = plant(FACTS)
        again = Facts.model_validate_json(facts.model_dump_json())
        checks = checks_of(facts, SCHOOL, PAPERS)
        assert checks_of(again, SCHOOL, PAPERS) == checks
        assert [Check.from_json(check.as_json()) for check in checks] == list(checks)


def test_what_bars_a_visit_is_the_practice_of_the_portal() -> None:
    barring = {key for key, check in judged(FACTS).items() if check.blocking}
    assert barring == {
        CheckKey.ZONES, CheckKey.INTERIORS, CheckKey.RETENTION_DECLARED, CheckKey.RETENTION_MEASURED,
        CheckKey.ONLINE, CheckKey.DOCUMENTS,
    }  # fmt: skip


def test_the_items_it_fills_say_what_was_planted() -> None:
    planted = FACTS
    for plant in (one_camera(drift_s=3600), whole(papers={**FACTS.papers, "as_built": Validity.MISSING})):
        planted = plant(planted)
    checks = checks_of(planted, SCHOOL, PAPERS)
    proposals = {one.item: one for one in proposals_of(LIST, checks, planted)}
    told = {item: one.verdict for item, one in proposals.items()}
    assert {item for item, verdict in told.items() if verdict is Verdict.NOT_MET} == {"clock", "site_papers"}
    assert {item for item, verdict in told.items() if verdict is Verdict.MET} == {
        "concealed", "coverage", "image_quality", "retention", "access", "network", "design_papers", "test_papers",
        "user_papers",
    }  # fmt: skip
    assert proposals["site_papers"].missing == ("as_built",)
    fills = {check.key: check.fills for check in filled_by(checks, tuple(proposals.values()))}
    assert fills[CheckKey.CLOCK] == ("clock",)
    assert "site_papers" in fills[CheckKey.DOCUMENTS]


def test_failures_are_foretold_by_the_arithmetic_of_the_list() -> None:
    well = outlook_of(LIST, proposals_of(LIST, checks_of(FACTS, SCHOOL, PAPERS), FACTS))
    assert (well.conclusion, well.failing, well.filled) == ("pass", (), 11)
    bad = FACTS.model_copy(update={"papers": {}})
    foretold = outlook_of(LIST, proposals_of(LIST, checks_of(bad, SCHOOL, PAPERS), bad))
    assert foretold.conclusion == "fail"
    assert set(foretold.failing) == {"concealed", "design_papers", "site_papers", "test_papers", "user_papers"}
    standard = checklist_for(SCHOOL, AcceptanceKind.STANDARD)
    gap = FACTS.model_copy(update={"zones": (ZoneFound(key="gate", name=GATE, state=ZoneState.GAP),)})
    graded = outlook_of(standard, proposals_of(standard, checks_of(gap, SCHOOL, PAPERS), gap))
    assert (graded.conclusion, graded.score, graded.failing) == ("pass", 90, ("coverage",))


@pytest.mark.requirement("SCO-03")
def test_a_schools_scored_list_is_filled_from_what_the_portal_holds() -> None:
    """Coverage, resolution and retention are known; what only eyes can tell is left open."""
    standard = checklist_for(SCHOOL, AcceptanceKind.STANDARD)
    filled = {one.item: one for one in proposals_of(standard, checks_of(FACTS, SCHOOL, PAPERS), FACTS)}
    assert {key: one.verdict for key, one in filled.items()} == dict.fromkeys(
        ("coverage", "resolution", "retention"), Verdict.MET
    )


def test_every_check_a_list_names_is_one_the_portal_makes() -> None:
    named = {
        key for profile in rulebook().profiles for one in profile.checklists for i in one.items for key in i.checks
    }
    known = {term.key for term in rulebook().vocabulary.terms("readiness_check")}
    assert named <= known == set(CheckKey)
