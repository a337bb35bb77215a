"""Compiled templates are kept between processes, and a page never hangs on where."""

import shutil
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from portal.web import CompiledTemplates


@pytest.fixture
def kept(tmp_path: Path) -> CompiledTemplates:
    return CompiledTemplates(str(tmp_path))


def environment(kept: CompiledTemplates, source: str) -> Environment:
    return Environment(loader=DictLoader({"page.html": source}), bytecode_cache=kept, autoescape=True)


def test_another_process_compiles_nothing_again(kept: CompiledTemplates, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(kept, "{{ word }}").get_template("page.html")
    monkeypatch.setattr(Environment, "compile", None)
    assert environment(kept, "{{ word }}").get_template("page.html").render(word="<b>") == "&lt;b&gt;"


def test_a_changed_template_is_compiled_anew(kept: CompiledTemplates) -> None:
    environment(kept, "old").get_template("page.html")
    assert environment(kept, "new").get_template("page.html").render() == "new"


def test_a_directory_that_was_tidied_away_breaks_no_page(kept: CompiledTemplates) -> None:
    shutil.rmtree(kept.directory)
    assert environment(kept, "still").get_template("page.html").render() == "still"
