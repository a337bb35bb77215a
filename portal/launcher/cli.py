"""Commands that run, watch, save and restore a portal."""

import json
import sys
import time
from datetime import datetime
from pathlib import Path

import click

# How long a newly stored document may stand without a copy.
FOLLOW_SECONDS = 15

DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/portal"),
    show_default=True,
    help="The portal's directory.",
)


@click.command()
@DATA
@click.option("--profile", type=click.Choice(["demo", "check"]), default="demo", show_default=True)
@click.option("--port", "--port-base", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--bind", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--cameras", type=click.IntRange(0, 2_000_000), default=None, help="Size of the demonstration city.")
@click.option("--demo/--no-demo", default=True, help="Load the demonstration city on the first start.")
@click.option("--reset", is_flag=True, help="Remove all data first.")
def up(*, data: Path, profile: str, port: int, bind: str, cameras: int | None, demo: bool, reset: bool) -> None:
    """Run a whole portal on this machine until Ctrl-C."""
    from portal.launcher.up import Wishes
    from portal.launcher.up import up as run

    run(Wishes(data=data, profile=profile, bind=bind, port=port, demo=demo, cameras=cameras, reset=reset))


@click.command()
@DATA
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(*, data: Path, as_json: bool) -> None:
    """Show which processes run and whether the portal answers. Exit status 0 when all is well."""
    from portal.launcher.status import is_well
    from portal.launcher.status import status as look

    found = look(data)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        print(f"running: {'yes' if found['running'] else 'no'}   {found['address'] or ''}")
        for name, process in found["processes"].items():
            state = "up  " if process["alive"] else "DOWN"
            print(f"  {state} {name:14} {' '.join(str(pid) for pid in process['pids'])}")
        print(f"  /healthz {found['health']}   /readyz {found['readiness']}")
    sys.exit(0 if is_well(found) else 1)


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Run the migrations that the database has not seen, and hand it the scope key."""
    from portal.config import load_settings
    from portal.launcher.schema import install_scope_key
    from portal.launcher.schema import upgrade as run

    settings = load_settings()
    if not settings.owner_database_url:
        raise click.UsageError("PORTAL_OWNER_DATABASE_URL is not set: it names the role that owns the tables")
    run(settings.owner_database_url)
    install_scope_key(settings.owner_database_url, settings.scope_key.encode())


@click.command("crash-points")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def crash_points(*, as_json: bool) -> None:
    """List the places where a process of the check profile can be killed with PORTAL_CRASH=name[:n] or =@directory."""
    from portal.core.crash import POINTS

    if as_json:
        print(json.dumps(POINTS, indent=1))
        return
    for name, where in POINTS.items():
        print(f"{name:26} {where}")


BACKUPS = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="The backups directory, when it is not DATA/backups.",
)


@click.command()
@DATA
@click.option("--keep", type=click.IntRange(1, 1000), default=7, show_default=True, help="How many backups stay.")
@click.option("--follow", is_flag=True, help="Do not take a backup: keep copying newly stored documents.")
def backup(*, data: Path, keep: int, follow: bool) -> None:
    """Take a backup of a running portal. From its end on, any second can be restored."""
    from portal.core.clock import real_now
    from portal.launcher import backup as saving
    from portal.launcher.layout import Layout

    layout = Layout(data.absolute())
    while follow:
        saving.follow(layout)
        time.sleep(FOLLOW_SECONDS)
    note = saving.backup(layout, keep=keep, now=real_now())
    print(f"{layout.backups / note.name}  {note.finished}")


@click.command()
@DATA
@BACKUPS
@click.option("--to", "moment", required=True, help="A moment such as 2026-11-21T09:30:00+08:00, or: latest.")
@click.option("--reason", default="", help="Why, and who decided; it goes into the audit log with the gap.")
def restore(*, data: Path, source: Path | None, moment: str, reason: str) -> None:
    """Rebuild a stopped portal as it was at a moment. The data that is there now is set aside, not removed."""
    from portal.launcher.archive import Archive
    from portal.launcher.layout import Layout
    from portal.launcher.restore import restore as run

    layout = Layout(data.absolute())
    archive = Archive(source or layout.backups)
    done = run(layout, archive=archive, to=_moment(moment), reason=reason or f"restore to {moment}")
    print(f"restored from {done.note.name} to {moment}; the data before it: {done.aside or 'none'}")
    print(f"audit log: {'verified' if done.audit.verified else 'NOT VERIFIED'}  {done.audit.gap}  {done.audit.told}")
    sys.exit(0 if done.audit.verified else 1)


def _moment(text: str) -> datetime | None:
    if text == "latest":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--to: not a moment: {text}") from error
    if moment.tzinfo is None:
        raise click.UsageError("--to: add the offset, for example +08:00")
    return moment


@click.command("restore-check")
@DATA
@BACKUPS
def restore_check(*, data: Path, source: Path | None) -> None:
    """Restore the newest backup aside, check it and remove it again. Exit status 0 when all is well."""
    from portal.launcher.archive import Archive
    from portal.launcher.layout import Layout
    from portal.launcher.restore import check

    layout = Layout(data.absolute())
    found = check(layout, archive=Archive(source or layout.backups))
    print(json.dumps(found, indent=1))
    sys.exit(0 if found["well"] else 1)
