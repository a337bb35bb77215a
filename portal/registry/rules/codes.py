"""GB/T 28181 device codes: built from parts, and checked against the place, the device and the unit they speak of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.core.codes import CAMERA_TYPES, INDUSTRY_CODES, TYPE_CODES, device_code_problem
from portal.core.errors import Invalid, Problem
from portal.registry.values import CodeEdition, Sector, SystemKind, UnitType

SERIALS = 999_999
# What a camera of its own may be called; a checkpoint may also carry the type of its capture system.
CAMERA_CODE_TYPES = ("132", "131", "121", "122")
RESERVED_NETWORK = "9"
# Digit 14 by edition: the keys of its meaning. The 2016 text gives 0 to 4 one meaning, the 2022 text 0 and 1.
NETWORKS: Mapping[CodeEdition, Mapping[str, str]] = {
    CodeEdition.Y2016: {
        **dict.fromkeys("01234", "monitoring"),
        "5": "police_information",
        "6": "government",
        "7": "internet",
        "8": "social",
        "9": "reserved",
    },
    CodeEdition.Y2022: {
        **dict.fromkeys("01", "police_video"),
        "2": "industry",
        "3": "political_legal",
        "4": "police_mobile",
        "5": "police_information",
        "6": "government",
        "7": "internet",
        "8": "leased",
        "9": "reserved",
    },
}
# Industries that say something about the unit, and the units they fit. The others (roadside, internal, other public
# order) fit anybody.
_FITTING: Mapping[str, frozenset[UnitType]] = {
    "01": frozenset({UnitType.COMMUNITY, UnitType.GOVERNMENT, UnitType.POLICE}),
    **dict.fromkeys(
        ("04", "05", "06", "07", "12", "13", "14"),
        frozenset({UnitType.TRANSPORT, UnitType.POLICE, UnitType.GOVERNMENT}),
    ),
    "08": frozenset({UnitType.PARK, UnitType.GOVERNMENT, UnitType.POLICE}),
    "09": frozenset({UnitType.HOSPITAL, UnitType.GOVERNMENT, UnitType.UTILITY}),
    "10": frozenset({UnitType.GOVERNMENT, UnitType.TRANSPORT}),
    "11": frozenset({UnitType.SCHOOL, UnitType.KINDERGARTEN, UnitType.COLLEGE, UnitType.MUSEUM}),
    "40": frozenset({UnitType.PARK, UnitType.INDUSTRY}),
    **dict.fromkeys(("41", "42", "44"), frozenset({UnitType.INDUSTRY, UnitType.DEPOT})),
    "43": frozenset({UnitType.UTILITY, UnitType.FUEL, UnitType.INDUSTRY}),
    "45": frozenset(
        {
            UnitType.SHOP,
            UnitType.MALL,
            UnitType.HOTEL,
            UnitType.ENTERTAINMENT,
            UnitType.FUEL,
            UnitType.BANK,
            UnitType.DEPOT,
            UnitType.TELECOM,
            UnitType.MEDIA,
            UnitType.INDUSTRY,
        }
    ),
}


@dataclass(frozen=True, kw_only=True)
class CodeParts:
    """What a device code is built of, but for its serial: division 6, grass-roots unit 2, industry 2, type 3, network 1."""

    division: str
    grassroots: str = "00"
    industry: str
    type: str = "132"
    network: str
    edition: CodeEdition = CodeEdition.Y2022

    @property
    def prefix(self) -> str:
        """The fourteen digits a serial is unique under."""
        return f"{self.division}{self.grassroots}{self.industry}{self.type}{self.network}"


def parts_problems(parts: CodeParts) -> list[Problem]:
    """What is wrong with the parts of a code, each at its own field."""
    problems = []
    if not re.fullmatch(r"[0-9]{6}", parts.division):
        problems.append(Problem("division", "code_digits", {"digits": 6}))
    if not re.fullmatch(r"[0-9]{2}", parts.grassroots):
        problems.append(Problem("grassroots", "code_digits", {"digits": 2}))
    if parts.industry not in INDUSTRY_CODES:
        problems.append(Problem("industry", "device_code_industry", {"part": parts.industry}))
    if parts.type not in TYPE_CODES:
        problems.append(Problem("type", "device_code_type", {"part": parts.type}))
    if NETWORKS[parts.edition].get(parts.network, "reserved") == "reserved":
        problems.append(Problem("network", "code_network_reserved", {"part": parts.network}))
    return problems


def build_code(parts: CodeParts, serial: int) -> str:
    """The twenty digits. Raises Invalid naming each bad part."""
    problems = parts_problems(parts)
    if not 1 <= serial <= SERIALS:
        problems.append(Problem("serial", "out_of_range", {"low": 1, "high": SERIALS}))
    if problems:
        raise Invalid(problems)
    return f"{parts.prefix}{serial:06d}"


def parts_of(code: str, edition: CodeEdition) -> tuple[CodeParts, int]:
    """A structurally good code taken apart again, with its serial. Raises ValueError for a bad one."""
    fault = device_code_problem(code)
    if fault is not None:
        raise ValueError(fault.code)
    parts = CodeParts(
        division=code[:6],
        grassroots=code[6:8],
        industry=code[8:10],
        type=code[10:13],
        network=code[13],
        edition=edition,
    )
    return parts, int(code[14:])


def contradictions(code: str, *, edition: str, district: str, camera_type: str, unit_type: str) -> list[str]:
    """What a well-formed code says against the rest of the file: keys of sentences, none when all agree."""
    found = []
    if code[:6] != district:
        found.append("division")
    kind, industry = code[10:13], code[8:10]
    if kind not in CAMERA_CODE_TYPES or (kind not in CAMERA_TYPES and camera_type != "checkpoint_bullet"):
        found.append("type")
    if not _fits(industry, unit_type):
        found.append("industry")
    if code[13] == RESERVED_NETWORK or code[13] not in NETWORKS[CodeEdition(edition)]:
        found.append("network")
    return found


def _fits(industry: str, unit_type: str) -> bool:
    fitting = _FITTING.get(industry)
    return fitting is None or unit_type == UnitType.OTHER or unit_type in fitting


def usual_industry(unit_type: str) -> str:
    """The industry a unit's cameras usually stand under, to begin with."""
    usual = {
        UnitType.SCHOOL: "11",
        UnitType.KINDERGARTEN: "11",
        UnitType.COLLEGE: "11",
        UnitType.HOSPITAL: "09",
        UnitType.TRANSPORT: "07",
        UnitType.COMMUNITY: "01",
        UnitType.POLICE: "00",
        UnitType.PARK: "08",
        UnitType.UTILITY: "43",
        UnitType.INDUSTRY: "42",
        UnitType.GOVERNMENT: "03",
        UnitType.MUSEUM: "03",
        UnitType.OTHER: "03",
    }
    return usual.get(UnitType(unit_type), "45")


