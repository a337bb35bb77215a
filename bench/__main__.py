"""Run measurements one after the other: `python -m bench [NAME …]`.

Each is a module of this package with a docstring and a `main()`; it prints what it measured and ends with lines such as
`ratio tile_over_bare_sql 1.21`. A ratio of two things measured in one run says more than a time on somebody's machine.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUPPORT = {"__init__", "__main__", "ground"}


def names() -> list[str]:
    """Every measurement there is."""
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in SUPPORT)


def main() -> int:
    """Run the chosen ones in processes of their own; print all ratios again at the end."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("name", nargs="*", choices=[*names(), []], help="default: all")
    chosen = parser.parse_args().name or names()
    ratios, failed = [], []
    for name in chosen:
        print(f"== {name}", flush=True)
        with subprocess.Popen(
            [sys.executable, "-m", f"bench.{name}"], cwd=HERE.parent, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                print(line, end="", flush=True)
                if line.startswith("ratio "):
                    ratios.append(line.split())
        if running.returncode != 0:
            failed.append(name)
    print("\n== ratios")
    for _, what, value in ratios:
        print(f"{what:48} {value:>8}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
