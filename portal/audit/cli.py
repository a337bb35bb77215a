"""`portal audit …`: seal, checkpoint, export, verify, prove, recover."""

import getpass
import json
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.audit.commands import Post
    from portal.audit.queries.outside import Place
    from portal.audit.rules.checkpoint import VerifierKey
    from portal.audit.values import Actor
    from portal.config import Settings
    from portal.core.db import Database


@click.group()
def audit() -> None:
    """Seal, export and verify the audit log."""


@audit.command()
@click.option("--forever", is_flag=True, help="Keep sealing until told to stop; otherwise one pass.")
def seal(*, forever: bool) -> None:
    """Number, chain and sign what was recorded. Needs the sealer's database role and the signing key."""
    from portal.audit.commands import seal_forever, seal_once
    from portal.core.clock import real_now

    settings = _settings()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s")
    post = _post(settings)
    with _refusals():
        if not forever:
            report = seal_once(post, now=real_now())
            click.echo(f"sealed {report.sealed}, size {report.size}, signed up to {report.checkpoint_size}")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        seal_forever(post, clock=real_now, stop=stop)


@audit.command()
@click.option("--words", is_flag=True, help="Print the twelve words of the daily code instead.")
def checkpoint(*, words: bool) -> None:
    """Print the newest signed checkpoint as it stands outside the database."""
    from portal.audit.commands import newest_note
    from portal.audit.rules.checkpoint import code_words

    places, key = _outside(_settings())
    note = newest_note(places, key)
    if note is None:
        raise click.ClickException("尚无检查点。 No checkpoint has been signed yet.")
    click.echo(" ".join(code_words(note)) if words else note, nl=words)


@audit.command()
def key() -> None:
    """Print the published key in the form that audit_verify.py reads. Keep your own copy."""
    _, found = _outside(_settings())
    click.echo(found.text)


@audit.command()
@click.option("--from", "first", type=click.IntRange(min=1), default=1, show_default=True, help="First entry.")
@click.option("--to", "last", type=click.IntRange(min=1), default=None, help="Last entry; default: all that is signed.")
@click.option("--reason", default="", help="Why; it is recorded with the export.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Default: standard output.")
def export(*, first: int, last: int | None, reason: str, output: Path | None) -> None:
    """Write the log, or a part of it, for the stand-alone verifier. The export itself is recorded."""
    from portal.audit.queries.export import export_segment
    from portal.audit.values import LOG_EXPORT

    settings = _settings()
    with _refusals(), _reading(settings, tag=LOG_EXPORT, label=f"{first}–{last or ''}", reason=reason) as session:
        lines = export_segment(session.connection(), origin=settings.audit_origin, first=first, last=last)
        if output is None:
            for line in lines:
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        partial = output.with_name(output.name + ".partial")
        with partial.open("wb") as stream:
            stream.writelines(lines)
        partial.rename(output)


@audit.command()
@click.argument("seq", type=click.IntRange(min=1))
def proof(*, seq: int) -> None:
    """Print the proof that entry SEQ is in the signed log."""
    from portal.audit.queries.export import entry_proof
    from portal.audit.values import PROOF_DOWNLOAD

    with _refusals(), _reading(_settings(), tag=PROOF_DOWNLOAD, label=str(seq)) as session:
        sys.stdout.buffer.write(entry_proof(session.connection(), seq=seq))


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(*, as_json: bool) -> None:
    """Read the whole sealed log against everything signed. Exit status 1 names the first bad sequence number."""
    from portal.audit.operations.verifying import record_verdict
    from portal.audit.queries.verification import verify_log

    settings = _settings()
    places, verifier_key = _outside(settings)
    database = _database(settings)

    def progress(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} / {total:,}", nl=False, err=True)

    from portal.core.clock import utcnow
    from portal.core.scope import EVERYTHING

    with database.session(EVERYTHING) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        verdict = verify_log(session.connection(), places=places, key=verifier_key, progress=progress)
    with database.transaction() as session:
        record_verdict(session, actor=_operator(), verdict=verdict, now=utcnow())
    if as_json:
        shown = {"ok": verdict.ok, "checked": verdict.checked, "size": verdict.size, "signed": verdict.checkpoint_size}
        click.echo(json.dumps({**shown, "first_bad": verdict.first_bad, "problem": verdict.problem}))
    elif verdict.ok:
        click.echo(f"OK {verdict.checked} entries, signed up to {verdict.checkpoint_size}, root {verdict.root}")
    else:
        where = "" if verdict.first_bad is None else f" first bad sequence number {verdict.first_bad}:"
        click.echo(f"BAD{where} {verdict.problem} {dict(verdict.data) or ''}".rstrip())
    sys.exit(0 if verdict.ok else 1)


