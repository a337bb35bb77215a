"""A file or function that outgrows its limit is split before it is understood by nobody."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_LIMIT = 400
FUNCTION_LIMIT = 50
LEAN = [*sorted((ROOT / "portal").rglob("*.py")), *sorted((ROOT / "dev").glob("*.py"))]


def statements(block: ast.AST) -> Iterator[ast.AST]:
    """Every statement below a node; no function stands in an expression, and expressions are most of a module."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        for node in getattr(block, part, ()):
            yield node
            yield from statements(node)


def too_long(module: ast.Module) -> Iterator[str]:
    for node in statements(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LIMIT:
                yield f"{node.name} ({lines} lines)"


def undocumented(module: ast.Module) -> Iterator[str]:
    if ast.get_docstring(module) is None:
        yield "the module"
    for node in module.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and ast.get_docstring(node) is None:
            yield node.name


def faults(text: str) -> Iterator[str]:
    module = ast.parse(text)
    if len(text.splitlines()) > FILE_LIMIT:
        yield f"{len(text.splitlines())} lines"
    yield from (f"too long: {name}" for name in too_long(module))
    yield from (f"undocumented: {name}" for name in undocumented(module))


def test_every_file_is_small_and_says_what_it_is() -> None:
    """One test for a thousand files, which names each fault: pytest takes longer over a test than this over a file."""
    assert len(LEAN) > 1000
    assert [f"{path.relative_to(ROOT)}: {fault}" for path in LEAN for fault in faults(path.read_text())] == []


def test_no_drawer_for_everything() -> None:
    names = {path.stem for path in LEAN} | {path.parent.name for path in LEAN}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc", "base_utils"}


def test_a_page_shown_again_undoes_its_operation_alone() -> None:
    """A view that rolls the whole transaction back throws away what the request did before (`undone_if_refused`)."""
    views = [path for path in LEAN if path.stem == "views" or path.parent.name == "views"]
    assert views
    assert [str(path.relative_to(ROOT)) for path in views if ".rollback(" in path.read_text()] == []
