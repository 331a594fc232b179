"""Industries by GB/T 4754-2017: sections, major classes, and what people may type."""

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

STANDARD = "GB/T 4754-2017"
_DATA = json.loads(
    (Path(__file__).parent / "data" / "industries_2017.json").read_text(encoding="utf-8")
)
_CODE = re.compile(r"([A-T]?)([0-9]{2,4})", re.ASCII)


class InvalidIndustry(ValueError):
    """Not an industry; `reason` is shape, unknown or section (letter and digits disagree)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Section:
    """One of the 20 sections (门类); `covered` marks the fifteen that the program serves."""

    letter: str
    name: str
    name_en: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Class:
    """A major class (大类, two digits), or a middle class (中类) that size rules tell apart."""

    code: str
    section: str
    name: str
    name_en: str


SECTIONS = MappingProxyType(
    {letter: Section(letter, **row) for letter, row in _DATA["sections"].items()}
)
"""All 20 sections by letter."""

COVERED = frozenset(letter for letter, section in SECTIONS.items() if section.covered)
"""The fifteen sections named by 国统字〔2017〕213号; the program's target counts these."""

CLASSES = MappingProxyType({code: Class(code, **row) for code, row in _DATA["classes"].items()})
"""All 97 major classes by their two digits."""

MIDDLE_CLASSES = MappingProxyType(
    {
        code: Class(code, CLASSES[code[:2]].section, row["name"], row["name_en"])
        for code, row in _DATA["middle_classes"].items()
    }
)
"""The middle classes of 59 and 70, complete: their rules of size differ within the major class."""

SPLIT = frozenset(code[:2] for code in MIDDLE_CLASSES)
"""Major classes whose middle class must be known."""


def normalize(text: str) -> str:
    """Two to four digits from "3484", "C3484", "c 34" or full-width; raises InvalidIndustry.

    Small classes are checked by their major class, and by their middle class within 59 and 70.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    found = _CODE.fullmatch(plain)
    if found is None:
        raise InvalidIndustry("shape")
    letter, digits = found.groups()
    major = CLASSES.get(digits[:2])
    if major is None:
        raise InvalidIndustry("unknown")
    if letter and letter != major.section:
        raise InvalidIndustry("section")
    if digits[:2] in SPLIT and len(digits) > 2 and digits[:3] not in MIDDLE_CLASSES:
        raise InvalidIndustry("unknown")
    return digits


def section_of(code: str) -> Section:
    """The section of an industry code; raises InvalidIndustry."""
    return SECTIONS[CLASSES[normalize(code)[:2]].section]


def is_covered(code: str) -> bool:
    """Tell whether the industry is in one of the fifteen sections; raises InvalidIndustry."""
    return section_of(code).covered


def name_of(code: str, language: str = "zh-hans") -> str:
    """Name of a class as narrow as known, or of a section by its letter; raises InvalidIndustry."""
    if code in SECTIONS:
        section = SECTIONS[code]
        return section.name_en if language.startswith("en") else section.name
    digits = normalize(code)
    found = MIDDLE_CLASSES.get(digits[:3]) or CLASSES[digits[:2]]
    return found.name_en if language.startswith("en") else found.name
