"""A draw that nobody can steer: a seed and a population fixed before, a public number nobody knew then, a fixed ranking.

The organ commits to a secret seed by its SHA-256 and publishes the population, frozen, as pseudonyms. Later a number
that came from outside after the commitment is put beside the revealed seed. The sample follows from the three.
`static/draw_verify.py` reckons it again without this code: change one, change both, and the name of the algorithm.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

ALGORITHM = "portal-draw/1"
PROGRAM = Path(__file__).parents[1] / "static" / "draw_verify.py"


def pseudonym(mask: bytes, key: UUID) -> str:
    """What stands for a row in public: it cannot be traced back without the secret mask of its draw."""
    return hmac.new(mask, key.bytes, hashlib.sha256).hexdigest()[:32]


def published(pseudonyms: Iterable[str]) -> str:
    """The population as it is frozen and published: sorted, one a line."""
    return "".join(f"{one}\n" for one in sorted(pseudonyms))


def digest_of(population: str) -> str:
    """The hash under which a population is frozen."""
    return hashlib.sha256(population.encode()).hexdigest()


def commitment_of(seed: str) -> str:
    """What is published of a seed (64 hexadecimal digits) while it is secret."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def drawn(population: str, *, seed: str, entropy: str, size: int) -> Sequence[str]:
    """The sample: the first of the population ranked by HMAC-SHA256 under the seed joined with the public number."""
    key = hashlib.sha256(bytes.fromhex(seed) + b"\n" + entropy.encode()).digest()
    members = population.split()
    ranked = sorted(members, key=lambda one: (hmac.new(key, one.encode(), hashlib.sha256).digest(), one))
    return ranked[:size]
