"""A court package proves itself offline: any flipped bit, any part dropped, doubled, swapped or cut short is named."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.rules.canonical import utc_text
from portal.audit.rules.export import inclusion_document
from portal.core.digest import digests_of, sm3_hex
from portal.core.errors import IllegalTransition, NotAllowed
from portal.evidence.models import FootageManifest, FootagePackage
from portal.evidence.operations import make_package, register_file, seal_set
from portal.evidence.queries import sealed_lines
from portal.evidence.queries.execution import items_of
from portal.evidence.rules import manifest_text, seal_manifest
from portal.evidence.rules.packing import (
    ANCHOR,
    MANIFEST,
    PROGRAM,
    Head,
    canonical,
    json_part,
    manifest_of,
    pack,
    write_archive,
)
from portal.evidence.values import CaseContent
from portal.evidence.values.packages import PACKAGE_MADE
from portal.papers.operations import PaperFailed, render
from portal.papers.values import FormKey
from tests.audit.specimen import event, sample, signer
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_copies import problems
from tests.evidence.test_rules import SET
from tests.papers.samples import SAMPLES
from tests.support.world import NOW

# Of the many forms the quickest to set; what is tried on it holds for each, see tests/papers/test_archival.py.
PAPER = render(FormKey.VIEWING_DECISION, SAMPLES[FormKey.VIEWING_DECISION])
HEAD = Head("DY2026-000001", "DY2026-000001-P01", utc_text(NOW), "王磊", "文峰区人民检察院")
KEY = signer().key.text


def program() -> ModuleType:
    """The stand-alone verifier as a module; it imports nothing of the portal."""
    spec = importlib.util.spec_from_file_location("court_verify", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECK = program()


def anchored(manifest: Mapping[str, Any]) -> bytes:
    """A signed log of eleven records, the eighth of which holds the root."""
    log = sample(7)
    changes = [{"field": "root", "type": "text", "old": None, "new": manifest["root"]}]
    log.add(event(8, tag=PACKAGE_MADE, subject_label=manifest["serial"], changes=changes))
    for number in (9, 10, 11):
        log.add(event(number))
    note = signer().sign(log.checkpoint())
    document = inclusion_document(seq=8, size=11, body=log.bodies[7], note=note, fetch=log.node)
    return json_part({"key": KEY, "proof": json.loads(document)})


def parts_of_one() -> dict[str, bytes]:
    """The parts of a small package."""
    files = [json.loads(manifest_text(line)) for line in SET]
    digest = seal_manifest(HEAD.request, SET)
    handed = [{"serial": f"{HEAD.request}-01", "digest": digest}]
    return {
        "00-README.txt": "说明\n".encode(),
        "01-request.json": json_part({"number": HEAD.request, "unit": "安阳职业技术学院"}),
        "04-files.json": json_part({"digest": digest, "files": files}),
        "05-custody.json": json_part({"lines": [{"seq": 1, "act": "copied"}, {"seq": 2, "act": "registered"}]}),
        "06-copies.json": json_part({"handovers": handed, "copies": []}),
        "papers/overview.pdf": b"%PDF-1.7\n" + bytes(range(64)),
    }


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The package of some parts, anchored."""
    manifest = manifest_of(HEAD, parts)
    return pack(manifest, parts, anchored(manifest))


PARTS = parts_of_one()
GOOD = packed(PARTS)
MEMBERS = [
    (one.filename, zipfile.ZipFile(BytesIO(GOOD)).read(one)) for one in zipfile.ZipFile(BytesIO(GOOD)).infolist()
]
NAMES = [name for name, _ in MEMBERS]


def fault(raw: bytes, **more: Any) -> str:
    """What the verifier finds wrong; empty when nothing."""
    try:
        CHECK.verify(raw, KEY, **more)
    except CHECK.Bad as bad:
        return str(bad)
    return ""


def owner(at: int) -> str:
    """The part whose header or data holds a byte of the good package."""
    listed = zipfile.ZipFile(BytesIO(GOOD)).infolist()
    return (
        next((one.filename for one in reversed(listed) if one.header_offset <= at), "")
        if at < directory()
        else "directory"
    )


def directory() -> int:
    """Where the directory of the good package begins."""
    return GOOD.index(b"PK\x01\x02")


