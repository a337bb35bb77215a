"""What a filing entails: its whole life, running time limits, yearly confirmations, findings, a system's parts."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import grant, guard_rows

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BEFORE = ("draft", "submitted", "returned", "accepted", "superseded", "withdrawn")
STATUSES = (
    *("draft", "submitted", "returned", "accepted", "stale", "suspended"),
    *("moved", "cancelled", "removed", "superseded", "withdrawn"),
)
NUMBERED = ("accepted", "stale", "suspended", "moved", "cancelled", "removed", "superseded")
KINDS = ("new", "existing", "change", "move", "voluntary")
TABLES = ("filing_clock", "filing_confirmation", "filing_finding", "system_component")


def _one_of(column: str, words: Iterable[str]) -> str:
    return f"{column} in ({', '.join(repr(word) for word in words)})"


def _uuid(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=null)


def _text(name: str, length: int, *, default: str | None = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=default, nullable=False)


def _moment(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _day(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=null)


def _json(name: str, *, null: bool) -> sa.Column[object]:
    default = None if null else "{}"
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=default, nullable=null)


def _owned(table: str, *, by: str, gone_with: bool) -> list[sa.schema.SchemaItem]:
    """The columns and keys that every one of these tables has: whose it is and where."""
    return [
        _uuid("id"),
        _uuid(f"{by}_id"),
        _uuid("unit_id"),
        _text("district", 6, default=None),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            [f"{by}_id"], [f"{by}.id"], name=op.f(f"fk_{table}_{by}_id"), ondelete="CASCADE" if gone_with else None
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f(f"fk_{table}_unit_id")),
    ]


def _filing_checks(statuses: Iterable[str], numbered: Iterable[str], kinds: Iterable[str]) -> None:
    for name in ("status", "numbered", "kind"):
        op.drop_constraint(op.f(f"ck_filing_{name}"), "filing", type_="check")
    op.create_check_constraint(op.f("ck_filing_status"), "filing", _one_of("status", statuses))
    op.create_check_constraint(op.f("ck_filing_kind"), "filing", _one_of("kind", kinds))
    listed = ",".join(f"'{word}'" for word in numbered)
    op.create_check_constraint(op.f("ck_filing_numbered"), "filing", f"(status in ({listed})) = (number is not null)")


def upgrade() -> None:
    for column in (
        _uuid("previous_id", null=True),
        sa.Column("edition", sa.SmallInteger(), server_default="1", nullable=False),
        _text("handled_by", 10, default="agent"),
        _text("declaration", 20),
        sa.Column("late_days", sa.Integer(), server_default="0", nullable=False),
        _json("routed_why", null=True),
        _day("national_filed_on"),
        _moment("standing_at", null=True),
        _text("standing_reason", 400),
        _text("standing_by_name", 40),
    ):
        op.add_column("filing", column)
    op.create_foreign_key(op.f("fk_filing_previous_id"), "filing", "filing", ["previous_id"], ["id"])
    op.create_check_constraint(op.f("ck_filing_handled_by"), "filing", "handled_by in ('principal', 'agent')")
    _filing_checks(STATUSES, NUMBERED, KINDS)
    # Submitted before this was kept: by how many days too late.
    op.execute(
        "update filing set late_days = (submitted_at at time zone 'Asia/Shanghai')::date - due_on "
        "where (submitted_at at time zone 'Asia/Shanghai')::date > due_on"
    )
    op.add_column("system", _json("declared_devices", null=False))
    op.add_column("system", _day("construction_began_on"))
    op.add_column("system", _day("construction_finished_on"))
    op.execute("alter table system add column position geometry(point, 4326)")
    _clocks()
    _confirmations()
    _findings()
    _components()
    grant("filing_clock")
    grant("filing_confirmation", app="select, insert")
    grant("filing_finding", app="select, insert, update")
    grant("system_component")
    for table in TABLES:
        guard_rows(table)


def _clocks() -> None:
    kinds = ("new", "existing", "change", "confirmation", "correction")
    running = sa.text("ended_on is null")
    op.create_table(
        "filing_clock",
        *_owned("filing_clock", by="system", gone_with=True),
        _uuid("organ_id"),
        _text("kind", 12, default=None),
        _day("started_on", null=False),
        _day("due_on"),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _day("ended_on"),
        sa.Column("late_days", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_filing_clock_organ_id")),
        sa.CheckConstraint(_one_of("kind", kinds), name=op.f("ck_filing_clock_kind")),
    )
    op.create_index(
        "uq_filing_clock_running", "filing_clock", ["system_id", "kind"], unique=True, postgresql_where=running
    )
    for name, column in (("organ_due", "organ_id"), ("district_due", "district"), ("unit", "unit_id")):
        columns = [column, "due_on", "id"]
        op.create_index(f"ix_filing_clock_{name}", "filing_clock", columns, postgresql_where=running)


def _confirmations() -> None:
    op.create_table(
        "filing_confirmation",
        *_owned("filing_confirmation", by="filing", gone_with=False),
        _text("declared_by", 40, default=None),
        _text("declaration", 20, default=None),
        _moment("confirmed_at"),
        _day("next_due_on"),
    )
    op.create_index("ix_filing_confirmation_filing", "filing_confirmation", ["filing_id", "id"])


def _findings() -> None:
    op.create_table(
        "filing_finding",
        *_owned("filing_finding", by="filing", gone_with=False),
        _text("status", 10, default="raised"),
        _text("basis", 10, default=None),
        _text("item", 40, default=None),
        _text("declared", 200, default=None),
        _text("found", 200, default=None),
        _text("raised_by_name", 40, default=None),
        _moment("raised_at"),
        _text("decided_by_name", 40),
        _moment("decided_at", null=True),
        _text("decision", 400),
        _day("correct_by"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            _one_of("status", ("raised", "upheld", "corrected", "dismissed")), name=op.f("ck_filing_finding_status")
        ),
        sa.CheckConstraint(
            _one_of("basis", ("visit", "probe", "papers", "tip_off")), name=op.f("ck_filing_finding_basis")
        ),
    )
    op.create_index("ix_filing_finding_filing", "filing_finding", ["filing_id", "id"])


def _components() -> None:
    parts = ("capture", "transmission", "control", "display", "storage", "software")
    op.create_table(
        "system_component",
        *_owned("system_component", by="system", gone_with=True),
        _text("part", 12, default=None),
        _text("name", 80, default=None),
        _text("maker", 60),
        _text("model", 60),
        _text("software_version", 40),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(_one_of("part", parts), name=op.f("ck_system_component_part")),
        sa.CheckConstraint("count between 1 and 100000", name=op.f("ck_system_component_count")),
    )
    op.create_index("ix_system_component_system", "system_component", ["system_id", "part", "id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in ("declared_devices", "construction_began_on", "construction_finished_on", "position"):
        op.drop_column("system", column)
    for name in ("status", "numbered", "kind"):
        op.drop_constraint(op.f(f"ck_filing_{name}"), "filing", type_="check")
    # What had no word of its own then: in force stays in force, whatever ended is superseded.
    op.execute("update filing set status = 'accepted' where status in ('stale', 'suspended')")
    op.execute("update filing set status = 'superseded' where status in ('moved', 'cancelled', 'removed')")
    op.execute("update filing set kind = 'change' where kind = 'move'")
    op.execute("update filing set kind = 'new' where kind = 'voluntary'")
    op.create_check_constraint(op.f("ck_filing_status"), "filing", _one_of("status", BEFORE))
    op.create_check_constraint(op.f("ck_filing_kind"), "filing", _one_of("kind", KINDS[:3]))
    op.create_check_constraint(
        op.f("ck_filing_numbered"), "filing", "(status in ('accepted','superseded')) = (number is not null)"
    )
    op.drop_constraint(op.f("ck_filing_handled_by"), "filing", type_="check")
    op.drop_constraint(op.f("fk_filing_previous_id"), "filing", type_="foreignkey")
    for column in (
        *("previous_id", "edition", "handled_by", "declaration", "late_days", "routed_why"),
        *("national_filed_on", "standing_at", "standing_reason", "standing_by_name"),
    ):
        op.drop_column("filing", column)
