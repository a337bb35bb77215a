"""A secret case is looked for everywhere: a marker in every text, asked for by everybody whom the case does not name.

Every GET address is asked with the case's own ids, lists leave as files, papers are read as what the typesetter is
given, and every table, log line and job is read as it lies there. None may hold the marker; named readers alone do.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import product
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule

from portal.accounts.guards import permission_of
from portal.accounts.policy import may_ever
from portal.core.scope import EVERYTHING
from portal.evidence.operations import send_notices
from portal.evidence.operations.reminding import remind_copies, tell_leak
from portal.evidence.views import presenting
from portal.evidence.views.printing import PRINTED
from portal.papers import operations as papers
from portal.registry.queries.lists import LISTS
from tests.architecture.conftest import MatrixPortal, open_portal
from tests.architecture.test_query_counts import noting
from tests.architecture.test_routes_by_role import PLAIN
from tests.support.hushed import CASE, LATER, WORK, Hushed, build
from tests.support.matrix import Persona
from tests.support.services import Services
from tests.vault.hostile import picture

# Where the work on a case is kept for those who have a part in it; row security shows a row of these to nobody else.
WORKED_IN = ("footage_", "custody_entry", "equipment_")
NEVER_IN = ("footage_notice", "footage_receipt")
# Where any word of a case may come from: a page that reads none of these has none to show.
KEPT_IN = re.compile(
    r"\b(?:footage_\w+|custody_entry|preservation_hold|equipment_\w+|approval_\w+|stored_file|audit_\w+|outbox|notice)\b"
)
# What of the case an address may name. Those far from it are told at the request that there is none, and ask no parts.
OF_THE_CASE = frozenset({"request_id", "copy_id", "leak_id", "use_id"})
# Addresses that search, with what is typed: the marker's beginning, so that an echo of it is no find.
SEARCHES = {
    **dict.fromkeys(
        (
            "desk.search",
            "maps.find",
            "evidence.camera_results",
            "evidence.requests",
            "evidence.ledger",
            "evidence.leaks",
        ),
        CASE[:2],
    ),
    **dict.fromkeys(("evidence.copies", "evidence.equipment", "oversight.audit_log"), WORK[:2]),
}


@dataclass
class Crawl:
    """The portal over secret cases, and everything that was logged since it was built."""

    portal: MatrixPortal
    hushed: Hushed
    logged: list[str]
    busy: set[str] = field(default_factory=set)  # pages that were seen to read where a case is kept
    idle: set[str] = field(default_factory=set)  # pages that were not: asked once, they need not be asked by others

    def personas(self, *where: str) -> list[Persona]:
        """Those who stand so to the case."""
        return [one for one in self.portal.matrix.personas if one.where in where]

    def found(self, persona: Persona, url: str, *, method: str = "GET", data: dict[str, Any] | None = None) -> set[str]:
        """Which markers the answer holds."""
        sent = {**self.portal.tokens(), **(data or {})} if method == "POST" else None
        answer = self.portal.ask(persona, method, url, sent)
        assert answer.status_code < 500, (url, answer.status_code)
        body = readable(answer.data) + str(answer.headers).encode()
        return marks_in(body)


def readable(body: bytes) -> bytes:
    """What is in an archive stands beside it."""
    if not body.startswith(b"PK"):
        return body
    with ZipFile(BytesIO(body)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def marks_in(body: bytes) -> set[str]:
    """Which markers stand there, in either encoding that files leave in."""
    return {mark for mark in (CASE, WORK) if any(mark.encode(code) in body for code in ("utf-8", "gb18030"))}


class Noted(logging.Handler):
    """Every record as a line, whatever its level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it with whatever was given beside the message."""
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@pytest.fixture(scope="module")
def crawl(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crawl]:
    """Built, with its jobs done and a paper attached whose file name tells the case; papers are kept as they are set."""
    noted, home = Noted(), tmp_path_factory.mktemp("secret")
    with pytest.MonkeyPatch.context() as patch, all_that_is_logged(noted):
        patch.setattr(papers, "typeset", lambda _form, data, **_: data.encode())
        with open_portal(
            services, f"secret_{worker_name}", home, broker=worker_number, build=build, remembers=True
        ) as portal:
            hushed = portal.matrix.things[0].arguments["hushed"]
            _work_done(portal, hushed)
            yield Crawl(portal, hushed, noted.lines)


@contextmanager
def all_that_is_logged(noted: logging.Handler) -> Iterator[None]:
    """Whatever the portal would write, down to the finest level; the driver's own trace of values is never on."""
    root, traced = logging.getLogger(), logging.getLogger("sqlalchemy")
    levels = root.level, traced.level
    root.addHandler(noted)
    root.setLevel(logging.DEBUG)
    traced.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(noted)
        root.setLevel(levels[0])
        traced.setLevel(levels[1])


