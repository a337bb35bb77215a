"""What a request may ask for, when footage is lost, and how a handed-over set is sealed. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from portal.core.codes import resident_id_problem, tidy
from portal.core.errors import Problem
from portal.evidence.rules.overwriting import pressing_within
from portal.evidence.values import (
    INSTRUMENTS,
    NOT_UPLOADED,
    ORGANS,
    TAKES_AWAY,
    ActKind,
    CameraFacts,
    IdKind,
    InstrumentKind,
    ManifestLine,
    OfficerDraft,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.facts import Interest

MAX_NAME = 80
MAX_NUMBER = 40
MAX_TEXT = 2000
MAX_CAMERAS = 200  # what one page and one paper can still name


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What the effective rules say about this unit and requester. No number of these stands in code."""

    officers: int
    acts: frozenset[ActKind]
    purposes: frozenset[Purpose]
    papers: frozenset[Paper]
    copy_needs_reason: bool = False
    relations: frozenset[Relation] = frozenset()
    interests: frozenset[Interest] = frozenset()
    admitted: bool = True


def scope_problems(asked: RequestParticulars, cameras: Sequence[CameraFacts], *, now: datetime) -> list[Problem]:
    """Faults of span and cameras: a backward or future span, none or unknown cameras, footage that is gone."""
    found = _span_problems(asked, now=now)
    if not cameras:
        found.append(Problem("cameras", "evidence.no_camera"))
    if len(set(asked.camera_ids)) != len(cameras):
        found.append(Problem("cameras", "evidence.camera_unknown"))
    if asked.act is ActKind.LIVE or found:
        return found
    return [problem for camera in cameras if (problem := lost_footage(asked, camera, now=now)) is not None]


def lost_footage(asked: RequestParticulars, camera: CameraFacts, *, now: datetime) -> Problem | None:
    """Whether a camera's footage of the span is overwritten, wholly or at its beginning, and since when."""
    kept_from = earliest_kept(camera, now=now)
    if asked.span_from >= kept_from:
        return None
    keeps = timedelta(days=camera.retention_days)
    data = {"camera": camera.label, "days": camera.retention_days}
    if asked.span_to <= kept_from:
        return Problem("cameras", "evidence.footage_lost", {**data, "lost_on": asked.span_to + keeps})
    return Problem(
        "cameras",
        "evidence.footage_partly_lost",
        {**data, "lost_on": asked.span_from + keeps, "kept_from": kept_from},
    )


def earliest_kept(camera: CameraFacts, *, now: datetime) -> datetime:
    """The oldest moment whose footage still exists: the retention days back, or further where a hold stopped it."""
    rolling = now - timedelta(days=camera.retention_days)
    return rolling if camera.held_from is None else min(rolling, camera.held_from)


def requester_problems(asked: RequestParticulars, limits: RequestLimits, *, today: date) -> list[Problem]:
    """Faults of who asks and for what: instrument, officers, act, purpose, reasons, the undertaking."""
    found = [
        *_instrument_problems(asked),
        *_officer_problems(asked, limits, today=today),
        *_act_problems(asked, limits),
    ]
    if not limits.admitted:
        found.append(Problem("requester_kind", "evidence.requester_refused"))
    if asked.purpose not in limits.purposes:
        found.append(Problem("purpose", "evidence.purpose_not_open"))
    if not asked.secret and not asked.content.reason.strip():
        found.append(Problem("reason", "evidence.reason_needed"))
    found += _too_long(
        {"reason": asked.content.reason, "copy_reason": asked.content.copy_reason, "summary": asked.content.summary}
    )
    if not asked.undertaking:
        found.append(Problem("undertaking", "evidence.undertaking_needed"))
    if not asked.secret and needs_case(asked.requester_kind) and not asked.content.case_number.strip():
        found.append(Problem("case_number", "evidence.case_number_needed"))
    if asked.secret and not asked.readers:
        found.append(Problem("readers", "evidence.readers_needed"))
    if asked.requester_kind is RequesterKind.INDIVIDUAL and asked.relation not in limits.relations:
        found.append(
            Problem("relation", "evidence.relation_not_open" if asked.relation else "evidence.relation_needed")
        )
    return found


