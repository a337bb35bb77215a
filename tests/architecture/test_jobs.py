"""Every job that has a name does something, every job that runs by the clock exists, and none is called by Celery."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

from portal.app import FEATURES
from portal.core.outbox import QUEUES, TaskName
from portal.jobs import REGISTRY
from portal.worker import SCHEDULE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def every_task() -> None:
    for feature in FEATURES:
        if (ROOT / "portal" / feature / "tasks.py").exists() or (ROOT / "portal" / feature / "tasks").is_dir():
            importlib.import_module(f"portal.{feature}.tasks")


def test_every_name_has_its_job() -> None:
    assert set(TaskName) == set(REGISTRY)


def test_what_runs_by_the_clock_exists() -> None:
    assert set(SCHEDULE) <= set(REGISTRY)
    assert set(QUEUES) <= set(TaskName)


def test_jobs_take_everything_by_keyword_and_live_with_more() -> None:
    for name, job in REGISTRY.items():
        _, *rest = inspect.signature(job.run).parameters.values()
        kinds = {parameter.kind for parameter in rest}
        assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}, name
        # A row written by an older version may carry more than this version asks for.
        assert inspect.Parameter.VAR_KEYWORD in kinds, name
        package = str(name).split(".", 1)[0]
        # The shell stands beside the queue and cannot declare jobs; accounts tidies up for it.
        assert job.run.__module__.split(".")[1] == {"web": "accounts"}.get(package, package), name


def test_work_leaves_by_the_outbox_only() -> None:
    """`send_task` and `.delay` would lose work with the broker; only the waker may use them."""
    found = []
    for path in sorted((ROOT / "portal").rglob("*.py")):
        if path.name == "jobs.py":
            continue
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and node.attr in {"send_task", "delay", "apply_async"}
        ]
    assert found == []
