"""No number of the law is written outside the regulation profiles: the code asks, the profiles answer.

Looked for are literals that are assigned to, compared with or passed as something the law has a number for, spans of
days in the packages that apply the law, and numbers of days in the sentences shown to readers.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"

# What the law has numbers for. `grade` and `score` alone would catch sorting keys, so they stand with their limits.
LAW_WORDS = re.compile(
    r"retention|officers|inspectors|expert|deadline|due_days|lapse_days|working_days|trial_run|pass_mark|pass_at|"
    r"bands?$|threshold|watch_hours|checks_per_month|min_area|slip_copies|application_copies|log_months|"
    r"record_years|hold_release|min_days|max_days|overdue_after|days_allowed|kept_days|keep_days",
    re.IGNORECASE,
)
# Numbers that carry no law: nothing, one, and the negative one of "not found".
INNOCENT = {0, 1, -1}
# Packages whose every span of days would be a limit of the law.
APPLIES_LAW = ("registry", "inspection", "evidence", "upkeep", "connections", "oversight", "public", "workflow", "maps")
# Whole trees with nothing to ask the law about.
SKIPPED = ("demo", "launcher", "web/templates/web/style", "regulation/profiles")

# How early the portal warns or reminds is its own service, no limit of the law.
OWN_SERVICE = re.compile(r"^_?(REMIND|WARN|SOON)", re.IGNORECASE)
# Any other exception says why its number is not the law's.
ALLOWED: dict[tuple[str, str], str] = {
    ("inspection/operations/calendars.py", "weeks=13"): "how far back a calendar shows visits: our own service",
    ("registry/operations/imports/tidy.py", "days=90"): "how long a sheet can be undone: our own service",
}

SAYS = {"_", "gettext", "ngettext", "lazy_gettext", "pgettext", "lazy_pgettext"}
SPAN_IN_WORDS = re.compile(
    r"\b\d+ (?:working |calendar )?(?:days?|months?|officers|people|points)\b|\d+ ?(?:日|天|个工作日|个月)内"
)


def literal(node: ast.expr) -> float | None:
    """The number a node is, when it is one, also as Decimal("0.8") and -1."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = literal(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Decimal" and node.args:
        inner_value = getattr(node.args[0], "value", None)
        try:
            return float(inner_value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    return None


def names_in(node: ast.expr) -> Iterator[str]:
    """Every name and attribute an expression mentions, and the strings it looks things up by."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif (
            isinstance(part, ast.Subscript)
            and isinstance(part.slice, ast.Constant)
            and isinstance(part.slice.value, str)
        ):
            yield part.slice.value


def about_the_law(node: ast.expr) -> str | None:
    """The first name in an expression that the law has a number for."""
    return next((name for name in names_in(node) if LAW_WORDS.search(name)), None)


def guilty(node: ast.expr | None) -> float | None:
    """The number a node is, unless it is an innocent one."""
    number = None if node is None else literal(node)
    return None if number is None or number in INNOCENT else number


def written_numbers(tree: ast.Module, *, applies_law: bool) -> Iterator[tuple[int, str, float]]:
    """Line, name and number of every legal number a module seems to write."""
    own: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(OWN_SERVICE.match(name) for target in targets for name in names_in(target)):
                own.update(ast.walk(node))
            yield from _told(node.lineno, targets, [node.value])
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            yield from _told(node.lineno, sides, sides)
        elif isinstance(node, ast.Call) and node not in own:
            yield from _in_call(node, applies_law=applies_law)
        elif isinstance(node, ast.arguments):
            yield from _in_defaults(node)


def _told(line: int, named: list[ast.expr], given: list[ast.expr | None]) -> Iterator[tuple[int, str, float]]:
    """Every number given to something the law has a number for."""
    name = next(filter(None, map(about_the_law, named)), None)
    for node in given:
        number = guilty(node)
        if name and number is not None:
            yield line, name, number


def _in_call(node: ast.Call, *, applies_law: bool) -> Iterator[tuple[int, str, float]]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for keyword in node.keywords:
        number = guilty(keyword.value)
        if number is None or keyword.arg is None:
            continue
        spans = applies_law and called == "timedelta" and keyword.arg in {"days", "weeks"}
        if spans or LAW_WORDS.search(keyword.arg):
            yield node.lineno, keyword.arg, number


def _in_defaults(node: ast.arguments) -> Iterator[tuple[int, str, float]]:
    placed = [*node.posonlyargs, *node.args]
    plain = list(zip(placed[len(placed) - len(node.defaults) :], node.defaults, strict=True))
    named = [(arg, default) for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True) if default]
    for arg, default in [*plain, *named]:
        number = guilty(default)
        if number is not None and LAW_WORDS.search(arg.arg):
            yield arg.lineno, arg.arg, number


def sources(pattern: str) -> list[Path]:
    """Files of the portal that could ask the law."""
    return [
        path
        for path in sorted(PORTAL.rglob(pattern))
        if not path.relative_to(PORTAL).as_posix().startswith(SKIPPED) and path.is_file()
    ]


def test_code_asks_for_the_numbers_of_the_law() -> None:
    found = []
    for path in sources("*.py"):
        place = path.relative_to(PORTAL)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        applies = place.parts[0] in APPLIES_LAW
        for line, name, number in written_numbers(tree, applies_law=applies):
            if (place.as_posix(), f"{name}={number:g}") not in ALLOWED:
                found.append(f"portal/{place}:{line} {name} {number:g}")
    assert "\n".join(found) == ""


def sentences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text handed to translation, with its line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in SAYS:
            continue
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield node.lineno, argument.value


def test_sentences_name_no_number_of_the_law() -> None:
    """A sentence that says "30 days" goes stale with the next decree; it takes the number as a value."""
    found = [
        f"portal/{path.relative_to(PORTAL)}:{count} {line.strip()}"
        for path in sources("*.html")
        for count, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if SPAN_IN_WORDS.search(line)
    ]
    found += [
        f"portal/{path.relative_to(PORTAL)}:{line} {sentence}"
        for path in sources("*.py")
        for line, sentence in sentences(ast.parse(path.read_text(encoding="utf-8")))
        if SPAN_IN_WORDS.search(sentence)
    ]
    assert "\n".join(found) == ""


def test_every_exception_is_still_needed() -> None:
    for place, written in ALLOWED:
        assert written in (PORTAL / place).read_text(encoding="utf-8"), f"{place} no longer has {written}"


@pytest.mark.parametrize(
    "planted",
    [
        "RETENTION_DAYS = 30",
        "if system.retention_days < 30: pass",
        "if len(officers) < 2: pass",
        "def due(*, working_days: int = 15) -> None: ...",
        "schedule(min_days=90)",
        "due = start + timedelta(days=30)",
        "ok = rate >= row['pass_at'] and row['pass_at'] == Decimal('0.8')",
        "class A:\n    lapse_days: int = 7",
    ],
)
def test_a_planted_number_is_found(planted: str) -> None:
    assert list(written_numbers(ast.parse(planted), applies_law=True))


@pytest.mark.parametrize(
    "harmless",
    [
        "retention_days = None",
        "if retention_days > 0: pass",
        "page_size = 30",
        "sent = now - timedelta(seconds=30)",
        "REMIND_BEFORE = timedelta(days=5)",
    ],
)
def test_what_is_no_law_is_left_alone(harmless: str) -> None:
    assert not list(written_numbers(ast.parse(harmless), applies_law=True))
