"""Papers that the invented units hand in: short, dated, and marked as demonstration documents."""

import json
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import typst

from portal.core.clock import CITY_TZ
from portal.demo import vocabulary
from portal.regulation.loader import rulebook

_TEMPLATE = Path(vocabulary.__path__[0]) / "paper.typ"


@cache
def _compiler() -> typst.Compiler:
    """Looking for fonts takes longer than setting a page, so it is done once."""
    return typst.Compiler(root=_TEMPLATE.parent, font_paths=typst.Fonts(include_system_fonts=True))


def paper(slot: str, system: str, now: datetime) -> tuple[str, bytes]:
    """The title of a document slot and a PDF to put into it."""
    title = _title(slot)
    local = now.astimezone(CITY_TZ)
    return title, _typeset(title, system, f"{local.year}年{local.month}月{local.day}日", int(now.timestamp()))


def _title(slot: str) -> str:
    words = rulebook().vocabulary
    for family in ("document", "paper"):
        found = next((term.zh for term in words.terms(family) if term.key == slot), None)
        if found:
            return found
    return slot


def letter(kind: str, now: datetime) -> tuple[str, bytes]:
    """A paper that comes with a footage request: its title and a PDF."""
    return paper(kind, "调取单位视频", now)


@lru_cache(maxsize=64)
def _typeset(title: str, system: str, day: str, timestamp: int) -> bytes:
    unit = system.partition("视频")[0]
    data = {
        "title": title,
        "unit": unit,
        "day": day,
        "lines": [
            f"本件为“{system}”的{title}，由{unit}提供，所载内容真实、完整。",
            "系统的建设位置、图像采集设备的数量与类型、图像信息存储期限等事项，以备案所填内容为准；如有变化，及时办理变更备案。",
            "本件中的单位、人员、号码均为演示虚构。",
        ],
    }
    text = json.dumps(data, ensure_ascii=False)
    made = _compiler().compile(input=_TEMPLATE, format="pdf", sys_inputs={"data": text}, timestamp=timestamp)
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no PDF")
    return made
