"""Every route, asked by everybody, near and far: the answer is the one the policy table foretells.

The expectation is worked out here from GRANTS and from where each object stands, never from the code under test. An
address whose arguments this file does not know fails it, so that a new route cannot slip past.
"""

import dataclasses
import functools
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.accounts.guards import PENDING_ENDPOINTS, permission_of
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, Reach, allows, may_ever
from portal.accounts.values import Identity, Role, Scope
from portal.app import FEATURES
from portal.core.scope import EVERYTHING
from tests.architecture.conftest import MatrixPortal, Page
from tests.support.matrix import Persona, Thing

UNKNOWN = UUID("01a1fb72-0000-7000-8000-000000000000")
NONCE = re.compile(r"nonce-[\w+/=-]+")
WRITES = ("POST", "PUT", "PATCH", "DELETE")

# The object an address is about, by the argument that names it; the first that an address has decides.
KINDS = {
    "request_id": "request",
    "copy_id": "request",
    "leak_id": "request",
    "acceptance_id": "acceptance",
    "shortfall_id": "shortfall",
    "filing_id": "filing",
    "import_id": "import",
    "camera_id": "camera",
    "system_id": "system",
    "unit_id": "unit",
    "document_id": "document",
    "review_id": "review",
    "tip_off_id": "tip-off",
    "protected_id": "protected",
    "proposal_id": "proposal",
    "record_id": "audit-record",
    "run_id": "probe-run",
    "notice_id": "notice",
    "list_run_id": "list-run",
    "token_id": "token",
    "hook_id": "webhook",
    "delivery_id": "delivery",
    "mandated_id": "mandated",
    "order_id": "install-order",
    "use_id": "equipment-use",
    "connection_order_id": "connection-order",
    "custody_id": "custody",
    "ticket_id": "ticket",
    "workstation_id": "workstation",
    "operator_id": "operator",
    "account_id": "account",
    "match_id": "match",
    "source_id": "source",
    "provision_id": "provision",
    "complaint_id": "complaint",
    "project_id": "project",
    "relocation_id": "relocation",
    "move_id": "move",
    "contractor_id": "contractor",
    "device_id": "field-device",
    "campaign_id": "campaign",
    "measure_id": "measure",
    "correction_id": "correction",
    "draw_id": "draw",
    "plan_id": "plan",
    "delegation_id": "delegation",
    "question_id": "question",
}
KIND_OF_ENDPOINT = {
    "oversight.audit_run": "audit-run",
    "oversight.audit_file": "audit-run",
    "api.any_token_revoke": "any-token",
}
# Arguments that name no guarded object.
PLAIN: dict[str, dict[str, Any]] = {
    "maps.tile": {"z": 10, "x": 837, "y": 401},
    "regulation.profile": {"key": "anyang-2007"},
    "public.receipts": {"code": "0123456789AB"},
    "public.certificates": {"code": "0123456789AB"},
    "style.show": {"page": "list"},
    **{f"evidence.receipt_{form}": {"receipt_id": UNKNOWN} for form in ("file", "paper")},
    "inspection.photo_add": {"item": "room"},
    "evidence.copy_act": {"act": "case-file"},
    "evidence.leak_act": {"act": "contain"},
    "evidence.request_beside": {"act": "explain"},
    **{f"evidence.missing_{end}": {"missing_id": UNKNOWN} for end in ("", "state", "close", "pdf")},
    **{f"evidence.upload{end}": {"upload_id": UNKNOWN} for end in ("", "_entry")},
    "evidence.receive": {"secret": "0" * 43},
    "evidence.receive_part": {"secret": "0" * 43, "upload_id": UNKNOWN},
    "campaigns.campaign_move": {"action": "close"},
    "inspection.absence_withdraw": {"absence_id": UNKNOWN},
    "inspection.field_visit": {"visit_id": UNKNOWN},
    "inspection.field_entries": {"visit_id": UNKNOWN},
    "inspection.field_photo": {"visit_id": UNKNOWN, "sha256": "0" * 64},
    "inspection.calendar_feed": {"secret": "0" * 43},
    **{f"inspection.{name}": {"person_id": UNKNOWN} for name in ("inspector", "inspector_keep", "interest_enter")},
    "inspection.interest_end": {"conflict_id": UNKNOWN},
    "inspection.photo": {"photo_id": UNKNOWN},
    "inspection.photo_remove": {"photo_id": UNKNOWN},
    "registry.import_decide_fault": {"fault_id": 1},
    "registry.import_blank": {"kind": "csv"},
    "registry.camera_phone": {"which": "managing_phone"},
    "registry.quality_district": {"district": "410502"},
    # Everybody who reads any list reads units.
    "registry.list_views": {"name": "units"},
    "registry.list_view_remove": {"name": "units"},
    "registry.list_opens": {"name": "units"},
    "registry.list_columns": {"name": "units"},
    "registry.list_export": {"name": "units"},
    "mandates.match_decide": {"verdict": "dismiss"},
    "mandates.parts_save": {"part": "lobby"},
    "mandates.complaint_end": {"end": "close"},
    "measures.measure_act": {"action": "close"},
    "measures.measure_paper": {"which": "paper"},
    "measures.correction_act": {"action": "accept"},
    "measures.correction_paper": {"which": "order"},
    "measures.correction_outcome": {"fine_id": UNKNOWN},
    "measures.correction_fine": {"fine_id": UNKNOWN},
    **{f"measures.plan_visit{end}": {"visit_id": UNKNOWN} for end in ("", "_list")},
    "measures.plan_visit_act": {"visit_id": UNKNOWN, "action": "end"},
    "measures.plan_visit_photo_add": {"visit_id": UNKNOWN, "item": "sign"},
    **{f"measures.plan_visit_photo{end}": {"visit_id": UNKNOWN, "photo_id": UNKNOWN} for end in ("", "_remove")},
    "registry.connection_move": {"action": "end"},
    "evidence.use_hand": {"action": "hand"},
    "evidence.use_act": {"action": "deed"},
    "evidence.use_evidence": {"obstruction_id": UNKNOWN},
    "connections.order_answer": {"action": "refuse"},
    "connections.order_decide": {"action": "reject"},
    "connections.order_act": {"action": "drop"},
    "upkeep.custody_sign": {"action": "rotate"},
    "upkeep.custody_act": {"action": "end"},
    "upkeep.workstation_check": {"action": "check"},
    "upkeep.workstation_act": {"action": "retire"},
    "upkeep.operator_act": {"action": "strike"},
    "upkeep.ticket_new": {"what": "change"},
    "upkeep.ticket_decide": {"action": "approve"},
    "upkeep.ticket_act": {"action": "withdraw"},
    "upkeep.ticket_settle": {"action": "uphold"},
    "registry.clock_extend": {"clock_id": UNKNOWN},
    "registry.component_remove": {"component_id": UNKNOWN},
    **{f"registry.{name}": {"finding_id": UNKNOWN} for name in ("finding", "finding_decide", "finding_close")},
}
# What shows an object at all: without it the object does not exist for that person.
READ = {
    "request": Permission.REQUEST_READ,
    "acceptance": Permission.ACCEPTANCE_READ,
    "shortfall": Permission.ACCEPTANCE_READ,
    "campaign": Permission.CAMPAIGN_READ,
    "filing": Permission.FILING_READ,
    "import": Permission.CAMERA_IMPORT,
    "camera": Permission.CAMERA_READ,
    "system": Permission.SYSTEM_READ,
    "unit": Permission.UNIT_READ,
    "document": Permission.DOCUMENT_READ,
    "review": Permission.REVIEW_READ,
    "tip-off": Permission.TIP_OFF_HANDLE,
    "protected": Permission.SITE_KEEP,
    "proposal": Permission.ACCOUNT_DECIDE,
    "audit-record": Permission.AUDIT_READ,
    "audit-run": Permission.AUDIT_VERIFY,
    "probe-run": Permission.REACH_READ,
    "notice": Permission.HOME_VIEW,
    "list-run": Permission.LIST_EXPORT,
    "token": Permission.TOKEN_OWN,
    "any-token": Permission.TOKEN_REVOKE,
    "mandated": Permission.MANDATE_READ,
    "install-order": Permission.MANDATE_READ,
    "equipment-use": Permission.EQUIPMENT_READ,
    "connection-order": Permission.CONNECTION_ORDER_READ,
    "custody": Permission.BOOK_READ,
    "ticket": Permission.BOOK_READ,
    "workstation": Permission.BOOK_READ,
    "operator": Permission.BOOK_READ,
    "account": Permission.ACCOUNT_DECIDE,
    "match": Permission.MANDATE_EDIT,
    "source": Permission.MANDATE_EDIT,
    "provision": Permission.DICTIONARY_EDIT,
    "complaint": Permission.COMPLAINT_READ,
    "project": Permission.PROJECT_READ,
    "relocation": Permission.PROJECT_READ,
    "move": Permission.PROJECT_READ,
    "contractor": Permission.CONTRACTOR_READ,
    "field-device": Permission.DEVICE_KEEP,
    "measure": Permission.MEASURE_READ,
    "correction": Permission.MEASURE_READ,
    "draw": Permission.DRAW_READ,
    "plan": Permission.PLAN_READ,
    "delegation": Permission.DELEGATION_READ,
    "webhook": Permission.WEBHOOK_OWN,
    "delivery": Permission.WEBHOOK_OWN,
    "question": Permission.EXPLANATION_READ,
}
# A paper is opened by who reaches its level.
READ_IN_STATE = {
    ("document", "open"): Permission.SYSTEM_READ,
    ("document", "sensitive"): Permission.DOCUMENT_SENSITIVE,
    ("document", "secret"): Permission.DOCUMENT_SECRET,
}
# Where a right hangs on the very person: the people of the stories ask about these only.
PERSONAL = frozenset({"request", "acceptance", "list-run", "question"})
BY_SECRET = frozenset({"evidence.receive", "evidence.receive_part"})
# Public addresses answer everybody alike: these ask them, everybody asks the others.
FEW = frozenset({"signed-out", "must-change", "unit_filer@own", "registrar@there", "auditor@city"})
# Answers of somebody let in: a success, a refusal at a field, or a step that this state does not have.
LET_IN = {"GET": frozenset({200}), "POST": frozenset({200, 302, 303, 409, 422}), "PATCH": frozenset({200, 409, 422})}
# Programs send JSON: who is let in with a form is told so.
NO_JSON = frozenset({415})
PROGRAMS = frozenset(
    f"api.{name}"
    for name in [
        "me",
        "units",
        "unit",
        "systems",
        "system",
        "system_new",
        "system_change",
        "cameras",
        "camera",
        "camera_new",
        "camera_change",
        "filings",
        "filing",
        "filing_new",
        "filing_submit",
    ]
)
MISSING = frozenset({404})
UNHANDED = ("draft", "in-approval", "returned", "refused", "approved", "assigned", "executing", "sealed", "secret")
# Where the object as it stands leaves nothing to show or to do: (endpoint, states or all, the answers instead).
INSTEAD: list[tuple[str, tuple[str, ...], frozenset[int]]] = [
    ("campaigns.member_release", (), frozenset({303, 403})),  # a place in the bureau's group, not in the school's
    ("style.fault", (), MISSING),  # an address that shows how a fault looks
    ("public.receipts", (), frozenset({200, 404})),  # with a code that nobody was given
    ("public.certificates", (), frozenset({200, 404})),  # the same
    ("public.tip_sent", (), frozenset({302})),  # nothing was reported from this browser
    ("registry.review_photo", ("unlinked",), MISSING),  # no verdict, no picture
    ("accounts.sign_in", (), frozenset({200, 302})),  # who is in already goes home
    ("registry.import_progress", ("failed",), frozenset({286})),  # over: the page need not ask again
    ("registry.import_parked", (), MISSING),  # nothing is parked in these
    ("reachability.run", (), frozenset({286})),
    ("registry.filing_receipt", ("draft", "submitted", "returned", "withdrawn"), MISSING),
    ("registry.filing_certificate", ("draft", "submitted", "returned", "withdrawn"), MISSING),
    ("registry.filing_basic", ("draft", "withdrawn"), MISSING),
    ("registry.filing_basic_sheet", ("draft", "withdrawn"), MISSING),
    ("registry.filing_revision", ("draft", "withdrawn"), MISSING),
    ("registry.quick_start", (), frozenset({200, 302})),  # who belongs to one unit goes on with it
    # The limit, the part, the finding asked for are nobody's.
    ("registry.clock_extend", (), MISSING),
    ("registry.component_remove", (), MISSING),
    ("registry.finding", (), MISSING),
    ("registry.finding_decide", (), MISSING),
    ("registry.finding_close", (), MISSING),
    ("inspection.paper", ("requested", "returned", "checked", "scheduled", "withdrawn"), MISSING),
    ("inspection.absence_withdraw", (), MISSING),  # the absence asked for is nobody's
    ("inspection.inspection_record", ("requested", "returned", "checked", "scheduled", "withdrawn"), MISSING),
    # The visit asked for is nobody's; what is sent with it is read first.
    ("inspection.field_visit", (), MISSING),
    ("inspection.field_entries", (), frozenset({404, 422})),
    ("inspection.field_photo", (), frozenset({404, 422})),
    # The address, the inspector, the interest asked for are nobody's.
    ("inspection.calendar_feed", (), MISSING),
    ("inspection.calendar_revoke", (), frozenset({303, 404})),
    ("inspection.inspector", (), MISSING),
    ("inspection.inspector_keep", (), MISSING),
    ("inspection.interest_enter", (), MISSING),
    ("inspection.interest_end", (), MISSING),
    # A time is chosen once the papers are complete, and until the visit is over.
    *(
        (endpoint, ("requested", "returned", "passed", "published", "withdrawn"), MISSING)
        for endpoint in ("inspection.visit_time", "inspection.visit_time_cancel")
    ),
    ("inspection.application", (), MISSING),  # none of these came with a self-assessment
    ("inspection.assess", (), MISSING),  # no scored standard governs a college
    ("inspection.photo", (), MISSING),  # the photo asked for is nobody's
    ("inspection.override_ask", (), frozenset({403, 409, 422})),  # only who was sent there asks
    ("inspection.photo_remove", (), frozenset({404, 409})),
    ("registry.camera_phone", (), MISSING),  # a camera without a number of its own is reached through its unit
    ("registry.list_file", (), MISSING),  # nothing is written yet
    ("registry.list_view_remove", (), MISSING),  # no view is named
    ("registry.cameras_bulk", (), frozenset({422})),  # no camera is chosen
    ("registry.scene", (), MISSING),  # no camera of these stories has its picture taken
    ("registry.quality_district", (), frozenset({200, 404})),  # a district outside the reach does not exist
    # The scan is the unit's that was shown it, and its police's; the firm is everybody's.
    ("registry.qualification_paper", (), frozenset({200, 404})),
    ("evidence.receipt", UNHANDED, MISSING),
    *((f"evidence.{name}", UNHANDED, MISSING) for name in ("copy_", "copy_act", "leak", "leak_act", "leak_content")),
    ("evidence.purpose_met", (), frozenset({200, 303, 403, 409, 422})),  # only who asked for it says that it is met
    *((f"evidence.missing_{end}", (), MISSING) for end in ("", "state", "close", "pdf")),  # the finding is nobody's
    ("evidence.copy_paper", (), MISSING),  # none of these ended with a paper
    ("evidence.copy_file", (), MISSING),  # the files of these travelled on a medium
    (
        "evidence.copy_act",
        ("handed-over",),
        frozenset({200, 303, 403, 409, 422}),
    ),  # only who holds it says where it went
    # Only who took the medium signs for it, whatever the role.
    ("evidence.receipt", ("handed-over",), frozenset({200, 303, 403, 422})),
    ("evidence.paper_file", ("draft",), MISSING),
    # A part says which version it speaks, or is not read; of a window that is open to its custodian alone, and
    # the file that a plain form gives up is nobody's.
    ("evidence.upload", (), frozenset({403, 404, 409, 412})),
    ("evidence.upload_entry", ("executing",), frozenset({403, 404})),  # the file asked for is nobody's
    *((f"evidence.receive{end}", (), frozenset({404, 429})) for end in ("", "_part")),  # a secret nobody was told
    ("evidence.paper_file", ("secret",), frozenset({200, 404})),  # of a secret matter only its readers know papers
    ("evidence.request_content", ("secret",), frozenset({200, 403})),
    ("evidence.hold_release", ("draft",), MISSING),
    ("evidence.hold_place", (), frozenset({403, 404, 409})),  # only who drafted it, and only when time runs out
    ("evidence.file_strike", ("executing",), frozenset({403, 404})),  # to who carries it out: the file is another's
    ("mandates.my_uses", (), frozenset({302})),  # on to the reader's own unit
    ("evidence.backup_end", (), frozenset({404, 422})),  # no back-up is named
    ("evidence.use_evidence", (), MISSING),  # the obstruction asked for is nobody's
    ("measures.measure_file", (), MISSING),  # no reply came with a paper
    ("measures.correction_file", (), MISSING),
    # The visit asked for is nobody's.
    *(
        (f"measures.plan_visit{end}", (), MISSING)
        for end in ("", "_act", "_list", "_photo", "_photo_add", "_photo_remove")
    ),
    ("measures.correction_fine", (), MISSING),  # the fine asked for is nobody's
    *((f"evidence.receipt_{form}", (), MISSING) for form in ("file", "paper")),  # nobody's
    ("evidence.watch_ask", (), MISSING),  # about nothing in particular
    ("oversight.audit_proof", (), frozenset({422})),  # nothing is signed yet in this world
    ("oversight.audit_checkpoint", (), MISSING),
    ("oversight.audit_file", (), MISSING),
]


