"""All panels of the board for a scope: the whole platform for everybody, a region for its bureau."""

from collections import Counter

from django.utils.translation import gettext as _

from accounts.models import Size
from accounts.rules import industries
from accounts.wording import language
from common.display import money_text
from marketplace.board import names
from marketplace.board.models import Figure, KpiSnapshot, RecognitionKind
from marketplace.board.panels import (
    DEFINITIONS,
    Panel,
    Sums,
    Value,
    counted,
    hidden,
    median_text,
    share_text,
    simple,
)
from marketplace.board.rules import spread
from marketplace.clearing.rules import masking
from marketplace.matching.wording import meter_name, units_text

SECTIONS_WANTED = 10
TOP = 3
PER = {
    "input_tokens": 1_000_000,
    "cached_tokens": 1_000_000,
    "output_tokens": 1_000_000,
    "reasoning_tokens": 1_000_000,
    "card_seconds": 3_600,
    "core_seconds": 3_600,
    "storage_mb_seconds": 1_000 * 30 * 24 * 3_600,
    "transfer_bytes": 10**9,
    "line_mbps_seconds": 30 * 24 * 3_600,
}
"""Base units of the quantity whose cost is told; a thousand for all others."""


def panels(*, prefix: str, is_public: bool) -> list[Panel]:
    """Every panel of firms and facilities whose region begins with the prefix. Four queries."""
    rows = KpiSnapshot.objects.filter(region__startswith=prefix).order_by("pk")
    sums = Sums(list(rows), is_public)
    return [
        _served(sums, prefix),
        _sizes(sums),
        _funnel(sums),
        _days(sums),
        _cost(sums),
        _spend(sums),
        _bundles(sums),
        _retention(sums),
        _scenarios(sums),
        _recognized(sums),
        _providers(sums),
        _idle(sums),
    ]


def section_label(letter: str) -> str:
    """A section's letter and name."""
    section = industries.SECTIONS[letter]
    return f"{letter} {section.name_en if language().startswith('en') else section.name}"


def _served(sums: Sums, prefix: str) -> Panel:
    """Heat of section by region, with totals."""
    width = 6 if len(prefix) >= 4 else 4
    counts: Counter[tuple[str, str]] = Counter()
    for row in sums.by_figure[Figure.SERVED]:
        if row.key == "served":
            counts[row.section, row.region[:width].ljust(6, "0")] += row.value
    letters = sorted(industries.COVERED)
    places = sorted({place for _section, place in counts})
    served = sum(any(counts[letter, place] for place in places) for letter in letters)
    table = [[counts[letter, place] for place in places] for letter in letters]
    shown = _with_totals(table, is_public=sums.is_public)
    labels = [*(section_label(letter) for letter in letters), _("Total")]
    return Panel(
        Figure.SERVED,
        DEFINITIONS[Figure.SERVED],
        [_("Section"), *(names.place(place) for place in places), _("Total")],
        list(zip(labels, shown, strict=True)),
        headline=_("%(served)s of %(all)s sections served; the target is %(wanted)s")
        % {"served": served, "all": len(letters), "wanted": SECTIONS_WANTED},
        chart="heatmap",
    )


def _with_totals(table: list[list[int]], *, is_public: bool) -> list[list[Value]]:
    if is_public:
        masked = masking.masked_table(table)
        return [
            [hidden() if each is None else Value(f"{each:,}", each) for each in row]
            for row in masked
        ]
    below = [sum(column) for column in zip(*table, strict=True)]
    rows = [[*row, sum(row)] for row in [*table, below]]
    return [[Value(f"{each:,}", each) for each in row] for row in rows]


def _sizes(sums: Sums) -> Panel:
    counts: Counter[tuple[str, str]] = Counter()
    for row in sums.by_figure[Figure.SERVED]:
        counts[row.key, row.size] += row.value
    registered = counted(
        [counts["registered", size] for size in Size.values], is_public=sums.is_public
    )
    served = counted([counts["served", size] for size in Size.values], is_public=sums.is_public)
    return Panel(
        Figure.SIZES,
        DEFINITIONS[Figure.SIZES],
        [_("Size"), _("Registered"), _("Served")],
        [
            (str(Size(size).label), [known, got])
            for size, known, got in zip(Size.values, registered, served, strict=True)
        ],
        chart="bar",
    )


def _funnel(sums: Sums) -> Panel:
    labels = {
        "1_started": _("Began an application"),
        "2_submitted": _("Handed in"),
        "3_issued": _("Got a voucher"),
        "4_used": _("Used it for the first time"),
        "5_second_month": _("Used it in a second month"),
    }
    found = sums.totals(Figure.FUNNEL)
    counts = [found[key, 0] for key in labels]
    return simple(sums, Figure.FUNNEL, [_("Step"), _("Enterprises")], list(labels.values()), counts)


def _days(sums: Sums) -> Panel:
    labels = {
        "submit": _("Beginning to handing in"),
        "issue": _("Handing in to voucher"),
        "use": _("Voucher to first use"),
    }
    histograms: dict[str, Counter[int]] = {key: Counter() for key in labels}
    for row in sums.by_figure[Figure.DAYS]:
        histograms[row.key][row.step] += row.value
    return Panel(
        Figure.DAYS,
        DEFINITIONS[Figure.DAYS],
        [_("Step"), _("Days (median)")],
        [
            (label, [median_text(histograms[key], is_public=sums.is_public)])
            for key, label in labels.items()
        ],
        chart="bar",
        unit=_("days"),
    )


