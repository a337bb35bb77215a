"""The books and tickets on paper."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext

from portal.papers.operations import render
from portal.papers.values import Ledger, LedgerColumn, Stamp, TicketPaper, shortened
from portal.registry.models import Operator, Unit
from portal.upkeep.labels import CUSTODY_STATUS, GROUP, TICKET_KIND, TICKET_STATUS
from portal.upkeep.models import PasswordCustody, WorkTicket
from portal.upkeep.states import CustodyStatus, TicketStatus
from portal.upkeep.values import DeviceGroup, TicketKind


def custody_pdf(unit: Unit, rows: Sequence[PasswordCustody], *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The password custody register of one unit, as it is kept in a binder."""
    heads = (
        (gettext("Opens"), 1.2), (gettext("Which devices"), 2.2), (gettext("Custodian"), 1.0),
        (gettext("Second custodian"), 1.0), (gettext("In custody since"), 1.1), (gettext("Password last changed on"), 1.1),
        (gettext("Next change due"), 1.1), (gettext("Where the sealed envelope lies"), 1.8), (gettext("Status"), 1.2),
    )  # fmt: skip
    lines = tuple(
        (
            str(GROUP[DeviceGroup(row.device_group)]),
            row.scope,
            row.custodian_name,
            row.second_name,
            row.since.isoformat(),
            row.rotated_on.isoformat(),
            row.due_on.isoformat() if row.due_on else "",
            row.envelope_place,
            str(CUSTODY_STATUS[CustodyStatus(row.status)][1]),
        )
        for row in rows
    )
    return book_pdf(unit, gettext("Password custody register"), heads, lines, printed_by=printed_by, now=now, lang=lang)


def book_pdf(
    unit: Unit,
    title: str,
    heads: Sequence[tuple[str, float]],
    lines: Sequence[tuple[str, ...]],
    *,
    printed_by: str,
    now: datetime,
    lang: str,
) -> bytes:
    """A book of the unit, landscape, its head repeated on each page."""
    paper = Ledger(
        stamp=Stamp(serial=unit.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=unit.name),
        title=title,
        organisation=unit.name,
        columns=tuple(LedgerColumn(head=head, share=share) for head, share in heads),
        rows=tuple(tuple(shortened(text) for text in line) for line in lines),
    )
    return render(paper.form, paper, lang=lang)


def ticket_pdf(ticket: WorkTicket, *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The ticket with everybody who signed it; lines nobody has signed stay empty."""
    paper = TicketPaper(
        stamp=Stamp(
            serial=ticket.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=ticket.unit.name
        ),
        number=ticket.number,
        unit=ticket.unit.name,
        status=str(TICKET_STATUS[TicketStatus(ticket.status)][1]),
        kind=str(TICKET_KIND[TicketKind(ticket.kind)]),
        device=ticket.device,
        what=ticket.what,
        old_value=ticket.old_value,
        new_value=ticket.new_value,
        reason=ticket.reason,
        starts_at=ticket.starts_at,
        ends_at=ticket.ends_at,
        asked_by=ticket.asked_by_name,
        asked_at=ticket.asked_at,
        decided_by=ticket.decided_by_name,
        decided_at=ticket.decided_at,
        decision=ticket.decision,
        settled_by=ticket.settled_by_name,
        settled_at=ticket.settled_at,
        settlement=ticket.settlement,
        signer=" · ".join(filter(None, (ticket.signer_name, ticket.signer_firm))),
        entitled=ticket.signer_entitled,
        done_at=ticket.done_at,
        done_by=ticket.done_by_name,
        done_note=ticket.done_note,
        verified_by=ticket.verified_by_name,
        verified_at=ticket.verified_at,
        verification=ticket.verification,
    )  # fmt: skip
    return render(paper.form, paper, lang=lang)


def operators_pdf(unit: Unit, rows: Sequence[Operator], *, printed_by: str, now: datetime, lang: str) -> bytes:
    """The list of operators of one unit."""
    heads = (
        (gettext("Operator"), 1.2), (gettext("May"), 1.6), (gettext("Appointed on"), 1.1), (gettext("Named by"), 1.1),
        (gettext("Trained on"), 1.1), (gettext("Secrecy pledge signed on"), 1.2), (gettext("Struck off on"), 1.1),
        (gettext("Grounds"), 1.8),
    )  # fmt: skip
    lines = tuple(
        (
            row.name,
            gettext("Operate and change settings") if row.professional else gettext("Operate"),
            row.appointed_on.isoformat(),
            row.appointed_by_name,
            row.trained_on.isoformat() if row.trained_on else "",
            row.pledged_on.isoformat() if row.pledged_on else "",
            row.ended_on.isoformat() if row.ended_on else "",
            row.ended_note,
        )
        for row in rows
    )
    return book_pdf(unit, gettext("List of operators"), heads, lines, printed_by=printed_by, now=now, lang=lang)
