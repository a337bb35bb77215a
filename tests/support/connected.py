"""Connection orders, for the matrix (one in its states) and for the crowd (n of them with n cameras each)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.values import Scope, system_identity
from portal.connections.models import ConnectionOrder
from portal.connections.operations import proposing, running
from portal.connections.values import ConnectionPurpose, OrderDraft
from portal.core.clock import city_day
from portal.registry.models import Camera, System
from portal.registry.values.archive import TargetPlatform
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing

HERE = "410502"
SELF = system_identity("tests")
TODAY = city_day(NOW)


def draft(*cameras: Camera, **changes: Any) -> OrderDraft:
    """A faultless order for public order, for a year from today."""
    whole: dict[str, Any] = {
        "purpose": ConnectionPurpose.PUBLIC_ORDER,
        "platform": TargetPlatform.POLICE_VIDEO,
        "platform_name": "安阳市公共安全视频共享平台",
        "need": "校园周边治安防控，案件高发时段需实时掌握。",
        "path": "视频专网，GB/T 28181",
        "officer_name": "王磊",
        "officer_number": "051234",
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=365),
        "camera_ids": tuple(one.id for one in cameras),
    }
    return OrderDraft(**{**whole, **changes})


def order(city: EvidenceCity, system: System, *cameras: Camera, state: str = "proposed") -> ConnectionOrder:
    """An order as far as told: proposed, consented, approved, active, suspended."""
    made = proposing.propose_order(city.session, actor=SELF, system_id=system.id, draft=draft(*cameras), now=NOW)
    steps: dict[str, tuple[Any, dict[str, Any]]] = {
        "consented": (proposing.consent, {"terms": ""}),
        "approved": (proposing.approve, {"reason": ""}),
        "active": (running.connect, {"on": TODAY}),
        "suspended": (running.suspend, {"reason": "检修"}),
    }
    for act, more in list(steps.values())[: ["proposed", *steps].index(state)]:
        city.session.flush()
        act(city.session, actor=SELF, connection_order_id=made.id, seen_version=made.version, **more, now=NOW)
    city.session.flush()
    return made


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One in three of its states, of the college."""
    from tests.support.matrix import Thing

    system = city.system(city.college, city.bureau)
    camera = city.camera(system, "南门")
    scope = Scope(
        unit_ids=frozenset({city.college.id}), districts=frozenset({HERE}), organ_ids=frozenset({city.bureau.id}), kind=lambda: "college"
    )  # fmt: skip
    for state in ("proposed", "active", "suspended"):
        key = order(city, system, camera, state=state).id
        yield Thing(kind="connection-order", state=state, arguments={"connection_order_id": key}, scope=scope)


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n orders about a system of n cameras, with n more that came later; and n joined without any."""
    from portal.registry.models import SystemConnection

    system = city.system(city.college, city.bureau)
    cameras = [city.camera(system, f"门{number}") for number in range(n)]
    for _ in range(n):
        made = order(city, system, *cameras, state="active")
        joined = city.system(city.college, city.bureau)
        city.session.add(
            SystemConnection(
                system_id=joined.id, unit_id=joined.unit_id, district=joined.district, platform="fire",
                platform_name="消防平台", status="active", consented_on=TODAY, connected_on=TODAY,
            )
        )  # fmt: skip
    for number in range(n):
        city.camera(system, f"新{number}").created_at = NOW + timedelta(days=1)
    city.session.flush()
    return {"connection_order_id": made.id}
