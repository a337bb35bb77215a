"""Zones of the premises (CAT-05, CAT-06), signs and masks: what is asked, what covers it, what is short. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from portal.registry.values import Shortfall
from portal.registry.values.zones import SHORT_OF, Assignment, TemplateZone, ZoneFacts, ZoneState
from portal.regulation.effective import EffectiveRules
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Text
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.reference import Standard

NAMED = 6  # zones a sentence names before it says how many more there are


def template_of(rules: EffectiveRules) -> list[TemplateZone]:
    """The zones that the governing texts name for this system, required ones in their own order first.

    Where two texts name the same zone, the first that requires it gives its number.
    """
    found: dict[str, TemplateZone] = {}
    for entry in rules.governing:
        for zone in entry.profile.zones:
            known = found.get(zone.key)
            if known is not None and (known.required or not zone.required):
                continue
            found[zone.key] = TemplateZone(
                key=zone.key,
                number=zone.number,
                required=zone.required,
                full=zone.full,
                if_present=zone.if_present,
                profile=entry.profile.key,
            )
    return sorted(found.values(), key=lambda zone: (not zone.required, zone.number or 0))


def state_of(zone: ZoneFacts) -> ZoneState:
    """How a zone is covered. What is not there needs nothing; what does not answer covers nothing."""
    if zone.absent:
        return ZoneState.ABSENT
    if not zone.cameras:
        return ZoneState.GAP if zone.required else ZoneState.OPTIONAL
    if not zone.working:
        return ZoneState.DARK
    return ZoneState.PARTIAL if zone.full and zone.blind_spots else ZoneState.COVERED


def is_assessed(zones: Iterable[ZoneFacts]) -> bool:
    """Whether anybody has said anything about the zones: which camera covers one, that one is not there, what is blind."""
    return any(zone.cameras or zone.absent or zone.blind_spots for zone in zones)


def coverage_rate(zones: Iterable[ZoneFacts]) -> float | None:
    """The share of the zones asked for that are covered; nothing where none is asked."""
    asked = [zone for zone in zones if zone.required and not zone.absent]
    return sum(state_of(zone) is ZoneState.COVERED for zone in asked) / len(asked) if asked else None


def assignment(
    *,
    zone: str,
    principal: Mapping[UUID, str | None],
    further: Mapping[UUID, Sequence[str]],
    ticked: Collection[UUID],
) -> Assignment:
    """What it takes so that, of the cameras shown, exactly the ticked ones cover a zone.

    `principal` has every camera shown with its principal zone, `further` its other zones in order. A camera without a
    principal zone takes this one; one that loses it moves its first further zone up.
    """
    moved: dict[UUID, str | None] = {}
    added, removed = set(), set()
    for camera, first in principal.items():
        others = further.get(camera, ())
        if camera in ticked:
            if first is None:
                moved[camera] = zone
                removed |= {camera} if zone in others else set()
            elif first != zone and zone not in others:
                added.add(camera)
        elif first == zone:
            rest = [other for other in others if other != zone]
            moved[camera] = rest[0] if rest else None
        elif zone in others:
            removed.add(camera)
    return Assignment(principal=moved, added=frozenset(added), removed=frozenset(removed))


def zone_shortfalls(rules: EffectiveRules, zones: Sequence[tuple[ZoneFacts, Text]]) -> list[Shortfall]:
    """What a filing is told about its zones: it does not hold a filing up, since filing is no approval (Decree 799)."""
    cited = {one.zone.key: one.citations for one in rules.zones() if one.zone.required}
    found = []
    for state, code in ((ZoneState.GAP, "zones_uncovered"), (ZoneState.DARK, "zones_dark")):
        short = [(zone, name) for zone, name in zones if zone.required and state_of(zone) is state]
        if short:
            names = [name for _, name in short[:NAMED]]
            citations = tuple(dict.fromkeys(one for zone, _ in short for one in cited.get(zone.key, ())))
            data = {"count": len(short), "zones": names, "more": max(0, len(short) - NAMED)}
            found.append(Shortfall(code=code, where="zones", data=data, citations=citations, blocking=False))
    return found


def sign_places(rules: EffectiveRules, zones: Iterable[ZoneFacts]) -> list[str] | None:
    """The zones at which a sign must hang; an empty list asks for one anywhere, None for none at all."""
    if not rules.flag(RuleKey.SIGN_REQUIRED):
        return None
    wanted = rules.terms(RuleKey.SIGN_PLACES)
    return [zone.key for zone in zones if zone.key in wanted and not zone.absent and (zone.required or zone.cameras)]


def unsigned(places: Sequence[str] | None, signs: Collection[str]) -> list[str] | None:
    """The places still without a sign; an empty text stands for "anywhere at all"."""
    if places is None:
        return None
    if not places:
        return [] if signs else [""]
    return [place for place in places if place not in signs]


def sign_shortfalls(rules: EffectiveRules, missing: Sequence[Text]) -> list[Shortfall]:
    """A missing sign, as the filing shows it. `missing` are the names of the places."""
    if not missing:
        return []
    cited = rules.citations(RuleKey.SIGN_REQUIRED)
    data = {"zones": list(missing[:NAMED]), "count": len(missing)}
    return [Shortfall(code="sign_missing", where="signs", data=data, citations=cited, blocking=False)]


def mask_shortfalls(rules: EffectiveRules, *, unmasked: int) -> list[Shortfall]:
    """Views into homes, declared or found, without a privacy mask on record: these hold a filing up."""
    if not unmasked or not rules.flag(RuleKey.PRIVACY_MASK_RESIDENCES):
        return []
    cited = rules.citations(RuleKey.PRIVACY_NO_SECRETS_OR_INTRUSION)
    cited += rules.citations(RuleKey.PRIVACY_MASK_RESIDENCES)
    return [Shortfall(code="mask_missing", where="signs", data={"count": unmasked}, citations=cited)]


def standard_shortfalls(rules: EffectiveRules, named: Sequence[Standard], *, built_on: date | None) -> list[Shortfall]:
    """Standards that are not named, or were withdrawn before the system was built. Neither holds a filing up."""
    if not rules.flag(RuleKey.SYSTEM_STANDARDS):
        return []
    cited = rules.citations(RuleKey.SYSTEM_STANDARDS)
    if not named:
        return [Shortfall(code="standards_missing", where="standards", citations=cited, blocking=False)]
    old = [standard for standard in named if built_on is not None and standard.withdrawn_by(built_on)]
    return [
        Shortfall(
            code="standard_withdrawn",
            where="standards",
            data={"number": standard.number, "day": standard.withdrawn},
            citations=cited,
            blocking=False,
        )
        for standard in old
    ]


def standards_named(keys: Iterable[str]) -> list[Standard]:
    """The dictionary's entries for these keys; a key it no longer holds is left out."""
    known = rulebook().reference
    return [standard for key in keys if (standard := known.standard_of(key)) is not None]


def is_short(zone: ZoneFacts) -> bool:
    """Whether a zone that is asked for lacks something."""
    return zone.required and state_of(zone) in SHORT_OF


def every_zone_name() -> list[tuple[str, str]]:
    """Every zone with every name it goes by: in any text, in either language, and in the dictionary of places."""
    texts = [(zone.key, zone.text) for profile in rulebook().profiles for zone in profile.zones]
    places = [(place.key, place.text) for place in rulebook().vocabulary.terms("place_zone")]
    return [(key, name) for key, text in (*places, *texts) for name in (text.zh, text.en)]
