"""Footage that arrives over real HTTP: in parts, cut off and resumed, bounded, sealed before it touches the disk."""

import base64
import hashlib
import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.accounts.values import Role
from portal.app import create_app
from portal.core.clock import utcnow
from portal.core.crypto import SealBroken
from portal.core.db import Database
from portal.core.digest import sm3_hex
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.outbox import OutboxRow
from portal.core.scope import EVERYTHING
from portal.evidence.models import FootageItem, FootageRequest, FootageUpload, UploadWindow
from portal.evidence.operations import seal_set
from portal.evidence.operations.keeping import keep_upload, sweep_uploads
from portal.evidence.operations.uploads import begin_upload, close_window, open_window, register_upload
from portal.evidence.rules.uploads import Bounds, checksum, faults_of, may_add, metadata, whole_number
from portal.evidence.values.uploads import DISK_RESERVE, GIGABYTE, MOST_PARTS, PART_BYTES
from portal.evidence.views.tus import OFFSET_STREAM, _Arriving
from portal.vault.models import StoredFile
from portal.vault.parts import PartStore
from portal.vault.queries import blob_store, part_store
from tests.evidence.city import EvidenceCity
from tests.evidence.test_copies import problems
from tests.people import post
from tests.support.database import database_for, settings_for
from tests.support.dying import Died
from tests.support.services import Services
from tests.support.world import PASSWORD

MARK = "大华录像头部".encode()
CLIP = MARK + bytes(range(256)) * 3000


class Taking:
    """A running portal with one request being carried out, and the secret address of its operator."""

    def __init__(self, app: Any, database: Database, session: Session, city: EvidenceCity, port: int) -> None:
        self.app, self.database, self.session, self.city, self.port = app, database, session, city, port
        self.request: FootageRequest = city.assigned()
        city.unlock(self.request)
        session.commit()

    def window(self, operator: str = "海康技术员", files: int = 9) -> str:
        """A fresh secret address."""
        window, secret = open_window(
            self.session,
            actor=self.city.custodian,
            request_id=self.request.id,
            operator_name=operator,
            files_most=files,
            now=utcnow(),
        )
        self.session.commit()
        self.window_id = window.id
        return f"/receive/{secret}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
        """One request over a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in headers.items()}}
        line.request(method, path, body, {name: value for name, value in named.items() if value})
        answer = line.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        line.close()
        return answer

    def begin(self, address: str, size: int = len(CLIP), name: str = "东门.dav") -> str:
        """The address of a new upload."""
        told = base64.b64encode(name.encode()).decode()
        answer = self.ask("POST", address, Upload_Length=str(size), Upload_Metadata=f"filename {told}")
        assert answer.status == 201, answer.body  # type: ignore[attr-defined]
        return answer.headers["Location"]

    def send(self, upload: str, at: int, body: bytes, **headers: str) -> http.client.HTTPResponse:
        """One part."""
        return self.ask("PATCH", upload, body, **{"Upload_Offset": str(at), "Content_Type": OFFSET_STREAM, **headers})

    def offset(self, upload: str) -> int:
        """How far the portal says it is."""
        answer = self.ask("HEAD", upload)
        assert answer.status == 200
        return int(answer.headers["Upload-Offset"])

    def row(self, upload: str) -> FootageUpload:
        """The upload's row as it is now."""
        self.session.rollback()
        return self.session.get_one(FootageUpload, upload.rpartition("/")[2], populate_existing=True)

    def keep(self, upload: str) -> StoredFile:
        """What its job does once it is whole."""
        with self.database.transaction() as session:
            keep_upload(session, upload_id=self.row(upload).id, now=utcnow())
        stored = self.row(upload).stored_file_id
        assert stored is not None
        return self.session.get_one(StoredFile, stored)


