"""The search over everything, as its page's queries ask it, among 1,000,000 cameras beside among 20,000.

Each word is asked for by who reads the whole city, by one district's registrar and by one unit's filer; the time is that
of all five kinds together, and beside it stands the bare look-up of one camera by its key.
"""

import statistics
import sys
import time
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.ground import city, median_seconds, quick, ratio
from portal.accounts.queries import account_by_login, identity_of
from portal.accounts.values import Identity
from portal.app import build_database
from portal.core.clock import city_day, utcnow
from portal.core.db import narrow
from portal.core.scope import EVERYTHING
from portal.desk.queries import search
from portal.registry.models import Camera

SIZES = (2_000, 20_000) if quick() else (20_000, 1_000_000)
PEOPLE = ("cityregistrar", "registrar", "filer")
# In every second name, in many, in few, in none; initials; a serial that many codes end in.
WORDS = ("枪机", "大道", "文峰", "值班室", "无此名", "zm", "wfdd", "000042")


def measure(cameras: int) -> dict[str, float]:
    """The median seconds of a search, of its worst word, and of the bare look-up."""
    with city(cameras) as (settings, _services):
        database = build_database(settings)
        now = utcnow()
        with database.session(EVERYTHING) as session:
            key, code = (
                session.execute(select(Camera.id, Camera.gb_code).where(Camera.gb_code.is_not(None))).first() or ()
            )
            people = [
                identity_of(session, account, now=now)
                for login in PEOPLE
                if (account := account_by_login(session, login))
            ]
            bare = median_seconds(lambda: session.execute(select(Camera.id).where(Camera.id == key)).all())
            times: dict[str, float] = {}
            for identity in people:
                narrow(session, identity.data_scope)
                for word in (*WORDS, code):
                    took = median_seconds(asking(session, identity, word))
                    times[f"{identity.name} {word}"] = took
                    print(f"{cameras:>9,} cameras, {identity.name} {word:22} {took * 1000:7.1f} ms", flush=True)
                narrow(session, EVERYTHING)
        database.dispose()
    return {"median": statistics.median(times.values()), "worst": max(times.values()), "bare": bare}


def asking(session: Session, identity: Identity, word: str) -> Callable[[], object]:
    """One search, without the page around it."""
    return lambda: search(session, identity, word, today=city_day(utcnow()))


def main() -> int:
    """Measure both sizes and compare."""
    started = time.process_time()
    small, large = (measure(size) for size in SIZES)
    for name in ("median", "worst"):
        ratio(f"search_{name}_{SIZES[1]}_over_{SIZES[0]}", large[name] / small[name])
    ratio("search_median_over_bare_lookup", large["median"] / large["bare"])
    ratio("search_worst_ms", large["worst"] * 1000)
    print(f"{time.process_time() - started:.0f} s CPU of this process")
    return 0


if __name__ == "__main__":
    sys.exit(main())