@audit.command()
@click.option("--reason", required=True, help="Which restore lost the end of the log, and who decided to go on.")
def recover(*, reason: str) -> None:
    """After a restore to an earlier moment: continue from the newest outside checkpoint, leaving the gap visible.

    Stop web, workers and sealer first. See deploy/runbooks/audit-break.md.
    """
    from portal.audit.commands import recover as run
    from portal.audit.operations import record
    from portal.audit.values import LOG_GAP, FieldChange, SubjectRef
    from portal.core.clock import utcnow

    settings = _settings()
    with _refusals():
        first, last = run(_post(settings))
    changes = [FieldChange(name="first_lost", new=first), FieldChange(name="last_lost", new=last)]
    with _database(settings).transaction() as session:
        subject = SubjectRef("audit_log", settings.audit_origin, f"{first}–{last}")
        record(session, actor=_operator(), tag=LOG_GAP, subject=subject, reason=reason, changes=changes, now=utcnow())
    click.echo(f"entries {first} to {last} stand without content; the log continues after {last}")


# ---- what the commands share -----------------------------------------------------------------------------------------


def _settings() -> "Settings":
    from portal.config import load_settings
    from portal.core import clock, crash

    settings = load_settings()
    if settings.profile == "check":
        clock.install_shift(settings.clock)
        if settings.crash:
            crash.arm(settings.crash)
    return settings


def _post(settings: "Settings") -> "Post":
    from portal.audit.commands import Post
    from portal.audit.operations.signing import load_signer
    from portal.audit.queries.outside import places_of

    if not settings.sealer_database_url or settings.audit_key_file is None:
        raise click.UsageError("PORTAL_SEALER_DATABASE_URL and PORTAL_AUDIT_KEY_FILE are needed to seal")
    if not settings.audit_witness_dirs:
        raise click.UsageError("PORTAL_AUDIT_WITNESS_DIRS names no place outside the database")
    signer = load_signer(settings.audit_key_file, settings.audit_origin)
    return Post(url=settings.sealer_database_url, signer=signer, places=places_of(settings.audit_witness_dirs))


def _outside(settings: "Settings") -> "tuple[tuple[Place, ...], VerifierKey]":
    from portal.audit.queries.outside import load_verifier_key, places_of

    if settings.audit_public_key_file is None or not settings.audit_witness_dirs:
        raise click.UsageError("PORTAL_AUDIT_PUBLIC_KEY_FILE and PORTAL_AUDIT_WITNESS_DIRS are needed")
    return places_of(settings.audit_witness_dirs), load_verifier_key(
        settings.audit_public_key_file, settings.audit_origin
    )


def _database(settings: "Settings") -> "Database":
    from portal.core.db import open_database

    return open_database(settings)


@contextmanager
def _reading(settings: "Settings", *, tag: str, label: str, reason: str = "") -> "Iterator[Session]":
    """A session that reads everything, after the reading itself was recorded."""
    from portal.audit.operations import record
    from portal.audit.values import SubjectRef
    from portal.core.clock import utcnow
    from portal.core.scope import EVERYTHING

    database = _database(settings)
    with database.transaction() as session:
        subject = SubjectRef("audit_log", settings.audit_origin, label)
        record(session, actor=_operator(), tag=tag, subject=subject, reason=reason or None, now=utcnow())
    with database.session(EVERYTHING) as session:
        yield session
    database.dispose()


def _operator() -> "Actor":
    from portal.audit.values import Actor

    return Actor(name=f"operator:{getpass.getuser()}")


@contextmanager
def _refusals() -> Iterator[None]:
    from portal.audit.operations.sealing import SealerBusy
    from portal.core.errors import PortalError

    try:
        yield
    except SealerBusy as busy:
        raise click.ClickException(f"另一个封存进程正在运行。 {busy}.") from busy
    except PortalError as refusal:
        raise click.ClickException(f"{refusal.code} {dict(refusal.data) or ''}".rstrip()) from refusal
