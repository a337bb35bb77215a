"""Reveals: the record is sealed and signed outside before anything is shown, or nothing is shown."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.audit.commands import Post, seal_forever
from portal.audit.operations import gate, record_and_seal
from portal.audit.values import REASON_REVEALED, SubjectRef
from portal.core.clock import real_now
from portal.core.errors import Unavailable
from portal.core.scope import EVERYTHING, NOTHING
from tests.audit.conftest import ACTOR, NOW, LogRoom
from tests.audit.specimen import signer


@contextmanager
def sealing(room: LogRoom) -> Iterator[None]:
    """The sealer process, as a thread."""
    stop = threading.Event()
    post = Post(url=room.settings.sealer_database_url, signer=signer(), places=room.places)
    thread = threading.Thread(target=seal_forever, args=(post,), kwargs={"clock": real_now, "stop": stop})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def reveal(room: LogRoom) -> None:
    with room.database.session(NOTHING) as session:
        record_and_seal(session, actor=ACTOR, tag=REASON_REVEALED, subject=SubjectRef("x", None, "电话"), now=NOW)
        # A failure afterwards takes nothing back.
        session.rollback()


def test_a_reveal_returns_once_it_is_signed_outside(room: LogRoom) -> None:
    with sealing(room):
        reveal(room)
        for place in room.places:
            newest = place.newest(room.key)
            assert newest is not None
            assert newest.size == 1
        started = time.monotonic()
        for _ in range(5):
            reveal(room)
        # The sealer wakes at once; it does not wait for its next round or for the minute.
        assert time.monotonic() - started < 5
    assert room.value("select count(*) from audit_entry") == 6


def test_a_reveal_overtakes_a_long_transaction(room: LogRoom) -> None:
    with sealing(room), room.database.session(EVERYTHING) as slow:
        room.add(slow)
        reveal(room)
        slow.rollback()


def test_without_a_sealer_nothing_is_shown_but_the_attempt_is_kept(
    room: LogRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate.wait_until_sealed, "__kwdefaults__", {"patience": 0.3})
    with pytest.raises(Unavailable) as refused:
        reveal(room)
    assert (refused.value.code, refused.value.status) == ("audit_not_sealed", 503)
    assert room.value("select count(*) from audit_stage") == 1


def test_without_a_place_outside_nothing_is_shown(room: LogRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.wait_until_sealed, "__kwdefaults__", {"patience": 1.5})
    with sealing(room):
        reveal(room)
        for place in room.places:
            for path in (place.leaves, place.checkpoints):
                path.unlink()
            place.directory.rmdir()
            place.directory.write_text("in the way")
        with pytest.raises(Unavailable):
            reveal(room)


def test_an_audit_table_that_cannot_be_written_stops_the_reveal(room: LogRoom) -> None:
    room.forge("revoke insert on audit_stage from portal_app")
    try:
        with pytest.raises(Unavailable) as refused:
            reveal(room)
        assert refused.value.code == "audit_unavailable"
    finally:
        room.forge("grant insert on audit_stage to portal_app")


def test_the_sealer_outlives_its_database_connection(room: LogRoom) -> None:
    with sealing(room):
        reveal(room)
        room.forge("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'portal_sealer'")
        reveal(room)
    assert room.value("select count(*) from audit_entry") == 2
