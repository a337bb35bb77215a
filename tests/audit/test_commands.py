"""The commands as an operator runs them: separate processes, exit codes, a kill in the worst moment, a lost tail."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.audit.cli import audit
from portal.config import Settings
from portal.core.crash import POINTS
from tests.audit.conftest import LogRoom
from tests.audit.specimen import VERIFIER

ROOT = VERIFIER.parents[1]


class Operator:
    """A shell with the settings of the room's portal."""

    def __init__(self, room: LogRoom) -> None:
        self.room = room
        settings: Settings = room.settings
        self.environment = {
            "PATH": os.environ["PATH"],
            "PORTAL_PROFILE": "check",
            "PORTAL_DATABASE_URL": settings.database_url,
            "PORTAL_SEALER_DATABASE_URL": settings.sealer_database_url,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "PORTAL_SECRET_KEY": settings.secret_key,
            "PORTAL_SCOPE_KEY": settings.scope_key,
            "PORTAL_FIELD_KEYS_DIR": str(settings.field_keys_dir),
            "PORTAL_AUDIT_KEY_FILE": str(settings.audit_key_file),
            "PORTAL_AUDIT_PUBLIC_KEY_FILE": str(settings.audit_public_key_file),
            "PORTAL_AUDIT_ORIGIN": "anyang.test/audit",
            "PORTAL_AUDIT_WITNESS_DIRS": ",".join(str(place.directory) for place in room.places),
        }

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "portal", "audit", *arguments],
            cwd=ROOT,
            env={**self.environment, **extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str, **extra: str) -> tuple[int, bytes, bytes]:
        """In this process: starting one for each command costs seconds and proves nothing more."""
        done = CliRunner().invoke(audit, arguments, env={**self.environment, **extra})
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout_bytes, done.stderr_bytes

    def good(self, *arguments: str) -> bytes:
        code, out, err = self.run(*arguments)
        assert code == 0, err.decode()
        return out


@pytest.fixture
def operator(room: LogRoom) -> Operator:
    return Operator(room)


