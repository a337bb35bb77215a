"""Filing under fire (reliability.md D1, D2, section 7.2): whatever dies, nothing is lost, nothing is there twice.

`make soak` does the same for longer: `pytest tests/durability --soak 600 --soak-seed 7`.
"""

import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from portal.core.crash import POINTS
from tests.durability.checks import audit_faults, by_kind, drained, faults
from tests.durability.ground import Crowd, Ground
from tests.support.services import open_directory

pytestmark = pytest.mark.slow


@pytest.fixture
def home() -> Iterator[Path]:
    made = open_directory()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def ground(home: Path, hashed_as_served: None) -> Iterator[Ground]:
    made = Ground(home)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def blows(ground: Ground, rng: Random, *, masters: bool) -> list[tuple[str, Callable[[], None]]]:
    """Each way to be hurt once, in an order of the seed's choosing."""
    made: list[tuple[str, Callable[[], None]]] = [
        (point, lambda point=point: ground.crash_at(point)) for point in POINTS
    ]
    made += [
        ("web worker", lambda: ground.kill_child("web", rng.choice)),
        ("job worker", lambda: ground.kill_child("worker", rng.choice)),
        ("broker", ground.lose_broker),
        ("database", ground.lose_database),
    ]
    if masters:
        made += [(f"{name} master", lambda name=name: ground.kill_main(name)) for name in ("web", "worker", "beat")]
    rng.shuffle(made)
    return made


def test_nothing_is_lost_or_doubled_whatever_dies(ground: Ground, home: Path, pytestconfig: pytest.Config) -> None:
    soak, seed = pytestconfig.getoption("--soak"), pytestconfig.getoption("--soak-seed")
    rng, crowd, struck = Random(seed), Crowd(ground, home, seed), Counter[str]()
    until = time.monotonic() + soak
    try:
        ground.wait_for(lambda: any(line["what"] == "document" for line in crowd.told()), "work to begin")
        while not struck or time.monotonic() < until:
            for name, strike in blows(ground, rng, masters=soak > 0):
                strike()
                struck[name] += 1
                time.sleep(rng.uniform(0, 1.5 if soak else 0.2))
        ledger = crowd.go_home(ground)
    finally:
        crowd.end()
    told = by_kind(ledger)
    tally = dict(Counter(line["what"] for line in ledger))
    sys.stdout.write(f"\nseed {seed}, blows {dict(struck)}, told {tally}\n")
    assert set(POINTS) <= set(struck)
    assert len(told.get("went_home", ())) == len(ground.people), crowd.output.read_text()[-2000:]
    if not soak:
        # The leases of the dead run out in half a minute; let that time have passed.
        with ground.database.transaction() as session:
            session.execute(text("update outbox set lease_until = now() where state = 'leased'"))
    ground.wait_for(lambda: drained(ground), "all work to be done")
    assert [*faults(ground, told), *audit_faults(ground, home)] == []
