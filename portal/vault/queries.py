"""Reading stored files. Row-level security confines them; the calling feature has asked the permission table."""

import contextlib
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.core.services import services
from portal.vault.intake import ORIGINAL
from portal.vault.models import StoredFile
from portal.vault.parts import PartStore
from portal.vault.reading import SheetReading, read_rows
from portal.vault.sandbox import job_directory
from portal.vault.store import BlobStore
from portal.vault.values import FileKind, FileState, SheetLimits


def blob_store(session: Session) -> BlobStore:
    """The store of the session's portal."""
    its = services(session)
    return BlobStore(its.data_dir, its.envelope)


def part_store(session: Session) -> PartStore:
    """Where what arrives piece by piece is until it is whole."""
    its = services(session)
    return PartStore(its.data_dir, its.envelope)


def get_file(session: Session, file_id: UUID) -> StoredFile:
    """A stored file by its id, whatever its state. Raises NotFound, also for a row out of the session's scope."""
    found = session.get(StoredFile, file_id)
    if found is None:
        raise NotFound("file_unknown")
    return found


def files_by_id(session: Session, file_ids: Sequence[UUID]) -> dict[UUID, StoredFile]:
    """Several stored files in one statement; those out of scope are left out."""
    rows = session.scalars(select(StoredFile).where(StoredFile.id.in_(file_ids)))
    return {row.id: row for row in rows}


def content(session: Session, stored: StoredFile, *, original: bool = False) -> Iterator[bytes]:
    """The plain bytes, piece by piece: the cleaned copy, or on request the sealed original (for evidence)."""
    if stored.state != FileState.KEPT:
        raise NotFound(f"file_{stored.state}")
    return blob_store(session).pieces(stored.sha256 if original else stored.safe_digest)


@contextlib.contextmanager
def open_stored_sheet(
    session: Session, stored: StoredFile, *, sheet: str | None = None, limits: SheetLimits | None = None
) -> Iterator[SheetReading]:
    """Rows of a stored sheet, read in a child. Raises `Refused`; the plain copy is gone when the block ends."""
    if stored.state != FileState.KEPT:
        raise NotFound(f"file_{stored.state}")
    store = blob_store(session)
    with job_directory(store.scratch) as workdir:
        store.copy_out(stored.sha256, workdir / ORIGINAL)
        yield read_rows(workdir, sheet=sheet, limits=limits or SheetLimits())


def bytes_of_unit(session: Session, unit_id: UUID) -> int:
    """How much a unit's files take, for its quota; footage is bounded by request and by the room on the disk."""
    kept = select(func.coalesce(func.sum(StoredFile.size + func.coalesce(StoredFile.shown_size, 0)), 0))
    return int(
        session.scalar(
            kept.where(
                StoredFile.unit_id == unit_id, StoredFile.state != FileState.ERASED, StoredFile.kind != FileKind.FOOTAGE
            )
        )
        or 0
    )


def referred_to(session: Session, digests: Sequence[str]) -> set[str]:
    """Those of the contents that a file has which is not erased."""
    live = StoredFile.state != FileState.ERASED
    originals = select(StoredFile.sha256).where(StoredFile.sha256.in_(digests), live)
    copies = select(StoredFile.shown_sha256).where(StoredFile.shown_sha256.in_(digests), live)
    return {str(digest) for digest in session.scalars(originals.union(copies))}