@pytest.fixture(scope="module")
def taking(
    services: Services, worker_name: str, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Taking]:
    """A portal that really commits and really listens."""
    name = f"test_{worker_name}_uploads"
    services.clone_template(name)
    settings = settings_for(services, name, tmp_path_factory.mktemp("uploads"), broker=worker_number)
    database = database_for(settings)
    app = create_app(settings, database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with database.session(EVERYTHING) as session:
            yield Taking(app, database, session, EvidenceCity(session), server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        database.dispose()
        services.drop(name)


def test_a_file_arrives_in_parts_and_is_kept_as_it_came(taking: Taking) -> None:
    address = taking.window()
    upload, cut = taking.begin(address), 300_000
    assert taking.send(upload, 0, CLIP[:cut]).headers["Upload-Offset"] == str(cut)
    assert taking.offset(upload) == cut
    home = Path(blob_store(taking.session).scratch).parent
    assert not [path for path in home.rglob("*") if path.is_file() and MARK in path.read_bytes()]
    last = taking.send(upload, cut, CLIP[cut:])
    assert (last.status, last.headers["Upload-Offset"]) == (204, str(len(CLIP)))
    stored = taking.keep(upload)
    assert (stored.sha256, stored.sm3) == (hashlib.sha256(CLIP).hexdigest(), sm3_hex(CLIP))
    assert (stored.kind, stored.type, stored.declared_name, stored.size) == ("footage", "native", "东门.dav", len(CLIP))
    store = blob_store(taking.session)
    assert b"".join(store.pieces(stored.sha256)) == CLIP
    assert MARK not in store._path(stored.sha256).read_bytes()
    with taking.database.transaction() as session:  # a second run of the job changes nothing
        keep_upload(session, upload_id=taking.row(upload).id, now=utcnow() + timedelta(hours=1))
    assert taking.row(upload).stored_file_id == stored.id


def test_a_cut_line_loses_nothing_that_had_come(taking: Taking) -> None:
    upload = taking.begin(taking.window())
    with socket.create_connection(("127.0.0.1", taking.port)) as line:
        head = (
            f"PATCH {upload} HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            f"Content-Type: {OFFSET_STREAM}\r\nContent-Length: {len(CLIP)}\r\n\r\n"
        )
        line.sendall(head.encode() + CLIP[:123_456])
    until = time.monotonic() + 20
    while taking.offset(upload) == 0 and time.monotonic() < until:
        time.sleep(0.02)
    assert taking.offset(upload) == 123_456
    assert taking.send(upload, 123_456, CLIP[123_456:]).status == 204
    assert taking.keep(upload).sha256 == hashlib.sha256(CLIP).hexdigest()


def test_of_two_who_send_the_same_bytes_one_wins(taking: Taking) -> None:
    upload = taking.begin(taking.window())
    both = threading.Barrier(2)

    def send(body: bytes) -> int:
        both.wait()
        return taking.send(upload, 0, body).status

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(send, (CLIP, CLIP)))
    assert told == [204, 409]
    assert taking.keep(upload).sha256 == hashlib.sha256(CLIP).hexdigest()


def test_what_does_not_fit_is_refused(taking: Taking) -> None:
    address = taking.window()
    huge = taking.ask("POST", address, Upload_Length=str(10 * GIGABYTE), Upload_Metadata="filename YQ==")
    assert (huge.status, huge.headers["Tus-Max-Size"]) == (413, str(4 * GIGABYTE))
    assert taking.ask("POST", address, Upload_Length="-1").status == 400
    upload = taking.begin(address)
    assert taking.send(upload, 7, CLIP[:9]).status == 409
    assert taking.send(upload, 0, b"").status == 400
    assert taking.send(upload, 0, CLIP + b"more").status == 413
    assert taking.send(upload, 0, CLIP[:9], Content_Type="text/plain").status == 415
    assert taking.send(upload, 0, CLIP[:9], Tus_Resumable="0.2.2").status == 412
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert taking.send(upload, 0, CLIP[:9], Upload_Checksum=f"sha256 {wrong}").status == 460
    assert taking.send(upload, 0, CLIP[:9], Upload_Checksum="md4 AAAA").status == 400
    assert taking.offset(upload) == 0
    right = base64.b64encode(hashlib.sha1(CLIP[:9], usedforsecurity=False).digest()).decode()
    assert taking.send(upload, 0, CLIP[:9], Upload_Checksum=f"sha1 {right}").status == 204
    assert taking.ask("DELETE", upload).status == 204
    assert taking.ask("HEAD", upload).status == 410
    assert taking.send(upload, 9, CLIP[9:]).status == 404


def test_a_secret_address_ends_and_is_not_guessed(taking: Taking) -> None:
    address = taking.window(files=1)
    upload = taking.begin(address)
    assert taking.ask("GET", address, Tus_Resumable="").status == 200
    assert taking.send(upload, 0, CLIP).status == 204
    used_up = taking.ask("GET", address, Tus_Resumable="")  # it was given for one file, and shows what became of it
    assert (used_up.status, b"data-upload" in used_up.body, "东门.dav".encode() in used_up.body) == (200, False, True)
    assert taking.ask("POST", address, Upload_Length="9", Upload_Metadata="filename YQ==").status == 404
    assert taking.ask("HEAD", upload).status == 404
    other = taking.window()
    assert taking.ask("HEAD", other + "/" + upload.rpartition("/")[2]).status == 404  # another window's
    ended = taking.window()
    assert taking.ask("POST", other, Upload_Length="9", Upload_Metadata="filename YQ==").status == 404
    close_window(taking.session, actor=taking.city.custodian, request_id=taking.request.id, now=utcnow())
    taking.session.commit()
    assert taking.ask("HEAD", ended + "/" + upload.rpartition("/")[2]).status == 404
    good = taking.window()
    told = {taking.ask("GET", f"/receive/{'x' * 43}", Tus_Resumable="").status for _ in range(40)}
    assert 429 in told
    assert taking.ask("GET", good, Tus_Resumable="").status == 429  # from there nobody gets in for a while
    from portal.accounts.models import AddressThrottle

    taking.session.query(AddressThrottle).delete()
    taking.session.commit()


def test_only_the_assigned_custodian_sends_and_enters(taking: Taking) -> None:
    city, session, now = taking.city, taking.session, utcnow()
    far = city.person("farcustodian", Role.UNIT_CUSTODIAN, unit=city.school)
    given = {"request_id": taking.request.id, "operator_name": "", "files_most": 2, "now": now}
    for who, refusal in ((city.second, NotAllowed), (far, NotFound), (city.officer, NotAllowed)):
        with pytest.raises(refusal):
            open_window(session, actor=who, **given)
    open_window(session, actor=city.custodian, **given)
    session.commit()
    path = f"/evidence/requests/{taking.request.id}/uploads"
    for login, status in (("farcustodian", 404), ("second", 403), ("custodian", 201)):
        with taking.app.test_client() as browser:
            assert post(browser, "/sign-in", {"login": login, "password": PASSWORD}).status_code in (302, 303)
            token = browser.get("/").text.partition('name="csrf-token" content="')[2].partition('"')[0]
            named = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(CLIP)), "Upload-Metadata": "filename YS5kYXY="}
            answer = browser.post(path, headers={**named, "X-CSRFToken": token})
            assert answer.status_code == status, login
            if status != 201:
                continue
            upload = answer.headers["Location"]
            part = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": OFFSET_STREAM}
            assert browser.patch(upload, data=CLIP, headers=part).status_code == 400  # without the page's token
            assert browser.patch(upload, data=CLIP, headers={**part, "X-CSRFToken": token}).status_code == 204
            form = {"csrf_token": token, "file": (io.BytesIO(CLIP[1000:2000]), "西门.dav")}
            assert browser.post(path, data=form, content_type="multipart/form-data").status_code == 303
            assert "西门.dav" in browser.get(path).text
    stored, plain = taking.keep(upload), _named(taking, "西门.dav")
    entered = {"actor": city.custodian, "request_id": taking.request.id, "now": utcnow()}
    with pytest.raises(IllegalTransition):
        register_upload(session, upload_id=plain, draft=city.file(), **entered)  # its digests are not there yet
    item = register_upload(
        session, upload_id=taking.row(upload).id, draft=city.file(name="x", sha256="0" * 64), **entered
    )
    assert (item.name, item.sha256, item.sm3, item.size) == ("a.dav", stored.sha256, stored.sm3, len(CLIP))
    seal_set(session, actor=city.custodian, request_id=taking.request.id, now=utcnow())
    with pytest.raises(IllegalTransition):  # what is sealed takes no more
        open_window(session, actor=city.custodian, **given)
    session.rollback()


