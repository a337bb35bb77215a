"""After the storm: what people were told and what the database, the vault and the log hold must be the same."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.clock import utcnow
from portal.registry import values
from portal.vault.operations import sweep
from portal.vault.queries import blob_store
from tests.durability.clients import SHEET_ROWS
from tests.durability.ground import PROBED, ROOT, Ground

Told = Mapping[str, list[dict[str, Any]]]
WAITING = "select kind || ' ' || state || ' ' || coalesce(last_error, '') from outbox where state <> 'done'"


def by_kind(ledger: Iterable[dict[str, Any]]) -> Told:
    """The ledger's lines by what they tell."""
    told: dict[str, list[dict[str, Any]]] = {}
    for line in ledger:
        told.setdefault(line["what"], []).append(line)
    return told


def drained(ground: Ground) -> bool:
    """Is all work that was asked for done? What the clock asks for anew stands aside."""
    with ground.database.transaction() as session:
        left = f"{WAITING} and state <> 'poisoned' and coalesce(dedupe, '') not similar to '(slot|reach):%'"
        return not session.scalars(text(left)).all()


def faults(ground: Ground, told: Told) -> list[str]:
    """Everything that is not as it must be, in words."""
    with ground.database.transaction() as session:
        found = [*_people(told), *_rows(session, told), *_filings(session, told), *_cameras(session, told)]
        found += [*_jobs(session, told), *_acts(session, told)]
    with ground.database.transaction() as session:
        found += _vault(session)
    return found


def _differ(what: str, told: Iterable[Any], there: Iterable[Any]) -> Iterator[str]:
    """Lost, invented and doubled things."""
    expected, found = Counter(told), Counter(there)
    if lost := expected - found:
        yield f"{what} lost: {dict(lost)}"
    if extra := found - expected:
        yield f"{what} doubled or never told: {dict(extra)}"


def _people(told: Told) -> Iterator[str]:
    yield from (f"refused: {line['who']} {line['why']}" for line in told.get("refused", ()))


def _rows(session: Session, told: Told) -> Iterator[str]:
    systems = session.execute(text("select id::text, name from system where name like 'unitfiler%'")).all()
    wanted = [(line["id"], line["name"]) for line in told.get("system", ())]
    yield from _differ("system", wanted, [tuple(row) for row in systems])
    papers = session.execute(text("select system_id::text, slot, title, version_no from document")).all()
    wanted = [(line["system"], line["slot"], line["title"], 1) for line in told.get("document", ())]
    yield from _differ("document", wanted, [tuple(row) for row in papers])


def _filings(session: Session, told: Told) -> Iterator[str]:
    rows = session.execute(text("select id::text, system_id::text, status, number, revision from filing")).all()
    yield from _differ(
        "filing", [(f["id"], f["system"]) for f in told.get("opened", ())], [(r.id, r.system_id) for r in rows]
    )
    ended = {line["id"]: what for what in ("submitted", "returned", "accepted") for line in told.get(what, ())}
    for row in rows:
        expected = ended.get(row.id, "draft")
        if (row.status, row.revision) != (expected, int(expected != "draft")):
            yield f"filing {row.id} is {row.status}, revision {row.revision}; people were told {expected}"
    revisions = session.scalars(text("select filing_id::text from filing_revision")).all()
    yield from _differ("revision", [line["id"] for line in told.get("submitted", ())], revisions)
    accepted = told.get("accepted", ())
    numbers = sorted(row.number for row in rows if row.number)
    running = [int(number.rsplit("-", 1)[1]) for number in numbers]
    if running != list(range(1, len(accepted) + 1)):
        yield f"numbers are not 1 to {len(accepted)} once each: {numbers}"


def _cameras(session: Session, told: Told) -> Iterator[str]:
    single = [line["system"] for line in told.get("camera", ())]
    loaded = [line["system"] for line in told.get("import", ()) for _ in range(SHEET_ROWS)]
    there = session.scalars(text("select system_id::text from camera where name not like '127.%'")).all()
    yield from _differ("camera", single + loaded, there)
    runs = session.execute(text("select id::text, status, rows_good from camera_import")).all()
    yield from _differ(
        "import", [(line["id"], "done", SHEET_ROWS) for line in told.get("import", ())], [tuple(row) for row in runs]
    )


