"""What happened in the fixture world: for two units of two districts, every object in every state it can reach.

Texts that must not leak are canaries: each occurs in one row only, so whoever finds one elsewhere knows where it came
from.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from portal.demo.canaries import canary
from portal.demo.stage import Stage
from portal.demo.stories.footage import Ask, Footage
from portal.demo.stories.paperwork import Build, Paperwork
from portal.demo.stories.visiting import Visiting
from portal.demo.timeline import Story
from portal.evidence.values import ActKind, InstrumentKind, Outcome, Paper, Purpose, RequesterKind
from portal.registry.states import UseAction
from portal.registry.values import FilingKind
from portal.workflow.states import Verdict

Act = Callable[[datetime], None]
_CAMERAS = 3
# unit, its district's prefix in logins, its own prefix
_BOTH = (("alpha", "w", "a"), ("gamma", "n", "c"))
_FILINGS = ("draft", "submitted", "returned", "accepted", "superseded", "withdrawn")
_STANDING = ("stale", "suspended", "moved", "cancelled", "removed")
_OVER_THERE = {"alpha": (114.3533, 36.1182), "gamma": (114.3924, 36.0976)}
_ACCEPTANCES = ("requested", "acc_returned", "checked", "scheduled", "passed", "basic", "failed", "acc_withdrawn")


def stories(stage: Stage) -> list[Story]:
    """Filings, acceptances and footage requests of the fixture world."""
    told: list[Story] = [_plain(stage, "beta")]
    for unit, police, own in _BOTH:
        told += [_filing(stage, unit, state) for state in _FILINGS]
        told += [_standing(stage, unit, state) for state in _STANDING]
        told += [_acceptance(stage, unit, state) for state in _ACCEPTANCES]
        told += [_secret_system(stage, unit)]
        told += [
            _request(Footage(stage, _asked(unit, police, own, i)), stage, way)
            for i, way in enumerate(_ways(own, police))
        ]
    return told


def _steps(stage: Stage, days: int, *acts: Act) -> Story:
    """Acts an hour apart on one day."""
    for place, act in enumerate(acts):
        yield (now := stage.ago(days, 8 + place, 5))
        act(now)


def _work(stage: Stage, unit: str, state: str, *, secret: bool = False) -> Paperwork:
    name = f"系统{canary('system.name', unit, state)}" if secret else f"{state}系统"
    wired = state == "accepted"
    return Paperwork(
        stage,
        Build(key=f"{unit}_{state}", unit=unit, name=name, cameras=_CAMERAS, begun=60, wired=wired, secret=secret),
    )


def _built(stage: Stage, work: Paperwork) -> Story:
    yield from _steps(stage, 60, work.enter, lambda now: work.use(UseAction.START_BUILDING, now))
    yield from _steps(stage, 55, work.hang, lambda now: work.use(UseAction.START_TRIAL, now))


def _plain(stage: Stage, unit: str) -> Story:
    """A unit whose things another unit must never see."""
    work = _work(stage, unit, "accepted")
    yield from _built(stage, work)
    yield from _steps(stage, 40, work.open, work.hand_in, work.accept)


def _secret_system(stage: Stage, unit: str) -> Story:
    work = _work(stage, unit, "secret", secret=True)
    yield from _built(stage, work)
    yield from _steps(stage, 40, work.open, work.hand_in, work.accept)


def _filing(stage: Stage, unit: str, state: str) -> Story:
    work = _work(stage, unit, state)
    yield from _built(stage, work)
    acts: dict[str, tuple[Act, ...]] = {
        "draft": (work.open,),
        "submitted": (work.open, work.hand_in),
        "returned": (
            work.open,
            work.hand_in,
            lambda now: work.send_back(now, canary("filing.decision_reason", unit, state)),
        ),
        "accepted": (work.open, work.hand_in, work.accept),
        "superseded": (work.open, work.hand_in, work.accept),
        "withdrawn": (
            lambda now: work.open(now, papers=()),
            lambda now: work.take_back(now, canary("filing.withdrawal", unit, state)),
        ),
    }
    yield from _steps(stage, 40, *acts[state])
    if state == "superseded":
        yield from _steps(
            stage, 20, lambda now: work.open(now, FilingKind.CHANGE, papers=()), work.hand_in, work.accept
        )


def _standing(stage: Stage, unit: str, state: str) -> Story:
    """What becomes of a filing after it was accepted."""
    work = _work(stage, unit, state)
    if state == "removed":
        work.build = replace(work.build, regime="a9")
    yield from _built(stage, work)
    yield from _steps(stage, 40, work.open, work.hand_in, work.accept)
    said = canary("filing.standing_reason", unit, state)
    lon, lat = _OVER_THERE[unit]
    acts: dict[str, tuple[Act, ...]] = {
        "stale": (work.lapse,),
        "suspended": (work.pass_acceptance, lambda now: work.use(UseAction.SUSPEND, now, reason=said)),
        "cancelled": (work.pass_acceptance, lambda now: work.use(UseAction.DISMANTLE, now, reason=said)),
        "moved": (lambda now: work.move(now, address=f"{unit}新址", lon=lon, lat=lat, reason=said),),
        "removed": (lambda now: work.remove(now, reason=said),),
    }
    yield from _steps(stage, 19, *acts[state])


def _acceptance(stage: Stage, unit: str, state: str) -> Story:
    work = _work(stage, unit, state)
    yield from _built(stage, work)
    one = Visiting(stage, work.build.key, unit)
    # Two inspectors a district, so that every visit needs an hour of its own.
    slot = (*_ACCEPTANCES,).index(state)
    starts = stage.ago(20 - slot, 15, 0) if state != "scheduled" else stage.ago(-3, 9, 0)
    told = canary("acceptance.rectification", unit, state)
    ways: dict[str, tuple[Act, ...]] = {
        "requested": (one.apply,),
        "acc_returned": (
            one.apply,
            lambda now: one.check(now, complete=False, note=canary("acceptance.note", unit, state)),
        ),
        "checked": (one.apply, one.check),
        "acc_withdrawn": (one.apply, one.withdraw),
    }
    planned: tuple[Act, ...] = (one.apply, one.check, lambda now: one.schedule(now, starts))
    yield from _steps(stage, 30, *ways.get(state, planned))
    short = {"passed": 0.0, "basic": 0.3, "failed": 0.6}.get(state)
    if short is not None:
        yield starts + timedelta(hours=1)
        one.judge(starts + timedelta(hours=1), short=short)
        yield starts + timedelta(hours=2)
        one.conclude(starts + timedelta(hours=2), rectification=told)
    if state == "passed":
        yield (now := starts + timedelta(hours=3))
        one.publish(now)


def _ways(own: str, police: str) -> list[Callable[[Footage], tuple[Act, ...]]]:
    """How far each request goes: functions from the request to its acts."""
    head, custodian, case = f"{own}head", f"{own}custodian", f"{police}casehead"
    asker = f"{police}investigator"

    def upto(count: int) -> Callable[[Footage], tuple[Act, ...]]:
        return lambda one: (
            one.draft,
            one.submit,
            lambda now: one.decide(case, now, comment=canary("approval.comment", own, str(count))),
            lambda now: one.take_up(head, now),
            lambda now: one.assign(head, custodian, now),
            lambda now: one.unlock(custodian, head, now),
            lambda now: one.register(custodian, now),
            lambda now: one.seal_and_shelve(custodian, now),
            lambda now: one.hand_over(custodian, head, now),
            lambda now: one.receive(asker, now),
            lambda now: one.archive(head, now),
        )[:count]

    return [
        *(upto(count) for count in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11)),
        lambda one: (*upto(2)(one), lambda now: one.decide(case, now, Verdict.RETURN, canary("approval.return", own))),
        lambda one: (*upto(2)(one), lambda now: one.decide(case, now, Verdict.REFUSE, canary("approval.refuse", own))),
        lambda one: (*upto(2)(one), one.withdraw),
        lambda one: (
            *upto(5)(one),
            lambda now: one.cannot(head, Outcome.DEVICE_DOWN, canary("request.not_supplied", own), now),
        ),
        # The two that only look, the last of them secret.
        lambda one: (*upto(6)(one), lambda now: one.conclude(custodian, now)),
        upto(5),
    ]


def _asked(unit: str, police: str, own: str, number: int) -> Ask:
    looks, secret = number == 14, number == 15
    return Ask(
        asker=f"{police}investigator",
        officers=(f"{police}investigator2",),
        system=f"{unit}_accepted",
        kind=RequesterKind.POLICE_CRIMINAL,
        instrument=InstrumentKind.RETRIEVAL_NOTICE,
        number=canary("request.instrument_number", own, str(number)),
        case=canary("request.case_number", own, str(number)),
        name=canary("request.summary", own, str(number)),
        reason=canary("request.reason", own, str(number)),
        purpose=Purpose.CRIMINAL_CASE,
        act=ActKind.PLAYBACK if looks else ActKind.COPY,
        cameras=1,
        span=(12, 19, 22),
        papers=(Paper.RETRIEVAL_NOTICE,),
        secret=secret,
        readers=(f"{police}casehead",) if secret else (),
    )


def _request(one: Footage, stage: Stage, way: Callable[[Footage], tuple[Act, ...]]) -> Story:
    yield from _steps(stage, 8, *way(one))
