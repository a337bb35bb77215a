"""What oversight found and asked about, what the duty side backed up, what footage was missing and who answered for it."""

from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.demo.stage import Stage
from portal.demo.stories.footage import Ask, Footage
from portal.demo.timeline import Story
from portal.evidence.models import MissingFootage, OversightQuestion
from portal.evidence.operations import backups, missing, recording, watching
from portal.evidence.queries.watching import sign_page
from portal.evidence.values import ActKind, InstrumentKind, Outcome, Paper, Purpose, RequesterKind
from portal.evidence.values.backups import BackupDraft, BackupKind, BackupMedium
from portal.evidence.values.missing import Consequence
from portal.evidence.values.recording import RecordingMode
from portal.evidence.values.watching import SignKind
from portal.registry.models import Camera
from portal.workflow.states import Verdict

_KIND, _KEY = BackupKind.SUSPICIOUS, BackupKind.KEY


def stories(stage: Stage) -> list[Story]:
    """One night's doings that stand out, explanations in each state, back-ups, missing footage, recorder settings."""
    return [
        _by_night(stage),
        *_questions(stage),
        *_backups(stage),
        _cut_short(stage),
        _overwritten(stage),
        _closed(stage),
        _settings(stage),
    ]


def _ask(system: str, number: str, case: str, *, days: int, act: ActKind = ActKind.COPY) -> Ask:
    return Ask(
        asker="investigator3",
        officers=("investigator4",),
        system=system,
        kind=RequesterKind.POLICE_ADMINISTRATIVE,
        instrument=InstrumentKind.ADMINISTRATIVE_NOTICE,
        number=number,
        case=case,
        name="寻衅滋事案",
        purpose=Purpose.PUBLIC_ORDER,
        act=act,
        span=(days + 3, 19, 21),
        papers=(Paper.RETRIEVAL_NOTICE,),
        reason="核实在场人员。",
    )


def _by_night(stage: Stage) -> Story:
    """Approved within seconds, opened close to midnight."""
    one = Footage(
        stage, _ask("mall_main", "北公（治）调证字〔2026〕0126号", "B4105030000202600305", days=9, act=ActKind.PLAYBACK)
    )
    yield (now := stage.ago(9, 22, 30))
    one.draft(now)
    one.submit(now)
    yield (now := now + timedelta(seconds=12))
    one.decide("casehead2", now)
    yield (now := stage.ago(9, 22, 50))
    one.decide("mallhead", now, Verdict.ACKNOWLEDGE, "收到。")
    one.assign("mallhead", "mallcustodian", now)
    yield (now := stage.ago(9, 23, 10))
    one.unlock("mallcustodian", "mallhead", now)
    yield (now := stage.ago(9, 23, 40))
    one.conclude("mallcustodian", now)


def _questions(stage: Stage) -> list[Story]:
    why_late = "深夜启封，请说明是否经值班领导同意、为何不能待次日办理。"
    urgent = "接报警后当晚核查，已向值班领导口头报告，次日补记。"
    return [
        _question(stage, SignKind.OFF_HOURS, 7, why_late, answer=urgent, accepted=True),
        _question(
            stage, SignKind.NO_CASE, 6, "该次调阅未填写案件编号，请说明依据。", answer="受案编号尚未生成，后未补填。",
            accepted=False,
        ),
        _question(stage, SignKind.QUICK, 3, "审批间隔仅十余秒，请说明审查情况。", answer="申请前已当面汇报案情。"),
        _question(stage, SignKind.REPEATS, 8, "同一点位以不同案号多次调阅，请逐案说明必要性。"),
        _question(stage, SignKind.VOLUME, 1, "近三十日调阅量明显高于本人以往和同岗位人员，请说明原因。"),
    ]  # fmt: skip


def _question(
    stage: Stage, kind: SignKind, days: int, text: str, *, answer: str = "", accepted: bool | None = None
) -> Story:
    """Asked about the newest sign of a kind; answered and judged as far as told."""
    yield (now := stage.ago(days, 10, 5))
    auditor = stage.who("auditor", now)
    found = [one for one in sign_page(stage.session, auditor, kind, now=now).items if one.person_id]
    if not found:
        return
    asked = watching.ask_explanation(
        stage.session, actor=auditor, kind=kind, key=found[0].key, question=text, now=now
    )  # fmt: skip
    if not answer:
        return
    yield (now := stage.ago(days - 1, 9, 30))
    person = stage.who(_login(stage, asked), now)
    watching.give_explanation(stage.session, actor=person, question_id=asked.id, answer=answer, now=now)
    if accepted is None:
        return
    yield (now := stage.ago(days - 2, 16, 0))
    note = "情况属实，予以采信。" if accepted else "未按规定填写案件编号，移送分局督察部门处理。"
    watching.judge_explanation(
        stage.session, actor=auditor, question_id=asked.id, accepted=accepted, note=note, now=now
    )  # fmt: skip


def _login(stage: Stage, asked: OversightQuestion) -> str:
    return next(login for login, one in stage.residents.accounts.items() if one.person_id == asked.person_id)