def test_a_script_is_told_in_words_what_is_over(taking: Taking) -> None:
    """What its sender shows beside the file: never the text of a page, nor the way to another."""
    session, request = taking.session, taking.request.id
    given = {"request_id": request, "operator_name": "", "files_most": 2, "now": utcnow()}
    open_window(session, actor=taking.city.custodian, **given)
    close_window(session, actor=taking.city.custodian, request_id=request, now=utcnow())
    session.commit()
    path, spoken = f"/evidence/requests/{request}/uploads", {"Tus-Resumable": "1.0.0", "Upload-Length": "9"}
    with taking.app.test_client() as browser:
        stranger = browser.post(path, headers=spoken)
        assert (stranger.status_code, stranger.mimetype) == (401, "text/plain")
        assert post(browser, "/sign-in", {"login": "custodian", "password": PASSWORD}).status_code in (302, 303)
        token = browser.get("/").text.partition('name="csrf-token" content="')[2].partition('"')[0]
        over = browser.post(path, headers={**spoken, "X-CSRFToken": token})
        assert (over.status_code, over.mimetype) == (410, "text/plain")
        assert "请先开启接收" in over.text
        assert browser.post(path, headers={"X-CSRFToken": token}).status_code == 409
    ended = taking.ask("POST", f"/receive/{'x' * 43}", Upload_Length="9", Upload_Metadata="filename YQ==")
    assert (ended.status, "已失效" in ended.body.decode()) == (404, True)  # type: ignore[attr-defined]


