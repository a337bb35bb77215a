"""Which language, what it says, and that lazy texts are escaped."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.support import Translations
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_babel import force_locale, lazy_gettext, ngettext

from portal.web import formats, i18n
from portal.web.problems import add_texts, sentence


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans_CN"),
        ("zh-TW", "zh_Hans_CN"),
        ("zh", "zh_Hans_CN"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5,zh-Hans;q=0.8", "zh_Hans_CN"),
        ("fr-FR,en;q=0.3", "en"),
        ("fr", "zh_Hans_CN"),
        ("", "zh_Hans_CN"),
        (";;q=,,x;q=a", "zh_Hans_CN"),
    ],
)
def test_any_chinese_is_ours_and_the_default(header: str, locale: str) -> None:
    assert i18n.locale_from_header(header) == locale


def test_the_page_says_its_language(client: FlaskClient) -> None:
    assert '<html lang="zh-Hans-CN"' in client.get("/style").text
    assert '<html lang="en"' in client.get("/style", headers={"Accept-Language": "en"}).text


def test_the_switch_is_a_link_that_keeps_the_page(client: FlaskClient) -> None:
    response = client.get("/style/list?q=a%26b&lang=en&page=2")
    assert response.status_code == 303
    assert response.headers["Location"] == "/style/list?q=a%26b&page=2"
    assert "Style guide" in client.get("/style").text
    client.get("/style?lang=zh")
    assert "界面规范" in client.get("/style", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_is_ignored(client: FlaskClient) -> None:
    client.get("/style?lang=../../etc")
    client.set_cookie("lang", "tlh")
    assert '<html lang="zh-Hans-CN"' in client.get("/style").text


def test_catalogues_of_all_packages_are_merged(tmp_path: Path) -> None:
    for package, text, translation in (("a", "One", "一"), ("b", "Two", "二")):
        folder = tmp_path / package / "translations/zh_Hans_CN/LC_MESSAGES"
        folder.mkdir(parents=True)
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        (folder / "messages.po").write_text(f'{head}msgid "{text}"\nmsgstr "{translation}"\n')
    merged = i18n.catalogue("zh_Hans_CN", tmp_path)
    assert isinstance(merged, Translations)
    assert (merged.gettext("One"), merged.gettext("Two"), merged.gettext("Three")) == ("一", "二", "Three")


def test_english_counts_as_english_does(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert formats.relative_day(date(2026, 11, 21), date(2026, 11, 20)) == "tomorrow"
        assert formats.relative_day(date(2026, 11, 18), date(2026, 11, 20)) == "2 days ago"
        assert formats.filesize(1) == "1 byte"
        assert formats.filesize(2) == "2 bytes"
        assert ngettext("%(num)d byte", "%(num)d bytes", 1) == "1 byte"


def test_values_are_written_as_readers_expect(app: Flask) -> None:
    moment = datetime(2026, 11, 19, 17, 5, 9, tzinfo=UTC)
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert formats.date_(moment) == "2026-11-20"
        assert formats.datetime_(moment) == "2026-11-20 01:05"
        assert formats.second(moment) == "2026-11-20 01:05:09"
        assert formats.daymonth(moment) == "11-20 01:05"
        assert formats.clocktime(moment) == "01:05"
        assert formats.longdate(moment) == "2026 年 11 月 20 日 星期五"
        assert formats.relative_day(moment, date(2026, 11, 20)) == "今天"
        assert formats.number(12486) == "12,486"
        assert formats.number(96.40) == "96.4"
        assert formats.percent(0.9641) == "96.4%"
        assert formats.filesize(3480211) == "3.3 MB"
        assert formats.duration(402) == "6 分 42 秒"
        assert formats.duration(timedelta(days=3, hours=2, minutes=9)) == "3 天 2 小时"
        assert formats.district("410523") == "汤阴县"
        assert formats.district("330102") == "330102"
        for filter_ in formats.FILTERS.values():
            assert filter_(None) == "—" if filter_ is not formats.relative_day else True
    with app.test_request_context(), force_locale("en"):
        assert formats.longdate(moment) == "Friday 20 November 2026"
        assert formats.district("410523") == "Tangyin"


def test_a_constant_in_a_template_follows_the_reader(app: Flask) -> None:
    template = app.jinja_env.from_string("{{ 402|duration }}")
    for locale, text in (("zh_Hans_CN", "6 分 42 秒"), ("en", "6 min 42 s"), ("zh_Hans_CN", "6 分 42 秒")):
        with app.test_request_context(), force_locale(locale):
            assert template.render() == text


def test_a_value_inside_a_lazy_text_is_escaped(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        lazy = lazy_gettext("Choose %(name)s", name="<script>alert(1)</script>")
        assert "<script>" not in render_template_string("{{ text }}", text=lazy)


def test_a_value_inside_a_problem_is_escaped(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        text = sentence("uscc_character", {"place": 3, "character": "<img src=x>"})
        assert "<img" in text
        assert "<img" not in render_template_string("{{ text }}", text=text)


def test_a_problem_without_its_data_still_speaks(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert sentence("uscc_length", {})
        assert sentence("never_registered", {"a": 1}) == "This entry cannot be accepted"


def test_one_code_has_one_sentence() -> None:
    with pytest.raises(ValueError, match="two sentences"):
        add_texts({"required": lazy_gettext("Something else")})
