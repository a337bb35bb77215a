#!/usr/bin/env python3
"""Check an export of the portal's audit log, with nothing but this file, Python 3.11 and `cryptography`.

    audit_verify.py export.jsonl --checkpoint FILE-OR-DIRECTORY --key audit.pub
    audit_verify.py export.jsonl --from 101 --to 200 --checkpoint … --key …     one segment instead of the whole log
    audit_verify.py proof.json --checkpoint … --key …                          the proof of one entry
    audit_verify.py consistency.json --checkpoint … --key …                    one checkpoint continues another
    audit_verify.py words --checkpoint … --key …                               the twelve words printed for each

It knows nothing of the portal's code and never opens its database. Keep your own copy of it, of the key and of the
checkpoints: what the portal's administrator can replace proves nothing against the administrator.

Without --from and --to the export must be the whole log up to the newest checkpoint given, so that a shortened file
fails. If the place of the checkpoints also holds the `leaves` file (one hash an entry), a rewritten log is traced to
the first entry that differs; with checkpoints alone, to the first entry after the last checkpoint that still agrees.

Exit 0: everything agrees. Exit 1: it does not; the first bad sequence number is printed. Exit 2: wrong use.
"""

import argparse
import base64
import binascii
import json
import re
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXPORT, PROOF, CONSISTENCY = ("portal-audit-export/1", "portal-audit-proof/1", "portal-audit-consistency/1")
HEADER_KEYS = {"format", "origin", "first", "last", "size", "chain", "left", "right"}
ENTRY_KEYS = {"seq", "body", "leaf", "chain"}
HEX64 = re.compile(r"[0-9a-f]{64}")
NOTE = re.compile(r"^(?:[^\n]+\n){5}\n(?:— [^\n]+\n)+(?=\n|\Z)", re.MULTILINE)
LONGEST_LINE = 4_000_000


class Bad(Exception):
    """The evidence does not hold. `seq` is the first entry that cannot be trusted, None where no entry is at fault."""

    def __init__(self, seq, problem):
        super().__init__(problem)
        self.seq = seq
        self.problem = problem


# ---- hashes and trees (RFC 6962 section 2.1) -------------------------------------------------------------------------


def leaf_hash(data):
    return sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """Perfect subtrees from left to right; a mountain range that gives the root at any size it passes."""

    def __init__(self):
        self.peaks = []  # (number of leaves, hash), widths fall from left to right
        self.size = 0

    def add(self, width, digest):
        if self.size % width:
            raise Bad(None, "the subtree hashes of the header do not fit their place")
        self.size += width
        while self.peaks and self.peaks[-1][0] == width:
            digest = node_hash(self.peaks.pop()[1], digest)
            width *= 2
        self.peaks.append((width, digest))

    def root(self):
        if not self.peaks:
            return sha256(b"").digest()
        digest = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            digest = node_hash(left, digest)
        return digest


def widths(first, end):
    """Widths of the fewest perfect, aligned subtrees that cover the leaves [first, end)."""
    while first < end:
        width = first & -first or 1 << end.bit_length()
        while width > end - first:
            width //= 2
        yield width
        first += width


# ---- checkpoints (C2SP signed notes, Ed25519) ------------------------------------------------------------------------


class Key:
    def __init__(self, text):
        self.name, _, rest = text.strip().partition("+")
        hex_id, _, encoded = rest.partition("+")
        raw = unbase64(encoded)
        if raw is None or len(raw) != 33 or raw[0] != 1:
            raise Bad(None, "the key file does not hold an Ed25519 key of the form name+id+base64")
        self.id = sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if self.id.hex() != hex_id:
            raise Bad(None, "the key's id does not belong to the key")
        self.public = Ed25519PublicKey.from_public_bytes(raw[1:])