def _work_done(portal: MatrixPortal, hushed: Hushed) -> None:
    """What the workers would do; a paper whose file is called by the case, uploaded where its writer uploads it."""
    with portal.database.session(EVERYTHING) as session:
        for request_id in hushed.requests:
            send_notices(session, request_id=request_id, now=LATER)
        tell_leak(session, leak_id=hushed.arguments["leak_id"], now=LATER)
        remind_copies(session, now=LATER)
        session.commit()
    url = f"/evidence/requests/{hushed.arguments['draft_id']}/papers"
    paper = {**portal.tokens(), "kind": "retrieval_notice", "file": (BytesIO(picture()), f"{CASE}.png")}
    answer = portal.ask(portal.matrix.persona("officer"), "POST", url, paper, keep=True)
    assert answer.status_code == 303, answer.get_data(as_text=True)


def addresses(crawl: Crawl) -> Iterator[tuple[Rule, str]]:
    """Every GET address that the case's ids, or none, fill in; what names another object holds nothing of a request."""
    known, urls = crawl.hushed.arguments, crawl.portal.app.url_map.bind("localhost")
    rules = [rule for rule in crawl.portal.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for rule in rules:
        for varied in variations(rule, known):
            values = {**PLAIN.get(rule.endpoint, {}), **known, "name": "calls", "place": 1, **varied}
            if rule.arguments <= values.keys():
                yield rule, urls.build(rule.endpoint, {name: values[name] for name in rule.arguments})
        if rule.endpoint in SEARCHES:
            yield rule, f"{rule.rule}?q={SEARCHES[rule.endpoint]}"


def variations(rule: Rule, known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The case and its draft, each of its copies, each of its papers."""
    if "copy_id" in rule.arguments:
        yield from ({"copy_id": one} for one in known["copy_ids"])
    elif rule.endpoint == "evidence.form_pdf":
        yield from ({"key": key} for key in PRINTED)
    else:
        yield {}
        if "request_id" in rule.arguments:
            yield {"request_id": known["draft_id"]}


def leaks(crawl: Crawl, persona: Persona, forbidden: set[str]) -> list[str]:
    """Every address that shows a person what they must not see. Who may never open it is refused by the gate."""
    found, portal = [], crawl.portal
    for rule, url in addresses(crawl):
        permission = permission_of(portal.app, rule.endpoint)
        if rule.endpoint in crawl.idle or persona.identity is None:
            continue
        if persona.where == "far" and rule.arguments & OF_THE_CASE and rule.endpoint != "evidence.request_":
            continue
        if permission is not None and not may_ever(persona.identity, permission):
            continue
        with noting(portal.database.engine, portal.database.map_engine) as sent:
            seen = crawl.found(persona, url) & forbidden
        if rule.endpoint not in crawl.busy and not any(KEPT_IN.search(statement) for statement in sent):
            crawl.idle.add(rule.endpoint)
        else:
            crawl.busy.add(rule.endpoint)
        if seen:
            found.append(f"{persona.key}: {url} {seen}")
    return found


def test_no_page_shows_it_to_whom_the_case_does_not_name(crawl: Crawl) -> None:
    wrong = [
        line
        for persona in crawl.personas("part", "near", "far")
        for line in leaks(crawl, persona, {CASE} if persona.where == "part" else {CASE, WORK})
    ]
    assert {"evidence.ledger", "evidence.request_", "evidence.form_pdf", "desk.home"} <= crawl.busy
    assert not wrong, "\n".join(wrong)


def test_no_list_leaves_with_it(crawl: Crawl) -> None:
    wrong, left = [], 0
    for persona, name in product(crawl.personas("part", "near", "far"), LISTS):
        if not may_ever(persona.identity, LISTS[name].permission):
            continue
        for form in ("csv", "xlsx", "csv_gb") if name == "calls" else ("csv",):
            order = {"format": form, "layout": "shown", "query": "", "reason": "年度检查"}
            answer = crawl.portal.ask(persona, "POST", f"/lists/{name}/export", {**crawl.portal.tokens(), **order})
            left += answer.status_code == 200
            wrong += [(persona.key, name, form)] if marks_in(readable(answer.data)) else []
    assert left > 3
    assert not wrong


@pytest.mark.requirement("EVI-20")
def test_the_named_read_it_and_each_look_is_in_the_log(crawl: Crawl) -> None:
    url = f"/evidence/requests/{crawl.hushed.arguments['request_id']}/content"
    looks = "select count(*) from audit_stage where tag = 'evidence:request:read_secret' and subject_id = :id"
    key, counted = {"id": str(crawl.hushed.arguments["request_id"])}, list[int]()
    for persona in crawl.portal.matrix.personas:
        answer = crawl.portal.ask(
            persona, "POST", url, crawl.portal.tokens(),
            look=lambda connection: counted.append(connection.execute(text(looks), key).scalar_one()),
        )  # fmt: skip
        named = persona.where == "named"
        assert marks_in(answer.data) >= {CASE} if named else CASE not in marks_in(answer.data), persona.key
        assert counted[-1] == (1 if named else 0), persona.key


def test_no_table_job_notice_message_or_record_of_the_log_holds_it(crawl: Crawl) -> None:
    with crawl.portal.database.session(EVERYTHING) as session:
        tables = session.scalars(
            text(
                "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
            )
        ).all()
        found = {
            (name, mark)
            for name, mark in product(tables, (CASE, WORK))
            if session.scalar(text("select has_table_privilege(:t, 'select')"), {"t": name})
            and session.scalar(text(f"select exists (select from {name} t where t::text like :m)"), {"m": f"%{mark}%"})
        }
    assert {"outbox", "notice", "audit_stage", "footage_notice", "webhook_delivery"} <= set(tables)
    assert {name for name, mark in found if mark == CASE} == set()
    work = {name for name, mark in found if mark == WORK}
    assert {name for name in work if not name.startswith(WORKED_IN) or name in NEVER_IN} == set()


def test_no_line_of_the_output_holds_it(crawl: Crawl) -> None:
    logging.getLogger("portal.jobs").debug("heard")
    assert [line for line in crawl.logged if "heard" in line]
    assert not [line for line in crawl.logged if CASE in line or WORK in line]


def test_the_crawl_finds_what_is_planted(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    """A case read by everybody who sees the request: found with the custodian, in the comments of the chain."""
    custodian = crawl.portal.matrix.persona("custodian")
    url = f"/evidence/requests/{crawl.hushed.arguments['request_id']}"
    assert crawl.found(custodian, url) == {WORK}
    shown = presenting._shown_run
    monkeypatch.setattr(presenting, "_shown_run", lambda session, run, **_: shown(session, run, readable=True))
    assert crawl.found(custodian, url) == {CASE, WORK}
