"""Words for stages, orders, parts, uses, complaints, projects and relocations."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.mandates import values
from portal.mandates.rules.parts import Coverage
from portal.mandates.states import (
    ComplaintStatus,
    OrderStatus,
    RelocationStatus,
    SourceStatus,
    Stage,
)
from portal.mandates.values import (
    ComplaintAbout,
    EscalationKind,
    MatchMethod,
    ProjectStatus,
    RelocationKind,
    ServiceMethod,
)
from portal.registry.labels.lists import add_list_words
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

STAGE: Mapping[Stage, Shown] = {
    Stage.IDENTIFIED: ("bad", _("Nothing known to hang there")),
    Stage.ORDERED: ("warn", _("Ordered to install")),
    Stage.ESCALATED: ("bad", _("Overdue, escalated")),
    Stage.INSTALLED: ("warn", _("Installed, not filed")),
    Stage.FILED: ("info", _("Filed, not accepted")),
    Stage.ACCEPTED: ("ok", _("Filed and accepted")),
    Stage.STRUCK: ("off", _("Off the register")),
}

add_list_words(
    "mandated",
    title=_("Register of those who must install"),
    page="mandates.entries",
    names={
        "name": _("Name of the place"),
        "uscc": _("Unified social credit code"),
        "category": _("Mandated category"),
        "address": _("Address"),
        "stage": _("Stage"),
        "matched": _("Matched unit"),
        "source": _("Taken from"),
    },
    shown={
        "stage": {**STAGE, "missing": ("bad", _("Without a known system"))},
        "matched": {"1": ("", _("Matched to a unit")), "0": ("", _("Not matched"))},
    },
)

ORDER_STATUS: Mapping[OrderStatus, Shown] = {
    OrderStatus.ISSUED: ("info", _("Issued, to be served")),
    OrderStatus.SERVED: ("info", _("Served")),
    OrderStatus.REPLIED: ("info", _("Replied to")),
    OrderStatus.ESCALATED: ("bad", lazy_pgettext("order", "Escalated")),
    OrderStatus.FULFILLED: ("ok", lazy_pgettext("order", "Fulfilled")),
    OrderStatus.WITHDRAWN: ("off", lazy_pgettext("order", "Taken back")),
}

SERVICE: Mapping[ServiceMethod, LazyString] = {
    ServiceMethod.DIRECT: _("Handed over in person"),
    ServiceMethod.LEFT: _("Left at the place before witnesses"),
    ServiceMethod.POST: _("Registered post"),
    ServiceMethod.PORTAL: _("Through this portal, with the unit's consent"),
}

ESCALATION: Mapping[EscalationKind, LazyString] = {
    EscalationKind.INTERVIEW: _("Summons to an interview"),
    EscalationKind.CIRCULAR: _("Circular criticism"),
    EscalationKind.INDUSTRY_NOTICE: _("Notice to the department in charge of the industry"),
    EscalationKind.PENALTY_CASE: _("Handed over to be opened as a penalty case"),
}

MATCHED_HOW: Mapping[MatchMethod, LazyString] = {
    MatchMethod.PERSON: _("found by a person"),
    MatchMethod.CODE: _("same credit code"),
    MatchMethod.NAME: _("similar name, near by"),
}

COVERAGE: Mapping[Coverage, Shown] = {
    Coverage.COVERED: ("ok", _("Covered")),
    Coverage.DOWN: ("bad", _("Its cameras are out of use")),
    Coverage.SUGGESTED: ("warn", _("Cameras hang there, none is named")),
    Coverage.ABSENT: ("off", _("The place has no such part")),
    Coverage.UNCOVERED: ("bad", _("Not covered")),
}

SOURCE_STATUS: Mapping[SourceStatus, Shown] = {
    SourceStatus.QUEUED: ("info", _("Being read")),
    SourceStatus.DONE: ("ok", _("Loaded")),
    SourceStatus.FAILED: ("bad", _("Could not be read")),
}

COMPLAINT_STATUS: Mapping[ComplaintStatus, Shown] = {
    ComplaintStatus.RAISED: ("warn", _("Waits for acknowledgement")),
    ComplaintStatus.ACKNOWLEDGED: ("info", _("Being looked into")),
    ComplaintStatus.ANSWERED: ("ok", _("Answered")),
    ComplaintStatus.CONTESTED: ("warn", _("Answer contested")),
    ComplaintStatus.CLOSED: ("off", lazy_pgettext("complaint", "Closed")),
    ComplaintStatus.WITHDRAWN: ("off", lazy_pgettext("complaint", "Withdrawn")),
}

ABOUT: Mapping[ComplaintAbout, LazyString] = {
    ComplaintAbout.UNRECORDED_USE: _("A use that stands in no register"),
    ComplaintAbout.BEYOND_PURPOSE: _("More was taken or looked at than the notice says"),
    ComplaintAbout.NO_PAPERS: _("No notice, no work ID or fewer officers than the rules ask for"),
    ComplaintAbout.NOT_RETURNED: _("Equipment or medium not given back"),
    ComplaintAbout.DAMAGE: _("Equipment damaged or operation disturbed"),
    ComplaintAbout.LEAK: _("Footage or commercial secrets passed on"),
    ComplaintAbout.FORCED_CONNECTION: _("Connected without the unit's consent"),
    ComplaintAbout.OTHER: _("Something else"),
}

RELOCATION_STATUS: Mapping[RelocationStatus, Shown] = {
    RelocationStatus.PROPOSED: ("info", _("Waits for approval")),
    RelocationStatus.APPROVED: ("info", _("Approved, to be carried out")),
    RelocationStatus.REFUSED: ("bad", lazy_pgettext("relocation", "Refused")),
    RelocationStatus.CARRIED_OUT: ("ok", _("Carried out")),
    RelocationStatus.CANCELLED: ("off", lazy_pgettext("relocation", "Cancelled")),
}

RELOCATION_KIND: Mapping[RelocationKind, LazyString] = {
    RelocationKind.RELOCATION: _("Moved for urban demolition"),
    RelocationKind.REBUILDING: _("Rebuilt at another place"),
    RelocationKind.CORRECTION: _("Not moved: the position was surveyed wrongly"),
}

PROJECT_STATUS: Mapping[ProjectStatus, Shown] = {
    ProjectStatus.PLANNED: ("idle", lazy_pgettext("project", "Planned")),
    ProjectStatus.BUILDING: ("info", lazy_pgettext("project", "Being built")),
    ProjectStatus.COMPLETED: ("ok", lazy_pgettext("project", "Completed")),
}

# What the owner is told of an act by the police on the unit's records that no call register holds.
LOOKS: Mapping[str, LazyString] = {
    "registry:contact:reveal": _("Telephone number of the unit shown"),
    "registry:history:read": _("History of a secret record read"),
    "registry:document:read": _("Paper of the unit opened"),
    "maps:camera:look": _("Camera looked up on the map"),
    "reachability:probe:ask": _("Camera probed by hand"),
}

ENTRY_ACTS: Mapping[str, str] = {
    values.ENTRY_ADDED: "info",
    values.ENTRY_CHANGED: "info",
    values.ENTRY_STRUCK: "off",
    values.ENTRY_MATCHED: "ok",
    values.ENTRY_PARTED: "warn",
    values.PARTS_SAVED: "info",
}
ORDER_ACTS: Mapping[str, str] = {
    values.ORDER_ISSUED: "info",
    values.ORDER_SERVED: "info",
    values.ORDER_REPLIED: "info",
    values.ORDER_ESCALATED: "bad",
    values.ORDER_FULFILLED: "ok",
    values.ORDER_WITHDRAWN: "off",
}
COMPLAINT_ACTS: Mapping[str, str] = {
    values.COMPLAINT_RAISED: "warn",
    values.COMPLAINT_ACKNOWLEDGED: "info",
    values.COMPLAINT_ANSWERED: "ok",
    values.COMPLAINT_CONTESTED: "warn",
    values.COMPLAINT_CLOSED: "off",
    values.COMPLAINT_WITHDRAWN: "off",
}
RELOCATION_ACTS: Mapping[str, str] = {
    values.RELOCATION_PROPOSED: "info",
    values.RELOCATION_DECIDED: "info",
    values.RELOCATION_DONE: "ok",
    values.RELOCATION_CANCELLED: "off",
}

# What is wrong with a row of a list.
LIST_FAULT: Mapping[str, LazyString] = {
    "list_no_name": _("The name is missing"),
    "list_name_long": _("The name is longer than 120 characters"),
    "list_bad_code": _("The credit code does not check; the row was taken without it"),
    "list_no_district": _("No district of the city can be read from the row"),
    "list_other_district": _("The district lies outside your jurisdiction"),
    "list_no_category": _("Neither category nor industry leads to a mandated category"),
    "twice_in_list": _("The same place stands in row %(text)s already"),
}

add_texts(
    {
        "mandated_already": _("A place with this code and name stands in the register already."),
        "category_unknown": _("No mandated category of this name is in force."),
        "category_ended": _("The category is no longer in force: there is no basis for an order."),
        "strike_under_order": _("An order to this place is open: withdraw it or let it be fulfilled first."),
        "unit_unknown": _("No unit with this code is in the registry, or not in your reach."),
        "order_open": _("An order to this place is open already."),
        "nothing_to_order": _("This place has done what an order could ask for."),
        "part_unknown": _("This category has no such part."),
        "served_when": _("Service lies between the day of issue and today."),
        "order_not_overdue": _("The limit of this order has not passed yet."),
        "order_not_obeyed": _("No accepted filing of this place stands in the register yet."),
        "part_without_unit": _("Match the place to a unit first: its cameras are known through the unit."),
        "part_covered_or_absent": _("A part is either covered by cameras or does not exist here."),
        "too_many_cameras": _("At most %(most)s cameras can be named for one part."),
        "camera_of_another": _("One of these cameras does not belong to the unit."),
        "provision_not_later": _("The present provision began on %(day)s; a new one begins later."),
        "provision_overlaps": _("Another provision of this category holds at that time."),
        "category_key": _("The short name has small letters, digits and underscores only."),
        "basis_needed": _("State the paper this rests on, with its number."),
        "list_no_header": _("No row names a column of unit names. Compare the header with the example."),
        "list_too_long": _("The list has too many rows; split it."),
        "entry_unknown": _("This use does not stand in the unit's register."),
        "in_the_future": _("This day has not come yet."),
        "answer_needed": _("Write the answer."),
        "project_taken": _("A project with this number is entered already."),
        "not_public": _("Only systems of the city public kind belong to a public project."),
        "cameras_needed": _("Choose at least one camera."),
        "not_public_camera": _("One of these cameras does not belong to a public system in your reach."),
        "place_unreadable": _('"%(text)s" is not a position in the city: longitude, latitude (WGS-84).'),
        "decider_is_proposer": _("Whoever proposed a relocation does not approve it."),
        "payer_needed": _("Name who bears the cost."),
    }
)
