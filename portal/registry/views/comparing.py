"""What a filing is set against: the submission before it, what probes see, the rule that chose its organ."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity, Scope
from portal.registry import queries
from portal.registry.labels import (
    CAMERA_FIELD,
    CAMERA_TYPE,
    DIFF_PART,
    MISMATCH,
    PARTY,
    REGIME,
    STORAGE,
    SYSTEM_KIND,
    UNIT_TYPE,
)
from portal.registry.labels.camera import shown
from portal.registry.labels.past import SYSTEM_FIELD, UNIT_FIELD, device_words
from portal.registry.models import Filing, FilingRevision, System
from portal.registry.operations.frozen import canonical, content_of
from portal.registry.queries.cameras import withheld_cameras
from portal.registry.queries.history import once_secret
from portal.registry.rules import BY_KEY, Comparison, Declared, Mismatch, compare, mismatches
from portal.registry.states import FilingStatus
from portal.registry.values import CameraType, PartyRole
from portal.regulation.schema.base import Citation

SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Told:
    """A comparison with the words to show it: what it is set against, and its lines."""

    against: str
    comparison: Comparison
    lines: Sequence[tuple[str, str, str]]
    more: int


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """What a reader is not shown of a frozen content: cameras that are secret now, and, `all`, those that were then.

    What was frozen before the mark of secrecy was frozen with it does not tell: of those cameras, `once` gives the ones
    that were secret at any time, and that is how they are taken.
    """

    now: frozenset[str]
    all: bool
    once: Callable[[Collection[str]], Collection[str]]

    @classmethod
    def of(cls, session: Session, identity: Identity, filing: Filing) -> "Withheld":
        """For one reader of one filing."""
        inside = Scope(unit_ids=frozenset({filing.unit_id}), districts=frozenset({filing.district}), unit_only=True)
        outsider = not allows(identity, Permission.CAMERA_READ, inside)
        return cls(
            now=withheld_cameras(session, identity, filing.system_id),
            all=outsider,
            once=lambda keys: once_secret(session, filing.system_id, keys),
        )

    def hides(self, cameras: Sequence[Mapping[str, Any]]) -> Collection[str]:
        """The keys of those of these frozen cameras that the reader is not shown."""
        if not self.all:
            return self.now
        unmarked = [str(one["id"]) for one in cameras if "secret" not in one]
        marked = {str(one["id"]) for one in cameras if one.get("secret")}
        return self.now | marked | set(self.once(unmarked) if unmarked else ())


def shown_content(content: str, withheld: Withheld) -> dict[str, Any]:
    """A frozen content as a reader may see it: without the secret cameras that are not theirs to know of."""
    told: dict[str, Any] = json.loads(content)
    cameras = told.get("cameras") or ()
    hidden = withheld.hides(cameras)
    kept = [one for one in cameras if one["id"] not in hidden]
    return told | {"cameras": kept, "withheld": len(cameras) - len(kept)}


def comparison_of(
    session: Session,
    filing: Filing,
    revisions: Sequence[FilingRevision],
    *,
    system: System | None = None,
    withheld: Withheld,
) -> Told | None:
    """The newest of these submissions against the one before it; with `system`, what a draft or a returned filing would
    submit now against what was submitted or filed last.

    `revisions` come newest first. None where there is nothing earlier.
    """
    editing = system is not None and filing.status in (FilingStatus.DRAFT, FilingStatus.RETURNED)
    newest = list(revisions[:1]) if not editing else []
    earlier = list(revisions[len(newest) : len(newest) + 1])
    same_filing = bool(earlier)
    earlier = earlier or list(_filed_before(session, filing))
    if not earlier or (not newest and system is None):
        return None
    now = newest[0].content if newest or system is None else canonical(content_of(session, filing, system))
    before, after = (shown_content(content, withheld) for content in (earlier[0].content, now))
    found = compare(before, after)
    lines = list(_lines(found))
    against = gettext("the submission before") if same_filing else gettext("what is filed")
    return Told(against=against, comparison=found, lines=lines[:SHOWN], more=max(0, len(lines) - SHOWN))


def _filed_before(session: Session, filing: Filing) -> Sequence[FilingRevision]:
    if filing.previous_id is None:
        return ()
    statement = select(FilingRevision).where(FilingRevision.filing_id == filing.previous_id)
    return session.scalars(statement.order_by(FilingRevision.revision.desc()).limit(1)).all()


def _lines(found: Comparison) -> Iterator[tuple[str, str, str]]:
    """Each difference as name, before, after, in the reader's words."""
    for line in found.lines:
        name = _field(line.part, line.field)
        label = f"{line.subject} · {name}" if line.subject else name
        yield label, _value(line.part, line.field, line.old), _value(line.part, line.field, line.new)


def _field(part: str, name: str) -> str:
    if part == "parties":
        return str(PARTY[PartyRole(name)])
    tables: Mapping[str, Mapping[str, Any]] = {"unit": UNIT_FIELD, "system": SYSTEM_FIELD, "cameras": CAMERA_FIELD}
    if name == "position":
        return gettext("Position (WGS-84)")
    return str(tables.get(part, {}).get(name) or COMPONENT_FIELD.get(name, lambda: name)())


COMPONENT_FIELD = {
    "name": lambda: gettext("Name"),
    "maker": lambda: gettext("Maker"),
    "model": lambda: gettext("Model"),
    "software_version": lambda: gettext("Version"),
    "count": lambda: gettext("How many"),
    "part": lambda: gettext("Kind of part"),
    "title": lambda: gettext("Title"),
}


def _value(part: str, name: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name == "position":
        return ", ".join(value)
    if name == "declared_devices":
        return device_words(value)
    if part == "cameras" and name in BY_KEY:
        return str(shown(BY_KEY[name], value))
    return str(words_of(name).get(value, value))


def words_of(name: str) -> Mapping[Any, Any]:
    """The words of a field with a closed vocabulary."""
    tables: Mapping[str, Mapping[Any, Any]] = {
        "kind": SYSTEM_KIND,
        "regime": REGIME,
        "storage_kind": STORAGE,
        "unit_type": UNIT_TYPE,
    }
    return tables.get(name, {})


def labels_of_differences() -> dict[str, Any]:
    """What the templates of a comparison need."""
    return {"diff_parts": DIFF_PART, "mismatch_words": mismatch_words}


def mismatches_of(session: Session, system: System) -> Sequence[Mismatch]:
    """Where what is declared of a system and what its files and probes tell differ (REG-19)."""
    declared = Declared(
        by_type=system.declared_devices,
        records_audio=system.records_audio,
        has_analytics=system.has_analytics,
        retention_days=system.retention_days,
    )
    return mismatches(declared, queries.seen_of(session, system.id))


def mismatch_words(item: Mismatch) -> str:
    """One mismatch in words."""
    subject = str(CAMERA_TYPE[CameraType(item.subject)]) if item.subject in set(CameraType) else item.subject
    return str(MISMATCH[item.code]) % {"subject": subject}


def routed_of(why: Mapping[str, Any] | None) -> Sequence[Citation]:
    """The texts that made the organ competent, as they were when the filing was sent."""
    return [Citation.of(*pair) for pair in (why or {}).get("citations", ())]
