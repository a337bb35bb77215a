"""Reading cells: whatever a good value looks like in a sheet, it is read as what it is, or refused; never as another."""

import string
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.codes import INDUSTRY_CODES, TYPE_CODES
from portal.core.geometry import Datum
from portal.registry.labels.sheets import spoken
from portal.registry.rules.rows import BETWEEN
from portal.registry.rules.sheets import Unreadable, Words, find_header, parse_row, word_key
from portal.registry.rules.sheets.cells import (
    nearest,
    read_code,
    read_day,
    read_decimal,
    read_degrees,
    read_flag,
    read_many,
    read_phone,
    read_text,
    read_whole,
)
from portal.registry.rules.sheets.header import Columns, Merges
from portal.registry.rules.sheets.parse import _DATUMS
from portal.registry.rules.words import WORDS

WIDE = str.maketrans(string.digits + ".", "０１２３４５６７８９．")
CODES = st.builds(
    lambda division, industry, kind, rest: f"{division:08d}{industry}{kind}{rest:07d}",
    st.integers(11_000_000, 65_999_999),
    st.sampled_from(sorted(INDUSTRY_CODES)),
    st.sampled_from(sorted(TYPE_CODES)),
    st.integers(1, 9_999_999).filter(lambda rest: rest % 1_000_000),
)
NOISE = st.sampled_from(["{}", "'{}", " {} ", "‘{}", "\t{}", "\u200b{}", "{}.0"])


def attempt(read: Callable[[str], Any], text: str) -> Any:
    """What a reader makes of a text: its value, or its refusal."""
    try:
        return read(text)
    except Unreadable as fault:
        return fault


@given(CODES, NOISE, st.booleans())
def test_a_code_is_read_through_its_noise(code: str, noise: str, wide: bool) -> None:
    text = noise.format(code.translate(WIDE) if wide and ".0" not in noise else code)
    assert read_code(text) == code


@given(CODES, st.integers(1, 19))
def test_a_code_in_groups_is_read(code: str, cut: int) -> None:
    assert read_code(f"{code[:cut]} {code[cut:]}") == read_code(f"{code[:cut]}-{code[cut:]}") == code


@given(CODES)
def test_a_code_that_went_through_a_number_is_never_guessed(code: str) -> None:
    for damaged in (repr(float(code)), f"{float(code):.5E}", f"{float(code):.2e}"):
        with pytest.raises(Unreadable) as fault:
            read_code(damaged)
        assert fault.value.code == "sheet_code_damaged"
    rounded = f"{code[:15]}00000"
    if rounded.endswith("000000"):
        with pytest.raises(Unreadable):
            read_code(rounded)


@given(st.text(max_size=40))
def test_a_code_is_read_as_twenty_digits_or_not_at_all(text: str) -> None:
    found = attempt(read_code, text)
    assert found.cure == "leave_empty" if isinstance(found, Unreadable) else len(found) == 20


DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
STYLES = [
    "{0:%Y-%m-%d}",
    "{0:%Y/%m/%d}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
    "{0:%Y-%m-%d} 08:30:00",
]


@given(DAYS, st.sampled_from(STYLES), st.booleans())
def test_a_day_is_read_in_six_styles(day: date, style: str, wide: bool) -> None:
    text = style.format(day)
    assert read_day(text.translate(WIDE) if wide else text) == day


@given(DAYS)
def test_a_day_is_read_from_the_number_a_spreadsheet_keeps(day: date) -> None:
    assert read_day(str((day - date(1899, 12, 30)).days)) == day


@given(DAYS)
def test_a_day_in_chinese_numerals_is_read(day: date) -> None:
    digits = "〇一二三四五六七八九"

    def said(number: int) -> str:
        tens, ones = divmod(number, 10)
        return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones or not tens else "")

    year = "".join(digits[int(one)] for one in str(day.year))
    assert read_day(f"{year}年{said(day.month)}月{said(day.day)}日") == day


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1990, 2099))
def test_a_day_that_two_countries_read_differently_is_asked_about(first: int, second: int, year: int) -> None:
    with pytest.raises(Unreadable) as fault:
        read_day(f"{first}/{second}/{year}")
    assert fault.value.instead == date(year, first, second).isoformat()


@given(st.text(max_size=30))
def test_whatever_else_is_a_day_or_refused_with_a_day_or_nothing(text: str) -> None:
    found = attempt(read_day, text)
    if isinstance(found, Unreadable):
        assert found.instead is None or isinstance(read_day(found.instead), date)
    else:
        assert isinstance(found, date)


DEGREES = st.decimals(Decimal(73), Decimal(135), places=6)


@given(DEGREES, st.sampled_from(["{}", "东经{}", "{}°", "E{}", "{}E", "经度：{}", " {} "]), st.booleans())
def test_degrees_keep_every_digit_they_were_given(value: Decimal, style: str, wide: bool) -> None:
    text = style.format(str(value).translate(WIDE) if wide else value)
    assert str(read_degrees(text)) == str(value)