def _cost(sums: Sums) -> Panel:
    found = sums.totals(Figure.COST)
    rows = []
    for meter in sorted({key for key, _step in found}):
        units = found[meter, 0]
        if units <= 0:
            continue
        per = PER.get(meter, 1_000)
        before, after = (found[meter, step] * per // units for step in (1, 2))
        label = f"{meter_name(meter)} ({units_text(meter, per)})"
        cells = [Value(money_text(before), before / 100), Value(money_text(after), after / 100)]
        rows.append((label, [*cells, Value(share_text(before - after, before))]))
    heads = [_("For"), _("Before vouchers"), _("After vouchers"), _("Vouchers save")]
    return Panel(Figure.COST, DEFINITIONS[Figure.COST], heads, rows)


def _spend(sums: Sums) -> Panel:
    found = sums.totals(Figure.SPEND)
    voucher, own = found["voucher", 0], found["own", 0]
    rows = [
        (_("Paid by vouchers"), [Value(money_text(voucher), voucher / 100)]),
        (_("Spent by enterprises beside it"), [Value(money_text(own), own / 100)]),
    ]
    headline = ""
    if voucher:
        headline = _("Each yuan of vouchers went with %(yuan)s yuan of the firms' own") % {
            "yuan": f"{own / voucher:.2f}"
        }
    heads = [_("Whose money"), _("Amount")]
    return Panel(Figure.SPEND, DEFINITIONS[Figure.SPEND], heads, rows, headline, "bar", _("yuan"))


def _bundles(sums: Sums) -> Panel:
    found = sums.totals(Figure.BUNDLES)
    known = names.bundles(key for key, _step in found)
    ordered = sorted(found, key=lambda each: (-found[each], each))
    labels = [known.get(key, key) for key, _step in ordered]
    heads = [_("Bundle"), _("Running orders")]
    return simple(sums, Figure.BUNDLES, heads, labels, [found[each] for each in ordered])


def _scenarios(sums: Sums) -> Panel:
    found = sums.totals(Figure.SCENARIOS)
    known = names.scenarios(key for key, _step in found)
    ordered = sorted(found, key=lambda each: (-found[each], each))
    labels = [known.get(key, key) for key, _step in ordered]
    heads = [_("Scenario"), _("Enterprises")]
    return simple(sums, Figure.SCENARIOS, heads, labels, [found[each] for each in ordered])


def _retention(sums: Sums) -> Panel:
    found = sums.totals(Figure.RETENTION)
    rows = []
    for months in ("3", "6"):
        old, kept = found[months, 0], found[months, 1]
        few = sums.is_public and min(kept, old - kept) < masking.SMALLEST
        cells = counted([old], is_public=sums.is_public)
        cells += (
            [hidden(), hidden()]
            if few
            else [Value(f"{kept:,}", kept), Value(share_text(kept, old))]
        )
        rows.append((_("After %(months)s months") % {"months": months}, cells))
    heads = [_("When"), _("Orders old enough"), _("Still running"), _("Share")]
    return Panel(Figure.RETENTION, DEFINITIONS[Figure.RETENTION], heads, rows)


def _recognized(sums: Sums) -> Panel:
    """Published by their documents anyway, so nothing is hidden."""
    found = sums.totals(Figure.RECOGNIZED)
    rows = [
        (str(kind.label), [Value(str(found[kind.value, 0]), found[kind.value, 0])])
        for kind in RecognitionKind
    ]
    return Panel(Figure.RECOGNIZED, DEFINITIONS[Figure.RECOGNIZED], [_("Kind"), _("Number")], rows)


def _providers(sums: Sums) -> Panel:
    """The public page tells the index and the largest shares, the bureau's also the names."""
    found = sums.totals(Figure.PROVIDERS)
    amounts = [fen for fen in found.values() if fen > 0]
    total = sum(amounts)
    index = spread.herfindahl(amounts)
    top = spread.top_share(amounts, TOP)
    rows = [
        (_("Providers with bills"), [Value(str(len(amounts)), len(amounts))]),
        (_("Share of the largest three"), [Value(share_text(int((top or 0) * total), total))]),
        (_("Concentration index"), [Value("—" if index is None else f"{index:,}", index)]),
    ]
    if not sums.is_public:
        known = names.providers(key for key, _step in found)
        for (key, _step), fen in sorted(found.items(), key=lambda each: (-each[1], each[0])):
            rows.append((known.get(key, key), [Value(share_text(fen, total))]))
    heads = [_("What"), _("Value")]
    return Panel(Figure.PROVIDERS, DEFINITIONS[Figure.PROVIDERS], heads, rows)


def _idle(sums: Sums) -> Panel:
    found = sums.totals(Figure.IDLE)
    rows = []
    for meter in sorted({key for key, _step in found}):
        total, reserved = found[meter, 0], found[meter, 1]
        cells = [Value(units_text(meter, total)), Value(units_text(meter, reserved))]
        rows.append((meter_name(meter), [*cells, Value(share_text(reserved, total))]))
    heads = [_("Meter"), _("Declared"), _("Reserved"), _("Share")]
    return Panel(Figure.IDLE, DEFINITIONS[Figure.IDLE], heads, rows)