def needs_case(kind: RequesterKind) -> bool:
    """Organs act on a case; departments, outside units and individuals may have none."""
    return kind in ORGANS


def paper_problems(limits: RequestLimits, attached: Iterable[Paper]) -> list[Problem]:
    """Papers the rules ask of this requester and that are not attached. Nothing beyond the rules is asked."""
    return [
        Problem("papers", "evidence.paper_missing", {"paper": str(kind)})
        for kind in sorted(limits.papers - NOT_UPLOADED - frozenset(attached))
    ]


class Urgency(StrEnum):
    """How the overwrite clock stands."""

    SAFE = "safe"
    CALM = "calm"
    SOON = "soon"
    LOST = "lost"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class OverwriteClock:
    """When the first footage of a request begins to be lost, and how pressing that is."""

    urgency: Urgency
    lost_at: datetime | None = None
    camera: str = ""

    @property
    def pressing(self) -> bool:
        """Whether somebody must act now."""
        return self.urgency in {Urgency.SOON, Urgency.LOST}


def overwrite_clock(
    span_from: datetime, retention: Mapping[str, int], *, now: datetime, held: bool, safe: bool
) -> OverwriteClock:
    """The clock of a request: the least retention among its cameras counts."""
    if safe or not retention:
        return OverwriteClock(Urgency.SAFE)
    camera, days = min(retention.items(), key=lambda item: (item[1], item[0]))
    moment = span_from + timedelta(days=days)
    if held:
        return OverwriteClock(Urgency.HELD, moment, camera)
    if now >= moment:
        return OverwriteClock(Urgency.LOST, moment, camera)
    return OverwriteClock(Urgency.SOON if moment - now <= pressing_within(now) else Urgency.CALM, moment, camera)


def manifest_text(line: ManifestLine) -> bytes:
    """The canonical bytes of one file of the set: what the digest covers, field by field."""
    values: dict[str, object] = {
        "camera": line.camera_code,
        "clock_offset_seconds": line.clock_offset_seconds,
        "format": line.format,
        "from": line.span_from.astimezone(UTC).isoformat(),
        "name": line.name,
        "sha256": line.sha256.lower(),
        "size": line.size,
        "to": line.span_to.astimezone(UTC).isoformat(),
    }
    # Sets sealed before these were asked for keep the digest they were sealed with.
    values |= {name: value for name, value in (("sm3", line.sm3.lower()), ("player", line.player)) if value}
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal_manifest(request_number: str, lines: Sequence[ManifestLine]) -> str:
    """The Merkle root (RFC 6962 hashing) over a header and the files in order, as hex.

    The header names the request and the count, so a set cannot be shortened, reordered or passed for another's.
    """
    header = json.dumps({"files": len(lines), "request": request_number}, sort_keys=True, separators=(",", ":"))
    return merkle_root([header.encode(), *(manifest_text(line) for line in lines)])


def merkle_root(leaves: Sequence[bytes]) -> str:
    """The Merkle root over some leaves in order, as hex."""
    return _root([sha256(b"\x00" + leaf).digest() for leaf in leaves]).hex()


def same_digest(given: str, sealed: str) -> bool:
    """Whether a digest read off a receipt is the sealed one; blanks, dashes and case do not matter."""
    return "".join(given.split()).replace("-", "").lower() == sealed.lower()


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _span_problems(asked: RequestParticulars, *, now: datetime) -> list[Problem]:
    if asked.span_to <= asked.span_from:
        return [Problem("span_to", "evidence.span_backward")]
    if asked.act is ActKind.LIVE:
        return [Problem("span_to", "evidence.live_is_past")] if asked.span_to <= now else []
    return [Problem("span_to", "evidence.span_future", {"now": now})] if asked.span_to > now else []


