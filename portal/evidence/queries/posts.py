"""Posts that a unit's own rules name for a task: who assigns (000 art. 9(2)), who operates playback and copy (001 arts. 8, 9).

Read from the rules frozen at submission, as the chain is.
"""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.queries.delegations import holders_of_posts
from portal.accounts.values import Home, Identity
from portal.evidence.models import FootageRequest
from portal.evidence.queries.people import PersonChoice, custodians_of
from portal.regulation.schema.keys import RuleKey


def may_assign(session: Session, identity: Identity, request: FootageRequest, *, today: date) -> bool:
    """Whether the person is whom the house rules let assign: the post's holder or stand-in, where the post is filled."""
    post = _named(request, RuleKey.EVIDENCE_ASSIGNMENT_POST)
    if not post or not _holders(session, request, post, today=today):
        return True
    unit_id = request.unit_id
    return identity.holds_post(post, unit_id=unit_id) or bool(identity.acts_as(post, unit_id=unit_id))


def custodians_for(session: Session, request: FootageRequest, *, today: date) -> list[PersonChoice]:
    """Who may carry a request out: the unit's custodians, and where its rules name an operating post its holders alone."""
    people = custodians_of(session, request.unit_id, today=today)
    post = _named(request, RuleKey.EVIDENCE_OPERATING_POST)
    if not post:
        return list(people)
    holders = _holders(session, request, post, today=today)
    return [(person_id, name) for person_id, name in people if person_id in holders]


def _holders(session: Session, request: FootageRequest, post: str, *, today: date) -> set[UUID]:
    home = Home(unit_id=request.unit_id)
    return {one.person_id for one in holders_of_posts(session, home, today=today) if one.post == post}


def _named(request: FootageRequest, key: RuleKey) -> str:
    return next((str(one.get("value") or "") for one in request.rules_used if one["key"] == str(key)), "")
