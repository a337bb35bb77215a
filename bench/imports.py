"""Importing a sheet of 40 columns against a bare COPY of the very rows it made, into a table with the same indices.

Two times are told: from parsed rows to committed cameras (judged against the registry and the districts, staged by COPY,
inserted, audited, the map told), and the whole job, which also opens the sealed file in a limited child process, reads
every cell and indexes every camera for the search. The COPY does none of this. The whole job is done by a worker of its
own, which is killed once while it loads and taken over by another; its memory must not grow with the sheet.
"""

import csv
import gc
import io
import re
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench.ground import ROOT, quick, ratio
from portal.accounts.values import Role
from portal.config import load_settings
from portal.core.db import Database
from portal.core.geometry import Datum
from portal.registry import operations, tasks
from portal.registry.labels.sheets import sheet_words, spoken
from portal.registry.models import CameraImport
from portal.registry.operations.imports import run
from portal.registry.operations.imports.ground import judge_for, known_of, words_for
from portal.registry.operations.imports.load import index_loaded, load_rows
from portal.registry.operations.imports.staging import said_by, stage
from portal.registry.rules import TYPED
from portal.registry.rules.sheets import NOTHING_SAID, Seen, SheetReader, find_header
from portal.registry.states import ImportStatus
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from tests.people import NOW, World, make_world
from tests.registry.test_filing import particulars
from tests.support.database import database_for, settings_for
from tests.support.live import environment_of
from tests.support.services import RunningServices

ROWS = 5_000 if quick() else 100_000
LOADED = 5_000 if quick() else 20_000
TIMES = 3
FIELDS = TYPED[:40]
WORDS = sheet_words("zh_Hans_CN")


def header() -> list[str]:
    """Forty columns as the portal calls them."""
    return [WORDS.headers[each.key] for each in FIELDS]


def rows(count: int, salt: int) -> Any:
    """Rows such as a unit sends, every column filled."""
    rng = Random(salt)
    options = {each.key: list(WORDS.options[each.kind].values()) for each in FIELDS if each.kind}
    for row in range(1, count + 1):
        said = {
            "name": f"教学楼{row}号-向东-枪机",
            "gb_code": f"4105020000132{salt}{row:06d}"[:20],
            "lon": f"{114.36 + rng.random() / 20:.6f}",
            "lat": f"{36.08 + rng.random() / 50:.6f}",
            "installed_on": "2026-03-01",
            "azimuth": str(rng.randrange(360)),
            "view_angle": "90",
            "zone": "",
            "retention_days": "90天",
            "police_organ": "410502000000",
            "scene_photo": "",
            "manufacturer": "",
        }
        yield [
            said.get(each.key)
            if each.key in said
            else options[each.key][row % 2]
            if each.kind
            else "否"
            if each.shape == "flag"
            else "12"
            for each in FIELDS
        ]


def begin(database: Database, world_of: Any, lines: Any) -> UUID:
    """Upload a sheet into a system of its own."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header(), *lines])
    with database.transaction() as session:
        filer, system = world_of(session)
        stream = io.BytesIO(text.getvalue().encode("gb18030"))
        stored = store_upload(
            session, actor=filer.actor, stream=stream, filename="cameras.csv", kind=FileKind.SHEET, now=NOW
        )
        started = operations.start_import(
            session, actor=filer, system_id=system.id, stored_file_id=stored.id, datum=Datum.WGS84, now=NOW
        )
        return started.id


def load_one(database: Database, import_id: UUID, lines: list[list[str]]) -> tuple[float, float, str]:
    """From parsed rows to committed cameras; seconds, those of the search's index behind it, and the system."""
    with database.transaction() as session:
        it = session.get_one(CameraImport, import_id)
        columns = find_header([(1, header())], spoken().headers)
        assert columns is not None
        assert len(columns.places) == len(FIELDS)
        judge = judge_for(session, it, columns, words_for(session, it, spoken(), now=NOW), Seen())
        it.head = {"lines": [[1, header()]], "places": dict(columns.places), "unread": [], "silent": NOTHING_SAID}
        it.head = {**it.head, "said": said_by(judge.reader.present)}
    parsed = [judge.reader.parse(number, cells) for number, cells in enumerate(lines, start=2)]
    assert all(row.sound() for row in parsed), next(row.faults for row in parsed if not row.sound())
    # A worker never has twenty thousand parsed rows in memory, for the collector to walk through again and again.
    gc.collect()
    gc.freeze()
    started = time.perf_counter()
    waiting = iter(parsed)
    while batch := list(islice(waiting, run.BATCH)):
        with database.transaction() as session:
            it = session.get_one(CameraImport, import_id)
            known = known_of(session, it, batch)
            stage(session, it, [judge.judge(row, known) for row in batch])
    with database.transaction() as session:
        session.get_one(CameraImport, import_id).status = ImportStatus.LOADING
    load_rows(database, import_id=import_id, actor_name="bench", now=NOW)
    seconds = time.perf_counter() - started
    index_loaded(database)
    behind = time.perf_counter() - started - seconds
    gc.unfreeze()
    with database.transaction() as session:
        it = session.get_one(CameraImport, import_id)
        assert (it.status, it.rows_in) == ("done", len(lines)), (it.status, it.rows_in, it.counts)
        return seconds, behind, str(it.system_id)


def work(import_id: UUID) -> None:
    """A worker's whole life: tell what memory it begins with, and do what is next."""
    database = database_for(load_settings())
    words = spoken()
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    print(peak("self"), flush=True)
    operations.run_import(database, import_id=import_id, actor_name="bench", now=NOW, spoken=words)


