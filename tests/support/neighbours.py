"""What stands around the college of the matrix: a school of the same district, a company of another, and their rows.

A list that shows too much shows one of these; a list that shows too little loses one of the college's.
"""

from datetime import timedelta

from sqlalchemy import select

from portal.accounts.models import Organ
from portal.accounts.values import Identity, Role
from portal.core.ids import new_id
from portal.evidence.values import IdKind, OfficerDraft, Paper
from portal.inspection.models import Acceptance, AcceptanceClock
from portal.reachability.operations.targets import reconcile_targets
from portal.registry.models import CameraAccess, Filing, System, Unit
from portal.registry.values import FilingKind
from portal.regulation.schema.vocabulary import Regime
from portal.workflow.states import Verdict
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

THERE = "410581"
WORD = "邻近"  # in every name here, so that a search finds all of it and nothing else
FILINGS = ("draft", "submitted", "returned", "accepted", "withdrawn")
LATE = {"school": {"draft"}, "industry": {"submitted", "returned"}, "college": set[str]()}
ACCEPTANCES = ("requested", "checked", "passed")


def settle(city: EvidenceCity) -> Unit:
    """Everything around the college; returns the unit of the other district."""
    far = city.unit("林州邻近制造厂", district=THERE, unit_type="industry")
    city.school.name = "文峰邻近实验小学"
    for unit, organ in ((city.school, city.bureau), (far, city.far_bureau), (city.college, city.bureau)):
        _equip(city, unit, organ)
    _across(city)
    _requests(city, far)
    reconcile_targets(city.session, now=NOW)
    city.session.flush()
    return far


def _equip(city: EvidenceCity, unit: Unit, organ: Organ) -> None:
    """One system for each filing state and each acceptance state, an ordinary and a secret camera on every first."""
    for number, state in enumerate(FILINGS):
        system = _system(city, unit, organ, number)
        city.session.add(
            Filing(
                system_id=system.id,
                unit_id=unit.id,
                district=unit.district,
                organ_id=organ.id,
                kind=FilingKind.NEW,
                status=state,
                number=f"{unit.district}-{new_id().hex[-6:]}-{WORD}" if state == "accepted" else None,
                due_on=(NOW - timedelta(days=3)).date() if state in LATE[unit.unit_type] else None,
                decided_at=NOW if state == "accepted" else None,
                created_at=NOW,
            )
        )
        if number < len(ACCEPTANCES):
            _acceptance(city, system, ACCEPTANCES[number])
        for name in ("明", "密") if number < 2 else ():
            camera = city.camera(system, f"{WORD}{unit.name}{number}{name}", secret=name == "密", live=number)
            access = CameraAccess(
                camera_id=camera.id,
                unit_id=unit.id,
                district=unit.district,
                host=f"127.70.4.{number + 1}",
                rtsp_port=18554,
                updated_at=NOW,
            )
            city.session.add(access)
    city.session.flush()


def _across(city: EvidenceCity) -> None:
    """A camera of the school's that hangs in the other district; filed it is with the school's own."""
    system = city.session.scalars(select(System).where(System.unit_id == city.school.id).order_by(System.id)).first()
    assert system is not None
    camera = city.camera(system, f"{WORD}界外机位", live=3)
    camera.district = THERE
    city.session.flush()


def _system(city: EvidenceCity, unit: Unit, organ: Organ, number: int) -> System:
    system = city.system(unit, organ, regime=Regime.PUBLIC_UNIT)
    system.name = f"{WORD}系统{number}"
    return system


def _acceptance(city: EvidenceCity, system: System, state: str) -> None:
    acceptance = Acceptance(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=system.organ_id,
        status=state,
        requested_at=NOW,
        concluded_at=NOW if state == "passed" else None,
    )
    city.session.add(acceptance)
    city.session.flush()
    day = (NOW - timedelta(days=1)).date()
    city.session.add(
        AcceptanceClock(
            acceptance_id=acceptance.id,
            unit_id=acceptance.unit_id,
            district=acceptance.district,
            kind="review",
            started_on=day,
            due_on=day,
            ended_on=NOW.date() if state == "passed" else None,
        )
    )


def _requests(city: EvidenceCity, far: Unit) -> None:
    """Requests to the school, to the far company, by the college for itself; one secret and still on hold."""
    city.submitted(camera_ids=(city.yard.id,))
    city.draft(camera_ids=(city.yard.id,))
    far_camera = city.camera(city.system(far, city.far_bureau), f"{WORD}远门")
    pair = (OfficerDraft("远警", IdKind.POLICE_NUMBER, "058888"), OfficerDraft("近警", IdKind.POLICE_NUMBER, "058889"))
    far_head = city.person("farhead", Role.CASE_HEAD, organ=city.far_bureau, post="case_department_head")
    request = city.submitted(
        Paper.RETRIEVAL_NOTICE,
        who=city.far_officer,
        camera_ids=(far_camera.id,),
        officers=pair,
        requester_name="林州分局",
    )
    _decided(city, request, far_head)


def _decided(city: EvidenceCity, request: object, who: Identity) -> None:
    city.decide(request, who, Verdict.APPROVE)  # type: ignore[arg-type]
