"""Decree 799 art. 14: which facts were filed, so that a change of one must be reported. Pure.

Filed is what a submission freezes (operations/frozen.py reads the same lists). Whether a change must be reported, and by
when, is the governing text's to say; which facts it is about is said here, once.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.registry.rules.fields import FILED
from portal.registry.states import CameraStatus
from portal.regulation.effective import EffectiveRules

SYSTEM_FACTS = (
    "name",
    "kind",
    "regime",
    "purpose",
    "address",
    "district",
    "retention_days",
    "software",
    "records_audio",
    "has_analytics",
    "storage_kind",
    "declared_devices",
)
SYSTEM_DAYS = ("in_use_on", "construction_began_on", "construction_finished_on")
UNIT_FACTS = ("name", "uscc", "unit_type", "district", "address", "principal_name", "contact_name")
PLACE = ("lon", "lat", "datum", "position")
# The organ gives the code and the rules the zone its name: neither is something the unit stated and now states otherwise.
_GIVEN = frozenset({"gb_code"})
_OF_CAMERA = frozenset({*FILED, *PLACE}) - _GIVEN - {"status"}
_OF_SYSTEM = frozenset({*SYSTEM_FACTS, *SYSTEM_DAYS, *PLACE})
# A declared pair of degrees and the point they come to are one fact.
_ONE = {**dict.fromkeys(PLACE, "position"), "declared_lon": "position", "declared_lat": "position"}
_COUNTED = frozenset({"camera.came", "camera.went"})
MOST_KEPT = 40

Pairs = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True)
class FiledChange:
    """A filed fact that is another now. `fact` reads «part.field»; `subject` names the one camera, paper or party it is
    about, `count` how many there are when they are many."""

    fact: str
    subject: str = ""
    count: int = 1


def camera_changes(pairs: Pairs, *, subject: str = "") -> list[FiledChange]:
    """What changed of one camera's file, as pairs of before and after, that was filed."""
    return [FiledChange(fact=fact, subject=subject) for fact in _camera_facts(pairs)]


def cameras_changes(rows: Iterable[Pairs]) -> list[FiledChange]:
    """The same of many cameras: each fact once, with how many it changed at."""
    counted = Counter(fact for pairs in rows for fact in _camera_facts(pairs))
    return [FiledChange(fact=fact, count=count) for fact, count in counted.items()]


def cameras_came(count: int, *, subject: str = "") -> list[FiledChange]:
    """The number of devices is a filed item: cameras entered."""
    return [FiledChange(fact="camera.came", subject=subject, count=count)] if count else []


def system_changes(pairs: Pairs) -> list[FiledChange]:
    """What changed of a system, its parties included (`party_<role>`), that was filed."""
    facts = dict.fromkeys(
        f"party.{name.removeprefix('party_')}" if name.startswith("party_") else f"system.{_ONE.get(name, name)}"
        for name, (old, new) in pairs.items()
        if (name in _OF_SYSTEM or name.startswith("party_")) and (old or None) != (new or None)
    )
    return [FiledChange(fact=fact) for fact in facts]


def unit_changes(pairs: Pairs) -> list[FiledChange]:
    """What changed of a unit that every filing of its systems states."""
    return [
        FiledChange(fact=f"unit.{name}")
        for name, (old, new) in pairs.items()
        if name in UNIT_FACTS and (old or None) != (new or None)
    ]


def paper_changes(rules: EffectiveRules, *, slot: str, title: str, newer: bool) -> list[FiledChange]:
    """A newer version of a paper, where the governing text counts papers among what is filed."""
    among = "construction_papers" in rules.terms("filing.required_fields")
    slots = {paper.document for paper in rules.documents("filing")}
    return [FiledChange(fact="document.newer", subject=title)] if newer and among and slot in slots else []


def _camera_facts(pairs: Pairs) -> Collection[str]:
    facts = dict.fromkeys(
        f"camera.{_ONE.get(name, name)}"
        for name, (old, new) in pairs.items()
        if (name in _OF_CAMERA or name in _ONE) and old != new
    )
    old, new = pairs.get("status", ("", ""))
    # A camera under repair is still one of those that were filed; one taken down, or put up again, is not.
    if old != new and CameraStatus.DISMANTLED in (old, new):
        facts["camera.went" if new == CameraStatus.DISMANTLED else "camera.came"] = None
    return facts


def noted(
    kept: Sequence[Mapping[str, Any]], changes: Iterable[FiledChange], *, now: datetime
) -> list[Mapping[str, Any]]:
    """The changes a running limit is about, with these added; what was changed again counts from the later moment."""
    fresh = {(each.fact, each.subject): each for each in changes}
    before = {(one["fact"], one["subject"]): one for one in kept}
    lines = [one for key, one in before.items() if key not in fresh]
    for key, each in fresh.items():
        line = {"fact": each.fact, "subject": each.subject, "count": each.count, "at": now.isoformat()}
        if key in before and not each.subject:
            kept_count = int(before[key]["count"])
            # Devices that come in batches add up; the same field changed twice may be at the same cameras.
            line["count"] = each.count + kept_count if each.fact in _COUNTED else max(each.count, kept_count)
        lines.append(line)
    return lines[-MOST_KEPT:]


def unreported(kept: Sequence[Mapping[str, Any]], *, submitted_at: datetime) -> list[Mapping[str, Any]]:
    """Of the changes a limit is about, those that came after the submission now accepted."""
    return [one for one in kept if datetime.fromisoformat(str(one["at"])) > submitted_at]