def test_a_good_package_holds_and_its_bytes_depend_on_nothing_but_its_parts() -> None:
    assert fault(GOOD) == ""
    assert packed(PARTS) == GOOD
    assert [MANIFEST, *PARTS, ANCHOR] == NAMES


@pytest.mark.requirement("EVI-17")
def test_a_flipped_bit_in_any_byte_is_named() -> None:
    spoilt = bytearray(GOOD)
    for at in range(len(GOOD)):
        spoilt[at] ^= 1 << at % 8
        found = fault(bytes(spoilt))
        assert found.startswith(owner(at)), (at, owner(at), found)
        spoilt[at] ^= 1 << at % 8


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_parts_dropped_doubled_swapped_or_added_are_named(data: st.DataObject) -> None:
    members = list(MEMBERS)
    at = data.draw(st.integers(1, len(members) - 2), label="part")
    match data.draw(st.sampled_from(["drop", "double", "swap", "add", "replace"]), label="what"):
        case "drop":
            gone = members.pop(at)[0]
            assert fault(write_archive(members)).startswith(f"{gone}: missing")
        case "double":
            members.insert(at, members[at])
            with pytest.warns(UserWarning, match="Duplicate name"):
                twice = write_archive(members)
            assert fault(twice) != ""
        case "swap":
            other = data.draw(st.integers(1, len(members) - 2).filter(lambda one: one != at), label="other")
            members[at], members[other] = members[other], members[at]
            first = NAMES[min(at, other)]
            assert fault(write_archive(members)).startswith(f"{first}: out of order")
        case "add":
            members.insert(at, ("extra.txt", data.draw(st.binary(max_size=40))))
            assert fault(write_archive(members)) == "extra.txt: not in the manifest"
        case "replace":
            body = data.draw(st.binary(max_size=200).filter(lambda one: one != members[at][1]))
            members[at] = (members[at][0], body)
            assert fault(write_archive(members)) != ""


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(GOOD) - 1))
def test_a_package_cut_anywhere_fails(length: int) -> None:
    assert fault(GOOD[:length]) != ""
    assert fault(GOOD[:length] + GOOD[length + 1 :]) != ""


@pytest.mark.parametrize(
    ("part", "spoil", "named"),
    [
        ("05-custody.json", lambda said: said["lines"].pop(0), "05-custody.json: a line of the register is missing"),
        ("04-files.json", lambda said: said["files"].reverse(), "04-files.json: the digest of the sealed set"),
        ("04-files.json", lambda said: said["files"].pop(), "04-files.json: the digest of the sealed set"),
        ("06-copies.json", lambda said: said["handovers"][0].update(digest="0" * 64), "06-copies.json: copy DY2026"),
        ("01-request.json", lambda said: said.update(number="DY2026-000002"), "01-request.json: it is about another"),
    ],
)
def test_a_package_made_anew_over_changed_facts_fails(part: str, spoil: Any, named: str) -> None:
    """Whoever repacks with a manifest of their own still has to make the parts agree, and then lacks the signature."""
    said = json.loads(PARTS[part])
    spoil(said)
    changed = {**PARTS, part: json_part(said)}
    manifest = manifest_of(HEAD, changed)
    assert fault(pack(manifest, changed, anchored(manifest))).startswith(named)
    whole = {**PARTS, "00-README.txt": b"another"}
    other = manifest_of(HEAD, whole)
    assert fault(pack(other, whole, anchored(manifest_of(HEAD, PARTS)))).startswith("anchor.json: the record")


@pytest.mark.parametrize("crafted", [None, 1, [], {"a": 1}, 1.5, True, "x"])
def test_an_anchor_of_other_kinds_is_named_as_malformed_and_stops_nothing(crafted: Any) -> None:
    """The program says what is wrong: it does not break down before a court."""
    manifest = manifest_of(HEAD, PARTS)
    anchor = json.loads(anchored(manifest))
    told = json.loads(anchor["proof"]["body"])
    shifted = {**anchor["proof"], "seq": crafted, "body": json.dumps({**told, "seq": crafted})}
    for spoilt in ({**anchor, "key": crafted}, {**anchor, "proof": crafted}, {**anchor, "proof": shifted}):
        assert fault(pack(manifest, PARTS, json_part(spoilt))).startswith("anchor.json: ")


def test_a_key_of_ones_own_is_not_the_published_one() -> None:
    with pytest.raises(CHECK.Bad, match="which is not the published key"):
        CHECK.verify(GOOD, _other_key())
    assert any(line.startswith("signed by, compare") for line in CHECK.verify(GOOD, None))


