"""Every paper is set, says what it must, and never reads a user's words as markup."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

from portal.core.errors import Invalid
from portal.papers import operations, typesetter
from portal.papers.operations import characters_without_glyph, qr_svg, render
from portal.papers.typesetter import FORMS
from portal.papers.values import PAPERS, FormKey
from portal.papers.values.parts import GETA
from tests.papers.samples import RARE_NAME, RARE_PLACE, SAMPLES, VIEWING_SLIP, signed, stamp, unneeded
from tests.support.reading import text_of

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils reads the papers back")

LANGUAGES = ("zh_Hans_CN", "en")
PAGES = {FormKey.LEDGER: 2, FormKey.INSPECTION_RECORD: 2, FormKey.SCHOOL_APPLICATION: 3}
SAYS: dict[FormKey, tuple[str, ...]] = {
    FormKey.FILING_RECEIPT: ("备案回执", "410502-2026-000318", "128台", "90日", "二〇二六年十一月二十日", "第十四条", "7F3A-9C21-08DE"),
    FormKey.FILING_CERTIFICATE: ("备案证明", "12410502MB0A12345A", "安阳市公安局文峰分局（盖章）"),
    FormKey.BASIC_INFORMATION: ("备案基本信息表", "4105**********1234", "枪型摄像机80", "河南中原安防工程有限公司", "委托办理备案授权书"),
    FormKey.INSPECTION_RECORD: ("检查笔录", "2026年11月16日14时05分", "410502017", "第二十四条", "需补正并规范", "见证人签名", "现场封存清单"),
    FormKey.ACCEPTANCE_CONCLUSION: ("验收结论书", "92.5", "基本合格", "一级", "不符合", "2026年12月16日"),
    FormKey.ACCEPTANCE_CERTIFICATE: ("验收合格证", "24项", "96分", "准予投入使用"),
    FormKey.VIEWING_SLIP: ("视频监控资料调阅审批单", "武装保卫处公章（骑缝）", "√拷贝", "无需", "存档：保卫处内勤", "存档：监控中心"),
    FormKey.VIEWING_RECORD: ("视频监控资料调阅记录表", "√调", "安阳职业学院武装保卫处制", "宿舍区电动车被盗案件"),
    FormKey.VIEWING_APPROVAL: ("查阅审批表", "安保科意见", "同意查阅，不得拍录", "无需"),
    FormKey.SCHOOL_APPLICATION: ("达标创建申报表", "学生：1820人", "专任教师：88人", "安阳市教育局（盖章）", "一式三份"),
    FormKey.SCHOOL_SCORES: ("考评验收标准", "95.5", "一级达标", "备份记录缺1次", "不计负分"),
    FormKey.RETRIEVAL_RECEIPT: ("调取证据通知书", "文公（刑）调证字〔2026〕0117号", "第五十四条", "如实提供"),
    FormKey.VIEWING_DECISION: ("个人查阅视频图像申请答复书", "第二十一条", "不得复制", "第五十条", "校园监控中心"),
    FormKey.RETRIEVAL_LIST: ("调取证据清单", "3b7e3b7e", "附播放器", "以下空白", "一式三份"),
    FormKey.HANDOVER_RECEIPT: ("视频资料移交接收单", "1,932,735,284", "5f2e5f2e", "快3秒", "移交人：吴小燕"),
    FormKey.COURT_PACKAGE: ("视频图像证据材料包", "DY2026-000012-P01", "文峰区人民检察院", "保管过程"),
    FormKey.REQUEST_RECEIPT: ("视频图像调用回执", "DY2026-000012-01", "5路", "5f2e5f2e", "c0dec0de", "各执一份"),
    FormKey.LEDGER: ("视频图像信息调用登记台账", "共60条", "2026-00060", "去向"),
    FormKey.ORDER_TO_INSTALL: ("责令安装视频图像信息系统通知书", "第八条第（十）项", "大堂、出入口、主要通道", "2027年1月19日前完成", "第十七条"),
    FormKey.OFFICIAL_PAPER: ("安公文峰通〔2026〕3号", "整改不力的通报", "文峰区各娱乐场所", "2026年12月11日前", "书面回复"),
    FormKey.EQUIPMENT_USE: ("现场使用单位视频设备登记表", "A4105020001202611001", "操作杆折断", "拒不开门", "3b7e3b7e"),
    FormKey.CONNECTION_ORDER: ("直接接入审批表", "安公接〔2026〕2号", "2026年11月20日至2027年11月19日", "第二十七条", "41050200001310000001"),
    FormKey.WORK_TICKET: ("作业许可单", "参更〔2026〕2号", "1920x1080", "AF-2024-118"),
    FormKey.INTERVIEW_MINUTES: ("约谈记录", "法定代表人", "2026年11月20日10时00分", "建立巡检制度"),
    FormKey.AUDIT_CERTIFICATE: ("审计日志封存证明", "1,284,117", "向日葵", "全部记录核验一致"),
}  # fmt: skip
WITHOUT_NAMES = {FormKey.FILING_CERTIFICATE, FormKey.ACCEPTANCE_CERTIFICATE, FormKey.ACCEPTANCE_CONCLUSION}


def pages_of(pdf: bytes, tmp_path: Path) -> int:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    with pikepdf.open(path) as document:
        return len(document.pages)


def test_every_form_has_its_model_template_and_sample() -> None:
    templates = {path.stem for path in FORMS.glob("*.typ")} - {"lib", "glyphs"}
    assert (
        templates
        == {form.value for form in FormKey}
        == {form.value for form in PAPERS}
        == {form.value for form in SAYS}
    )


def test_templates_fetch_nothing() -> None:
    for path in FORMS.glob("*.typ"):
        assert not re.search(r"@preview|@local|https?://|\bread\(|plugin\(", path.read_text()), path.name


@pytest.mark.parametrize("form", list(FormKey))
def test_each_paper_says_what_it_must(form: FormKey, tmp_path: Path) -> None:
    pdf = render(form, SAMPLES[form])
    said = text_of(pdf)
    for words in SAYS[form]:
        assert words in said, words
    assert pages_of(pdf, tmp_path) == PAGES.get(form, 1)
    assert SAMPLES[form]["stamp"]["serial"] in said
    assert "打印：王建军2026-11-2009:31" in said
    assert b"pdfaid" in pdf


@pytest.mark.parametrize("form", [form for form in FormKey if form not in WITHOUT_NAMES | {FormKey.AUDIT_CERTIFICATE}])
def test_rare_characters_are_set_and_can_be_copied(form: FormKey) -> None:
    said = text_of(render(form, SAMPLES[form]))
    assert RARE_NAME in said
    assert GETA not in said
    if form is not FormKey.HANDOVER_RECEIPT:
        assert RARE_PLACE in said


@pytest.mark.parametrize("form", list(FormKey))
def test_the_english_rendering_is_whole_and_says_which_counts(form: FormKey, tmp_path: Path) -> None:
    pdf = render(form, SAMPLES[form], lang="en")
    said = text_of(pdf)
    assert "ThepaperissuedinChineseistheonethatcounts" in said
    assert pages_of(pdf, tmp_path) == PAGES.get(form, 1)
    for label in ("签字", "编号：", "单位名称", "打印：", "说明："):
        assert label not in said, label


def test_the_same_data_give_the_same_bytes() -> None:
    assert render("filing_receipt", SAMPLES[FormKey.FILING_RECEIPT]) == render(
        "filing_receipt", SAMPLES[FormKey.FILING_RECEIPT]
    )


def test_words_are_never_markup(tmp_path: Path) -> None:
    hostile = '#read("/etc/passwd") *b* $x^2$ @preview #sys.version <l> \\ "q" {{ }} // c'
    said = text_of(render("viewing_slip", {**VIEWING_SLIP, "reason": hostile, "place": "#panic()"}))
    assert re.sub(r"\s", "", hostile) in said
    assert "#panic()" in said
    assert "root:" not in said


def test_both_halves_of_the_slip_are_equal() -> None:
    said = text_of(render("viewing_slip", VIEWING_SLIP))
    upper, lower = said.split("武装保卫处公章（骑缝）")
    lower = lower.split("说明：")[0]
    assert upper.replace("存档：保卫处内勤", "") == lower.replace("存档：监控中心", "")
    assert "学校分管安全工作的校领导签字：无需" in upper


def test_an_empty_slip_can_be_filled_by_hand() -> None:
    blank = {
        "stamp": stamp("DY"),
        "organisation": "监控中心",
        "addressee": "武装保卫处",
        "approvals": [{"title": "处长"}],
    }
    said = text_of(render("viewing_slip", blank))
    assert "√" not in said.split("说明")[0]
    assert said.count("处长签字：年月日") == 2


def test_a_secret_case_cannot_be_printed() -> None:
    with pytest.raises(Invalid) as invalid:
        render("viewing_slip", {**VIEWING_SLIP, "secret": True})
    assert "secret case" in str(invalid.value.problems[0].data["reason"])
    said = text_of(render("viewing_slip", {**VIEWING_SLIP, "secret": True, "reason": ""}))
    assert "涉密案（事）件" in said.split("说明")[0]


@pytest.mark.parametrize(
    ("form", "field", "length"),
    [
        ("viewing_slip", "reason", 299), ("viewing_slip", "place", 299), ("viewing_record", "summary", 299),
        ("viewing_approval", "reason", 3000), ("school_application", "self_assessment", 3000),
        ("inspection_record", "process", 7000), ("acceptance_conclusion", "conclusion", 3000),
        ("retrieval_receipt", "evidence", 3000), ("filing_receipt", "address", 299),
    ],
)  # fmt: skip
def test_long_texts_lose_nothing(form: str, field: str, length: int) -> None:
    said = text_of(render(form, {**SAMPLES[FormKey(form)], field: "长" * length + "终"}))
    shown = re.sub(r"第\d+页/共\d+页|[A-Z]{2}[-0-9A-Z]+打印：王建军2026-11-2009:31", "", said)
    copies = 2 if form == "viewing_slip" else 1
    assert shown.count("长") >= length * copies
    assert shown.count("终") >= copies


@pytest.mark.parametrize("names", [["X"] * 5])
def test_many_signatures_stay_on_the_half(names: list[str], tmp_path: Path) -> None:
    approvals = [{"title": f"第{n}级负责人", **signed(name)} for n, name in enumerate(names)]
    pdf = render("viewing_slip", {**VIEWING_SLIP, "reason": "长" * 250, "approvals": approvals})
    assert pages_of(pdf, tmp_path) == 1
    assert text_of(pdf).count("第4级负责人签字：X") == 2


def test_a_character_without_a_glyph_prints_as_a_geta_mark() -> None:
    assert characters_without_glyph(f"{RARE_NAME}{RARE_PLACE}abc，。") == ()
    assert characters_without_glyph("甲\U0002ebf0乙\ue000\n") == ("\U0002ebf0", "\ue000")
    said = text_of(render("filing_receipt", {**SAMPLES[FormKey.FILING_RECEIPT], "officer": "甲\U0002ebf0乙\ue000"}))
    assert f"经办人：甲{GETA}乙{GETA}" in said


def test_controls_are_dropped_and_lines_joined() -> None:
    said = text_of(render("filing_receipt", {**SAMPLES[FormKey.FILING_RECEIPT], "officer": "甲\u202e\x07\u200b\n乙"}))
    assert "经办人：甲乙" in said


def test_faults_name_the_fields() -> None:
    data: dict[str, Any] = {
        **SAMPLES[FormKey.HANDOVER_RECEIPT],
        "manifest_sha256": "xyz",
        "surprise": 1,
        "files": [{"name": "a"}],
    }
    del data["number"]
    with pytest.raises(Invalid) as invalid:
        render("handover_receipt", data)
    assert {"manifest_sha256", "surprise", "number", "files.0.sha256"} <= {
        problem.field for problem in invalid.value.problems
    }


@pytest.mark.parametrize(
    "line",
    [
        {"state": "signed"}, {"state": "signed", "name": "甲"}, {"name": "甲"}, {**unneeded("处长"), "name": "甲"},
        {"state": "not_required", "opinion": "同意"},
    ],
)  # fmt: skip
def test_a_signature_line_cannot_contradict_itself(line: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        render("viewing_record", {**SAMPLES[FormKey.VIEWING_RECORD], "operator": line})


def test_a_thousand_rows_fit_and_more_are_refused(tmp_path: Path) -> None:
    row = SAMPLES[FormKey.LEDGER]["rows"][0]
    pdf = render("ledger", {**SAMPLES[FormKey.LEDGER], "rows": [row] * 1000, "part": 2, "parts": 3})
    assert 25 <= pages_of(pdf, tmp_path) <= 45
    said = text_of(pdf)
    assert "第2部分/共3部分" in said
    assert f"2000{row[0]}" in said
    for rows in ([row] * 1001, [row[:-1]]):
        with pytest.raises(Invalid):
            render("ledger", {**SAMPLES[FormKey.LEDGER], "rows": rows})


def test_the_watermark_names_who_may_use_it() -> None:
    said = subprocess.run(
        ["pdftotext", "-raw", "-", "-"],
        input=render("handover_receipt", SAMPLES[FormKey.HANDOVER_RECEIPT]),
        capture_output=True,
        check=True,
    )
    assert set("仅供办案使用") <= set(said.stdout.decode())


def test_a_paper_set_in_a_child_is_the_same_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ["\U0002ebf0", *SAMPLES[FormKey.LEDGER]["rows"][0][1:]]
    data = {**SAMPLES[FormKey.LEDGER], "rows": [row] * 20}
    here = render("ledger", data)
    for module in (operations, typesetter):
        monkeypatch.setattr(module, "LONG_CHARACTERS", 100)
    assert render("ledger", data) == here
    assert text_of(here).count(GETA) == 20


def test_a_child_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetter, "LONG_CHARACTERS", 0)
    with pytest.raises(typesetter.Untypable, match="does not contain key"):
        typesetter.typeset("ledger", "{}", lang="zh", timestamp=0)
    monkeypatch.setattr(typesetter, "_CHILD_SECONDS", 0.01)
    with pytest.raises(typesetter.Untypable, match="too slow"):
        typesetter.typeset("ledger", "{}", lang="zh", timestamp=0)


def test_times_are_the_citys() -> None:
    said = text_of(render("inspection_record", SAMPLES[FormKey.INSPECTION_RECORD]))
    assert "2026年11月16日14时05分至2026年11月16日16时40分" in said


def test_the_qr_code_is_drawn_and_small() -> None:
    svg = qr_svg("https://portal.example/v/1")
    assert svg.startswith("<svg")
    assert len(svg) < 8000


def test_the_fonts_the_papers_need_are_installed() -> None:
    assert {"Noto Serif CJK SC", "Noto Sans CJK SC", "HanaMinA", "HanaMinB"} <= set(
        typst.Fonts(include_system_fonts=True).families()
    )


def test_a_certificate_of_standard_puts_nothing_into_use() -> None:
    """A school's grade is the education bureau's; using the system is the police's acceptance."""
    said = text_of(render("acceptance_certificate", {**SAMPLES[FormKey.ACCEPTANCE_CERTIFICATE], "standard": True}))
    assert "达标证书" in said
    assert "准予投入使用" not in said
