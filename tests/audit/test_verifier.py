"""The stand-alone verifier against every damage that could be thought of: none may pass, and the place is named."""

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pytest

from portal.audit.rules.canonical import canonical_bytes
from portal.audit.rules.export import consistency_document, export_line, inclusion_document
from portal.audit.rules.merkle import consistency_ranges, leaf_hash, proof
from tests.audit.specimen import VERIFIER, Bench, Log, event, sample, signer

LOG = sample(6)
LINES = LOG.lines()
BENCH = Bench([LOG.checkpoint()])


def entry_of_byte(lines: list[bytes], at: int, first: int = 1) -> int:
    """The sequence number of the line that holds a byte; the header counts as the first entry."""
    for number, line in enumerate(lines):
        at -= len(line)
        if at < 0:
            return max(first, first + number - 1)
    raise AssertionError


def flips(data: bytes, *, thin: bool = False) -> Iterator[tuple[int, bytes]]:
    """The data with one bit flipped, for every bit; `thin` for one bit of every byte, another one each time."""
    spoilt = bytearray(data)
    for at in range(len(data)):
        for bit in (at % 8,) if thin else range(8):
            spoilt[at] ^= 1 << bit
            yield at, bytes(spoilt)
            spoilt[at] ^= 1 << bit


def check_every_flip(log: Log, bench: Bench, *, thin: bool = False) -> int:
    lines = log.lines()
    tried = 0
    for at, data in flips(b"".join(lines), thin=thin):
        found = bench.first_bad(data, last=log.size)
        # A damaged header may read as another range, so any entry may be the first it fails to account for.
        assert found == entry_of_byte(lines, at) if at >= len(lines[0]) else found is not None, f"byte {at}"
        tried += 1
    return tried


def test_a_good_export_holds() -> None:
    assert BENCH.first_bad(b"".join(LINES), last=6) is None


def test_every_single_flipped_bit_is_named() -> None:
    log = sample(3)
    assert check_every_flip(log, Bench([log.checkpoint()])) > 15_000


def test_a_flipped_bit_in_any_byte_of_a_longer_segment_is_named() -> None:
    log = sample(8)
    assert check_every_flip(log, Bench([log.checkpoint(4), log.checkpoint()]), thin=True) > 6_000


def test_every_flipped_bit_of_a_segment_header_is_noticed() -> None:
    log = sample(23)
    bench = Bench([log.checkpoint(), log.checkpoint(19)])
    for last in (18, 19):
        lines = log.lines(6, last)
        assert bench.first_bad(b"".join(lines), first=6, last=last) is None
        for _, header in flips(lines[0]):
            assert bench.first_bad(b"".join([header, *lines[1:]]), first=6, last=last) is not None


def test_removing_any_row_names_it() -> None:
    for seq in range(1, 7):
        lines = LINES[:seq] + LINES[seq + 1 :]
        assert BENCH.first_bad(b"".join(lines), last=6) == seq


def test_swapping_any_two_rows_names_the_first() -> None:
    for one, other in combinations(range(1, 7), 2):
        lines = list(LINES)
        lines[one], lines[other] = lines[other], lines[one]
        assert BENCH.first_bad(b"".join(lines), last=6) == one


def test_doubling_any_row_names_the_place() -> None:
    for seq in range(1, 7):
        for place in range(1, 8):
            lines = [*LINES[:place], LINES[seq], *LINES[place:]]
            # A copy beside its original: the second of the two is the one too many.
            wanted = place + 1 if place == seq else place
            assert BENCH.first_bad(b"".join(lines), last=6) == wanted


def test_cutting_the_file_anywhere_names_the_first_entry_lost() -> None:
    data = b"".join(LINES)
    for end in range(len(data)):
        wanted = entry_of_byte(LINES, end)
        assert BENCH.first_bad(data[:end], last=6) == wanted


def test_a_shorter_log_with_an_honest_header_is_still_too_short() -> None:
    """All hashes of the shortened export are right; only the expected size says that the end is gone."""
    for last in range(1, 6):
        assert BENCH.first_bad(b"".join(LOG.lines(1, last)), last=6) == last + 1
        shorter = sample(last)
        assert BENCH.first_bad(b"".join(shorter.lines()), last=6) == last + 1


def forged(seq: int, size: int = 6) -> Log:
    """The log of a forger who changes one event and computes everything anew from there, with all the code at hand."""
    return Log.of([event(n, actor_name="某人") if n == seq else event(n) for n in range(1, size + 1)])


def test_a_recomputed_rewrite_is_named_exactly_by_the_mirror(tmp_path: Path) -> None:
    mirror = tmp_path / "leaves"
    mirror.write_text("".join(f"{leaf.hex()}\n" for leaf in LOG.leaves))
    for seq in range(1, 7):
        assert BENCH.first_bad(b"".join(forged(seq).lines()), last=6, leaves=mirror) == seq
    assert BENCH.first_bad(b"".join(LINES), last=6, leaves=mirror) is None


