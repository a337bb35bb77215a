"""Words for footage requests: states, kinds, acts, outcomes, faults; and how a deadline of footage reads."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.evidence.rules import OverwriteClock, Urgency
from portal.evidence.states import HoldStatus, RequestStatus
from portal.evidence.values import (
    ActKind,
    CustodyAct,
    IdKind,
    InstrumentKind,
    MediumKind,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.registry.labels.lists import add_list_words
from portal.web.formats import datetime_
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

STATUS: Mapping[RequestStatus, Shown] = {
    RequestStatus.DRAFT: ("idle", _("Draft")),
    RequestStatus.IN_APPROVAL: ("info", _("In approval")),
    RequestStatus.RETURNED: ("warn", _("Returned for correction")),
    RequestStatus.APPROVED: ("info", _("Approved, to be assigned")),
    RequestStatus.ASSIGNED: ("info", _("Assigned, to be carried out")),
    RequestStatus.EXECUTING: ("info", _("Being carried out")),
    RequestStatus.VIEWED: ("ok", _("Viewed")),
    RequestStatus.SEALED: ("info", _("Sealed, to be handed over")),
    RequestStatus.HANDED_OVER: ("info", _("Handed over, receipt due")),
    RequestStatus.RECEIVED: ("ok", _("Received")),
    RequestStatus.CLOSED: ("ok", _("Archived and closed")),
    RequestStatus.NOT_SUPPLIED: ("bad", _("Not supplied")),
    RequestStatus.REFUSED: ("bad", _("Refused")),
    RequestStatus.LAPSED: ("off", _("Lapsed")),
    RequestStatus.WITHDRAWN: ("off", _("Withdrawn")),
}
GROUP: Mapping[str, Shown] = {
    "draft": ("idle", _("To be submitted")),
    "approval": ("info", _("In approval")),
    "execution": ("info", _("To be carried out")),
    "handover": ("info", _("To be handed over")),
    "done": ("ok", _("Done")),
    "ended": ("off", _("Ended otherwise")),
}
HOLD: Mapping[HoldStatus, Shown] = {
    HoldStatus.PLACED: ("warn", _("Hold placed, not yet confirmed by the unit")),
    HoldStatus.ACKNOWLEDGED: ("ok", _("The unit keeps the footage")),
    HoldStatus.RELEASE_ASKED: ("info", _("Lifting asked for, second person needed")),
    HoldStatus.RELEASED: ("off", _("Hold lifted")),
}
REQUESTER: Mapping[RequesterKind, LazyString] = {
    RequesterKind.POLICE_CRIMINAL: _("Public security organ, criminal case"),
    RequesterKind.POLICE_ADMINISTRATIVE: _("Public security organ, administrative case"),
    RequesterKind.PROCURATORATE: _("Procuratorate"),
    RequesterKind.COURT: _("Court"),
    RequesterKind.STATE_SECURITY: _("State security organ"),
    RequesterKind.OTHER_ORGAN: _("Other state organ"),
    RequesterKind.OUTSIDE_UNIT: _("Outside unit"),
    RequesterKind.RESIDENT_UNIT: _("Resident unit"),
    RequesterKind.OWN_DEPARTMENT: _("Department of this unit"),
    RequesterKind.OWN_MEMBER: _("Member of this unit (staff, student)"),
    RequesterKind.INDIVIDUAL: _("Individual"),
}
INSTRUMENT: Mapping[InstrumentKind, LazyString] = {
    InstrumentKind.RETRIEVAL_NOTICE: _("Notice of retrieval of evidence"),
    InstrumentKind.ADMINISTRATIVE_NOTICE: _("Notice of retrieval in an administrative case"),
    InstrumentKind.PROCURATORATE_NOTICE: _("Procuratorate's notice of retrieval"),
    InstrumentKind.COURT_ORDER: _("Court's order or letter of retrieval"),
    InstrumentKind.STATE_SECURITY_NOTICE: _("State security organ's notice of retrieval"),
    InstrumentKind.CERTIFICATE: _("Certificate of a public security or judicial organ"),
    InstrumentKind.INTRODUCTION_LETTER: _("Letter of introduction"),
    InstrumentKind.INTERNAL_SLIP: _("Internal slip, signed and stamped by the department"),
    InstrumentKind.PERSONAL_APPLICATION: _("Personal application"),
}
PURPOSE: Mapping[Purpose, LazyString] = {
    Purpose.CRIMINAL_CASE: _("Criminal case"),
    Purpose.PUBLIC_ORDER: _("Public order"),
    Purpose.TRAFFIC: _("Traffic"),
    Purpose.FIRE: _("Fire"),
    Purpose.STABILITY: _("Stability"),
    Purpose.JUDICIAL: _("Judicial work"),
    Purpose.LAW_ENFORCEMENT: _("Administrative law enforcement"),
    Purpose.EMERGENCY: _("Handling of an emergency"),
    Purpose.FOOD_SAFETY: _("Food safety"),
    Purpose.LIFE_OR_PROPERTY: _("Protection of life, health or property"),
}
ACT: Mapping[ActKind, LazyString] = {
    ActKind.LIVE: _("View live"),
    ActKind.PLAYBACK: _("View recordings"),
    ActKind.COPY: _("Copy recordings"),
    ActKind.FILM_SCREEN: _("Film the screen"),
    ActKind.SEIZE: _("Take the original medium"),
}
ID_KIND: Mapping[IdKind, LazyString] = {
    IdKind.POLICE_NUMBER: _("Police number"),
    IdKind.WORK_ID: _("Work ID"),
    IdKind.IDENTITY_CARD: _("Identity card"),
}
PAPER: Mapping[Paper, LazyString] = {
    Paper.RETRIEVAL_NOTICE: _("Notice of retrieval (scan)"),
    Paper.PSB_CERTIFICATE: _("Certificate of a public security or judicial organ"),
    Paper.UNIT_CERTIFICATE: _("Certificate of the requester's unit"),
    Paper.INTRODUCTION_LETTER: _("Letter of introduction"),
    Paper.HANDLER_ID: _("Copy of the handler's identity paper"),
    Paper.UNIT_APPLICATION: _("Application of the unit, stamped"),
    Paper.DEPARTMENT_STAMP: _("Slip signed and stamped by the department"),
    Paper.RELATION_PROOF: _("Proof of the relation"),
    Paper.WORK_ID: _("Work ID, shown"),
    Paper.POLICE_ID: _("Police ID, shown"),
    Paper.UNDERTAKING: _("Undertaking of secrecy"),
    Paper.APPROVAL_SLIP: _("Approval slip"),
    Paper.OTHER: _("Other paper"),
}
RELATION: Mapping[Relation, LazyString] = {
    Relation.SELF: _("The person concerned"),
    Relation.CLOSE_RELATIVE: _("Close relative"),
    Relation.GUARDIAN: _("Guardian or carer"),
}
OUTCOME: Mapping[Outcome, Shown] = {
    Outcome.PENDING: ("idle", _("Not booked yet")),
    Outcome.SUPPLIED: ("ok", _("Supplied")),
    Outcome.NEVER_HAD: ("off", _("Never recorded")),
    Outcome.OVERWRITTEN: ("bad", _("Overwritten")),
    Outcome.DEVICE_DOWN: ("warn", _("Device was down")),
    Outcome.REFUSED: ("bad", _("Refused by the unit")),
}
MEDIUM: Mapping[MediumKind, LazyString] = {
    MediumKind.DISC: _("Optical disc"),
    MediumKind.USB_DRIVE: _("USB drive"),
    MediumKind.HARD_DISK: _("Hard disk"),
    MediumKind.INTRANET: _("Transfer over the public security network"),
    MediumKind.ORIGINAL_MEDIUM: _("Original medium"),
}
CUSTODY: Mapping[CustodyAct, Shown] = {
    CustodyAct.LIVE_VIEWED: ("info", _("Viewed live")),
    CustodyAct.PLAYED_BACK: ("info", _("Viewed recordings")),
    CustodyAct.COPIED: ("info", _("Opened for copying")),
    CustodyAct.SCREEN_FILMED: ("info", _("Filmed the screen")),
    CustodyAct.ORIGINAL_SEIZED: ("info", _("Took the original medium")),
    CustodyAct.REGISTERED: ("idle", _("Registered a file")),
    CustodyAct.MASTER_SEALED: ("ok", _("Sealed the set")),
    CustodyAct.HANDED_OVER: ("ok", _("Handed over")),
    CustodyAct.RECEIVED: ("ok", _("Receipt acknowledged")),
    CustodyAct.ARCHIVED: ("off", _("Archived")),
    CustodyAct.NOT_SUPPLIED: ("bad", _("Not supplied")),
}

add_list_words(
    "calls",
    title=_("Call register"),
    page="evidence.ledger",
    names={
        "number": _("Request"),
        "at": _("Time"),
        "act": _("Way of use"),
        "requester_unit": _("Requesting unit"),
        "people": _("People"),
        "purpose": _("Purpose"),
        "reason": _("Reason for use"),
        "content": _("Content (points)"),
        "span_from": _("Footage from"),
        "span_to": _("Footage to"),
        "unit": _("Managing unit"),
        "operator": _("Operator"),
        "second": _("Second person"),
        "destination": _("Destination"),
        "from": _("From"),
        "to": _("To"),
    },
    shown={
        "act": {**CUSTODY, "calls": ("", _("Calls only"))},
        "purpose": {**{one: ("", text) for one, text in PURPOSE.items()}, "secret": ("", _("Secret case (matter)"))},
    },
)

add_texts(
    {
        "evidence.request.illegal": _("This step is not possible in the present state of the request"),
        "evidence.hold.illegal": _("This step is not possible in the present state of the hold"),
        "evidence.reason_needed": _("Say why this footage is needed"),
        "evidence.copy_reason_needed": _("Say why viewing is not enough; this unit's rules make copying the exception"),
        "evidence.case_number_needed": _("Enter the case number, or mark the case as secret"),
        "evidence.instrument_number_needed": _("Enter the number of the paper"),
        "evidence.relation_needed": _("Choose the relation to the person in the footage"),
        "evidence.officer_name_needed": _("Enter the name of each person who comes"),
        "evidence.officer_number_needed": _("Enter the number on each person's paper"),
        "evidence.no_camera": _("Choose at least one camera"),
        "evidence.camera_unknown": _("One of the cameras does not exist or lies outside your reach"),
        "evidence.too_many_cameras": _("One request may name %(max)s cameras at most"),
        "evidence.other_unit": _("All cameras must belong to the unit the request is addressed to"),
        "evidence.footage_lost": _(
            "%(camera)s: the footage was overwritten at %(lost_on)s; this camera keeps %(days)s days"
        ),
        "evidence.footage_partly_lost": _(
            "%(camera)s: the beginning of the span has been overwritten since %(lost_on)s; footage is kept from %(kept_from)s (%(days)s days)"
        ),
        "evidence.span_backward": _("The end must lie after the beginning"),
        "evidence.span_future": _("The span ends in the future; only what has been recorded can be asked for"),
        "evidence.live_is_past": _("Live viewing must end in the future"),
        "evidence.instrument_wrong_kind": _("This paper does not fit the requester"),
        "evidence.phone_not_open": _("Asking by telephone is open to urgent administrative cases only"),
        "evidence.officers_too_few": _("%(needed)s different people must come with their papers; %(given)s are named"),
        "evidence.bad_police_number": _("A police number has five to eight digits"),
        "evidence.bad_work_id": _("Enter the number of the work ID"),
        "evidence.purpose_not_open": _("The rules of this unit do not admit this purpose"),
        "evidence.undertaking_needed": _("Accept the undertaking to go on"),
        "evidence.readers_needed": _("Name at least one person who may know the content"),
        "evidence.relation_not_open": _("Only the person concerned, close relatives, guardians and carers may view"),
        "evidence.requester_refused": _("The rules of this unit do not admit this requester"),
        "evidence.kind_not_yours": _("You cannot ask in the name of this kind of requester"),
        "evidence.act_not_open": _("The rules do not admit this act"),
        "evidence.individual_views_only": _("An individual may view recordings but receives no copy (Decree 799 art. 21)"),
        "evidence.paper_missing": _("Attach the paper first: %(paper)s"),
        "evidence.not_yours": _("Only the requester may do this"),
        "evidence.custodian_not_open": _("Choose a footage custodian of the unit who is not among the requesters"),
        "evidence.not_assigned": _("The request is assigned to another custodian"),
        "evidence.notice_needed": _("Tick that those present were told not to photograph the screen"),
        "evidence.second_is_requester": _("The second person must not be among the requesters"),
        "evidence.second_not_authorised": _("The second person is not authorised in this unit"),
        "evidence.second_person_needed": _("A second person must confirm"),
        "evidence.nothing_to_take": _("This request leaves no file: it is a viewing, or it has not been opened yet"),
        "evidence.files_needed": _("This request takes files; register and seal them"),
        "evidence.files_there": _("Files are registered already"),
        "evidence.size_positive": _("Enter the size in bytes"),
        "evidence.bad_sha256": _("A SHA-256 value has 64 characters, 0–9 and a–f"),
        "evidence.file_twice": _("This file is registered already"),
        "evidence.outside_span": _("The file must lie within the approved span, %(from)s to %(to)s"),
        "evidence.outcome_reason": _("Give the reason; it goes on record"),
        "evidence.no_file": _("Register at least one file first"),
        "evidence.cameras_open": _("Book what became of these cameras first: %(cameras)s"),
        "evidence.not_sealed": _("Seal the set first"),
        "evidence.not_the_receiver": _("Only the receiver acknowledges the receipt"),
        "evidence.digest_differs": _(
            "This is not the digest of the sealed set. What you hold differs from what was sealed; do not accept it. The attempt was recorded"
        ),
        "evidence.same_archive": _("The two copies of the slip lie in two different places"),
    }
)  # fmt: skip


def clock_band(clock: OverwriteClock, *, now: datetime) -> tuple[str, str, str] | None:
    """The overwrite clock as (kind, headline, detail), or None where nothing is left to lose."""
    if clock.lost_at is None:
        return None
    moment = datetime_(clock.lost_at)
    days = (clock.lost_at - now).days
    detail = gettext("Shortest retention: %(camera)s", camera=clock.camera)
    match clock.urgency:
        case Urgency.LOST:
            return "bad", gettext("Overwriting began at %(moment)s", moment=moment), detail
        case Urgency.SOON:
            left = gettext("Footage is lost from %(moment)s: %(days)s days left", moment=moment, days=days)
            return "warn", left, detail
        case Urgency.HELD:
            return "ok", gettext("The unit keeps the footage past %(moment)s", moment=moment), detail
        case _:
            return "idle", gettext("Footage is lost from %(moment)s", moment=moment), detail