def _other_key() -> str:
    from portal.audit.rules.checkpoint import Signer

    return Signer("test.portal/audit", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))).key.text


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_the_programs_ed25519_agrees_with_the_library(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert CHECK.ed25519_verify(public, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not CHECK.ed25519_verify(public, message, bytes(flipped))
    assert not CHECK.ed25519_verify(public, message + b"x", signature)


def test_the_program_runs_alone_and_compares_the_files(tmp_path: Path) -> None:
    content = b"clip"
    line = {**json.loads(PARTS["04-files.json"])["files"][0], "sha256": digests_of(content).sha256}
    lines = [canonical(line)]
    head = json.dumps({"files": 1, "request": HEAD.request}, sort_keys=True, separators=(",", ":")).encode()
    digest = CHECK.merkle([head, *lines]).hex()
    parts = {
        **PARTS,
        "04-files.json": json_part({"digest": digest, "files": [line]}),
        "06-copies.json": json_part({"handovers": [], "copies": []}),
    }
    (tmp_path / "p.zip").write_bytes(packed(parts))
    (tmp_path / "audit.pub").write_text(KEY)
    (tmp_path / "verify.py").write_bytes(PROGRAM.read_bytes())
    medium = tmp_path / "medium"
    medium.mkdir()
    run = [sys.executable, "-I", "-S", "verify.py", "p.zip", "--key", "audit.pub", "--files", "medium"]
    missing = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (missing.returncode, missing.stdout.split(":")[0]) == (1, f"BAD {line['name']}")
    (medium / "renamed.dav").write_bytes(content)
    good = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "OK: everything agrees"), good.stdout


def test_sm3_and_player_are_in_the_digest_and_older_sets_keep_theirs(session: Session, city: EvidenceCity) -> None:
    from dataclasses import replace

    assert seal_manifest("DY2026-000001", [replace(SET[0], sm3="b" * 64)]) != seal_manifest("DY2026-000001", SET[:1])
    assert "sm3" not in json.loads(manifest_text(SET[0]))
    request = city.assigned()
    city.unlock(request)
    file = city.file(sm3=sm3_hex(b"clip").upper(), player="PotPlayer 厂商版 4.2")
    with pytest.raises(Exception, match="bad_sm3") as caught:
        register_file(session, actor=city.custodian, request_id=request.id, file=city.file(sm3="1"), now=NOW + 3 * HOUR)
    assert problems(caught) == {("sm3", "evidence.bad_sm3")}
    register_file(session, actor=city.custodian, request_id=request.id, file=file, now=NOW + 3 * HOUR)
    manifest = seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    (line,) = sealed_lines(manifest)
    assert (line["sm3"], line["player"]) == (sm3_hex(b"clip"), "PotPlayer 厂商版 4.2")
    assert items_of(session, request.id)[0].sm3 == sm3_hex(b"clip")


def made(
    session: Session,
    city: EvidenceCity,
    request: Any,
    who: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    paper: bytes = PAPER,
) -> bytes:
    """A package by the operation, the sealer's part played by a log of the test."""
    monkeypatch.setattr(
        "portal.evidence.operations.packages.record_and_prove",
        lambda *_, subject, changes, **__: _proved(subject.label, changes[0].new),
    )
    manifest = session.get(FootageManifest, request.id)
    files = {"digest": manifest.digest, "files": sealed_lines(manifest)}
    parts = {
        **PARTS,
        "01-request.json": json_part({"number": request.number}),
        "04-files.json": json_part(files),
        "06-copies.json": json_part({"handovers": [], "copies": []}),
        "papers/overview.pdf": paper,
    }
    _, archive = make_package(
        session, actor=who, request_id=request.id, recipient="检察院", parts=lambda *_: parts, now=NOW + 5 * HOUR
    )
    return archive


def _proved(serial: str, root: str) -> tuple[str, bytes]:
    said = json.loads(anchored({"root": root, "serial": serial}))
    return said["key"], canonical(said["proof"])


@pytest.mark.requirement("EVI-17")
def test_a_package_is_made_of_a_sealed_set_and_stays_on_record(
    session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = city.sealed()
    archive = made(session, city, request, city.officer, monkeypatch)
    assert fault(archive) == ""
    row = session.scalars(select(FootagePackage)).one()
    assert (row.serial, row.sha256) == (f"{request.number}-P01", digests_of(archive).sha256)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_package set recipient = 'x'"))
    with pytest.raises(NotAllowed):
        made(session, city, request, city.leader, monkeypatch)
    with pytest.raises(IllegalTransition):
        make_package(
            session, actor=city.officer, request_id=city.assigned().id, recipient="x", parts=lambda *_: {}, now=NOW
        )


@pytest.mark.requirement("EVI-17")
def test_a_paper_that_is_no_pdf_a_leaves_in_no_package(
    session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = city.sealed()
    with pytest.raises(PaperFailed) as refused:
        made(session, city, request, city.officer, monkeypatch, paper=PAPER.replace(b"/ID[", b"/IX["))
    assert refused.value.data["part"] == "papers/overview.pdf"
    assert session.scalars(select(FootagePackage)).all() == []


@pytest.mark.requirement("EVI-20")
def test_the_package_of_a_secret_case_is_made_by_its_readers_alone(
    session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = CaseContent("密", "密", "密", "密", "密")
    request = city.sealed(content=hidden, secret=True, readers=(city.head.person_id,))
    for who in (city.security, city.custodian):
        with pytest.raises(NotAllowed):
            made(session, city, request, who, monkeypatch)
    assert fault(made(session, city, request, city.head, monkeypatch)) == ""


def _rewritten(change: Any) -> bytes:
    """The members written again by a common library, one thing about the archive changed."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in MEMBERS:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            change(archive, entry)
            archive.writestr(entry, data)
    return out.getvalue()


@pytest.mark.requirement("EVI-17")
@pytest.mark.parametrize(
    "trick",
    [
        lambda: b"\x00" * 64 + GOOD,  # a program before the archive, as of one that unpacks itself
        lambda: GOOD + b"trailing",
        lambda: GOOD[:-2] + b"\x04\x00note",  # a comment
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "compress_type", zipfile.ZIP_DEFLATED)),
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "date_time", (2026, 1, 1, 0, 0, 0))),
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "external_attr", 0o120777 << 16)),  # a link
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "extra", b"\x99\x99\x04\x00evil")),
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "comment", b"evil")),
        lambda: _rewritten(lambda _archive, entry: setattr(entry, "filename", "../" + entry.filename)),
        lambda: GOOD[: directory()] + GOOD,  # the parts twice, the directory once
        lambda: GOOD + GOOD,
        # Two directories: readers that trust the first and those that trust the last see two archives.
        lambda: GOOD + GOOD[directory() :],
        lambda: GOOD[:4] + b"\x14\x00\x08\x00" + GOOD[8:],  # sizes said to follow the data
    ],
)
def test_tricks_with_the_archive_itself_fail(trick: Any) -> None:
    assert fault(trick()) != ""


JSON_PARTS = [name for name in PARTS if name.endswith(".json")]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The address of every plain value in a JSON document."""
    if isinstance(value, dict):
        return [place for key, inner in value.items() for place in _places(inner, (*path, key))]
    if isinstance(value, list):
        return [place for key, inner in enumerate(value) for place in _places(inner, (*path, key))]
    return [path]


FACTS = [(name, place) for name in JSON_PARTS for place in _places(json.loads(PARTS[name]))]


@pytest.mark.requirement("EVI-17")
@pytest.mark.parametrize(("part", "place"), FACTS, ids=lambda value: str(value)[:40])
def test_no_fact_is_changed_behind_the_signature(part: str, place: tuple[Any, ...]) -> None:
    """Every single value, changed by one who repacks with a manifest that fits: the signed record is not about it."""
    said = json.loads(PARTS[part])
    inner = said
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = "另一个值" if isinstance(inner[place[-1]], str) else 987654321
    changed = {**PARTS, part: json_part(said)}
    raw = pack(manifest_of(HEAD, changed), changed, MEMBERS[-1][1])
    found = fault(raw)
    assert found.startswith(("anchor.json: the record of the audit log is about another", f"{part}: ", "04-", "06-"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(MEMBERS[-1][1]) - 1), st.integers(1, 255))
def test_the_anchor_bears_no_other_byte(at: int, by: int) -> None:
    anchor = bytearray(MEMBERS[-1][1])
    anchor[at] ^= by
    assert fault(write_archive([*MEMBERS[:-1], (ANCHOR, bytes(anchor))])).startswith("anchor.json")
