"""The printed order."""

from collections.abc import Sequence
from datetime import datetime

from portal.connections.labels import ORDER_STATUS, PURPOSE, RESTS_ON
from portal.connections.models import ConnectionCamera, ConnectionOrder
from portal.connections.states import OrderStatus
from portal.connections.values import ConnectionPurpose, RestsOn
from portal.core.clock import city_day
from portal.papers.operations import render
from portal.papers.values import ConnectionPaper, ConnectionPoint, Stamp
from portal.registry.labels.archive import PLATFORM
from portal.registry.values.archive import TargetPlatform
from portal.regulation.labels import cite
from portal.regulation.schema.base import Citation


def order_pdf(
    order: ConnectionOrder,
    cameras: Sequence[ConnectionCamera],
    *,
    system_name: str,
    printed_by: str,
    now: datetime,
    lang: str,
) -> bytes:
    """The order as it stands, for both sides; before it is approved, marked so."""
    mark = "" if order.approved_at else ("未批准" if lang.startswith("zh") else "NOT APPROVED")
    paper = ConnectionPaper(
        stamp=Stamp(
            serial=order.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=order.organ_name, watermark=mark
        ),
        number=order.number,
        organ=order.organ_name,
        addressee=order.addressee,
        system_name=system_name,
        status=str(ORDER_STATUS[OrderStatus(order.status)][1]),
        purpose=str(PURPOSE[ConnectionPurpose(order.purpose)]),
        platform=f"{PLATFORM[TargetPlatform(order.platform)]} · {order.platform_name}",
        need=order.need,
        path=order.path,
        basis=tuple(cite(Citation.of(*pair)) for pair in order.basis),
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        officer=f"{order.officer_name} ({order.officer_number})",
        rests_on=str(RESTS_ON[RestsOn(order.rests_on)]),
        claim=f"{order.claim_article}: {order.claim_reason}" if order.rests_on == RestsOn.LAW else "",
        consented_by=order.consented_by_name if order.consented_at else "",
        consented_on=city_day(order.consented_at) if order.consented_at else None,
        consent_terms=order.consent_terms if order.consented_at else "",
        proposed_by=order.proposed_by_name,
        proposed_on=city_day(order.proposed_at),
        approved_by=order.approved_by_name,
        approved_on=city_day(order.approved_at) if order.approved_at else None,
        seconded_by=order.seconded_by_name,
        seconded_on=city_day(order.seconded_at) if order.seconded_at else None,
        camera_count=order.camera_count,
        cameras=tuple(ConnectionPoint(label=one.label, code=one.code) for one in cameras),
    )  # fmt: skip
    return render(paper.form, paper, lang=lang)
