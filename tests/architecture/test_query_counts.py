"""A page asks the database as many questions for two rows as for six.

Every GET address is asked over two worlds that differ in the number of rows only. A new address is asked, too, as soon
as it can be filled in; one that cannot be asked so is named below, with the reason.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from portal.accounts.guards import permission_of
from portal.accounts.policy import may_ever
from tests.architecture.conftest import MatrixPortal, open_portal
from tests.architecture.test_routes_by_role import PLAIN
from tests.support.crowd import WORD, crowd
from tests.support.matrix import Persona
from tests.support.services import Services

FEW, MANY = 2, 6
# As many statements, however many values each is given.
BOUND = re.compile(r"\((?:%\(\w+\)s(?:::[\w\[\]]+)?(?:, )?)+\)")
NUMBERED = re.compile(r"_\d+")
SHOWN = {200, 286}  # 286: shown, and htmx need not ask again
# Which request a page needs, by its state; the others take one that is being carried out.
STATES = {
    "evidence.request_edit": "draft",
    "evidence.papers": "draft",
    "evidence.paper_file": "draft",
    "evidence.request_decide": "in-approval",
    "evidence.request_assign": "approved",
    "evidence.not_supplied": "approved",
    "evidence.handover": "handed-over",
    "evidence.receipt": "handed-over",
    "evidence.archive": "received",
    "evidence.copy_": "handed-over",
    "evidence.copy_act": "handed-over",
    "evidence.copy_new": "handed-over",
    "evidence.leak": "handed-over",
    "evidence.package": "handed-over",
    "evidence.purpose_met": "handed-over",
}
QUERIES = {
    "desk.search": f"?q={WORD}",
    "maps.find": f"?q={WORD}",
    "evidence.camera_results": f"?q={WORD}",
    "registry.cameras": f"?q={WORD}",
    "registry.units": f"?q={WORD}",
    "registry.systems": f"?q={WORD}",
    "registry.cameras_bulk": "?all=1",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    **PLAIN,
    "registry.filing_revision": {"revision": 1},
    "evidence.copy_act": {"act": "put-off"},
}
# The home page is another one for each role.
EACH_ROLE = {"desk.home"}
REASONS = {
    "mandates.my_uses": "leads on to the unit's own page",
    "accounts.sign_in": "who is in goes home",
    "evidence.camera_chosen": "one camera as a line",
    "evidence.missing_": "one finding",
    "evidence.missing_pdf": "one finding",
    "evidence.upload_entry": "one file, which did not arrive in this world",
    "evidence.receive": "an address, whose secret nobody was told",
    "evidence.copy_file": "one file, and those of this world travelled on a medium",
    "evidence.copy_paper": "one paper, by which no copy of this world ended",
    "public.receipts": "one code, which nobody was given",
    "public.certificates": "the same",
    "registry.list_file": "one file",
    "public.tip_sent": "one reference, of a browser that has just reported",
    "registry.scene": "one picture",
    "registry.filing_receipt": "the paper of one filing, kept as a file",
    "registry.filing_certificate": "the same, for the wall",
    "registry.filing_basic": "the paper of one filing, whose frozen content this world leaves empty",
    "registry.filing_basic_sheet": "the same, as a sheet",
    "registry.finding": "one finding",
    "registry.clock_extend": "one limit",
    "registry.quick_start": "who belongs to one unit goes on with it",
    "registry.filing_revision": "one frozen content, which this world leaves empty",
    "inspection.assess": "the list of one school, which this world has not",
    "inspection.application": "the application form of one school",
    "inspection.paper": "the paper of one acceptance that has come to an end",
    "campaigns.campaign_new": "a form, for an organ that supervises schools, which this world has not",
    "campaigns.campaign_edit": "the same, of one campaign",
    "inspection.inspector": "one person's particulars",
    "inspection.photo": "one picture",
    "inspection.inspection_record": "the record of one visit at which something was sealed",
    "inspection.field_visit": "one visit, for a device of its inspector: tests/inspection",
    "inspection.finding": "one finding",
    "inspection.finding_proof": "one picture or paper",
    "evidence.use_evidence": "one picture or paper",
    "measures.plan_visit": "one visit",
    "measures.plan_visit_list": "the list of one visit",
    "measures.plan_visit_photo": "one picture",
    "public.draw_program": "one file",
    "measures.correction_fine": "the paper of one fine",
    "measures.measure_file": "one file, which no reply brought",
    "measures.correction_file": "one file, which no report brought",
    "inspection.calendar_feed": "an address, whose secret nobody was told",
    "oversight.audit_proof": "one record's proof, of a log that is signed",
    "oversight.audit_checkpoint": "one file",
    "oversight.audit_run": "one run",
    "oversight.audit_file": "one file",
    "evidence.receipt_file": "one file",
    "evidence.receipt_paper": "one paper",
    "evidence.watch_ask": "a form, about one sign",
    "style.show": "patterns with sample records, no rows",
    "style.fault": "a fault",
}


@dataclass
class Measured:
    """What each address asked the database in one world, and who asked it."""

    statements: dict[str, list[str]] = field(default_factory=dict)
    askers: dict[str, str] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)


@contextmanager
def noting(*engines: Engine) -> Iterator[list[str]]:
    """Every statement sent meanwhile."""
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(NUMBERED.sub("", BOUND.sub("(?)", " ".join(statement.split()))))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def pages(portal: MatrixPortal) -> Iterator[tuple[str, str, list[Persona]]]:
    """Every GET address filled in, with those whose roles it is for."""
    (thing,) = portal.matrix.things
    for rule in sorted(portal.app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        if "GET" not in (rule.methods or ()) or rule.endpoint in REASONS:
            continue
        request = thing.arguments["requests"][STATES.get(rule.endpoint, "executing")]
        known = {**thing.arguments, **request, "key": "slip", "place": 1, **ARGUMENTS.get(rule.endpoint, {})}
        missing = rule.arguments - known.keys()
        assert not missing, f"{rule.endpoint}: say in this file what {missing} stands for"
        url = portal.app.url_map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments})
        permission = permission_of(portal.app, rule.endpoint)
        askers = [
            one
            for one in portal.matrix.personas
            if permission is None or (one.identity and may_ever(one.identity, permission))
        ]
        yield rule.endpoint, str(url) + QUERIES.get(rule.endpoint, ""), askers


def measure(portal: MatrixPortal, before: Measured | None = None) -> Measured:
    """Ask every page by the first who is answered, in the second world by the same; the home page by everybody."""
    found = Measured()
    for endpoint, url, askers in pages(portal):
        answers = []
        for persona in askers:
            key = f"{endpoint} as {persona.key}" if endpoint in EACH_ROLE else f"{endpoint} {url.count('/')}"
            if before is not None and before.askers.get(key) != persona.key:
                continue
            if endpoint in EACH_ROLE:
                portal.memory.clear()  # here the menu's questions count, too
            with noting(portal.database.engine, portal.database.map_engine) as sent:
                answers.append(portal.ask(persona, "GET", url).status_code)
            if answers[-1] not in SHOWN:
                continue
            found.statements[key], found.askers[key] = sent, persona.key
            if endpoint not in EACH_ROLE:
                break
        if not SHOWN & set(answers):
            found.unanswered[endpoint] = f"{url}: {answers}"
    return found


@pytest.fixture(scope="module")
def measured(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, Measured]:
    """Both worlds, one after the other."""
    found: dict[int, Measured] = {}
    for rows in (FEW, MANY):
        home = tmp_path_factory.mktemp(f"crowd{rows}")
        build = partial(crowd, n=rows)
        name = f"crowd_{rows}_{worker_name}"
        with open_portal(services, name, home, broker=worker_number, build=build, remembers=True) as portal:
            found[rows] = measure(portal, found.get(FEW))
    return found


def test_every_page_is_asked(measured: dict[int, Measured]) -> None:
    assert measured[FEW].unanswered == {} == measured[MANY].unanswered, "ask it so that it answers, or say why not"
    assert measured[FEW].askers == measured[MANY].askers


def test_no_page_asks_more_for_more_rows(measured: dict[int, Measured]) -> None:
    wrong = []
    for key, few in measured[FEW].statements.items():
        many = measured[MANY].statements[key]
        # What a process learns once for all, the first world was asked for.
        more = Counter(many) - Counter(few)
        if more:
            wrong.append(f"{key} ({measured[FEW].askers[key]}): {len(few)} then {len(many)}: {sorted(more)[:3]}")
    assert not wrong, "\n".join(wrong)
