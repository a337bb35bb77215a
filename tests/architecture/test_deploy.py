"""deploy/ says what the code says."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.config import Settings
from portal.jobs import QUEUE_NAMES
from portal.launcher.processes import WORKERS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def test_env_example_names_every_setting_once() -> None:
    found = re.findall(r"^#?PORTAL_([A-Z0-9_]+?)(?:_FILE)?=", (DEPLOY / "env.example").read_text(), re.MULTILINE)
    # Two settings have names of their own that end like the suffix.
    named = sorted(name.lower() + ("_file" if name in ("AUDIT_KEY", "AUDIT_PUBLIC_KEY") else "") for name in found)
    assert named == sorted(Settings.model_fields)


def test_every_setting_in_env_example_is_explained() -> None:
    lines = (DEPLOY / "env.example").read_text().splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"#?PORTAL_", line):
            assert before.startswith("# "), f"no explanation above {line}"


def test_each_queue_has_one_kind_of_worker() -> None:
    served = [queue for queues, _ in WORKERS.values() for queue in queues]
    assert sorted(served) == sorted(QUEUE_NAMES)


@pytest.mark.parametrize("place", ["compose.yaml", "systemd"])
def test_production_serves_each_queue_once(place: str) -> None:
    path = DEPLOY / place
    texts = [path.read_text()] if path.is_file() else [unit.read_text() for unit in sorted(path.glob("*.service"))]
    served = [queue for text in texts for match in re.findall(r"--queues[= ](\S+)", text) for queue in match.split(",")]
    assert sorted(served) == sorted(QUEUE_NAMES)


def test_compose_file_is_accepted(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker compose client here")
    done = subprocess.run(
        [docker, "compose", "-f", DEPLOY / "compose.yaml", "config", "--format", "json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PORTAL_HOST": "portal.example.gov.cn"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert {"web", "worker", "probe-worker", "beat", "sealer", "database", "redis", "proxy"} <= set(services)