class Foretold(Enum):
    """What the policy says of one question."""

    SIGN_IN = "asked to sign in"
    CHANGE_PASSWORD = "sent to change the password"
    FORBIDDEN = "refused"
    HIDDEN = "told that there is no such thing"
    ADMITTED = "let in"


@dataclass(frozen=True)
class Question:
    """One address asked by one persona."""

    endpoint: str
    method: str
    permission: Permission | None
    persona: Persona
    thing: Thing | None
    url: str = ""

    def __str__(self) -> str:
        about = f" of {self.thing.kind} {self.thing.state}".rstrip() if self.thing else ""
        return f"{self.persona.key}: {self.method} {self.endpoint}{about} {self.url}".rstrip()


def sees(identity: Identity, thing: Thing) -> bool:
    """Whether the object exists for the person at all."""
    reach = allows(identity, READ_IN_STATE.get((thing.kind, thing.state), READ[thing.kind]), thing.scope)
    if thing.kind != "request":
        return reach
    own = identity.person_id in thing.scope.person_ids and may_ever(identity, Permission.REQUEST_DRAFT)
    if thing.readers is None:
        return reach or own
    if identity.person_id in thing.readers:
        return True
    # A secret matter opens to those it cannot do without: who decides where it was asked, who will assign it.
    decides = allows(identity, Permission.REQUEST_DECIDE, Scope(organ_ids=thing.scope.organ_ids))
    assigns = allows(identity, Permission.REQUEST_ASSIGN, thing.scope)
    return thing.state == "secret" and reach and (decides or assigns)


