"""The scan: order, words, versions, and that no rule decides anything."""

import ast
import random
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from bench import fraud
from bench.bench_fraud import confusion, false_part, top_part
from bench.fraud.generate import Drawn, draw
from config import env
from tests.vouchers.audit.risks.books import POLICY, book, redemption
from vouchers.audit.rules import risks
from vouchers.audit.rules.risks import policy, scan
from vouchers.audit.rules.risks.flags import Flag
from vouchers.audit.rules.risks.policy import PolicyInvalid

FOLDER = Path(next(iter(risks.__path__)))
CLEAN, PLANTED_EACH, SEED = 5_000, 10, 11


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(seed=SEED, clean=CLEAN, planted_each=PLANTED_EACH)


@pytest.fixture(scope="module")
def flags(drawn: Drawn) -> list[Flag]:
    return scan.scan(drawn.book, POLICY)


def test_every_rule_finds_nine_of_ten_of_its_planted_cases(drawn: Drawn, flags: list[Flag]) -> None:
    rows = confusion(drawn.truth, flags)

    assert {row.rule for row in rows} == set(drawn.truth.values())
    assert {row.rule: row for row in rows if row.recall < 0.9} == {}


def test_clean_redemptions_are_seldom_flagged_and_fraud_stands_on_top(
    drawn: Drawn, flags: list[Flag]
) -> None:
    assert false_part(drawn, flags) <= 0.02
    assert top_part(drawn, flags) >= 0.8


def test_city_without_fraud_is_seldom_flagged() -> None:
    quiet = draw(seed=SEED + 1, clean=2_000, planted_each=0)

    assert quiet.truth == {}
    assert false_part(quiet, scan.scan(quiet.book, POLICY)) <= 0.02


def test_same_seed_draws_the_same_book() -> None:
    first, again, other = (draw(seed=seed, clean=200, planted_each=1) for seed in (5, 5, 6))

    assert first == again
    assert first.truth != other.truth or first.book != other.book


def test_scan_does_not_depend_on_the_order_of_redemptions() -> None:
    small = draw(seed=3, clean=400, planted_each=4)
    shuffled = list(small.book.redemptions)
    random.Random(1).shuffle(shuffled)

    again = scan.scan(replace(small.book, redemptions=tuple(shuffled)), POLICY)

    found = scan.scan(small.book, POLICY)
    assert found == again
    assert [each.fingerprint for each in found] == [each.fingerprint for each in again]


def test_every_flag_can_be_said_in_both_languages(flags: list[Flag]) -> None:
    assert {flag.rule for flag in flags} == set(POLICY.rules)
    for flag in flags:
        words = POLICY.words(flag)
        assert "{" not in words.zh + words.en
        assert flag.evidence


def test_words_show_amounts_in_yuan() -> None:
    found = scan.scan(
        book([redemption("R1", amount_fen=20_050)]), POLICY, only=["price_above_list"]
    )

    words = POLICY.words(found[0])

    assert words.en == "The bill is ¥200.50; by the list price it is ¥122.50."
    assert words.zh == "账单 ¥200.50，按目录价为 ¥122.50。"


def test_points_add_up_without_reaching_certainty() -> None:
    flags = [Flag("a", 1, "R1", 50), Flag("b", 1, "R1", 40)]

    assert scan.points([]) == 0
    assert scan.points(flags) == Fraction(70)
    assert scan.points(flags * 50) < 100


def test_ranking_puts_more_points_then_more_money_first() -> None:
    found = book([redemption(f"R{n}", voucher_fen=1000 * n) for n in (1, 2, 3, 4)])
    flags = [
        Flag("a", 1, "R1", 50),
        Flag("a", 1, "R2", 30),
        Flag("b", 1, "R2", 30),
        Flag("a", 1, "R4", 50),
    ]

    order = [(each.code, each.points) for each in scan.ranked(found, flags)]

    assert order == [("R2", Fraction(51)), ("R4", Fraction(50)), ("R1", Fraction(50))]


def test_rule_flags_a_redemption_once() -> None:
    first, second = Flag("a", 1, "R1", 50, {"n": 1}), Flag("a", 1, "R1", 50, {"n": 2})

    assert scan.once([first, second]) == [first]


def test_fingerprint_changes_with_what_was_seen() -> None:
    flag = Flag("a", 1, "R1", 50, {"n": 1})

    assert flag.fingerprint == replace(flag, weight=60).fingerprint
    assert flag.fingerprint != replace(flag, values={"n": 2}).fingerprint
    assert flag.fingerprint != replace(flag, version=2).fingerprint


def test_progress_hears_every_rule() -> None:
    heard: list[str] = []

    scan.scan(book([redemption("R1")]), POLICY, progress=lambda name, _count: heard.append(name))

    assert heard == list(scan.FINDERS)


def test_no_rule_has_a_verdict_or_reaches_anything_but_records() -> None:
    assert [field.name for field in fields(Flag)] == [
        "rule",
        "version",
        "subject",
        "weight",
        "values",
        "evidence",
    ]
    allowed = ("vouchers.audit.rules", "vouchers.grants.rules.wording")
    for path in FOLDER.glob("*.py"):
        own = [name for name in _imports(path) if name.startswith("vouchers")]
        assert [name for name in own if not name.startswith(allowed)] == []


def test_policy_and_rules_name_each_other_and_the_document_tells_all() -> None:
    told = (env.ROOT / "docs" / "audit.md").read_text(encoding="utf-8")

    assert set(POLICY.rules) == set(scan.FINDERS)
    assert [name for name in POLICY.rules if f"`{name}`" not in told] == []
    thresholds = {name for rule in POLICY.rules.values() for name in rule.thresholds}
    assert [name for name in sorted(thresholds) if f"`{name}`" not in told] == []
    assert [rule.id for rule in POLICY.rules.values() if rule.lead] == ["benford"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1\nrules", "rules"),
        ("weight: 90", "weight: 0"),
        ("weight: 90", "weight: 100"),
        ("national_digits: 18", "national_digits: 1.5"),
        ("national_digits: 18", "national_digits: -1"),
        ("title: {zh: 发票重复使用, en: Invoice used again}", "title: {zh: 发票重复使用}"),
        ("rules:", "rules: [1, 2"),
    ],
)
def test_faulty_policy_is_refused(old: str, new: str) -> None:
    text = policy.SHIPPED.read_text(encoding="utf-8")
    assert old in text

    with pytest.raises(PolicyInvalid):
        policy.read(text.replace(old, new, 1))


def test_policy_file_is_plain_data() -> None:
    data = yaml.safe_load(policy.SHIPPED.read_text(encoding="utf-8"))

    assert list(data) == ["version", "rules"]


def test_generator_knows_nothing_of_the_rules() -> None:
    for path in Path(next(iter(fraud.__path__))).glob("*.py"):
        own = {name for name in _imports(path) if name.startswith("vouchers")}
        assert own <= {"vouchers.audit.rules.risks.facts", "vouchers.audit.rules.risks"}
        assert "risks.yaml" not in path.read_text(encoding="utf-8")


def _imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)] + [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
