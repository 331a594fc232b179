"""Firms and providers that belong together, within two hops of a graph.

Parties are joined by what they share: a person (as legal person or shareholder alike), a telephone,
an address, an account, an IP address. A firm that holds shares is itself such a person. What very
many share says nothing: a bookkeeper's telephone, a park's IP address, a fund.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vouchers.audit.rules.risks import facts
from vouchers.audit.rules.risks.facts import Party
from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule

PERSON = "person"
Tie = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of a path: two parties and what they share."""

    left: str
    right: str
    kind: str
    value: str


class Graph:
    """Who shares what with whom; values of more parties than `most` for their kind are left out."""

    def __init__(self, parties: Mapping[str, Party], most: Mapping[str, int]) -> None:
        holders: dict[Tie, list[str]] = defaultdict(list)
        for code in sorted(parties):
            for tie in sorted(_nodes(parties[code])):
                holders[tie].append(code)
        self._neighbors: dict[str, dict[str, Tie]] = defaultdict(dict)
        for tie, found in holders.items():
            if 1 < len(found) <= most[tie[0]]:
                for code in found:
                    for other in found:
                        if other != code:
                            self._neighbors[code].setdefault(other, tie)

    def neighbors(self, code: str) -> Mapping[str, Tie]:
        """Parties one hop away and what is shared with each."""
        return self._neighbors.get(code, {})

    def path(self, left: str, right: str) -> tuple[Link, ...]:
        """The shortest path of one or two hops, the first by code among equals; else nothing."""
        near, far = self.neighbors(left), self.neighbors(right)
        if right in near:
            return (Link(left, right, *near[right]),)
        between = min(near.keys() & far.keys(), default=None)
        if between is None:
            return ()
        return (Link(left, between, *near[between]), Link(between, right, *far[between]))


def related_parties(index: Index, rule: Rule) -> Iterator[Flag]:
    """A firm redeems at a provider that is tied to it within two hops."""
    graph = Graph(index.book.parties, most_holders(rule))
    for (firm, provider), found in index.by_pair.items():
        path = graph.path(firm, provider)
        if not path:
            continue
        between = [link.right for link in path[:-1]]
        evidence = (
            *shown("party", [firm, provider, *between]),
            *(Evidence("tie", f"{link.kind}:{link.value}") for link in path),
        )
        for one in found:
            yield rule.flag(
                one.code,
                evidence,
                hops=len(path),
                ties=", ".join(link.kind for link in path),
            )


def most_holders(rule: Rule) -> dict[str, int]:
    """How many may share a value of each kind before it says nothing."""
    return {
        PERSON: rule["person_parties"],
        facts.PHONE: rule["phone_parties"],
        facts.ADDRESS: rule["address_parties"],
        facts.ACCOUNT: rule["account_parties"],
        facts.IP: rule["ip_parties"],
    }


def _nodes(party: Party) -> set[Tie]:
    people = (facts.LEGAL_PERSON, facts.SHAREHOLDER)
    nodes = {(PERSON if kind in people else kind, value) for kind, value in party.ties}
    return nodes | {(PERSON, party.code)}
