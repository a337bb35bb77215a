"""Taking files in, setting them aside, erasing them, and clearing what nothing refers to.

The caller's feature has checked the permission. An upload is examined before the database is touched; its bytes are on
disk before its row is written, so that a row never points to nothing. Bytes without a row are swept a day later.
"""

import io
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.operations import record
from portal.audit.values import Actor, SubjectRef
from portal.core.crypto import SealBroken
from portal.core.digest import Digester, Digests, chunks, digests_of
from portal.core.errors import Invalid, Problem
from portal.core.services import services
from portal.vault import values
from portal.vault.antivirus import scan
from portal.vault.intake import COPY, ORIGINAL, examine_in_sandbox
from portal.vault.models import StoredFile
from portal.vault.queries import blob_store, bytes_of_unit, get_file, part_store, referred_to
from portal.vault.sandbox import job_directory
from portal.vault.sealed import PIECE_BYTES
from portal.vault.values import KIND_POLICIES, FileKind, FileState, FileType, Inspection, Refusal, Refused, Secrecy

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ORPHAN_AGE = timedelta(days=1)
MOST_SWEPT = 1000
SCRATCH_AGE = timedelta(hours=1)
UNIT_QUOTA_BYTES = 20 * 1024**3


class UploadRefused(Invalid):
    """The file cannot be taken; its one problem carries a code that begins with `file_`, and what the sentence needs."""

    def __init__(self, field: str, refused: Refused) -> None:
        super().__init__([Problem(field, f"file_{refused.code}", values.readable(refused.data))])


def store_upload(
    session: Session,
    *,
    actor: Actor,
    stream: BinaryIO,
    filename: str,
    kind: FileKind,
    now: datetime,
    unit_id: UUID | None = None,
    district: str | None = None,
    organ_id: UUID | None = None,
    secrecy: Secrecy | None = None,
    field: str = "file",
    shown_edge: int = 0,
) -> StoredFile:
    """Take an upload in; of a picture a copy no longer than `shown_edge` is shown, if that is given. Raises UploadRefused at `field`, or Unavailable when a configured virus scanner does not answer."""
    policy = KIND_POLICIES[kind]
    store = blob_store(session)
    try:
        with job_directory(store.scratch) as workdir:
            digests = _receive(stream, workdir / ORIGINAL, most_bytes=policy.most_bytes)
            if services(session).clamd_socket:
                scan(workdir / ORIGINAL, address=services(session).clamd_socket)
            found = examine_in_sandbox(workdir, kind, shown_edge)
            copy = digests_of(workdir / COPY) if found.has_copy else None
            if unit_id is not None:
                _check_quota(session, unit_id, digests.size)
            _hold(session, digests.sha256, copy.sha256 if copy else None)
            store.put(workdir / ORIGINAL, digests.sha256)
            if copy is not None:
                store.put(workdir / COPY, copy.sha256)
    except Refused as refused:
        raise UploadRefused(field, refused) from refused
    place = {"unit_id": unit_id, "district": district, "organ_id": organ_id}
    row = _row(
        kind=kind, filename=filename, digests=digests, copy=copy, found=found, actor=actor,
        secrecy=secrecy or policy.secrecy, place=place, now=now,
    )  # fmt: skip
    return _keep(session, row, actor=actor, now=now)


def keep_paper(
    session: Session,
    *,
    actor: Actor,
    content: bytes,
    filename: str,
    now: datetime,
    unit_id: UUID | None = None,
    district: str | None = None,
    organ_id: UUID | None = None,
    secrecy: Secrecy = Secrecy.INTERNAL,
) -> StoredFile:
    """Keep a paper the portal has set itself: a PDF that needs no examination."""
    if not content.startswith(b"%PDF-"):
        raise ValueError("a paper of the portal is a PDF")
    store = blob_store(session)
    with job_directory(store.scratch) as workdir:
        digests = _receive(io.BytesIO(content), workdir / ORIGINAL, most_bytes=KIND_POLICIES[FileKind.PAPER].most_bytes)
        _hold(session, digests.sha256)
        store.put(workdir / ORIGINAL, digests.sha256)
    found = Inspection(type=FileType.PDF, has_copy=False)
    place = {"unit_id": unit_id, "district": district, "organ_id": organ_id}
    row = _row(
        kind=FileKind.PAPER, filename=filename, digests=digests, copy=None, found=found, actor=actor,
        secrecy=secrecy, place=place, now=now,
    )  # fmt: skip
    return _keep(session, row, actor=actor, now=now)


