"""The board's figures as pages show them: each with its definition and a table that is also its chart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.components import Text
from marketplace.board.models import Figure, KpiSnapshot
from marketplace.board.rules import spread
from marketplace.clearing.rules import masking

DEFINITIONS: Mapping[str, Promise] = {
    Figure.SERVED: gettext_lazy(
        "Enterprises that ordered at least once, by the section (GB/T 4754) and region of their profile today."
        " A section counts as served with one enterprise."
    ),
    Figure.SIZES: gettext_lazy(
        "Registered enterprises, and those that ordered at least once, by size under the national standard."
    ),
    Figure.FUNNEL: gettext_lazy(
        "Enterprises that got at least so far, each counted once: began an application, handed one in, got a"
        " voucher, had a bill paid by one, had bills of two months paid. The pre-check stores nothing, so it"
        " cannot be counted."
    ),
    Figure.DAYS: gettext_lazy(
        "Median civil days from beginning to handing in, from handing in to the voucher, from the voucher to the"
        " first bill it paid."
    ),
    Figure.COST: gettext_lazy(
        "All billed units: what one cost on average, and what was left of it for the enterprise after vouchers."
    ),
    Figure.SPEND: gettext_lazy(
        "All bills: what vouchers paid, and what enterprises paid themselves or still owe beside it."
    ),
    Figure.BUNDLES: gettext_lazy("Orders that run today, by bundle."),
    Figure.RETENTION: gettext_lazy(
        "Of the orders placed at least so many months ago: those that still ran after that time."
    ),
    Figure.SCENARIOS: gettext_lazy(
        "Enterprises that ordered the scenario. Each one after the first is a replication."
    ),
    Figure.RECOGNIZED: gettext_lazy("What bureaus recognized by a document and recorded here."),
    Figure.PROVIDERS: gettext_lazy(
        "Shares of the billed amount. The index is the sum of squared percentages: 10,000 means one provider."
    ),
    Figure.IDLE: gettext_lazy(
        "Capacity that facilities of idle machines declared for all months, and what orders reserved of it."
    ),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One cell: text as read, and the number a chart draws; None draws nothing."""

    text: Text
    number: int | float | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure: heads of its columns, then rows of a label and one value per further column.

    `chart` is the kind of drawing, empty for none.
    """

    figure: Figure
    definition: Text
    heads: Sequence[Text]
    rows: Sequence[tuple[Text, Sequence[Value]]]
    headline: Text = ""
    chart: str = ""
    unit: Text = ""


@dataclass(slots=True)
class Sums:
    """Rows of the small table in scope."""

    rows: list[KpiSnapshot]
    is_public: bool
    by_figure: dict[str, list[KpiSnapshot]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row in self.rows:
            self.by_figure[row.figure].append(row)

    def totals(self, figure: str) -> Counter[tuple[str, int]]:
        """Sums over all firms, by key and step."""
        found: Counter[tuple[str, int]] = Counter()
        for row in self.by_figure[figure]:
            found[row.key, row.step] += row.value
        return found


def hidden() -> Value:
    """A count that is too small to be published, or would tell one that is."""
    return Value(_("hidden"))


def counted(counts: Sequence[int], *, is_public: bool) -> list[Value]:
    """Counts as cells; on the public page small ones are hidden."""
    shown: Iterable[int | None] = counts
    if is_public:
        shown, _total = masking.masked_counts(counts)
    return [hidden() if each is None else Value(f"{each:,}", each) for each in shown]


def simple(
    sums: Sums, figure: Figure, heads: Sequence[Text], labels: Sequence[Text], counts: Sequence[int]
) -> Panel:
    """A panel of one column of counts."""
    cells = counted(counts, is_public=sums.is_public)
    return Panel(
        figure,
        DEFINITIONS[figure],
        heads,
        [(label, [cell]) for label, cell in zip(labels, cells, strict=True)],
        chart="bar",
    )


def share_text(part: int, whole: int) -> str:
    """A share in percent with one decimal, rounded down; a dash for nothing."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


def median_text(counts: Mapping[int, int], *, is_public: bool) -> Value:
    """Median days; hidden on the public page for fewer than three."""
    if is_public and sum(counts.values()) < masking.SMALLEST:
        return hidden()
    found = spread.median(counts)
    return Value("—") if found is None else Value(f"{float(found):g}", float(found))
