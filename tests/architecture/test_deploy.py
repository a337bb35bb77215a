"""deploy/ says what the code says."""

import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def test_compose_names_only_what_it_declares() -> None:
    whole = compose()
    services = whole["services"]
    assert {"web", "worker", "probe-worker", "beat", "sealer", "database", "redis", "proxy"} <= set(services)
    for name, service in services.items():
        assert set(service.get("secrets", [])) <= set(whole["secrets"]), name
        assert set(service.get("networks", [])) <= set(whole["networks"]), name
        assert set(service.get("depends_on", [])) <= set(services), name
        named = {str(volume).split(":")[0] for volume in service.get("volumes", [])}
        assert {volume for volume in named if not volume.startswith(".")} <= set(whole["volumes"]), name


def test_only_the_sealer_gets_the_signing_key_and_only_probes_get_out() -> None:
    services = compose()["services"]
    assert [n for n, s in services.items() if "audit_signing_key" in s.get("secrets", [])] == ["sealer"]
    assert [n for n, s in services.items() if "owner_database_url" in s.get("secrets", [])] == ["migrate"]
    assert [n for n, s in services.items() if "cameras" in s.get("networks", [])] == [
        f"{lane}-worker" for lane in ("probe", "down", "auth", "now")
    ]


def test_compose_settings_exist() -> None:
    given = {name for s in compose()["services"].values() for name in (s.get("environment") or {})}
    known = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    named = {name for name in given if name.startswith("PORTAL_")} - {"PORTAL_HOST"}
    assert {name for name in named if name not in known and name.removesuffix("_FILE") not in known} == set()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_secrets_script_makes_what_compose_needs_and_replaces_nothing(tmp_path: Path) -> None:
    script = shutil.copy(DEPLOY / "make-secrets.sh", tmp_path)
    subprocess.run(["bash", script], capture_output=True, check=False)
    before = {path: path.read_bytes() for path in (tmp_path / "secrets").rglob("*") if path.is_file()}
    for name, secret in compose()["secrets"].items():
        assert (tmp_path / secret["file"]).stat().st_size > 0, name
        assert (tmp_path / secret["file"]).stat().st_mode & 0o077 == 0, name
    subprocess.run(["bash", script], capture_output=True, check=False)
    assert before == {path: path.read_bytes() for path in (tmp_path / "secrets").rglob("*") if path.is_file()}


def test_compose_file_is_accepted(tmp_path: Path) -> None:
    """By Debian's own client, whose reading is stricter than the present one's."""
    done = subprocess.run(
        ["docker-compose", "-f", DEPLOY / "compose.yaml", "config"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PORTAL_HOST": "portal.example.gov.cn"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(compose()["services"])
