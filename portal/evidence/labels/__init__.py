"""Words for footage requests: states, kinds, acts, outcomes, faults; and how a deadline of footage reads."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.evidence.labels import breadth as breadth
from portal.evidence.labels.copies import COPY_ROLE as COPY_ROLE
from portal.evidence.labels.copies import COPY_STATUS as COPY_STATUS
from portal.evidence.labels.copies import DOSSIER as DOSSIER
from portal.evidence.labels.copies import MEDIUM as MEDIUM
from portal.evidence.labels.copies import PIECE as PIECE
from portal.evidence.labels.recording import CONSEQUENCE as CONSEQUENCE
from portal.evidence.labels.recording import MISSING as MISSING
from portal.evidence.labels.recording import MISSING_CAUSE as MISSING_CAUSE
from portal.evidence.labels.recording import RECORDING_FAULT as RECORDING_FAULT
from portal.evidence.labels.recording import RECORDING_MODE as RECORDING_MODE
from portal.evidence.rules import OverwriteClock, Urgency
from portal.evidence.states import HoldStatus, LeakStatus, RequestStatus, UseStatus
from portal.evidence.values import (
    ActKind,
    CustodyAct,
    IdKind,
    InstrumentKind,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.evidence.values.equipment import Condition, DeedKind
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
    Outcome.DISTORTED: ("warn", _("Distorted, not usable")),
    Outcome.REFUSED: ("bad", _("Refused by the unit")),
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
    CustodyAct.MASTER_KEPT: ("ok", _("Kept the master")),
    CustodyAct.COPY_MADE: ("info", _("Made a working copy")),
    CustodyAct.RETURNED: ("ok", _("Copy returned")),
    CustodyAct.DESTROYED: ("off", _("Copy destroyed")),
    CustodyAct.IN_CASE_FILE: ("ok", _("Copy in the case file")),
    CustodyAct.PURPOSE_MET: ("info", _("Purpose met, deletion due")),
}
LEAK: Mapping[LeakStatus, Shown] = {
    LeakStatus.REPORTED: ("bad", _("Reported, measures due")),
    LeakStatus.CONTAINED: ("warn", _("Contained, to be closed")),
    LeakStatus.CLOSED: ("off", _("Closed")),
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
        "instrument": _("Number of the paper"),
        "purpose": _("Purpose"),
        "reason": _("Reason for use"),
        "content": _("Content (points)"),
        "span_from": _("Footage from"),
        "span_to": _("Footage to"),
        "unit": _("Managing unit"),
        "operator": _("Operator"),
        "second": _("Second person"),
        "ticket": _("Ticket of a deletion"),
        "destination": _("Destination"),
        "from": _("From"),
        "to": _("To"),
    },
    shown={
        "act": {**CUSTODY, "calls": ("", _("Calls only"))},
        "purpose": {**{one: ("", text) for one, text in PURPOSE.items()}, "secret": ("", _("Secret case (matter)"))},
    },
)

USE_STATUS: Mapping[UseStatus, Shown] = {
    UseStatus.ASKED: ("info", _("Asked for, to be decided")),
    UseStatus.APPROVED: ("info", _("Approved, to be handed over")),
    UseStatus.REFUSED: ("off", lazy_pgettext("use", "Not approved")),
    UseStatus.WITHDRAWN: ("off", lazy_pgettext("use", "Given up")),
    UseStatus.IN_USE: ("warn", _("In the investigators' hands")),
    UseStatus.RETURNED: ("warn", _("Handed back, to be looked at")),
    UseStatus.CLOSED: ("ok", lazy_pgettext("use", "Taken back")),
}

DEED: Mapping[DeedKind, LazyString] = {
    DeedKind.LIVE: lazy_pgettext("deed", "Watched live"),
    DeedKind.PTZ: _("Turned or zoomed"),
    DeedKind.PLAYBACK: lazy_pgettext("deed", "Played back"),
    DeedKind.EXPORT: _("Exported"),
}

CONDITION: Mapping[Condition, LazyString] = {
    Condition.GOOD: _("In order"),
    Condition.DAMAGED: _("Damaged"),
}

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
        "evidence.not_assigner": _("The unit's own rules name another post for assigning the custodian"),
        "evidence.not_assigned": _("The request is assigned to another custodian"),
        "evidence.notice_needed": _("Tick that those present were told not to photograph the screen"),
        "evidence.second_is_requester": _("The second person must not be among the requesters"),
        "evidence.second_not_authorised": _("The second person is not authorised in this unit"),
        "evidence.key_unlisted": _("Not on the unit's list of operators"),
        "evidence.key_zone": _("A viewing account opens the footage of its own zones only"),
        "evidence.key_inspection": _("An account for checks and maintenance opens no footage"),
        "evidence.second_person_needed": _("A second person must confirm"),
        "evidence.nothing_to_take": _("This request leaves no file: it is a viewing, or you have not opened it"),
        "evidence.files_needed": _("This request takes files; register and seal them"),
        "evidence.files_there": _("Files are registered already"),
        "evidence.size_positive": _("Enter the size in bytes"),
        "evidence.bad_sha256": _("A SHA-256 value has 64 characters, 0–9 and a–f"),
        "evidence.window_closed": _("No files are taken now: open a window for them first"),
        "evidence.upload_name": _("The name of the file is missing, too long, or holds characters that a name cannot have"),
        "evidence.upload_empty": _("The file is empty"),
        "evidence.upload_too_large": _(
            "A file of more than %(most)s GB is not uploaded: write it to a medium and register its digest"
        ),
        "evidence.upload_request_full": _("The files of one request have %(most)s GB at most in all"),
        "evidence.upload_files_full": _("The window was opened for %(most)s files and takes no more"),
        "evidence.upload_no_room": _("The store has no room for this file now. Tell the administrator"),
        "evidence.upload_offset": _("The upload has moved on meanwhile; go on from where it stands"),
        "evidence.address_ended": _("No files are taken here: the address has ended."),
        "evidence.upload_over": _("This upload is over"),
        "evidence.upload_not_kept": _("The digests of this file are still being computed"),
        "evidence.upload_too_often": _("Too many wrong addresses from here. Try again later"),
        "evidence.bad_sm3": _("An SM3 value has 64 characters, 0–9 and a–f"),
        "evidence.file_twice": _("This file is registered already"),
        "evidence.outside_span": _("The file must lie within the approved span, %(from)s to %(to)s"),
        "evidence.outcome_reason": _("Give the reason; it goes on record"),
        "evidence.file_first": _("Register the file of this camera, or say which registered file holds it"),
        "evidence.file_says_else": _("Files of this camera are registered: strike them first"),
        "evidence.span_expired": _(
            "The footage is past its valid period and no longer held: it is not opened; record as not supplied what became of it"
        ),
        "evidence.no_file": _("Register at least one file first"),
        "evidence.cameras_open": _("Book what became of these cameras first: %(cameras)s"),
        "evidence.not_sealed": _("Seal the set first"),
        "evidence.not_the_receiver": _("Only the receiver acknowledges the receipt"),
        "evidence.digest_differs": _(
            "This is not the digest of the sealed set. What you hold differs from what was sealed; do not accept it. The attempt was recorded"
        ),
        "evidence.copy.illegal": _("This step is not possible in the present state of the copy"),
        "evidence.leak.illegal": _("This step is not possible in the present state of the leak"),
        "evidence.missing.illegal": _("This step is not possible in the present state of the finding"),
        "evidence.own_statement": _("Whoever made the unit's statement does not close the finding; nor does the unit itself"),
        "evidence.no_such_copy": _("No copy in your reach has this serial"),
        "evidence.day_is_future": _("The day lies in the future"),
        "evidence.own_leak": _("Whoever received the copy does not deal with its leak"),
        "evidence.liable_first": _("Name the liable person with the measures first, or say there that none was found"),
        "evidence.readers_only": _("Only those on the need-to-know list of this secret case may do this"),
        "evidence.receipt_there": _("The receipt of this copy is acknowledged already"),
        "evidence.purpose_is_met": _("The purpose is met: no further copy is made"),
        "evidence.copy_of_another": _("This copy was made for another receiver"),
        "evidence.medium_differs": _("This is not the serial number of the medium that was made for this receiver"),
        "evidence.day_is_past": _("Choose a day in the future"),
        "evidence.extended_too_far": _("More time is given for %(days)s days at most, each time with its reason"),
        "evidence.ticket_needed": _(
            "The purpose is not met yet: a master goes before its time on a granted deletion ticket for this medium only. Give the number of one that was not used yet"
        ),
        "evidence.day_out_of_range": _("The day lies between the making of the copy and today"),
        "evidence.nothing_to_keep": _("Of this request nothing stays with the unit"),
        "evidence.master_there": _("The sealed master is in the medium register already"),
        "evidence.not_the_writer": _(
            "Only the custodian the request is assigned to writes a copy; one over the intranet goes to its receiver alone"
        ),
        "evidence.not_the_holder": _("Only who holds the copy may say where it went"),
        "evidence.witness_needed": _("Name the witness, who is another person"),
        "evidence.ending_paper_needed": _("Attach the signed paper"),
        "evidence.dossier_lacks_slip": _("The dossier lacks the approval slip"),
        "evidence.dossier_lacks_paper": _("The dossier lacks a paper the rules ask for"),
        "evidence.dossier_lacks_record": _("The dossier lacks the viewing record: nothing was opened"),
        "evidence.dossier_lacks_receipt": _("The dossier lacks the receiver's acknowledgement of a copy"),
        "evidence.dossier_lacks_master": _("The dossier lacks the sealed master: put it in the medium register first"),
        "evidence.dossier_lacks_place": _("The rules of this unit ask for two copies of the slip in two places"),
        "evidence.same_archive": _("The two copies of the slip lie in two different places"),
        "equipment_not_usable": _("The equipment of a secret system is not used in this way."),
        "equipment_undertaking": _("Every officer signs the undertaking before the equipment is asked for."),
        "equipment_span": _("The use ends after it begins, and not in the past."),
        "equipment_too_long": _("Equipment is used for %(hours)s hours at most; ask again to go on."),
        "equipment_over": _("The time asked for is over: it can only be refused, and asked for anew."),
        "equipment_not_now": _("It was approved for another time: ask anew."),
        "equipment_ids": _("The officers' papers are looked at before anything is handed over."),
        "equipment_span_ahead": _("This footage was not recorded yet at that time."),
        "equipment_when": _("This time lies outside the use."),
        "equipment_evidence": _("Say what proves it, or attach it."),
        "equipment_obstructed_when": _("An obstruction lies between the approval and now."),
        "approver_comes": _("Who asked, or comes along, does not decide."),
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