class Checkpoint:
    def __init__(self, note, key):
        text, separator, signatures = note.partition("\n\n")
        text += "\n"
        lines = text.split("\n")
        if not separator or len(lines) != 6 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise Bad(None, "a checkpoint is malformed")
        chain = re.fullmatch(r"chain ([0-9a-f]{64})", lines[3])
        root = unbase64(lines[2])
        if root is None or len(root) != 32 or chain is None or not lines[4].startswith("time "):
            raise Bad(None, "a checkpoint is malformed")
        if lines[0] != key.name:
            raise Bad(None, f"a checkpoint is of {lines[0]!r}, the key of {key.name!r}")
        if not any(signed(line, text, key) for line in signatures.split("\n")):
            raise Bad(None, f"the checkpoint of size {lines[1]} is not signed by the key")
        self.origin, self.size, self.root, self.chain = lines[0], int(lines[1]), root, bytes.fromhex(chain[1])
        self.time, self.note = lines[4].removeprefix("time "), note


def signed(line, text, key):
    prefix = f"— {key.name} "
    raw = unbase64(line.removeprefix(prefix)) if line.startswith(prefix) else None
    if raw is None or len(raw) != 68 or raw[:4] != key.id:
        return False
    try:
        key.public.verify(raw[4:], text.encode())
    except InvalidSignature:
        return False
    return True


def read_checkpoints(paths, key):
    """All checkpoints by size, every one with a good signature; two that differ at one size prove a split view."""
    by_size, leaves = {}, None
    for place in paths:
        if place.is_dir() and (place / "leaves").is_file():
            leaves = leaves or place / "leaves"
        path = place / "checkpoints" if place.is_dir() else place
        notes = [match[0] for match in NOTE.finditer(path.read_text("utf-8"))]
        if not notes:
            raise Bad(None, f"no checkpoint in {path}")
        for note in notes:
            checkpoint = Checkpoint(note, key)
            known = by_size.setdefault(checkpoint.size, checkpoint)
            if (known.root, known.chain) != (checkpoint.root, checkpoint.chain):
                raise Bad(
                    None, f"two signed checkpoints of size {known.size} differ: two versions of the log were shown"
                )
    return by_size, leaves


class Leaves:
    """The mirror of leaf hashes kept beside the checkpoints: line n is the hash of entry n."""

    def __init__(self, path):
        self.stream = path.open("rb") if path else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.stream:
            self.stream.close()

    def at(self, seq):
        """The mirrored hash, or None where the mirror does not reach or is torn."""
        if self.stream is None:
            return None
        self.stream.seek((seq - 1) * 65)
        line = self.stream.read(65)
        if len(line) != 65 or line[64:] != b"\n" or not HEX64.fullmatch(line[:64].decode("ascii", "replace")):
            return None
        return bytes.fromhex(line[:64].decode())


# ---- the export ------------------------------------------------------------------------------------------------------


def parse_line(line, keys):
    """A line's object, if the line is exactly the canonical text of an object with these keys."""
    try:
        value = json.loads(line, parse_float=str, parse_constant=str)
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    except (ValueError, RecursionError):
        return None
    return value if again == line and isinstance(value, dict) and set(value) == keys else None


def digest_of(text):
    return bytes.fromhex(text) if isinstance(text, str) and HEX64.fullmatch(text) else None


def is_count(value):
    return type(value) is int and 0 <= value < 1 << 62


