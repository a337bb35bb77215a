"""Work to be done, kept in PostgreSQL beside the change that caused it (reliability.md D1, section 7.2).

Celery carries only the wake-up; a row that no wake-up reached is found by the sweep. A handler's effects and the
done-mark commit together, so a killed worker repeats or completes a row, and never doubles its database effects.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.core.clock import real_now
from portal.core.db import Base
from portal.core.ids import new_id


class TaskName(StrEnum):
    """Every job by name. The value is `package.action`; the queue stands beside it in QUEUES."""

    ACCOUNTS_EXPIRE_SESSIONS = "accounts.expire_sessions"
    AUDIT_VERIFY = "audit.verify"
    AUDIT_EXPORT = "audit.export"
    VAULT_SWEEP = "vault.sweep"
    WEB_PURGE_IDEMPOTENCY = "web.purge_idempotency"
    WORKFLOW_LAPSE = "workflow.lapse_overdue"
    REGISTRY_NOTIFY = "registry.notify"
    REGISTRY_REMIND_DEADLINES = "registry.remind_deadlines"
    REGISTRY_REMIND_EXPIRIES = "registry.remind_expiries"
    REGISTRY_IMPORT_CAMERAS = "registry.import_cameras"
    REGISTRY_RECHECK_CAMERAS = "registry.recheck_cameras"
    REGISTRY_EXPORT_LIST = "registry.export_list"
    REGISTRY_EDIT_CAMERAS = "registry.edit_cameras"
    REGISTRY_EXPIRE_FILES = "registry.expire_files"
    REGISTRY_TIDY_IMPORTS = "registry.tidy_imports"
    REGISTRY_FOLD_COUNTS = "registry.fold_counts"
    REGISTRY_CHECK_POINTS = "registry.check_points"
    REGISTRY_NOTIFY_POINT = "registry.notify_point"
    INSPECTION_NOTIFY = "inspection.notify"
    INSPECTION_NOTIFY_FINDING = "inspection.notify_finding"
    INSPECTION_REMIND = "inspection.remind"
    READINESS_RUN = "readiness.run"
    READINESS_NIGHT = "readiness.run_open"
    REACH_RECONCILE = "reachability.reconcile_targets"
    REACH_CYCLE = "reachability.start_cycle"
    REACH_PROBE_RANGE = "reachability.probe_range"
    REACH_PROBE_DOWN = "reachability.probe_down"
    REACH_PROBE_DEEP = "reachability.probe_deep"
    REACH_SETTLE = "reachability.settle_round"
    REACH_PROBE_NOW = "reachability.probe_now"
    EVIDENCE_NOTIFY_NEXT = "evidence.notify_next_approvers"
    EVIDENCE_NOTIFY_USE = "evidence.notify_use"
    EVIDENCE_NOTIFY_QUESTION = "evidence.notify_question"
    EVIDENCE_EXPIRE = "evidence.expire_requests"
    EVIDENCE_REMIND = "evidence.remind_copies"
    EVIDENCE_NOTIFY_LEAK = "evidence.notify_leak"
    EVIDENCE_KEEP_UPLOAD = "evidence.keep_upload"
    EVIDENCE_SWEEP_UPLOADS = "evidence.sweep_uploads"
    MANDATES_READ_LIST = "mandates.read_list"
    MANDATES_SUGGEST = "mandates.suggest_matches"
    MANDATES_SETTLE = "mandates.settle_orders"
    CAMPAIGNS_NOTIFY = "campaigns.notify"
    CAMPAIGNS_REMIND = "campaigns.remind"
    MANDATES_NOTIFY = "mandates.notify"
    CONNECTIONS_NOTIFY = "connections.notify"
    CONNECTIONS_REMIND = "connections.remind"
    UPKEEP_NOTIFY = "upkeep.notify"
    MEASURES_PROPOSE = "measures.propose_steps"
    MEASURES_NOTIFY = "measures.notify"
    WEBHOOKS_TELL = "webhooks.tell"
    WEBHOOKS_DELIVER = "webhooks.deliver"
    WEBHOOKS_FORGET = "webhooks.forget"
    MAPS_REBUILD_PYRAMID = "maps.rebuild_pyramid"
    MAPS_FOLD = "maps.fold_changes"


QUEUES: dict[TaskName, str] = {
    TaskName.REGISTRY_IMPORT_CAMERAS: "import",
    # Minutes of work for one person: not before what everybody waits for.
    TaskName.REGISTRY_EXPORT_LIST: "import",
    TaskName.REGISTRY_EDIT_CAMERAS: "import",
    TaskName.MANDATES_READ_LIST: "import",
    TaskName.REGISTRY_NOTIFY: "mail",
    TaskName.CAMPAIGNS_NOTIFY: "mail",
    TaskName.MANDATES_NOTIFY: "mail",
    TaskName.MEASURES_NOTIFY: "mail",
    TaskName.CONNECTIONS_NOTIFY: "mail",
    TaskName.UPKEEP_NOTIFY: "mail",
    TaskName.REGISTRY_NOTIFY_POINT: "mail",
    TaskName.INSPECTION_NOTIFY: "mail",
    TaskName.INSPECTION_NOTIFY_FINDING: "mail",
    TaskName.EVIDENCE_NOTIFY_NEXT: "mail",
    TaskName.EVIDENCE_NOTIFY_LEAK: "mail",
    # Gigabytes are read and sealed: not before what everybody waits for.
    TaskName.EVIDENCE_KEEP_UPLOAD: "import",
    TaskName.EVIDENCE_NOTIFY_USE: "mail",
    TaskName.EVIDENCE_NOTIFY_QUESTION: "mail",
    # Somebody else's server may take its time: not before the portal's own work.
    TaskName.WEBHOOKS_DELIVER: "webhook",
    TaskName.REACH_PROBE_RANGE: "probe.live",
    TaskName.REACH_PROBE_DOWN: "probe.down",
    TaskName.REACH_PROBE_DEEP: "probe.auth",
    # Somebody waits before the page: not behind a thousand devices whose turn it is.
    TaskName.REACH_PROBE_NOW: "probe.now",
}
DEFAULT_QUEUE = "default"


class OutboxState(StrEnum):
    """waiting → leased → done, or poisoned after the last attempt."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    POISONED = "poisoned"


