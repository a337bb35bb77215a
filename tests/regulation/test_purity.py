"""The engine needs neither a web framework nor a database: the law is tested in milliseconds."""

import subprocess
import sys

PURE = (
    "engine effective chains regimes loader calendar deadlines combine checks chainchecks facts rulebook values schema"
)
HEAVY = "flask wtforms werkzeug celery sqlalchemy geoalchemy2"


def test_the_engine_imports_no_framework() -> None:
    imports = "; ".join(f"import portal.regulation.{name}" for name in PURE.split())
    script = f"import sys; {imports}; print(*sorted(set({HEAVY.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
