"""Sections of an application: one topic each, the fields in them, and what is still missing.

Every field is a fact. Its key is the application's column where it has one, else its name in the answers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.registry import FACTS
from vouchers.grants.rules.wording import NAMES, Words

SectionName = Literal["voucher", "use", "contract", "scheme", "evidence"]
State = Literal["todo", "started", "done", "optional"]

EVIDENCE = "evidence"
SIGNED, PLANNED = "signed", "planned"
EVIDENCE_PREFIX = "evidence_"
EVIDENCE_KINDS = ("contract", "plan", "payment", "other")
MOST_TEXT, MOST_PURPOSE, MOST_RECORDS = 500, 2000, 200

KIND = Fact(
    "kind",
    "choice",
    Words("券种", "Kind of voucher"),
    choices=tuple((kind, NAMES[kind]) for kind in ("compute", "storage", "network")),
    column="kind",
)
SPEND = FACTS["planned_spend"]
PURPOSE = Fact("purpose", "text", Words("用途", "Purpose"), column="purpose")
CONTRACT_STATE = Fact(
    "contract_state",
    "choice",
    Words("服务合同是否已签订", "Is the service contract signed?"),
    choices=(
        (SIGNED, Words("已签订", "Yes, it is signed")),
        (PLANNED, Words("尚未签订", "Not yet")),
    ),
)
OF_A_SIGNED_CONTRACT = (FACTS["provider"], FACTS["contract_number"], FACTS["contract_signed_on"])
_OPTIONAL_TYPES = frozenset({"text", "texts", "choices", "records"})
_FIXED = (KIND, SPEND, PURPOSE, CONTRACT_STATE, *OF_A_SIGNED_CONTRACT)


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the application."""

    name: SectionName
    facts: tuple[Fact, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of its fields, in the order of the page."""
        return tuple(key(fact) for fact in self.facts)


def key(fact: Fact) -> str:
    """Where the value lies: the column of the application, or the name in its answers."""
    return fact.column or fact.name


def sections_of(asked: Iterable[Fact]) -> tuple[Section, ...]:
    """The sections of an application to a scheme that asks those facts; one without fields is left out."""
    known = {fact.name for fact in _FIXED}
    own = [
        fact
        for fact in asked
        if fact.asked == "applicant" and not fact.column and fact.name not in known
    ]
    contract = tuple(fact for fact in own if fact.name.startswith("contract_"))
    further = tuple(fact for fact in own if fact not in contract)
    found = [
        Section("voucher", (KIND, SPEND)),
        Section("use", (PURPOSE,)),
        Section("contract", (CONTRACT_STATE, *OF_A_SIGNED_CONTRACT, *contract)),
        Section("scheme", further),
        Section("evidence"),
    ]
    return tuple(each for each in found if each.facts or each.name == EVIDENCE)


def facts_by_key(sections: Iterable[Section]) -> dict[str, Fact]:
    """All fields of the sections."""
    return {key(fact): fact for section in sections for fact in section.facts}


def evidence_field(kind: str) -> str:
    """Name under which evidence of a kind is remarked on."""
    return f"{EVIDENCE_PREFIX}{kind}"


def remarkable(sections: Iterable[Section]) -> tuple[str, ...]:
    """Every field that a remark may name: those of the sections, then the kinds of evidence."""
    return (*facts_by_key(sections), *(evidence_field(kind) for kind in EVIDENCE_KINDS))


def is_signed(values: Mapping[str, Any]) -> bool:
    """Tell whether the applicant has a signed contract."""
    return values.get(CONTRACT_STATE.name) == SIGNED


def is_required(fact: Fact, values: Mapping[str, Any]) -> bool:
    """Tell whether the application is incomplete without this field."""
    if fact in {KIND, SPEND, PURPOSE, CONTRACT_STATE}:
        return True
    if fact in OF_A_SIGNED_CONTRACT or fact.name.startswith("contract_"):
        return is_signed(values)
    return fact.type not in _OPTIONAL_TYPES


def required_evidence(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Kinds of evidence that must lie beside the answers."""
    return ("contract",) if is_signed(values) else ()


def is_given(value: Any) -> bool:
    """Tell whether there is an answer; no and zero are answers."""
    return value is not None and value not in ("", [])


def missing(
    section: Section, values: Mapping[str, Any], evidence: Collection[str]
) -> tuple[str, ...]:
    """What the section still needs, as keys of fields."""
    if section.name == EVIDENCE:
        wanted = required_evidence(values)
        return tuple(evidence_field(kind) for kind in wanted if kind not in evidence)
    return tuple(
        key(fact)
        for fact in section.facts
        if is_required(fact, values) and not is_given(values.get(key(fact)))
    )


def state(section: Section, values: Mapping[str, Any], evidence: Collection[str]) -> State:
    """How far a section is."""
    if section.name == EVIDENCE:
        if missing(section, values, evidence):
            return "started" if evidence else "todo"
        return "done" if evidence else "optional"
    if not missing(section, values, evidence):
        return "done"
    started = any(is_given(values.get(each)) for each in section.keys)
    return "started" if started else "todo"