def test_without_the_mirror_a_rewrite_is_named_after_the_last_good_checkpoint() -> None:
    bench = Bench([LOG.checkpoint(2), LOG.checkpoint(4), LOG.checkpoint()])
    for seq in range(1, 7):
        assert bench.first_bad(b"".join(forged(seq).lines()), last=6) == {1: 1, 2: 1, 3: 3, 4: 3, 5: 5, 6: 5}[seq]
        assert BENCH.first_bad(b"".join(forged(seq).lines()), last=6) == 1


def test_one_row_recomputed_alone_is_named(tmp_path: Path) -> None:
    mirror = tmp_path / "leaves"
    mirror.write_text("".join(f"{leaf.hex()}\n" for leaf in LOG.leaves))
    for seq in range(1, 7):
        lines = [*LINES[:seq], forged(seq).line(seq), *LINES[seq + 1 :]]
        assert BENCH.first_bad(b"".join(lines), last=6) == (seq if seq < 6 else 1)
        assert BENCH.first_bad(b"".join(lines), last=6, leaves=mirror) == seq


def test_every_rebuild_without_one_row_is_noticed(tmp_path: Path) -> None:
    """Delete an event, renumber and rehash all that follow; then append one so that even the size is right."""
    mirror = tmp_path / "leaves"
    mirror.write_text("".join(f"{leaf.hex()}\n" for leaf in LOG.leaves))
    for gone in range(1, 7):
        rest = [event(n) for n in range(1, 7) if n != gone]
        assert BENCH.first_bad(b"".join(Log.of(rest).lines()), last=6) == 6  # one too few
        padded = Log.of([*rest, event(99)])
        assert BENCH.first_bad(b"".join(padded.lines()), last=6, leaves=mirror) == gone
        assert BENCH.first_bad(b"".join(padded.lines()), last=6) == 1


def test_every_rebuild_with_two_rows_swapped_is_noticed(tmp_path: Path) -> None:
    mirror = tmp_path / "leaves"
    mirror.write_text("".join(f"{leaf.hex()}\n" for leaf in LOG.leaves))
    for one, other in combinations(range(6), 2):
        events = [event(n) for n in range(1, 7)]
        events[one], events[other] = events[other], events[one]
        data = b"".join(Log.of(events).lines())
        assert BENCH.first_bad(data, last=6) == 1
        assert BENCH.first_bad(data, last=6, leaves=mirror) == one + 1


def test_segments_lead_to_the_same_checkpoint() -> None:
    log = sample(13)
    bench = Bench([log.checkpoint()])
    for first in range(1, 14):
        for last in range(first, 14):
            data = b"".join(log.lines(first, last))
            assert bench.first_bad(data, first=first, last=last) is None
            other = b"".join(forged(last, 13).lines(first, last))
            assert bench.first_bad(other, first=first, last=last) is not None
    # A segment does not pass for the whole log, nor for another segment.
    assert bench.first_bad(b"".join(log.lines(3, 9)), last=13) == 1
    assert bench.first_bad(b"".join(log.lines(3, 9)), first=3, last=10) == 10


def test_a_shorter_line_of_the_right_content_is_refused() -> None:
    """Spaces, another order of keys, escapes: the same meaning in other bytes is a change of the file."""
    for spelling in (
        json.dumps(json.loads(LINES[2]), sort_keys=True).encode() + b"\n",
        json.dumps(json.loads(LINES[2]), separators=(",", ":"), sort_keys=True).encode() + b"\n",
        LINES[2].replace(b'"seq":2', b'"seq":2.0'),
        LINES[2].replace(b'"seq":2', b'"seq":true'),
    ):
        assert BENCH.first_bad(b"".join([*LINES[:2], spelling, *LINES[3:]]), last=6) == 2


def test_a_body_that_hides_its_number_is_named() -> None:
    for body in (b"[]", b"7", b'{"seq":2}', b"not json", b"[" * 60_000):
        leaf = leaf_hash(body)
        line = export_line(2, body, leaf, sha256(LOG.chains[0] + leaf).digest())
        assert BENCH.first_bad(b"".join([*LINES[:2], line, *LINES[3:]]), last=6) == 2


def test_a_lost_body_needs_a_named_gap() -> None:
    lost = [LINES[0], LINES[1], export_line(2, None, LOG.leaves[1], LOG.chains[1]), *LINES[3:]]
    assert BENCH.first_bad(b"".join(lost), last=6) == 2
    assert BENCH.first_bad(b"".join(lost), last=6, lost=((2, 2),)) is None
    assert BENCH.first_bad(b"".join(lost), last=6, lost=((3, 6),)) == 2