def test_an_unfinished_file_is_given_up_by_a_plain_form(taking: Taking) -> None:
    address = taking.window(files=2)
    upload = taking.begin(address, name="给错的.dav")
    taking.send(upload, 0, CLIP[:9])
    assert b'class="button slim"' in taking.ask("GET", address, Tus_Resumable="").body  # type: ignore[attr-defined]
    answer = taking.ask("POST", upload, Tus_Resumable="")
    assert (answer.status, answer.headers["Location"]) == (303, address)
    assert taking.row(upload).dropped_why == "given_up"


def _named(taking: Taking, name: str) -> Any:
    return taking.session.scalars(select(FootageUpload.id).where(FootageUpload.name == name)).one()


def test_what_was_given_up_is_swept(taking: Taking) -> None:
    upload = taking.begin(taking.window())
    taking.send(upload, 0, CLIP[:50_000])
    row, parts = taking.row(upload), part_store(taking.session)
    stray = parts.take(row.id, 50_000, io.BytesIO(b"never counted"), most=99)

    def sweep(after: timedelta) -> None:
        with taking.database.transaction() as session:
            sweep_uploads(session, now=utcnow() + after)

    sweep(timedelta(hours=1))
    assert taking.row(upload).dropped_at is None
    assert row.id in set(parts.uploads())
    sweep(timedelta(hours=25))  # its window was open for a day
    assert taking.row(upload).dropped_why == "not_whole"
    assert row.id in set(parts.uploads()), "only what is committed is removed, by the next sweep"
    sweep(timedelta(hours=26))
    assert row.id not in set(parts.uploads())
    assert not stray.path.exists()
    windows = taking.session.scalars(select(UploadWindow).where(UploadWindow.closed_at.is_(None))).all()
    assert windows == []
    # What was kept and is in no sealed set goes, too, once the request is carried out.
    kept = taking.session.scalars(select(FootageUpload.id).where(FootageUpload.kept_at.is_not(None))).all()
    assert kept
    # So does what never could be sealed: until then its parts waited for another try.
    waiting = taking.begin(taking.window(), size=5)
    taking.send(waiting, 0, b"whole")
    sweep(timedelta())
    assert taking.row(waiting).dropped_at is None
    request = taking.session.get_one(FootageRequest, taking.request.id, populate_existing=True)
    request.status = "sealed"
    taking.session.flush()
    sweep_uploads(taking.session, now=utcnow())
    assert (
        taking.session.get_one(FootageUpload, waiting.rpartition("/")[2], populate_existing=True).dropped_why
        == "not_entered"
    )
    left = taking.session.scalars(
        select(StoredFile.state).join(FootageUpload, FootageUpload.stored_file_id == StoredFile.id)
    ).all()
    assert set(left) == {"erased"}
    assert taking.session.scalars(select(FootageItem)).all() == []
    taking.session.rollback()


