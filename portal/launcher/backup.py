"""`portal backup`: a base backup of the running database, the stored documents, and which keys they need."""

import subprocess
from datetime import UTC, datetime
from typing import Any

import portal
from portal.launcher.archive import Archive, Note
from portal.launcher.cluster import PORT, SUPERUSER, PrivateCluster
from portal.launcher.environment import DATABASE
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout
from portal.launcher.programs import postgres_bin
from portal.launcher.sockets import private_directory
from portal.launcher.speech import Refusal

DAY_AND_TIME = "%Y%m%dT%H%M%S%fZ"


def backup(layout: Layout, *, keep: int, now: datetime) -> Note:
    """Take one backup while people work; drop the oldest beyond `keep`. The portal must be running."""
    cluster = PrivateCluster(layout.postgres / "data", layout.postgres / "socket")
    if not cluster.answers():
        raise Refusal("门户未在运行，请先启动", "the portal is not running: start it first")
    archive = Archive(layout.backups)
    archive.make(cluster.user)
    name = now.astimezone(UTC).strftime(DAY_AND_TIME)
    first_segment, schema = _position(cluster)
    base = private_directory(layout.backups / name, cluster.user) / "base"
    _base_backup(cluster, base)
    # After the database, never before: every file that the backed-up rows name is then in the mirror.
    archive.mirror_files(layout.files)
    note = Note(
        name=name,
        started=now.isoformat(),
        finished=_server_time(cluster),
        first_segment=first_segment,
        schema=schema,
        version=portal.__version__,
        key_ids=tuple(Keys(layout.keys).field_key_ids()),
    )
    archive.write_note(note)
    archive.prune(keep)
    return note


def follow(layout: Layout) -> int:
    """Copy what was stored since the last look, once there is a backup to add it to."""
    archive = Archive(layout.backups)
    return archive.mirror_files(layout.files) if archive.notes() else 0


def _base_backup(cluster: PrivateCluster, target: Any) -> None:
    argv = [
        *(
            postgres_bin() / "pg_basebackup",
            "--pgdata",
            target,
            "--format=tar",
            "--compress=gzip:1",
            "--checkpoint=fast",
        ),
        *("--wal-method=stream", "--no-password", "--host", cluster.socket_dir),
        *("--port", str(PORT), "--username", SUPERUSER),
    ]
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
        reason = done.stderr.strip().splitlines()[-1:] or ["?"]
        raise Refusal(f"备份失败：{reason[0]}", f"the backup failed: {reason[0]}")


def _position(cluster: PrivateCluster) -> tuple[str, str]:
    """The log segment written now, and the schema's revision."""
    link = cluster.connect(DATABASE)
    try:
        with link.cursor() as cursor:
            cursor.execute("select pg_walfile_name(pg_current_wal_lsn()), (select version_num from alembic_version)")
            segment, schema = cursor.fetchone() or ("", "")
            return str(segment), str(schema)
    finally:
        link.close()


def _server_time(cluster: PrivateCluster) -> str:
    link = cluster.connect(DATABASE)
    try:
        with link.cursor() as cursor:
            cursor.execute("select clock_timestamp()")
            (moment,) = cursor.fetchone() or (None,)
            return str(moment.astimezone(UTC).isoformat())
    finally:
        link.close()
