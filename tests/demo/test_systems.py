"""Systems follow from units: one each, and public ones that take exactly what is left."""

from datetime import date

from portal.core.codes import uscc_problem
from portal.demo.streets import street_map
from portal.demo.systems import FilingStep, police_units, public_systems, unit_systems
from portal.demo.units import WITH_CAMERAS, Condition, plan_units, public_cameras

TODAY = date(2025, 11, 20)
SEED = 5


def test_every_unit_that_has_begun_has_a_system_in_the_state_it_reports():
    units = plan_units(SEED, 20_000, TODAY)
    systems = {system.unit: system for system in unit_systems(SEED, units)}
    for unit in units:
        if unit.condition is Condition.NO_SYSTEM:
            assert unit.number not in systems
            continue
        system = systems[unit.number]
        assert system.cameras == unit.cameras
        assert (system.cameras > 0) == (unit.condition in WITH_CAMERAS)
    assert {system.filing for system in systems.values()} == set(FilingStep)
    assert {system.use_status for system in systems.values()} == {
        "in_use", "awaiting_acceptance", "trial", "planned", "suspended", "dismantled",
    }  # fmt: skip


def test_overdue_means_in_use_for_more_than_a_month_without_an_accepted_filing():
    units = {unit.number: unit for unit in plan_units(SEED, 20_000, TODAY)}
    late = [s for s in unit_systems(SEED, list(units.values())) if units[s.unit].condition is Condition.OVERDUE]
    assert late
    for system in late:
        assert (TODAY - system.in_use_on).days > 31
        assert system.filing in {FilingStep.NONE, FilingStep.DRAFT, FilingStep.RETURNED}


def test_public_systems_take_exactly_the_public_cameras():
    streets = street_map(SEED)
    for cameras in (20_000, 1_234, 1_000_000):
        police = police_units(streets, first=500)
        systems = list(public_systems(streets, police, cameras, first=900, today=TODAY))
        assert sum(system.cameras for system in systems) == public_cameras(cameras)
        assert len({system.number for system in systems}) == len(systems) == 3 * len(streets.divisions)
    for bureau in police:
        assert uscc_problem(bureau.uscc) is None
