"""Importing a sheet of cameras against a bare COPY of the very rows it made, into a table with the same indices.

The import reads the sealed file in a limited child process, checks every cell, every code against the registry and
every position against the districts, and writes the audit log and the map's changes; the COPY does none of this.
"""

import io
import sys
import time
from random import Random
from typing import Any

from bench.ground import quick, ratio
from portal.accounts.values import Role
from portal.core.db import Database
from portal.core.geometry import Datum
from portal.jobs import Runner
from portal.registry import operations, tasks
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from tests.people import NOW, World, make_world
from tests.registry.test_filing import particulars
from tests.support.database import database_for, settings_for
from tests.support.services import RunningServices

ROWS = 2_000 if quick() else 20_000
TIMES = 3
HEADER = "设备名称,国标编码,经度,纬度,摄像机类型,方位角,视场角,保存天数,安装时间"


def sheet(number: int) -> bytes:
    """A sheet such as a unit sends."""
    rng = Random(number)
    rows = [
        f"教学楼{row}号-向东-枪机,4105020000132{number}{row:06d},{114.36 + rng.random() / 20:.6f},"
        f"{36.08 + rng.random() / 50:.6f},枪机,{rng.randrange(360)},90,30,2026-03-01"
        for row in range(ROWS)
    ]
    return "\n".join([HEADER, *rows]).encode("gb18030")


def import_one(database: Database, world_of: Any, number: int) -> tuple[float, str]:
    """Upload and load one sheet into a system of its own; seconds of the job, and the system."""
    with database.transaction() as session:
        filer, system = world_of(session)
        stream = io.BytesIO(sheet(number))
        stored = store_upload(
            session, actor=filer.actor, stream=stream, filename="cameras.csv", kind=FileKind.SHEET, now=NOW
        )
        operations.start_import(
            session, actor=filer, system_id=system.id, stored_file_id=stored.id, datum=Datum.WGS84, now=NOW
        )
    started = time.perf_counter()
    assert Runner(database).drain("import") == 1
    return time.perf_counter() - started, str(system.id)


def copy_one(link: Any, system: str) -> tuple[float, int]:
    """COPY the rows that an import made into an empty table like the registry's; seconds and rows."""
    with link.cursor() as cursor:
        cursor.execute(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute "
            "where attrelid = 'camera'::regclass and attnum > 0 and not attisdropped and attgenerated = ''"
        )
        (columns,) = cursor.fetchone()
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
    """Import and copy in turn; compare the best of each."""
    assert tasks.import_cameras, "its module declares the job"
    running = RunningServices()
    try:
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
        imported, copied = [], []
        for number in range(TIMES):
            seconds, system = import_one(database, world_of, number)
            imported.append(seconds)
            seconds, rows = copy_one(link, system)
            assert rows == ROWS, rows
            copied.append(seconds)
        link.close()
        database.dispose()
        ours, theirs = min(imported), min(copied)
        print(f"{ROWS:,} cameras: import {ROWS / ours:,.0f} rows/s   bare COPY {ROWS / theirs:,.0f} rows/s", flush=True)
        ratio("import_over_bare_copy", ours / theirs)
    finally:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
