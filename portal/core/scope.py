"""The second line behind the permission table: what rows a database session may touch at all.

The scope travels as one signed setting per transaction; row-level security policies read it through functions that
verify the signature, so that an injected `SET` cannot widen it (reliability.md D10, D11).
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class SectorScope:
    """Places of these kinds, in these districts or everywhere."""

    everywhere: bool
    districts: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class DataScope:
    """Rows within reach: everything, or the union of these units, districts, sectors, organs and the person's own."""

    everything: bool = False
    units: frozenset[UUID] = field(default_factory=frozenset)
    districts: frozenset[str] = field(default_factory=frozenset)
    sectors: frozenset[SectorScope] = field(default_factory=frozenset)
    organs: frozenset[UUID] = field(default_factory=frozenset)
    person: UUID | None = None

    def signed(self, key: bytes) -> str:
        """The value of `portal.scope`: hex HMAC-SHA256, a colon, then the JSON body it covers."""
        body = json.dumps(
            {
                "all": self.everything,
                "units": sorted(str(unit) for unit in self.units),
                "districts": sorted(self.districts),
                "sectors": sorted(
                    (
                        {"all": one.everywhere, "districts": sorted(one.districts), "kinds": sorted(one.kinds)}
                        for one in self.sectors
                    ),
                    key=str,
                ),
                "organs": sorted(str(organ) for organ in self.organs),
                "person": str(self.person) if self.person else None,
            },
            separators=(",", ":"),
        )
        return hmac.new(key, body.encode(), hashlib.sha256).hexdigest() + ":" + body


EVERYTHING = DataScope(everything=True)
NOTHING = DataScope()
