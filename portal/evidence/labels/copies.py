"""Words for copies of footage: where each is, what it is, on what, and its dossiers; and its register as a list."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.evidence.rules.copies import Dossier, Piece
from portal.evidence.states import CopyStatus
from portal.evidence.values import MediumKind
from portal.evidence.values.copies import CopyRole
from portal.registry.labels.lists import add_list_words

Shown = tuple[str, LazyString]

MEDIUM: Mapping[MediumKind, LazyString] = {
    MediumKind.DISC: _("Optical disc"),
    MediumKind.USB_DRIVE: _("USB drive"),
    MediumKind.HARD_DISK: _("Hard disk"),
    MediumKind.INTRANET: _("Transfer over the public security network"),
    MediumKind.ORIGINAL_MEDIUM: _("Original medium"),
}
COPY_STATUS: Mapping[CopyStatus, Shown] = {
    CopyStatus.MADE: ("idle", _("Made, not handed out")),
    CopyStatus.KEPT: ("ok", _("Kept in the archive")),
    CopyStatus.WITH_RECIPIENT: ("info", _("With its receiver")),
    CopyStatus.RETURNED: ("ok", _("Given back")),
    CopyStatus.DESTROYED: ("off", _("Destroyed")),
    CopyStatus.IN_CASE_FILE: ("ok", _("In the case file")),
}
COPY_ROLE: Mapping[CopyRole, LazyString] = {
    CopyRole.MASTER: _("Sealed master, kept by the unit"),
    CopyRole.WORKING: _("Working copy for one receiver"),
}
DOSSIER: Mapping[Dossier, LazyString] = {
    Dossier.OFFICE: _("Dossier at the security office"),
    Dossier.CENTRE: _("Dossier at the monitoring centre"),
}
PIECE: Mapping[Piece, LazyString] = {
    Piece.SLIP: _("Approval slip"),
    Piece.PAPER: _("Paper the request rests on"),
    Piece.RECORD: _("Viewing record"),
    Piece.RECEIPT: _("Signed receipt of every copy"),
    Piece.MASTER: _("Sealed master in the medium register"),
    Piece.PLACE: _("Place where it lies"),
}

add_list_words(
    "copies",
    title=_("Copies and media"),
    page="evidence.copies",
    names={
        "serial": _("Copy number"),
        "role": _("What it is"),
        "request": _("Request"),
        "unit": _("Managing unit"),
        "medium": _("Medium"),
        "medium_serial": _("Serial number of the medium"),
        "where": _("Where it is"),
        "holder": _("Who answers for it"),
        "status": _("State"),
        "made_at": _("Made"),
        "made_by": _("Made by"),
        "due_back": _("Settled by"),
        "ended_on": _("Whereabouts settled on"),
        "ended_by": _("Recorded by"),
        "ended_note": _("Note"),
        "due": _("Settled by"),
    },
    shown={
        "role": {one: ("", text) for one, text in COPY_ROLE.items()},
        "status": COPY_STATUS,
        "medium": {one: ("", text) for one, text in MEDIUM.items()},
        "due": {"overdue": ("bad", _("Overdue"))},
    },
)