def _instrument_problems(asked: RequestParticulars) -> list[Problem]:
    found = []
    if asked.instrument_kind not in INSTRUMENTS[asked.requester_kind]:
        found.append(Problem("instrument_kind", "evidence.instrument_wrong_kind"))
    # The urgent telephone path exists for administrative cases only; its paper follows (MPS procedure rules art. 28).
    phoned = asked.urgent_by_phone and asked.requester_kind is RequesterKind.POLICE_ADMINISTRATIVE
    if asked.urgent_by_phone and not phoned:
        found.append(Problem("urgent_by_phone", "evidence.phone_not_open"))
    numbered = asked.requester_kind in ORGANS or asked.instrument_kind is InstrumentKind.INTRODUCTION_LETTER
    if numbered and not asked.instrument_number.strip() and not phoned:
        found.append(Problem("instrument_number", "evidence.instrument_number_needed"))
    if len(asked.instrument_number) > MAX_NAME:
        found.append(Problem("instrument_number", "too_long", {"max": MAX_NAME}))
    return found


def _officer_problems(asked: RequestParticulars, limits: RequestLimits, *, today: date) -> list[Problem]:
    found = []
    for index, officer in enumerate(asked.officers):
        if not officer.name.strip():
            found.append(Problem(f"officers-{index}-name", "evidence.officer_name_needed"))
        if not officer.number.strip():
            found.append(Problem(f"officers-{index}-number", "evidence.officer_number_needed"))
        elif code := _number_problem(officer, today=today):
            found.append(Problem(f"officers-{index}-number", code))
        if len(officer.name) > MAX_NAME or len(officer.number) > MAX_NUMBER:
            found.append(Problem(f"officers-{index}-name", "too_long", {"max": MAX_NAME}))
    given = count_people(asked.officers)
    if given < limits.officers:
        found.append(Problem("officers", "evidence.officers_too_few", {"needed": limits.officers, "given": given}))
    return found


def count_people(officers: Sequence[OfficerDraft]) -> int:
    """How many different people come at least: one who shows two papers is one, two of one name with a paper each of
    the same kind are two."""
    papers: dict[str, dict[IdKind, set[str]]] = {}
    for officer in officers:
        papers.setdefault(tidy(officer.name), {}).setdefault(officer.id_kind, set()).add(tidy(officer.number))
    by_name = sum(max(len(numbers) for numbers in kinds.values()) for kinds in papers.values())
    return min(by_name, len({(officer.id_kind, tidy(officer.number)) for officer in officers}))


def _act_problems(asked: RequestParticulars, limits: RequestLimits) -> list[Problem]:
    if asked.act not in limits.acts:
        code = (
            "evidence.individual_views_only"
            if asked.requester_kind is RequesterKind.INDIVIDUAL
            else "evidence.act_not_open"
        )
        return [Problem("act", code)]
    found = []
    if asked.act in TAKES_AWAY and limits.copy_needs_reason and not asked.content.copy_reason.strip():
        found.append(Problem("copy_reason", "evidence.copy_reason_needed"))
    if len(set(asked.camera_ids)) > MAX_CAMERAS:
        found.append(Problem("cameras", "evidence.too_many_cameras", {"max": MAX_CAMERAS}))
    return found


def _too_long(texts: Mapping[str, str]) -> list[Problem]:
    return [Problem(name, "too_long", {"max": MAX_TEXT}) for name, text in texts.items() if len(text) > MAX_TEXT]


def _number_problem(officer: OfficerDraft, *, today: date) -> str | None:
    number = tidy(officer.number)
    match officer.id_kind:
        case IdKind.IDENTITY_CARD:
            fault = resident_id_problem(number, today=today)
            return fault.code if fault is not None else None
        case IdKind.POLICE_NUMBER:
            # Six digits nationally; some bureaus write seven or eight with a prefix.
            good = number.isascii() and number.isdigit() and 5 <= len(number) <= 8
            return None if good else "evidence.bad_police_number"
        case _:
            return None if 2 <= len(number) <= MAX_NUMBER else "evidence.bad_work_id"
