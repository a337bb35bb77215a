"""The inspection record of a visit, as it is printed: what was found, who signed it, and the seals it rests on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import NotFound
from portal.inspection import queries
from portal.inspection.models import Acceptance, SealedEntry, Visit, VisitPhoto
from portal.inspection.papers.conclusions import FOUND
from portal.inspection.rules import FrozenList, judge
from portal.inspection.rules.merging import Merged
from portal.inspection.rules.sealing import AnswerEntry, SignatureEntry, parse_entry
from portal.inspection.states import AcceptanceKind, Capacity, EntryKind, VisitStatus
from portal.papers.operations import render
from portal.papers.values import InspectionRecord, Officer, SealedLine
from portal.papers.values.parts import SignLine, SignState, Stamp

CAUSE = {
    AcceptanceKind.NEW: {"zh": "公共安全视频图像信息系统验收检查", "en": "Acceptance of a public safety video system"},
    AcceptanceKind.CHANGE: {
        "zh": "公共安全视频图像信息系统变更后验收检查",
        "en": "Acceptance of a system after a change",
    },
    AcceptanceKind.STANDARD: {"zh": "学校视频监控达标创建考评", "en": "Assessment of a school for standard creation"},
}
SAYS = {
    "mode": {"zh": "现场检查", "en": "on site"},
    "method": {"zh": "逐项判定，现场封存", "en": "item by item, sealed on site"},
    "process": {
        "zh": "检查人员按《{list}》（版本{edition}）逐项检查，共判定{count}项。现场终端共封存记录{entries}条，照片{photos}张。",
        "en": "The inspectors judged {count} items of the list \"{list}\" (edition {edition}). {entries} entries and "
        "{photos} photos were sealed on site.",
    },
    "none": {"zh": "各项均符合要求。", "en": "Every item was met."},
    "refused": {"zh": "被检查单位拒绝签名，原因：{why}（{who}记）", "en": "The unit did not sign: {why} (noted by {who})"},
    "contested": {"zh": "检查人员判定不一致，暂按从严的判定", "en": "inspectors differ; the stricter stands"},
    "settled": {"zh": "分歧已由该判定确认", "en": "settles a difference"},
    "altered": {"zh": "有照片与封存值不符，不作为证明", "en": "a photo differs from its seal and proves nothing"},
    "missing": {"zh": "有照片尚未上传", "en": "a photo has not arrived"},
    "chain": {
        "zh": "{who} · {device}：{count}条，链尾 {digest}{skew}",
        "en": "{who} · {device}: {count} entries, chain ends at {digest}{skew}",
    },
    "skew": {"zh": "；终端时钟偏差至多{skew}秒", "en": "; clock off by up to {skew} s"},
    "online": {"zh": "平台页面", "en": "portal page"},
    "signed": {"zh": "签名：{who}，{when}，记录摘要 {digest}", "en": "Signed: {who}, {when}, digest of the record {digest}"},
    "photos": {"zh": "现场照片{count}张", "en": "{count} photos"},
}  # fmt: skip


def inspection_record_pdf(
    session: Session, acceptance: Acceptance, *, printed_by: str, now: datetime, lang: str
) -> bytes:
    """The inspection record of the acceptance's visit, made or under way. Raises NotFound when nothing is sealed."""
    made = _Made(session, acceptance, "zh" if lang.startswith("zh") else "en")
    paper = InspectionRecord(
        stamp=Stamp(
            serial=made.visit.id.hex[-12:].upper(), printed_by=printed_by, printed_at=now, issuer=made.organ.name
        ),
        organ=made.organ.name,
        begins=min(row.captured_at for row in made.rows),
        ends=max(row.captured_at for row in made.rows),
        place=acceptance.system.address or acceptance.unit.address,
        inspectors=tuple(Officer(name=place.name) for place in made.visit.inspectors if not place.cancelled),
        unit_name=acceptance.unit.name,
        unit_address=acceptance.unit.address,
        principal=acceptance.unit.principal_name or "",
        cause=CAUSE[AcceptanceKind(acceptance.kind)][made.tongue],
        mode=made.say("mode"),
        method=made.say("method"),
        basis=made.frozen.checklist.title.in_language(lang),
        has_hazard=any(each.standing.answer.short for each in made.merged.values()),
        process=made.process(),
        result=made.result(),
        attachments=made.attachments(),
        party_signature=made.unit_signature(),
        inspector_signatures=made.inspector_signatures(),
        seals=made.seals(),
        chains=made.chains(),
    )
    return render(paper.form, paper, lang=lang)


