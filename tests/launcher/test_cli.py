"""The command tree: every command can be imported, and the outlines tell the truth."""

import json
import os
import subprocess
import sys

import click
import pytest

from portal.accounts.permissions import Permission
from portal.app import PortalApp
from portal.cli import COMMANDS, commands
from portal.core.crash import POINTS
from portal.launcher.processes import ROOT
from portal.outline import list_policy, list_routes


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **more}
    argv = [sys.executable, "-m", "portal", *arguments]
    return subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_can_be_imported(name: str) -> None:
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    assert command.help


def test_help_imports_no_feature() -> None:
    code = "import sys; import portal.cli; portal.cli.commands(['--help'], standalone_mode=False); print('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")


def test_routes_are_listed_without_any_setting(app: PortalApp) -> None:
    listed = json.loads(run("routes", "--json").stdout)
    assert listed == json.loads(json.dumps(list_routes(app)))
    assert {each["endpoint"] for each in listed} == set(app.view_functions)
    for each in listed:
        assert (each["permission"] is None) != (each["public"] is None)


def test_policy_lists_every_permission_and_some_role_for_each() -> None:
    listed = list_policy()
    assert [each["permission"] for each in listed] == sorted(Permission)
    assert all(each["grants"] for each in listed)


def test_crash_points_are_listed() -> None:
    assert json.loads(run("crash-points", "--json").stdout) == POINTS


def test_a_refusal_speaks_both_languages() -> None:
    done = run("restore-check", "--data", "var/no-such-portal")
    assert done.returncode == 1
    assert "错误：" in done.stderr
    assert "Error: " in done.stderr


def test_a_missing_setting_is_named() -> None:
    done = run("db", "upgrade")
    assert done.returncode != 0
    assert "PORTAL_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_the_simulated_cameras_may_be_probed_by_default() -> None:
    from portal.demo.plan import NETWORK
    from portal.launcher.environment import SIMULATED_CAMERAS

    assert SIMULATED_CAMERAS == NETWORK
