"""A library of nasty sheets: each built by code, with every fault it holds and the exact report it must get.

A report line is `cell field fault cure`; a cell without a column is named by its row. `outcomes` counts the rows.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import openpyxl

from portal.core.geometry import wgs84_to_gcj02
from tests.registry.sheets.xls import xls

HOME = (114.3924, 36.0976)  # where the unit stands
ON_RECORD = "41050200111327000001"
NAMED = "北门-向北-球机"  # on record without a code, at NAMED_AT
NAMED_AT = ("114.3930", "36.0981")
TAKEN = "41050300111327000009"  # held by another unit
UNKNOWN = UUID("00000000-0000-7000-8000-000000000000")


def code(serial: int) -> str:
    """A good code."""
    return f"41050200111327{serial:06d}"


@dataclass(frozen=True, kw_only=True)
class Nasty:
    """One sheet and what must be said about it."""

    name: str
    content: bytes
    report: Sequence[str] = ()
    outcomes: dict[str, int] = field(default_factory=dict)
    unread: Sequence[str] = ()
    failure: str | None = None


def as_xlsx(rows: Sequence[Sequence[object]], merges: Sequence[str] = ()) -> bytes:
    """A workbook; numbers are kept as numbers."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for merge in merges:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """What a Chinese spreadsheet saves as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def titles() -> Nasty:
    """Two title rows, a header of two tiers with merged cells, an address merged over rows, stars, notes below."""
    rows: list[list[object]] = [
        ["第一实验小学视频监控点位一览表", "", "", "", "", ""],
        ["填报日期：2026年11月", "", "", "", "", ""],
        ["设备名称*", "安装地址", "坐标信息", "", "保存天数（天）", "责任人"],
        ["", "", "经度＊", "纬度＊", "", ""],
        ["东门甲", "文峰大道1号", 114.3925, 36.0977, 30, "张三"],
        ["东门乙", "", 114.3926, 36.0978, 90, ""],
        ["", "", "", "", "", ""],
        ["合计", 2, "", "", "", ""],
    ]
    merges = ("A1:F1", "A2:F2", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4", "B5:B6")
    return Nasty(
        name="titles.xlsx",
        content=as_xlsx(rows, merges),
        report=["A8 name sheet_note_row leave_out"],
        outcomes={"new": 2, "parked": 1},
        unread=["责任人"],
    )


def codes() -> Nasty:
    """Codes as spreadsheets leave them."""
    header = ["设备名称", "设备编码", "经度", "纬度"]
    cells: list[object] = [
        41050200111327000011,  # kept as a number: the last digits are gone
        f"'{code(12)}",
        "4105 0200 1113 2700 0013",
        "４１０５０２００１１１３２７００００１４",
        "4.10502E+19",
        "41050200111327000000",
        code(15) + ".0",
        "4105020011132700001",
        "41050200991327000016",
        code(17)[:10] + "999" + code(17)[13:],
        "\u200b" + code(18) + " ",
    ]
    rows = [[f"编码{n}", cell, f"114.39{n:02d}00", "36.0977"] for n, cell in enumerate(cells, start=2)]
    return Nasty(
        name="codes.xlsx",
        content=as_xlsx([header, *rows]),
        report=[
            "B2 gb_code sheet_code_damaged leave_empty",
            "B6 gb_code sheet_code_damaged leave_empty",
            "B7 gb_code sheet_code_rounded leave_empty",
            "B9 gb_code device_code_length leave_empty",
            "B10 gb_code device_code_industry leave_empty",
            "B11 gb_code device_code_type leave_empty",
        ],
        outcomes={"new": 5, "parked": 6},
    )


def dates() -> Nasty:
    """Days in the usual writings, and those that need a guess."""
    header = ["名称", "经度", "纬度", "安装时间"]
    good = [
        "2026-03-15",
        "2026/3/15",
        "2026.3.15",
        "2026年3月15日",
        "20260315",
        "46096",
        "二〇二六年三月十五日",
        "2026-03-15 08:30:00",
    ]
    bad = ["2019.1", "2024年", "26-03-01", "3/4/2026", "31/12/2025", "去年", "2026-02-30"]
    rows = [[f"日期{n}", f"114.39{n:02d}00", "36.0977", day] for n, day in enumerate([*good, *bad], start=2)]
    return Nasty(
        name="dates.csv",
        content=as_csv([header, *rows]),
        report=[
            "D10 installed_on sheet_day_ambiguous first_day",
            "D11 installed_on sheet_day_ambiguous first_day",
            "D12 installed_on sheet_day_ambiguous likely_day",
            "D13 installed_on sheet_day_ambiguous likely_day",
            "D14 installed_on sheet_day_ambiguous likely_day",
            "D15 installed_on sheet_not_a_date -",
            "D16 installed_on sheet_not_a_date -",
        ],
        outcomes={"new": 8, "parked": 7},
    )


def coordinates() -> Nasty:
    """Degrees in every writing; swapped, without a point, nought, elsewhere."""
    header = ["名称", "经度", "纬度"]
    pairs = [
        ("114.392511", "36.097711"),
        ("东经114.392512", "北纬36.097712"),
        ("１１４．３９２５１３", "36.097713°"),
        ("114°23′33.1″", "36度05分52秒"),
        ("E114.392514", "36.097714N"),
        ("114,392515", "36,097715"),
        ("36.0977", "114.3925"),
        ("114392516", "36097716"),
        ("0", "36.0977"),
        ("116.404", "39.915"),
        ("14.39", "36.09"),
        ("不详", "36.0977"),
        ("", "36.0977"),
        ("114.39251|36.09", "36.0977"),
    ]
    rows = [[f"位置{n}", *pair] for n, pair in enumerate(pairs, start=2)]
    return Nasty(
        name="coordinates.csv",
        content=as_csv([header, *rows], "utf-8-sig"),
        report=[
            "B8 lon lonlat_swapped swap",
            "B9 lon sheet_point_lost point",
            "B10 lon sheet_zero -",
            "B11 lon outside_city -",
            "B12 lon outside_china -",
            "B13 lon sheet_not_a_number -",
            "B14 lon sheet_empty -",
            "B15 lon sheet_not_a_number -",
        ],
        outcomes={"new": 6, "parked": 8},
    )


def shifted() -> Nasty:
    """Positions of the unit's own ground, read from an Internet map and declared as WGS-84; in one column."""
    lon, lat = wgs84_to_gcj02(*HOME)
    rows = [
        ["名称", "经纬度"],
        ["偏移", f"{lon:.6f},{lat:.6f}"],
        ["正确", f"{HOME[0]:.6f} {HOME[1]:.6f}"],
        ["残缺", "114.39"],
    ]
    return Nasty(
        name="shifted.csv",
        content=as_csv(rows, "utf-8"),
        report=["B2 lon position_shifted other_datum", "B4 lon outside_china -"],
        outcomes={"new": 1, "parked": 2},
    )


def words() -> Nasty:
    """Labels, numbers, several at once, in either language; near misses and strangers."""
    header = [
        "Camera name",
        "Longitude",
        "Latitude",
        "摄像机类型",
        "功能类型",
        "位置类型",
        "监控区域",
        "是否录音",
        "联网属性",
        "设备厂商",
    ]
    rows = [
        ["甲", "114.392521", "36.0977", "球机", "1/5", "车站、码头", "", "是", "1", "海康"],
        [
            "乙",
            "114.392522",
            "36.0977",
            "PTZ dome",
            "Vehicle checkpoint；普通",
            "3、8",
            "",
            "No",
            "Networked",
            "某某电子",
        ],
        ["丙", "114.392523", "36.0977", "枪式摄像机", "车辆卡口/微卡", "", "", "", "", "1"],
        ["丁", "114.392524", "36.0977", "飞碟", "", "", "某个地方", "也许", "2", ""],
    ]
    return Nasty(
        name="words.csv",
        content=as_csv([header, *rows], "utf-8", ";"),
        report=[
            "E4 function_types sheet_unknown_word nearest_word",
            "D5 camera_type sheet_unknown_word -",
            "G5 zone sheet_unknown_zone -",
            "H5 records_audio sheet_unknown_word -",
            "I5 networked sheet_unknown_word -",
            "D4 camera_type sheet_unknown_word nearest_word",
        ],
        outcomes={"new": 2, "parked": 2},
    )


def numbers() -> Nasty:
    """Numbers with units, among words, out of bounds; texts too long; a line break (rows of a CSV are counted by its lines); a formula in a CSV; a bad telephone."""
    header = ["名称", "经度", "纬度", "方位角", "保存天数", "安装高度(米)", "管理单位联系方式", "安装地址"]
    rows = [
        ["甲", "114.392531", "36.0977", "90°", "30天", "4.5米", "0372-5912345", "文峰大道\n1号"],
        ["乙", "114.392532", "36.0977", "360", "约30天", "4米左右", "138 0372 0001", "x" * 201],
        ["丙", "114.392533", "36.0977", "400", "3个月", "四米", "12345", '=HYPERLINK("x")'],
        ["丁", "114.392534", "36.0977", "45.5", "", "", "138****0001", "-1层"],
    ]
    return Nasty(
        name="numbers.csv",
        content=as_csv([header, *rows], "utf-16", "\t"),
        report=[
            "D4 azimuth out_of_range full_turn",
            "E4 retention_days sheet_not_a_number only_number",
            "F4 install_height_m sheet_not_a_number only_number",
            "H4 address sheet_long shorten",
            "D5 azimuth out_of_range -",
            "E5 retention_days sheet_not_a_number -",
            "F5 install_height_m sheet_not_a_number -",
            "G5 managing_phone phone_shape -",
            "H5 address sheet_formula -",
            "D6 azimuth sheet_not_whole -",
        ],
        outcomes={"new": 1, "parked": 3},
    )


def duplicates() -> Nasty:
    """The same code twice, the same camera twice, codes of others, cameras on record with and without a code."""
    header = ["名称", "编码", "经度", "纬度"]
    rows = [
        ["一", code(31), "114.392541", "36.0977"],
        ["二", code(31), "114.392542", "36.0977"],
        ["三", "", "114.392543", "36.0977"],
        ["三", "", "114.392543", "36.0977"],
        ["四", TAKEN, "114.392544", "36.0977"],
        [NAMED, "", *NAMED_AT],
        ["改名", ON_RECORD, "114.3924", "36.0976"],
        ["再改名", ON_RECORD, "114.3924", "36.0976"],
    ]
    return Nasty(
        name="duplicates.csv",
        content=as_csv([header, *rows]),
        report=[
            "B3 gb_code sheet_twice leave_out",
            "A5 name sheet_same_camera leave_out",
            "B6 gb_code gb_code_taken leave_empty",
            "A7 name camera_on_record same_camera",
            "B9 gb_code sheet_twice leave_out",
        ],
        outcomes={"new": 2, "changed": 1, "parked": 5},
    )


def identities() -> Nasty:
    """The portal's own ids: unknown, no id at all, and one beside another camera's code; columns left out."""
    rows = [
        ["系统标识", "国标编码(GB/T 28181)", "点位俗称"],
        [str(UNKNOWN), "", "甲"],
        ["第七路", "", "乙"],
        ["", "", "丙"],
    ]
    return Nasty(
        name="identities.csv",
        content=as_csv(rows, "utf-8"),
        report=[
            "A2 id sheet_id_unknown as_new",
            "A3 id sheet_id_unknown as_new",
            "4 name sheet_note_row leave_out",
        ],
        outcomes={"parked": 3},
    )


def old_workbook() -> Nasty:
    """An XLS."""
    rows = [
        ["点位台账"],
        ["点位名称", "经度", "纬度", "安装时间"],
        ["老表一", 114.392551, 36.0977, 46096],
        ["老表二", 36.0977, 114.392552, ""],
    ]
    return Nasty(
        name="old.xls",
        content=xls(rows),
        report=["B4 lon lonlat_swapped swap"],
        outcomes={"new": 1, "parked": 1},
    )


def no_header() -> Nasty:
    """A sheet of something else."""
    return Nasty(name="other.csv", content=as_csv([["姓名", "年龄"], ["张三", "7"]]), failure="sheet_no_header")


def nothing() -> Nasty:
    """A header and nothing under it."""
    return Nasty(name="empty.csv", content=as_csv([["名称", "经度", "纬度"], ["", "", ""]]), failure="sheet_no_rows")


LIBRARY = (
    titles(), codes(), dates(), coordinates(), shifted(), words(), numbers(), duplicates(), identities(), old_workbook(),
    no_header(), nothing(),
)  # fmt: skip
