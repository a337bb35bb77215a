"""What the audit log costs: staging against a bare insert, sealing and verifying against a bare SHA-256.

    python bench/audit.py [--events 50000] [--clients 16] [--seconds 8]

A durable private cluster is made in a temporary directory and thrown away. Each line ends in a ratio, which travels
between machines better than a rate does.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from sqlalchemy import Connection, create_engine, text  # noqa: E402
from sqlalchemy.pool import NullPool  # noqa: E402

from portal.audit.operations.sealing import Sealer  # noqa: E402
from portal.audit.queries.export import export_segment  # noqa: E402
from portal.audit.queries.outside import Place  # noqa: E402
from portal.audit.queries.verification import verify_log  # noqa: E402
from portal.audit.rules.checkpoint import Signer  # noqa: E402
from portal.launcher.cluster import PORT, PrivateCluster  # noqa: E402
from portal.launcher.programs import postgres_bin  # noqa: E402
from portal.launcher.schema import upgrade  # noqa: E402

COLUMNS = (
    "(id, at, actor_person, actor_account, actor_name, actor_organ_name, actor_roles, session_id, request_id, address, "
    "tag, subject_kind, subject_id, subject_label, unit_id, district, outcome, changes)"
)
# pgbench takes a colon for a variable of its own, so none may stand in here.
VALUES = (
    "gen_random_uuid(), now(), gen_random_uuid(), gen_random_uuid(), '王敏', '文峰分局', '{registrar}', "
    "gen_random_uuid(), 'req-0123456789abcdef', '10.12.3.4', concat_ws(chr(58), 'registry', 'filing', 'accept'), "
    "'filing', cast(gen_random_uuid() as text), '市第一人民医院门诊楼视频监控系统', gen_random_uuid(), '410502', 'ok', "
    "jsonb_build_array(jsonb_build_object('field', 'retention_days', 'type', 'integer', 'old', 30, 'new', 90))"
)


@contextmanager
def cluster(home: Path) -> Iterator[PrivateCluster]:
    """A durable cluster with the schema."""
    made = PrivateCluster(home / "pg")
    made.create()
    made.start()
    try:
        made.create_database("bench")
        upgrade(made.url("bench"))
        yield made
    finally:
        made.stop()


def pgbench(made: PrivateCluster, script: str, *, user: str, clients: int, seconds: int) -> float:
    """Transactions a second of one statement, from many connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", delete=False) as file:
        file.write(script)
    Path(file.name).chmod(0o644)
    command = [
        str(postgres_bin() / "pgbench"), "-n", "-M", "prepared", "-f", file.name, "-c", str(clients), "-j", "2",
        "-T", str(seconds), "-h", str(made.socket_dir), "-p", str(PORT), "-U", user, "bench",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PGOPTIONS": ""})
    Path(file.name).unlink()
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def timed(work: Callable[[], object]) -> float:
    """Seconds a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def line(name: str, rate: float, unit: str, against: str, base: float) -> None:
    """One result with its ratio."""
    print(f"{name:34} {rate:>12,.0f} {unit:10}  {rate / base:5.2f} × {against} ({base:,.0f}/s)")
    print(f"ratio audit_{re.sub('[^a-z0-9]+', '_', name)} {rate / base:.2f}", flush=True)


def staging(made: PrivateCluster, clients: int, seconds: int) -> None:
    """The path every request takes: one insert, no lock that two requests share."""
    engine = create_engine(made.url("bench"), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("create table bare (like audit_stage including defaults)"))
        connection.execute(text("grant insert on bare to portal_app"))
    for count in (1, clients):
        bare = pgbench(
            made, f"insert into bare {COLUMNS} values ({VALUES});", user="portal_app", clients=count, seconds=seconds
        )
        staged = pgbench(
            made,
            f"insert into audit_stage {COLUMNS} values ({VALUES});",
            user="portal_app",
            clients=count,
            seconds=seconds,
        )
        line(f"stage, {count} client{'s' if count > 1 else ''}", staged, "events/s", "bare insert", bare)
    engine.dispose()


def fill(connection: Connection, events: int) -> None:
    """Acts to be sealed, in transactions of a thousand."""
    for _ in range(events // 1000):
        connection.execute(text(f"insert into audit_stage {COLUMNS} select {VALUES} from generate_series(1, 1000)"))
        connection.commit()


def sealing(made: PrivateCluster, home: Path, events: int) -> None:
    """Sealing, verifying and exporting the same entries, against hashing their bytes alone."""
    signer = Signer("bench/audit", Ed25519PrivateKey.generate())
    places = (Place(home / "a"), Place(home / "b"))
    owner = create_engine(made.url("bench"), poolclass=NullPool)
    engine = create_engine(made.url("bench", user="portal_sealer"), poolclass=NullPool)
    with engine.connect() as connection:
        sealer = Sealer(connection, signer=signer, places=places)
        sealer.work(now=datetime.now(UTC), urgent=True)
        with owner.connect() as filling:
            fill(filling, events)
        before = sealer.size
        spent = timed(lambda: sealer.work(now=datetime.now(UTC), urgent=True))
        sealed, total = sealer.size - before, sealer.size
    with owner.connect() as connection:
        bodies = [bytes(body) for body in connection.scalars(text("select body from audit_entry limit 50000"))]
        bare = len(bodies) / timed(lambda: [sha256(b"\x00" + body).digest() for body in bodies])
        line("seal", sealed / spent, "entries/s", "bare SHA-256", bare)
        verdict = None

        def verify() -> None:
            nonlocal verdict
            verdict = verify_log(connection, places=places, key=signer.key)

        line("verify (bytes, rows, tree)", total / timed(verify), "entries/s", "bare SHA-256", bare)
        assert verdict is not None
        assert verdict.ok, verdict
        export = home / "export.jsonl"

        def write() -> None:
            with export.open("wb") as stream:
                stream.writelines(export_segment(connection, origin="bench/audit", first=1, last=None))

        line("export", total / timed(write), "entries/s", "bare SHA-256", bare)
    (home / "audit.pub").write_text(signer.key.text)
    command = [sys.executable, str(ROOT / "deploy" / "audit_verify.py"), str(export)]
    command += ["--checkpoint", str(home / "a"), "--key", str(home / "audit.pub")]
    spent = timed(lambda: subprocess.run(command, check=True, capture_output=True))
    line("stand-alone verifier", total / spent, "entries/s", "bare SHA-256", bare)
    owner.dispose()
    engine.dispose()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=8)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        home = Path(name)
        home.chmod(0o711)
        with cluster(home) as made:
            staging(made, wanted.clients, wanted.seconds)
            sealing(made, home, wanted.events)


if __name__ == "__main__":
    main()
