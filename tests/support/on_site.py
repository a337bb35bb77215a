"""Uses of equipment on site, for the matrix (in some of their states) and for the crowd (n with n parts each)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.values import Scope
from portal.evidence.models import EquipmentUse
from portal.evidence.operations import deeds
from portal.evidence.operations import equipment as acts
from portal.evidence.values.equipment import (
    Condition,
    DeedDraft,
    DeedKind,
    Investigator,
    ObstructionDraft,
    UseDraft,
)
from portal.registry.models import Camera
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing

STEPS = ("asked", "approved", "in_use", "returned", "closed")


def draft(*cameras: Camera, **changes: Any) -> UseDraft:
    """A faultless use of two hours by the two officers of the story."""
    whole: dict[str, Any] = {
        "case_number": "A4105020001202611001",
        "reason": "嫌疑人仍在校内，须现场转动球机寻找。",
        "secret": False,
        "planned_from": NOW,
        "planned_to": NOW + 2 * HOUR,
        "camera_ids": tuple(one.id for one in cameras),
        "officers": (Investigator("王磊", "051234"), Investigator("赵敏", "051235")),
        "undertaking": True,
    }
    return UseDraft(**{**whole, **changes})


def use(city: EvidenceCity, *cameras: Camera, state: str = "asked", opinion: str = "", **changes: Any) -> EquipmentUse:
    """A use of the college's equipment as far as told."""
    cameras = cameras or (city.gate,)
    made = acts.ask_use(
        city.session, actor=city.officer, system_id=cameras[0].system_id, draft=draft(*cameras, **changes), now=NOW
    )
    steps: list[tuple[Any, Any, dict[str, Any]]] = [
        (acts.decide_use, city.head, {"approved": True, "opinion": opinion}),
        (acts.hand_over, city.custodian, {"received_by": 1, "equipment": "2号工作站，完好", "ids_seen": True}),
        (acts.give_back, city.officer, {"summary": "转动东门球机，回放三段"}),
        (acts.take_back, city.custodian, {"condition": Condition.GOOD, "damage": ""}),
    ]
    for number, (act, who, more) in enumerate(steps[: STEPS.index(state)], start=1):
        city.session.flush()
        act(
            city.session,
            actor=who,
            use_id=made.id,
            seen_version=made.version,
            **more,
            now=NOW + number * timedelta(minutes=5),
        )
    city.session.flush()
    return made


def deed(city: EvidenceCity, made: EquipmentUse, **changes: Any) -> None:
    """The gate camera turned, five minutes after the hand-over."""
    whole: dict[str, Any] = {
        "kind": DeedKind.PTZ,
        "at": NOW + timedelta(minutes=15),
        "camera_id": city.gate.id,
        "note": "转向校门",
    }
    deeds.book_deed(
        city.session, actor=city.officer, use_id=made.id, draft=DeedDraft(**{**whole, **changes}), now=NOW + HOUR
    )


def obstructed(city: EvidenceCity, made: EquipmentUse, **changes: Any) -> None:
    """Somebody would not open the room."""
    whole: dict[str, Any] = {
        "person_name": "刘某", "at": NOW + timedelta(minutes=30), "place": "监控中心门口", "facts": "拒不开门，称须校长到场。",
        "evidence": "执法记录仪 3 号，10:05",
    }  # fmt: skip
    deeds.record_obstruction(
        city.session, actor=city.officer, use_id=made.id, draft=ObstructionDraft(**{**whole, **changes}), now=NOW + HOUR
    )


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One in three of its states, of the college; a draft of a secret one would be hidden from most."""
    from tests.support.matrix import Thing

    for state in ("asked", "approved", "in_use"):
        made = use(city, state=state)
        if state == "in_use":
            deed(city, made)
            obstructed(city, made)
        scope = Scope(
            unit_ids=frozenset({made.unit_id}), districts=frozenset({made.district}), organ_ids=frozenset({made.organ_id}),
            person_ids=frozenset({made.applicant_id}),
        )  # fmt: skip
        yield Thing(kind="equipment-use", state=state, arguments={"use_id": made.id}, scope=scope)


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n uses; of the last, n deeds and n obstructions."""
    for _ in range(n):
        made = use(city, state="in_use")
    for _ in range(n):
        deed(city, made)
        obstructed(city, made)
    city.session.flush()
    return {"use_id": made.id}