class OutboxRow(Base):
    """One piece of work: what, for which rows, not before when, who holds it until when."""

    __tablename__ = "outbox"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("state in ('waiting','leased','done','poisoned')", name="state"),
        Index("ix_outbox_due", "queue", "not_before", postgresql_where=text("state in ('waiting','leased')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(40))
    dedupe: Mapped[str | None] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    not_before: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(12), default=OutboxState.WAITING, server_default="waiting")
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=real_now)
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def enqueue(
    session: Session, task: TaskName, *, dedupe: str | None = None, not_before: datetime | None = None, **ids: object
) -> None:
    """Write one piece of work into the caller's transaction; wake a worker after it commits.

    `dedupe` makes the row unique for ever: a second enqueue with the same value is silently the same work.
    `ids` must be JSON values or UUIDs: keys, never objects and never content.
    """
    queue = QUEUES.get(task, DEFAULT_QUEUE)
    payload = {name: str(value) if isinstance(value, UUID) else value for name, value in ids.items()}
    statement = insert(OutboxRow.__table__).values(  # type: ignore[arg-type]
        id=new_id(),
        kind=str(task),
        queue=queue,
        dedupe=dedupe,
        payload=payload,
        not_before=not_before or real_now(),
        created_at=real_now(),
    )
    session.execute(statement.on_conflict_do_nothing(index_elements=["dedupe"]))
    session.info.setdefault("wake", set()).add(queue)