class Export:
    """Reads the file once, from front to back, in constant memory."""

    def __init__(self, stream, checkpoints, *, leaves, first, last, lost):
        self.stream, self.checkpoints, self.leaves = stream, checkpoints, leaves
        self.first, self.last, self.lost = first, last, lost
        self.tree, self.trusted = Tree(), first - 1  # entries up to `trusted` agree with a checkpoint
        self.differs = None  # first entry whose hash is not the mirrored one
        self.missing = []

    def check(self):
        header = self.header()
        chain = digest_of(header["chain"])
        for seq in range(self.first, self.last + 1):
            line = self.stream.readline(LONGEST_LINE)
            if not line:
                raise Bad(seq, "missing: the file ends before it")
            chain = self.entry(seq, line, chain)
            if seq in self.checkpoints:
                self.compare(self.checkpoints[seq], chain)
        if self.stream.read(1):
            raise Bad(self.last + 1, "unexpected: the file goes on after the last entry")
        if header["size"] > self.last:
            for width, digest in zip(widths(self.last, header["size"]), header["right"], strict=True):
                self.tree.add(width, digest_of(digest))
            self.compare(self.checkpoints[header["size"]], None)
        return header

    def header(self):
        value = parse_line(self.stream.readline(LONGEST_LINE), HEADER_KEYS)
        if value is None or value["format"] != EXPORT:
            raise Bad(self.first, "the header is not of an export of this version")
        sizes = [value["first"], value["last"], value["size"]]
        if not all(is_count(item) for item in sizes) or digest_of(value["chain"]) is None:
            raise Bad(self.first, "the header is malformed")
        if value["first"] != self.first:
            raise Bad(self.first, f"missing: the file starts at {value['first']}")
        if value["last"] != self.last:
            raise Bad(
                min(value["last"], self.last) + 1, f"the file claims to end at {value['last']}, not at {self.last}"
            )
        checkpoint = self.checkpoints.get(value["size"])
        if checkpoint is None or value["size"] < self.last or value["origin"] != checkpoint.origin:
            raise Bad(self.first, f"the file refers to a checkpoint of size {value['size']} that was not given")
        self.beside(value)
        return value

    def beside(self, value):
        """Take in the left edge; see that the right edge has the right shape."""
        for side, ends in (("left", (0, self.first - 1)), ("right", (self.last, value["size"]))):
            hashes, wanted = value[side], list(widths(*ends))
            if not isinstance(hashes, list) or len(hashes) != len(wanted) or not all(map(digest_of, hashes)):
                raise Bad(self.first, "the subtree hashes of the header do not fit its range")
            if side == "left":
                for width, digest in zip(wanted, hashes, strict=True):
                    self.tree.add(width, digest_of(digest))
        before = self.checkpoints.get(self.first - 1)
        start = before.chain if before else bytes(32) if self.first == 1 else None
        if start is not None and digest_of(value["chain"]) != start:
            raise Bad(self.first, "the running hash before the first entry is wrong")
        if before and before.root != self.tree.root():
            raise Bad(self.first, "the hashes of the header disagree with the checkpoint before the first entry")

    def entry(self, seq, line, chain):
        value = parse_line(line, ENTRY_KEYS)
        if value is None:
            raise Bad(seq, "its line is damaged")
        if not is_count(value["seq"]) or value["seq"] != seq:
            raise Bad(seq, f"out of order: number {value['seq']} stands in its place")
        leaf = digest_of(value["leaf"])
        if leaf is None or digest_of(value["chain"]) is None:
            raise Bad(seq, "its line is damaged")
        if value["body"] is None:
            self.without_body(seq)
        elif not isinstance(value["body"], str) or leaf_hash(value["body"].encode()) != leaf:
            raise Bad(seq, "its content does not have its hash")
        mirrored = self.leaves.at(seq)
        if mirrored is not None and mirrored != leaf and self.differs is None:
            self.differs = seq
        if value["body"] is not None:
            self.ties(seq, value["body"], chain)
        chain = sha256(chain + leaf).digest()
        if digest_of(value["chain"]) != chain:
            raise Bad(seq, "its running hash does not follow from the entry before it")
        self.tree.add(1, leaf)
        return chain

    def without_body(self, seq):
        if not any(first <= seq <= last for first, last in self.lost):
            raise Bad(seq, "its content is missing (a restore lost it? then name the gap with --lost)")
        self.missing.append(seq)

    def ties(self, seq, body, chain):
        """The entry names its own number and the running hash before it."""
        try:
            content = json.loads(body)
            tie = (content["seq"], content["prev"])
        except (ValueError, RecursionError, KeyError, TypeError):
            raise Bad(seq, "its content is not a record of this log") from None
        if tie[0] != seq:
            raise Bad(seq, f"its content belongs to number {tie[0]!r}")
        if tie[1] != chain.hex():
            # The entry before has consistent hashes of its own, but it is not the one this entry was sealed after.
            # Which of the two was replaced only the mirror knows; without it the earlier one is the suspect.
            suspect = self.differs or (seq if self.leaves.at(seq) else max(seq - 1, self.first))
            raise Bad(suspect, f"replaced: entry {seq} was sealed after another history")

    def compare(self, checkpoint, chain):
        agrees = self.tree.root() == checkpoint.root and chain in (None, checkpoint.chain)
        if agrees and self.differs:
            raise Bad(
                None, f"the mirror of leaf hashes is damaged at {self.differs}; the export agrees with its checkpoint"
            )
        if not agrees:
            first, last = self.trusted + 1, min(checkpoint.size, self.last)
            raise Bad(
                self.differs or min(first, last),
                f"rewritten: entries {first} to {last} are not those that the checkpoint of size {checkpoint.size} "
                "was signed over",
            )
        self.trusted = min(checkpoint.size, self.last)