def _jobs(session: Session, told: Told) -> Iterator[str]:
    for row in session.scalars(text(f"{WAITING} and state = 'poisoned'")):
        yield f"job set aside: {row}"
    notices = session.execute(
        text(
            "select subject_id::text, occasion, person_id from notice "
            "where kind = 'registry.filing' and occasion not like 'due:%'"
        )
    ).all()
    wanted = session.execute(
        text(
            "select f.id::text, concat(f.status, chr(58), 1), m.person_id from filing f join membership m on m.unit_id = f.unit_id "
            "where f.status in ('accepted', 'returned') and m.role in ('unit_filer', 'unit_security_head')"
        )
    ).all()
    yield from _differ("notice", [tuple(row) for row in wanted], [tuple(row) for row in notices])
    probed = session.scalar(text("select count(*) from device_status where state <> 'unknown' or misses > 0"))
    if probed != len(PROBED):
        yield f"{probed} of {len(PROBED)} devices were ever probed"


def _acts(session: Session, told: Told) -> Iterator[str]:
    """Each act stands in the log once."""
    rows = session.execute(text("select tag, subject_id from audit_stage where outcome = 'ok'")).all()
    there: dict[str, list[str]] = {}
    for row in rows:
        there.setdefault(row.tag, []).append(row.subject_id)
    for what, tag in (
        ("opened", values.FILING_OPENED),
        ("submitted", values.FILING_SUBMITTED),
        ("accepted", values.FILING_ACCEPTED),
        ("returned", values.FILING_RETURNED),
        ("import", values.IMPORT_STARTED),
        ("import", values.CAMERAS_IMPORTED),
    ):
        yield from _differ(f"act {tag}", [line["id"] for line in told.get(what, ())], there.get(str(tag), []))
    if len(there[str(values.DOCUMENT_ATTACHED)]) != len(told.get("document", ())):
        yield f"{len(there[str(values.DOCUMENT_ATTACHED)])} acts of uploading, {len(told['document'])} uploads"


def _vault(session: Session) -> Iterator[str]:
    """No row without its bytes; no bytes without a row, once the sweep of the next days has run."""
    rows = session.execute(text("select id, sha256, shown_sha256 from stored_file")).all()
    users = session.scalars(
        text("select stored_file_id from document union all select stored_file_id from camera_import")
    ).all()
    yield from _differ("stored file", users, [row.id for row in rows])
    referred = {digest for row in rows for digest in (row.sha256, row.shown_sha256) if digest}
    store = blob_store(session)
    yield from (f"a file has lost its content {digest}" for digest in referred if not store.has(digest))
    later = utcnow() + timedelta(days=2)
    sweep(session, now=later)
    kept = set(store.older_than(timedelta(0), now=later))
    yield from _differ("content", referred, kept)
    # The sweep takes what lies in a job's directory first and the empty directory the next time.
    sweep(session, now=later)
    if left := [path.name for path in store.scratch.rglob("*")]:
        yield f"left behind by killed jobs: {left}"


def audit_faults(ground: Ground, home: Path) -> Iterator[str]:
    """The log is complete, and the stand-alone verifier agrees with everything signed."""

    def sealed() -> bool:
        with ground.database.transaction() as session:
            return not session.scalar(
                text(
                    "select exists (select from audit_stage s "
                    "where not exists (select from audit_entry e where e.stage_id = s.id))"
                )
            )

    ground.wait_for(sealed, "the log to be sealed")
    ground.kill_main("sealer")  # the next one signs what it finds

    def signed() -> bool:
        with ground.database.transaction() as session:
            return bool(
                session.scalar(
                    text("select (select max(size) from audit_checkpoint) = (select max(seq) from audit_entry)")
                )
            )

    ground.wait_for(signed, "the log to be signed")
    exported, key = home / "log.jsonl", home / "audit.pub"
    ground.command("audit", "export", "--reason", "durability test", "--output", str(exported))
    key.write_text(ground.command("audit", "key"))
    verifier = [sys.executable, str(ROOT / "deploy" / "audit_verify.py"), str(exported), "--key", str(key)]
    for witness in ground.layout.witnesses:
        done = subprocess.run([*verifier, "--checkpoint", str(witness)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            yield f"audit_verify against {witness.name}: {done.stdout} {done.stderr}"
    with ground.database.transaction() as session:
        staged = session.scalar(text("select count(distinct stage_id) from audit_entry"))
    entries = sum("seq" in json.loads(line) for line in exported.read_text().splitlines())
    # The export itself is an act, recorded before it is written and perhaps sealed since.
    if staged is None or not staged - 2 <= entries <= staged:
        yield f"{entries} entries exported of {staged}"
