"""What was changed in many camera files at once, over the years: history that nobody of the cast made."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.operations import speak_for
from portal.demo.residents import LOADER
from portal.demo.timeline import at

# What changed in many files at once: how long ago, why, and what. None of it is frozen with a filing.
_CAMPAIGNER = replace(LOADER.actor, name="安阳市公安局科技信息化支队")
_CAMPAIGNS = (
    (300, "警务区划调整", "police_beat = police_beat || '（新）'"),
    (160, "维护合同到期，更换维护单位", "maintenance_unit = '洹河安防技术有限公司'"),
    (40, "一机一档年度核查：统一字符叠加内容", "osd_text = left('安阳 ' || osd_text, 120)"),
)
_MOST_CHANGED = 400
# Drawn by the last bytes of the identifier and in one sweep of the heap, so that it keeps its spatial order.
_CAMPAIGN = (
    "update camera set {change}, updated_at = :at where created_at < :at "
    "and (get_byte(uuid_send(id), 15) * 256 + get_byte(uuid_send(id), 14) + 9973 * :days) % 65536 < :share"
)


def play_campaigns(session: Session, today: date, *, cameras: int) -> int:
    """Change the files of each campaign, dated by it; the triggers keep how they read before. The number changed."""
    changed, share = 0, 65_536 * min(_MOST_CHANGED / cameras, 0.02)
    for days, reason, change in _CAMPAIGNS:
        speak_for(session, _CAMPAIGNER, reason)
        moment = {"at": at(today - timedelta(days=days), 16), "days": days, "share": share}
        done: Any = session.execute(text(_CAMPAIGN.format(change=change)), moment)
        changed += int(done.rowcount)
    return changed
