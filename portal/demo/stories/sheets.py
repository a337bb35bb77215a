"""Sheets of cameras that people of the model school sent in: one loaded, one taken out again, one with faults to decide."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.geometry import Datum, lonlat
from portal.core.scope import EVERYTHING, DataScope
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.models import Camera, ImportRow
from portal.registry.operations import run_import, start_import, undo_import
from portal.registry.operations.quality import recheck_these
from portal.vault.operations import store_upload
from portal.vault.values import FileKind

_SYSTEM, _LOGIN = "school_dormitory", "filer"
BROUGHT = 4  # cameras that come in by these sheets and stay
_HEAD = ("设备名称", "设备编码", "经度", "纬度", "摄像机类型", "方位角", "安装时间", "录像保存天数", "设备型号")


def stories(stage: Stage) -> list[Story]:
    """What the school's filer brought in, over a month."""
    return [_loaded(stage), _undone(stage), _waiting(stage)]


class _Within(Database):
    """The one transaction of a load, for work that elsewhere commits as it goes."""

    def __init__(self, session: Session) -> None:
        self._whole = session

    @contextmanager
    def transaction(self, scope: DataScope = EVERYTHING) -> Iterator[Session]:  # noqa: ARG002 - a load sees all
        yield self._whole
        self._whole.flush()


def _rows(stage: Stage, names: Sequence[str], *, apart: float) -> list[list[str]]:
    """Good rows, a few metres off the cameras that hang there already."""
    wanted = select(Camera.position).where(Camera.id.in_(stage.cameras[_SYSTEM])).order_by(Camera.id)
    places = [lonlat(position) for position in stage.session.scalars(wanted.limit(len(names)))]
    return [
        [
            name,
            "",
            f"{places[i % len(places)][0] + apart:.6f}",
            f"{places[i % len(places)][1] + apart:.6f}",
            "枪机",
            str(30 * i % 360),
            "2026-09-01",
            "30",
            "DS-2CD3T46",
        ]
        for i, name in enumerate(names)
    ]


def _bring(stage: Stage, rows: Sequence[Sequence[str]], now: datetime, **more: Any) -> UUID:
    """Upload a sheet and let it be read, as the worker does."""
    system, actor = stage.system(_SYSTEM), stage.who(_LOGIN, now)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_HEAD, *rows])
    stored = store_upload(
        stage.session,
        stream=io.BytesIO(text.getvalue().encode("gb18030")),
        actor=actor.actor,
        filename="宿舍区点位台账.csv",
        kind=FileKind.SHEET,
        unit_id=system.unit_id,
        district=system.district,
        now=now,
    )
    run = start_import(
        stage.session,
        actor=actor,
        system_id=system.id,
        stored_file_id=stored.id,
        datum=Datum.WGS84,
        now=now,
        **more,
    )
    stage.session.flush()
    _work(stage, run.id, now)
    return run.id


def _work(stage: Stage, import_id: UUID, now: datetime) -> None:
    name = stage.who(_LOGIN, now).name
    run_import(_Within(stage.session), import_id=import_id, actor_name=name, now=now)


def _loaded(stage: Stage) -> Story:
    yield (now := stage.ago(5, 14, 20))
    names = [f"宿舍{number}号楼楼梯口" for number in range(1, BROUGHT + 1)]
    run = _bring(stage, _rows(stage, names, apart=0.00012), now)
    came = select(ImportRow.camera_id).where(ImportRow.import_id == run, ImportRow.camera_id.is_not(None))
    recheck_these(stage.session, list(stage.session.scalars(came)), now=now)  # as the worker does next


def _undone(stage: Stage) -> Story:
    yield (now := stage.ago(3, 10, 45))
    names = [f"南校区{number}号楼门厅" for number in range(1, 6)]
    run = _bring(stage, _rows(stage, names, apart=-0.00015), now)
    yield (now := stage.ago(3, 11, 20))
    reason = "误传南校区台账，与本系统无关"
    undo_import(stage.session, actor=stage.who(_LOGIN, now), import_id=run, reason=reason, now=now)
    stage.session.flush()
    _work(stage, run, now)


def _waiting(stage: Stage) -> Story:
    """Faults of many kinds: some with a cure to accept, some to be put right in the sheet."""
    yield (now := stage.ago(1, 16, 40))
    names = [f"宿舍区{spot}" for spot in ("东门", "西门", "南门", "北门", "食堂入口", "开水房", "车棚", "操场东侧")]
    rows = _rows(stage, [*names, *(f"宿舍区围墙{number}号点" for number in range(1, 9))], apart=0.0002)
    for row in rows[:3]:
        row[2], row[3] = row[3], row[2]  # the columns of degrees stand the wrong way round
    for row in rows[2:6]:
        row[4] = "枪式摄像机"
    rows[4][1] = "4.10502E+19"
    rows[5][5] = "400"
    rows[6][6] = "去年"
    rows[7][6] = "2026.1"
    rows[8][7] = "三个月"
    rows[9][2] = "不详"
    rows.append([*rows[10]])
    _bring(stage, rows, now, preview_first=True)