def test_a_disk_that_fills_meanwhile_takes_no_more(taking: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many claims fit one by one and not together: each part is weighed again, and so is the whole before it is sealed."""
    upload = taking.begin(taking.window())
    assert taking.send(upload, 0, CLIP[:1000]).status == 204
    monkeypatch.setattr(PartStore, "room", lambda _store: DISK_RESERVE + 100)
    assert taking.send(upload, 1000, CLIP[1000:]).status == 507
    monkeypatch.undo()
    assert taking.send(upload, 1000, CLIP[1000:]).status == 204
    monkeypatch.setattr(PartStore, "room", lambda _store: DISK_RESERVE + 100)
    with taking.database.transaction() as session:
        keep_upload(session, upload_id=taking.row(upload).id, now=utcnow())
    assert taking.row(upload).kept_at is None
    monkeypatch.undo()
    assert taking.keep(upload).size == len(CLIP)


def test_a_sweep_that_dies_has_removed_nothing(taking: Taking) -> None:
    """The parts of an upload go on the word of a committed row: else it could neither go on nor be kept."""
    upload = taking.begin(taking.window())
    taking.send(upload, 0, CLIP[:50_000])

    def dying_sweep() -> None:
        with taking.database.transaction() as session:
            sweep_uploads(session, now=utcnow() + timedelta(hours=25))
            raise Died

    for _ in range(2):
        with pytest.raises(Died):
            dying_sweep()
    assert taking.send(upload, 50_000, CLIP[50_000:]).status == 204
    assert taking.keep(upload).sha256 == hashlib.sha256(CLIP).hexdigest()


def test_a_file_whose_worker_died_while_it_was_sealed_is_kept_by_the_next(
    taking: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = taking.begin(taking.window())
    taking.send(upload, 0, CLIP)
    for died in ("portal.vault.operations._row", "portal.evidence.operations.keeping._record"):
        with monkeypatch.context() as dying:
            dying.setattr(died, lambda *_, **__: (_ for _ in ()).throw(Died()))
            with pytest.raises(Died):
                taking.keep(upload)
        assert taking.row(upload).kept_at is None
    assert taking.keep(upload).sha256 == hashlib.sha256(CLIP).hexdigest()


def test_a_file_whose_job_was_set_aside_gets_another(taking: Taking) -> None:
    """As after a full disk: its row in the outbox is spent, and the same name would be the same row for ever."""
    upload = taking.begin(taking.window())
    taking.send(upload, 0, CLIP)
    own = OutboxRow.payload["upload_id"].astext == str(taking.row(upload).id)
    taking.session.query(OutboxRow).filter(own).update({"state": "poisoned"})
    taking.session.commit()
    noon = utcnow().replace(hour=12, minute=0) + timedelta(days=1)
    for now, jobs in ((utcnow(), 1), (noon, 2), (noon.replace(minute=59), 2), (noon + timedelta(hours=1), 3)):
        with taking.database.transaction() as session:
            sweep_uploads(session, now=now)
        taking.session.rollback()
        assert taking.session.query(OutboxRow).filter(own).count() == jobs, now
    taking.keep(upload)


def test_parts_cannot_be_exchanged_or_left_out(tmp_path: Path, taking: Taking) -> None:
    parts = PartStore(tmp_path, taking.session.info["services"].envelope)
    from uuid import uuid4

    one, other = uuid4(), uuid4()
    for upload in (one, other):
        for start in (0, 70_000):
            parts.keep(parts.take(upload, start, io.BytesIO(CLIP[start : start + 70_000]), most=70_000))
    assert b"".join(parts.pieces(one, 140_000)) == CLIP[:140_000]
    home = tmp_path / "arriving"
    (home / str(one) / "0").write_bytes((home / str(other) / "0").read_bytes())
    with pytest.raises(SealBroken):
        list(parts.pieces(one, 140_000))
    (home / str(other) / "70000").unlink()
    with pytest.raises(SealBroken):
        list(parts.pieces(other, 140_000))


def test_the_bounds_of_a_file() -> None:
    room = Bounds(
        file_gigabytes=4, request_gigabytes=16, taken=0, files=0, files_most=3, room=DISK_RESERVE + 20 * GIGABYTE
    )
    from dataclasses import replace

    def code(name: str, size: int, **changes: int) -> str:
        found = faults_of(name, size, replace(room, **changes))
        return found[0].code.removeprefix("evidence.upload_") if found else ""

    assert code("a.dav", 4 * GIGABYTE) == ""
    assert code("a.dav", 4 * GIGABYTE + 1) == "too_large"
    assert code("a.dav", 0) == "empty"
    assert [code(name, 9) for name in (" ", "a/b", "a\\b", "a\nb", "a\x7f", "a\u202evad.exe", "x" * 201)] == [
        "name"
    ] * 7
    assert code("a.dav", 2 * GIGABYTE, taken=15 * GIGABYTE) == "request_full"
    assert code("a.dav", 9, files=3) == "files_full"
    assert code("a.dav", GIGABYTE, room=DISK_RESERVE + 2 * GIGABYTE - 1) == "no_room"
    assert may_add(MOST_PARTS - 1)
    assert not may_add(MOST_PARTS)


def test_the_headers_of_the_protocol() -> None:
    assert metadata("filename 5Lic6ZeoLmRhdg==,size, bad !!!") == {"filename": "东门.dav", "size": ""}
    assert checksum("sha256 AAEC") == ("sha256", b"\x00\x01\x02")
    assert [checksum(text) for text in ("crc32 AAEC", "sha1 *", "")] == [None, None, None]
    assert [whole_number(text) for text in ("12", "-1", "", "１２", "1" * 17, "1.5")] == [12] + [None] * 5


def test_a_part_that_trickles_ends() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 3))

    slow = _Arriving(Slow(CLIP), seconds=-1)
    assert (slow.read(PART_BYTES), slow.cut) == (CLIP[:3], True)
    whole = _Arriving(Slow(CLIP), seconds=60)
    assert (whole.read(len(CLIP) + 9), whole.cut) == (CLIP, False)


def test_a_window_takes_so_many_files(taking: Taking) -> None:
    taking.window(files=1)
    window = taking.session.get_one(UploadWindow, taking.window_id)
    request = taking.session.get_one(FootageRequest, taking.request.id)
    taking.session.refresh(request, ["unit"])
    window.request = request
    sender = taking.city.custodian.actor
    for _ in range(4):  # given up and begun anew, not without end
        begin_upload(taking.session, window=window, sender=sender, name="a.dav", size=9, now=utcnow())
    with pytest.raises(Invalid) as full:
        begin_upload(taking.session, window=window, sender=sender, name="a.dav", size=9, now=utcnow())
    assert problems(full) == {("file", "evidence.upload_files_full")}
    taking.session.rollback()
