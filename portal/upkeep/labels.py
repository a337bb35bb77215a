"""Words for the unit's books."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.upkeep import values
from portal.upkeep.states import CustodyStatus, TicketStatus
from portal.upkeep.values import CustodyFlaw, DeviceGroup, TicketKind
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

GROUP: Mapping[DeviceGroup, LazyString] = {
    DeviceGroup.RECORDER: _("Recorders and storage"),
    DeviceGroup.CAMERA: _("Cameras"),
    DeviceGroup.PLATFORM: _("Management platform"),
    DeviceGroup.SERVER: _("Servers"),
    DeviceGroup.NETWORK: _("Network equipment"),
    DeviceGroup.WORKSTATION: _("Client workstations"),
}

CUSTODY_STATUS: Mapping[CustodyStatus, Shown] = {
    CustodyStatus.HELD: ("ok", _("In custody")),
    CustodyStatus.OFFERED: ("info", _("Given, to be taken over")),
    CustodyStatus.ENDED: ("off", lazy_pgettext("custody", "Ended")),
}

CUSTODY_FLAW: Mapping[CustodyFlaw, LazyString] = {
    CustodyFlaw.KEEPER_LEFT: _("A keeper has left the post"),
    CustodyFlaw.ROTATION_OVERDUE: _("Password change overdue"),
}

TICKET_KIND: Mapping[TicketKind, LazyString] = {
    TicketKind.PARAMETER: _("Change of a technical parameter"),
    TicketKind.SETTING: _("Change of a setting"),
    TicketKind.SWITCH_OFF: _("Switching off"),
    TicketKind.SOFTWARE: _("Installing software"),
    TicketKind.REWIRE: _("Rewiring"),
    TicketKind.POWER: _("Extra electric load"),
    TicketKind.DELETION: _("Deletion of recordings"),
}

TICKET_STATUS: Mapping[TicketStatus, Shown] = {
    TicketStatus.ASKED: ("info", _("Asked for, to be decided")),
    TicketStatus.APPROVED: ("info", _("Approved, to be carried out")),
    TicketStatus.REFUSED: ("bad", lazy_pgettext("ticket", "Refused")),
    TicketStatus.DISPUTED: ("warn", _("With the highest authority")),
    TicketStatus.SETTLED: ("bad", _("Refused for good")),
    TicketStatus.DONE: ("warn", _("Carried out, to be verified")),
    TicketStatus.VERIFIED: ("ok", lazy_pgettext("ticket", "Verified")),
    TicketStatus.WITHDRAWN: ("off", lazy_pgettext("ticket", "Withdrawn")),
}

# What the registry calls the parameters that are watched.
PARAMETER: Mapping[str, LazyString] = {
    "resolution": _("Resolution"),
    "encoding": _("Encoding"),
    "retention_days": _("Days of retention"),
    "records_audio": _("Sound recording"),
    "storage_channel": _("Storage channel"),
    "osd_text": _("Text in the picture"),
    "network_mode": _("Network connection"),
}

WORKSTATION_ACTS: Mapping[str, str] = {
    values.WORKSTATION_ENTERED: "idle",
    values.WORKSTATION_CHANGED: "info",
    values.WORKSTATION_CHECKED: "ok",
    values.WORKSTATION_RETIRED: "off",
}

OPERATOR_ACTS: Mapping[str, str] = {
    values.OPERATOR_APPOINTED: "ok",
    values.OPERATOR_TRAINED: "info",
    values.OPERATOR_ENDED: "off",
}

CUSTODY_ACTS: Mapping[str, str] = {
    values.CUSTODY_ENTERED: "idle",
    values.PASSWORD_ROTATED: "ok",
    values.CUSTODY_OFFERED: "info",
    values.CUSTODY_TAKEN: "ok",
    values.CUSTODY_RECALLED: "warn",
    values.CUSTODY_ENDED: "off",
}

TICKET_ACTS: Mapping[str, str] = {
    values.TICKET_ASKED: "idle",
    values.TICKET_APPROVED: "ok",
    values.TICKET_REFUSED: "bad",
    values.TICKET_DISPUTED: "warn",
    values.TICKET_UPHELD: "bad",
    values.TICKET_OVERRULED: "ok",
    values.TICKET_DONE: "info",
    values.TICKET_VERIFIED: "ok",
    values.TICKET_WITHDRAWN: "off",
}

add_texts(
    {
        "upkeep.person_needed": _("A person signs, not the portal."),
        "upkeep.not_of_unit": _("Choose somebody who holds a post in the unit today."),
        "upkeep.day_ahead": _("The day lies in the future."),
        "upkeep.day_before": _("The day comes before the last change."),
        "upkeep.second_is_first": _("The second custodian is another person."),
        "upkeep.envelope_stale": _("The envelope was sealed before the last change: it holds an old password."),
        "upkeep.system_unknown": _("Choose a system of the unit."),
        "upkeep.camera_unknown": _("Choose a camera of the unit."),
        "upkeep.not_the_keeper": _("Only a keeper signs here; for one who has left, the head of security."),
        "upkeep.not_the_taker": _("Only the person named takes the password over."),
        "upkeep.taker_is_keeper": _("Choose somebody who does not keep this password yet and does not give it."),
        "upkeep.change_first": _("Change the password first: who gave it still knows the old one."),
        "upkeep.ends_before": _("The end comes before the beginning."),
        "upkeep.hours_past": _("A ticket is asked for before the work, not after it."),
        "upkeep.hours_over": _("The hours of the ticket are past: it can only be refused, and asked for anew."),
        "upkeep.not_yet": _("The hours of the ticket have not begun."),
        "upkeep.decides_own": _("Whoever asked does not decide."),
        "upkeep.settles_own": _("Whoever asked or decided does not end the dispute."),
        "upkeep.verifies_own": _("Whoever did the work does not verify it."),
        "upkeep.not_the_asker": _("Only the person who asked may do this."),
        "upkeep.not_the_highest": _("Only the holder of the unit's highest post ends a dispute."),
        "upkeep.asset_taken": _("Another workstation of the unit bears this number."),
        "upkeep.not_an_address": _("This is no network address."),
        "upkeep.day_before_check": _("The day comes before the last check."),
        "upkeep.workstation_retired": _("This workstation is retired."),
        "upkeep.listed_already": _("This person is on the list already."),
        "upkeep.own_appointment": _("Nobody appoints themselves to change settings."),
        "upkeep.struck_off": _("This person was struck off the list."),
        "upkeep.nothing_to_delete": _(
            "Name a system or a camera, or the serial of a sealed master that the unit keeps."
        ),
        "upkeep.footage_held": _("A preservation hold stands: nothing of it is deleted before two people release it."),
        "upkeep.at_the_medium": _(
            "A sealed master is destroyed on its own page, which takes the number of this ticket."
        ),
        "upkeep.witness_needed": _("Choose who stood by; not the person who deletes."),
        "upkeep.signer_needed": _("Choose a professional who is entitled to this work today."),
    }
)
