"""Places by GB/T 2260: provinces, prefectures, and the counties and districts that schemes name.

A code is six digits: two for the province, two for the prefecture, two for the county. A place
covers every place whose code starts with its own digits.
"""

import json
import re
import unicodedata
from pathlib import Path
from types import MappingProxyType

_DATA = json.loads((Path(__file__).parent / "data" / "regions.json").read_text(encoding="utf-8"))

REGIONS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {code: (name, name_en) for code, (name, name_en) in _DATA["regions"].items()}
)
"""Chinese and English name by code, in the order of the codes."""


class InvalidRegion(ValueError):
    """Not a place; `reason` is shape, unknown, or county (use the code of the prefecture)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normalize(text: str) -> str:
    """The six digits; full-width digits are accepted. Raises InvalidRegion."""
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{6}", code, re.ASCII):
        raise InvalidRegion("shape")
    if code not in REGIONS:
        raise InvalidRegion("county" if f"{code[:4]}00" in REGIONS else "unknown")
    return code


def name_of(code: str, language: str = "zh-hans") -> str:
    """Name of the place alone; raises InvalidRegion."""
    name, name_en = REGIONS[normalize(code)]
    return name_en if language.startswith("en") else name


def full_name_of(code: str, language: str = "zh-hans") -> str:
    """Name with the places above it: 甘肃省庆阳市西峰区, or Xifeng, Qingyang, Gansu."""
    own = normalize(code)
    chain = [f"{own[:2]}0000", f"{own[:4]}00", own]
    known = [each for each in dict.fromkeys(chain) if each in REGIONS]
    if language.startswith("en"):
        return ", ".join(REGIONS[each][1] for each in reversed(known))
    return "".join(REGIONS[each][0] for each in known)


def covers(region: str, code: str) -> bool:
    """Tell whether a place lies in a region (or is it); raises InvalidRegion."""
    wide = normalize(region)
    prefix = wide[:2] if wide.endswith("0000") else wide[:4] if wide.endswith("00") else wide
    return normalize(code).startswith(prefix)