def _backups(stage: Stage) -> list[Story]:
    return [
        _backup(stage, "school_campus", "custodian", 23, kind=_KIND, what="陌生男子在校门外长时间徘徊、拍照。", let_go="securityhead"),
        _backup(stage, "school_campus", "custodian", 5, kind=_KIND, what="夜间有人翻越围墙，已报告分管领导。"),
        _backup(stage, "school_campus", "securityhead", 2, kind=_KEY, what="校运动会开幕式入场疏散过程。"),
        _backup(stage, "bank_branch", "custodian2", 11, kind=_KIND, what="自助设备旁疑似安装盗录装置。"),
        _backup(stage, "hospital_main", "hospitalcustodian", 4, kind=_KEY, what="门诊大厅医患纠纷全过程。"),
    ]  # fmt: skip


def _backup(
    stage: Stage, system: str, login: str, days: int, *, kind: BackupKind, what: str, let_go: str = ""
) -> Story:
    yield (now := stage.ago(days, 8, 20))
    named = select(Camera.name).where(Camera.system_id == stage.systems[system], ~Camera.secret)
    made = backups.make_backup(
        stage.session, actor=stage.who(login, now), now=now,
        draft=BackupDraft(
            camera=stage.session.scalars(named.order_by(Camera.name)).all()[days % 5], kind=kind,
            span_from=stage.ago(days + 1, 21), span_to=stage.ago(days + 1, 22), what=what, medium=BackupMedium.DISC,
            medium_serial=f"BF-2026-{days:03d}", shelf="监控中心介质柜 3-1", sha256="",
        ),
    )  # fmt: skip
    if let_go:
        yield (now := stage.ago(days - 20, 16, 30))
        backups.end_backup(
            stage.session, actor=stage.who(let_go, now), backup_id=made.id, reason="经核查为家长等候，无异常。", now=now
        )  # fmt: skip


def _cut_short(stage: Stage) -> Story:
    """What was exported ends before the span does: the gap is found when the set is sealed, and nobody has explained it."""
    one = Footage(stage, _ask("mall_main", "北公（治）调证字〔2026〕0121号", "B4105030000202600291", days=12))
    yield from _taken_up(stage, one, 12)
    yield (now := stage.ago(12, 15, 0))
    one.unlock("mallcustodian", "mallhead", now)
    one.register("mallcustodian", now, lacks=timedelta(minutes=12))
    yield (now := stage.ago(12, 16, 0))
    one.seal("mallcustodian", now)


def _overwritten(stage: Stage) -> Story:
    """The unit has said why and who answers for it; the asking side is to close it."""
    one = Footage(stage, _ask("mall_main", "北公（治）调证字〔2026〕0109号", "B4105030000202600263", days=19))
    yield from _taken_up(stage, one, 19)
    yield (now := stage.ago(18, 9, 0))
    one.cannot("mallhead", Outcome.OVERWRITTEN, "硬盘故障更换后未恢复循环天数设置，录像提前被覆盖。", now)
    yield (now := stage.ago(16, 10, 0))
    for found in _missing(stage, one.ids[0]):
        _stated(
            stage,
            found,
            "mallhead",
            responsible="牛文博",
            statement="更换硬盘后未核对循环天数，已恢复为三十日并每周核查。",
            now=now,
        )


def _taken_up(stage: Stage, one: Footage, days: int) -> Generator[datetime]:
    yield (now := stage.ago(days, 9, 0))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(days, 10, 0))
    one.decide("casehead2", now)
    yield (now := stage.ago(days, 11, 0))
    one.decide("mallhead", now, Verdict.ACKNOWLEDGE, "收到。")
    one.assign("mallhead", "mallcustodian", now)


def _closed(stage: Stage) -> Story:
    """The school's recorder was without power (a story of its own): stated, and closed by the asking side."""
    yield (now := stage.ago(10, 9, 40))
    told = stage.session.scalars(
        select(MissingFootage).where(MissingFootage.unit_id == stage.units["school"]).order_by(MissingFootage.number)
    ).all()
    for found in told:
        _stated(
            stage,
            found,
            "securityhead",
            responsible="郭振东",
            statement="配电箱跳闸后无人值守，停录约五小时；已加装不间断电源。",
            now=now,
        )
    yield (now := stage.ago(8, 11, 0))
    for found in told[:1]:
        missing.close_missing(
            stage.session, actor=stage.who("casehead", now), missing_id=found.id, consequence=Consequence.REPAIR,
            result="已整改，现场核实不间断电源投入使用。", now=now,
        )  # fmt: skip


def _missing(stage: Stage, request_id: UUID) -> Any:
    return stage.session.scalars(select(MissingFootage).where(MissingFootage.request_id == request_id)).all()


def _stated(
    stage: Stage, found: MissingFootage, login: str, *, responsible: str, statement: str, now: datetime
) -> None:
    missing.state_missing(
        stage.session, actor=stage.who(login, now), missing_id=found.id, responsible=responsible, statement=statement, now=now
    )  # fmt: skip


def _settings(stage: Stage) -> Story:
    """What somebody read on the school's recorder: as declared, but two cameras by motion and for fewer days."""
    yield (now := stage.ago(35, 10, 0))
    filer, days = stage.who("filer", now), stage.plans["school"].retention_days
    for place, camera_id in enumerate(stage.cameras["school_campus"][:6]):
        short = place > 3
        recording.set_recording(
            stage.session, actor=filer, camera_id=camera_id, hours="", whole_system=False, now=now,
            mode=RecordingMode.ON_MOTION if short else RecordingMode.CONTINUOUS,
            retention_days=max(days - 15, 7) if short else days,
        )  # fmt: skip