def may(identity: Identity, permission: Permission, thing: Thing) -> bool:
    """Whether the person may do this to an object they see."""
    if permission is READ[thing.kind] or (thing.kind == "document" and permission is Permission.SYSTEM_READ):
        return True
    if thing.kind == "contractor" and permission is Permission.DOCUMENT_READ:
        return True  # the firm is everybody's; whose the scan is, the scan tells
    if permission is Permission.REQUEST_DRAFT:
        return identity.person_id in thing.scope.person_ids
    return allows(identity, permission, thing.scope)


def foretell(question: Question) -> Foretold:
    """The answer that follows from the policy table alone."""
    identity, permission, thing = question.persona.identity, question.permission, question.thing
    if permission is None:
        return Foretold.ADMITTED
    if identity is None:
        return Foretold.SIGN_IN
    if question.persona.must_change and question.endpoint not in PENDING_ENDPOINTS["change_password"]:
        return Foretold.CHANGE_PASSWORD
    if not may_ever(identity, permission):
        return Foretold.FORBIDDEN
    if thing is None:
        return Foretold.ADMITTED
    return _foretell_of(identity, permission, thing)


def _foretell_of(identity: Identity, permission: Permission, thing: Thing) -> Foretold:
    if not sees(identity, thing):
        return Foretold.HIDDEN
    return Foretold.ADMITTED if may(identity, permission, thing) else Foretold.FORBIDDEN


