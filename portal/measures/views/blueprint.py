"""The blueprint, its line in the menu, and what several pages do alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.accounts.values import Identity
from portal.measures.labels import INSIDE
from portal.measures.models import CorrectionOrder, Measure
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web import formats
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

bp = Blueprint("measures", __name__, template_folder="../templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Measures and orders to correct"),
        endpoint="measures.measures",
        permission=Permission.MEASURE_READ,
        order=40,
        covers=(
            *(
                "measures.measure",
                "measures.measure_",
                "measures.proposals",
                "measures.corrections",
                "measures.correction",
            ),
            *("measures.correction_", "measures.bars", "measures.bars_"),
        ),
    ),
    NavItem(
        section=Section.SUPERVISION,
        label=_("Supervision plans and draws"),
        endpoint="measures.plans",
        permission=Permission.PLAN_READ,
        order=45,
        covers=("measures.plan", "measures.plan_", "measures.draws", "measures.draw", "measures.draw_"),
    ),
)


def district_choices() -> list[tuple[str, str]]:
    """The city's districts as choices."""
    return [(row.code, formats.district(row.code)) for row in divisions(db_session())]


def keep_paper_of(
    session: Session, actor: Identity, paper: Measure | CorrectionOrder, upload: Any, now: datetime
) -> UUID | None:
    """Take in the paper that came with a reply; it is the unit's, and the organ's that asked."""
    if upload is None:
        return None
    picture = (upload.filename or "").lower().endswith((".jpg", ".jpeg", ".png"))
    stored = store_upload(
        session,
        actor=actor.actor,
        stream=cast(Any, upload.stream),
        filename=upload.filename or "reply.pdf",
        kind=FileKind.PHOTO if picture else FileKind.LETTER,
        unit_id=paper.unit_id,
        district=paper.district,
        organ_id=paper.organ_id,
        now=now,
    )
    return stored.id


def told_in(acts: Mapping[str, str], unit_id: UUID) -> Mapping[str, str]:
    """The acts that the course of a matter shows the reader: the unit is told what was decided, not what was weighed."""
    own = unit_id in current_identity().unit_ids
    return {tag: look for tag, look in acts.items() if not (own and tag in INSIDE)}


def pdf(body: bytes, name: str) -> Response:
    """A printed paper as a download."""
    heads = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(body, content_type="application/pdf", headers=heads)


def lines_of(text: str | None) -> list[str]:
    """What stands in a text one a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