_OF_SECTOR: Mapping[Sector, str] = {
    Sector.POLICE: "00",
    Sector.ENVIRONMENT: "09",
    Sector.MEDICAL: "09",
    Sector.FOOD_DRUG: "09",
    Sector.EDUCATION: "11",
    Sector.TRANSPORT: "07",
    Sector.HOUSING: "44",
    Sector.WATER: "43",
    Sector.FORESTRY: "40",
    Sector.TOURISM: "08",
    Sector.CITY_APPEARANCE: "08",
    Sector.FINANCE: "45",
}


def suggested_parts(
    *, district: str, unit_type: str, system_kind: str, edition: CodeEdition, sectors: Sequence[Sector] = ()
) -> CodeParts:
    """What a new camera's code is best built of. A sector chosen counts as far as it fits the unit; the network digit
    is where such cameras hang, in the words of the edition."""
    fits = [_OF_SECTOR[one] for one in sectors if one in _OF_SECTOR and _fits(_OF_SECTOR[one], unit_type)]
    unit_network = "8" if edition is CodeEdition.Y2016 else "7"
    network = "0" if system_kind == SystemKind.PUBLIC else unit_network
    return CodeParts(
        division=district, industry=fits[0] if fits else usual_industry(unit_type), network=network, edition=edition
    )
