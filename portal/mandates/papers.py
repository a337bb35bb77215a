"""The printed order to install."""

from datetime import datetime

from portal.mandates.models import InstallOrder
from portal.papers.operations import render
from portal.papers.values.mandates import OrderToInstall
from portal.papers.values.parts import Stamp
from portal.regulation.labels import cite
from portal.regulation.schema.base import Citation


def order_pdf(order: InstallOrder, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The order as PDF, as it is served."""
    tongue = "zh" if lang.startswith("zh") else "en"
    paper = OrderToInstall(
        stamp=Stamp(serial=order.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=order.organ_name),
        number=order.number,
        addressee=order.addressee,
        basis=tuple(cite(Citation.of(*pair)) if pair[0] else pair[1] for pair in order.basis),
        parts=tuple(part[tongue] for part in order.parts),
        demand=order.demand,
        due_on=order.due_on or order.due_set,
        served_on=order.served_on,
        served_to=order.served_to,
        organ=order.organ_name,
        issued_on=order.issued_on,
    )
    return render(paper.form, paper, lang=lang)