def let_in(question: Question) -> frozenset[int]:
    """What somebody let in may be answered."""
    state = question.thing.state if question.thing else ""
    for endpoint, states, answers in INSTEAD:
        if endpoint == question.endpoint and (not states or state in states):
            return answers
    if question.thing and question.thing.kind == "request" and question.permission is not Permission.REQUEST_READ:
        # A chain's step asks for a post and for persons who have had no part yet: see tests/workflow, tests/evidence.
        return LET_IN[question.method] | {302, 303, 403, 409}
    if question.method in WRITES and for_program(question):
        return NO_JSON
    return LET_IN[question.method]


def kind_of(rule: Rule) -> str | None:
    """The kind of object an address is about."""
    if rule.endpoint in KIND_OF_ENDPOINT:
        return KIND_OF_ENDPOINT[rule.endpoint]
    return next((kind for name, kind in KINDS.items() if name in rule.arguments), None)


def address(portal: MatrixPortal, rule: Rule, thing: Thing | None, *, unknown: bool = False) -> str:
    """The rule filled in. An argument nobody knows a value for is an error of this file."""
    values = {**(thing.arguments if thing else {}), **PLAIN.get(rule.endpoint, {})}
    if unknown and thing:
        first = next(name for name in KINDS if name in rule.arguments)
        values[first] = UNKNOWN
    missing = rule.arguments - values.keys()
    assert not missing, f"{rule.endpoint}: say in this file what {missing} stands for"
    built = portal.app.url_map.bind("localhost").build(
        rule.endpoint, {name: values[name] for name in rule.arguments}, method=next(iter(rule.methods or ()))
    )
    return str(built)


