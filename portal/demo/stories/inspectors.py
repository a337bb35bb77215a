"""What the organs keep of their inspectors: groups, week, an absence to come, an interest in a unit."""

from datetime import datetime, time, timedelta

from portal.accounts.values import Role
from portal.core.clock import CITY_TZ
from portal.core.geometry import from_element
from portal.demo.residents import LOADER
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.inspection import operations
from portal.inspection.operations import Particulars
from portal.regulation.schema.values import Span

# Two of a district: between them every group, and an expert at least.
_STANDS = (("construction", "documents"), ("technical", "documents"))


def stories(stage: Stage) -> list[Story]:
    """Particulars of everybody who inspects, and what keeps one of them away."""
    return [_kept(stage), _away(stage)]


def _kept(stage: Stage) -> Story:
    yield (now := stage.ago(90, 10, 0))
    inspectors = [person for person in stage.cast.people if person.role is Role.INSPECTOR]
    for number, person in enumerate(inspectors):
        organ = stage.residents.organs[person.organ or ""]
        place = from_element(organ.jurisdiction).representative_point() if organ.jurisdiction is not None else None
        operations.keep_inspector(
            stage.session,
            actor=LOADER,
            person_id=stage.residents.accounts[person.login].person.id,
            organ_id=organ.id,
            particulars=Particulars(
                groups=frozenset(_STANDS[number % 2]),
                expert=number % 2 == 1,
                week=_short_friday() if number % 3 == 0 else None,
                base=(place.x, place.y) if place is not None else None,
                most_per_day=3,
            ),
            seen_version=None,
            now=now,
        )


def _short_friday() -> dict[int, list[Span]]:
    """A week whose Friday afternoon belongs to training."""
    morning, afternoon = Span(begins=time(8, 30), ends=time(12)), Span(begins=time(14), ends=time(17, 30))
    return {day: [morning] if day == 4 else [morning, afternoon] for day in range(5)}


def _away(stage: Stage) -> Story:
    yield (now := stage.ago(3, 16, 0))
    inspector, leader = stage.who("inspector2", now), stage.who("leader", now)
    organ = stage.residents.organs["wenfeng"]
    if inspector.person_id is None:
        return
    begins = datetime.combine(stage.today + timedelta(days=6), time(8), CITY_TZ)
    operations.enter_absence(
        stage.session,
        actor=inspector,
        person_id=inspector.person_id,
        organ_id=organ.id,
        begins=begins,
        ends=begins + timedelta(days=2),
        reason="全省技防业务培训。",
        now=now,
    )
    operations.enter_conflict(
        stage.session,
        actor=leader,
        person_id=inspector.person_id,
        organ_id=organ.id,
        unit_id=stage.units["bank"],
        since=stage.today - timedelta(days=200),
        until=None,
        reason="配偶在该单位任职。",
        now=now,
    )
