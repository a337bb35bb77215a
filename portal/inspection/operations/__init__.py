"""The life of an acceptance: applied for, papers checked, visited, judged, photographed, concluded, published."""

from portal.inspection.operations.applying import check_documents, request_acceptance, resubmit, withdraw
from portal.inspection.operations.judging import conclude, given_answers, save_answers
from portal.inspection.operations.photos import attach_photo, photo_to_show, remove_photo, visit_to_photograph
from portal.inspection.operations.publishing import publish_result
from portal.inspection.operations.visiting import cancel_visit, schedule_visit

__all__ = [
    "attach_photo",
    "cancel_visit",
    "check_documents",
    "conclude",
    "given_answers",
    "photo_to_show",
    "publish_result",
    "remove_photo",
    "request_acceptance",
    "resubmit",
    "save_answers",
    "schedule_visit",
    "visit_to_photograph",
    "withdraw",
]