def rules_of(portal: MatrixPortal, feature: str) -> list[Rule]:
    """A feature's addresses. `web` answers for the shell's own, which stand in no blueprint of their name."""
    own = {name for name in FEATURES if name != "web"}
    found = []
    for rule in portal.app.url_map.iter_rules():
        blueprint = rule.endpoint.split(".")[0]
        if blueprint == feature or (feature == "web" and blueprint not in own):
            found.append(rule)
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


def methods_of(rule: Rule) -> list[str]:
    """What can be asked of an address, HEAD and OPTIONS aside."""
    return sorted((rule.methods or set()) & {"GET", *WRITES})


def questions(portal: MatrixPortal, rule: Rule, settled: set[object]) -> Iterator[tuple[Question, Foretold]]:
    """Every standing about one object at least; every state by somebody let in; every hidden one near what is seen.

    Who is refused for the role alone is refused by the one gate before every view: an address is asked so once, which
    shows that the gate stands there, and a permission once a role, which shows whom it lets through; `settled` holds
    what earlier addresses have shown. Whoever asks for a page about no object is asked once a role: where they stand
    decides nothing there. What a list then shows is compared in test_lists_by_role.

    Those whose roles carry the permission equally far from the same place have one standing (see there). Of them one
    asks an address, another one the next, and each of them asks somewhere for every permission.
    """
    permission, kind = permission_of(portal.app, rule.endpoint), kind_of(rule)
    things: Sequence[Thing | None] = portal.matrix.of(kind) if kind else [None]
    assert things, f"the matrix holds no {kind}"
    for method in methods_of(rule):
        asked: set[object] = set()
        for turn, persona in in_turn(portal.matrix.personas, rule.endpoint):
            if (permission is None and persona.key not in FEW) or (persona.where == "story" and kind not in PERSONAL):
                continue
            answers = [
                (question, foretell(question))
                for question in (Question(rule.endpoint, method, permission, persona, thing) for thing in things)
            ]
            beside = any(foretold is not Foretold.HIDDEN for _, foretold in answers)
            for number, (question, foretold) in enumerate(answers):
                shows = signs(question, foretold, number, beside=beside, at_turn=number == turn % len(things))
                wanted = shows - asked - settled
                if wanted and not (SHOWN in wanted and as_before(portal, question) and wanted <= {SHOWN}):
                    asked |= wanted - {SHOWN}
                    settled |= {sign for sign in wanted if isinstance(sign, Settled)}
                    yield question, foretold


