"""What a restore owes the audit log: the gap is accepted openly, then everything that is left is verified.

The checkpoints stand outside the database and know entries that the restored database has lost. The log goes on after
them; the lost entries keep their numbers and hashes, and the restore itself becomes an entry.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.launcher.processes import ROOT, python

# What `portal audit recover` answers when the restored log is as long as the newest checkpoint says.
NO_GAP = "audit_nothing_to_recover"


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What became of the audit log."""

    gap: str
    verified: bool
    told: str


def settle_audit(environment: Mapping[str, str], *, witnesses: tuple[Path, ...], reason: str) -> Aftermath:
    """Accept the gap that a restore left, if any, and verify the whole log. The cluster runs.

    Nothing is sealed here: that writes outside, and a rehearsal must leave nothing there.
    """
    if not any(any(place.iterdir()) for place in witnesses if place.is_dir()):
        return Aftermath(gap="", verified=True, told="nothing was ever sealed")
    recovered = _audit(environment, "recover", "--reason", reason)
    if recovered.returncode != 0 and NO_GAP not in recovered.stderr:
        return Aftermath(gap="", verified=False, told=recovered.stderr.strip()[-500:])
    gap = recovered.stdout.strip() if recovered.returncode == 0 else ""
    verdict = _audit(environment, "verify", "--json")
    try:
        fine = bool(json.loads(verdict.stdout)["ok"])
    except (ValueError, KeyError):
        fine = False
    return Aftermath(gap=gap, verified=fine, told=(verdict.stdout or verdict.stderr).strip()[-500:])


def _audit(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        python("portal", "audit", *arguments),
        env=dict(environment),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