def test_a_damaged_mirror_does_not_accuse_an_entry(tmp_path: Path) -> None:
    mirror = tmp_path / "leaves"
    hashes = [leaf.hex() for leaf in LOG.leaves]
    mirror.write_text("\n".join([*hashes[:3], "00" * 32, *hashes[4:], ""]))
    assert BENCH.first_bad(b"".join(LINES), last=6, leaves=mirror) == -1
    mirror.write_text("\n".join(hashes)[:200])
    assert BENCH.first_bad(b"".join(LINES), last=6, leaves=mirror) is None


# ---- as a program ----------------------------------------------------------------------------------------------------


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """What an auditor holds: export, key, witness directory."""
    log = sample(12)
    witness = tmp_path / "witness"
    witness.mkdir()
    (witness / "checkpoints").write_text("".join(signer().sign(log.checkpoint(size)) + "\n" for size in (5, 12)))
    (witness / "leaves").write_text("".join(f"{leaf.hex()}\n" for leaf in log.leaves))
    (tmp_path / "audit.pub").write_text(signer().key.text + "\n")
    (tmp_path / "export.jsonl").write_bytes(b"".join(log.lines()))
    note = signer().sign(log.checkpoint())
    (tmp_path / "proof.json").write_bytes(
        inclusion_document(seq=4, size=12, body=log.bodies[3], note=note, fetch=log.node)
    )
    path = proof(consistency_ranges(5, 12), log.node)
    (tmp_path / "consistency.json").write_bytes(consistency_document(5, 12, path))
    return tmp_path


def run(kit: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *arguments, "--checkpoint", str(kit / "witness"), "--key", str(kit / "audit.pub")],
        capture_output=True, text=True, check=False, cwd=kit,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_program_says_ok_and_exits_0(kit: Path) -> None:
    assert run(kit, "export.jsonl") == (
        0, "OK 12 entries, 1 to 12\ncheckpoint of size 12, 2026-11-20T08:00:00.000001Z\n",
    )  # fmt: skip
    assert run(kit, "proof.json")[0] == run(kit, "consistency.json")[0] == run(kit, "words")[0] == 0


def test_the_program_names_the_first_bad_number_and_exits_1(kit: Path) -> None:
    export = kit / "export.jsonl"
    export.write_bytes(export.read_bytes().replace(b"r000007", b"r000077"))
    code, said = run(kit, "export.jsonl")
    assert code == 1
    assert said.startswith("BAD first bad sequence number 7: its content does not have its hash")
    code, said = run(kit, "export.jsonl", "--json")
    assert code == 1
    assert json.loads(said)["first_bad"] == 7


def test_a_wrong_key_or_checkpoint_stops_everything(kit: Path) -> None:
    checkpoints = kit / "witness" / "checkpoints"
    good = checkpoints.read_text()
    checkpoints.write_text(good.replace("\n12\n", "\n13\n"))
    assert run(kit, "export.jsonl") == (1, "BAD the checkpoint of size 13 is not signed by the key\n")
    checkpoints.write_text(good + signer().sign(sample(13).checkpoint(13)).replace("13", "14", 1) + "\n")
    assert run(kit, "export.jsonl")[0] == 1
    checkpoints.write_text(good + signer().sign(Log.of([event(50 + n) for n in range(12)]).checkpoint()) + "\n")
    assert "two versions" in run(kit, "export.jsonl")[1]
    checkpoints.write_text("")
    assert run(kit, "export.jsonl")[0] == 1
    checkpoints.unlink()
    assert run(kit, "export.jsonl")[0] == 2


def test_an_export_that_outruns_the_checkpoint_is_not_vouched_for(kit: Path) -> None:
    (kit / "witness" / "checkpoints").write_text(signer().sign(sample(12).checkpoint(5)) + "\n")
    code, said = run(kit, "export.jsonl", "--to", "12")
    assert (code, "first bad sequence number 6" in said) == (1, True)
    code, said = run(kit, "export.jsonl")
    assert code == 1


def test_a_forged_proof_fails(kit: Path) -> None:
    path = kit / "proof.json"
    good = json.loads(path.read_text())
    for name, value in {
        "seq": 5,
        "size": 11,
        "body": good["body"].replace("r000004", "r000009"),
        "path": good["path"][1:],
    }.items():
        path.write_bytes(canonical_bytes({**good, name: value}) + b"\n")
        assert run(kit, "proof.json")[0] == 1, name
    consistency = kit / "consistency.json"
    good = json.loads(consistency.read_text())
    for name, value in {"first": 12, "second": 5, "path": [*good["path"][:-1], "00" * 32]}.items():
        consistency.write_bytes(canonical_bytes({**good, name: value}) + b"\n")
        assert run(kit, "consistency.json")[0] == 1, name


def test_the_program_reads_in_constant_memory_and_knows_no_portal(kit: Path) -> None:
    source = VERIFIER.read_text()
    assert "import portal" not in source
    assert "from portal" not in source
    imports = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imports - set(sys.stdlib_module_names) == {"cryptography"}
    assert "readlines" not in source
    assert run(kit, "missing.jsonl")[0] == 2
