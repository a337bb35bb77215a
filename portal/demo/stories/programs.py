"""Other systems are connected: tokens in force, expired and revoked; webhooks that are taken, that fail, that are off.

The receivers' names end in .invalid, which no name service ever answers: nothing leaves a demonstration.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal.accounts.operations import issue_token, revoke_token
from portal.accounts.permissions import Permission
from portal.core.egress import Sent
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.webhooks import operations as webhooks
from portal.webhooks.models import Webhook
from portal.webhooks.rules import GIVE_UP_AFTER
from portal.webhooks.values import Topic

_READ = (Permission.UNIT_READ, Permission.SYSTEM_READ, Permission.CAMERA_READ, Permission.FILING_READ)
_WRITE = (*_READ, Permission.CAMERA_EDIT)
_YEAR = timedelta(days=365)


def stories(stage: Stage) -> list[Story]:
    """The school's and the bank's own platforms, and the bureau's."""
    return [_tokens(stage), _taken(stage), _given_up(stage), _switched_off(stage)]


def _tokens(stage: Stage) -> Story:
    yield (now := stage.ago(120, 9, 5))
    _token(stage, "filer", "旧版台账比对程序", scopes=_READ, days=30, now=now)
    yield (now := stage.ago(40, 10, 12))
    lost = _token(stage, "filer", "校园安防平台同步", scopes=_WRITE, days=180, now=now)
    yield (now := stage.ago(33, 8, 40))
    revoke_token(stage.session, actor=stage.who("filer", now), token_id=lost, now=now)
    yield (now := stage.ago(33, 8, 52))
    _token(stage, "filer", "校园安防平台同步（更换）", scopes=_WRITE, days=180, now=now)
    yield (now := stage.ago(20, 15, 30))
    _token(stage, "registrar", "一标三实系统比对", scopes=_READ, days=90, now=now)


def _token(stage: Stage, login: str, name: str, *, scopes: Sequence[Permission], days: int, now: datetime) -> UUID:
    row, _ = issue_token(
        stage.session,
        actor=stage.who(login, now),
        name=name,
        scopes=scopes,
        lifetime=timedelta(days=days),
        longest=_YEAR,
        current=stage.cast.password,
        code="",
        now=now,
    )
    return row.id


def _taken(stage: Stage) -> Story:
    """The bureau's platform takes every message, one only at the second try."""
    yield (now := stage.ago(18, 11, 0))
    hook = _hook(
        stage, "registrar", "视频图像资源平台", "https://platform.invalid/hooks/filing", topics=[Topic.FILING], now=now
    )
    for day, failed in ((17, False), (9, True), (2, False)):
        yield (now := stage.ago(day, 14, 20))
        sent = webhooks.ping_hook(stage.session, actor=stage.who("registrar", now), hook_id=hook.id, now=now)
        if failed:
            slow = Sent(error="timeout", milliseconds=5003)
            webhooks.note_try(stage.session, delivery_id=sent.id, attempt=1, sent=slow, now=now)
        good = Sent(status=204, milliseconds=87)
        webhooks.note_try(stage.session, delivery_id=sent.id, attempt=sent.attempts + 1, sent=good, now=now)


def _given_up(stage: Stage) -> Story:
    """A receiver that was taken down: the tries end, and the webhook with them."""
    yield (now := stage.ago(26, 9, 0))
    hook = _hook(stage, "filer", "旧校园平台", "https://old.school.invalid/notify", topics=[Topic.CAMERA], now=now)
    while hook.disabled is None:
        now += timedelta(hours=1)
        yield now
        sent = webhooks.ping_hook(stage.session, actor=stage.who("filer", now), hook_id=hook.id, now=now)
        for attempt in range(1, GIVE_UP_AFTER // 2):
            gone = Sent(status=502, milliseconds=310)
            webhooks.note_try(stage.session, delivery_id=sent.id, attempt=attempt, sent=gone, now=now)


def _switched_off(stage: Stage) -> Story:
    yield (now := stage.ago(15, 16, 0))
    topics = [Topic.CAMERA, Topic.DEVICE]
    hook = _hook(stage, "filer", "校园安防平台", "https://security.school.invalid/webhook", topics=topics, now=now)
    yield (now := stage.ago(6, 17, 10))
    webhooks.pause_hook(stage.session, actor=stage.who("filer", now), hook_id=hook.id, now=now)


def _hook(stage: Stage, login: str, name: str, url: str, *, topics: Sequence[Topic], now: datetime) -> Webhook:
    hook, _ = webhooks.create_hook(
        stage.session, actor=stage.who(login, now), name=name, url=url, topics=topics, now=now
    )
    return hook