def in_turn(personas: Sequence[Persona], endpoint: str) -> Iterator[tuple[int, Persona]]:
    """Everybody with their number, beginning with another one at each address."""
    first = zlib.crc32(endpoint.encode()) % len(personas)
    numbered = list(enumerate(personas))
    return iter(numbered[first:] + numbered[:first])


@dataclass(frozen=True)
class Settled:
    """What one address shows for every other that asks for the same permission."""

    permission: Permission | None
    roles: frozenset[Role]


class RefusedRole(Settled):
    """That the gate refuses these roles."""


class ReachedCity(Settled):
    """That these roles of the city's organs reach what lies in a district."""


@dataclass(frozen=True)
class Told(Settled):
    """That these roles, from where they stand, are told so."""

    where: str
    foretold: Foretold
    what: object = None


def reaches(identity: Identity, permission: Permission) -> frozenset[object]:
    """How far, and from where, the person's roles carry a permission: what alone decides about rows."""
    grants, found = GRANTS[permission], set[object]()
    for fact in identity.memberships:
        reach = grants.get(fact.role)
        home: dict[Reach, object] = {
            Reach.UNIT: fact.unit_id,
            Reach.DISTRICT: (fact.districts, fact.citywide),
            Reach.SECTOR: fact.sector,
            Reach.ORGAN: fact.organ_id,
            Reach.SELF: identity.person_id,
        }
        if reach is not None:
            found.add((reach, home.get(reach)))
    return frozenset(found)


