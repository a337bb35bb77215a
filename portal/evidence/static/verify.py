#!/usr/bin/env python3
"""Check a court package of the portal, with nothing but this file and Python 3.10 or later. No network, no portal.

    verify.py package.zip --key audit.pub            the package, against the published key
    verify.py package.zip --key audit.pub --files D  the exported files in directory D as well

Take this file and the key from the authority that runs the portal, not from the package: what comes with the evidence
proves nothing against whoever made the evidence. Without --key the key inside the package is used and its name is
printed, to be compared with the published one.

Every byte of the package is either hashed or follows from what is hashed. Checked are: each part against the manifest;
the manifest's root; the record of the audit log that holds the root, its path to the signed checkpoint and the
signature; the sealed set, whose digest the receivers acknowledged; the register's lines without a gap.

Exit 0: everything agrees. Exit 1: it does not; what is wrong is named. Exit 2: wrong use.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FORMAT, PROOF, TAG = "portal-court-package/1", "portal-audit-proof/1", "evidence:package:make"
MANIFEST, ANCHOR = "manifest.json", "anchor.json"
HEAD_KEYS = ("format", "made_at", "made_by", "recipient", "request", "serial")
LINE_KEYS = ("name", "sha256", "size", "sm3")
LOCAL, CENTRAL, END = "<4s5H3L2H", "<4s4B4H3L5H2L", "<4s4H2LH"
DAY = 33  # the first of January 1980, before which an archive knows no time


class Bad(Exception):
    """What does not hold, and where."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> str | None:
    """SM3 (GB/T 32905), where this Python's OpenSSL has it."""
    if "sm3" not in hashlib.algorithms_available:
        return None
    return hashlib.new("sm3", data).hexdigest()


