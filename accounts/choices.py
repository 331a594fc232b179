"""Places and industries as choices of a page, in the page's language."""

from itertools import groupby

from accounts import wording
from accounts.rules import industries
from accounts.rules import regions as places

Group = tuple[str, list[tuple[str, str]]]


def regions() -> list[tuple[str, str] | Group]:
    """All places by province, with an empty first line."""
    language = wording.language()
    column = 1 if language.startswith("en") else 0
    grouped = groupby(places.REGIONS.items(), key=lambda item: item[0][:2])
    groups: list[tuple[str, str] | Group] = [("", "")]
    for province, items in grouped:
        rows = [(code, names[column]) for code, names in items]
        groups.append((places.name_of(f"{province}0000", language), rows))
    return groups


def industry_suggestions() -> list[tuple[str, str]]:
    """Codes to choose from without knowing the standard: classes, middle ones in 59 and 70."""
    language = wording.language()
    known = (set(industries.CLASSES) - industries.SPLIT) | set(industries.MIDDLE_CLASSES)
    return [(code, industries.name_of(code, language)) for code in sorted(known)]
