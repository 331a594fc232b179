"""What a flag says to look at: names and addresses of its evidence, and the drawing of who belongs to whom."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import Actor
from accounts.models import Organization, User
from providers.models import Offering
from vouchers.audit.actions.redemptions import SEPARATOR, code_of
from vouchers.audit.models import ClaimLine, RiskFlag
from vouchers.audit.shown.suspects import TIES

Text = str | Promise

KINDS: dict[str, Text] = {
    "redemption": _("Redemption"),
    "party": _("Party"),
    "voucher": _("Voucher"),
    "offering": _("Service"),
    "officer": _("Officer"),
    "tie": _("What they share"),
}
BOX_HEIGHT, GAP, WIDTH = 56, 74, 320


@dataclass(frozen=True, slots=True)
class Clue:
    """Something to look at; without `url` there is no page of it that the officer may open."""

    kind: Text
    code: str
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A party in the drawing: from `y` down, in the drawing's units."""

    code: str
    name: str
    role: Text
    y: int

    @property
    def middle(self) -> int:
        """Where its first line of words stands."""
        return self.y + 24


@dataclass(frozen=True, slots=True)
class Edge:
    """What two parties share, between the box above and the one below."""

    kind: Text
    value: str
    top: int
    left: str
    right: str

    @property
    def bottom(self) -> int:
        """Where the line ends."""
        return self.top + GAP

    @property
    def words_at(self) -> int:
        """Where its words stand."""
        return self.top + GAP // 2


@dataclass(frozen=True, slots=True)
class Graph:
    """Firm, provider and whoever stands between them, from top to bottom."""

    boxes: list[Box]
    edges: list[Edge]
    width: int = WIDTH

    @property
    def height(self) -> int:
        """Of the whole drawing."""
        return self.boxes[-1].y + BOX_HEIGHT + 2


def clues(actor: Actor, flag: RiskFlag) -> list[Clue]:
    """The evidence with names, and pages where the officer may open them. At most four queries."""
    of: dict[str, list[str]] = defaultdict(list)
    for kind, code in flag.evidence:
        of[kind].append(code)
    names = {
        "party": dict(_pairs(Organization.objects.filter(code__in=of["party"]))),
        "offering": dict(_pairs(Offering.objects.filter(code__in=of["offering"]))),
        "officer": dict(_pairs(User.objects.filter(code__in=of["officer"]))),
    }
    addresses = _pages(actor, of["redemption"])
    found = []
    for kind, code in flag.evidence:
        name = names.get(kind, {}).get(code, "")
        if kind == "tie":
            shared, _colon, value = code.partition(":")
            found.append(Clue(KINDS[kind], value, str(TIES.get(shared, shared))))
            continue
        found.append(Clue(KINDS.get(kind, kind), code, name, addresses.get(code, "")))
    return found


def graph(flag: RiskFlag) -> Graph | None:
    """How firm and provider belong together, as the rule saw it; None when the flag is of another rule."""
    ties = [code.partition(":") for kind, code in flag.evidence if kind == "tie"]
    if not ties:
        return None
    firm, seller = flag.bill.enterprise, flag.bill.provider.organization
    ends = {firm.code, seller.code}
    codes = [code for kind, code in flag.evidence if kind == "party" and code not in ends]
    between = list(Organization.objects.filter(code__in=codes[: len(ties) - 1]).order_by("pk"))
    row: list[tuple[Organization, Text]] = [
        (firm, _("Enterprise")),
        *((each, pgettext_lazy("party", "Between them")) for each in between),
        (seller, _("Provider")),
    ]
    boxes = [
        Box(party.code, party.name, role, 1 + place * (BOX_HEIGHT + GAP))
        for place, (party, role) in enumerate(row)
    ]
    edges = [
        Edge(TIES.get(kind, kind), value, above.y + BOX_HEIGHT, above.name, below.name)
        for (kind, _colon, value), above, below in zip(ties, boxes, boxes[1:], strict=False)
    ]
    return Graph(boxes, edges)


def _pages(actor: Actor, codes: Sequence[str]) -> dict[str, str]:
    """The audit page of each redemption that is on a claim to the own bureau. One query."""
    bills = [code.partition(SEPARATOR)[0] for code in codes]
    rows = ClaimLine.objects.filter(
        bill__code__in=bills,
        claim__scheme__bureau=actor.organization,
        claim__submitted_at__isnull=False,
    ).values_list(
        "bill__code",
        Coalesce("transfer__charge__voucher__code", "transfer__refund__voucher__code"),
        "claim__code",
    )
    return {
        code_of(bill, voucher): f"{reverse('vouchers:audit_detail', args=[claim])}?bill={bill}"
        for bill, voucher, claim in rows
    }


def _pairs(rows: QuerySet[Any]) -> list[tuple[str, str]]:
    return list(rows.values_list("code", "name"))
