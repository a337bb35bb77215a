"""Nothing of the machine that made the project is in it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".sh",
    ".html",
    ".js",
    ".css",
    ".json",
    ".lock",
    ".sql",
    ".txt",
    ".yaml",
    ".yml",
    ".po",
    "",
}
# Put together here so that this file does not find itself.
FORBIDDEN = re.compile(
    "|".join(
        [
            r"(?<![\w./-])/" + r"work/(main|shared)\b",
            r"/tmp/" + r"wt/",
            r"/root/" + r"\.pyenv",
            r"pypi\." + r"org",
            r"files\.python" + r"hosted",
            r"registry\.npm" + r"js",
            r"--(extra-)?index-" + r"url[ =]http",
            r"deb\.debian" + r"\.org",
        ]
    )
)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


def test_no_machine_path_and_no_registry_host() -> None:
    found = []
    for path in tracked():
        if path.suffix in TEXT and path.is_file():
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if FORBIDDEN.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_no_build_output() -> None:
    bad = {".pyc", ".mo", ".so", ".o", ".log"}
    vendored = ROOT / "portal" / "web" / "static" / "vendor"
    assert [p for p in tracked() if p.suffix in bad or vendored in p.parents or "node_modules" in p.parts] == []


def test_no_private_key() -> None:
    marker = "PRIVATE" + " KEY-----"
    holders = [p for p in tracked() if p.suffix in TEXT | {".pem", ".key"} and p.is_file()]
    assert [p for p in holders if marker in p.read_text(errors="replace")] == []


def test_locks_carry_hashes_only() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "http" not in text
