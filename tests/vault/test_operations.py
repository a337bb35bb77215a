"""An upload's whole way: in, checked, sealed, recorded, shown to those in scope, erased, swept."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.audit.values import Actor
from portal.core.clock import real_now
from portal.core.db import Database, narrow
from portal.core.digest import sha256_hex, sm3_hex
from portal.core.errors import NotFound, Unavailable
from portal.core.scope import EVERYTHING, DataScope
from portal.vault import operations
from portal.vault.models import StoredFile
from portal.vault.operations import (
    UploadRefused,
    declared_name,
    erase_file,
    keep_paper,
    quarantine_file,
    store_upload,
    sweep,
)
from portal.vault.queries import blob_store, bytes_of_unit, content, files_by_id, get_file, open_stored_sheet
from portal.vault.serving import send_stored_file
from portal.vault.values import FileKind, FileState, FileType, Secrecy
from tests.support.world import NOW, World
from tests.vault import hostile

UNIT_A, UNIT_B = UUID(int=0xA), UUID(int=0xB)


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


@pytest.fixture
def filer(world: World) -> Identity:
    return world.person("filer", Role.UNIT_FILER, name="赵敏", unit=world.unit("安阳职业学院"))


@pytest.fixture(autouse=True)
def _empty_store(database: Database) -> Iterator[None]:
    yield
    for path in sorted((database.services.data_dir).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def upload(session: Session, actor: Identity, data: bytes, **more: Any) -> StoredFile:
    options: dict[str, Any] = {
        "filename": "材料.pdf",
        "kind": FileKind.FILING_DOCUMENT,
        "now": NOW,
        "unit_id": UNIT_A,
        **more,
    }
    return store_upload(session, actor=actor.actor, stream=io.BytesIO(data), **options)


def tags(session: Session) -> list[str]:
    return list(session.scalars(text("select tag from audit_stage where tag like 'vault:%' order by at, id")))


def left_on_disk(session: Session) -> list[str]:
    store = blob_store(session)
    return [path.name for path in store.scratch.parent.rglob("*") if path.is_file()]


def test_a_kept_file_tells_all_about_itself(session: Session, filer: Identity) -> None:
    data = hostile.pdf(3, active=True)
    stored = upload(session, filer, data, filename="C:\\图纸\\一层.PDF", district="410502")
    assert (stored.file_type, stored.declared_name, stored.size) == (FileType.PDF, "一层.pdf", len(data))
    assert (stored.sha256, stored.sm3) == (sha256_hex(data), sm3_hex(data))
    assert stored.facts["pages"] == 3
    assert stored.secrecy == Secrecy.INTERNAL
    assert (stored.created_by, stored.created_by_name) == (filer.account_id, "赵敏")
    assert b"".join(content(session, stored, original=True)) == data
    shown = b"".join(content(session, stored))
    assert sha256_hex(shown) == stored.shown_sha256
    assert b"CanaryScript" not in shown
    assert tags(session) == ["vault:file:store"]


def test_only_sealed_bytes_remain_on_disk(session: Session, filer: Identity) -> None:
    data = hostile.workbook('<row r="1"><c r="A1" t="str"><v>CanaryCell</v></c></row>')
    stored = upload(session, filer, data, kind=FileKind.SHEET)
    assert left_on_disk(session) == [stored.sha256]
    assert data[:64] not in next(blob_store(session).scratch.parent.rglob(stored.sha256)).read_bytes()


@pytest.mark.parametrize(
    ("data", "kind", "code", "said"),
    [
        (b"", FileKind.LETTER, "file_empty", {}),
        (hostile.picture(), FileKind.SHEET, "file_type_not_allowed", {"found": "PNG", "allowed": "CSV, XLS, XLSX"}),
        (b"%PDF-" + b"0" * 16 * 1024 * 1024, FileKind.LETTER, "file_too_large", {"most": "15 MB"}),
        (hostile.pdf(password="x"), FileKind.LETTER, "file_encrypted_pdf", {}),
        (hostile.workbook("", macro=True), FileKind.SHEET, "file_macro_workbook", {}),
        (hostile.zip_bomb(), FileKind.SHEET, "file_bomb", {}),
        (hostile.pdf()[:300], FileKind.LETTER, "file_damaged", {}),
    ],
)
def test_a_refusal_names_field_code_and_data_and_leaves_nothing(
    session: Session, filer: Identity, *, data: bytes, kind: FileKind, code: str, said: dict[str, Any]
) -> None:
    with pytest.raises(UploadRefused) as refused:
        upload(session, filer, data, kind=kind, field="letter")
    problem = refused.value.problems[0]
    assert (problem.field, problem.code) == ("letter", code)
    assert said.items() <= problem.data.items()
    assert left_on_disk(session) == []
    assert tags(session) == []
    assert session.scalar(text("select count(*) from stored_file")) == 0


def test_the_same_content_is_kept_once_and_told_twice(session: Session, filer: Identity) -> None:
    data = hostile.picture(kind="JPEG")
    first = upload(session, filer, data)
    second = upload(session, filer, data, unit_id=UNIT_B)
    assert first.id != second.id
    assert first.sha256 == second.sha256
    assert len(left_on_disk(session)) == 2  # the original and its copy


def test_a_unit_has_a_quota(session: Session, filer: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = upload(session, filer, hostile.pdf())
    assert bytes_of_unit(session, UNIT_A) == stored.size + (stored.shown_size or 0)
    monkeypatch.setattr(operations, "UNIT_QUOTA_BYTES", bytes_of_unit(session, UNIT_A) + 10)
    with pytest.raises(UploadRefused, match="file_quota"):
        upload(session, filer, hostile.pdf(2))
    assert upload(session, filer, hostile.pdf(2), unit_id=UNIT_B)


def test_a_scanner_that_is_down_takes_nothing(session: Session, filer: Identity, tmp_path: Path) -> None:
    database: Database = session.info["database"]
    session.info["services"] = replace(database.services, clamd_socket=str(tmp_path / "absent.sock"))
    with pytest.raises(Unavailable, match="scanner_down"):
        upload(session, filer, hostile.pdf())
    assert left_on_disk(session) == []


def test_rows_are_seen_in_scope_only(session: Session, filer: Identity) -> None:
    mine = upload(session, filer, hostile.pdf(), unit_id=UNIT_A, district="410502")
    session.expunge_all()
    scopes = {
        DataScope(units=frozenset({UNIT_A})): True,
        DataScope(units=frozenset({UNIT_B})): False,
        DataScope(districts=frozenset({"410502"})): True,
        DataScope(districts=frozenset({"410503"})): False,
        DataScope(person=filer.person_id): True,
        DataScope(person=UUID(int=9)): False,
        DataScope(): False,
    }
    for scope, visible in scopes.items():
        narrow(session, scope)
        assert bool(files_by_id(session, [mine.id])) is visible, scope
        session.expunge_all()
        if not visible:
            with pytest.raises(NotFound):
                get_file(session, mine.id)
    narrow(session, EVERYTHING)


def test_rows_are_never_deleted(session: Session, filer: Identity) -> None:
    stored = upload(session, filer, hostile.pdf())
    with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
        session.execute(text("delete from stored_file where id = :id"), {"id": stored.id})


def test_a_file_set_aside_or_erased_is_no_longer_shown(session: Session, filer: Identity) -> None:
    harmful, old = upload(session, filer, hostile.pdf()), upload(session, filer, hostile.pdf(2))
    for _ in range(2):
        quarantine_file(session, actor=filer.actor, file_id=harmful.id, reason="later signature", now=NOW)
        erase_file(session, actor=filer.actor, file_id=old.id, reason="retention over", now=NOW)
    assert (harmful.state, old.state) == (FileState.QUARANTINED, FileState.ERASED)
    for stored, code in ((harmful, "file_quarantined"), (old, "file_erased")):
        with pytest.raises(NotFound, match=code):
            content(session, stored)
    assert tags(session) == ["vault:file:store"] * 2 + ["vault:file:quarantine", "vault:file:erase"]


def test_the_sweep_takes_orphans_and_erased_contents_alone(session: Session, filer: Identity) -> None:
    kept, erased = upload(session, filer, hostile.pdf()), upload(session, filer, hostile.located_photo())
    orphan = hostile.pdf(4)
    plain = blob_store(session).scratch.parent / "plain"
    plain.write_bytes(orphan)
    blob_store(session).put(plain, sha256_hex(orphan))
    plain.unlink()
    erase_file(session, actor=filer.actor, file_id=erased.id, reason="retention over", now=NOW)
    assert sweep(session, now=real_now()) == 0
    assert sweep(session, now=real_now() + timedelta(days=2)) == 3
    assert sorted(left_on_disk(session)) == sorted([kept.sha256, kept.safe_digest])


def test_an_erased_content_stays_while_another_file_has_it(session: Session, filer: Identity) -> None:
    data = hostile.pdf()
    first, second = upload(session, filer, data), upload(session, filer, data)
    erase_file(session, actor=filer.actor, file_id=first.id, reason="retention over", now=NOW)
    sweep(session, now=real_now() + timedelta(days=2))
    assert b"".join(content(session, second))


def test_a_sweep_cannot_take_what_is_being_uploaded(own_database: Database) -> None:
    """An upload holds its contents until its row is committed, even when the same bytes lay there for days."""
    data = hostile.pdf()
    later = real_now() + timedelta(days=2)
    with own_database.session(EVERYTHING) as uploading, own_database.session(EVERYTHING) as sweeping:
        stored = store_upload(
            uploading, actor=Actor.system("tests"), stream=io.BytesIO(data), filename="x", kind=FileKind.LETTER, now=NOW
        )
        assert sweep(sweeping, now=later) == 0
        sweeping.rollback()
        uploading.commit()
        assert sweep(sweeping, now=later) == 0
        erase_file(uploading, actor=Actor.system("tests"), file_id=stored.id, reason="retention over", now=NOW)
        uploading.commit()
        assert sweep(sweeping, now=later) == 2


def test_a_paper_of_the_portal_is_kept_as_it_is(session: Session, filer: Identity) -> None:
    data = hostile.pdf()
    paper = keep_paper(session, actor=filer.actor, content=data, filename="备案回执", unit_id=UNIT_A, now=NOW)
    assert (paper.kind, paper.declared_name, paper.shown_sha256) == (FileKind.PAPER, "备案回执.pdf", None)
    assert b"".join(content(session, paper)) == data
    with pytest.raises(ValueError, match="PDF"):
        keep_paper(session, actor=filer.actor, content=b"MZ", filename="x", now=NOW)


def test_a_stored_sheet_is_read_and_leaves_no_plain_copy(session: Session, filer: Identity) -> None:
    stored = upload(session, filer, "编号,名称\n1,东门\n".encode("gb18030"), kind=FileKind.SHEET, filename="摄像机.csv")
    with open_stored_sheet(session, stored) as reading:
        assert [row.cells for row in reading.rows()] == [("编号", "名称"), ("1", "东门")]
        assert reading.encoding == "gb18030"
    assert left_on_disk(session) == [stored.sha256]


def test_a_served_file_can_do_nothing(session: Session, filer: Identity) -> None:
    stored = upload(session, filer, hostile.pdf(active=True), filename='证明"; filename=x.html')
    with Flask("t").test_request_context():
        answer = send_stored_file(session, stored)
        body = b"".join(answer.response)  # type: ignore[arg-type]
    assert len(body) == int(answer.headers["Content-Length"])
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "filename*=UTF-8''%E8%AF%81%E6%98%8E" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert b"Canary" not in body


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"), ("a/b\\c.exe", "c.pdf"), ("", "file.pdf"), ("...", "file.pdf"), (".pdf", "file.pdf"),
        ("李𡒄\u202efdp.exe", "李𡒄fdp.pdf"), ("x" * 300, "x" * 190 + ".pdf"), ("a\r\nSet-Cookie: b", "aSet-Cookie: b.pdf"),
    ],
)  # fmt: skip
def test_names_are_made_harmless(given: str, kept: str) -> None:
    assert declared_name(given, FileType.PDF) == kept