def standing(question: Question) -> object:
    """What makes two persons one to an address about an object: both permissions it asks reach equally far from the same
    place. The people of the stories are each their own."""
    persona, thing, permission = question.persona, question.thing, question.permission
    identity = persona.identity
    if identity is None or thing is None or permission is None or persona.where == "story":
        return persona.key
    read = READ_IN_STATE.get((thing.kind, thing.state), READ[thing.kind])
    personal = may_ever(identity, Permission.REQUEST_DRAFT) if thing.kind == "request" else None
    return reaches(identity, permission), reaches(identity, read), personal


SHOWN = "a page, to one role"  # never asked already: see as_before


def near(persona: Persona) -> object:
    """Where somebody stands to what a page shows. The police of the district and of the city stand alike."""
    if persona.where == "story":
        return persona.key
    return "police" if persona.where in ("here", "city") else (persona.where, persona.must_change)


def as_before(portal: MatrixPortal, question: Question) -> bool:
    """Whether the page was shown to somebody from whom nothing it looks at tells this one apart."""
    page, identity = portal.pages.get(question.endpoint), question.persona.identity
    if page is None:
        return False
    return page.shown_to_one_like(near(question.persona), identity.roles if identity else frozenset())


def signs(question: Question, foretold: Foretold, number: int, *, beside: bool, at_turn: bool) -> set[object]:
    """What a question would newly show; a question that shows nothing new is not asked. `beside`: something else of the
    kind is there for the asker."""
    persona, thing, permission = question.persona, question.thing, question.permission
    roles = persona.identity.roles if persona.identity else frozenset()
    told = Told(permission, roles, persona.where, foretold)
    if foretold is Foretold.ADMITTED:
        # What a page shows differs from role to role; what is written is judged by the standing alone.
        if thing is None:
            return {SHOWN} if question.method == "GET" else {(foretold, roles, persona.must_change)}
        # The city's police reach what the district's reach; that they do, a permission shows once a role.
        reach: set[object] = {ReachedCity(permission, roles)} if persona.where == "city" else set()
        mine: set[object] = {SHOWN} if question.method == "GET" else {told, standing(question)}
        return {("state", number)} | (mine | reach if at_turn else set())
    if foretold is Foretold.HIDDEN:
        assert thing is not None
        # Of what is hidden beside what is seen (a draft, a secret matter) each is asked for.
        if beside:
            what = thing.scope, thing.readers
            return {(foretold, standing(question), what), dataclasses.replace(told, what=what)}
        return {(foretold, standing(question)), told} if at_turn else set()
    if foretold is Foretold.FORBIDDEN:
        held = permission is not None and any(role in GRANTS[permission] for role in roles)
        return {(foretold, standing(question)), told} if held else {foretold, RefusedRole(permission, roles)}
    return {(foretold, persona.key)}


def ask(portal: MatrixPortal, question: Question, url: str) -> TestResponse:
    """Send it with everything a page would send."""
    data = portal.tokens() if question.method in WRITES else None
    return portal.ask(question.persona, question.method, url, data)


def for_program(question: Question) -> bool:
    """Programs are told in plain words what people are led to a page for."""
    return question.endpoint in PROGRAMS


def judge(question: Question, foretold: Foretold, answer: TestResponse) -> str:
    """What is wrong with the answer; nothing when it is as foretold."""
    status, leads_to = answer.status_code, answer.headers.get("Location", "")
    match foretold:
        case Foretold.SIGN_IN:
            good = status == 401 if for_program(question) else status == 302 and leads_to.startswith("/sign-in")
        case Foretold.CHANGE_PASSWORD:
            good = status == 403 if for_program(question) else leads_to.startswith("/account/password")
        case Foretold.FORBIDDEN:
            good = status == 403
        case Foretold.HIDDEN:
            good = status == 404
        case Foretold.ADMITTED:
            good = status in let_in(question)
    return "" if good else f"{status} {leads_to}".strip()


