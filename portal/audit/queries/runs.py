"""Verifications and exports that were asked for."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditRun
from portal.core.errors import NotFound


def get_run(session: Session, run_id: UUID) -> AuditRun:
    """One run. Raises NotFound."""
    run = session.get(AuditRun, run_id)
    if run is None:
        raise NotFound
    return run


def recent_runs(session: Session, *, kind: str, limit: int = 10) -> Sequence[AuditRun]:
    """The latest runs of a kind, newest first."""
    return session.scalars(
        select(AuditRun).where(AuditRun.kind == kind).order_by(AuditRun.id.desc()).limit(limit)
    ).all()


def export_path(data_dir: Path, run_id: UUID) -> Path:
    """Where the file of an export stands until it is removed."""
    return data_dir / "audit-exports" / f"{run_id}.jsonl"


def run_file(run: AuditRun, data_dir: Path) -> Path | None:
    """The file of a finished export, while it is kept."""
    path = export_path(data_dir, run.id)
    return path if run.kind == "export" and run.state == "done" and path.is_file() else None