def merkle(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaves (RFC 6962 section 2.1)."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + merkle(leaves[:split]) + merkle(leaves[split:]))


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_json(name: str, data: bytes) -> Any:
    """The value of a part, if its bytes are exactly the canonical text of a value."""
    try:
        value = json.loads(data)
        same = canonical(value) + b"\n" == data
    except (ValueError, RecursionError):
        raise Bad(name, "altered: it is not what the portal writes") from None
    if not same:
        raise Bad(name, "altered: it is not written as the portal writes it")
    return value


def local_header(name: str, data: bytes) -> bytes:
    crc, size = zlib.crc32(data), len(data)
    return struct.pack(LOCAL, b"PK\x03\x04", 20, 0, 0, 0, DAY, crc, size, size, len(name), 0) + name.encode()


def directory(parts: Sequence[tuple[str, bytes]]) -> bytes:
    """The end of the archive: its directory as it follows from the parts."""
    listed, at = b"", 0
    for name, data in parts:
        crc, size = zlib.crc32(data), len(data)
        head = (b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, DAY, crc, size, size, len(name), 0, 0, 0, 0, 0o644 << 16, at)
        listed += struct.pack(CENTRAL, *head) + name.encode()
        at += len(local_header(name, data)) + size
    return listed + struct.pack(END, b"PK\x05\x06", 0, 0, len(parts), len(parts), len(listed), at, 0)


def name_at(raw: bytes, at: int) -> str:
    """The name of the part that begins here, or nothing."""
    if raw[at : at + 4] != b"PK\x03\x04" or at + 30 > len(raw):
        return ""
    length = struct.unpack_from("<H", raw, at + 26)[0]
    return raw[at + 30 : at + 30 + length].decode("ascii", "replace")


def framed(raw: bytes, at: int, name: str) -> bytes:
    if name_at(raw, at) != name:
        raise Bad(name, "missing, or its header in the archive was altered")
    size = struct.unpack_from("<L", raw, at + 22)[0]
    start = at + 30 + len(name)
    data = raw[start : start + size]
    if len(data) < size:
        raise Bad(name, "cut short")
    if raw[at:start] != local_header(name, data):
        raise Bad(name, "altered, or its header in the archive was")
    return data


def misplaced(raw: bytes, at: int, name: str, known: Sequence[str]) -> None:
    there = name_at(raw, at)
    if there in known and there != name:
        later = name.encode() in raw[at:].split(b"PK\x01\x02")[0]
        raise Bad(name, f"out of order: {there} stands in its place" if later else f"missing: {there} follows instead")
    if there and there != name:
        size = int(struct.unpack_from("<L", raw, at + 22)[0])
        if name_at(raw, at + 30 + len(there) + size) == name:
            raise Bad(there, "not in the manifest")


def listed(raw: bytes, at: int, line: dict[str, Any], known: Sequence[str]) -> bytes:
    name, start = line["name"], at + 30 + len(line["name"])
    data = raw[start : start + line["size"]]
    misplaced(raw, at, name, known)
    if len(data) < line["size"]:
        raise Bad(name, "missing or cut short: the archive ends inside it")
    if sha256(data).hex() != line["sha256"]:
        raise Bad(name, "altered: its SHA-256 is not the one in the manifest")
    if sm3(data) not in (None, line["sm3"]):
        raise Bad(name, "altered: its SM3 is not the one in the manifest")
    if raw[at:start] != local_header(name, data):
        raise Bad(name, "its header in the archive was altered")
    return data


def unpack(raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and every part, each found where it must be and as it must be."""
    manifest = read_manifest(framed(raw, 0, MANIFEST))
    parts = [(MANIFEST, framed(raw, 0, MANIFEST))]
    at = 30 + len(MANIFEST) + len(parts[0][1])
    names = [line["name"] for line in manifest["entries"]]
    for line in manifest["entries"]:
        data = listed(raw, at, line, [*names, ANCHOR])
        parts.append((line["name"], data))
        at += 30 + len(line["name"]) + len(data)
    misplaced(raw, at, ANCHOR, ())
    anchor = framed(raw, at, ANCHOR)
    parts.append((ANCHOR, anchor))
    at += 30 + len(ANCHOR) + len(anchor)
    if raw[at:] != directory(parts):
        raise Bad("directory of the archive", "altered, cut short or followed by something else")
    return manifest, dict(parts)


def read_manifest(data: bytes) -> dict[str, Any]:
    value = read_json(MANIFEST, data)
    keys = {*HEAD_KEYS, "entries", "root"}
    if not isinstance(value, dict) or set(value) != keys or value["format"] != FORMAT:
        raise Bad(MANIFEST, "it is not of a package of this version")
    lines = value["entries"]
    good = isinstance(lines, list) and all(
        isinstance(line, dict) and set(line) == set(LINE_KEYS) and type(line["size"]) is int and line["size"] >= 0
        and isinstance(line["name"], str) and line["name"].isascii()
        for line in lines
    )  # fmt: skip
    if not good or len({line["name"] for line in lines}) != len(lines):
        raise Bad(MANIFEST, "its list of parts is malformed")
    if root_of(value).hex() != value["root"]:
        raise Bad(MANIFEST, "altered: its root does not follow from what it lists")
    return value


def root_of(manifest: dict[str, Any]) -> bytes:
    """The root over the head and the parts in their order."""
    head = canonical({**{key: manifest[key] for key in HEAD_KEYS}, "count": len(manifest["entries"])})
    return merkle([head, *(canonical(line) for line in manifest["entries"])])


def check_anchor(manifest: dict[str, Any], data: bytes, published: str | None) -> str:
    """The name of the key that signed a log which holds this root."""
    value = read_json(ANCHOR, data)
    try:
        key_text, proof = value["key"], value["proof"]
        if set(value) != {"key", "proof"} or set(proof) != {"format", "seq", "size", "body", "path", "checkpoint"}:
            raise Bad(ANCHOR, "malformed")
        body = json.loads(proof["body"])
        roots = [change["new"] for change in body["changes"] if change["field"] == "root"]
        said = (proof["format"], body["tag"], body["subject"]["label"], body["seq"], roots)
        size, root, text, signature = read_note(proof["checkpoint"], key_text)
        path = [bytes.fromhex(one) for one in proof["path"]]
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError):
        raise Bad(ANCHOR, "malformed") from None
    if type(proof["seq"]) is not int or said != (PROOF, TAG, manifest["serial"], proof["seq"], [manifest["root"]]):
        raise Bad(ANCHOR, "the record of the audit log is about another package")
    if proof["size"] != size or climb(proof["seq"] - 1, size, sha256(b"\x00" + proof["body"].encode()), path) != root:
        raise Bad(ANCHOR, "the record is not in the log that the checkpoint was signed over")
    name, public = read_key(key_text)
    if published is not None and read_key(published.strip()) != (name, public):
        raise Bad(ANCHOR, f"signed by {key_text}, which is not the published key")
    if not ed25519_verify(public, text.encode(), signature):
        raise Bad(ANCHOR, "the signature under the checkpoint is not good")
    return str(key_text)


def read_key(text: str) -> tuple[str, bytes]:
    """Name and public half of a key written name+id+base64."""
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    raw = unbase64(encoded)
    if len(raw) != 33 or raw[0] != 1 or sha256(name.encode() + b"\n" + raw)[:4].hex() != hex_id:
        raise Bad(ANCHOR, "not an Ed25519 key of the form name+id+base64")
    return name, raw[1:]


def read_note(note: str, key_text: str) -> tuple[int, bytes, str, bytes]:
    """Size, root, signed text and signature of a checkpoint (C2SP signed note)."""
    name, public = read_key(key_text)
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    prefix = f"— {name} "
    if len(lines) != 5 or lines[0] != name or not signatures.startswith(prefix) or not signatures.endswith("\n"):
        raise Bad(ANCHOR, "the checkpoint is malformed")
    raw = unbase64(signatures[len(prefix) : -1])
    key_id = sha256(name.encode() + b"\n\x01" + public)[:4]
    root = unbase64(lines[2])
    if len(raw) != 68 or raw[:4] != key_id or len(root) != 32 or str(int(lines[1])) != lines[1]:
        raise Bad(ANCHOR, "the checkpoint is malformed")
    return int(lines[1]), root, text + "\n", raw[4:]


def climb(place: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from a leaf (RFC 9162 section 2.1.3.2)."""
    last, root = size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = sha256(b"\x01" + step + root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = sha256(b"\x01" + root + step)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Bad(ANCHOR, "not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Bad(ANCHOR, "not canonical base64")
    return raw


# Ed25519, verifying only: the reference of RFC 8032 section 6. It handles nothing secret.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def add(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    found = (0, 1, 1, 0)
    while number > 0:
        if number & 1:
            found = add(found, point)
        point, number = add(point, point), number >> 1
    return found


def same(one: Point, two: Point) -> bool:
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0


def recover(data: bytes) -> Point | None:
    """The point of 32 bytes, or nothing where there is none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if (x & 1) != sign else x
    return (x, y, 1, x * y % P)


BASE = recover((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    key, half = recover(public), recover(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or half is None or BASE is None or scalar >= ORDER or len(signature) != 64:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    return same(times(scalar, BASE), add(half, times(int.from_bytes(digest, "little") % ORDER, key)))


def check_content(manifest: dict[str, Any], parts: dict[str, bytes]) -> Any:
    """The parts agree with one another: one request, the sealed set, the register without a gap."""
    said = {name: read_json(name, data) for name, data in parts.items() if name.endswith(".json") and name != ANCHOR}
    try:
        request, files = said["01-request.json"], said["04-files.json"]
        custody, copies = said["05-custody.json"], said["06-copies.json"]
        if request["number"] != manifest["request"]:
            raise Bad("01-request.json", "it is about another request")
        lines = [canonical(line) for line in files["files"]]
        head = json.dumps({"files": len(lines), "request": request["number"]}, sort_keys=True, separators=(",", ":"))
        if merkle([head.encode(), *lines]).hex() != files["digest"]:
            raise Bad("04-files.json", "the digest of the sealed set does not follow from its files")
        if [line["seq"] for line in custody["lines"]] != list(range(1, len(custody["lines"]) + 1)):
            raise Bad("05-custody.json", "a line of the register is missing")
        for handed in copies["handovers"]:
            if handed["digest"] != files["digest"]:
                raise Bad("06-copies.json", f"copy {handed['serial']} was handed over under another digest")
    except (KeyError, TypeError):
        raise Bad("the parts", "they are not those of a court package") from None
    return files


def check_files(files: dict[str, Any], place: Path) -> list[str]:
    """The exported files beside the package, each against its digests; their names may have changed on the way."""
    known = {}
    for path in sorted(one for one in place.rglob("*") if one.is_file()):
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                digest.update(piece)
        known[digest.hexdigest()] = path.name
    told = []
    for line in files["files"]:
        if line["sha256"] not in known:
            raise Bad(line["name"], "no file in the directory has its SHA-256")
        told.append(f"file {line['name']}: as exported")
    return told


def verify(raw: bytes, published: str | None = None, files: Path | None = None) -> list[str]:
    """Check everything; what was found good. Raises Bad."""
    manifest, parts = unpack(raw)
    content = check_content(manifest, parts)
    key = check_anchor(manifest, parts[ANCHOR], published)
    told = [
        f"package {manifest['serial']} of request {manifest['request']}, made for {manifest['recipient']}",
        f"{len(parts) - 2} parts, root {manifest['root']}",
        f"sealed set of {len(content['files'])} files, digest {content['digest']}",
        f"{'signed by the published key' if published else 'signed by, compare with the published key'}: {key}",
    ]
    if sm3(b"") is None:
        told.append("SM3 was not checked: this Python has none; SHA-256 was")
    return told + (check_files(content, files) if files else [])


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the package and say what was found."""
    parser = argparse.ArgumentParser(description="Check a court package offline.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--key", type=Path, help="the published key, name+id+base64")
    parser.add_argument("--files", type=Path, help="directory with the exported files")
    given = parser.parse_args(arguments)
    try:
        published = given.key.read_text("utf-8") if given.key else None
        told = verify(given.package.read_bytes(), published, given.files)
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except Bad as bad:
        print(f"BAD {bad}")
        return 1
    print("OK: everything agrees")
    for line in told:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
