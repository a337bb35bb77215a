"""The course of a matter, out of the audit trail: whoever may read the record reads it here, newest first."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.audit.labels import act_label
from portal.audit.queries.reader import trail_for
from portal.registry import values
from portal.registry.models import Filing, FilingRevision

FILING_ACTS: Mapping[str, str] = {
    values.FILING_OPENED: "idle",
    values.FILING_SUBMITTED: "info",
    values.FILING_RETURNED: "warn",
    values.FILING_ACCEPTED: "ok",
    values.FILING_WITHDRAWN: "off",
    values.FILING_CONFIRMED: "ok",
    values.FILING_LAPSED: "warn",
    values.FILING_SUSPENDED: "warn",
    values.FILING_RESUMED: "ok",
    values.FILING_MOVED: "off",
    values.FILING_CANCELLED: "off",
    values.FILING_REMOVED: "off",
    values.NATIONAL_RECORDED: "info",
    values.FINDING_RAISED: "info",
    values.FINDING_UPHELD: "bad",
    values.FINDING_DISMISSED: "off",
    values.FINDING_CORRECTED: "ok",
}


def course_of(session: Session, kind: str, subject_id: UUID, *, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    """The acts named in `kinds`, each with its shape, as the timeline macro takes them."""
    return [
        {
            "kind": kinds[act.tag],
            "who": _who(act.actor_name, act.actor_organ_name),
            "what": act_label(act.tag),
            "at": act.at,
            "note": " · ".join(filter(None, (_replaced(act.tag, act.changes), act.reason))),
        }
        for act in trail_for(session, kind=kind, subject_id=subject_id)
        if act.tag in kinds
    ]


def _replaced(tag: str, changes: Sequence[Mapping[str, Any]] | None) -> str:
    """The number that stood before and the one that took its place."""
    if tag != values.NATIONAL_RECORDED:
        return ""
    pairs = [(one.get("old"), one.get("new")) for one in changes or () if one.get("field") == "national_number"]
    return "".join(f"{old} → {new}" for old, new in pairs if old and new)


def _who(name: str, organ: str) -> str:
    """What the portal does by its clock has no person."""
    return gettext("The portal, by schedule") if name.startswith("system:") else " · ".join(filter(None, (name, organ)))


def filing_course(session: Session, filing: Filing, revisions: Sequence[FilingRevision]) -> list[dict[str, Any]]:
    """The course of a filing. One that was loaded with an older register has no trail: its own dates stand in."""
    course = course_of(session, "filing", filing.id, kinds=FILING_ACTS)
    if course:
        return course
    submitted = [row.submitted_at for row in revisions] or [day for day in (filing.submitted_at,) if day]
    told = [_act("info", filing.declared_by, values.FILING_SUBMITTED, at) for at in submitted]
    if filing.decided_at and filing.number:
        told.insert(0, _act("ok", filing.decided_by_name, values.FILING_ACCEPTED, filing.decided_at))
    elif filing.decided_at:
        told.insert(0, _act("warn", filing.decided_by_name, values.FILING_RETURNED, filing.decided_at))
    return told


def _act(kind: str, who: str, tag: str, at: datetime) -> dict[str, Any]:
    return {"kind": kind, "who": who, "what": act_label(tag), "at": at, "note": ""}