class _Made:
    """One visit's record, read once."""

    def __init__(self, session: Session, acceptance: Acceptance, tongue: str) -> None:
        self.tongue = tongue
        organ = session.get(Organ, acceptance.organ_id)
        visits = [each for each in queries.visits_of(session, acceptance.id) if each.status != VisitStatus.CANCELLED]
        if not visits or organ is None or not acceptance.checklist:
            raise NotFound()
        self.organ: Organ = organ
        self.visit: Visit = visits[0]
        self.rows: Sequence[SealedEntry] = queries.entries_of(session, self.visit.id)
        if not self.rows:
            raise NotFound()
        self.frozen = FrozenList.from_json(acceptance.checklist)
        self.merged: Mapping[str, Merged] = queries.merged_of(self.rows)
        self.signed = queries.signatures_of(row for row in self.rows if row.kind == EntryKind.SIGNATURE)
        self.photos: Mapping[tuple[UUID, str], Sequence[VisitPhoto]] = queries.sealed_photos(session, self.visit.id)

    def say(self, key: str, **said: object) -> str:
        return SAYS[key][self.tongue].format(**said)

    def process(self) -> str:
        return self.say(
            "process",
            list=self.frozen.checklist.title.in_language(self.tongue),
            edition=self.frozen.edition,
            count=len(self.merged),
            entries=sum(bool(row.device_id) for row in self.rows),
            photos=len({digest for row in self.rows for digest in row.photos}),
        )

    def result(self) -> str:
        short = []
        for item in self.frozen.checklist.items:
            merged = self.merged.get(item.key)
            if merged is not None and merged.standing.answer.short:
                answer = merged.standing.answer
                why = [f"{each.reason} −{each.points}" for each in answer.deductions] + [answer.note]
                told = "；".join(part for part in why if part)
                short.append(
                    f"{item.number}. {item.text.in_language(self.tongue)}：{FOUND[answer.verdict][self.tongue]} {told}"
                )
        refusals = [
            self.say("refused", why=entry.refused, who=row.person_name) for row, entry in self.signed if entry.refused
        ]
        outcome = judge(self.frozen, {item: merged.standing.answer for item, merged in self.merged.items()})
        score = [] if outcome.score is None else [f"{outcome.score} / {outcome.possible}"]
        return "\n".join([*(short or [self.say("none")]), *score, *refusals])[:8000]

    def attachments(self) -> tuple[str, ...]:
        count = len({digest for row in self.rows for digest in row.photos})
        return (self.say("photos", count=count),) if count else ()

    def unit_signature(self) -> SignLine:
        given = [pair for pair in self.signed if pair[1].capacity is Capacity.UNIT and not pair[1].refused]
        return self._line(*given[-1]) if given else SignLine()

    def inspector_signatures(self) -> tuple[SignLine, ...]:
        latest = {row.person_id: (row, entry) for row, entry in self.signed if entry.capacity is Capacity.INSPECTOR}
        return tuple(
            self._line(*latest[place.person_id]) if place.person_id in latest else SignLine()
            for place in self.visit.inspectors
            if not place.cancelled
        )

    def _line(self, row: SealedEntry, entry: SignatureEntry) -> SignLine:
        return SignLine(state=SignState.SIGNED, name=entry.name, on=city_day(row.captured_at), drawing=entry.path)

    def seals(self) -> tuple[SealedLine, ...]:
        by_digest = {row.digest: row for row in self.rows}
        return tuple(
            self._sealed(
                f"{item.number} {item.text.in_language(self.tongue)}", merged, by_digest[merged.standing.digest]
            )
            for item in self.frozen.checklist.items
            if (merged := self.merged.get(item.key)) is not None
        )

    def _sealed(self, name: str, merged: Merged, row: SealedEntry) -> SealedLine:
        entry = parse_entry(row.body)
        position = entry.position
        where = f"{position.lon}, {position.lat} ±{position.accuracy_m} m" if position else ""
        answer = merged.standing.answer
        deducted = f" −{answer.deducted}" if answer.deductions else ""
        return SealedLine(
            name=name[:300],
            found=f"{FOUND[answer.verdict][self.tongue]}{deducted}",
            by=row.person_name,
            at=row.captured_at,
            position=where,
            remark=self._remark(merged, row),
            digest=row.digest,
            photos=tuple(entry.photos) if isinstance(entry, AnswerEntry) else (),
        )

    def _remark(self, merged: Merged, row: SealedEntry) -> str:
        intact = {photo.sealed_sha256 for kept in self.photos.values() for photo in kept if not photo.altered}
        altered = {photo.sealed_sha256 for kept in self.photos.values() for photo in kept if photo.altered}
        said = []
        if merged.contested or merged.settled:
            said.append(self.say("contested" if merged.contested else "settled"))
        if set(row.photos) & altered - intact:
            said.append(self.say("altered"))
        if set(row.photos) - altered - intact:
            said.append(self.say("missing"))
        return "；".join(said)

    def chains(self) -> tuple[str, ...]:
        told = [self._chain(chain) for chain in queries.chains_of(self.rows)]
        for row, entry in self.signed:
            if not entry.refused:
                when = f"{row.captured_at.astimezone(CITY_TZ):%Y-%m-%d %H:%M}"
                told.append(self.say("signed", who=entry.name, when=when, digest=entry.record))
        return tuple(told[-40:])

    def _chain(self, chain: queries.Chain) -> str:
        return self.say(
            "chain",
            who=chain.person,
            device=chain.device or self.say("online"),
            count=chain.count,
            digest=chain.head,
            skew=self.say("skew", skew=chain.skew) if chain.skew else "",
        )
