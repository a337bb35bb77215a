"""The migrations are one numbered line, and what they build is what the models say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from portal.core.ids import new_id
from portal.launcher.revisions import newest_revision
from portal.launcher.schema import configuration, upgrade
from tests.support.services import Services

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


def test_numbered_without_gap_and_one_head() -> None:
    files = sorted(path for path in VERSIONS.glob("[0-9]*.py"))
    script = ScriptDirectory.from_config(configuration("postgresql+psycopg2:///unused"))
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert revisions == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [path.name[:4] for path in files] == revisions
    assert script.get_heads() == [newest_revision()]


def test_models_match_the_schema(services: Services, worker_name: str) -> None:
    name = f"check_{worker_name}"
    url = services.clone_template(name)
    try:
        command.check(configuration(url))
    finally:
        services.drop(name)


def test_every_table_is_guarded_or_said_to_be_open(services: Services, worker_name: str) -> None:
    """The application's role may read no table that has neither row-level security nor a place on this list."""
    name = f"guard_{worker_name}"
    engine = create_engine(services.clone_template(name))
    unguarded = text(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity "
        "and has_table_privilege('portal_app', c.oid, 'select') order by 1"
    )
    with engine.connect() as connection:
        found = set(connection.scalars(unguarded))
    engine.dispose()
    services.drop(name)
    assert " ".join(sorted(found - OPEN_TABLES)) == ""


def test_imports_under_way_are_read_again_after_an_upgrade(services: Services, worker_name: str) -> None:
    """Whichever version began them: what it had checked waits for its reader, what it was loading is judged anew."""
    name = f"older_{worker_name}"
    services.create(name)
    url = services.url(name)
    upgrade(url, "0024")
    link = services.connect(name)
    with link.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # the rows around them do not matter here
        _begin_imports(cursor, "old", ("checked", "loading", "reading", "done"))
        upgrade(url, "0025")
        _begin_imports(cursor, "new", ("checked", "loading", "failed"))
        cursor.execute("update camera_import set loaded_to = 900, rows_in = 880 where status = 'loading'")
        upgrade(url, "0028")
        cursor.execute(
            "select i.stored_file_id is not null, i.datum || ' ' || i.status, i.preview_first, i.rows_in, i.loaded_to, "
            "i.finished_at is null, array_agg(o.payload->>'step') filter (where o.id is not null) from camera_import i "
            "left join outbox o on o.payload->>'import_id' = i.id::text and o.kind = 'registry.import_cameras' "
            "and o.queue = 'import' group by i.id order by i.id"
        )
        found = cursor.fetchall()
    link.close()
    services.drop(name)
    again = [(True, f"{age} queued", True, 0, 0, True, ["check"]) for age in ("old", "old", "new", "new")]
    assert [row for row in found if "queued" in row[1]] == again
    assert [row[1] for row in found if "queued" not in row[1]] == ["old reading", "old done", "new failed"]


def _begin_imports(cursor: Any, age: str, statuses: Sequence[str]) -> None:
    for status in statuses:
        cursor.execute(
            "insert into camera_import (id, system_id, unit_id, district, stored_file_id, datum, status, created_at) "
            "values (%s, gen_random_uuid(), gen_random_uuid(), '410502', gen_random_uuid(), %s, %s, now())",
            (str(new_id()), age, status),
        )


# Tables whose rows belong to no unit or district, each with the reason why row-level security has nothing to say.
OPEN_TABLES = frozenset(
    {
        "alembic_version",
        "spatial_ref_sys",
        # What a bureau plans for the schools of a district; it says nothing of any unit.
        "campaign",
        # Work to be done and remembered answers: keyed by their own secret ids, read by no page.
        *("outbox", "idempotency_record"),
        # Rounds of probes: ranges of target numbers and bytes, which say nothing about whose camera is which.
        *("probe_round", "probe_chunk"),
        # How far the log has been told: two numbers and a moment.
        "webhook_cursor",
        # The public division of the land, and counters that hold nothing but a year and a number.
        *("division", "organ_division", "filing_number", "footage_request_number"),
        # What the city government decided for all, lists by their own queries, counters.
        *(
            "mandate_provision",
            "mandate_source",
            "mandate_number",
            "measure_number",
            "connection_number",
            "work_ticket_number",
            "equipment_number",
        ),
        # What is published of a draw: pseudonyms and hashes; its seed and its mask are sealed.
        "draw",
        # Hashes and signed checkpoints of the audit log: they say nothing about what was done, and are meant to be seen.
        *("audit_node", "audit_checkpoint"),
        # The city's register of firms: facts of the firms, which name no unit; who may correct them the pages ask.
        *("contractor", "qualification"),
        # What anyone may read, and counts per cell and district whose readers put the permission into their SQL.
        *("published_result", "map_cell", "map_delta", "map_version"),
        # Who somebody is must be read before any scope can be known; the permission table guards the pages.
        *("organ", "person", "account", "account_proposal", "membership"),
        *("login_session", "password_record", "address_throttle", "api_token", "concurrent_use"),
    }
)
