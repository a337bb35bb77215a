"""Draw every lifecycle from its transition table: docs/states/<package>-<table>.mmd (Mermaid state diagrams).

python dev/states.py           rewrite the diagrams
python dev/states.py --check   exit 1 when one is stale, missing or no longer has a table
"""

import argparse
import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "docs" / "states"


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """One transition table: where a thing may stand, and what moves it."""

    package: str
    table: str
    moves: Mapping[tuple[StrEnum, StrEnum], StrEnum]

    @property
    def statuses(self) -> type[StrEnum]:
        """The enumeration of its statuses; the first member is where its life begins."""
        return type(next(iter(self.moves))[0])

    @property
    def actions(self) -> type[StrEnum]:
        """The enumeration of what can be done."""
        return type(next(iter(self.moves))[1])

    @property
    def start(self) -> StrEnum:
        """Where its life begins."""
        return next(iter(self.statuses))

    @property
    def final(self) -> frozenset[StrEnum]:
        """Where nothing moves it any more."""
        return frozenset(self.statuses) - {status for status, _ in self.moves}

    @property
    def name(self) -> str:
        """Its file's name without the ending."""
        own = self.table.lower().removesuffix("transitions").strip("_")
        return "-".join(part for part in (self.package, own) if part)


def lifecycles() -> list[Lifecycle]:
    """Every transition table of every feature's `states`."""
    found = []
    for path in sorted((ROOT / "portal").glob("*/states.py")):
        module = importlib.import_module(f"portal.{path.parent.name}.states")
        for table, moves in sorted(vars(module).items()):
            if table.endswith("TRANSITIONS") and isinstance(moves, Mapping):
                found.append(Lifecycle(package=path.parent.name, table=table, moves=moves))
    return found


def diagram(life: Lifecycle) -> str:
    """The table as a Mermaid state diagram."""
    lines = [
        f"%% portal/{life.package}/states.py {life.table}, drawn by dev/states.py: change the table, not this file.",
        "stateDiagram-v2",
        f"    [*] --> {life.start}",
    ]
    lines += [f"    {status} --> {then} : {action}" for (status, action), then in life.moves.items()]
    lines += [f"    {status} --> [*]" for status in life.statuses if status in life.final]
    return "\n".join(lines) + "\n"


def wanted() -> dict[Path, str]:
    """What docs/states should hold."""
    return {PLACE / f"{life.name}.mmd": diagram(life) for life in lifecycles()}


def stale() -> list[str]:
    """Diagrams that say something else than their table, or have none."""
    drawn = wanted()
    wrong = [path.name for path, text in drawn.items() if not path.exists() or path.read_text() != text]
    return sorted(wrong + [path.name for path in PLACE.glob("*.mmd") if path not in drawn])


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the diagrams are fresh")
    if parser.parse_args().check:
        for name in (wrong := stale()):
            print(f"docs/states/{name} is stale: run python dev/states.py", file=sys.stderr)
        return 1 if wrong else 0
    PLACE.mkdir(parents=True, exist_ok=True)
    for path in PLACE.glob("*.mmd"):
        path.unlink()
    for path, text in wanted().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
