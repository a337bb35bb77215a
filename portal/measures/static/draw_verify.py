#!/usr/bin/env python3
"""Draw again what the portal drew, with nothing but this file and Python 3.9 or later.

    draw_verify.py draw.json population.txt

Both files are offered on the public page of the draw. Keep the commitment and the hash of the population that you saw
before the draw: they are what cannot be changed afterwards. Exit 0: everything agrees; 1: it does not; 2: wrong use.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path
from typing import Any


def faults(draw: "dict[str, Any]", population: bytes) -> "list[str]":
    """Everything that does not agree."""
    found = []
    if draw["algorithm"] != "portal-draw/1":
        return ["the algorithm is not the one this file knows"]
    lines = population.decode().split("\n")
    if hashlib.sha256(population).hexdigest() != draw["population_sha256"]:
        found.append("the population is not the one that was frozen")
    if lines[-1] or lines[:-1] != sorted(set(lines[:-1])) or len(lines) - 1 != draw["population_size"]:
        found.append("the population is not sorted, repeats itself or has another size")
    if draw["seed"] is None:
        return [*found, "the seed is not revealed yet"]
    seed = bytes.fromhex(draw["seed"])
    if hashlib.sha256(seed).hexdigest() != draw["commitment_sha256"]:
        found.append("the seed is not the one committed to")
    if not draw["committed_on"] < draw["entropy_on"] <= draw["revealed_on"]:
        found.append("the public number was known before the commitment, or the draw came before it")
    key = hashlib.sha256(seed + b"\n" + draw["entropy"].encode()).digest()
    ranked = sorted(lines[:-1], key=lambda one: (hmac.new(key, one.encode(), hashlib.sha256).digest(), one))
    if ranked[: draw["sample_size"]] != draw["sample"]:
        found.append("the sample is another one")
    return found


def main() -> int:
    """Read both files and say what was found."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    found = faults(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]).read_bytes())
    for fault in found:
        print(f"BAD: {fault}")
    if not found:
        print("OK: the sample follows from the commitment, the population and the public number")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
