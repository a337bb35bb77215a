"""What the demonstration's commands do."""

import json
import sys
import time
import unicodedata

from portal.config import Settings, load_settings
from portal.core.clock import utcnow
from portal.core.db import Database, open_database
from portal.demo.cast import DEMO, cast_of
from portal.demo.check_world import check_world
from portal.demo.loading import NotEmpty, Wishes, load_city
from portal.demo.units import DEFAULT_CAMERAS

_WORDS = {
    "divisions": "行政区划 divisions",
    "organs": "机关 organs",
    "units": "单位 units",
    "systems": "系统 systems",
    "cameras": "摄像机 cameras",
    "past versions": "历史版本 past versions",
    "filings": "备案 filings",
    "acceptances": "验收 acceptances",
    "accounts": "演示账号 accounts",
    "all cameras": "摄像机合计 cameras in all",
    "acts": "业务过程 acts",
    "limits": "在计期限 limits",
}


def load_demo(*, cameras: int | None, seed: int) -> int:
    """Load the city; the exit status."""
    settings = load_settings()
    if settings.profile == "production":
        return _refuse("生产环境不得装入演示数据", "a production portal takes no demonstration data")
    database = loading_database(settings)
    started = time.monotonic()
    try:
        done = load_city(
            database,
            Wishes(cameras=DEFAULT_CAMERAS if cameras is None else cameras, seed=seed),
            now=utcnow(),
            progress=lambda what, count: print(f"    {count:>9,}  {_WORDS.get(what, what)}", flush=True),
        )
    except NotEmpty:
        return _refuse(
            "登记库中已有非演示单位，未作任何更改", "the registry already holds other units; nothing was changed"
        )
    finally:
        database.dispose()
    if done.already:
        print("  演示城市已经装入  the demonstration city is loaded already")
    else:
        print(f"  演示城市装入完毕，用时 {time.monotonic() - started:.0f} 秒  the demonstration city is loaded")
    return 0


def loading_database(settings: Settings) -> Database:
    """The owner's door when the settings name it, which loads a big city in half the time; else the application's."""
    if settings.owner_database_url:
        settings = settings.model_copy(update={"database_url": settings.owner_database_url})
    return open_database(settings)


def list_accounts(*, as_json: bool) -> int:
    """Print every login of the demonstration with its password; the exit status."""
    if load_settings().profile == "production":
        return _refuse("生产环境没有演示账号", "a production portal has no demonstration accounts")
    cast = cast_of(DEMO)
    people = cast.people
    if as_json:
        rows = [
            {
                "login": p.login,
                "password": cast.password,
                "name": p.name,
                "role": p.role,
                "post": p.post,
                "title": p.title[1],
                "title_zh": p.title[0],
            }
            for p in people
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    print(f"\n  演示账号（口令均为 {cast.password}）  demonstration accounts (same password for all)\n")
    for person in people:
        print(
            f"    {person.login:<18}{person.name}{_blanks(person.name, 8)}{person.title[0]}{_blanks(person.title[0], 36)}{person.title[1]}"
        )
    print()
    return 0


def seed_check(*, canaries: bool) -> int:
    """Load the fixture world, or find it loaded, and print it; the exit status."""
    settings = load_settings()
    if settings.profile != "check":
        return _refuse("仅检查环境可装入测试数据", "only the check profile takes the fixture world")
    database = open_database(settings)
    try:
        world = check_world(database, now=utcnow())
    except NotEmpty:
        return _refuse("登记库不为空，未作任何更改", "the registry is not empty; nothing was changed")
    finally:
        database.dispose()
    if not canaries:
        del world["canaries"]
    print(json.dumps(world, ensure_ascii=False, indent=1))
    return 0


def _blanks(text: str, width: int) -> str:
    """Spaces up to a column: a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return " " * max(1, width - taken)


def _refuse(chinese: str, english: str) -> int:
    print(f"错误：{chinese}\nError: {english}", file=sys.stderr)
    return 1
