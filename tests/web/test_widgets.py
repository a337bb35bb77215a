"""Form fields: what they take, what they refuse, and in which words; what was typed is always kept."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import FieldList, FormField

from portal.core.clock import CITY_TZ
from portal.core.errors import Invalid, Problem
from portal.web import widgets as w

TODAY = date(2026, 11, 20)


class EveryField(w.PortalForm):
    """One of each, none required."""

    text = w.Text(_("Name"), required=False, max_length=10)
    long = w.LongText(_("Remarks"), required=False, max_length=30)
    code = w.Text(_("Number"), required=False, codelike=True)
    uscc = w.CreditCode(_("Unified social credit code"), required=False)
    device = w.DeviceCode(_("Device code"), required=False, city_code="410500")
    person = w.ResidentId("ID", required=False, today=lambda: TODAY)
    phone = w.Phone(_("Telephone"), required=False)
    mobile = w.Phone(_("Telephone"), required=False, mobile=True)
    count = w.WholeNumber(_("Cameras"), required=False, low=1, high=5000)
    rate = w.DecimalNumber(_("Number"), required=False, low="0", high="1", places=2)
    day = w.DateText(_("Date"), required=False, earliest=date(2000, 1, 1), latest=date(2030, 12, 31))
    moment = w.MomentText(_("Moment"), required=False)
    point = w.MapPoint(_("Position"), required=False, bounds=(113.6, 35.2, 115.0, 36.4))
    one = w.Choice(_("Sector"), required=False, choices=[("a", "A"), ("b", "<b>B</b>")])
    radio = w.Radios(_("Network"), required=False, choices=[("x", "X"), ("y", "Y")])
    many = w.Choices(_("Areas covered"), required=False, choices=[("1", "I"), ("2", "II")])
    file = w.FileUpload(_("Files"), required=False, extensions=("pdf", "jpg"))
    tick = w.Tick(_("Confirm"))
    secret = w.Password("Secret", required=False)
    hidden = w.Hidden("h", required=False)


class Needed(w.PortalForm):
    """Required fields of each shape."""

    unit = w.Text(_("Unit name"))
    sector = w.Choice(_("Sector"), choices=[("a", "A")])
    areas = w.Choices(_("Areas covered"), choices=[("1", "I")])
    plan = w.FileUpload(_("Camera layout plan"))
    truth = w.Tick(_("Confirm"), required=True)
    days = w.WholeNumber(_("Recordings kept"))


class WithPeople(w.PortalForm):
    """A list of groups of fields."""

    people = FieldList(FormField(Needed), min_entries=2)


class Fill(Protocol):
    """Fills a form; each call closes the request before."""

    def __call__(self, form: type[w.PortalForm] = EveryField, locale: str = "en", **values: str) -> Any: ...


@pytest.fixture
def filled(app: Flask) -> Iterator[Fill]:
    """A form as it comes in, inside its request."""
    stack = ExitStack()

    def fill(form: type[w.PortalForm] = EveryField, locale: str = "en", **values: str) -> Any:
        stack.close()
        stack.enter_context(app.test_request_context(method="POST", headers={"Accept-Language": locale}))
        made = form(formdata=MultiDict(values))
        made.validate()
        return made

    with stack:
        yield fill


@pytest.mark.parametrize(
    ("field", "typed", "data"),
    [
        ("text", "  门诊楼 ", "门诊楼"),
        ("text", "a\r\nb", "a b"),
        ("text", "（1）号①", "（1）号①"),
        ("text", "evil\u202etxt\x00", "eviltxt"),
        ("long", "一\r\n二\n", "一\n二"),
        ("code", "ＡＢ－１２", "AB-12"),
        ("uscc", "9135 0100 m000100y43", "91350100M000100Y43"),
        ("uscc", "９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ("device", "41050200001320000001", "41050200001320000001"),
        ("person", "11010519491231002x", "11010519491231002X"),
        ("phone", "0372－5912345", "0372-5912345"),
        ("mobile", "+86 139 3722 2207", "13937222207"),
        ("count", "1,280", 1280),
        ("count", "１２８", 128),
        ("rate", "0.85", Decimal("0.85")),
        ("day", "2026-11-02", date(2026, 11, 2)),
        ("day", "2026/11/2", date(2026, 11, 2)),
        ("day", "2026.11.2", date(2026, 11, 2)),
        ("day", "20261102", date(2026, 11, 2)),
        ("day", "2026年11月2日", date(2026, 11, 2)),
        ("day", "２０２６年１１月２日", date(2026, 11, 2)),
        ("moment", "2026-11-18 21:00", datetime(2026, 11, 18, 21, 0, tzinfo=CITY_TZ)),
        ("moment", "2026-11-18T21:00:05", datetime(2026, 11, 18, 21, 0, 5, tzinfo=CITY_TZ)),
        ("moment", "2026年11月18日21时30分", datetime(2026, 11, 18, 21, 30, tzinfo=CITY_TZ)),
        ("point", "114.392483, 36.097577", (114.392483, 36.097577)),
        ("point", "114.392483，36.097577", (114.392483, 36.097577)),
        ("one", "a", "a"),
        ("radio", "y", "y"),
        ("secret", " keeps blanks ", " keeps blanks "),
    ],
)
def test_good_input_is_tidied(filled: Fill, field: str, typed: str, data: object) -> None:
    form = filled(**{field: typed})
    assert form.errors == {}
    assert form[field].data == data


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("text", "x" * 11, "no more than 10 characters, now 11"),
        ("long", "x" * 31, "no more than 30 characters"),
        ("uscc", "12330100MB0A12345B", "character 18 should be"),
        ("device", "4.105020000132E+19", "spreadsheet"),
        ("device", "33010200001320000001", "not in this city"),
        ("person", "110105194912310020", "does not check"),
        ("phone", "12345", "area code"),
        ("mobile", "0372-5912345", "11-digit"),
        ("count", "十五", "whole number"),
        ("count", "1.5", "whole number"),
        ("count", "9" * 400, "whole number"),
        ("count", "0", "between 1 and 5,000"),
        ("count", "5001", "between 1 and 5,000"),
        ("rate", "0.855", "no more than 2 decimals"),
        ("rate", "1e5", "must be a number"),
        ("rate", "NaN", "must be a number"),
        ("day", "2026-13-02", "not a day of the calendar"),
        ("day", "2026-02-29", "not a day of the calendar"),
        ("day", "tomorrow", "not a day of the calendar"),
        ("day", "1999-12-31", "between 2000-01-01 and 2030-12-31"),
        ("moment", "2026-11-18", "not a day and time"),
        ("moment", "2026-11-18 25:00", "not a day and time"),
        ("point", "36.097577, 114.392483", "swapped"),
        ("point", "120.15, 30.25", "outside the area"),
        ("point", "114.39", "two numbers"),
        ("one", "c", "one of those offered"),
        ("radio", "<script>", "one of those offered"),
        ("many", "3", "one of those offered"),
        ("hidden", "x" * 501, "cannot be accepted"),
    ],
)
def test_bad_input_is_explained_and_kept(filled: Fill, field: str, typed: str, words: str) -> None:
    form = filled(**{field: typed})
    [message] = form[field].errors
    assert words in str(message)
    assert form.problems() == [(field, str(message))]
    if field in ("text", "count", "day", "moment", "point", "rate"):
        assert form[field]._value() == typed[:400]


def test_what_is_missing_is_named_in_the_readers_language(filled: Fill) -> None:
    english = [text for _id, text in filled(Needed).problems()]
    assert english == [
        'Enter "Unit name"', 'Choose "Sector"', 'Choose "Areas covered"', 'Choose a file for "Camera layout plan"',
        'Tick "Confirm" to go on', 'Enter "Recordings kept"',
    ]  # fmt: skip
    chinese = [text for _id, text in filled(Needed, "zh-CN").problems()]
    assert chinese[:4] == ["请填写单位名称", "请选择行业类别", "请选择采集区域", "请上传摄像机布点图"]


def test_the_same_fault_at_two_fields_names_both(filled: Fill) -> None:
    form = filled(EveryField, "zh-CN")
    for field in (form.text, form.count):
        field.errors = ["写错了"]
    assert [text for _id, text in form.problems() if "写错了" in text] == [
        f"{form.text.label.text}：写错了",
        f"{form.count.label.text}：写错了",
    ]


def test_a_fault_in_a_required_field_is_told_once(filled: Fill) -> None:
    form = filled(Needed, unit="x", days="many")
    assert [str(text) for text in form.days.errors] == ['"Recordings kept" must be a whole number']


def test_zero_is_an_entry(filled: Fill) -> None:
    assert not filled(Needed, days="0").days.errors


def test_several_choices_come_once_and_in_order(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = EveryField(formdata=MultiDict([("many", "2"), ("many", "1"), ("many", "2")]))
        assert form.validate()
        assert form.many.data == ["2", "1"]


@pytest.mark.parametrize(
    ("name", "good"), [("plan.PDF", True), ("布点图.jpg", True), ("plan.exe", False), ("plan", False)]
)
def test_a_file_is_checked_by_its_ending_for_a_quick_answer(app: Flask, name: str, good: bool) -> None:
    with app.test_request_context(method="POST"):
        form = EveryField(formdata=MultiDict([("file", FileStorage(io.BytesIO(b"%PDF"), name))]))
        assert form.validate() is good


def test_an_empty_file_box_is_nothing(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = EveryField(formdata=MultiDict([("file", FileStorage(io.BytesIO(b""), ""))]))
        assert form.validate()
        assert form.file.data is None


def test_what_an_operation_found_stands_at_its_field(filled: Fill) -> None:
    form = filled()
    form.take(
        Invalid([Problem("uscc", "uscc_length", {"length": 3}), Problem("", "stale"), Problem("gone", "required")])
    )
    assert [id_ for id_, _text in form.problems()] == ["", "", "uscc"]


def test_a_fault_within_a_list_of_fields_stands_at_its_part(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = WithPeople(formdata=MultiDict([("people-0-unit", "a"), ("people-1-unit", "b")]))
        form.take(Invalid([Problem("people-1-unit", "required")]))
        assert [id_ for id_, _text in form.problems()] == ["people-1-unit"]


def test_a_password_is_never_shown_again(filled: Fill) -> None:
    assert "hunter2" not in str(filled(secret="hunter2").secret())


def test_a_choice_escapes_its_labels(filled: Fill) -> None:
    html = str(filled(one="b").one())
    assert "<b>" not in html
    assert '<option value="b" selected>&lt;b&gt;B&lt;/b&gt;</option>' in html


PAGE = '{% import "macros/form.html" as f %}{% for field in form %}{{ f.field(field) }}{% endfor %}{{ f.error_summary(form) }}'


def test_each_message_is_tied_to_its_control(filled: Fill) -> None:
    form = filled(Needed)
    html = render_template_string(PAGE, form=form)
    for field in form:
        assert f'id="{field.id}"' in html
        assert f'id="{field.id}-error"' in html
        assert f'href="#{field.id}"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="unit-error"' in html
    assert 'role="group"' in html


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from([name for name in EveryField.__dict__ if not name.startswith("_")]), st.text(max_size=80)
    )
)
@example({"tick": "\x00"})
@example({"hidden": "\x00"})
@example({"count": "\x00"})
def test_nothing_typed_breaks_a_form_or_its_page(app: Flask, values: dict[str, str]) -> None:
    with app.test_request_context(method="POST"), force_locale("zh_Hans_CN"):
        form = EveryField(formdata=MultiDict({f"{name}": text for name, text in values.items()}))
        form.validate()
        html = render_template_string(PAGE, form=form)
        assert "\x00" not in html


@pytest.mark.parametrize(("typed", "seen"), [("7", 7), ("", 0), ("x", 0), ("٣", 0), ("-1", 0), ("9" * 40, 0)])
def test_a_version_that_is_no_number_matches_no_row(app: Flask, typed: str, seen: int) -> None:
    class Versioned(w.PortalForm):
        version = w.Version(required=False)

    with app.test_request_context(method="POST", data={"version": typed}):
        assert Versioned().version.seen == seen


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("5, total=5", "5 in all"),
        ("5, total=80, next='?after=x'", "1–5 of 80"),
        ("5, next='?after=x'", "1–5"),
        ("5", "5 in all"),
        ("5, first=none", "5 on this page"),
        ("5, total=5, capped=True", "1–5 of 5+"),
    ],
)
def test_a_pager_counts_without_saying_the_same_number_twice(app: Flask, asked: str, said: str) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        html = render_template_string('{% import "macros/ui.html" as ui with context %}{{ ui.pager(' + asked + ") }}")
    assert f"<span>{said}</span>" in html
