"""A source list as it comes from a business register: its header found, each row read, every fault at its cell."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.core.codes import tidy, uscc_problem
from portal.core.divisions import load_divisions
from portal.mandates.rules.dictionary import category_of_industry, category_of_kind
from portal.mandates.values import MOST_FAULTS, Category, EntryDraft, ReadList, RowFault
from portal.regulation.loader import rulebook

HEADER_ROWS = 12
_NEEDED = frozenset({"name"})
_NOISE = re.compile(r"[\s*＊()（）:：/、]+")
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("单位名称", "企业名称", "主体名称", "名称", "场所名称", "市场主体名称", "name", "unit", "company"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码", "统一代码", "uscc", "creditcode"),
    "address": ("地址", "住所", "经营场所", "经营地址", "详细地址", "住所经营场所", "注册地址", "address"),
    "district": ("区县", "所属区县", "行政区划", "辖区", "县市区", "所在区县", "登记机关所在区划", "district"),
    "category": ("应装类别", "类别", "单位类别", "category"),
    "unit_type": ("单位类型", "类型", "业态", "unittype"),
    "industry": ("行业代码", "行业", "国民经济行业", "国民经济行业代码", "所属行业", "industry"),
    "lon": ("经度", "东经", "lon", "longitude"),
    "lat": ("纬度", "北纬", "lat", "latitude"),
}


@dataclass(frozen=True)
class Header:
    """Where the header stands, and which column holds what."""

    row: int
    columns: Mapping[str, int]


@dataclass(frozen=True)
class Words:
    """What cells may say: the categories that hold, the kinds of unit, the districts the reader may enter into."""

    categories: Mapping[str, Category]
    districts: frozenset[str]


def find_header(rows: Iterable[tuple[int, Sequence[str]]]) -> Header | None:
    """The first row that names a column of names beside at least one other known column."""
    known = {_bare(word): field for field, words in _HEADERS.items() for word in words}
    for number, cells in rows:
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells):
            field = known.get(_bare(cell))
            if field is not None:
                columns.setdefault(field, place)
        if columns.keys() >= _NEEDED and len(columns) > 1:
            return Header(number, columns)
    return None


def read_rows(rows: Iterable[tuple[int, Sequence[str]]], header: Header, words: Words) -> ReadList:
    """Every row below the header. The same place twice in the list is told, and kept once."""
    good: list[tuple[int, EntryDraft]] = []
    faults: list[RowFault] = []
    seen: dict[tuple[str, str], int] = {}
    read = 0
    for number, cells in rows:
        if number <= header.row or not any(cell.strip() for cell in cells):
            continue
        read += 1
        draft, found = read_row(number, cells, header, words)
        if draft is not None:
            first = seen.setdefault((draft.uscc or draft.district, draft.name), number)
            if first != number:
                found.append(RowFault(row=number, code="twice_in_list", text=str(first)))
            else:
                good.append((number, draft))
        faults += found[: max(MOST_FAULTS - len(faults), 0)]
    return ReadList(rows=good, faults=faults, read=read)


def read_row(
    number: int, cells: Sequence[str], header: Header, words: Words
) -> tuple[EntryDraft | None, list[RowFault]]:
    """One row, or what keeps it out."""

    def cell(field: str) -> str:
        place = header.columns.get(field)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def fault(code: str, field: str) -> RowFault:
        place = header.columns.get(field)
        return RowFault(row=number, code=code, column="" if place is None else _letters(place), text=cell(field)[:60])

    faults = []
    name = unicodedata.normalize("NFKC", cell("name")).replace("(", "（").replace(")", "）")
    if not name:
        faults.append(fault("list_no_name", "name"))
    elif len(name) > 120:
        faults.append(fault("list_name_long", "name"))
    uscc = tidy(cell("uscc")) or None
    if uscc and uscc_problem(uscc):
        faults.append(fault("list_bad_code", "uscc"))
        uscc = None
    district = _district(cell("district"), uscc)
    if district is None:
        faults.append(fault("list_no_district", "district"))
    elif district not in words.districts:
        faults.append(fault("list_other_district", "district"))
    kind = _kind(cell("unit_type"))
    industry = "".join(re.findall(r"[A-T]?(\d{2,4})", unicodedata.normalize("NFKC", cell("industry")))[:1])
    category = _category(cell("category"), kind, industry, words.categories)
    if category is None:
        faults.append(fault("list_no_category", "category" if "category" in header.columns else "industry"))
    blocked = any(one.code != "list_bad_code" for one in faults)
    if blocked or district is None or category is None:
        return None, faults
    return (
        EntryDraft(
            name=name, uscc=uscc, address=cell("address")[:200], district=district, category=category,
            unit_type=kind, industry=industry[:4], position=_position(cell("lon"), cell("lat")),
        ),
        faults,
    )  # fmt: skip


def _bare(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


def _letters(column: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _district(text: str, uscc: str | None) -> str | None:
    """By name or code; where the list names none, the division that registered the unit stands in its code."""
    for shape in load_divisions():
        if text and (text in (shape.code, shape.name) or text.endswith(shape.name) or text.startswith(shape.code)):
            return shape.code
        if not text and uscc and uscc[2:8] == shape.code:
            return shape.code
    return None


def _kind(text: str) -> str | None:
    return next(
        (
            kind.key
            for kind in rulebook().vocabulary.unit_type
            if text and text in (kind.key, kind.text.zh, kind.text.en)
        ),
        None,
    )


def _category(text: str, kind: str | None, industry: str, categories: Mapping[str, Category]) -> str | None:
    for category in categories.values():
        if text and text in (category.key, category.zh, category.en):
            return category.key
    if kind is not None and (found := category_of_kind(kind, categories)):
        return found
    return category_of_industry(industry, categories)


def _position(lon: str, lat: str) -> tuple[float, float] | None:
    """A position that helps to find the unit; one that cannot be read is left out, it decides nothing."""
    try:
        found = float(lon), float(lat)
    except ValueError:
        return None
    return found if 113 < found[0] < 116 and 35 < found[1] < 37 else None
