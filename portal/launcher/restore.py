"""`portal restore`: the database as it was at a moment, its documents, and nothing lost if that fails."""

import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from portal.launcher.aftermath import Aftermath, settle_audit
from portal.launcher.archive import Archive, Note
from portal.launcher.checks import InstanceLock
from portal.launcher.cluster import ClusterFailed, PrivateCluster
from portal.launcher.environment import DATABASE, environments_of
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout
from portal.launcher.sockets import private_directory
from portal.launcher.speech import Refusal

SEGMENT = re.compile(r"[0-9A-F]{24}")
REPLAY_PATIENCE = 3600.0


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore did."""

    note: Note
    aside: Path | None
    audit: Aftermath


def restore(layout: Layout, *, archive: Archive, to: datetime | None, reason: str) -> Restored:
    """Rebuild a stopped portal as it was at `to`, or as late as the log reaches. The old data is set aside, not removed."""
    layout.make()
    lock = InstanceLock(layout)
    lock.take("restore")
    try:
        note = choose(archive, to)
        _need_keys(layout, note)
        data = layout.postgres / "data"
        restored = _recover(archive, note, layout.postgres / "data.restoring", to=to, last_log=data / "pg_wal")
        aside = _take_the_place(restored.data_dir, data)
        archive.return_files(layout.files)
        # The broker carries only wake-ups; those of the abandoned future must not arrive.
        shutil.rmtree(layout.redis, ignore_errors=True)
        layout.unfinished.unlink(missing_ok=True)
        return Restored(note=note, aside=aside, audit=_settle(layout, archive, reason))
    finally:
        lock.release()


def _take_the_place(restored: Path, data: Path) -> Path | None:
    aside = None
    if data.exists():
        aside = data.with_name(f"data.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        data.rename(aside)
    restored.rename(data)
    return aside


def _settle(layout: Layout, archive: Archive, reason: str) -> Aftermath:
    """Bring the restored cluster up for as long as its audit log is looked at."""
    cluster = PrivateCluster(layout.postgres / "data", layout.postgres / "socket", settings=archive.settings())
    cluster.configure()
    cluster.start()
    try:
        return settle_audit(environments_of(layout).sealer(), witnesses=layout.witnesses, reason=reason)
    finally:
        cluster.stop()


def choose(archive: Archive, to: datetime | None) -> Note:
    """The newest backup that was complete at the wanted moment."""
    notes = [note for note in archive.notes() if to is None or note.finished_at <= to]
    if not notes:
        raise Refusal(
            f"{archive.root} 中没有该时刻之前完成的备份", f"no backup in {archive.root} was complete at that moment"
        )
    return notes[-1]


def check(layout: Layout, *, archive: Archive) -> dict[str, Any]:
    """Restore the newest backup aside, look into it, and remove it again. The running portal is not touched."""
    note = choose(archive, None)
    started = time.monotonic()
    user = PrivateCluster(layout.postgres / "data", layout.postgres / "socket").user
    home = private_directory(Path(tempfile.mkdtemp(prefix="check-", dir=layout.postgres)), user)
    try:
        cluster = _recover(archive, note, home / "data", to=None, last_log=None, keep_running=True)
        try:
            found = _look_inside(cluster, archive)
            environment = environments_of(layout, cluster=cluster).sealer()
            audit = settle_audit(environment, witnesses=layout.witnesses, reason="restore-check")
        finally:
            cluster.stop()
        seconds = round(time.monotonic() - started, 1)
        well = not found["missing_files"] and audit.verified
        return {"well": well, "backup": note.name, "schema": note.schema, "seconds": seconds, **found, **asdict(audit)}
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _recover(
    archive: Archive,
    note: Note,
    target: Path,
    *,
    to: datetime | None,
    last_log: Path | None,
    keep_running: bool = False,
) -> PrivateCluster:
    """Unpack the base beside the live data and replay the log into it; a failure leaves the live data alone."""
    # A cluster that only rehearses must not add its own future to the archive.
    rehearsal = keep_running
    settings = {"restore_command": archive.fetch_command(), "recovery_target_action": "promote"}
    settings |= {"archive_mode": "off"} if rehearsal else dict(archive.settings())
    if to is not None:
        settings["recovery_target_time"] = to.astimezone(UTC).isoformat()
    if target.exists():
        shutil.rmtree(target)
    cluster = PrivateCluster(target, target.parent / "restore-socket", settings=settings)
    private_directory(target, cluster.user)
    base = archive.root / note.name / "base"
    _unpack(base / "base.tar.gz", target, cluster)
    _unpack(base / "pg_wal.tar.gz", target / "pg_wal", cluster)
    if to is None and last_log is not None and last_log.is_dir():
        _add_unarchived(last_log, target / "pg_wal", cluster)
    cluster.configure()
    _as_user(cluster, "touch", target / "recovery.signal")
    try:
        cluster.start(patience=REPLAY_PATIENCE)
        _wait_for_promotion(cluster)
    except ClusterFailed as failure:
        cluster.stop()
        shutil.rmtree(target)
        raise Refusal(
            f"恢复失败，原数据未改动：{_reason(failure)}",
            f"the restore failed, the present data is unchanged: {_reason(failure)}",
        ) from failure
    if not keep_running:
        cluster.stop()
    return cluster


def _reason(failure: ClusterFailed) -> str:
    """Why the server gave up; its answers to our own early connections are not the reason."""
    given = [line.partition("FATAL:")[2].strip() for line in str(failure).splitlines() if "FATAL:" in line]
    reasons = [reason for reason in given if not reason.startswith("the database system is")]
    return reasons[-1] if reasons else str(failure)[-300:]


def _add_unarchived(source: Path, target: Path, cluster: PrivateCluster) -> None:
    """The last segments of the old cluster, not handed over yet: with them nothing committed is lost."""
    for path in sorted(source.iterdir()):
        if SEGMENT.fullmatch(path.name) and not (target / path.name).exists():
            _as_user(cluster, "cp", path, target / path.name)


def _wait_for_promotion(cluster: PrivateCluster) -> None:
    """Until the log is replayed. A server that finds the log too short ends itself instead."""
    deadline = time.monotonic() + REPLAY_PATIENCE
    while not _is_promoted(cluster):
        if cluster.has_ended():
            raise ClusterFailed(cluster.log_tail())
        if time.monotonic() > deadline:
            raise ClusterFailed("the log is still being replayed")
        time.sleep(0.1)


def _is_promoted(cluster: PrivateCluster) -> bool:
    try:
        link = cluster.connect()
    except psycopg2.OperationalError:
        return False
    try:
        with link.cursor() as cursor:
            cursor.execute("select pg_is_in_recovery()")
            return bool(cursor.fetchone() == (False,))
    except psycopg2.OperationalError:
        return False
    finally:
        link.close()


def _unpack(archive: Path, target: Path, cluster: PrivateCluster) -> None:
    _as_user(cluster, "tar", "-xzf", archive, "-C", target)


def _as_user(cluster: PrivateCluster, *argv: str | Path) -> None:
    done = subprocess.run(
        argv,
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **cluster.user.popen_arguments,  # type: ignore[call-overload]
    )
    if done.returncode != 0:
        reason = done.stderr.strip()[-200:]
        raise Refusal(
            f"恢复失败，原数据未改动：{reason}", f"the restore failed, the present data is unchanged: {reason}"
        )


def _need_keys(layout: Layout, note: Note) -> None:
    missing = sorted(set(note.key_ids) - set(Keys(layout.keys).field_key_ids()))
    if missing:
        raise Refusal(
            f"{layout.keys / 'fields'} 缺少密钥文件：{'、'.join(missing)}；没有它们，加密的内容无法读取",
            f"key files missing in {layout.keys / 'fields'}: {', '.join(missing)}; sealed data cannot be read without them",
        )


def _look_inside(cluster: PrivateCluster, archive: Archive) -> dict[str, Any]:
    """Rows per table, and whether every stored document that a row names is in the mirror."""
    link = cluster.connect(DATABASE)
    try:
        with link.cursor() as cursor:
            cursor.execute(
                "select relname from pg_class c join pg_namespace n on n.oid = relnamespace "
                "where nspname = 'public' and relkind = 'r' and relname <> 'spatial_ref_sys' order by 1"
            )
            tables = [str(name) for (name,) in cursor.fetchall()]
            rows = {}
            for name in tables:
                cursor.execute(f'select count(*) from "{name}"')  # noqa: S608 - names read from the catalogue
                (rows[name],) = cursor.fetchone() or (0,)
            missing = _missing_documents(cursor, archive)
    finally:
        link.close()
    return {"rows": rows, "missing_files": missing}


def _missing_documents(cursor: Any, archive: Archive) -> list[str]:
    """Digests that a row names and no copy has."""
    cursor.execute(
        "select 1 from information_schema.columns where table_name = 'stored_file' and column_name = 'sha256'"
    )
    if cursor.fetchone() is None:
        return []
    present = {path.name for path in archive.files.rglob("*") if path.is_file()}
    cursor.execute("select sha256 from stored_file")
    return [str(digest) for (digest,) in cursor.fetchall() if str(digest) not in present]
