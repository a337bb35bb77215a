"""Every lifecycle: each status is reached, each action does something, nothing else moves, and the drawings are fresh."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import pytest

from dev.states import Lifecycle, lifecycles, stale
from portal.core.errors import IllegalTransition

ROOT = Path(__file__).resolve().parents[2]
# Their pages show something else, so nobody reads a status.
UNSHOWN = {
    "accounts-proposal": "only those that wait are listed",
    "reachability-run": "the page shows the layers and the answer",
}
EACH = pytest.mark.parametrize("life", lifecycles(), ids=lambda life: life.name)


def test_there_are_lifecycles() -> None:
    names = {life.name for life in lifecycles()}
    assert names == {
        "accounts-proposal", "campaigns-campaign", "connections-order", "evidence", "evidence-copy", "evidence-hold", "evidence-leak", "evidence-missing", "evidence-use", "inspection", "inspection-finding", "inspection-visit", "mandates-complaint",
        "mandates-order", "mandates-relocation", "measures-correction", "measures-draw", "measures-fine",
        "measures-measure", "measures-planned", "measures-refusal", "reachability-run", "registry-connection", "registry-filing",
        "registry-finding", "registry-import", "registry-list_run", "registry-review", "registry-tip",
        "registry-use", "upkeep-custody", "upkeep-ticket", "webhooks-delivery", "workflow",
    }  # fmt: skip


@EACH
def test_every_status_is_reached(life: Lifecycle) -> None:
    reached, rim = {life.start}, {life.start}
    while rim:
        rim = {then for (status, _), then in life.moves.items() if status in rim} - reached
        reached |= rim
    assert set(life.statuses) - reached == set()


@EACH
def test_every_action_does_something(life: Lifecycle) -> None:
    assert {action for _, action in life.moves} == set(life.actions)


@EACH
def test_some_end_is_reached_from_everywhere(life: Lifecycle) -> None:
    """Nothing can be stuck for ever between two states that lead to each other."""
    ending = set(life.final)
    assert ending, "a life without an end"
    while more := {status for (status, _), then in life.moves.items() if then in ending} - ending:
        ending |= more
    assert set(life.statuses) - ending == set()


@EACH
def test_what_the_feature_calls_final_is_final(life: Lifecycle) -> None:
    declared = getattr(importlib.import_module(f"portal.{life.package}.states"), "FINAL", None)
    if declared is not None and type(next(iter(declared))) is life.statuses:
        assert declared == life.final


@EACH
def test_the_function_follows_the_table_and_refuses_the_rest(life: Lifecycle) -> None:
    module = importlib.import_module(f"portal.{life.package}.states")
    (step,) = [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("next_") and life.statuses in get_type_hints(function).values()
    ]
    for status in life.statuses:
        for action in life.actions:
            if (status, action) in life.moves:
                assert step(status, action) is life.moves[status, action]
            else:
                with pytest.raises(IllegalTransition):
                    step(status, action)


def test_every_status_has_words() -> None:
    """A status without words would show its code to a reader."""
    unnamed = []
    for life in lifecycles():
        if life.name in UNSHOWN:
            continue
        labels = importlib.import_module(f"portal.{life.package}.labels")
        tables = [table for table in vars(labels).values() if isinstance(table, dict) and table]
        if not any(set(life.statuses) <= set(table) for table in tables):
            unnamed.append(life.name)
    assert unnamed == []


def test_drawings_are_fresh() -> None:
    assert stale() == []


def test_a_status_is_set_by_the_table_alone() -> None:
    """Operations take the next status from `next_…`: a literal one would pass the table by."""
    assert list(literal_statuses({life.statuses.__name__ for life in lifecycles()})) == []


def literal_statuses(names: set[str]) -> Iterator[str]:
    """Every line of an operation that sets a status to a member written out."""
    for path in [*sorted(ROOT.glob("portal/*/operations/**/*.py")), *sorted(ROOT.glob("portal/*/operations.py"))]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Attribute):
                continue
            targets = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
            owner = node.value.value
            if targets & {"status", "use_status"} and isinstance(owner, ast.Name) and owner.id in names:
                yield f"{path.relative_to(ROOT)}:{node.lineno}"