def laid_bare(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """An answer without what differs from one request to the next: its number and the script nonce."""
    heads = [(name, NONCE.sub("nonce-", text)) for name, text in answer.headers if name != "X-Request-ID"]
    return answer.status_code, answer.data, sorted(heads)


def faults(portal: MatrixPortal, rule: Rule) -> Iterator[str]:
    """Every answer of one address that is not the foretold one."""
    unknown: set[str] = set()
    for question, foretold in questions(portal, rule, portal.settled):
        answer = ask(portal, question, address(portal, rule, question.thing))
        wrong = judge(question, foretold, answer)
        if foretold is Foretold.ADMITTED and question.method == "GET":
            page, identity = portal.pages.setdefault(question.endpoint, Page()), question.persona.identity
            page.consulted |= portal.consulted.noted
            page.askers.append((near(question.persona), identity.roles if identity else frozenset()))
        if foretold is Foretold.HIDDEN and not wrong:
            asker = question.persona
            root = "/api/v1" if for_program(question) else ""
            reader = f"{root}{asker.key}"
            if reader not in portal.nothing:
                # A page that no rule knows: every other 404 must look like it, to each reader in turn.
                portal.nothing[reader] = laid_bare(portal.ask(asker, "GET", f"{root}/nothing/here"))
            if laid_bare(answer) != portal.nothing[reader]:
                wrong = "another unit's row does not answer, byte for byte, as one that does not exist"
            if question.method not in unknown:
                unknown.add(question.method)
                made_up = ask(portal, question, address(portal, rule, question.thing, unknown=True))
                if laid_bare(made_up) != laid_bare(answer):
                    wrong = "an identifier made up does not answer, byte for byte, as another unit's row"
        if wrong:
            yield f"{question}: {foretold.value}? {wrong}"


@pytest.mark.parametrize("feature", FEATURES)
def test_everybody_is_answered_as_the_policy_says(matrix_portal: MatrixPortal, feature: str) -> None:
    found = [fault for rule in rules_of(matrix_portal, feature) for fault in faults(matrix_portal, rule)]
    assert not found, "\n".join(found)


def writes(portal: MatrixPortal) -> Iterator[Question]:
    """Every state-changing address, asked by somebody let in to what it is about."""
    for feature in FEATURES:
        for rule in rules_of(portal, feature):
            for method in set(methods_of(rule)) & set(WRITES):
                asked = [pair for pair in questions(portal, rule, set()) if pair[0].method == method]
                admitted = [question for question, foretold in asked if foretold is Foretold.ADMITTED]
                assert admitted, f"nobody is let in to {method} {rule}"
                yield dataclasses.replace(admitted[0], url=address(portal, rule, admitted[0].thing))


@contextmanager
def told_of(portal: MatrixPortal, endpoint: str) -> Iterator[list[str]]:
    """Notes when the view behind an endpoint is reached at all."""
    views = portal.app.view_functions
    view, reached = views[endpoint], list[str]()

    @functools.wraps(view)
    def noted(*args: Any, **more: Any) -> Any:
        reached.append(endpoint)
        return view(*args, **more)

    views[endpoint] = noted
    try:
        yield reached
    finally:
        views[endpoint] = view


def test_nothing_is_taken_without_the_forms_token(matrix_portal: MatrixPortal) -> None:
    """CSRF: every write of somebody let in is refused before its view is reached, without a token and with a wrong.

    Where the secret in the address is what lets in, no browser is signed in whose standing another page could borrow.
    """
    found = []
    for question in writes(matrix_portal):
        if question.endpoint in BY_SECRET:
            continue
        key = {"_key": matrix_portal.tokens()["_key"]}
        for sent in (key, {**key, "csrf_token": "wrong"}):
            with told_of(matrix_portal, question.endpoint) as reached:
                answer = matrix_portal.ask(question.persona, question.method, question.url, sent)
            if answer.status_code != 400 or reached:
                found.append(f"{question}: {answer.status_code}, reached: {bool(reached)}")
    assert not found, "\n".join(found)


def test_nothing_is_written_without_an_idempotency_key(matrix_portal: MatrixPortal) -> None:
    """Without a key a retry after a lost answer would be done twice: refused, unless the view says why it may."""
    found = []
    for question in writes(matrix_portal):
        repeatable = hasattr(matrix_portal.app.view_functions[question.endpoint], "__repeatable__")
        with told_of(matrix_portal, question.endpoint) as reached:
            sent = {"csrf_token": matrix_portal.csrf}
            answer = matrix_portal.ask(question.persona, question.method, question.url, sent)
        if bool(reached) != repeatable or (not repeatable and answer.status_code != 422):
            found.append(f"{question}: {answer.status_code}, reached: {bool(reached)}, repeatable: {repeatable}")
    assert not found, "\n".join(found)


def test_the_log_names_what_was_acted_on(matrix_portal: MatrixPortal) -> None:
    """A reader of the log is shown words: no act on a thing leaves its label empty or filled with a key."""
    keyed = text(
        "select distinct tag, subject_kind, subject_label from audit_stage where subject_id is not null "
        "and (subject_label = '' or subject_label ~ '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-')"
    )
    with matrix_portal.database.session(EVERYTHING) as session:
        assert session.execute(text("select count(distinct tag) from audit_stage")).scalar_one() > 20
        assert session.execute(keyed).all() == []
