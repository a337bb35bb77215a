"""`verify` over the stored log: what a database owner could do with the triggers off is found and named."""

from hashlib import sha256

import pytest
from sqlalchemy import text

from portal.audit.queries.export import consistency, entry_proof, export_segment
from portal.audit.queries.verification import verify_log
from portal.audit.rules.canonical import canonical_bytes
from portal.audit.values import Verdict
from portal.core.errors import Invalid, NotFound
from tests.audit.conftest import LogRoom
from tests.audit.specimen import ORIGIN, Bench, load_verifier, signer


def verify(room: LogRoom) -> Verdict:
    with room.reading() as connection:
        return verify_log(connection, places=room.places, key=room.key)


@pytest.fixture
def log(room: LogRoom) -> LogRoom:
    """Ten entries, signed at 4 and 10, and one act that still waits."""
    room.stage(4)
    room.seal()
    room.tick(5)
    room.stage(6)
    room.seal()
    room.stage()
    return room


def test_a_good_log(log: LogRoom) -> None:
    seen: list[tuple[int, int]] = []
    with log.reading() as connection:
        verdict = verify_log(connection, places=log.places, key=log.key, progress=lambda *step: seen.append(step))
    assert (verdict.ok, verdict.checked, verdict.size, verdict.checkpoint_size) == (True, 10, 10, 10)
    newest = log.places[0].newest(log.key)
    assert newest is not None
    assert verdict.root == newest.root.hex()
    assert seen[-1] == (10, 10)


def test_an_empty_log_is_good(room: LogRoom) -> None:
    assert verify(room).ok