def verify_export(path, checkpoints, *, leaves, first, last, lost):
    newest = max(checkpoints)
    last = newest if last is None else last
    if not 1 <= first <= last:
        raise Bad(None, f"nothing to check: the range is {first} to {last}")
    if last > newest:
        raise Bad(newest + 1, f"not covered: the newest checkpoint has size {newest}")
    with path.open("rb") as stream:
        export = Export(stream, checkpoints, leaves=leaves, first=first, last=last, lost=lost)
        header = export.check()
    newest_used = checkpoints[header["size"]]
    lines = [
        f"OK {last - first + 1} entries, {first} to {last}",
        f"checkpoint of size {newest_used.size}, {newest_used.time}",
    ]
    if export.missing:
        lines.append(
            f"WITHOUT CONTENT (hash only): {export.missing[0]} to {export.missing[-1]}, {len(export.missing)} in all"
        )
    return lines


# ---- proofs ----------------------------------------------------------------------------------------------------------


def verify_proof(value, checkpoints, key):
    seq, size, path = value.get("seq"), value.get("size"), value.get("path")
    if not is_count(seq) or not is_count(size) or not 1 <= seq <= size or not isinstance(path, list):
        raise Bad(None, "the proof is malformed")
    checkpoint = checkpoints.get(size) or Checkpoint(str(value.get("checkpoint")), key)
    if checkpoint.size != size:
        raise Bad(seq, f"the proof is for size {size}, its checkpoint of size {checkpoint.size}")
    body = value.get("body")
    if not isinstance(body, str) or not all(map(digest_of, path)):
        raise Bad(seq, "the proof is malformed")
    if inclusion_root(seq - 1, size, leaf_hash(body.encode()), [digest_of(step) for step in path]) != checkpoint.root:
        raise Bad(seq, "the entry is not in the log that the checkpoint was signed over")
    try:
        right_number = json.loads(body)["seq"] == seq
    except (ValueError, KeyError, TypeError):
        right_number = False
    if not right_number:
        raise Bad(seq, "the entry's content belongs to another number")
    return [f"OK entry {seq} is in the log of size {size}", f"checkpoint {checkpoint.time}"]


def inclusion_root(index, size, digest, path):
    last = size - 1
    for step in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            digest = node_hash(step, digest)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        index, last = index >> 1, last >> 1
    return digest if last == 0 else None