def peak(process: int | str) -> int:
    """The most memory that a process has held, in MB; nothing of one that is gone."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) // 1024 if found else 0


def import_one(settings: Any, database: Database, import_id: UUID) -> tuple[float, list[int], str]:
    """The whole job; seconds, how much the workers grew (MB), and the system.

    The first worker is killed when a part of the rows is in; the second goes on. In between the import was looked at
    like the page does: what it told never went back.
    """
    call = [sys.executable, "-m", "bench.imports", str(import_id)]
    grown: list[int] = []
    told, killed = [0], False
    started = time.perf_counter()
    while True:
        worker = subprocess.Popen(call, env=environment_of(settings), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert worker.stdout is not None
        before, most = int(worker.stdout.readline()), 0
        while worker.poll() is None:
            time.sleep(0.2)
            most = max(most, peak(worker.pid))
            with database.transaction() as session:
                it = session.get_one(CameraImport, import_id)
                told.append(it.rows_read + it.rows_in)
                if not killed and it.rows_in >= ROWS // 4:
                    killed = True
                    worker.kill()
        grown.append(most - before)
        if worker.returncode == 0:
            break
        assert worker.returncode == -9, worker.returncode
    seconds = time.perf_counter() - started
    assert told == sorted(told), "progress went back"
    with database.transaction() as session:
        it = session.get_one(CameraImport, import_id)
        assert it.status == "done", (it.status, it.failure, it.counts)
        return seconds, grown, str(it.system_id)


def read_only(lines: list[list[str]]) -> float:
    """Seconds to parse rows, nothing else."""
    columns = find_header([(1, header())], spoken().headers)
    assert columns is not None
    from portal.registry.rules.sheets import Words

    reader = SheetReader(columns, Words(Datum.WGS84, {}, spoken().options))
    started = time.perf_counter()
    for number, cells in enumerate(lines):
        reader.parse(number, cells)
    return time.perf_counter() - started


def copy_home(link: Any, system: str) -> float:
    """COPY the same rows where they belong, with every foreign key and trigger, as nobody but the owner may; seconds."""
    with link.cursor() as cursor:
        columns = columns_of(cursor)
        kept = io.BytesIO()
        cursor.copy_expert(f"copy (select {columns} from camera where system_id = '{system}') to stdout", kept)
        kept.seek(0)
        cursor.execute(f"begin; delete from camera where system_id = '{system}'")
        started = time.perf_counter()
        cursor.copy_expert(f"copy camera ({columns}) from stdin", kept)
        seconds = time.perf_counter() - started
        cursor.execute("rollback")
        return seconds


def columns_of(cursor: Any) -> str:
    """The columns of a camera that are not computed."""
    cursor.execute(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
        "where attrelid = 'camera'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
    )
    return str(cursor.fetchone()[0])


def copy_one(link: Any, system: str) -> tuple[float, int]:
    """COPY the rows that an import made into an empty table like the registry's; seconds and rows."""
    with link.cursor() as cursor:
        columns = columns_of(cursor)
        cursor.execute("drop table if exists bare; create table bare (like camera including all)")
        kept = io.BytesIO()
        cursor.copy_expert(f"copy (select {columns} from camera where system_id = '{system}') to stdout", kept)
        kept.seek(0)
        started = time.perf_counter()
        cursor.copy_expert(f"copy bare ({columns}) from stdin", kept)
        seconds = time.perf_counter() - started
        cursor.execute("select count(*) from bare")
        return seconds, cursor.fetchone()[0]


def main() -> int:
    """Load and copy in turn, compare the best of each; then one whole import."""
    assert tasks.import_cameras, "its module declares the job"
    running = RunningServices()
    running.start()
    try:
        running.start()
        running.services.clone_template("bench")
        settings = settings_for(running.services, "bench", running.home / "portal", broker=0)
        database = database_for(settings)
        worlds: dict[str, World] = {}

        def world_of(session: Any) -> Any:
            world = worlds.setdefault("one", make_world(session)) if not worlds else worlds["one"]
            world.session = session
            unit = world.unit()
            filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
            return filer, operations.create_system(
                session, actor=filer, unit_id=unit.id, particulars=particulars(), now=NOW
            )

        link = running.services.connect("bench")
        loaded, indexed, copied, home = [], [], [], []
        for number in range(TIMES):
            lines = list(rows(LOADED, number + 1))
            seconds, behind, system = load_one(database, begin(database, world_of, lines), lines)
            loaded.append(seconds)
            indexed.append(behind)
            seconds, there = copy_one(link, system)
            assert there == LOADED, there
            copied.append(seconds)
            home.append(copy_home(link, system))
        parsing = read_only(lines)
        ours, theirs = min(loaded), min(copied)
        print(f"{LOADED:,} rows x {len(FIELDS)}: parsed to committed {LOADED / ours:,.0f} rows/s", flush=True)
        print(f"  bare COPY {LOADED / theirs:,.0f} rows/s, parsing alone {LOADED / parsing:,.0f} rows/s", flush=True)
        ratio("load_from_parsed_rows_over_bare_copy", ours / theirs)
        ratio("the_same_with_the_index_of_the_search_behind_it", (ours + min(indexed)) / theirs)
        ratio("load_from_parsed_rows_over_copy_into_the_registry", ours / min(home))
        whole, grown, system = import_one(settings, database, begin(database, world_of, rows(ROWS, 7)))
        there_seconds, there = copy_one(link, system)
        assert there == ROWS, there
        print(f"{ROWS:,} rows x {len(FIELDS)}, whole job: {whole:.0f} s, the workers grew by {grown} MB", flush=True)
        ratio("import_over_bare_copy", whole / there_seconds)
        link.close()
        database.dispose()
    finally:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(work(UUID(sys.argv[1])) if len(sys.argv) > 1 else main())