def test_from_record_to_the_verifiers_word(operator: Operator, tmp_path: Path) -> None:
    operator.room.stage(5)
    assert b"sealed 5, size 5, signed up to 5" in operator.good("seal")
    (tmp_path / "audit.pub").write_bytes(operator.good("key"))
    (tmp_path / "cp").write_bytes(operator.good("checkpoint"))
    (tmp_path / "export.jsonl").write_bytes(operator.good("export", "--reason", "年度检查"))
    (tmp_path / "proof.json").write_bytes(operator.good("proof", "3"))
    operator.good("export", "--from", "2", "--to", "4", "--output", str(tmp_path / "part.jsonl"))
    for arguments in (["export.jsonl"], ["proof.json"], ["part.jsonl", "--from", "2", "--to", "4"]):
        done = subprocess.run(
            [sys.executable, str(VERIFIER), *arguments, "--checkpoint", "cp", "--key", "audit.pub"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout[:2]) == (0, "OK"), done.stdout + done.stderr
    words = operator.good("checkpoint", "--words").decode().split()
    assert len(words) == 12
    # Reading the log is an act of its own.
    tags = operator.room.value(
        "select string_agg(tag || ' ' || coalesce(reason, ''), ', ' order by id) from audit_stage where tag <> 'audit:log:read'"
    )
    assert tags == "audit:log:export 年度检查, audit:proof:download , audit:log:export "


def test_verify_says_which_entry_and_exits_1(operator: Operator) -> None:
    operator.room.stage(5)
    operator.good("seal")
    assert operator.good("verify").startswith(b"OK 5 entries, signed up to 5, root ")
    operator.room.forge("update audit_entry set body = body || ' ' where seq = 4")
    code, out, _ = operator.run("verify")
    assert (code, out) == (1, b"BAD first bad sequence number 4: content_changed\n")
    code, out, _ = operator.run("verify", "--json")
    assert code == 1
    assert json.loads(out) == {
        "ok": False, "checked": 3, "size": 5, "signed": 0, "first_bad": 4, "problem": "content_changed",
    }  # fmt: skip
    assert (
        operator.room.value("select count(*) from audit_stage where tag = 'audit:log:verify' and outcome = 'failed'")
        == 2
    )


def test_missing_settings_and_impossible_ranges_are_said_plainly(operator: Operator) -> None:
    code, _, err = operator.run("seal", PORTAL_AUDIT_WITNESS_DIRS="")
    assert (code, b"PORTAL_AUDIT_WITNESS_DIRS" in err) == (2, True)
    code, _, err = operator.run("checkpoint")
    assert (code, b"No checkpoint" in err) == (1, True)
    code, _, err = operator.run("export", "--from", "9")
    assert (code, b"audit_nothing_signed" in err) == (1, True)
    code, _, err = operator.run("recover", "--reason", "x")
    assert (code, b"audit_nothing_to_recover" in err) == (1, True)
    assert b"Traceback" not in err


@pytest.mark.parametrize("point", [name for name in POINTS if name.startswith("audit.")])
def test_a_sealer_killed_at_its_worst_moment_loses_and_doubles_nothing(operator: Operator, point: str) -> None:
    room = operator.room
    room.stage(3)
    operator.good("seal")
    room.stage(4)
    process = operator.start("seal", PORTAL_CRASH=point)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    room.stage(2)
    operator.good("seal")
    assert room.value("select count(*) from audit_entry") == room.value("select max(seq) from audit_entry") == 9
    assert (
        room.value(
            "select count(*) from audit_stage s where not exists (select from audit_entry e where e.stage_id = s.id)"
        )
        == 0
    )
    assert operator.good("verify").startswith(b"OK 9 entries, signed up to 9")


def test_the_sealer_process_seals_on_its_own_and_signs_when_it_is_stopped(operator: Operator) -> None:
    room = operator.room
    process = operator.start("seal", "--forever")
    try:
        room.stage(3)
        wait_for(lambda: room.value("select count(*) from audit_entry") == 3)
        room.stage(2)
        wait_for(lambda: room.value("select count(*) from audit_entry") == 5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        told = process.communicate()
    assert room.value("select max(size) from audit_checkpoint") == 5, told


def test_after_a_lost_tail_the_log_goes_on_with_a_visible_gap(operator: Operator, tmp_path: Path) -> None:
    room = operator.room
    room.stage(6)
    operator.good("seal")
    proof = operator.good("proof", "2")
    # A restore to an earlier moment: the last two entries, and the acts behind them, never happened for the database.
    room.forge(
        "delete from audit_stage s using audit_entry e where e.stage_id = s.id and e.seq > 4",
        "delete from audit_entry where seq > 4",
        "delete from audit_checkpoint",
    )
    code, _, err = operator.run("seal")
    assert (code, b"audit_rolled_back" in err) == (1, True)
    assert b"entries 5 to 6 stand without content" in operator.good("recover", "--reason", "磁盘故障后恢复，局领导批准")
    room.stage(2)
    operator.good("seal")
    out = operator.good("verify")
    assert out.startswith(b"OK ")
    assert room.value("select count(*) from audit_stage where tag = 'audit:log:gap'") == 1
    (tmp_path / "audit.pub").write_bytes(operator.good("key"))
    (tmp_path / "export.jsonl").write_bytes(operator.good("export"))
    (tmp_path / "proof.json").write_bytes(proof)
    command = [sys.executable, str(VERIFIER), "--checkpoint", str(room.places[0].directory), "--key", "audit.pub"]
    done = [
        subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        for arguments in (["export.jsonl"], ["export.jsonl", "--lost", "5-6"], ["proof.json"])
    ]
    assert [one.returncode for one in done] == [1, 0, 0]
    assert "first bad sequence number 5" in done[0].stdout
    assert "WITHOUT CONTENT (hash only): 5 to 6, 2 in all" in done[1].stdout


def test_a_changed_database_is_not_recovered_as_if_it_had_been_restored(operator: Operator) -> None:
    """The mirror must lead from what is there to what was signed; otherwise filling the gap would hide a forgery."""
    room = operator.room
    room.stage(6)
    operator.good("seal")
    room.forge("delete from audit_entry where seq > 4", "update audit_entry set leaf = sha256('x') where seq = 2")
    code, _, err = operator.run("recover", "--reason", "x")
    assert (code, b"audit_mirror_unfit" in err) == (1, True)
    assert room.value("select count(*) from audit_entry") == 4


def wait_for(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.1)