def verify_consistency(value, checkpoints):
    first, second, path = value.get("first"), value.get("second"), value.get("path")
    if not isinstance(path, list) or not all(map(digest_of, path)):
        raise Bad(None, "the proof is malformed")
    old, new = checkpoints.get(first), checkpoints.get(second)
    if old is None or new is None or not 0 < old.size <= new.size:
        raise Bad(None, f"give the checkpoints of size {first} and {second}")
    if not consistent(old, new, [digest_of(step) for step in path]):
        raise Bad(None, f"the log of size {new.size} does not continue the log of size {old.size}")
    return [f"OK the log of size {new.size} continues the log of size {old.size}"]


def consistent(old, new, steps):
    if old.size == new.size:
        return not steps and old.root == new.root
    if old.size & (old.size - 1) == 0:
        steps.insert(0, old.root)
    if not steps:
        return False
    index, last = old.size - 1, new.size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    left = right = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            left, right = node_hash(step, left), node_hash(step, right)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            right = node_hash(right, step)
        index, last = index >> 1, last >> 1
    return last == 0 and left == old.root and right == new.root


# ---- words, command line ---------------------------------------------------------------------------------------------


def words(note):
    digest = sha256(note.encode()).digest()[:24]
    for at in range(0, 24, 2):
        word = digest[at] << 8 | digest[at + 1]
        consonant, vowel = "bdfghjklmnprstvz", "aiou"
        yield (
            consonant[word >> 12]
            + vowel[word >> 10 & 3]
            + consonant[word >> 6 & 15]
            + vowel[word >> 4 & 3]
            + consonant[word & 15]
        )


def unbase64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def span(text):
    first, _, last = text.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a range such as 901-1000")
    return int(first), int(last or first)


def run(arguments):
    key = Key(arguments.key.read_text("utf-8"))
    checkpoints, leaves = read_checkpoints(arguments.checkpoint, key)
    if arguments.file == "words":
        return [
            f"{item.size:>10}  {item.time}  {' '.join(words(item.note))}" for _, item in sorted(checkpoints.items())
        ]
    path = Path(arguments.file)
    with path.open("rb") as stream:
        head = stream.readline(LONGEST_LINE)
    try:
        value = json.loads(head)
    except (ValueError, RecursionError):
        value = None
    form = value.get("format") if isinstance(value, dict) else None
    if form == PROOF:
        return verify_proof(value, checkpoints, key)
    if form == CONSISTENCY:
        return verify_consistency(value, checkpoints)
    first, last, lost = arguments.first, arguments.last, arguments.lost
    with Leaves(arguments.leaves or leaves) as mirror:
        return verify_export(path, checkpoints, leaves=mirror, first=first, last=last, lost=lost)


def main():
    parser = argparse.ArgumentParser(description="Check an export of the audit log against signed checkpoints.")
    parser.add_argument("file", help="export.jsonl, a proof, or the word `words`")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", required=True, help="file or witness directory; may be repeated"
    )
    parser.add_argument("--key", type=Path, required=True, help="the published key")
    parser.add_argument("--leaves", type=Path, help="mirror of leaf hashes, if not beside the checkpoints")
    parser.add_argument("--from", dest="first", type=int, default=1, help="first entry of a segment")
    parser.add_argument("--to", dest="last", type=int, help="last entry of a segment")
    parser.add_argument(
        "--lost", type=span, action="append", default=[], metavar="A-B", help="a gap known from a restore"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    arguments = parser.parse_args()
    try:
        lines, problem = run(arguments), None
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except UnicodeDecodeError:
        lines, problem = [], Bad(None, "the key or a checkpoint is not text")
    except Bad as bad:
        lines, problem = [], bad
    if arguments.json:
        found = {"ok": True} if problem is None else {"ok": False, "first_bad": problem.seq, "problem": problem.problem}
        print(json.dumps({**found, "lines": lines}, ensure_ascii=False))
    elif problem is None:
        print("\n".join(lines))
    else:
        where = "" if problem.seq is None else f" first bad sequence number {problem.seq}:"
        print(f"BAD{where} {problem.problem}")
    return 0 if problem is None else 1


if __name__ == "__main__":
    sys.exit(main())
