"""The sealer: nothing skipped, nothing twice, numbers without gaps, checkpoints outside in time."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from portal.audit.operations import sealing
from portal.audit.operations.sealing import Sealer, SealerBusy
from portal.audit.queries import rollback
from portal.audit.queries.rollback import Rewritten, RolledBack, WitnessLost, assert_not_rolled_back, check_at_start
from portal.audit.queries.tree import stored_root
from portal.audit.rules.canonical import canonical_bytes
from portal.audit.rules.merkle import Frontier, leaf_hash
from portal.audit.values import FieldChange
from tests.audit.conftest import LogRoom
from tests.audit.specimen import signer


def order(room: LogRoom) -> list[UUID]:
    with room.reading() as connection:
        return list(connection.scalars(text("select stage_id from audit_entry order by seq")))


def test_acts_are_sealed_in_order_with_their_bytes(room: LogRoom) -> None:
    staged = [*room.stage(3), *room.stage(2, reason="例行", changes=[FieldChange(name="days", old=30, new=90)])]
    report = room.seal(urgent=False)
    assert (report.sealed, report.size, report.checkpoint_size, report.failed_places) == (5, 5, 5, ())
    assert order(room) == staged
    with room.reading() as connection:
        rows = connection.execute(text("select seq, body, leaf, chain from audit_entry order by seq")).fetchall()
        frontier = Frontier()
        for row in rows:
            frontier.append(leaf_hash(bytes(row.body)))
            assert bytes(row.leaf) == leaf_hash(bytes(row.body))
        assert stored_root(connection, 5) == frontier.root()
    import json

    body = json.loads(bytes(rows[3].body))
    assert canonical_bytes(body) == bytes(rows[3].body)
    assert body["seq"] == 4
    assert body["prev"] == bytes(rows[2].chain).hex()
    assert body["reason"]["text"] == "例行"
    assert body["changes"] == [{"field": "days", "type": "integer", "old": 30, "new": 90}]
    assert body["actor"]["name"] == "王敏"


def test_a_second_pass_finds_nothing(room: LogRoom) -> None:
    room.stage(4)
    assert room.seal().sealed == 4
    assert room.seal().sealed == 0
    assert len(order(room)) == 4


def test_batches_larger_than_one_pass(room: LogRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 7)
    staged = room.stage(30)
    assert room.seal().sealed == 30
    assert order(room) == staged


def test_a_late_commit_is_never_skipped_and_keeps_its_place(room: LogRoom) -> None:
    with room.sealer() as sealer, room.database.session(_everything()) as slow:
        first = room.add(slow)
        slow.flush()
        second = room.stage()[0]
        # The older transaction is still open: its row may yet come, so the younger one waits.
        assert sealer.work(now=_real_now()).sealed == 0
        slow.commit()
        assert sealer.work(now=_real_now()).sealed == 2
        assert order(room) == [first, second]


def test_behind_a_long_transaction_the_rest_is_sealed_after_a_while(room: LogRoom) -> None:
    with room.sealer() as sealer, room.database.session(_everything()) as slow:
        late = room.add(slow)
        waiting = room.stage()[0]
        assert sealer.work(now=_real_now()).sealed == 0
        assert sealer.work(now=_real_now() + sealing.GRACE + timedelta(seconds=1)).sealed == 1
        slow.commit()
        assert sealer.work(now=_real_now()).sealed == 1
        assert order(room) == [waiting, late]
        assert sealer.work(now=_real_now() + timedelta(hours=1)).sealed == 0


def test_an_urgent_pass_waits_for_nobody(room: LogRoom) -> None:
    with room.sealer() as sealer, room.database.session(_everything()) as slow:
        room.add(slow)
        room.stage()
        report = sealer.work(now=_real_now(), urgent=True)
        assert (report.sealed, report.checkpoint_size) == (1, 1)
        slow.commit()
        assert sealer.work(now=_real_now(), urgent=True).sealed == 1


def test_a_rolled_back_act_leaves_no_gap(room: LogRoom) -> None:
    with room.database.session(_everything()) as session:
        room.add(session)
        session.rollback()
    room.stage(2)
    assert room.seal().size == 2


@pytest.mark.parametrize("sealed_between", [True, False])
def test_many_writers_at_once_lose_and_double_nothing(room: LogRoom, sealed_between: bool) -> None:
    stop = threading.Event()

    def keep_sealing() -> None:
        with room.sealer() as sealer:
            while not stop.is_set():
                sealer.work(now=_real_now(), urgent=sealed_between)

    keys: list[UUID] = []

    def write(mine: list[UUID]) -> None:
        for turn in range(25):
            with room.database.session(_everything()) as session:
                made = [room.add(session) for _ in range(1 + turn % 3)]
                if turn % 5 == 4:
                    session.rollback()
                else:
                    session.commit()
                    mine.extend(made)

    sealing_thread = threading.Thread(target=keep_sealing)
    results: list[list[UUID]] = [[] for _ in range(4)]
    writers = [threading.Thread(target=write, args=(mine,)) for mine in results]
    for thread in (sealing_thread, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    sealing_thread.join()
    room.seal()
    for mine in results:
        keys.extend(mine)
    sealed = order(room)
    assert sorted(sealed) == sorted(keys)
    assert len(set(sealed)) == len(sealed)
    assert room.value("select max(seq) - count(*) from audit_entry") == 0


def test_one_sealer_at_a_time(room: LogRoom) -> None:
    with room.sealer(), pytest.raises(SealerBusy), room.sealer():
        pass


def test_checkpoints_come_by_time_and_by_number(room: LogRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "EVERY_ENTRIES", 10)
    with room.sealer() as sealer:

        def work() -> int:
            return sealer.work(now=room.now + timedelta(days=400)).checkpoint_size

        room.stage()
        assert work() == 1
        room.stage(3)
        assert work() == 1  # neither a minute nor ten entries
        room.stage(7)
        assert work() == 11
        room.stage()
        assert work() == 11
        room.tick(61)
        assert work() == 12
        room.tick(3600)
        assert work() == 12  # nothing new to sign


def test_checkpoints_stand_in_both_places_with_the_mirror(room: LogRoom) -> None:
    room.stage(3)
    room.seal()
    room.stage(2)
    room.seal()
    for place in room.places:
        newest = place.newest(room.key)
        assert newest is not None
        assert newest.size == 5
        assert [note.split("\n")[1] for note in place.all_notes()] == ["3", "5"]
        assert place.leaf_count() == 5
        with room.reading() as connection:
            stored = [bytes(leaf) for leaf in connection.scalars(text("select leaf from audit_entry order by seq"))]
        assert place.leaf_range(1, 5) == stored


def test_a_place_that_fails_catches_up(room: LogRoom) -> None:
    first, second = room.places
    second.directory.rmdir()
    second.directory.write_text("not a directory")
    room.stage(2)
    with room.engine.connect() as connection, pytest.raises(OSError):
        Sealer(connection, signer=signer(), places=room.places)
    second.directory.unlink()
    with room.sealer() as sealer:
        second.directory.rmdir()
        report = sealer.work(now=room.now, urgent=True)
        assert report.failed_places == (second.name,)
        assert report.checkpoint_size == 2
        second.directory.mkdir()
        room.stage()
        assert sealer.work(now=room.now, urgent=True).failed_places == ()
    assert second.leaf_count() == first.leaf_count() == 3


def test_with_no_place_left_nothing_counts_as_signed(room: LogRoom) -> None:
    with room.sealer() as sealer:
        for place in room.places:
            place.directory.rmdir()
        room.stage()
        report = sealer.work(now=room.now, urgent=True)
        assert len(report.failed_places) == 2
        assert report.checkpoint_size == 0
    assert room.value("select count(*) from audit_checkpoint") == 0


def test_torn_lines_and_notes_are_completed_not_replaced(room: LogRoom) -> None:
    room.stage(3)
    room.seal()
    place = room.places[0]
    whole = place.leaves.read_bytes()
    place.leaves.write_bytes(whole[:100])
    notes = place.checkpoints.read_bytes()
    place.checkpoints.write_bytes(notes + notes[:120])
    room.stage()
    room.seal()
    assert place.leaves.read_bytes().startswith(whole)
    assert place.leaf_count() == 4
    newest = place.newest(room.key)
    assert newest is not None
    assert newest.size == 4
    assert len(list(place.all_notes())) == 2


def test_the_tree_is_found_again_after_a_restart(room: LogRoom) -> None:
    for count in (300, 1, 211, 600):
        room.stage(count)
        room.seal()
    assert room.value("select count(*) from audit_node where level = 8") == 1112 // 256
    with room.reading() as connection:
        frontier = Frontier()
        for leaf in connection.scalars(text("select leaf from audit_entry order by seq")):
            frontier.append(bytes(leaf))
        assert stored_root(connection, 1112) == frontier.root()


# ---- a database that is not the one that was signed ------------------------------------------------------------------


def check(room: LogRoom) -> None:
    with room.database.session(_everything()) as session:
        assert_not_rolled_back(session, room.places, room.key)


def test_a_fresh_and_a_good_database_may_run(room: LogRoom) -> None:
    check(room)
    room.stage(5)
    room.seal()
    room.stage(2)
    check(room)


def test_a_database_behind_the_newest_checkpoint_may_not_run(room: LogRoom) -> None:
    room.stage(5)
    room.seal()
    room.forge("delete from audit_entry where seq > 3")
    with pytest.raises(RolledBack) as refused:
        check(room)
    assert refused.value.data == {"size": 3, "signed": 5}
    with pytest.raises(RolledBack), room.sealer():
        pass


def test_a_restored_database_that_grew_again_may_not_run(room: LogRoom) -> None:
    """The size is right once more; the root is not."""
    room.stage(5)
    room.seal()
    room.forge("delete from audit_entry where seq > 3", "delete from audit_checkpoint")
    held = [(place.leaves.read_bytes(), place.checkpoints.read_bytes()) for place in room.places]
    for place in room.places:
        place.leaves.unlink()
        place.checkpoints.unlink()
    room.tick(90)
    room.stage(4)
    room.seal()
    for place, (leaves, checkpoints) in zip(room.places, held, strict=True):
        place.leaves.write_bytes(leaves)
        place.checkpoints.write_bytes(checkpoints)
    with pytest.raises(Rewritten):
        check(room)


def test_a_cut_that_only_the_mirror_knows_of_is_noticed(room: LogRoom) -> None:
    """A crash came between mirroring the hashes and signing; then the database lost its tail."""
    room.stage(5)
    room.seal()
    for place in room.places:
        with place.leaves.open("ab") as mirror:
            mirror.write(b"00" * 32 + b"\n")
    with pytest.raises(RolledBack):
        check(room)
    room.stage()
    with pytest.raises(RolledBack), room.sealer():
        pass


def test_a_database_whose_witnesses_are_gone_may_not_run(room: LogRoom) -> None:
    room.stage(5)
    room.seal()
    for place in room.places:
        place.checkpoints.unlink()
    with pytest.raises(WitnessLost):
        check(room)


def test_a_checkpoint_that_a_crash_kept_out_of_the_database_is_taken_in(room: LogRoom) -> None:
    room.stage(5)
    room.seal()
    room.forge("delete from audit_checkpoint")
    with room.sealer():
        pass
    assert room.value("select size from audit_checkpoint") == 5


def test_web_and_workers_refuse_to_start_on_it(room: LogRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollback, "outside_of", lambda _services: (room.places, room.key))
    check_at_start(room.database)
    room.stage(5)
    room.seal()
    check_at_start(room.database)
    room.forge("delete from audit_entry where seq > 3")
    with pytest.raises(RolledBack):
        check_at_start(room.database)


def _everything():
    from portal.core.scope import EVERYTHING

    return EVERYTHING


def _real_now():
    from portal.core.clock import real_now

    return real_now()
