"""Jobs: claim in one transaction, probe with none open, record in another.

A lost or killed job costs at most one round of one range: the next round asks again, and a result
that comes twice or late is not taken.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.clock import utcnow
from portal.core.crash import crash_point
from portal.core.db import Database
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.reachability import operations
from portal.reachability.operations import AskedProbe, DeepTarget
from portal.reachability.probes import quick
from portal.reachability.probes.base import DeepResult, LayerResult, QuickResult, Reason
from portal.reachability.rules import observe

LIVE_IN_FLIGHT: Final = 500
DOWN_IN_FLIGHT: Final = 1_000
DEEP_THREADS: Final = 32


@job(TaskName.REACH_RECONCILE)
def reconcile_targets(session: Session, *, now: datetime, **_: object) -> None:
    """Bring the targets into step with the registry; make room for the months to come."""
    if operations.is_due(session, now=now):
        operations.tidy(session, now=now)
        operations.reconcile_targets(session, now=now)


@job(TaskName.REACH_CYCLE)
def start_cycle(session: Session, *, now: datetime, **_: object) -> None:
    """Begin the rounds that are due."""
    operations.start_rounds(session, now=now)


@job(TaskName.REACH_PROBE_RANGE, holds_transaction=False)
def probe_range(database: Database, *, now: datetime, round_id: int, number: int, **_: object) -> None:
    """Probe one range of devices that answered last time."""
    _probe_chunk(database, now, round_id, number, LIVE_IN_FLIGHT)


@job(TaskName.REACH_PROBE_DOWN, holds_transaction=False)
def probe_down(database: Database, *, now: datetime, round_id: int, number: int, **_: object) -> None:
    """Probe one range of devices whose re-check is due; most of them are waited for in vain, all together."""
    _probe_chunk(database, now, round_id, number, DOWN_IN_FLIGHT)


def _probe_chunk(database: Database, now: datetime, round_id: int, number: int, in_flight: int) -> None:
    with database.transaction() as session:
        claim = operations.claim_chunk(session, round_id=round_id, number=number, now=now)
    if claim is None:
        return
    crash_point("reachability.after_claim")
    done = asyncio.run(quick.sweep(claim.endpoints.items(), in_flight=in_flight))
    results = {target: (observe(result), result.rtt_ms) for target, result in done.results.items()}
    with database.transaction() as session:
        operations.record_chunk(
            session,
            round_id=round_id,
            number=number,
            claim=claim,
            results=results,
            lag_ms=done.lag_ms,
            now=utcnow(),
        )


@job(TaskName.REACH_SETTLE)
def settle_round(session: Session, *, now: datetime, round_id: int, **_: object) -> None:
    """Judge one round and move what it moved."""
    operations.settle_round(session, round_id=round_id, now=now)


@job(TaskName.REACH_PROBE_DEEP, holds_transaction=False)
def probe_deep(database: Database, *, now: datetime, low: int, high: int, **_: object) -> None:
    """Ask the authenticated layer of every device of a range that is due."""
    with database.transaction() as session:
        claimed = operations.claim_deep(session, low=low, high=high, now=now)
    if not claimed:
        return
    probe = _deep_probe()
    with ThreadPoolExecutor(min(DEEP_THREADS, len(claimed))) as pool:
        results = dict(zip((one.target_id for one in claimed), pool.map(probe, claimed), strict=True))
    with database.transaction() as session:
        operations.record_deep(session, results=results, now=utcnow())


def _deep_probe() -> Callable[[DeepTarget], DeepResult]:
    # onvif-zeep weighs 35 MB; only the workers of probe.auth and probe.now ever load it.
    from portal.reachability.probes import onvif

    return lambda one: onvif.probe(one.endpoint, one.credential)


@job(TaskName.REACH_PROBE_NOW, holds_transaction=False)
def probe_now(database: Database, *, now: datetime, run_id: str, **_: object) -> None:
    """Probe the one camera somebody asked about, layer by layer, so that the page can show how far it is."""
    key = UUID(run_id)
    with database.transaction() as session:
        asked = operations.begin_run(session, run_id=key, now=now)
    if asked is None:
        return
    layers: dict[str, Any] = {}
    found, deep = _ask_layers(database, asked, layers)
    with database.transaction() as session:
        operations.finish_run(session, asked=asked, quick=found, deep=deep, layers=layers, now=utcnow())


def _ask_layers(database: Database, asked: AskedProbe, layers: dict[str, Any]) -> tuple[QuickResult, DeepResult | None]:
    def show(step: str) -> None:
        with database.transaction() as session:
            operations.note_step(session, run_id=asked.run_id, step=step, layers=dict(layers))

    show("rtsp")
    stream = asyncio.run(quick.probe_rtsp(asked.endpoint))
    layers["rtsp"] = _shown(stream)
    show("clock")
    clock, drift = asyncio.run(quick.probe_clock(asked.endpoint))
    layers["clock"] = _shown(clock) | ({} if drift is None else {"drift_s": drift})
    found = QuickResult(rtsp=stream, clock=clock, drift_s=drift)
    if clock is None or clock.reason is not Reason.OK:
        return found, None
    if asked.refused:
        layers["login"] = {"reason": str(Reason.AUTH_FAILED), "not_tried": True}
        return found, None
    show("login")
    deep = _deep_probe()(DeepTarget(asked.target_id, asked.endpoint, asked.credential))
    layers["login"] = {"reason": str(deep.reason), "profiles": deep.profiles, "streams": deep.streams}
    if deep.picture is not None:
        layers["login"]["picture"] = list(deep.picture)
    return found, deep


def _shown(layer: LayerResult | None) -> dict[str, Any]:
    return {} if layer is None else {"reason": str(layer.reason), "rtt_ms": layer.rtt_ms}
