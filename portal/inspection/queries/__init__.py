"""Reading acceptances, visits and published results."""

from portal.inspection.queries.access import (
    acceptance_scope,
    acceptances_visible_to,
    get_acceptance,
    get_handled,
    handling_scope,
    lock_acceptance,
    require_handling,
)
from portal.inspection.queries.board import BoardRow, week_board
from portal.inspection.queries.lists import AcceptanceFilter, acceptance_page, acceptance_tally
from portal.inspection.queries.publishing import published_of, published_page
from portal.inspection.queries.standing import (
    assessment_of,
    assessment_to_apply_with,
    clocks_of,
    draft_assessment,
    latest_acceptance,
    lock_assessment,
    standing_of,
    supervisor_of,
)
from portal.inspection.queries.visits import (
    answers_of,
    booked_then,
    get_own_visit,
    inspectors_for,
    photos_of,
    planned_visit,
    visits_of,
)

__all__ = [
    "AcceptanceFilter",
    "BoardRow",
    "acceptance_page",
    "acceptance_scope",
    "acceptance_tally",
    "acceptances_visible_to",
    "answers_of",
    "assessment_of",
    "assessment_to_apply_with",
    "booked_then",
    "clocks_of",
    "draft_assessment",
    "get_acceptance",
    "get_handled",
    "get_own_visit",
    "handling_scope",
    "inspectors_for",
    "latest_acceptance",
    "lock_acceptance",
    "lock_assessment",
    "photos_of",
    "planned_visit",
    "published_of",
    "published_page",
    "require_handling",
    "standing_of",
    "supervisor_of",
    "visits_of",
    "week_board",
]