@given(
    st.integers(73, 135),
    st.integers(0, 59),
    st.integers(0, 5999),
    st.sampled_from(["{}°{}′{}″", "{}°{}'{}\"", "{}度{}分{}秒", "{}:{}:{}", "{} {} {}"]),
)
def test_minutes_and_seconds_are_degrees(degrees: int, minutes: int, hundredths: int, style: str) -> None:
    seconds = Decimal(hundredths) / 100
    found = read_degrees(style.format(degrees, minutes, seconds))
    assert abs(found - (degrees + Decimal(minutes) / 60 + seconds / 3600)) < Decimal("1e-7")


@given(DEGREES.filter(lambda value: value != int(value)), st.decimals(Decimal(18), Decimal(53), places=6))
def test_swapped_and_pointless_degrees_are_told_with_what_cures_them(lon: Decimal, lat: Decimal) -> None:
    columns = find_header([(1, ["名称", "经度", "纬度"])])
    assert columns is not None
    [swapped] = parse_row(2, ["甲", str(lat), str(lon)], columns, Words(Datum.WGS84)).faults
    assert swapped.code == "lonlat_swapped"
    assert swapped.cure is not None
    assert swapped.cure.cells == {"lon": str(lon), "lat": str(lat)}
    assert parse_row(2, ["甲", str(lon), str(lat)], columns, Words(Datum.WGS84)).sound()


@given(st.integers(0, 3650), st.sampled_from(["{}", "{}天", " {} 天", "{}.0", "{}日"]))
def test_a_number_is_read_through_its_unit(number: int, style: str) -> None:
    assert read_whole(style.format(number)) == number
    assert read_decimal(style.format(number).translate(WIDE)) == number


@pytest.mark.parametrize("text", ["3个月", "半年", "1年", "2周"])
def test_a_number_of_something_else_is_not_proposed(text: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read_whole(text)
    assert fault.value.instead is None


def test_a_telephone_number_is_read_masked_or_refused_without_repeating_it() -> None:
    assert read_phone("１３８ ０３７２ ０００１") == "13803720001"
    assert read_phone("138****0001") is None
    with pytest.raises(Unreadable) as fault:
        read_phone("12345")
    assert "12345" not in str(fault.value.data)
    assert fault.value.instead is None


def test_every_word_of_the_pages_means_its_value_alone_and_among_others() -> None:
    words = Words(Datum.WGS84, {}, spoken().options)
    for kind, said in spoken().options.items():
        known, written = words.of(kind)
        for word, value in said.items():
            assert known[word] is value, (kind, word)
        pairs = list(said.items())
        if kind in WORDS and all("/" not in word for word in said):
            joined = BETWEEN.join(word for word, _ in pairs[:3])
            assert read_many(joined, known, written) == tuple(dict.fromkeys(value for _, value in pairs[:3]))


def test_what_a_cure_writes_is_understood() -> None:
    words = Words(Datum.WGS84)
    for kind in (*WORDS, Datum):
        known, written = words.of(kind)
        assert all(known[word_key(text)] is value for value, text in written.items()), kind
    assert set(_DATUMS) == set(Datum)


@pytest.mark.parametrize(
    ("word", "near"),
    [("枪式摄像机", "枪机"), ("高清半球摄像机", "半球"), ("球型机", "球机"), ("飞碟", None), ("海康威士", "海康")],
)
def test_the_nearest_word_is_the_one_meant(word: str, near: str | None) -> None:
    assert nearest(word, ("球机", "半球", "半球机", "枪机", "固定枪机", "海康", "海康威视")) == near


def test_formulas_and_what_no_eye_sees_are_not_taken_over() -> None:
    with pytest.raises(Unreadable):
        read_text("=1+1")
    assert read_text("文峰大道\n1号\u200b") == "文峰大道 1号"
    assert read_flag("√") is True


def test_cells_merged_downwards_mean_each_of_their_rows() -> None:
    rows = [(1, ["甲", "x"]), (2, ["", "y"]), (3, ["", ""]), (4, ["乙", ""])]
    merges = [(0, 0, 2, 0), (1, 1, 2, 1), (0, 5, 0, 7)]
    assert [list(cells) for _, cells in Merges(merges).filled(rows)] == [
        ["甲", "x"],
        ["甲", "y"],
        ["甲", "y"],
        ["乙", ""],
    ]


@pytest.mark.parametrize(
    "header", ["设备名称", " *设备 名称 ", "设备名称（必填）", "Camera name*", "SBMC", "点位名称："]
)
def test_a_header_is_known_with_and_without_a_star(header: str) -> None:
    columns = find_header([(1, [header, "jd", "wd"])])
    assert isinstance(columns, Columns)
    assert columns.places["name"] == 0


@pytest.mark.parametrize("text", ['="41050200001320000011"', "“41050200001320000011”", "41050200001320000011.0"])
def test_a_code_is_read_through_what_kept_it_from_becoming_a_number(text: str) -> None:
    assert read_code(text) == "41050200001320000011"


def test_a_moment_as_a_spreadsheet_keeps_it_is_its_day() -> None:
    assert read_day("46096.5") == read_day("46096") == date(2026, 3, 15)


@pytest.mark.parametrize(("text", "meant"), [("3O", "30"), ("9o", "90"), ("l80", "180"), ("约30", "30")])
def test_a_letter_typed_for_a_digit_is_proposed_as_that_digit(text: str, meant: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read_whole(text)
    assert fault.value.instead == meant
