"""Posts of the college lent to colleagues: one for the routes, many for the counts of statements."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from portal.accounts.models import PostDelegation
from portal.accounts.operations import Appointment, appoint_stand_in
from portal.accounts.values import Home, Identity, Post, Role, Scope
from portal.core.clock import city_day
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

if TYPE_CHECKING:
    from tests.support.matrix import Thing


def appoint(
    city: EvidenceCity,
    holder: Identity,
    delegate: Identity,
    post: str,
    *,
    by: Identity | None = None,
    days: int = 7,
    **more: Any,
) -> PostDelegation:
    """A post of the college lent from today on."""
    assert holder.person_id is not None
    assert delegate.person_id is not None
    wanted: dict[str, Any] = {
        "home": Home(unit_id=city.college.id),
        "post": Post(post),
        "holder_id": holder.person_id,
        "delegate_id": delegate.person_id,
        "from_day": city_day(NOW),
        "to_day": city_day(NOW) + timedelta(days=days),
        "reason": "外出学习",
    }
    keeper = by or city.security
    return appoint_stand_in(city.session, actor=keeper, wanted=Appointment(**{**wanted, **more}), now=NOW)


def things(city: EvidenceCity) -> "Iterator[Thing]":
    """One of the college."""
    from tests.support.matrix import Thing

    row = appoint(city, city.leader, city.department, "school_leader_safety")
    scope = Scope(unit_ids=frozenset({city.college.id}))
    yield Thing(kind="delegation", state="running", arguments={"delegation_id": row.id}, scope=scope)


def rows(city: EvidenceCity, n: int) -> dict[str, Any]:
    """n delegations of n holders to as many stand-ins, and one that is on the leader's desk."""
    made = [appoint(city, city.department, city.leader, "department_head")]
    for number in range(n):
        holder = city.person(f"lent{number}", Role.UNIT_APPROVER, unit=city.college, post="department_head")
        stand_in = city.person(f"stand{number}", Role.UNIT_APPROVER, unit=city.college)
        made.append(appoint(city, holder, stand_in, "department_head"))
    return {"delegation_id": made[0].id}


__all__ = ["appoint", "rows", "things"]
