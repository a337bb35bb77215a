"""Each thing the portal checks by itself: from the facts and the rules to a verdict with its evidence. Pure.

A check that no rule asks for is not made. What probes tell counts for a system only where they tell enough of its
cameras: the share that must be online is also the share that must be measured.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal.reachability.rules import is_smaller, pixels_of
from portal.readiness.states import CheckKey, CheckVerdict, Source
from portal.readiness.values import WORST, Check, Facts, Named
from portal.registry.states import LiveState
from portal.registry.values.archive import Validity
from portal.registry.values.zones import SHORT_OF
from portal.regulation.effective import EffectiveRules, RequiredDocument
from portal.regulation.schema.keys import RuleKey

_MET, _NOT, _UNKNOWN = CheckVerdict.MET, CheckVerdict.NOT_MET, CheckVerdict.UNKNOWN
_UP = (LiveState.ONLINE, LiveState.DEGRADED)
_DOWN = (LiveState.OFFLINE, LiveState.UNREACHABLE)
_HELD = frozenset({Validity.VALID, Validity.EXPIRING})


def checks_of(facts: Facts, rules: EffectiveRules, papers: Sequence[RequiredDocument]) -> tuple[Check, ...]:
    """Every check that a rule asks for. `papers` are those the kind of acceptance asks to be handed in."""
    blocking = set(rules.terms(RuleKey.READINESS_BLOCKING))
    made = (
        *_premises(facts, rules),
        *_footage(facts, rules),
        *_devices(facts, rules),
        *_archive(facts, rules, papers),
    )
    return tuple(
        replace(check, blocking=check.key in blocking, short=tuple(check.short), citations=tuple(check.citations))
        for check in made
    )


def _premises(facts: Facts, rules: EffectiveRules) -> Iterator[Check]:
    if facts.zones:
        short = [zone for zone in facts.zones if zone.state in SHORT_OF]
        named = [Named(key=one.key, zh=one.name.zh, en=one.name.en, value=str(one.state)) for one in short]
        yield _listed(
            CheckKey.ZONES,
            named,
            found=f"{len(facts.zones) - len(short)}/{len(facts.zones)}",
            at=facts.at,
            citations=tuple(
                dict.fromkeys(cited for one in rules.zones() if one.zone.required for cited in one.citations)
            ),
        )
    verdict = _NOT if facts.forbidden else (_UNKNOWN if facts.waiting else _MET)
    yield Check(
        key=CheckKey.INTERIORS,
        verdict=verdict,
        measured_at=facts.at,
        found=str(facts.forbidden or facts.waiting),
        code="forbidden" if facts.forbidden else ("waiting" if facts.waiting else ""),
        citations=rules.citations(RuleKey.FORBIDDEN_INTERIORS),
    )
    if rules.flag(RuleKey.PRIVACY_MASK_RESIDENCES):
        yield Check(
            key=CheckKey.MASKS,
            verdict=_NOT if facts.unmasked else _MET,
            measured_at=facts.at,
            found=str(facts.unmasked),
            citations=rules.citations(RuleKey.PRIVACY_MASK_RESIDENCES),
        )
    if facts.unsigned is not None:
        named = [Named(zh=one.zh, en=one.en) for one in facts.unsigned]
        cited = rules.citations(RuleKey.SIGN_REQUIRED)
        yield _listed(CheckKey.SIGNS, named, found=str(len(named)), at=facts.at, citations=cited)


def _footage(facts: Facts, rules: EffectiveRules) -> Iterator[Check]:
    least = rules.integer(RuleKey.RETENTION_MIN_DAYS)
    if least is not None:
        cited = rules.citations(RuleKey.RETENTION_MIN_DAYS)
        yield replace(_declared(facts, least), citations=cited)
        yield replace(_measured(facts, rules, least), citations=cited)
    cameras = facts.cameras
    if rules.flag(RuleKey.RETENTION_REAL_TIME) or least is not None:
        yield _probed(
            CheckKey.RECORDING,
            facts,
            rules,
            good=cameras.recording,
            bad=cameras.not_recording,
            short=cameras.worst.get("not_recording", ()),
            at=facts.examined_at,
            cites=RuleKey.RETENTION_REAL_TIME,
        )


def _declared(facts: Facts, least: int) -> Check:
    """What is stated of the system as a whole, and of each camera that states anything."""
    short = sum(number for days, number in facts.cameras.declared_days.items() if days < least)
    days = facts.declared_days
    named = [one for one in facts.cameras.worst.get("declared_days", ()) if int(one.value) < least]
    code = "unstated" if days is None else ("system" if days < least else ("cameras" if short else ""))
    return Check(
        key=CheckKey.RETENTION_DECLARED,
        verdict=_NOT if code else _MET,
        measured_at=facts.at,
        found="" if days is None else str(days),
        wanted=str(least),
        code=code,
        short=named,
        more=max(0, short - len(named)),
    )


def _measured(facts: Facts, rules: EffectiveRules, least: int) -> Check:
    """How far back the devices' own recordings go. A device that has not run for so long cannot have kept so much: it
    neither proves nor disproves anything."""
    spans = facts.cameras.spans
    good = sum(number for days, _, number in spans if days >= least)
    bad = sum(number for days, alive, number in spans if days < least <= alive)
    named = [one for one in facts.cameras.worst.get("span", ()) if int(one.value) < least]
    check = _probed(
        CheckKey.RETENTION_MEASURED, facts, rules, good=good, bad=bad, short=named if bad else (), at=facts.examined_at
    )
    young = sum(number for days, alive, number in spans if days < least and alive < least)
    lowest = min((days for days, alive, _ in spans if days >= least or alive >= least), default=None)
    return replace(
        check,
        found="" if lowest is None else str(lowest),
        wanted=str(least),
        code="young" if young and check.verdict is _UNKNOWN else check.code,
    )


def _devices(facts: Facts, rules: EffectiveRules) -> Iterator[Check]:
    yield from _resolution(facts, rules)
    cameras = facts.cameras
    if not cameras.total:
        return
    yield _as_filed(facts, rules)
    yield _online(facts, rules)
    most = rules.integer(RuleKey.READINESS_CLOCK_SECONDS)
    if most is not None:
        off = sum(number for drift, number in cameras.drifts.items() if abs(drift) > most)
        named = [one for one in cameras.worst.get("drift", ()) if abs(int(one.value)) > most]
        clock = _probed(
            CheckKey.CLOCK,
            facts,
            rules,
            good=sum(cameras.drifts.values()) - off,
            bad=off,
            short=named,
            at=facts.probed_at,
            cites=RuleKey.READINESS_CLOCK_SECONDS,
        )
        furthest = max((abs(drift) for drift in cameras.drifts), default=None)
        yield replace(clock, found="" if furthest is None else str(furthest), wanted=str(most))
    yield _probed(
        CheckKey.PASSWORDS,
        facts,
        rules,
        good=cameras.guarded,
        bad=cameras.open,
        short=cameras.worst.get("open", ()),
        at=facts.examined_at,
        cites=RuleKey.PEOPLE_ACCESS_CONTROL,
    )


def _resolution(facts: Facts, rules: EffectiveRules) -> Iterator[Check]:
    floor = _floor(rules)
    if floor is None or not facts.cameras.total:
        return
    cited = (*rules.citations(RuleKey.IMAGE_MIN_WIDTH), *rules.citations(RuleKey.IMAGE_MIN_HEIGHT))
    wanted = f"{floor[0]}×{floor[1]}"

    def low(text: str) -> bool:
        return _is_low(text, floor)

    for key, told, name, at in (
        (CheckKey.RESOLUTION_DECLARED, facts.cameras.declared_pixels, "declared_pixels", facts.at),
        (CheckKey.RESOLUTION_MEASURED, facts.cameras.measured_pixels, "measured_pixels", facts.pictures_at),
    ):
        read = {text: number for text, number in told.items() if pixels_of(text)}
        bad = sum(number for text, number in read.items() if low(text))
        named = [one for one in facts.cameras.worst.get(name, ()) if low(one.value)]
        good = sum(read.values()) - bad
        made = _probed(key, facts, rules, good=good, bad=bad, short=named, at=at)
        source = Source.REGISTRY if key is CheckKey.RESOLUTION_DECLARED else Source.PROBE
        least = min(read, key=_area, default="")
        yield replace(made, source=source, wanted=wanted, found=least, citations=cited)


def _floor(rules: EffectiveRules) -> tuple[int, int] | None:
    width, height = rules.integer(RuleKey.IMAGE_MIN_WIDTH), rules.integer(RuleKey.IMAGE_MIN_HEIGHT)
    return None if width is None or height is None else (width, height)


def _is_low(text: str, floor: tuple[int, int] | None) -> bool:
    pixels = pixels_of(text)
    return floor is not None and pixels is not None and is_smaller(pixels, floor)


def _as_filed(facts: Facts, rules: EffectiveRules) -> Check:
    """Whether the pictures are what the files say. One below the floor is a matter of `resolution_measured` alone."""
    floor, good, bad, low = _floor(rules), 0, 0, 0
    for measured, filed, number in facts.cameras.pictures:
        sizes = pixels_of(measured), pixels_of(filed)
        if sizes[0] is None or sizes[1] is None or not is_smaller(sizes[0], sizes[1]):
            good += number
        elif _is_low(measured, floor):
            low += number
        else:
            bad += number
    named = [one for one in facts.cameras.worst.get("smaller", ()) if not _is_low(one.value.split(" ")[0], floor)]
    made = _probed(
        CheckKey.RESOLUTION_AGREES,
        facts,
        rules,
        good=good + low,
        bad=bad,
        short=named if bad else (),
        at=facts.pictures_at,
        cites=RuleKey.FILING_REQUIRED_FIELDS,
    )
    return replace(made, found=f"{good}/{facts.cameras.total}")


def _area(text: str) -> int:
    pixels = pixels_of(text)
    return pixels[0] * pixels[1] if pixels else 0


def _online(facts: Facts, rules: EffectiveRules) -> Check:
    states, total = facts.cameras.states, facts.cameras.total
    up, down = (sum(states.get(state, 0) for state in group) for group in (_UP, _DOWN))
    share = _share(rules)
    check = Check(
        key=CheckKey.ONLINE,
        verdict=_UNKNOWN,
        source=Source.PROBE,
        measured_at=facts.probed_at,
        found=f"{up}/{total}",
        wanted=f"{share:.0%}",
        citations=rules.citations(RuleKey.READINESS_ONLINE_SHARE),
    )
    if not _fresh(facts, rules, facts.probed_at) or not up + down:
        return replace(check, code="unprobed")
    if up < share * (up + down):
        named = facts.cameras.worst.get("down", ())
        return replace(check, verdict=_NOT, code="short", short=named, more=max(0, down - len(named)))
    return replace(check, verdict=_MET) if up >= share * total else replace(check, code="unprobed")


def _archive(facts: Facts, rules: EffectiveRules, papers: Sequence[RequiredDocument]) -> Iterator[Check]:
    cameras = facts.cameras
    worst = cameras.worst
    if cameras.coded or cameras.code_faults:
        yield _counted(
            CheckKey.DEVICE_CODES, cameras.code_faults, worst.get("code", ()), facts, found=str(cameras.coded)
        )
    files = _counted(CheckKey.FILES, cameras.faulty, worst.get("file", ()), facts, found=str(cameras.total))
    if not cameras.total:
        files = replace(files, verdict=_NOT, code="none")
    elif not cameras.faulty and cameras.unjudged:
        files = replace(files, verdict=_UNKNOWN, code="unjudged")
    yield replace(files, citations=rules.citations(RuleKey.FILING_REQUIRED_FIELDS))
    yield from _papers(facts, papers)
    asked = rules.flag(RuleKey.SYSTEM_QUALIFIED_SUPPLIERS)
    if asked or facts.firms:
        bad = [firm for firm in facts.firms if firm.standing not in _HELD]
        named = [Named(zh=one.name, en=one.name, value=str(one.standing)) for one in bad]
        cited = rules.citations(RuleKey.SYSTEM_QUALIFIED_SUPPLIERS)
        made = _listed(CheckKey.QUALIFICATION, named, found=str(len(facts.firms)), at=facts.at, citations=cited)
        yield made if facts.firms else replace(made, verdict=_NOT, code="none")
    if rules.flag(RuleKey.FILING_REQUIRED) and (facts.in_use or facts.filed):
        cited = rules.citations(RuleKey.FILING_REQUIRED)
        verdict = _MET if facts.filed else _NOT
        yield Check(key=CheckKey.FILED, verdict=verdict, measured_at=facts.at, citations=cited)


def _papers(facts: Facts, papers: Sequence[RequiredDocument]) -> Iterator[Check]:
    required = [paper for paper in papers if paper.required]
    if not required:
        return
    standing = {paper.document: facts.papers.get(paper.document, Validity.MISSING) for paper in required}
    named = [
        Named(key=paper.document, zh=paper.text.zh, en=paper.text.en, value=str(standing[paper.document]))
        for paper in required
        if standing[paper.document] not in _HELD
    ]
    cited = tuple(dict.fromkeys(one for paper in required for one in paper.citations))
    made = _listed(
        CheckKey.DOCUMENTS,
        named,
        found=f"{len(required) - len(named)}/{len(required)}",
        at=facts.at,
        citations=cited,
        most=len(required),
    )
    yield replace(made, source=Source.VAULT)


def _listed(
    key: CheckKey,
    named: Sequence[Named],
    *,
    found: str,
    at: datetime,
    citations: Sequence[Any] = (),
    most: int = 2 * WORST,
) -> Check:
    """Met when nothing is named."""
    return Check(
        key=key,
        verdict=_NOT if named else _MET,
        measured_at=at,
        found=found,
        code="short" if named else "",
        short=named[:most],
        more=max(0, len(named) - most),
        citations=citations,
    )


def _counted(key: CheckKey, bad: int, named: Sequence[Named], facts: Facts, *, found: str) -> Check:
    """Met when none is bad."""
    return Check(
        key=key,
        verdict=_NOT if bad else _MET,
        measured_at=facts.at,
        found=found,
        code="short" if bad else "",
        short=named if bad else (),
        more=max(0, bad - len(named)),
    )


def _probed(
    key: CheckKey,
    facts: Facts,
    rules: EffectiveRules,
    *,
    good: int,
    bad: int,
    short: Iterable[Named],
    at: datetime | None,
    cites: RuleKey | None = None,
) -> Check:
    """What is told of each camera: one that falls short is enough to fail, and enough must be told to pass."""
    named = tuple(short)
    told, total = good + bad, facts.cameras.total
    verdict, code = _UNKNOWN, "untold"
    if bad:
        verdict, code = _NOT, "short"
    elif told and told >= _share(rules) * total:
        verdict, code = _MET, ""
    return Check(
        key=key,
        verdict=verdict,
        source=Source.PROBE,
        measured_at=at if told else None,
        found=f"{good}/{total}",
        code=code,
        short=named,
        more=max(0, bad - len(named)),
        citations=rules.citations(cites) if cites else (),
    )


def _share(rules: EffectiveRules) -> float:
    share = rules.decimal(RuleKey.READINESS_ONLINE_SHARE)
    return 1.0 if share is None else float(share)


def _fresh(facts: Facts, rules: EffectiveRules, at: datetime | None) -> bool:
    hours = rules.integer(RuleKey.READINESS_PROBE_AGE_HOURS)
    return at is not None and (hours is None or facts.at - at <= timedelta(hours=hours))