def keep_again(
    session: Session, stored: StoredFile, *, actor: Actor, unit_id: UUID, district: str, now: datetime
) -> StoredFile:
    """The bytes of a kept file once more, as another unit's file: they were examined when they came."""
    _hold(session, stored.sha256, stored.shown_sha256)
    own = {"id", "unit_id", "district", "organ_id", "created_by", "created_by_person", "created_by_name", "created_at"}
    row = StoredFile(
        **{column.key: getattr(stored, column.key) for column in StoredFile.__table__.c if column.key not in own},
        unit_id=unit_id,
        district=district,
        created_by=actor.account_id,
        created_by_person=actor.person_id,
        created_by_name=actor.name[:120],
        created_at=now,
    )
    return _keep(session, row, actor=actor, now=now)


def keep_export(
    session: Session, *, actor: Actor, made: Path, type_: FileType, filename: str, now: datetime
) -> StoredFile:
    """Keep a file the portal has written for one person: sealed, in nobody else's reach, erased when it has expired."""
    store, policy = blob_store(session), KIND_POLICIES[FileKind.EXPORT]
    digests = digests_of(made)
    _hold(session, digests.sha256)
    store.put(made, digests.sha256)
    row = _row(
        kind=FileKind.EXPORT, filename=filename, digests=digests, copy=None,
        found=Inspection(type=type_, has_copy=False), actor=actor, secrecy=policy.secrecy, place={}, now=now,
    )  # fmt: skip
    return _keep(session, row, actor=actor, now=now)


def keep_footage(
    session: Session,
    *,
    actor: Actor,
    upload_id: UUID,
    size: int,
    filename: str,
    unit_id: UUID,
    organ_id: UUID | None,
    now: datetime,
) -> StoredFile:
    """Keep footage that arrived in parts, in the format it came in: digested, then sealed, in bounded memory.

    It is read twice, because the seal is bound to the digest. It is not examined: nothing here opens or shows it, and
    who plays it does so with the player named, on a computer of theirs. Raises SealBroken when a part was altered.
    """
    store, parts = blob_store(session), part_store(session)
    digests = digests_of(parts.pieces(upload_id, size))
    if digests.size != size:
        raise SealBroken("an upload is not as long as its parts were")
    _hold(session, digests.sha256)
    store.put_stream(io.BufferedReader(_Joined(parts.pieces(upload_id, size)), PIECE_BYTES), digests.sha256)
    row = _row(
        kind=FileKind.FOOTAGE, filename=filename, digests=digests, copy=None,
        found=Inspection(type=FileType.NATIVE, has_copy=False), actor=actor,
        secrecy=KIND_POLICIES[FileKind.FOOTAGE].secrecy, place={"unit_id": unit_id, "organ_id": organ_id}, now=now,
    )  # fmt: skip
    return _keep(session, row, actor=actor, now=now)


