"""The operator's command tree. Each command is imported when it is called, so that `--help` stays quick."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

import portal
from portal.launcher.speech import Refusal, refuse

# Where a command is defined. A feature adds its own group in `portal/<package>/cli.py` and one line here.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "up": ("portal.launcher.cli:up", "Run a whole portal on this machine until Ctrl-C."),
    "status": ("portal.launcher.cli:status", "Show which processes run and whether the portal answers."),
    "db": ("portal.launcher.cli:db", "Bring the schema up to date."),
    "first-admins": ("portal.accounts.cli:first_admins", "Open the three administrators' accounts of an empty portal."),
    "backup": ("portal.launcher.cli:backup", "Take a backup of a running portal."),
    "restore": ("portal.launcher.cli:restore", "Rebuild a stopped portal as it was at a moment."),
    "restore-check": ("portal.launcher.cli:restore_check", "Restore the newest backup aside and check what it holds."),
    "crash-points": ("portal.launcher.cli:crash_points", "List the places where the check profile can be killed."),
    "routes": ("portal.outline:routes", "Print every route with its permission."),
    "policy": ("portal.outline:policy", "Print who may do what."),
    "rules": ("portal.regulation.cli:rules", "Check the regulation profiles."),
    "audit": ("portal.audit.cli:audit", "Seal, export and verify the audit log."),
    "demo": ("portal.demo.cli:demo", "The demonstration city and its simulated cameras."),
    "seed-check": ("portal.demo.cli:seed_check", "Load the small fixture world that outside checks use."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: Any = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{module}:{attribute} is not a command")
        return found

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help from the table: nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(portal.__version__, prog_name="portal")
@click.option(
    "--of",
    "joined",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Run the command with the settings of the portal that `up` keeps in this directory.",
)
def commands(joined: Path | None) -> None:
    """Citywide registry and oversight portal for CCTV."""
    if joined is not None:
        from portal.launcher.environment import environments_of
        from portal.launcher.layout import Layout

        os.environ.update(environments_of(Layout(joined.absolute())).everything())


def main() -> None:
    """Run one command; a refusal is said in both languages and ends with status 1."""
    try:
        commands(prog_name="portal")
    except Refusal as refusal:
        refuse(refusal)
        sys.exit(1)
    except ValueError as fault:
        # Imported here because --help should not wait for it.
        from pydantic import ValidationError

        if not isinstance(fault, ValidationError):
            raise
        refuse(_bad_settings(fault.errors(include_input=False)))
        sys.exit(1)


def _bad_settings(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    """Names each setting that is missing or wrong, never its value."""
    named = "; ".join(f"PORTAL_{str(error['loc'][0]).upper()} ({error['msg']})" for error in errors if error["loc"])
    return Refusal(f"设置缺失或有误：{named}", f"settings are missing or wrong: {named}")