FORGERIES = {
    "body": ("update audit_entry set body = body || ' ' where seq = 7", 7, "content_changed"),
    "leaf": ("update audit_entry set leaf = sha256('x') where seq = 7", 7, "content_changed"),
    "body and leaf": (
        "update audit_entry set body = convert_to(replace(convert_from(body, 'UTF8'), '王敏', '某人'), 'UTF8') where seq = 7; "
        "update audit_entry set leaf = sha256('\\x00' || body) where seq = 7",
        7,
        "readable_row_differs",
    ),
    "readable row": (
        "update audit_stage set actor_name = '某人' where id = (select stage_id from audit_entry where seq = 3)",
        3,
        "readable_row_differs",
    ),
    "readable time": (
        "update audit_stage set at = at + interval '1 microsecond' where id = (select stage_id from audit_entry where seq = 3)",
        3,
        "readable_row_differs",
    ),
    "readable row gone": (
        "delete from audit_stage where id = (select stage_id from audit_entry where seq = 3)",
        3,
        "readable_row_differs",
    ),
    "chain": ("update audit_entry set chain = sha256('x') where seq = 2", 2, "chain_broken"),
    "row in the middle": ("delete from audit_entry where seq = 5", 5, "entry_missing"),
    "tail": ("delete from audit_entry where seq > 8", 9, "tail_missing"),
    "everything": ("delete from audit_entry", 1, "tail_missing"),
    "swap": (
        "update audit_entry set seq = -1 where seq = 5; update audit_entry set seq = 5 where seq = 6; "
        "update audit_entry set seq = 6 where seq = -1",
        5,
        "content_changed",
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_named(log: LogRoom, name: str) -> None:
    statements, first_bad, problem = FORGERIES[name]
    if name == "swap":
        log.forge("alter table audit_entry drop constraint ck_audit_entry_seq")
    log.forge(*statements.split("; "))
    verdict = verify(log)
    if name == "swap":
        log.forge("truncate audit_entry", "alter table audit_entry add constraint ck_audit_entry_seq check (seq > 0)")
        assert (verdict.ok, verdict.first_bad) == (False, first_bad)
        return
    assert (verdict.ok, verdict.first_bad, verdict.problem) == (False, first_bad, problem)


@pytest.mark.parametrize("with_mirror", [True, False])
@pytest.mark.parametrize("seq", [2, 4, 5, 8, 10])
def test_a_complete_rewrite_is_found(log: LogRoom, seq: int, with_mirror: bool) -> None:
    """The forger has the sealer's own code: change one act, then seal everything anew from there."""
    held = [(place.leaves.read_bytes(), place.checkpoints.read_bytes()) for place in log.places]
    log.forge(
        f"update audit_stage set actor_name = '某人' where id = (select stage_id from audit_entry where seq = {seq})",
        f"delete from audit_entry where seq >= {seq}",
        "delete from audit_checkpoint",
        "delete from audit_stage where id not in (select stage_id from audit_entry) and txid = 0",
    )
    for place in log.places:
        place.leaves.unlink()
        place.checkpoints.unlink()
    log.tick(-5)
    log.seal()
    for place, (leaves, checkpoints) in zip(log.places, held, strict=True):
        place.checkpoints.write_bytes(checkpoints)
        if with_mirror:
            place.leaves.write_bytes(leaves)
        else:
            place.leaves.unlink()
    log.forge("delete from audit_checkpoint")
    verdict = verify(log)
    assert (verdict.ok, verdict.problem) == (False, "rewritten")
    # Everything from the first resealed entry differs: its sealing time is another one, even where the act is not.
    assert verdict.first_bad == (seq if with_mirror else 1 if seq <= 4 else 5)


def test_a_forged_checkpoint_row_is_found(log: LogRoom) -> None:
    log.forge("update audit_checkpoint set note = replace(note, '10', '11') where size = 10")
    assert verify(log).problem == "checkpoint_unsigned"


def test_two_signed_versions_are_found(log: LogRoom) -> None:
    from tests.audit.specimen import sample

    with log.places[1].checkpoints.open("a") as stream:
        stream.write(signer().sign(sample(10).checkpoint()) + "\n")
    assert verify(log).problem == "checkpoints_differ"


def test_damaged_subtree_roots_are_found(room: LogRoom) -> None:
    room.stage(600)
    room.seal()
    assert verify(room).ok
    room.forge("update audit_node set hash = sha256('x') where level = 8 and place = 1")
    assert verify(room).problem == "tree_damaged"
    room.forge("delete from audit_node where level = 8 and place = 1")
    assert verify(room).problem == "tree_damaged"


def test_damaged_mirrors_are_found(log: LogRoom) -> None:
    mirror = log.places[1].leaves
    whole = mirror.read_bytes()
    mirror.write_bytes(whole[:65] + sha256(b"x").hexdigest().encode() + whole[129:])
    verdict = verify(log)
    assert (verdict.first_bad, verdict.problem) == (2, "mirror_differs")
    mirror.write_bytes(whole[:65] + b"not a hash".ljust(64) + whole[129:])
    assert verify(log).problem == "mirror_damaged"
    mirror.write_bytes(whole + whole[:65])
    assert verify(log).problem == "tail_missing"


# ---- export and proofs -----------------------------------------------------------------------------------------------


def lines(room: LogRoom, first: int = 1, last: int | None = None) -> list[bytes]:
    with room.reading() as connection:
        return list(export_segment(connection, origin=ORIGIN, first=first, last=last))


def test_the_stand_alone_verifier_accepts_every_segment(log: LogRoom) -> None:
    newest = log.places[0].newest(log.key)
    assert newest is not None
    bench = Bench([newest])
    for first in range(1, 11):
        for last in range(first, 11):
            assert bench.first_bad(b"".join(lines(log, first, last)), first=first, last=last) is None
    assert len(lines(log)) == 11


def test_a_segment_of_a_large_log_reads_few_rows(room: LogRoom) -> None:
    room.stage(1500)
    room.seal()
    newest = room.places[0].newest(room.key)
    assert newest is not None
    bench = Bench([newest])
    assert bench.first_bad(b"".join(lines(room, 700, 710)), first=700, last=710) is None


@pytest.mark.parametrize(("first", "last"), [(0, 3), (3, 2), (1, 11), (11, None)])
def test_ranges_outside_the_signed_log_are_refused(log: LogRoom, first: int, last: int | None) -> None:
    with pytest.raises(Invalid):
        lines(log, first, last)


def test_nothing_signed_nothing_exported(room: LogRoom) -> None:
    with pytest.raises(Invalid):
        lines(room)


def test_proofs_hold_for_every_entry(log: LogRoom) -> None:
    module = load_verifier()
    key = module.Key(log.key.text)
    import json

    with log.reading() as connection:
        for seq in range(1, 11):
            document = json.loads(entry_proof(connection, seq=seq))
            # The first checkpoint that covers an entry is the one it can be held against soonest.
            assert document["size"] == (4 if seq <= 4 else 10)
            assert (
                module.verify_proof(document, {}, key)[0] == f"OK entry {seq} is in the log of size {document['size']}"
            )
        with pytest.raises(NotFound):
            entry_proof(connection, seq=11)
        told = json.loads(consistency(connection, old=4, new=10))
    notes = {size: module.Checkpoint(note, key) for size, note in zip((4, 10), log.places[0].all_notes(), strict=True)}
    assert module.verify_consistency(told, notes)
    assert canonical_bytes(told)


def test_an_entry_not_signed_yet_has_no_proof(room: LogRoom) -> None:
    room.stage(2)
    room.seal()
    room.stage()
    with room.sealer() as sealer:
        assert sealer.work(now=room.now).checkpoint_size == 3
    room.forge("delete from audit_checkpoint where size = 3")
    with room.reading() as connection, pytest.raises(Invalid):
        entry_proof(connection, seq=3)
    assert room.value("select count(*) from audit_entry") == 3
    with room.reading() as connection:
        assert connection.scalar(text("select 1")) == 1