class _Joined(io.RawIOBase):
    """Pieces as one stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        self._rest = self._rest or next(self._pieces, b"")
        given = self._rest[: len(view)]
        view[: len(given)], self._rest = given, self._rest[len(given) :]
        return len(given)


def quarantine_file(session: Session, *, actor: Actor, file_id: UUID, reason: str, now: datetime) -> StoredFile:
    """Stop showing a file that turned out to be harmful; its bytes stay, sealed, as evidence."""
    stored = get_file(session, file_id)
    if stored.state == FileState.KEPT:
        stored.state = FileState.QUARANTINED
        _record(session, stored, values.FILE_QUARANTINED, actor=actor, reason=reason, now=now)
    return stored


def erase_file(session: Session, *, actor: Actor, file_id: UUID, reason: str, now: datetime) -> StoredFile:
    """Give the content up. The sweep removes the bytes after the commit, once no other file has the same content."""
    stored = get_file(session, file_id)
    if stored.state != FileState.ERASED:
        stored.state = FileState.ERASED
        _record(session, stored, values.FILE_ERASED, actor=actor, reason=reason, now=now)
    return stored


def sweep(session: Session, *, now: datetime) -> int:
    """Remove bytes that no row refers to (erased, or of a request that failed) and what killed jobs left behind."""
    store = blob_store(session)
    removed = store.sweep_scratch(SCRATCH_AGE, now=now)
    old = store.older_than(ORPHAN_AGE, now=now)
    while removed < MOST_SWEPT and (batch := list(islice(old, 500))):
        # Asked without locks first: the server holds some thousand locks a transaction, a store far more contents.
        for digest in sorted(set(batch) - referred_to(session, batch)):
            # An upload of the same content holds the lock until its row is committed; then this is no orphan.
            if session.scalar(_TRY_LOCK, {"digest": digest}) and not referred_to(session, [digest]):
                removed += store.erase(digest)
    return removed


_TRY_LOCK = text("select pg_try_advisory_xact_lock(hashtextextended('vault:' || :digest, 0))")
_SHARED_LOCK = text("select pg_advisory_xact_lock_shared(hashtextextended('vault:' || :digest, 0))")


def _hold(session: Session, *digests: str | None) -> None:
    """Until the transaction ends no sweep takes these contents. Shared, so that uploads never wait for each other."""
    for digest in digests:
        if digest is not None:
            session.execute(_SHARED_LOCK, {"digest": digest})


def _receive(stream: BinaryIO, path: Path, *, most_bytes: int) -> Digests:
    digester = Digester()
    with path.open("xb") as out:
        for piece in chunks(stream):
            digester.update(piece)
            if digester.size > most_bytes:
                raise Refused(Refusal.TOO_LARGE, most=most_bytes)
            out.write(piece)
    digests = digester.digests()
    if digests.size == 0:
        raise Refused(Refusal.EMPTY)
    return digests


def _check_quota(session: Session, unit_id: UUID, size: int) -> None:
    used = bytes_of_unit(session, unit_id)
    if used + size > UNIT_QUOTA_BYTES:
        raise Refused(Refusal.QUOTA, used=used, most=UNIT_QUOTA_BYTES)


def _row(
    *,
    kind: FileKind,
    filename: str,
    digests: Digests,
    copy: Digests | None,
    found: Inspection,
    actor: Actor,
    secrecy: Secrecy,
    place: Mapping[str, object],
    now: datetime,
) -> StoredFile:
    return StoredFile(
        kind=kind,
        type=found.type,
        declared_name=declared_name(filename, found.type),
        sha256=digests.sha256,
        sm3=digests.sm3,
        size=digests.size,
        shown_sha256=copy.sha256 if copy else None,
        shown_size=copy.size if copy else None,
        facts=dict(found.facts),
        secrecy=secrecy,
        state=FileState.KEPT,
        created_by=actor.account_id,
        created_by_person=actor.person_id,
        created_by_name=actor.name[:120],
        created_at=now,
        **place,
    )


def declared_name(filename: str, kind: FileType) -> str:
    """The uploader's name for the file, without path, controls or a false suffix."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(char for char in name if unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    stem = name.rpartition(".")[0] if "." in name else name
    if kind is FileType.NATIVE:
        # A recorder's own format has a suffix that the player goes by.
        return name.strip(" .")[-200:] or "file"
    return (stem.strip(" .") or "file")[:190] + kind.suffix


def _keep(session: Session, stored: StoredFile, *, actor: Actor, now: datetime) -> StoredFile:
    session.add(stored)
    session.flush()
    _record(session, stored, values.FILE_STORED, actor=actor, reason=None, now=now)
    return stored


def _record(session: Session, stored: StoredFile, tag: str, *, actor: Actor, reason: str | None, now: datetime) -> None:
    subject = SubjectRef("file", stored.id, stored.declared_name)
    record(
        session, actor=actor, tag=tag, subject=subject, unit_id=stored.unit_id, district=stored.district,
        reason=reason, now=now,
    )  # fmt: skip
